"""What is erased when its time has come. Each step is a transaction of its own: a run that was cut short goes on.

Every function gives one `Line` for each kind of thing, with what is due and, unless it only looks, what was done.
"""

import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import func, select, text

from app.attachments import services as attachments
from app.attachments.models import Attachment
from app.config import Settings
from app.db import db, unit_of_work
from app.errors import Conflict, Unavailable
from app.maintenance import care_terms
from app.maintenance.backups import WORKSPACE
from app.months import Month, local_date
from app.registers.models import Keeper
from app.sites import photos
from app.sites.models import SitePhoto
from app.usage import erasing, partitions, pseudonyms
from app.usage.ledger import queries as ledger_queries
from app.usage.ledger import services as ledger
from app.usage.queries import TAP_KEYS, USES
from app.usage.services import destroy_keys

UNCLAIMED_AFTER = timedelta(hours=24)
"""How old a file without a row has to be: until then its row may be about to be written."""


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of thing: how many are due, and how many of them are gone now; `note` says why some are not."""

    kind: str
    due: int
    done: int = 0
    note: str = ""


def run(settings: Settings, now: datetime, *, dry: bool) -> Iterator[Line]:
    """Erase what is due at ``now``, or with ``dry`` only count it. Gives a line when each kind is finished."""
    for kind in (_records, _pseudonyms, _certificates, _children, _unclaimed_files, _leftovers):
        yield from kind(settings, now, dry)
    if not dry:
        _purge()


def _records(_settings: Settings, now: datetime, dry: bool) -> Iterator[Line]:
    months, rows = _read(erasing.due, now), _read(erasing.rows_due, now)
    kept = Counter[str]()
    done = 0 if dry else _erase(months, now, kept)
    note = "; ".join(f"{number} kept: {why}" for why, number in kept.items())
    yield Line("site-months whose records become hours", len(months), done, note)
    left = rows if dry else _read(erasing.rows_due, now)
    for name, number in rows.items():
        yield Line(f"  rows of {name}", number, number - left[name])


def _erase(site_months: list[tuple[int, Month]], now: datetime, kept: Counter[str]) -> int:
    """Erase month by month and return how many site-months; ``kept`` counts the others by their reasons."""
    sites = defaultdict[Month, list[int]](list)
    for site_id, month in site_months:
        sites[month].append(site_id)
    partitioned = _read(lambda: partitions.months(db.session.connection()))
    if sites:
        _seal(now)
    done = 0
    for month in sorted({*sites, *(month for month in partitioned if erasing.is_over(month, now))}):
        if sites[month]:
            _tell(month, now)
        gone = _erase_whole(month, sites[month], now, kept) if _read(erasing.can_erase_whole, month) else None
        done += sum(_is_erased(site_id, month, now, kept) for site_id in sites[month]) if gone is None else gone
    if done:
        _seal(now)
    return done


def _erase_whole(month: Month, sites: list[int], now: datetime, kept: Counter[str]) -> int | None:
    """Erase a month by dropping its partitions. None when its sites have to be taken one by one."""
    for site_id in sites:
        with unit_of_work():
            erasing.prepare(site_id, month, now)
    try:
        with unit_of_work():
            return erasing.erase_month(month, now)
    except Conflict:
        return None
    except Unavailable as error:
        kept[str(error)] += max(len(sites), 1)
        return 0


def _is_erased(site_id: int, month: Month, now: datetime, kept: Counter[str]) -> bool:
    try:
        with unit_of_work():
            erasing.erase(site_id, month, now)
    except Conflict as error:
        kept[str(error)] += 1
        return False
    return True


def _seal(now: datetime) -> None:
    """Seal until nothing is left to seal."""
    while True:
        with unit_of_work():
            if ledger.seal_due(now) is None:
                return


def _tell(month: Month, now: datetime) -> None:
    """Make the month's checkpoint if it has none; where that cannot be, its records are kept and the line says so."""
    try:
        with unit_of_work():
            if ledger_queries.checkpoint_of(month) is None:
                ledger.checkpoint(month, now)
    except Conflict:
        return


