"""The rulebooks that come with the product and those of the operator's own folders, read once per process."""

from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path

from app.errors import N_
from app.rulebooks.errors import NoSuchRulebook, RulebookError
from app.rulebooks.loader import read_rulebook
from app.rulebooks.rulebook import Rulebook
from app.rulebooks.vocabulary import require_known_codes

DATA = Path(__file__).with_name("data")
_folders: tuple[Path, ...] = ()


def configure(folders: Iterable[Path]) -> None:
    """Look for rulebooks in `folders` too, and read those found there.

    Raises `RulebookError` when one is no folder, has a name that is taken, or holds a faulty rulebook: better at the
    start than in front of people.
    """
    global _folders  # noqa: PLW0603  one library per process, set once when the service starts
    chosen = tuple(folders)
    if chosen == _folders:
        return
    taken = {path.stem for path in DATA.glob("*.toml")}
    for folder in chosen:
        if not folder.is_dir():
            raise RulebookError(N_("%(folder)s is not a folder; create it or correct the setting"), folder=str(folder))
        for path in folder.glob("*.toml"):
            if path.stem in taken:
                message = N_("%(file)s: there is a rulebook “%(id)s” already; give this one a name of its own")
                raise RulebookError(message, file=str(path), id=path.stem)
            taken.add(path.stem)
    for folder in chosen:
        for path in folder.glob("*.toml"):
            read_file(path)
    _folders = chosen
    load.cache_clear()


def available() -> tuple[str, ...]:
    """The ids of all rulebooks, sorted."""
    return tuple(sorted(_paths()))


def _paths() -> dict[str, Path]:
    return {path.stem: path for folder in (DATA, *_folders) for path in folder.glob("*.toml")}


@cache
def load(rulebook_id: str) -> Rulebook:
    """The rulebook of that id. Raises `NoSuchRulebook`, or `RulebookError` when its file is faulty."""
    path = _paths().get(rulebook_id)
    if path is None:
        message = N_("There is no rulebook “%(id)s”; there are: %(known)s")
        raise NoSuchRulebook(message, {"rulebook": message}, id=rulebook_id, known=", ".join(available()))
    return read_file(path)


def read_file(path: Path) -> Rulebook:
    """The rulebook of one file. Raises `RulebookError` naming the file, the key, the reason."""
    try:
        rulebook = read_rulebook(path.read_text("utf-8"), path.name)
    except UnicodeDecodeError as error:
        raise RulebookError(N_("%(file)s is not UTF-8: %(reason)s"), file=path.name, reason=str(error)) from error
    require_known_codes(rulebook)
    return rulebook


@lru_cache(maxsize=64)
def read_text(content: str, name: str) -> Rulebook:
    """The rulebook whose TOML text was kept when a decision used it; `name` is its id. Raises `RulebookError`."""
    return read_rulebook(content, f"{name}.toml")
