"""Ways to cheat with the database in hand.

An attack changes the connection's database and returns how much it has changed; it draws what it changes from ``rng``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, delete, insert, text

from app.usage import leaves
from app.usage.ledger.queries import BATCHES, CHECKPOINTS, EVENTS, FIGURES, SEALS
from app.usage.ledger.verifying_sites import HOURS
from app.usage.queries import SUPERSEDED
from app.usage.tallies import COUNTERS, TALLIES
from tests.usage.ledger.forger import change, forge, rows

OPEN_MONTH = "2026-11"


@dataclass(frozen=True)
class Scene:
    """The database, what is drawn by chance, the ledger's key, an old copy, and the number of the witness's seal."""

    connection: Connection
    rng: Random
    key: str
    old: Path
    witnessed: int

    def one(self, table: Table, **wanted: Any) -> dict[str, Any]:
        """A row of what the witness's checkpoint covers."""
        columns = (table.c.get("site_id"), table.c.get("month"), table.c.get("sequence"), *table.primary_key)
        order = [column for column in columns if column is not None]
        found = [
            row
            for row in rows(self.connection, table, *order)
            if row.get("month") != OPEN_MONTH
            and row.get("sequence", 0) <= self._covered().get((row.get("site_id"), row.get("month")), 0)
            and all(row[name] == value for name, value in wanted.items())
        ]
        return self.rng.choice(found)

    def _covered(self) -> dict[tuple[Any, Any], int]:
        """How far each month of each room is sealed under the witness's checkpoint."""
        batches = rows(self.connection, BATCHES, BATCHES.c.last_sequence)
        return {
            (row["site_id"], row["month"]): row["last_sequence"]
            for row in batches
            if row["seal_number"] <= self.witnessed
        }

    def flip(self, value: Any) -> Any:
        """Another value of the same kind."""
        if isinstance(value, bool):
            return not value
        if isinstance(value, int):
            return value + self.rng.choice((-1, 1, 40))
        if isinstance(value, bytes):
            at = self.rng.randrange(len(value))
            return value[:at] + bytes([value[at] ^ 1]) + value[at + 1 :]
        if isinstance(value, dict):
            name = self.rng.choice(sorted(value) or ["counted"])
            return {**value, name: self.flip(value.get(name, 0))}
        if isinstance(value, str | None):
            return f"{value or ''}x"
        return value + timedelta(minutes=self.rng.randrange(1, 90))


Attack = Callable[[Scene], int]


def updating(table: Table, *names: str) -> Attack:
    """Change one of these columns of a row."""

    def attack(scene: Scene) -> int:
        row, name = scene.one(table), scene.rng.choice(names)
        return change(scene.connection, table, row, **{name: scene.flip(row[name])})

    return attack


def counting(scene: Scene) -> int:
    """Make a use count that came too soon."""
    return change(scene.connection, EVENTS["use"], scene.one(EVENTS["use"], reason="too_soon"), reason=None)


def praising(scene: Scene) -> int:
    """Make a rating better."""
    row = scene.one(EVENTS["rating"])
    return change(scene.connection, EVENTS["rating"], row, step=5 if row["step"] < 5 else 4)


def deleting(table: Table) -> Attack:
    """Take one row away."""

    def attack(scene: Scene) -> int:
        row = scene.one(table)
        mine = [column == row[column.name] for column in table.primary_key.columns]
        return scene.connection.execute(delete(table).where(*mine)).rowcount

    return attack


def silencing(scene: Scene) -> int:
    """Take all ratings of a room away, the old ones too, and their counters."""
    site_id = scene.one(EVENTS["rating"])["site_id"]
    gone = 0
    for table in (EVENTS["rating"], SUPERSEDED):
        gone += scene.connection.execute(delete(table).where(table.c.site_id == site_id)).rowcount
    return gone


def inserting(*, is_sealed: bool) -> Attack:
    """One more counted use in a closed month, properly digested; left for the sealer, or as if it had been sealed."""

    def attack(scene: Scene) -> int:
        tally = scene.one(TALLIES)
        like = scene.one(EVENTS["use"], reason=None)
        made = {"id": UUID(int=scene.rng.getrandbits(128)), "client_key": UUID(int=scene.rng.getrandbits(128))}
        place = {"site_id": tally["site_id"], "month": tally["month"], "sequence": tally["events"] + 1}
        scene.connection.execute(insert(EVENTS["use"]), leaves.stamped("use", like | made | place, "sha256"))
        if is_sealed:
            change(scene.connection, BATCHES, last_batch(scene, tally), last_sequence=tally["events"] + 1)
        steps = {name: tally[name] + 1 for name in ("recorded", "counted", "events")}
        return change(scene.connection, TALLIES, tally, **steps, sealed=tally["sealed"] + is_sealed)

    return attack


def last_batch(scene: Scene, tally: Mapping[str, Any]) -> dict[str, Any]:
    """The batch that a month ends with."""
    place = (tally["site_id"], tally["month"])
    batches = rows(scene.connection, BATCHES, BATCHES.c.last_sequence)
    return [row for row in batches if (row["site_id"], row["month"]) == place][-1]


