"""Entries in the registers of a site. Nothing is changed or deleted: a wrong entry is voided. Nothing here commits."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from app.accounts.models import User
from app.attachments.models import Attachment
from app.db import db
from app.errors import N_, Conflict, Invalid
from app.months import local_date
from app.registers.models import (
    Activity,
    FixedAsset,
    Keeper,
    RegisterEntry,
    SubsidyEntry,
    SupplyLevel,
    SupplyMovement,
    Voidable,
)
from app.registers.vocabulary import terms
from app.sites.models import Site
from app.sites.services import record

Row = TypeVar("Row", bound=Voidable)
SIMPLE = ("cleaning", "maintenance", "safety")
DECLARED_AHEAD = timedelta(days=366)
_AHEAD = N_("This day lies ahead; an entry is about what has happened")
_NOT_YET = N_("Please say more: nobody can tell later what this was")


def record_check(
    actor: User | None, site: Site, register: str, *, done_on: date, now: datetime, done_by: str = "",
    findings: Mapping[str, bool] | None = None, note: str = "", file: Attachment | None = None,
) -> RegisterEntry:  # fmt: skip
    """A line in the register ``cleaning``, ``maintenance`` or ``safety`` (qingdao-2023 art. 13).

    `findings` maps codes of what was looked at to whether it is in order. Raises Invalid naming ``done_on``,
    ``findings`` or ``note``: what is at fault has to be said.
    """
    _not_ahead("done_on", done_on, now)
    looked = dict(findings or {})
    if register == "safety" and not looked:
        raise _wrong("findings", N_("Please say of at least one thing whether it is in order"))
    if not looked.keys() <= terms("check").keys():
        raise _wrong("findings", N_("Please choose one of the offered answers"))
    if not all(looked.values()) and not note:
        raise _wrong("note", N_("Something is at fault: please say what, and what has been done"))
    return _add(
        RegisterEntry(
            register=register, done_on=done_on, done_by=done_by, findings=looked, note=note,
            attachment_id=file.id if file else None,
        ), actor, site, now,
    )  # fmt: skip


def all_in_order() -> dict[str, bool]:
    """The findings of a safety check that found nothing."""
    return dict.fromkeys(terms("check"), True)


def record_activity(
    actor: User | None, site: Site, *, kind: str, topic: str, title: str, starts_at: datetime, now: datetime,
    hours: Decimal = Decimal(2), participants: int | None = None, note: str = "", file: Attachment | None = None,
) -> Activity:  # fmt: skip
    """An activity or lecture, declared up to a year ahead or recorded afterwards (qingdao-2023 art. 14, 16).

    Raises Invalid naming ``starts_at``.
    """
    if starts_at > now + DECLARED_AHEAD:
        raise _wrong("starts_at", N_("This lies more than a year ahead"))
    ends_at = starts_at + timedelta(minutes=float(hours * 60))
    return _add(
        Activity(
            kind=kind, topic=topic, title=title, starts_at=starts_at, ends_at=ends_at, participants=participants,
            note=note, attachment_id=file.id if file else None,
        ), actor, site, now,
    )  # fmt: skip


def move_supplies(
    actor: User | None, site: Site, *, item: str, direction: str, quantity: int, moved_on: date, now: datetime,
    source: str = "", note: str = "",
) -> SupplyMovement:  # fmt: skip
    """`quantity` > 0 pieces received (``in``) or given out (``out``). Raises Invalid naming the field."""
    _not_ahead("moved_on", moved_on, now)
    _positive("quantity", quantity)
    if item == "other" and not note:
        raise _wrong("note", _NOT_YET)
    signed = quantity if direction == "in" else -quantity
    return _add(
        SupplyMovement(item=item, quantity=signed, moved_on=moved_on, source=source, note=note), actor, site, now
    )


def send_supplies(
    actor: User, sites: Sequence[Site], *, item: str, quantity: int, moved_on: date, now: datetime, note: str = ""
) -> list[SupplyMovement]:
    """A union hands out `quantity` pieces to each of `sites` (beijing-2021). Raises Invalid naming the field."""
    if not sites:
        raise _wrong("sites", N_("Please choose at least one site"))
    source = actor.trade_union.name[:160]
    return [
        move_supplies(
            actor, site, item=item, direction="in", quantity=quantity, moved_on=moved_on, now=now, source=source,
            note=note,
        )
        for site in sites
    ]  # fmt: skip


def set_level(site: Site, item: str, least: int | None) -> None:
    """Below `least` pieces of `item` the site asks for more; None or 0: never. Raises Invalid for an unknown item."""
    if item not in terms("item"):
        raise _wrong("item", N_("Please choose one of the offered answers"))
    level = db.session.get(SupplyLevel, (site.id, item))
    if not least:
        if level is not None:
            db.session.delete(level)
        return
    if level is None:
        db.session.add(SupplyLevel(site_id=site.id, item=item, least=least))
    else:
        level.least = least


def add_asset(
    actor: User | None, site: Site, *, name: str, quantity: int, source: str, now: datetime, number: str = "",
    value_yuan: Decimal | None = None, acquired_on: date | None = None, facility: str | None = None,
) -> FixedAsset:  # fmt: skip
    """A fixed asset that the site has (qingdao-2023 art. 14). Raises Invalid naming ``quantity`` or ``acquired_on``."""
    _not_ahead("acquired_on", acquired_on, now)
    _positive("quantity", quantity)
    return _add(
        FixedAsset(
            name=name, quantity=quantity, source=source, number=number, value_yuan=value_yuan,
            acquired_on=acquired_on or local_date(now), facility=facility,
        ), actor, site, now,
    )  # fmt: skip


def dispose_asset(actor: User, site: Site, asset: FixedAsset, *, on: date, where: str, now: datetime) -> None:
    """The asset has left the site; `where` says where it went. Raises Conflict when it had, Invalid naming a field."""
    if asset.disposed_on is not None or asset.voided_at is not None:
        raise Conflict(N_("This has been noted before"))
    _not_ahead("on", on, now)
    if asset.acquired_on is not None and on < asset.acquired_on:
        raise _wrong("on", N_("Not before the day on which it came"))
    if not where:
        raise _wrong("where", N_("Please say where it went"))
    asset.disposed_on, asset.disposal = on, where
    record(site, "dispose_asset", actor, now, fields={"asset": [asset.name, None]}, note=where)


def book_money(
    actor: User | None, site: Site, *, direction: str, amount_yuan: Decimal, purpose: str, booked_on: date,
    now: datetime, source: str = "", note: str = "", file: Attachment | None = None,
) -> SubsidyEntry:  # fmt: skip
    """Earmarked money received (``in``) or spent (``out``): 专款专用, qingdao-2023 art. 18; bda's 10,000 yuan.

    What is spent beyond what was received is recorded and flagged. Raises Invalid naming the field: money spent
    outside the four purposes needs a word about what for.
    """
    _not_ahead("booked_on", booked_on, now)
    _positive("amount_yuan", amount_yuan)
    if direction == "out" and purpose == "other" and not note:
        raise _wrong("note", N_("Please say what this money was spent on"))
    signed = amount_yuan if direction == "in" else -amount_yuan
    return _add(
        SubsidyEntry(
            amount_yuan=signed, purpose=purpose, booked_on=booked_on, source=source, note=note,
            attachment_id=file.id if file else None,
        ), actor, site, now,
    )  # fmt: skip


def add_keeper(
    actor: User | None, site: Site, *, name: str, kind: str, now: datetime, certificate_until: date | None = None,
    phone: str = "", since_on: date | None = None, file: Attachment | None = None,
) -> Keeper:  # fmt: skip
    """A person who looks after the site, with her health certificate (qingdao-2023 art. 13, annex 1).

    Raises Invalid naming ``since_on``, or ``certificate_until`` when a certificate comes without its last day.
    """
    _not_ahead("since_on", since_on, now)
    _dated(file, certificate_until)
    return _add(
        Keeper(
            name=name, kind=kind, phone=phone, certificate_until=certificate_until, since_on=since_on,
            certificate_id=file.id if file else None,
        ), actor, site, now,
    )  # fmt: skip


def renew_certificate(
    actor: User, site: Site, keeper: Keeper, *, until: date | None, file: Attachment | None, now: datetime
) -> None:
    """A newer health certificate; what was known before stays in the site's history. Raises Invalid, Conflict."""
    if keeper.voided_at is not None or keeper.left_on is not None:
        raise Conflict(N_("She no longer looks after this site"))
    if until is None:
        raise _wrong("until", N_("Please give the last day of the certificate"))
    before = keeper.certificate_until
    keeper.certificate_until = until
    keeper.certificate_id = file.id if file else None
    days = [before.isoformat() if before else None, until.isoformat()]
    record(site, "certificate", actor, now, fields={"certificate_until": days}, note=keeper.name)


