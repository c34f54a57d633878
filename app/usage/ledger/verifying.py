"""Verifies the whole ledger in one look at the database, within bounded memory.

The chain is always read from its first seal; events, counters, hours and figures by site and month.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from typing import Any

from flask import current_app
from sqlalchemy import Connection, select
from sqlalchemy.exc import StatementError

from app.config import Settings
from app.db import db
from app.months import Month
from app.usage import partitions
from app.usage.ledger import queries, verifying_chain, verifying_sites
from app.usage.ledger.findings import NO_CHECKPOINT, Finding, Report, Seen
from app.usage.ledger.queries import CHECKPOINTS
from app.usage.ledger.texts import Witness

MOST_FINDINGS = 1000
_EARLIEST, _LATEST = "0000-00", "9999-99"


def verify(
    first: Month | None, last: Month | None, checkpoints: Sequence[Witness], now: datetime
) -> tuple[Finding, ...]:
    """Return what is not as it was sealed in the months from ``first`` to ``last``, both included, None for no bound.

    ``checkpoints`` are those that witnesses hold (`texts.read_checkpoint`). Nothing is changed, and nothing waits.
    """
    return examine(first, last, checkpoints, now).findings


def examine(first: Month | None, last: Month | None, checkpoints: Sequence[Witness], now: datetime) -> Report:
    """Verify as `verify` does, and say as well what was seen and what could not be checked."""
    settings: Settings = current_app.extensions["settings"]
    seen = Seen(settings.ledger_key)
    span = (str(first or _EARLIEST), str(last or _LATEST))
    with _one_look() as connection:
        found = tuple(islice(_everything(connection, span, checkpoints, seen), MOST_FINDINGS + 1))
    seen.unchecked[NO_CHECKPOINT] += len(queries.months_without_checkpoint(now))
    return Report(found[:MOST_FINDINGS], seen, is_cut=len(found) > MOST_FINDINGS)


@contextmanager
def _one_look() -> Iterator[Connection]:
    """A connection that sees one state of the database, whatever is written meanwhile."""
    options: dict[str, Any] = {"reads_only": True}
    if db.engine.dialect.name == "postgresql":
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with db.engine.connect() as connection:
        look = connection.execution_options(**options)
        partitions.hold(look)
        yield look


def _everything(
    connection: Connection, span: tuple[str, str], witnesses: Sequence[Witness], seen: Seen
) -> Iterator[Finding]:
    yield from verifying_chain.witnessed(connection, witnesses)
    yield from _readable(verifying_chain.chain(connection, seen), None)
    yield from _readable(verifying_chain.checkpoints(connection, seen), None)
    as_of = dict(tuple(row) for row in connection.execute(select(CHECKPOINTS.c.month, CHECKPOINTS.c.seal_number)))
    look = verifying_sites.Look(connection, span, as_of, seen)
    for site_id in verifying_sites.site_ids(connection):
        yield from _readable(verifying_sites.site(look, site_id), site_id)


def _readable(findings: Iterator[Finding], site_id: int | None) -> Iterator[Finding]:
    """A value that cannot even be read as what its column holds is a finding as well."""
    try:
        yield from findings
    except (TypeError, ValueError, KeyError, StatementError) as error:
        yield Finding("a row cannot be read (%(error)s)", {"error": type(error).__name__}, site_id)
