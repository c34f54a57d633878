"""What stands in the registers: the entries of a site, stock, money, certificates, and the activities of sites."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.db import db
from app.errors import N_, NotFound
from app.ids import Ids, among
from app.months import SHANGHAI, Month, local_date
from app.registers.models import (
    Activity,
    FixedAsset,
    Keeper,
    RegisterEntry,
    SubsidyEntry,
    SupplyLevel,
    SupplyMovement,
)
from app.registers.vocabulary import registers

EXPIRES_SOON = timedelta(days=30)
_MODELS: Mapping[str, Any] = {
    "activity": Activity,
    "supplies": SupplyMovement,
    "assets": FixedAsset,
    "subsidy": SubsidyEntry,
    "keepers": Keeper,
}
_DAYS: Mapping[str, Any] = {
    "activity": Activity.starts_at,
    "supplies": SupplyMovement.moved_on,
    "assets": FixedAsset.acquired_on,
    "subsidy": SubsidyEntry.booked_on,
    "keepers": Keeper.recorded_at,
}
STANDING = ("assets", "keepers")
"""Registers of what there is, not of what was done on a day: they are shown whole, whatever the month."""


class Line(NamedTuple):
    """An entry, who recorded it and who voided it (names, empty when not known)."""

    row: Any
    recorded_by: str
    voided_by: str


class Low(NamedTuple):
    """A site that has fewer pieces of an item than it asks to have."""

    site_id: int
    item: str
    stock: int
    least: int


class Money(NamedTuple):
    """Earmarked money in yuan: what came and what was spent, in all and by purpose (received, spent)."""

    received: Decimal
    spent: Decimal
    by_purpose: Mapping[str, tuple[Decimal, Decimal]]

    @property
    def balance(self) -> Decimal:
        """What is left; below nothing when more was spent than came, which is shown and not hidden."""
        return self.received - self.spent


class ActivityRow(NamedTuple):
    """An activity or lecture (`kind`) and the local date on which it began."""

    site_id: int
    kind: str
    starts_on: date


class DeclaredActivity(NamedTuple):
    """An activity over [starts_at, ends_at), and when it was first written down; all three are UTC instants."""

    site_id: int
    starts_at: datetime
    ends_at: datetime
    declared_at: datetime


def entries(site_id: int, register: str, month: Month | None = None) -> list[Line]:
    """The entries of a register, voided ones too, the newest first; of one local month unless it is `STANDING`.

    Raises NotFound for a register that there is not.
    """
    model, day = _table(register), _DAYS.get(register, RegisterEntry.done_on)
    recorder, voider = aliased(User), aliased(User)
    rows = (
        select(model, recorder.display_name, recorder.username, voider.display_name, voider.username)
        .outerjoin(recorder, recorder.id == model.recorded_by_id)
        .outerjoin(voider, voider.id == model.voided_by_id)
        .where(model.site_id == site_id, *_of_register(register))
        .order_by(day.desc(), model.id.desc())
    )
    if month is not None and register not in STANDING:
        rows = rows.where(*_in_month(day, month))
    return [Line(row, a or b or "", c or d or "") for row, a, b, c, d in db.session.execute(rows)]


def entry(site_id: int, register: str, row_id: int) -> Any:
    """One entry. Raises NotFound when the site has none with that id in that register."""
    model = _table(register)
    row = db.session.scalar(select(model).where(model.id == row_id, model.site_id == site_id, *_of_register(register)))
    if row is None:
        raise NotFound(N_("There is no such entry"))
    return row


def last_on(site_id: int, register: str, until: date) -> date | None:
    """The last local date up to `until` on which something was entered that is not void; None: never."""
    model, day = _table(register), _DAYS.get(register, RegisterEntry.done_on)
    latest = select(func.max(day)).where(model.site_id == site_id, model.voided_at.is_(None), *_of_register(register))
    is_instant = register in ("activity", "keepers")
    found = db.session.scalar(latest.where(day < _start_of(until + timedelta(days=1)) if is_instant else day <= until))
    return local_date(found) if isinstance(found, datetime) else found


def count_on(site_id: int, register: str, first: date, last: date) -> int:
    """How many entries of ``cleaning``, ``maintenance`` or ``safety`` the days have that are not void."""
    rows = select(func.count()).where(
        RegisterEntry.site_id == site_id, RegisterEntry.register == register, RegisterEntry.voided_at.is_(None),
        RegisterEntry.done_on.between(first, last),
    )  # fmt: skip
    return db.session.scalar(rows) or 0


def newest(site_id: int, register: str) -> Any:
    """The entry of a register that was made last, None when there is none."""
    model = _table(register)
    rows = select(model).where(model.site_id == site_id, *_of_register(register)).order_by(model.id.desc())
    return db.session.scalar(rows.limit(1))


def missing(site_id: int, required: Sequence[str], on: date) -> list[str]:
    """The `required` registers that lack what is looked for by now: an entry this month, in the past year, or at all.

    Codes that are no registers of this feature (the use register keeps itself) are left out.
    """
    found = []
    for code in required:
        if code not in registers():
            continue
        every, last = registers()[code].every, last_on(site_id, code, on)
        since = {"month": on.replace(day=1), "year": on - timedelta(days=365), "always": date.min}[every]
        if last is None or last < since or (every == "always" and not _stands(site_id, code)):
            found.append(code)
    return found


def stock(site_ids: Ids, until: date | None = None) -> dict[int, dict[str, int]]:
    """Pieces by site id and item: what was received less what was given out, up to the local date `until` included."""
    sums = (
        select(SupplyMovement.site_id, SupplyMovement.item, func.sum(SupplyMovement.quantity))
        .where(among(SupplyMovement.site_id, site_ids), SupplyMovement.voided_at.is_(None))
        .group_by(SupplyMovement.site_id, SupplyMovement.item)
    )
    if until is not None:
        sums = sums.where(SupplyMovement.moved_on <= until)
    found: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for site_id, item, pieces in db.session.execute(sums):
        found[site_id][item] = int(pieces)
    return found


def levels(site_id: int) -> dict[str, int]:
    """Below how many pieces the site asks for more, by item."""
    rows = select(SupplyLevel.item, SupplyLevel.least).where(SupplyLevel.site_id == site_id)
    return {level.item: level.least for level in db.session.execute(rows)}


def low_stock(site_ids: Ids) -> list[Low]:
    """What has run low, by site and item; an item that was never received counts as none."""
    pieces = (
        select(SupplyMovement.site_id, SupplyMovement.item, func.sum(SupplyMovement.quantity).label("stock"))
        .where(among(SupplyMovement.site_id, site_ids), SupplyMovement.voided_at.is_(None))
        .group_by(SupplyMovement.site_id, SupplyMovement.item)
        .subquery()
    )
    held = func.coalesce(pieces.c.stock, 0)
    rows = (
        select(SupplyLevel.site_id, SupplyLevel.item, held, SupplyLevel.least)
        .outerjoin(pieces, (pieces.c.site_id == SupplyLevel.site_id) & (pieces.c.item == SupplyLevel.item))
        .where(among(SupplyLevel.site_id, site_ids), held < SupplyLevel.least)
        .order_by(SupplyLevel.site_id, SupplyLevel.item)
    )
    return [Low(site_id, item, int(number), least) for site_id, item, number, least in db.session.execute(rows)]


def money(site_id: int, until: date | None = None) -> Money:
    """Earmarked money up to the local date `until` included, voided entries left out."""
    rows = select(SubsidyEntry.purpose, SubsidyEntry.amount_yuan).where(
        SubsidyEntry.site_id == site_id, SubsidyEntry.voided_at.is_(None)
    )
    if until is not None:
        rows = rows.where(SubsidyEntry.booked_on <= until)
    by_purpose: dict[str, tuple[Decimal, Decimal]] = {}
    for purpose, yuan in db.session.execute(rows):
        came, went = by_purpose.get(purpose, (Decimal(0), Decimal(0)))
        by_purpose[purpose] = (came + max(yuan, Decimal(0)), went + max(-yuan, Decimal(0)))
    return Money(
        sum((came for came, _ in by_purpose.values()), Decimal(0)),
        sum((went for _, went in by_purpose.values()), Decimal(0)),
        by_purpose,
    )


def expiring(site_ids: Ids, on: date) -> list[Keeper]:
    """The people who look after the sites on a local date whose certificate ends within 30 days or has ended."""
    rows = select(Keeper).where(
        among(Keeper.site_id, site_ids), Keeper.voided_at.is_(None), Keeper.left_on.is_(None),
        Keeper.certificate_until.is_not(None), Keeper.certificate_until <= on + EXPIRES_SOON,
    )  # fmt: skip
    return list(db.session.scalars(rows.order_by(Keeper.certificate_until, Keeper.id)))


def activities(site_ids: Ids, since: date, until: date) -> list[ActivityRow]:
    """The activities that began on a local date in [since, until), voided ones left out, by site and time.

    They are the evidence for qingdao-2023 art. 16 (activities every year, regular lectures).
    """
    rows = (
        select(Activity.site_id, Activity.kind, Activity.starts_at)
        .where(
            among(Activity.site_id, site_ids),
            Activity.voided_at.is_(None),
            Activity.starts_at >= _start_of(since),
            Activity.starts_at < _start_of(until),
        )
        .order_by(Activity.site_id, Activity.starts_at, Activity.id)
    )
    return [ActivityRow(site_id, kind, local_date(at)) for site_id, kind, at in db.session.execute(rows)]


def declared_activities(site_ids: Ids, since: date, until: date) -> list[DeclaredActivity]:
    """The activities that take place at some time of the local dates [since, until), by site and time.

    Voided ones are left out. One whose `declared_at` is before its `starts_at` explains a burst of uses.
    """
    rows = (
        select(Activity.site_id, Activity.starts_at, Activity.ends_at, Activity.recorded_at)
        .where(
            among(Activity.site_id, site_ids),
            Activity.voided_at.is_(None),
            Activity.starts_at < _start_of(until),
            Activity.ends_at > _start_of(since),
        )
        .order_by(Activity.site_id, Activity.starts_at, Activity.id)
    )
    return [DeclaredActivity(*row) for row in db.session.execute(rows)]


def _stands(site_id: int, register: str) -> bool:
    """Whether something of a standing register is there now."""
    gone = {"assets": FixedAsset.disposed_on, "keepers": Keeper.left_on}[register]
    model = _MODELS[register]
    here = select(model.id).where(model.site_id == site_id, model.voided_at.is_(None), gone.is_(None)).limit(1)
    return db.session.scalar(here) is not None


def _table(register: str) -> Any:
    if register not in registers():
        raise NotFound(N_("There is no such register"))
    return _MODELS.get(register, RegisterEntry)


def _of_register(register: str) -> tuple[ColumnElement[bool], ...]:
    return () if register in _MODELS else (RegisterEntry.register == register,)


def _in_month(day: Any, month: Month) -> tuple[ColumnElement[bool], ...]:
    if day is Activity.starts_at:
        return (day >= month.start_at, day < month.end_at)
    return (day >= month.first_on, day <= month.last_on)


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)
