"""Pages about proof of presence: what a site's people set up, the card to hang inside, and the tablet's own page."""

import math
from datetime import datetime
from io import BytesIO

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy import select

from app import clock
from app.accounts.models import User
from app.config import Settings
from app.db import db
from app.errors import N_, Conflict, Invalid, NotFound
from app.months import Month
from app.sites.models import Site, SiteStatus
from app.sites.queries import get_site
from app.usage import presence, services_presence
from app.usage.word_card import WordCard, word_card_pdf
from app.web import PUBLIC, ROLES, access, limiter

blueprint = Blueprint("presence", __name__)
LONGEST_KEY = 40


@blueprint.get("/manage/sites/<int:site_id>/presence")
@access(*ROLES)
def settings(site_id: int) -> ResponseReturnValue:
    """What shows that a visitor is inside: the word on the wall, the number on the tablet."""
    site, now = get_site(current_user, site_id), clock.now()
    this = Month.of(now)
    secret = services_presence.secret()
    words = [(month, presence.word_of_month(secret, site.id, month)) for month in (this, this + 1)]
    base_url = _settings().base_url
    return render_template("usage/presence.html", site=site, words=words, base_url=base_url)


@blueprint.post("/manage/sites/<int:site_id>/presence")
@access(*ROLES)
def change(site_id: int) -> ResponseReturnValue:
    """Switch the word or the tablet on or off, or give the tablet a new address."""
    site, now = get_site(current_user, site_id), clock.now()
    acts = {"word_on": True, "word_off": False, "tablet_new": True, "tablet_off": False}
    act = request.form.get("act", "")
    if act not in acts:
        message = N_("Choose what is to be changed")
        raise Invalid(message, {"act": message})
    if act.startswith("word"):
        services_presence.set_word(current_user, site, has_word=acts[act], now=now)
    else:
        services_presence.set_tablet(current_user, site, has_tablet=acts[act], now=now)
    flash(gettext("Saved"), "success")
    return redirect(url_for(".settings", site_id=site.id))


@blueprint.get("/manage/sites/<int:site_id>/word-card.pdf")
@access(*ROLES)
def card(site_id: int) -> ResponseReturnValue:
    """The card to hang inside, for this month or, with ``?month=``, the next."""
    site, now = get_site(current_user, site_id), clock.now()
    month = _month(now)
    if not site.has_word:
        raise Conflict(N_("The word of the month is switched off for this site"))
    word = presence.word_of_month(services_presence.secret(), site.id, month)
    content = word_card_pdf(
        WordCard(site.name, site.floor_label, month, word, _settings().network_name, site.is_synthetic)
    )
    name = f"{site.name}-{month}.pdf"
    answer = send_file(BytesIO(content), "application/pdf", as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.get("/t/<tablet_key>")
@access(PUBLIC)
@limiter.limit("60/minute")
def tablet(tablet_key: str) -> ResponseReturnValue:
    """The tablet inside: the number of these two minutes, large. Whoever has its secret address sees it."""
    now = clock.now()
    known = select(Site).where(Site.tablet_key == tablet_key[:LONGEST_KEY], Site.status != SiteStatus.CLOSED.value)
    site = db.session.scalar(known)
    if site is None:
        raise NotFound(N_("This tablet's address is no longer valid; ask for the new one"))
    code = presence.code_at(services_presence.secret(), tablet_key, now)
    wait_s = math.ceil(presence.changes_in(now).total_seconds())
    answer = make_response(render_template("usage/tablet.html", site=site, code=code, wait_s=wait_s))
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def site_panel(site: Site, _user: User) -> Markup:
    """Which signs of presence a site has, with the way to its settings. The caller has checked the scope."""
    if site.status == SiteStatus.CLOSED:
        return Markup("")
    return Markup(render_template("usage/presence_panel.html", site=site))  # noqa: S704  a template escapes


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


def _month(now: datetime) -> Month:
    this = Month.of(now)
    text = request.args.get("month") or str(this)
    if text not in (str(this), str(this + 1)):
        message = N_("There is a card for this month and for the next")
        raise Invalid(message, {"month": message})
    return Month.parse(text)
