"""Make .venv and install the pinned packages, on a machine that may have nothing but Python and the Debian tools.

    python3 -m tools.bootstrap [requirements.txt | requirements-dev.txt]

Does nothing when the packages are already those that the file pins. Uses the standard library only.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from tools.apt import install, succeeds
from tools.progress import Bar, fail, say

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
WHEELS = Path("usr/share/python-wheels")
NO_PIP = """This Python comes without pip, and it could not be fetched. Please run, as root:
    apt-get update && apt-get install python3-venv
and then the same command again."""


def main() -> None:
    """Bring .venv to what the requirements file pins, or end with a sentence saying what is missing."""
    if sys.version_info < (3, 11):  # noqa: UP036  the one place that has to run on any Python
        fail("Python 3.11 or newer is needed; this is " + sys.version.split()[0])
    requirements = ROOT / (sys.argv[1] if len(sys.argv) > 1 else "requirements.txt")
    if _is_installed(requirements):
        return
    if not _works():
        _make_venv()
    _install(requirements)
    _stamp(requirements).write_text(_digest(requirements))


def _digest(requirements: Path) -> str:
    text = requirements.read_bytes() + (ROOT / "requirements.txt").read_bytes() + str(VENV).encode()
    return hashlib.sha256(text).hexdigest()


def _stamp(requirements: Path) -> Path:
    return VENV / f"installed-{requirements.stem}"


def _is_installed(requirements: Path) -> bool:
    """Whether this file, or the longer one that includes it, was installed as it now stands."""
    longer = ROOT / "requirements-dev.txt"
    return PYTHON.exists() and any(
        _stamp(path).exists() and _stamp(path).read_text() == _digest(path) for path in {requirements, longer}
    )


def _works() -> bool:
    """Whether there is a virtual environment with a Python of this version and a pip in it."""
    if not PYTHON.exists():
        return False
    check = "import sys, pip; sys.exit(sys.version_info < (3, 11) or sys.prefix != sys.argv[1])"
    return succeeds(PYTHON, "-c", check, VENV)


def _make_venv() -> None:
    say("Making the virtual environment in .venv")
    if VENV.exists():
        shutil.rmtree(VENV)
    if not _has_ensurepip() and os.geteuid() == 0 and shutil.which("apt-get"):
        install("python3-venv")
        importlib.invalidate_caches()
    if _has_ensurepip():
        venv.EnvBuilder(with_pip=True, symlinks=True).create(VENV)
        return
    venv.EnvBuilder(with_pip=False, symlinks=True).create(VENV)
    with tempfile.TemporaryDirectory() as folder:
        wheel = _pip_wheel(Path(folder))
        _use_certificates(Path(folder))
        if not succeeds(PYTHON, f"{wheel}/pip", "install", "--no-index", "--no-deps", wheel):
            shutil.rmtree(VENV)
            fail(NO_PIP)


def _has_ensurepip() -> bool:
    """Debian ships the module but not the wheels it needs; `python3 -m ensurepip` then says so and fails."""
    if importlib.util.find_spec("ensurepip") is None:
        return False
    check = "import ensurepip; ensurepip.version()"
    return succeeds(sys.executable, "-c", check)


def _pip_wheel(folder: Path) -> Path:
    """pip's wheel: the one Debian keeps on this machine, else taken out of the Debian package, which needs no root."""
    for place in (Path("/") / WHEELS, folder / WHEELS):
        found = sorted(place.glob("pip-*.whl"))
        if found:
            return found[-1]
        _unpack("python3-pip-whl", folder)
    shutil.rmtree(VENV)
    return fail(NO_PIP)


def _unpack(package: str, folder: Path) -> None:
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return
    succeeds("apt-get", "download", "-qq", package, folder=folder)
    for archive in folder.glob(f"{package}_*.deb"):
        subprocess.run(["dpkg-deb", "-x", archive, folder], check=True)


def _use_certificates(folder: Path) -> None:
    """Debian's pip trusts the system's certificates; where none are installed, take them from their package as well."""
    if Path("/etc/ssl/certs/ca-certificates.crt").exists() or "PIP_CERT" in os.environ:
        return
    _unpack("ca-certificates", folder)
    found = sorted((folder / "usr/share/ca-certificates/mozilla").glob("*.crt"))
    if found:
        bundle = VENV / "certificates.crt"
        bundle.write_text("".join(path.read_text() for path in found))


def _install(requirements: Path) -> None:
    """Run pip, showing its progress as one bar: it names every package it takes up."""
    wanted = [line for name in {requirements.name, "requirements.txt"} for line in _pinned(ROOT / name)]
    environment = dict(os.environ)
    if (VENV / "certificates.crt").exists():
        environment["PIP_CERT"] = str(VENV / "certificates.crt")
    options = ["--disable-pip-version-check", "--no-input", "--prefer-binary", "--progress-bar", "off"]
    command = [str(PYTHON), "-m", "pip", "install", *options, "-r", str(requirements)]
    bar = Bar("Installing packages", len(wanted))
    lines: list[str] = []
    pip = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    for line in pip.stdout or ():
        lines.append(line)
        if line.startswith(("Collecting ", "Requirement already satisfied: ")) and "==" in line:
            bar.advance()
    if pip.wait():
        fail("pip could not install the packages:\n" + "".join(lines[-15:]))
    bar.finish()


def _pinned(requirements: Path) -> list[str]:
    return [line for line in requirements.read_text().splitlines() if "==" in line]


if __name__ == "__main__":
    main()
