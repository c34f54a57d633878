"""The others' environment: a virtual environment of their own and the system's programs, made when they are missing."""

import ctypes.util
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

from benchmarks.http.installation import ROOT
from tools.apt import can_install, install
from tools.progress import fail, say

FOLDER = ROOT / "build" / "bench" / "venv"
CERTIFICATES = ROOT / ".venv" / "certificates.crt"
APPS = Path(__file__).with_name("apps")
PINNED = Path(__file__).with_name("requirements.txt")
NGINX = ("/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/bin/nginx")
NEEDED: dict[str, tuple[str, Callable[[], bool]]] = {
    "wrk": ("wrk, which asks the questions", lambda: shutil.which("wrk") is not None),
    "postgresql": ("PostgreSQL 15 or newer", lambda: any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))),
    "postgresql-postgis": (
        "PostGIS",
        lambda: any(Path("/usr/share/postgresql").glob("*/extension/postgis.control")),
    ),
    "nginx-light": ("nginx, which compresses", lambda: any(map(Path.exists, map(Path, NGINX)))),
    "gdal-bin": ("GDAL, which GeoDjango loads", lambda: ctypes.util.find_library("gdal") is not None),
}


def program(name: str) -> Path:
    """A program of the peers' environment."""
    return FOLDER / "bin" / name


def prepare() -> None:
    """Install what is missing, or end with a sentence that says what to install."""
    absent = [package for package, (_what, is_there) in NEEDED.items() if not is_there()]
    if absent and can_install():
        install(*absent)
        absent = [package for package in absent if not NEEDED[package][1]()]
    if absent:
        named = ", ".join(f"{NEEDED[package][0]} ({package})" for package in absent)
        fail(f"The benchmarks need {named}.\nOn Debian, as root: apt-get update && apt-get install {' '.join(absent)}")
    _make_environment()


def _make_environment() -> None:
    """A virtual environment with exactly what `requirements.txt` pins."""
    stamp = FOLDER / "installed"
    digest = hashlib.sha256(PINNED.read_bytes() + sys.version.encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    say("Installing the others into build/bench/venv")
    shutil.rmtree(FOLDER, ignore_errors=True)
    venv.EnvBuilder(with_pip=False, symlinks=True).create(FOLDER)
    # The pip of .venv serves both, so that this works where Python has come without one.
    pip = [sys.executable, "-m", "pip", "--python", str(program("python")), "install", "-q", "--no-input"]
    command = [*pip, "--disable-pip-version-check", "-r", str(PINNED)]
    certificates = {"PIP_CERT": str(CERTIFICATES)} if CERTIFICATES.exists() else {}
    environment = {**certificates, **os.environ}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    if done.returncode:
        fail(f"The others could not be installed:\n{done.stderr[-3000:]}")
    stamp.write_text(digest)
