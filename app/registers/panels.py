"""What the registers say elsewhere: on the page of a site, on that of a union, and in the inbox."""

from collections.abc import Sequence
from datetime import datetime

from flask import render_template, url_for
from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy import select

from app import clock
from app.accounts.inbox import DUE, OVERDUE, InboxItem
from app.accounts.models import TradeUnion, User
from app.db import db
from app.months import local_date
from app.registers import queries
from app.registers.views import required_registers
from app.registers.vocabulary import registers, terms
from app.sites.models import Site, SiteStatus
from app.sites.queries import sites_in_scope
from app.web import SITE_MANAGER, UNIT_UNION, select_locale


def site_panel(site: Site, _user: User) -> Markup:
    """What is missing in the registers of a site. The caller has checked the scope."""
    today = local_date(clock.now())
    required = required_registers(site, today)
    html = render_template(
        "registers/panel.html", site=site, missing=queries.missing(site.id, required, today), required=required,
        registers=registers(), low=queries.low_stock([site.id]), items=terms("item"),
        balance=queries.money(site.id).balance,
    )  # fmt: skip
    return Markup(html)  # noqa: S704  a template escapes


def union_panel(union: TradeUnion, _user: User) -> Markup:
    """How many supplies have run low at the sites of a union. The caller has checked the scope."""
    below = (
        select(Site.id)
        .join(TradeUnion, TradeUnion.id == Site.host_id)
        .where(TradeUnion.path.startswith(union.path, autoescape=True), Site.status != SiteStatus.CLOSED.value)
    )
    low = queries.low_stock(below)
    html = render_template("registers/union_panel.html", low=low, sites=len({line.site_id for line in low}))
    return Markup(html)  # noqa: S704  a template escapes


def waiting(user: User, at: datetime) -> Sequence[InboxItem]:
    """Low stock and health certificates that end within 30 days: for the site's manager and its unit union."""
    if user.role not in (SITE_MANAGER, UNIT_UNION):
        return []
    open_sites = sites_in_scope(user).where(Site.status != SiteStatus.CLOSED.value).order_by(None)
    rows = db.session.execute(open_sites.with_only_columns(Site.id, Site.name))
    names: dict[int, str] = {row.id: row.name for row in rows}
    return [*_low(names), *_certificates(names, at)]


def _low(names: dict[int, str]) -> list[InboxItem]:
    locale, items = select_locale(), terms("item")
    return [
        InboxItem(
            key=f"stock-{line.site_id}-{line.item}",
            text=gettext(
                "%(site)s: %(item)s are running low, %(number)s left",
                site=names[line.site_id], item=items[line.item].label(locale), number=line.stock,
            ),
            url=url_for("registers.book", site_id=line.site_id, register="supplies"),
            state=DUE,
        )
        for line in queries.low_stock([*names])
        if line.item in items
    ]  # fmt: skip


def _certificates(names: dict[int, str], at: datetime) -> list[InboxItem]:
    today, found = local_date(at), []
    for keeper in queries.expiring([*names], today):
        until = keeper.certificate_until
        is_over = until is not None and until < today
        who = {"site": names[keeper.site_id], "name": keeper.name}
        if is_over:
            says = gettext("%(site)s: the health certificate of %(name)s has ended", **who)
        else:
            says = gettext("%(site)s: the health certificate of %(name)s ends soon", **who)
        url = url_for("registers.book", site_id=keeper.site_id, register="keepers")
        found.append(InboxItem(f"certificate-{keeper.id}-{until}", says, url, OVERDUE if is_over else DUE, until))
    return found
