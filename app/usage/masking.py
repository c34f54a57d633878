"""Covers what in a note from the public tells who somebody is: telephone numbers, accounts, addresses of e-mail."""

import re
import tomllib
from functools import cache
from pathlib import Path

COVER = "•••"
_DATA = Path(__file__).parent / "data" / "masking.toml"
_DAY = re.compile(r"20[0-9]{2}[-./][0-9]{1,2}[-./][0-9]{1,2}")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}[@\uff20][A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,5}")


def masked(note: str) -> str:
    """The note with every such thing covered. Doing it twice changes nothing more.

    A number counts however its digits are written and whatever blanks, dots or hyphens stand between them; a date
    does not.
    """
    digits, number, account = _patterns()
    covered = _EMAIL.sub(COVER, note)
    covered = account.sub(lambda found: found["word"] + found["between"] + COVER, covered)
    plain = covered.translate(digits)
    pieces, end = [], 0
    for found in number.finditer(plain):
        if _DAY.fullmatch(found[0]):
            continue
        pieces += [covered[end : found.start()], COVER]
        end = found.end()
    return "".join((*pieces, covered[end:]))


@cache
def _patterns() -> tuple[dict[int, str], re.Pattern[str], re.Pattern[str]]:
    data = tomllib.loads(_DATA.read_text(encoding="utf-8"))
    digits = {ord(sign): str(value) for signs in data["digits"] for value, sign in enumerate(signs)}
    words = "|".join(re.escape(word) for word in sorted(data["accounts"], key=len, reverse=True))
    between = re.escape(data["between"])
    number = re.compile(rf"\+?[0-9]([-. \u2010-\u2015\u3000/]{{0,2}}[0-9]){{{data['shortest_number'] - 1},}}")
    name = "[A-Za-z0-9][-_A-Za-z0-9]{4,29}"
    account = re.compile(f"(?P<word>{words})(?P<between>[{between}]{{0,6}}){name}", re.IGNORECASE)
    return digits, number, account