def _pseudonyms(_settings: Settings, now: datetime, dry: bool) -> Iterator[Line]:
    gone = pseudonyms.last_expired_day(now).isoformat()
    count = select(func.count()).where(USES.c.p_day.is_not(None), USES.c.day_key <= gone)
    due = _read(lambda: db.session.execute(count).scalar_one())
    if not dry:
        with unit_of_work():
            destroy_keys(current_app.extensions["keystore"], now, thorough=True)
    yield Line("pseudonyms of days whose key is over", due, 0 if dry else due)


def _certificates(settings: Settings, now: datetime, dry: bool) -> Iterator[Line]:
    """Health certificates go a year after their last day; that there was one stays in the register."""
    last = year_before(local_date(now))
    rows = select(Attachment.id).join(Keeper, Keeper.certificate_id == Attachment.id)
    due = rows.where(Keeper.certificate_until < last, Attachment.erased_at.is_(None)).order_by(Attachment.id)
    numbers = _read(lambda: list(db.session.scalars(due)))
    for number in [] if dry else numbers:
        with unit_of_work():
            attachments.erase(db.session.get_one(Attachment, number), settings.data_dir, now)
    yield Line("files of health certificates over for a year", len(numbers), 0 if dry else len(numbers))


def year_before(day: date) -> date:
    """The same date a year before; 28 February for the 29th."""
    is_leap_day = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year - 1, day=28 if is_leap_day else day.day)


def _children(_settings: Settings, now: datetime, dry: bool) -> Iterator[Line]:
    numbers = _read(care_terms.due, year_before(local_date(now)))
    for number in [] if dry else numbers:
        with unit_of_work():
            care_terms.forget_children(number)
    yield Line("care terms over for a year whose children become numbers", len(numbers), 0 if dry else len(numbers))


def _unclaimed_files(settings: Settings, now: datetime, dry: bool) -> Iterator[Line]:
    """Files that no row speaks of: a hand-in that failed after its file was written, or an erasure cut short."""
    live = select(Attachment.file_name).where(Attachment.erased_at.is_(None))
    pairs = ((attachments.FOLDER, live), (photos.FOLDER, select(SitePhoto.file_name)))
    found: list[Path] = []
    for name, known in pairs:
        files = [path for path in (settings.data_dir / name).rglob("*") if path.is_file() and _is_old(path, now)]
        claimed = set(_read(lambda known=known: list(db.session.scalars(known))))
        found += [path for path in files if path.name not in claimed]
    for path in [] if dry else found:
        path.unlink(missing_ok=True)
    yield Line("files that belong to no row", len(found), 0 if dry else len(found))


def _leftovers(settings: Settings, now: datetime, dry: bool) -> Iterator[Line]:
    found = [path for path in settings.data_dir.glob(f"{WORKSPACE}*") if _is_old(path, now)]
    for path in [] if dry else found:
        shutil.rmtree(path)
    yield Line("copies left behind by a backup cut short", len(found), 0 if dry else len(found))


def _is_old(path: Path, now: datetime) -> bool:
    try:
        return path.stat().st_mtime < (now - UNCLAIMED_AFTER).timestamp()
    except FileNotFoundError:
        return False


def _read(look: Any, *arguments: Any) -> Any:
    """What ``look`` finds, in a transaction that ends at once."""
    with unit_of_work():
        return look(*arguments)


def _purge() -> None:
    """Let nothing of what was deleted wait in the write-ahead log or in dead rows for the next time it is tidied up."""
    if db.engine.dialect.name == "sqlite":
        with closing(db.engine.raw_connection()) as raw, closing(raw.cursor()) as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return
    with db.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(text(f"VACUUM {', '.join(table.name for table in (*erasing.ERASED, TAP_KEYS))}"))
