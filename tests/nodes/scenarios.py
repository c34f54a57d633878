"""What several nodes have to agree on, and what happens when one of them dies."""

import io
import random
import time
from datetime import UTC, datetime

from sqlalchemy import select

from app.accounts.models import User
from app.db import db
from app.months import local_date
from app.sites.models import SitePhoto
from tests.factories import LATER, Factories
from tests.forms import submit
from tests.nodes.network import Network, Person, states
from tests.reliability.checks import application
from tests.reliability.scenarios import Seen, _some_more, watched
from tests.reliability.service import wait_until
from tests.sites.test_photos import picture

PER_DEVICE = 60
"""Door pages a minute for one device, `app.usage.views`."""


def log_in_is_valid_everywhere(place: Network) -> None:
    """Log-in at one node holds at all; log-out at another ends it at all, also for a copy of the cookie."""
    first, second, _third = (node.port for node in place.nodes)
    anna = Person(place.phones)
    anna.log_in(first, place.username)
    assert all(anna.is_known(node.port) for node in place.nodes)
    copy = Person(place.phones, dict(anna.cookies))
    assert anna.submit(second, "/manage/account", "/logout").status == 302
    assert not any(copy.is_known(node.port) for node in place.nodes)


def limits_count_together(place: Network) -> None:
    """One device has its sixty door pages a minute from all nodes together, not from each."""
    guesser, path = Person(place.phones), f"/r/{place.phones.codes[0]}"
    ports = [node.port for node in place.nodes]
    answers = [guesser.ask(ports[number % 3], "GET", path).status for number in range(PER_DEVICE + 6)]
    assert answers == [200] * PER_DEVICE + [429] * 6


def a_closed_site_is_closed_everywhere(place: Network) -> float:
    """One node takes the closing; the finders of all show it. Return the seconds until the last did."""
    anna, at = Person(place.phones), place.nodes[0].port
    anna.log_in(at, place.username)
    site = place.site_ids[-1]
    page = f"/manage/sites/{site}"
    for node in place.nodes:
        assert set(states(place.phones, node.port).values()) != {"suspended"}
    today = local_date(datetime.now(UTC)).isoformat()
    assert anna.submit(at, page, f"{page}/suspend", from_on=today, reason="装修").status == 302
    began = time.monotonic()
    for node in place.nodes:
        wait_until(lambda port=node.port: "suspended" in states(place.phones, port).values())  # type: ignore[misc]
    took = time.monotonic() - began
    assert anna.submit(at, page, f"{page}/reopen").status == 302
    return took


def a_photo_is_shown_by_all(place: Network) -> None:
    """One node stores a photo, the others show it."""
    with application(place.nodes[0]) as app:
        with app.app_context():
            user = db.session.scalars(select(User).filter_by(username=place.username)).one()
        page = f"/manage/sites/{place.site_ids[0]}"
        upload = (io.BytesIO(picture()), "door.jpg")
        answer = submit(
            Factories(app, lambda: LATER).login(user), page, f"{page}/photos", kind="entrance", photo=upload
        )
        assert answer.status_code == 302, answer.text
        with app.app_context():
            name = db.session.scalars(select(SitePhoto.file_name)).one()
    for node in place.nodes:
        found = place.phones.request("HEAD", f"/photos/{name}", port=node.port)
        assert (found.status, found.headers["content-type"]) == (200, "image/webp")


def node_kills(place: Network, times: int) -> Seen:
    """kill -9 of a whole node under load, then its start; nginx sends on what it had begun."""
    choice = random.Random(times)  # noqa: S311
    with watched("node killed", place.phones) as seen, place.phones.under_load(pause_s=0.05) as acknowledged:
        for _ in range(times):
            _some_more(acknowledged, 10)
            node = choice.choice(place.nodes)
            node.kill_all()
            seen.times += 1
            seen.back(place.phones.tap_until_acknowledged())
            _some_more(acknowledged, 10)
            node.start()
    assert all(node.answers() for node in place.nodes)
    return seen
