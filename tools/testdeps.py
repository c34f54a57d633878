"""Make sure of the programs that the tests run: as root on Debian install what is missing, elsewhere name it.

    python3 -m tools.testdeps
"""

import ctypes.util
import shutil
from collections.abc import Callable
from pathlib import Path

from tools.apt import can_install, install
from tools.progress import fail


def _has(*programs: str) -> Callable[[], bool]:
    return lambda: any(shutil.which(program) for program in programs)


def _has_file(folder: str, pattern: str) -> Callable[[], bool]:
    return lambda: next(Path(folder).glob(pattern), None) is not None


NEEDED: dict[str, tuple[str, Callable[[], bool]]] = {
    "postgresql": ("PostgreSQL 15 or newer", _has_file("/usr/lib/postgresql", "*/bin/initdb")),
    "postgresql-postgis": ("PostGIS", _has_file("/usr/share/postgresql", "*/extension/postgis.control")),
    "redis-server": ("Redis", _has("redis-server")),
    "nginx-light": ("nginx, before several nodes", _has_file("/usr/sbin", "nginx")),
    "chromium": ("Chromium", _has("chromium", "chromium-browser", "google-chrome")),
    "fonts-noto-cjk": ("Chinese fonts", _has_file("/usr/share/fonts", "**/NotoSansCJK*")),
    "libreoffice-writer-nogui": ("LibreOffice Writer, which opens the Word files", _has("soffice", "libreoffice")),
    "libzbar0": ("the bar code reader ZBar", lambda: ctypes.util.find_library("zbar") is not None),
}


def missing() -> list[str]:
    """The Debian packages whose program, file or library is not on this machine."""
    return [package for package, (_what, is_there) in NEEDED.items() if not is_there()]


def main() -> None:
    """Install what is missing, or end with a sentence that lists it."""
    absent = missing()
    if absent and can_install():
        install(*absent)
        absent = missing()
    if absent:
        named = ", ".join(f"{NEEDED[package][0]} ({package})" for package in absent)
        fail(f"The tests need {named}.\nOn Debian, as root: apt-get update && apt-get install {' '.join(absent)}")


if __name__ == "__main__":
    main()
