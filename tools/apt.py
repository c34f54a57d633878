"""Debian packages, for the tools: ask and install, quietly."""

import os
import shutil
import subprocess
from pathlib import Path

from tools.progress import say


def succeeds(*command: str | Path, folder: Path | None = None) -> bool:
    """Run a command, throw its output away, and tell whether it ended well."""
    return subprocess.run(command, check=False, cwd=folder, capture_output=True).returncode == 0


def can_install() -> bool:
    """Whether this user may install Debian packages."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(*packages: str) -> bool:
    """Install packages with apt-get, fetching the package lists first only if it fails without."""
    say("Installing with apt-get: " + ", ".join(packages))
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages]
    environment = ["env", "DEBIAN_FRONTEND=noninteractive"]
    if succeeds(*environment, *command):
        return True
    return succeeds(*environment, "apt-get", "update", "-qq") and succeeds(*environment, *command)
