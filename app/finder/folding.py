"""How search compares texts."""

import unicodedata


def fold(text: str) -> str:
    """Full-width and half-width forms, case and spaces do not matter."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def words_of(text: str) -> list[str]:
    """The folded words of what a person typed, each of which has to occur."""
    return [fold(word) for word in unicodedata.normalize("NFKC", text).split()]
