"""What `make bench` leaves behind: the tables with date and machine, printed and written into benchmarks/README.md."""

import os
import platform
import re
import subprocess
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.http.peers import PINNED
from benchmarks.table import Row, markdown
from tools.progress import say

README = Path(__file__).resolve().parents[1] / "README.md"
MET, NOT_MET = "| met |", "| **not met** |"
OURS = ("Flask", "gunicorn", "SQLAlchemy", "psycopg", "numpy", "scipy")
THEIRS = ("Django", "tipg", "pygeoapi", "uvicorn")


@dataclass
class Report:
    """One run. What is added is shown at once and, when there is a `readme`, written into it: nothing is lost later."""

    profile: str
    note: str = ""
    readme: Path | None = None
    began_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    failures: list[str] = field(default_factory=list)
    _parts: list[str] = field(default_factory=list)

    def add(self, title: str, body: str | Sequence[Row]) -> None:
        """One more part under a title, a table or text."""
        text = body if isinstance(body, str) else markdown(body)
        if not body:
            return
        self._parts.append(f"### {title}\n\n{text.strip()}\n")
        say(f"\n{self._parts[-1]}")
        if self.readme is not None:
            write(self.text(), self.profile, self.readme)

    @contextmanager
    def going_on(self, what: str) -> Iterator[None]:
        """An error in the block is kept as a failure, and the run goes on."""
        try:
            yield
        except Exception as error:  # noqa: BLE001  whatever it is, the other parts' tables are still wanted
            traceback.print_exc()
            self.failures.append(f"{what}: {type(error).__name__}: {error}")

    def text(self) -> str:
        """All of it as Markdown."""
        everything = "\n".join(self._parts)
        missed, met = everything.count(NOT_MET), everything.count(MET)
        failures = [f"**Failed:** {' '.join(one.split())[:400]}\n" for one in self.failures]
        head = f"## {self.began_at:%Y-%m-%d %H:%M}–{datetime.now(UTC):%H:%M} UTC, profile “{self.profile}”\n"
        machine = f"{_machine()} {self.note}".strip() + "\n"
        return "\n".join([head, machine, f"{met} of {met + missed} targets met.\n", *failures, everything])


def write(text: str, profile: str, readme: Path = README) -> None:
    """Put the text between the markers of its profile, in place of what stood there; at the end when there are none."""
    begin, end = (f"<!-- results of {profile}: {edge} -->" for edge in ("begin", "end"))
    page = readme.read_text()
    before, _, rest = page.partition(begin)
    after = rest.partition(end)[2] if rest else "\n"
    readme.write_text(f"{before}{begin}\n\n{text}\n{end}{after}")


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
