"""Ten thousand honest batches, and how long sealing and verifying take: no false alarm may come.

    .venv/bin/python -m benchmarks.ledger.honest [--batches 10000] [--database postgresql://…/empty]

Uses, ratings and changed ratings come to twelve rooms over three months, drawn by a seed; after every few of them a
seal is made; months close, get their checkpoints, and the first one is erased. Everything is verified ten times on the
way, with all checkpoints that a witness would hold. Without --database a SQLite file in a temporary folder is used.
"""

import argparse
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

from flask import Flask
from sqlalchemy import func, select

from app import create_app
from app.config import Settings
from app.db import db, unit_of_work
from app.months import Month
from app.usage import tallies
from app.usage.erasing import due, erase
from app.usage.ledger import sealer, verifying
from app.usage.ledger.models import SealedBatch
from app.usage.ledger.queries import checkpoints
from app.usage.ledger.texts import checkpoint_text, read_checkpoint
from tests.conftest import migrate
from tests.factories import Factories
from tests.usage.ledger.helpers import rate, use

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
ROOMS = 12
LOOKS = 10


class Year:
    """The rooms, their visitors and the clock."""

    def __init__(self, app: Flask, seed: int) -> None:
        self.app, self.rng, self.at = app, Random(seed), START
        factories = Factories(app, lambda: self.at)
        self.codes = [factories.door_code(factories.site()).code for _ in range(ROOMS)]
        self.rated: list[tuple[str, UUID, datetime]] = []
        self.sealing_s: list[float] = []
        self.alarms = 0

    def some_visits(self, pause: timedelta) -> None:
        """A few people come, rate, and change their minds; then a seal is made, and what is due is erased."""
        self.at += pause
        for code in self.rng.sample(self.codes, self.rng.randrange(1, 6)):
            used = use(self.app, code, self.at, f"{self.rng.randrange(400)}")
            if self.rng.random() < 0.4:
                rate(self.app, code, used, self.rng.randrange(1, 6), self.at)
                self.rated.append((code, used, self.at))
        if self.rated and self.rng.random() < 0.2:
            code, used, at = self.rated.pop()
            if self.at - at < timedelta(hours=20) and Month.of(at) == Month.of(self.at):
                rate(self.app, code, used, self.rng.randrange(1, 6), self.at)
        began = time.perf_counter()
        with self.app.app_context():
            sealer.run_once(self.at)
            self.sealing_s.append(time.perf_counter() - began)
            for site_id, month in due(self.at):
                with unit_of_work():
                    erase(site_id, month, self.at)

    def batches(self) -> int:
        """How many batches there are."""
        with self.app.app_context():
            return db.session.scalar(select(func.count()).select_from(SealedBatch)) or 0

    def look(self) -> None:
        """Verify everything, given every checkpoint."""
        began = time.perf_counter()
        with self.app.app_context():
            held = [read_checkpoint(checkpoint_text(one)) for one in checkpoints()]
            report = verifying.examine(None, None, held, self.at)
            assert tallies.recount(self.at, repair=False) == []
        took = time.perf_counter() - began
        self.alarms += len(report.findings)
        seen = report.seen
        print(
            f"{self.at:%Y-%m-%d}  {seen.seals:>6,} seals  {seen.batches:>7,} batches  {seen.events:>7,} events  "
            f"{len(held)} checkpoints  {len(report.findings)} findings  {took:.1f} s",
            flush=True,
        )


def main() -> None:
    """Run, print each look and the result; exit with 1 on a false alarm."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--batches", type=int, default=10_000)
    words.add_argument("--database", default="")
    words.add_argument("--seed", type=int, default=20_260_302)
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = asked.database or f"sqlite:///{Path(folder) / 'honest.sqlite3'}"
        migrate(url.replace("postgresql://", "postgresql+psycopg://"))
        environ = {"XIAOWU_MODE": "test", "XIAOWU_DATA": folder, "DATABASE_URL": url}
        year = Year(create_app(Settings.from_environment(environ)), asked.seed)
        # Batches come at three a round; they are spread over a hundred days, so that a month is erased on the way.
        pause = timedelta(days=100) / (asked.batches / 3)
        made = 0
        for look in range(1, LOOKS + 1):
            while made < asked.batches * look / LOOKS:
                year.some_visits(pause)
                made = year.batches()
            year.look()
    sealing = sorted(year.sealing_s)
    median, longest = (sealing[at] * 1000 for at in (len(sealing) // 2, -1))
    print(
        f"{made:,} batches, {year.alarms} false alarms; a round of sealing took {median:.1f} ms, at most {longest:.0f}"
    )
    raise SystemExit(bool(year.alarms))


if __name__ == "__main__":
    main()
