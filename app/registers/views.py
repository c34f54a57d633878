"""The registers of a site on a phone: what is missing, one tap for what is done daily, short forms for the rest."""

from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from werkzeug.datastructures import FileStorage

from app import clock
from app.accounts.models import User
from app.attachments import services as attachments
from app.attachments.models import Attachment
from app.db import db
from app.errors import N_, Conflict, DomainError, Invalid, NotFound, status_of
from app.months import SHANGHAI, Month, local_date
from app.registers import queries, services
from app.registers.fields import BOOKS, read
from app.registers.vocabulary import hints, registers, terms
from app.rulebooks import Rulebook
from app.sites.models import Site
from app.sites.queries import get_site
from app.sites.services import lock
from app.web import DISTRICT_UNION, MUNICIPAL_UNION, ROLES, access, select_locale

blueprint = Blueprint("registers", __name__, url_prefix="/manage")
MONTHS_OFFERED = 13
MOMENT = timedelta(seconds=30)
REVIEWERS = (DISTRICT_UNION, MUNICIPAL_UNION)
ONE_TAP = ("cleaning", "safety")
_USUAL = {"direction": "in", "kind": "lecture", "hours": "2", "quantity": ""}


def actor() -> User:
    """Who is asking."""
    user: User = current_user._get_current_object()
    return user


def required_registers(site: Site, on: date) -> tuple[str, ...]:
    """The registers that the site's rulebook asks of its kind, in the order of the vocabulary."""
    rulebook: Rulebook = current_app.extensions["rulebook_of"](site, on)
    asked = rulebook.registers.get(site.kind, ())
    return tuple(code for code in registers() if code in asked)


@blueprint.get("/sites/<int:site_id>/registers")
@access(*ROLES)
def overview(site_id: int) -> ResponseReturnValue:
    """What is missing this month, what can be done with one tap, and all registers with their last entry."""
    site, now = get_site(actor(), site_id), clock.now()
    today = local_date(now)
    required = required_registers(site, today)
    last = {code: queries.last_on(site.id, code, today) for code in registers()}
    return render_template(
        "registers/overview.html", site=site, today=today, registers=registers(), required=required,
        missing=queries.missing(site.id, required, today), last=last, months=_months(now),
        done={code: queries.count_on(site.id, code, today, today) for code in ONE_TAP},
        month={code: queries.count_on(site.id, code, today.replace(day=1), today) for code in services.SIMPLE},
        low=queries.low_stock([site.id]), items=terms("item"),
        money=queries.money(site.id), expiring=queries.expiring([site.id], today),
    )  # fmt: skip


@blueprint.post("/sites/<int:site_id>/registers/today")
@access(*ROLES)
def today(site_id: int) -> ResponseReturnValue:
    """One tap: cleaned today, or looked at everything today and all is in order.

    `seen` is how many entries of today the page knew of: a second tap on the same page is not a second entry.
    """
    site, user, now = get_site(actor(), site_id), actor(), clock.now()
    register, day = request.form.get("register", ""), local_date(now)
    if register not in ONE_TAP:
        raise Invalid(N_("There is no such register"), {"register": N_("There is no such register")})
    lock(site)
    if request.form.get("seen", "0") != str(queries.count_on(site.id, register, day, day)):
        flash(gettext("This had been noted already"), "info")
    else:
        findings = services.all_in_order() if register == "safety" else {}
        who = (user.display_name or user.username)[:80]
        services.record_check(user, site, register, done_on=day, done_by=who, findings=findings, now=now)
        flash(gettext("Noted for today"), "success")
    return redirect(url_for("registers.overview", site_id=site.id))


@blueprint.get("/sites/<int:site_id>/registers/<register>")
@access(*ROLES)
def book(site_id: int, register: str) -> ResponseReturnValue:
    """One register: a short form, and the entries of a month, voided ones struck through."""
    site = get_site(actor(), site_id)
    return book_page(site, register)


