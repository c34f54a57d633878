"""Puts the demonstration into an empty database: unions, rooms, people, what they did. Nothing here commits."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from app.accounts.models import TradeUnion, User
from app.accounts.services import new_password
from app.db import db
from app.demo.history import write_history
from app.demo.life import PARTS, unfold
from app.demo.people import Account, create_accounts, create_unions
from app.demo.rooms import describe, hang_code, hang_photos, import_rooms, state
from app.demo.scenario import network
from app.demo.settling import settle
from app.demo.stage import Stage
from app.errors import N_, Conflict
from app.rulebooks import load
from app.sites.directory_version import move_directory_version

Advance = Callable[[], object]


@dataclass(frozen=True)
class Created:
    """What a person has to know about the demonstration that was made."""

    password: str
    accounts: list[Account]
    uses: int


def exists() -> bool:
    """Whether this database already holds the demonstration. Raises Conflict when it holds something else."""
    root = network().unions[0]
    codes = set(db.session.scalars(select(TradeUnion.code).where(TradeUnion.parent_id.is_(None))))
    if codes and codes != {root.code}:
        raise Conflict(N_("This database holds another network; the demonstration needs one of its own"))
    return bool(codes)


def create(now: datetime, rulebook_id: str, folder: Path, advance: Advance) -> Created:
    """Make everything, as of the instant `now`; pictures go into the data folder `folder`.

    Calls `advance` twice for each room, once for each part of the union side and once at the end: `steps()` times.
    """
    plan, rulebook = network(), load(rulebook_id)
    unions = create_unions(plan, rulebook_id)
    sites = import_rooms(unions[plan.unions[0].code], now)
    password = new_password()
    accounts = create_accounts(plan, unions, list(sites.values()), password)
    managers = {site_id: account.user_id for account in accounts for site_id in account.sites}
    doors = []
    for room in plan.rooms:
        site = sites[room.name]
        describe(plan, room, site, now)
        manager = db.session.get_one(User, managers[site.id])
        state(plan, room, site, manager=manager, rulebook=rulebook, now=now)
        if room.photos:
            hang_photos(site, folder, now)
        doors.append((room, site, hang_code(site, now)))
        advance()
    uses = write_history(plan, doors, now, advance)
    unfold(Stage(now, rulebook, unions, sites), advance)
    settle(sites.values(), now)
    advance()
    move_directory_version(db.session)
    return Created(password, accounts, uses)


def steps() -> int:
    """How often `create` calls its `advance`."""
    return 2 * len(network().rooms) + len(PARTS) + 1
