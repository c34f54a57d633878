"""The SQL of a scan without any web server: pgbench sends what one tap of ours sends, beside a plain INSERT.

In as many round trips: the first pipeline ends before the row of the use, which is made of what came back.
"""

import re
import statistics
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg import sql
from sqlalchemy import event

from app import create_app
from app.config import Settings
from app.db import db
from benchmarks.http.bench import Bench
from benchmarks.http.contenders.ours import Ours
from benchmarks.table import Row, Target
from tools.progress import say

CLIENTS = 8
FORM = "application/x-www-form-urlencoded"
USE = "INSERT INTO usage_record"
Statement = tuple[str, Mapping[str, Any] | Sequence[Any]]
"""SQL, and its values by name or, where it has ``$1`` …, by number."""
HEAD = "\\set site random(1, {sites})\n\\set key random(1, 9000000000000000000)\n"


def main(bench: Bench, only: str) -> Iterator[Row]:
    """The two, taking turns."""
    if only not in "SQL of a scan":
        return
    site = bench.world.sites // 2
    tap = _statements(bench, site)
    scripts = {
        "SQL of a scan": _in_trips([written(one, site, bench.world.codes[site - 1]) for one in tap]),
        "a plain INSERT": "".join(f"{written(one, site, '')};\n" for one in tap if one[0].startswith(USE)),
    }
    rates: dict[str, list[float]] = {name: [] for name in scripts}
    for number in range(bench.rounds):
        for name in list(scripts)[:: 1 if number % 2 else -1]:
            path = bench.folder / "raw.sql"
            path.write_text(HEAD.format(sites=bench.world.sites) + scripts[name])
            rates[name].append(_pgbench(bench, path))
        say(f"round {number + 1}: " + ", ".join(f"{name} {rates[name][-1]:,.0f}/s" for name in scripts))
    scans, inserts = rates.values()
    ratios = [scan / insert for scan, insert in zip(scans, inserts, strict=True)]
    yield Row(
        f"SQL of a scan ({len(tap)} statements)", statistics.median(ratios), Target.at_least(0.55),
        f"{statistics.median(scans):,.0f}/s", "a plain INSERT", f"{statistics.median(inserts):,.0f}/s",
        (min(ratios), max(ratios)),
    )  # fmt: skip


def _in_trips(tap: list[str]) -> str:
    """Two pipelines, each with one of the transaction's ends."""
    first, last = (["BEGIN", *tap[:-1]], [tap[-1], "COMMIT"])
    if not tap[-1].startswith(USE):
        raise RuntimeError("a tap no longer ends with the row of its use")
    trips = ("".join(f"{one};\n" for one in trip) for trip in (first, last))
    return "".join(f"\\startpipeline\n{trip}\\endpipeline\n" for trip in trips)


def _statements(bench: Bench, site: int) -> list[Statement]:
    """What the second tap at a door sends to the database: SQL, and its values."""
    app = create_app(Settings.from_environment({**bench.on_postgresql.environment, "XIAOWU_MODE": "test"}))
    scan = Ours().scan(*bench.world.doors[site - 1])
    sent: list[Statement] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *said: sent.append((said[2], said[3])))
    for key in (UUID(int=1), UUID(int=2)):
        sent.clear()
        form, headers = scan.body.replace("{key}", str(key)), {"Accept": scan.accept}
        answer = app.test_client().post(scan.path, data=form, headers=headers, content_type=FORM)
        if answer.status_code != 201:
            raise RuntimeError(f"the tap was answered with {answer.status_code}")
    return sent


def written(statement: Statement, site: int, code: str) -> str:
    """The statement with values of pgbench's own: another site each time, other keys and digests."""
    words, values = statement
    by_name = dict(values) if isinstance(values, Mapping) else {str(place): one for place, one in enumerate(values, 1)}
    return re.sub(r"%\((\w+)\)s|\$(\d+)", lambda found: _value(by_name[found[1] or found[2]], site, code), words)


def _value(value: Any, site: int, code: str) -> str:
    value = getattr(value, "obj", value)  # psycopg's own wrappers
    if value == site:
        return ":site"
    if value == code:
        return "(SELECT code FROM door_code WHERE id = :site)"
    if isinstance(value, UUID):
        return "md5(:key::text)::uuid"
    if isinstance(value, bytes):
        return "decode(md5(:key::text), 'hex')" if len(value) == 16 else "sha256(:key::text::bytea)"
    if isinstance(value, str | datetime):
        return sql.Literal(str(value)).as_string()
    return "NULL" if value is None else str(value)


def _pgbench(bench: Bench, script: Path) -> float:
    """Transactions a second."""
    place = ["-h", "127.0.0.1", "-p", str(bench.cluster.port), "-U", "postgres"]
    how = ["-n", "-M", "prepared", "-c", str(CLIENTS), "-T", str(bench.seconds), "-f", str(script)]
    command = [str(bench.cluster.binaries / "pgbench"), *place, *how, "bench"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if found is None or "number of failed transactions: 0 " not in done.stdout:
        raise RuntimeError(f"pgbench failed:\n{script.read_text()}\n{done.stdout}{done.stderr}")
    return float(found[1])
