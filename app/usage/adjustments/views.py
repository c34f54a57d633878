"""Pages: a month of a site in days and hours, for those who may exclude uses; what was excluded, for all who see it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from app import clock
from app.attachments.models import Attachment
from app.attachments.services import SCANS, store
from app.attachments.serving import send
from app.db import db
from app.errors import N_, Conflict, DomainError, Invalid, NotFound, status_of
from app.months import Month, local_date
from app.sites.models import Site
from app.sites.queries import get_site
from app.usage.adjustments import queries, services
from app.usage.adjustments.queries import EXCLUDE, RESTORE, HourOfMonth, hour_of
from app.usage.models import Adjustment
from app.web import DISTRICT_UNION, MUNICIPAL_UNION, ROLES, access

blueprint = Blueprint("adjustments", __name__, url_prefix="/manage")
MONTHS_SHOWN = 13


@dataclass(frozen=True, slots=True)
class Day:
    """One local date in numbers, and its hours."""

    on: date
    hours: tuple[HourOfMonth, ...]

    def sum(self, name: str) -> int:
        """The sum of a number of its hours."""
        return sum(getattr(hour, name) for hour in self.hours)

    @property
    def on_site(self) -> int | None:
        """How many of the counted uses were proven on site; None after erasure, when nobody knows the day any more."""
        uses = [use for hour in self.hours for use in hour.uses]
        return sum(use.is_on_site for use in uses) if uses or not self.sum("counted") else None


@blueprint.get("/sites/<int:site_id>/uses")
@access(*ROLES)
def uses(site_id: int) -> ResponseReturnValue:
    """The months of a site and what was excluded; for a union above it one month, by day and hour."""
    site = get_site(current_user, site_id)
    return _page(site, _month(request.args.get("month")))


@blueprint.post("/sites/<int:site_id>/uses")
@access(DISTRICT_UNION, MUNICIPAL_UNION)
def adjust(site_id: int) -> ResponseReturnValue:
    """Exclude the chosen uses, or restore them."""
    site, now = get_site(current_user, site_id), clock.now()
    month = _month(request.form.get("month"))
    try:
        with db.session.begin_nested():
            _adjust(site, month, now)
    except (Invalid, Conflict) as error:
        return _page(site, month, error), status_of(error)
    flash(gettext("Recorded and signed with your name"), "success")
    return redirect(url_for(".uses", site_id=site.id, month=month, _anchor="made"))


@blueprint.get("/sites/<int:site_id>/adjustments/<int:number>/file")
@access(DISTRICT_UNION, MUNICIPAL_UNION)
def evidence(site_id: int, number: int) -> ResponseReturnValue:
    """The file behind one adjustment of a site, counted from 1, for those who may judge its uses."""
    site = get_site(current_user, site_id)
    _require_reviewer(site)
    made = queries.adjustments_of(site.id)
    found = made[number - 1].attachment_id if number <= len(made) else None
    if found is None:
        raise NotFound(N_("There is no such file"))
    return send(db.session.get_one(Attachment, found), current_user, folder=_folder(), now=clock.now())


def _require_reviewer(site: Site) -> None:
    if not services.may_adjust(current_user, site):
        raise Conflict(services.NOT_HERS)


def _adjust(site: Site, month: Month, now: datetime) -> Adjustment:
    _require_reviewer(site)
    act = request.form.get("act", "")
    if act not in (EXCLUDE, RESTORE):
        message = N_("Say whether the uses are excluded or restored")
        raise Invalid(message, {"act": message})
    hours = queries.hours_of(site.id, month)
    chosen: dict[str, Any] = {"uses": _chosen_uses(hours, act)}
    if queries.is_erased(site.id, month):
        chosen = {"hours": _chosen_hours(hours)}
    upload = request.files.get("file")
    file = store(current_user, upload, folder=_folder(), now=now, allowed=SCANS, is_restricted=True) if upload else None
    do = services.exclude if act == EXCLUDE else services.restore
    return do(
        current_user, site, month, **chosen, reason=request.form.get("reason", ""),
        evidence=request.form.get("evidence", ""), attachment_id=file.id if file else None, now=now,
    )  # fmt: skip


def _chosen_uses(hours: Iterable[HourOfMonth], act: str) -> list[UUID]:
    """The ticked uses; of a ticked hour all that the act can be about."""
    ticked, whole = set(request.form.getlist("use")), set(request.form.getlist("hour"))
    offered = [(use, hour_of(hour.starts_at) in whole) for hour in hours for use in hour.uses]
    found = [
        use.id
        for use, is_whole in offered
        if str(use.sequence) in ticked or (is_whole and use.is_excluded is (act == RESTORE))
    ]
    # Of hours in which nothing is left all are meant: the answer says that they are away already.
    return found or [use.id for use, is_whole in offered if is_whole]


def _chosen_hours(hours: Iterable[HourOfMonth]) -> dict[datetime, int]:
    """How many uses of which hour. Raises Invalid for what is no number."""
    said = {hour.starts_at: request.form.get(f"n-{hour_of(hour.starts_at)}", "").strip() or "0" for hour in hours}
    if not all(text.isascii() and text.isdigit() and len(text) < 6 for text in said.values()):
        message = N_("Please enter a whole number")
        raise Invalid(message, {"hours": message})
    return {hour: int(text) for hour, text in said.items() if int(text)}


def _page(site: Site, month: Month, error: DomainError | None = None) -> str:
    this = Month.of(clock.now())
    is_reviewer = services.may_adjust(current_user, site)
    hours = queries.hours_of(site.id, month) if is_reviewer else []
    made = list(enumerate(queries.adjustments_of(site.id), start=1))
    return render_template(
        "usage/uses.html",
        site=site,
        month=month,
        months=queries.adjusted_months(site.id, this - (MONTHS_SHOWN - 1), this)[::-1],
        is_reviewer=is_reviewer,
        is_erased=is_reviewer and queries.is_erased(site.id, month),
        days=_days(hours),
        hour_of=hour_of,
        read_hour=datetime.fromisoformat,
        made=made[::-1],
        problem=gettext(error.message, **error.params) if error else "",
        errors={name: gettext(text, **error.params) for name, text in error.fields.items()} if error else {},
        entered=request.form if error else {},
        is_file_lost=error is not None and bool(request.files.get("file")) and "file" not in error.fields,
        ticked=set(request.form.getlist("use") + request.form.getlist("hour")) if error else set(),
    )


def _days(hours: Sequence[HourOfMonth]) -> list[Day]:
    found = groupby(hours, key=lambda hour: local_date(hour.starts_at))
    return [Day(on, tuple(mine)) for on, mine in found]


def _month(text: str | None) -> Month:
    this = Month.of(clock.now())
    month = Month.parse(text) if text else this
    if month > this:
        message = N_("This month has not come yet")
        raise Invalid(message, {"month": message})
    return month


def _folder() -> Path:
    folder: Path = current_app.extensions["settings"].data_dir
    return folder
