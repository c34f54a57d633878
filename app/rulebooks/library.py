"""The rulebooks that come with the product, read once per process."""

from functools import cache
from pathlib import Path

from app.errors import N_
from app.rulebooks.errors import NoSuchRulebook
from app.rulebooks.loader import read_rulebook
from app.rulebooks.model import Rulebook

DATA = Path(__file__).with_name("data")


def available() -> tuple[str, ...]:
    """The ids of all rulebooks, sorted."""
    return tuple(sorted(path.stem for path in DATA.glob("*.toml")))


@cache
def load(rulebook_id: str) -> Rulebook:
    """The rulebook of that id. Raises `NoSuchRulebook`, or `RulebookError` when its file is faulty."""
    if rulebook_id not in available():
        message = N_("There is no rulebook “%(id)s”; there are: %(known)s")
        raise NoSuchRulebook(message, {"rulebook": message}, id=rulebook_id, known=", ".join(available()))
    path = DATA / f"{rulebook_id}.toml"
    return read_rulebook(path.read_text("utf-8"), path.name)