def keeper_left(actor: User, site: Site, keeper: Keeper, *, on: date, now: datetime) -> None:
    """She no longer looks after the site from the day `on` on. Raises Conflict when that is known, Invalid."""
    if keeper.voided_at is not None or keeper.left_on is not None:
        raise Conflict(N_("This has been noted before"))
    _not_ahead("on", on, now)
    if keeper.since_on is not None and on < keeper.since_on:
        raise _wrong("on", N_("Not before the day on which she began"))
    keeper.left_on = on
    record(site, "keeper_left", actor, now, fields={"left_on": [None, on.isoformat()]}, note=keeper.name)


def void(actor: User, row: Voidable, reason: str, now: datetime) -> None:
    """Take an entry back; it stays visible. Raises Conflict when it was voided before, Invalid without a reason."""
    if row.voided_at is not None:
        raise Conflict(N_("This entry has been voided before"))
    if not reason.strip():
        raise _wrong("reason", N_("Please say why this entry is void"))
    row.voided_at, row.voided_by_id, row.void_reason = now, actor.id, reason.strip()[:300]


RECORDERS: Mapping[str, Callable[..., Any]] = {
    "activity": record_activity,
    "supplies": move_supplies,
    "assets": add_asset,
    "subsidy": book_money,
    "keepers": add_keeper,
}


def record_in(actor: User, site: Site, register: str, values: Mapping[str, Any], now: datetime) -> Voidable:
    """An entry in any register from the values of its form (`fields.BOOKS`). Raises what the functions above raise."""
    if register in SIMPLE:
        return record_check(actor, site, register, now=now, **values)
    row: Voidable = RECORDERS[register](actor, site, now=now, **values)
    return row


def _add(row: Row, actor: User | None, site: Site, now: datetime) -> Row:
    entry: Any = row
    entry.site_id, entry.recorded_at, entry.recorded_by_id = site.id, now, actor.id if actor else None
    db.session.add(row)
    db.session.flush()
    return row


def _not_ahead(field: str, day: date | None, now: datetime) -> None:
    if day is not None and day > local_date(now):
        raise _wrong(field, _AHEAD)


def _positive(field: str, number: Decimal | int) -> None:
    if number <= 0:
        raise _wrong(field, N_("Please give a number greater than nothing"))


def _dated(file: Attachment | None, until: date | None) -> None:
    if file is not None and until is None:
        raise _wrong("certificate_until", N_("Please give the last day of the certificate"))


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(message, {field: message})