@blueprint.post("/sites/<int:site_id>/registers/<register>")
@access(*ROLES)
def enter(site_id: int, register: str) -> ResponseReturnValue:
    """A new entry."""
    site, user, now = get_site(actor(), site_id), actor(), clock.now()
    if register not in BOOKS:
        raise NotFound(N_("There is no such register"))
    if _is_repeated(site, register, now):
        flash(gettext("This had been noted already"), "info")
        return redirect(url_for("registers.book", site_id=site.id, register=register))
    try:
        values = read(BOOKS[register], request.form)
        file = handed_in("file", is_restricted=register == "keepers", now=now)
        services.record_in(user, site, register, values | ({"file": file} if file else {}), now)
    except (Invalid, Conflict) as error:
        return book_page(site, register, error=error, entered=request.form)
    flash(gettext("The entry has been noted"), "success")
    return redirect(url_for("registers.book", site_id=site.id, register=register))


def _is_repeated(site: Site, register: str, now: datetime) -> bool:
    """Whether the same page has been sent a moment ago: its person has made an entry since, within half a minute.

    `seen` is the newest entry that the page knew of. A tap too many must not count supplies or money twice.
    """
    lock(site)
    newest = queries.newest(site.id, register)
    if newest is None or request.form.get("seen", str(newest.id)) == str(newest.id):
        return False
    is_hers: bool = newest.recorded_by_id == actor().id
    return is_hers and now - newest.recorded_at < MOMENT


def book_page(
    site: Site, register: str, *, error: DomainError | None = None, entered: Any = None, acting: int | None = None
) -> ResponseReturnValue:
    """The page of a register, with what was `entered` and is wrong: in the form, or in that of the entry `acting`."""
    now = clock.now()
    month = _month(now)
    lines = queries.entries(site.id, register, month)
    newest = queries.newest(site.id, register)
    faults = {name: gettext(text, **error.params) for name, text in error.fields.items()} if error else {}
    page = render_template(
        "registers/book.html", site=site, register=registers()[register], fields=BOOKS[register], terms=terms,
        lines=lines, files=_files(lines), month=month, months=_months(now), today=local_date(now), now=now,
        entered=entered if acting is None and entered is not None else _usual(register, now), acting=acting,
        said=entered or {}, faults=faults, problem=gettext(error.message, **error.params) if error else "",
        standing=register in queries.STANDING, user=actor(), local_date=local_date,
        hints=hints(select_locale()), newest=newest.id if newest else 0, **_sums(site, register),
    )  # fmt: skip
    return page, status_of(error) if error else 200


def handed_in(name: str, *, is_restricted: bool, now: datetime) -> Attachment | None:
    """The file of a form, kept, or None when there was none. Raises Invalid naming `name`."""
    upload: FileStorage | None = request.files.get(name)
    if upload is None or not upload.filename:
        return None
    folder = current_app.extensions["settings"].data_dir
    allowed = attachments.SCANS if is_restricted else attachments.ALL
    return attachments.store(actor(), upload, folder=folder, now=now, allowed=allowed, is_restricted=is_restricted)


def may_see_certificate(user: User, file: Attachment) -> bool:
    """Reviewers (district, municipal) and whoever has handed it in."""
    return not file.is_restricted or user.role in REVIEWERS or file.uploaded_by_id == user.id


def _files(lines: list[queries.Line]) -> dict[int, Attachment]:
    """The files of the entries by the entry's id, those that this person may see."""
    ids = {file_of(line.row): line.row.id for line in lines}
    found = [db.session.get(Attachment, number) for number in ids if number is not None]
    return {ids[file.id]: file for file in found if file and not file.erased_at and may_see_certificate(actor(), file)}


def file_of(row: Any) -> int | None:
    """The id of an entry's file, when there is one."""
    number: int | None = getattr(row, "certificate_id", None) or getattr(row, "attachment_id", None)
    return number


def _sums(site: Site, register: str) -> dict[str, Any]:
    if register == "supplies":
        return {"stock": queries.stock([site.id]).get(site.id, {}), "levels": queries.levels(site.id)}
    return {"money": queries.money(site.id)} if register == "subsidy" else {}


def _usual(register: str, now: datetime) -> dict[str, str]:
    """What a fresh form holds."""
    day = local_date(now).isoformat()
    days = {field.name: day for field in BOOKS[register] if field.kind == "day" and field.is_required}
    moment = now.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:00")
    return _USUAL | days | {"starts_at": moment} | ({"quantity": "1"} if register == "assets" else {})


def _months(now: datetime) -> list[Month]:
    return [Month.of(now) - back for back in range(MONTHS_OFFERED)]


def _month(now: datetime) -> Month:
    asked = request.args.get("month", "")
    return Month.parse(asked) if asked else Month.of(now)
