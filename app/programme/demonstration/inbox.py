"""What calls and titles ask of a person: apply, recommend, score, publish, look again."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from flask import url_for
from flask_babel import gettext

from app.accounts.inbox import DUE, OVERDUE, InboxItem
from app.accounts.models import User
from app.db import db
from app.months import local_date
from app.programme.demonstration import queries, reviewing
from app.programme.demonstration.models import DemonstrationCall
from app.programme.demonstration.ranking import ranked
from app.programme.demonstration.stages import APPLYING, CANCELLED, PUBLISHED, REVIEWING, UPCOMING, stage
from app.sites.models import SiteStatus
from app.web import ASSESSOR, DISTRICT_UNION, MUNICIPAL_UNION, SITE_MANAGER, UNIT_UNION

SOON = timedelta(days=14)
"""How long before a title has to be looked at again people are told."""


def source(user: User, at: datetime) -> Sequence[InboxItem]:
    """What waits for `user` in calls and about titles."""
    today = local_date(at)
    calls = db.session.scalars(queries.calls_in_scope(user)).all()
    items = [
        item
        for call in calls
        if call.state not in (PUBLISHED, CANCELLED) and stage(call, today) != UPCOMING
        for item in _of_call(user, call, today)
    ]
    if user.role in (DISTRICT_UNION, MUNICIPAL_UNION):
        items += _rechecks(user, today)
    return items


def _of_call(user: User, call: DemonstrationCall, today: date) -> Iterator[InboxItem]:
    now_at = stage(call, today)
    if user.role in (SITE_MANAGER, UNIT_UNION):
        if now_at == APPLYING and not queries.applications(user, call):
            text = gettext("Sites may apply for the title: %(title)s", title=call.title)
            yield _item(f"call-{call.id}-apply", text, call, call.closes_on, today)
        return
    if user.role == DISTRICT_UNION and user.trade_union_id != call.trade_union_id:
        waiting = [one for one in ranked(user, call, user.trade_union) if one.case.state == "submitted"]
        if waiting:
            text = gettext(
                "%(n)s applications are to be checked and ranked: %(title)s", n=len(waiting), title=call.title
            )
            yield _item(f"call-{call.id}-rank", text, call, call.recommend_by, today)
        return
    yield from _of_panel(user, call, today)


def _of_panel(user: User, call: DemonstrationCall, today: date) -> Iterator[InboxItem]:
    if not reviewing.may_score(user, call):
        return
    states = reviewing.before_panel(call)
    found = queries.applications(user, call, states)
    unscored = [one for one in found if reviewing.own_score(one.case.id, user) is None]
    if unscored:
        text = gettext("%(n)s applications are to be scored: %(title)s", n=len(unscored), title=call.title)
        due = [one.case.due_on for one in unscored if one.case.due_on is not None]
        yield _item(f"call-{call.id}-score", text, call, min(due, default=None), today)
    elif found and user.role != ASSESSOR and stage(call, today) == REVIEWING:
        text = gettext("The panel has scored; decide and publish: %(title)s", title=call.title)
        yield _item(f"call-{call.id}-publish", text, call, None, today)


def _item(key: str, text: str, call: DemonstrationCall, due_on: date | None, today: date) -> InboxItem:
    state = OVERDUE if due_on is not None and due_on < today else DUE
    return InboxItem(key, text, url_for("demonstration.call", call_id=call.id), state, due_on)


def _rechecks(user: User, today: date) -> Iterator[InboxItem]:
    held = [(title, site) for title, site in queries.titles_in_scope(user) if site.status != SiteStatus.CLOSED]
    for title, site in held:
        if title.revoked_on is None and title.recheck_by is not None and title.recheck_by <= today + SOON:
            text = gettext("The title of %(site)s is to be looked at again", site=site.name)
            url = url_for("demonstration.title", title_id=title.id)
            state = OVERDUE if title.recheck_by < today else DUE
            yield InboxItem(f"title-{title.id}-{title.recheck_by}", text, url, state, title.recheck_by)
