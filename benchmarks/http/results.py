"""What `make bench` leaves behind: the tables with date and machine, printed and written into benchmarks/README.md."""

import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.http.installation import ROOT
from benchmarks.http.peers import PINNED
from benchmarks.table import Row, markdown
from tools.progress import say

README = Path(__file__).resolve().parents[1] / "README.md"
BEGIN, END = "<!-- results: begin -->", "<!-- results: end -->"
OTHERS = ("verdicts", "files")
"""Benchmarks beside this one: packages with a `__main__` that prints its figures."""
OURS = ("Flask", "gunicorn", "SQLAlchemy", "psycopg", "numpy", "scipy")
THEIRS = ("Django", "tipg", "pygeoapi", "uvicorn")


def of_others() -> Iterable[tuple[str, str]]:
    """Run the other benchmarks that are there; what each prints, by its name."""
    for name in OTHERS:
        if (README.parent / name / "__main__.py").exists():
            say(f"Running benchmarks.{name}")
            command = [sys.executable, "-m", f"benchmarks.{name}"]
            done = subprocess.run(command, check=False, cwd=ROOT, stdout=subprocess.PIPE, text=True)
            yield name, done.stdout if done.returncode == 0 else f"It failed, with {done.returncode}.\n"


def told(at: datetime, profile: str, note: str, rows: Sequence[Row], others: Iterable[tuple[str, str]]) -> str:
    """All of it as Markdown. `note` is a sentence about the machine, such as that others used it, too."""
    missed = sum(not row.is_met for row in rows)
    judged = sum(row.has_target for row in rows)
    parts = [
        f"## {at:%Y-%m-%d %H:%M} UTC, profile “{profile}”\n",
        f"{_machine()} {note}".strip() + "\n",
        f"{judged - missed} of {judged} targets met.\n",
        markdown(rows),
        *(f"### benchmarks.{name}\n\n```\n{text.strip()}\n```\n" for name, text in others),
    ]
    return "\n".join(parts)


def write(text: str, readme: Path = README) -> None:
    """Put the text between the markers of a page, in place of what stood there."""
    before, _, rest = readme.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    readme.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}")


def _machine() -> str:
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    gigabytes = int(memory[1]) / 1024**2 if memory else 0
    pinned = dict(line.split("==") for line in PINNED.read_text().split())
    names = [f"{name} {version(name)}" for name in OURS] + [f"{name} {pinned[name]}" for name in THEIRS]
    return (
        f"{os.cpu_count()} cores ({cpu[1] if cpu else platform.machine()}), {gigabytes:.0f} GB, {platform.system()} "
        f"{platform.release()}; Python {platform.python_version()}, {_postgresql()}, {', '.join(names)}."
    )


def _postgresql() -> str:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parents[1].name))
    if not found:
        return "PostgreSQL"
    said = subprocess.run([found[-1], "--version"], check=True, capture_output=True, text=True).stdout
    return "PostgreSQL " + said.split()[2]
