"""Fourteen months of made-up uses and ratings as rows, written in bulk, with the tallies that they add up to."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import numpy as np
from sqlalchemy import Table, insert

from app.db import db
from app.demo.scenario import MONTHS, SEED, Network, Room
from app.demo.simulator import Tap, simulate
from app.months import Month
from app.sites.models import DoorCode, Site
from app.usage import leaves
from app.usage.counting import RULE_VERSION
from app.usage.models import Rating, SiteMonth, UsageRecord
from app.usage.services import PURPOSES
from app.usage.tallies import COUNTERS

PURPOSE_CHANCES = (0.3, 0.08, 0.1, 0.07, 0.02)
"""Chances of each purpose; the rest says nothing, as most people do."""


def write_history(
    network: Network, doors: Iterable[tuple[Room, Site, DoorCode]], now: datetime, advance: Callable[[], object]
) -> int:
    """Simulate every room up to `now` (aware) and insert its events and tallies. Calls `advance` after each room.

    Returns the number of recorded uses.
    """
    total = 0
    for number, (room, site, code) in enumerate(doors):
        taps = simulate(network.simulated(room, now), MONTHS, now, (SEED, number))
        rng = np.random.default_rng((SEED, number, 1))
        numbers: Counter[str] = Counter()
        uses = [_numbered("use", _usage(site, code, tap, rng), numbers) for tap in taps]
        ratings = [_numbered("rating", _rating(site, tap), numbers) for tap in taps if tap.step is not None]
        _insert(UsageRecord, uses)
        _insert(Rating, ratings)
        _insert(SiteMonth, _tallies(site, taps, numbers))
        total += len(taps)
        advance()
    return total


def _numbered(kind: str, row: dict[str, Any], numbers: Counter[str]) -> dict[str, Any]:
    """The row with the next sequence of its month. Ratings come after all uses."""
    numbers[row["month"]] += 1
    return leaves.stamped(kind, row | {"sequence": numbers[row["month"]]}, "sha256")


def _insert(model: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        db.session.execute(insert(cast("Table", model.__table__)), rows)


def _usage(site: Site, code: DoorCode, tap: Tap, rng: np.random.Generator) -> dict[str, Any]:
    drawn = float(rng.random())
    index = int(np.searchsorted(np.cumsum(PURPOSE_CHANCES), drawn, side="right"))
    key = UUID(bytes=rng.bytes(16), version=4)
    return {
        "site_id": site.id,
        "id": tap.id,
        "client_key": key,
        "body_digest": hashlib.blake2b(key.bytes, digest_size=16).digest(),
        "door_code_id": code.id,
        "used_at": tap.used_at,
        "received_at": tap.used_at,
        "month": str(Month.of(tap.used_at)),
        "p_site": tap.person,
        "p_day": None,
        "day_key": None,
        "purpose": PURPOSES[index] if index < len(PURPOSES) else None,
        "reason": tap.reason,
        "repeats_id": tap.repeats,
        "rule_version": RULE_VERSION,
    }


def _rating(site: Site, tap: Tap) -> dict[str, Any]:
    return {
        "site_id": site.id,
        "usage_id": tap.id,
        "month": str(Month.of(tap.used_at)),
        "step": tap.step,
        "tags": [],
        "comment": "",
        "is_counted": tap.reason is None,
        "rated_at": tap.rated_at,
        "changed_at": tap.rated_at,
    }


def _tallies(site: Site, taps: list[Tap], numbers: Counter[str]) -> list[dict[str, Any]]:
    by_month: dict[str, Counter[str]] = defaultdict(Counter)
    for tap in taps:
        tally = by_month[str(Month.of(tap.used_at))]
        tally["recorded"] += 1
        tally["counted" if tap.reason is None else tap.reason.value] += 1
        if tap.step is not None:
            tally[f"rating_{tap.step}"] += 1
    return [
        {"site_id": site.id, "month": month, **{name: tally[name] for name in COUNTERS}, "events": numbers[month]}
        for month, tally in sorted(by_month.items())
    ]
