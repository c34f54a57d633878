"""What happens at a door speaks to one site: it would run on a Citus cluster, and be answered by one node of it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import event

from app.db import db, unit_of_work
from app.months import Month
from app.sites.models import Site
from app.usage import tallies
from app.usage.ledger import queries
from app.usage.ledger.sealer import run_once
from tests.conftest import Clock
from tests.factories import Factories
from tests.usage.helpers import Phone
from tests.usage.statements import complaints
from tests.usage.test_views_presence import KEY, say, word

POSTGIS = pytest.mark.parametrize("database_url", ["postgis"], indirect=True)
ACROSS = {
    r"SELECT .* FROM site_month WHERE site_month\.sealed < site_month\.events AND site_month\.month = ": (
        "what there is to seal in a month, page by page"
    ),
    r"SELECT usage_record\.site_id, usage_record\.sequence, usage_record\.digest FROM .* JOIN site_month ": (
        "the digests that a seal takes, of all its sites; they lie with their tallies"
    ),
    r"SELECT .* FROM site_month JOIN \(SELECT adjustment\.site_id": (
        "what was adjusted since it was sealed; both lie together"
    ),
    r"SELECT min\(site_month\.month\) AS min_1 FROM site_month": "which months there are",
    r"SELECT site_month\.site_id FROM site_month WHERE site_month\.month = .* AND site_month\.events > ": (
        "has a closed month events, for its checkpoint"
    ),
}
"""The statements about many sites that sealing cannot do without, each with what it asks."""
Lines = list[str]


@contextmanager
def listening(app: Flask) -> Iterator[Lines]:
    """Every statement that goes to the database meanwhile, each on one line."""
    heard: Lines = []

    def hear(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        heard.append(" ".join(statement.split()))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", hear)
    yield heard
    event.remove(engine, "before_cursor_execute", hear)


def refused(lines: Lines) -> dict[str, list[str]]:
    """What a cluster would not do, or not on one node, except for `ACROSS`."""
    asked = {line for line in lines if not any(re.match(one, line) for one in ACROSS)}
    return {line: found for line in sorted(asked) if (found := complaints(line))}


@pytest.fixture
def room(factories: Factories) -> Site:
    """A room with a word and a tablet."""
    return factories.site(has_word=True, tablet_key=KEY)


@pytest.fixture
def visitor(app: Flask, factories: Factories, room: Site) -> Phone:
    """A phone at its door, with the page already open once."""
    phone = Phone(app, factories.door_code(room).code)
    assert phone.open().status_code == 200
    return phone


def wrote(lines: Lines, *tables: str) -> bool:
    return all(any(re.match(rf"(INSERT INTO|UPDATE) {table} ", line) for line in lines) for table in tables)


@POSTGIS
def test_a_scan(app: Flask, visitor: Phone) -> None:
    with listening(app) as lines:
        visitor.logged(purpose="pumping")
    assert wrote(lines, "usage_record", "tap_key", "site_month")
    assert refused(lines) == {}


@POSTGIS
def test_a_repeated_scan(app: Flask, visitor: Phone) -> None:
    form = visitor.form()
    visitor.send(form)
    with listening(app) as lines:
        assert visitor.send(form).status_code == 303
    assert any("tap_key" in line for line in lines)
    assert refused(lines) == {}


@POSTGIS
def test_a_rating_and_its_change(app: Flask, visitor: Phone) -> None:
    receipt = visitor.logged()
    with listening(app) as lines:
        assert visitor.rate(receipt, 5, details="1", tags="clean", comment="好").status_code == 303
        assert visitor.rate(receipt, 4).status_code == 303
        assert visitor.open(receipt).status_code == 200
    assert wrote(lines, "rating", "superseded_leaf", "site_month")
    assert refused(lines) == {}


@POSTGIS
def test_a_proof_of_presence(app: Flask, visitor: Phone, room: Site) -> None:
    receipt = visitor.logged()
    with listening(app) as lines:
        assert say(visitor, receipt, word(room)).status_code == 303
    assert wrote(lines, "presence", "site_month")
    assert refused(lines) == {}


@POSTGIS
def test_a_seal(app: Flask, visitor: Phone, clock: Clock) -> None:
    receipt = visitor.logged()
    visitor.rate(receipt, 5)
    visitor.rate(receipt, 4)
    with listening(app) as lines, app.app_context():
        assert run_once(clock.at, everywhere=False) == (1, [])
    with listening(app) as later, app.app_context():
        months = queries.months_without_checkpoint(Month.of(clock.at).closes_at)
    assert months == [Month.of(clock.at)]
    lines += later
    assert wrote(lines, "seal", "sealed_batch", "site_month")
    assert any("superseded_leaf" in line for line in lines)
    assert refused(lines) == {}
    assert {says for one, says in ACROSS.items() for line in lines if re.match(one, line)} == set(ACROSS.values())


@POSTGIS
def test_the_tally_of_a_site_and_its_recount(app: Flask, visitor: Phone, room: Site) -> None:
    month = Month(2026, 11)
    visitor.logged()
    with listening(app) as lines, app.app_context(), unit_of_work():
        tallies.months_of_site(room.id, month - 11, month)
        tallies.lock(room.id, month)
        assert tallies._differences(room.id, month, repair=True) == []
    assert any("rating" in line for line in lines)
    assert refused(lines) == {}


# ------------------------------------------------------------------------------------------------ the test's own eyes


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("SELECT 1 FROM site WHERE site.host_id = %(x)s", None),
        ("SELECT events FROM site_month WHERE site_id = %(x)s::INTEGER AND month = %(m)s FOR UPDATE", None),
        ("SELECT events FROM site_month WHERE month = %(m)s FOR UPDATE", "site_month is not held"),
        ("SELECT 1 FROM site_month WHERE site_id = %(x)s OR month = %(m)s", "site_month is not held"),
        ("SELECT 1 FROM site_month WHERE site_id > %(x)s", "site_month is not held"),
        ("SELECT 1 FROM site_month WHERE site_id IN (%(x)s, %(y)s)", "site_month is not held"),
        ("SELECT 1 FROM rating r JOIN usage_record u ON u.site_id = r.site_id WHERE r.site_id = %(x)s", None),
        ("SELECT 1 FROM rating r JOIN usage_record u ON u.id = r.usage_id WHERE r.site_id = %(x)s", "usage_record is"),
        ("SELECT 1 FROM site LEFT JOIN rating ON rating.site_id = site.id WHERE site.id = %(x)s", None),
        ("SELECT 1 FROM rating LEFT JOIN site ON rating.site_id = %(x)s", "rating is not held"),
        ("SELECT 1 FROM site JOIN rating ON rating.site_id = site.id WHERE site.id = %(x)s", None),
        ("SELECT EXISTS (SELECT 1 FROM rating r WHERE r.site_id = p.site_id) FROM presence p WHERE site_id = 1", None),
        ("SELECT EXISTS (SELECT 1 FROM seal s WHERE s.number = r.step) FROM rating r WHERE site_id = 1", "depends"),
        ("SELECT EXISTS (SELECT 1 FROM seal s WHERE s.number = %(n)s) FROM rating r WHERE site_id = 1", None),
        ("SELECT 1 FROM rating WHERE site_id = 1 UNION ALL SELECT 1 FROM presence", "presence is not held"),
        ("UPDATE rating SET step = 1 WHERE usage_id = %(u)s", "rating is not held"),
        ("UPDATE rating SET step = 1 WHERE rating.site_id = %(of)s::INTEGER", None),
        ("DELETE FROM tap_key WHERE month = %(m)s", "tap_key is not held"),
        ("INSERT INTO tap_key (site_id, month) VALUES (%(a)s, %(b)s) ON CONFLICT DO NOTHING RETURNING site_id", None),
        ("INSERT INTO tap_key (month) VALUES (%(b)s)", "without naming site_id"),
        ("INSERT INTO hour_bucket (site_id) SELECT site_id FROM usage_record WHERE site_id = 1", "inserts what it"),
        ("WITH n AS (INSERT INTO rating (site_id) VALUES (1) RETURNING step) SELECT step FROM n", "common table"),
    ],
)  # fmt: skip
def test_it_sees_what_a_cluster_would_see(sql: str, says: str | None) -> None:
    found = complaints(sql)
    assert found == [] if says is None else any(says in one for one in found), found