def shortening(scene: Scene) -> int:
    """Take the last event of a month away, and let tally and batch end before it."""
    tally = scene.one(TALLIES)
    batch, end = last_batch(scene, tally), tally["events"]
    for table in (*EVENTS.values(), SUPERSEDED):
        mine = (table.c.site_id == tally["site_id"], table.c.month == tally["month"], table.c.sequence == end)
        scene.connection.execute(delete(table).where(*mine))
    if batch["first_sequence"] == end:
        mine = (BATCHES.c.site_id == tally["site_id"], BATCHES.c.month == tally["month"])
        scene.connection.execute(delete(BATCHES).where(*mine, BATCHES.c.first_sequence == end))
    else:
        change(scene.connection, BATCHES, batch, last_sequence=end - 1)
    return change(scene.connection, TALLIES, tally, events=end - 1, sealed=end - 1)


def doubling(scene: Scene) -> int:
    """A second event at the place of another."""
    like = scene.one(EVENTS["use"])
    made = {"id": UUID(int=scene.rng.getrandbits(128)), "client_key": UUID(int=scene.rng.getrandbits(128))}
    scene.connection.execute(insert(EVENTS["use"]), leaves.stamped("use", like | made, "sha256"))
    return 1


def busier(scene: Scene) -> int:
    """An hour more in an erased month."""
    like = scene.one(HOURS)
    scene.connection.execute(insert(HOURS), like | {"hour_at": like["hour_at"] + timedelta(hours=1, days=5)})
    return 1


def swapping(table: Table, *names: str) -> Attack:
    """Let two rows of the same site and month, or two at all, change places."""

    def attack(scene: Scene) -> int:
        first = scene.one(table)
        wanted = {name: first[name] for name in ("site_id", "month") if name in first and name not in names}
        second = scene.one(table, **wanted)
        while all(first[name] == second[name] for name in names):
            second = scene.one(table)
        change(scene.connection, table, first, **{name: second[name] for name in names})
        return change(scene.connection, table, second, **{name: first[name] for name in names})

    return attack


def moving(scene: Scene) -> int:
    """Give a use of one room to the other."""
    row = scene.one(EVENTS["use"])
    other = next(site for site in {one["site_id"] for one in rows(scene.connection, TALLIES)} if site != row["site_id"])
    return change(scene.connection, EVENTS["use"], row, site_id=other)


def cutting_chain(scene: Scene) -> int:
    """Drop the newest seals with everything that they seal, tallies set back: a shorter chain that fits in itself."""
    last = scene.rng.randrange(1, scene.witnessed)
    connection = scene.connection
    gone = [row for row in rows(connection, BATCHES) if row["seal_number"] > last]
    for tally in rows(connection, TALLIES):
        place = (tally["site_id"], tally["month"])
        mine = [
            row for row in rows(connection, BATCHES, BATCHES.c.last_sequence) if (row["site_id"], row["month"]) == place
        ]
        kept = [row for row in mine if row["seal_number"] <= last]
        end = kept[-1]["last_sequence"] if kept else 0
        counters: Mapping[str, int] = dict.fromkeys(COUNTERS, 0) | (kept[-1]["counters"] if kept else {})
        change(connection, TALLIES, tally, **counters, events=end, sealed=end)
        for table in (*EVENTS.values(), SUPERSEDED):
            of_place = (table.c.site_id == place[0], table.c.month == place[1], table.c.sequence > end)
            connection.execute(delete(table).where(*of_place))
    connection.execute(delete(BATCHES).where(BATCHES.c.seal_number > last))
    connection.execute(delete(FIGURES).where(FIGURES.c.month.in_(["2026-10"])))
    connection.execute(delete(CHECKPOINTS).where(CHECKPOINTS.c.seal_number > last))
    connection.execute(delete(SEALS).where(SEALS.c.number > last))
    return len(gone)


def cutting_month(scene: Scene) -> int:
    """Let a whole month of a room have never been."""
    tally = scene.one(TALLIES)
    gone = 0
    for table in (*EVENTS.values(), SUPERSEDED, HOURS, TALLIES, BATCHES, FIGURES):
        mine = (table.c.site_id == tally["site_id"], table.c.month == tally["month"])
        gone += scene.connection.execute(delete(table).where(*mine)).rowcount
    return gone


def restoring(*names: str) -> Attack:
    """Put these tables, or all of them, back to what they were."""

    def attack(scene: Scene) -> int:
        connection = scene.connection
        connection.execute(text("ATTACH DATABASE :path AS old"), {"path": str(scene.old)})
        changed = 0
        for name in names:
            for words in ("DELETE FROM main.{0}", "INSERT INTO main.{0} SELECT * FROM old.{0}"):
                changed += connection.execute(text(words.format(name))).rowcount
        return changed

    return attack


def mended(attack: Attack, depth: int, key: str | None = None) -> Attack:
    """The attack, then everything down to ``depth`` made to fit; signed with the right key, or with ``key``."""

    def both(scene: Scene) -> int:
        changed = attack(scene)
        forge(scene.connection, depth, key or scene.key)
        return changed

    return both
