"""Pages for reviewers: the flagged sites of a district or city, and what stands out at one of them."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from app import clock
from app.accounts.models import User
from app.anomalies import charts, queries, services
from app.anomalies.detectors import Flag, said, sentence
from app.anomalies.models import Flags
from app.db import db
from app.errors import Invalid, status_of
from app.months import Month
from app.sites.models import Site
from app.web import DISTRICT_UNION, MUNICIPAL_UNION, access, select_locale

blueprint = Blueprint("anomalies", __name__, url_prefix="/manage")
PAGE_SIZE = 30


def actor() -> User:
    """Who is asking."""
    user: User = current_user._get_current_object()
    return user


def read(kept: Flags | None) -> list[Flag]:
    """The flags as they were kept, the strongest first; those of a detector that is no more are left out."""
    return [] if kept is None else [Flag.from_json(values) for values in kept.found if Flag.is_known(values)]


def words() -> dict[str, Any]:
    """What the templates need to say a flag in the reader's language."""
    locale = select_locale()
    return {
        "title": lambda flag: said(flag.detector, "title", locale),
        "title_of": lambda detector: said(detector, "title", locale),
        "sentence": lambda flag: sentence(flag, locale),
        "reason": lambda flag: said(flag.detector, "reason", locale),
    }


@blueprint.get("/flags")
@access(DISTRICT_UNION, MUNICIPAL_UNION)
def flagged() -> ResponseReturnValue:
    """The flagged sites in scope, unseen ones first, then by strength."""
    page = max(1, min(request.args.get("page", 1, int), 10_000))
    rows = queries.flagged_in_scope(actor()).limit(PAGE_SIZE + 1).offset((page - 1) * PAGE_SIZE)
    found = [(site, kept, read(kept)) for kept, site in db.session.execute(rows)]
    return render_template(
        "anomalies/flagged.html", found=found[:PAGE_SIZE], has_more=len(found) > PAGE_SIZE, page=page,
        number=queries.number_waiting(actor()), **words(),
    )  # fmt: skip


@blueprint.get("/sites/<int:site_id>/signals")
@access(DISTRICT_UNION, MUNICIPAL_UNION)
def signals(site_id: int) -> ResponseReturnValue:
    """What stands out at a site, with the figures behind it, and what reviewers have said."""
    return _page(queries.site_for_reviewer(actor(), site_id), {}, {}), 200


@blueprint.post("/sites/<int:site_id>/signals")
@access(DISTRICT_UNION, MUNICIPAL_UNION)
def review(site_id: int) -> ResponseReturnValue:
    """Note what was found out about one flag."""
    site = queries.site_for_reviewer(actor(), site_id)
    entered = {name: request.form.get(name, "") for name in ("detector", "finding", "note")}
    try:
        services.review(actor(), site, now=clock.now(), **entered)
    except Invalid as error:
        faults = {name: gettext(text) for name, text in error.fields.items()}
        return _page(site, entered, faults), status_of(error)
    flash(gettext("Noted"), "success")
    return redirect(url_for(".signals", site_id=site.id))


def _page(site: Site, entered: dict[str, str], errors: dict[str, str]) -> str:
    first, last = queries.window(clock.now())
    days = queries.days_of(site.id, first, last)
    kept = queries.flags_of_site(site.id)
    found = read(kept)
    shown = _month(request.args.get("month"), first, last) or (found[0].months[-1] if found else last)
    return render_template(
        "anomalies/signals.html", site=site, kept=kept, found=found, reviews=queries.reviews_of(site.id),
        entered=entered, errors=errors, findings=services.FINDINGS, shown=shown, first=first, last=last,
        by_day=charts.days_by_hour(days, shown), by_month=charts.months_by_hour(days, first, last),
        lines=charts.month_lines(days, first, last), **words(),
    )  # fmt: skip


def _month(text: str | None, first: Month, last: Month) -> Month | None:
    """The month that was asked for, None for one outside the period. Raises Invalid for what is no month."""
    month = Month.parse(text) if text else None
    return month if month and first <= month <= last else None
