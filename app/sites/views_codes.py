"""Posters to print, and the codes on them: issuing, replacing and revoking."""

from datetime import timedelta
from io import BytesIO

from flask import current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import selectinload

from app import clock
from app.accounts.queries import get_union
from app.config import Settings
from app.db import db
from app.errors import N_, Conflict, Invalid, NotFound
from app.sites.door_code_services import GRACE, issue_code, live_codes, printable_code, reissue_code, revoke_code
from app.sites.models import DoorCode, Site
from app.sites.posters import FORMATS, PosterFormat, posters_pdf, unprintable
from app.sites.printing import has_printable_code, open_sites_below, poster_of
from app.sites.queries import get_site
from app.sites.views import actor, blueprint, said
from app.web import ROLES, UNIONS, access

A_FILE = 200
"""Sheets: some seconds of work."""
AT_ONCE = 500


@blueprint.get("/sites/<int:site_id>/poster.pdf")
@access(*ROLES)
def poster(site_id: int) -> ResponseReturnValue:
    """The site's poster; ``?format=`` is a4, a5 or sticker."""
    found, now = get_site(actor(), site_id), clock.now()
    code = printable_code(found, now)
    if code is None:
        raise Conflict(N_("The site has no valid door code yet; issue one first"))
    return _pdf([(found, code)], f"{found.name}-{_paper()}")


@blueprint.get("/unions/<int:union_id>/posters.pdf")
@access(*UNIONS)
def union_posters(union_id: int) -> ResponseReturnValue:
    """The posters of the sites of a union and the unions below it in one file, `A_FILE` of them; ``?part=2`` the next.

    Nobody waits for a city's posters, and no worker sets them for minutes: the page offers one file after the other.
    """
    union, now, part = get_union(actor(), union_id), clock.now(), _part()
    sites = open_sites_below(union).where(has_printable_code()).options(selectinload(Site.door_codes))
    found = db.session.scalars(sites.offset((part - 1) * A_FILE).limit(A_FILE))
    pairs = [(site, code) for site in found if (code := printable_code(site, now))]
    suffix = f"-{part}" if part > 1 or len(pairs) == A_FILE else ""
    return _pdf(pairs, f"{union.name}-{_paper()}{suffix}")


@blueprint.get("/unions/<int:union_id>/posters")
@access(*UNIONS)
def posters(union_id: int) -> ResponseReturnValue:
    """What can be printed for a union, in which files, and which sites still lack a code."""
    union = get_union(actor(), union_id)
    columns = (Site.id, Site.name, Site.floor_label, has_printable_code().label("is_printable"))
    found = db.session.execute(open_sites_below(union).with_only_columns(*columns)).all()
    without = [site for site in found if not site.is_printable]
    number = len(found) - len(without)
    signs = {site.id: signs for site in found if (signs := unprintable(site.name + site.floor_label))}
    files = [(first, min(first + A_FILE - 1, number)) for first in range(1, number + 1, A_FILE)]
    return render_template(
        "sites/posters.html", union=union, sites=found, without=without, number=number, unprintable=signs, files=files
    )


@blueprint.post("/unions/<int:union_id>/codes")
@access(*UNIONS)
def issue_missing(union_id: int) -> ResponseReturnValue:
    """First codes for the sites of a union that lack one, `AT_ONCE` of them; the page offers to go on."""
    union, now = get_union(actor(), union_id), clock.now()
    lacking = list(db.session.scalars(open_sites_below(union).where(~has_printable_code()).limit(AT_ONCE)))
    for site in lacking:
        issue_code(actor(), site, now)
    flash(gettext("%(number)s door codes have been issued", number=len(lacking)), "success")
    return redirect(url_for("sites.posters", union_id=union.id))


@blueprint.post("/sites/<int:site_id>/codes")
@access(*ROLES)
def issue(site_id: int) -> ResponseReturnValue:
    """The site's first code."""
    found = get_site(actor(), site_id)
    issue_code(actor(), found, clock.now())
    flash(gettext("The door code has been issued; print the poster now"), "success")
    return redirect(url_for("sites.site", site_id=found.id, _anchor="poster"))


@blueprint.get("/sites/<int:site_id>/codes/new")
@access(*ROLES)
def confirm_reissue(site_id: int) -> ResponseReturnValue:
    """What a new print version means, before it is made."""
    found = get_site(actor(), site_id)
    return render_template("sites/reissue.html", site=found, live=live_codes(found, clock.now()), grace=GRACE.days)


@blueprint.post("/sites/<int:site_id>/codes/new")
@access(*ROLES)
def reissue(site_id: int) -> ResponseReturnValue:
    """A new print version; the old one ends now or, by choice, after the days of grace."""
    found = get_site(actor(), site_id)
    keep = GRACE if request.form.get("old") == "keep" else timedelta()
    reason = request.form.get("reason", "").strip()
    code = reissue_code(actor(), found, clock.now(), reason=reason, keep_old_for=keep)
    flash(gettext("Print version %(number)s has been issued; print the new poster now", number=code.print_version))
    return redirect(url_for("sites.site", site_id=found.id, _anchor="poster"))


@blueprint.get("/sites/<int:site_id>/codes/<int:code_id>/revoke")
@access(*ROLES)
def confirm_revoke(site_id: int, code_id: int) -> ResponseReturnValue:
    """What revoking means, before it is done."""
    found = get_site(actor(), site_id)
    return render_template("sites/revoke.html", site=found, code=_code(found, code_id))


@blueprint.post("/sites/<int:site_id>/codes/<int:code_id>/revoke")
@access(*ROLES)
def revoke(site_id: int, code_id: int) -> ResponseReturnValue:
    """End one code at once."""
    found = get_site(actor(), site_id)
    code = _code(found, code_id)
    try:
        revoke_code(actor(), found, code, request.form.get("reason", ""), clock.now())
    except Invalid as error:
        return render_template("sites/revoke.html", site=found, code=code, problem=said(error)), 422
    flash(gettext("The door code has been revoked"), "success")
    return redirect(url_for("sites.site", site_id=found.id, _anchor="poster"))


def _code(site: Site, code_id: int) -> DoorCode:
    code = next((code for code in site.door_codes if code.id == code_id), None)
    if code is None:
        raise NotFound(N_("There is no such door code"))
    return code


def _paper() -> PosterFormat:
    wanted = request.args.get("format", "a4")
    paper = next((paper for paper in FORMATS if paper == wanted), None)
    if paper is None:
        known = {"format": N_("The poster format is one of %(formats)s")}
        raise Invalid(N_("The poster format is one of %(formats)s"), known, formats=", ".join(FORMATS))
    return paper


def _part() -> int:
    text = request.args.get("part", "1")
    if not (text.isascii() and text.isdigit() and len(text) < 5 and int(text)):
        message = N_("“%(text)s” is not the number of a file")
        raise Invalid(message, {"part": message}, text=text)
    return int(text)


def _pdf(pairs: list[tuple[Site, DoorCode]], name: str) -> ResponseReturnValue:
    settings: Settings = current_app.extensions["settings"]
    content = posters_pdf([poster_of(site, code, settings, clock.now()) for site, code in pairs], _paper(), title=name)
    answer = send_file(BytesIO(content), "application/pdf", as_attachment=True, download_name=f"{name}.pdf")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
