"""The long form of the fault tests (`make soak`), and the table of what they saw."""

import platform
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.reliability.conftest import folder, stack
from tests.reliability.scenarios import Seen

__all__ = ["folder", "stack"]
TABLE = Path(__file__).resolve().parents[2] / "instance" / "soak.md"
"""Rows of docs/reliability.md, as the last run made them."""
COLUMNS = ("database", "fault", "times", "taps acknowledged", "sent again", "worst time until back", "note")
Noted = Callable[[str, Seen], None]


@pytest.fixture(scope="session")
def noted() -> Iterator[Noted]:
    """Add a row to the table: the database, and what was seen. Written at once, so that a run that fails has it too."""
    TABLE.parent.mkdir(exist_ok=True)
    head = f"| {' | '.join(COLUMNS)} |\n{'|---' * len(COLUMNS)}|\n"
    TABLE.write_text(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {platform.platform()}\n\n{head}")

    def note(database: str, seen: Seen) -> None:
        back = f"{max(seen.back_s):.1f} s" if seen.back_s else ""
        numbers = f"{seen.times:,} | {seen.acknowledged:,} | {seen.sent_again:,}"
        row = f"| {database} | {seen.fault} | {numbers} | {back} | {seen.note} |\n"
        with TABLE.open("a") as table:
            table.write(row)

    yield note
    print("\n" + TABLE.read_text())  # noqa: T201  the result of the run
