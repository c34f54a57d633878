"""Draws as they are held: announced, drawn once, and the same again for whoever asks."""

from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.accounts.models import User
from app.db import db, unit_of_work
from app.errors import Conflict, DomainError, Invalid
from app.programme.checks import drawing
from app.programme.checks.draw import draw
from app.programme.checks.models import Draw, Inspection
from tests.conftest import Clock
from tests.factories import Factories
from tests.programme.checks.conftest import Net
from tests.programme.checks.helpers import inspection_of

GIVEN: dict[str, Any] = {"size": 2, "seed_source": "11 月 24 日双色球", "due_on": date(2026, 12, 20)}


class Draws:
    """Announces and holds, each in a transaction of its own."""

    def __init__(self, app: Flask, clock: Clock) -> None:
        self.app, self.clock = app, clock

    def announce(self, actor: User, union_of: User | None = None, **values: Any) -> Draw:
        with self.app.app_context(), unit_of_work():
            who, of = (db.session.get_one(User, one.id) for one in (actor, union_of or actor))
            given = {**GIVEN, **values, "now": self.clock(), "default": "qingdao-2023"}
            return drawing.announce(who, of.trade_union, **given)

    def hold(self, actor: User, announced: Draw, seed: str = "双色球 2026135") -> list[int]:
        with self.app.app_context(), unit_of_work():
            who, found = db.session.get_one(User, actor.id), db.session.get_one(Draw, announced.id)
            return [one.site_id for one in drawing.hold(who, found, seed, self.clock())]

    def stored(self, announced: Draw) -> Draw:
        with self.app.app_context():
            return db.session.get_one(Draw, announced.id)


@pytest.fixture
def draws(app: Flask, clock: Clock) -> Draws:
    return Draws(app, clock)


def refused(kind: type[DomainError], act: Any, *args: Any, **values: Any) -> DomainError:
    with pytest.raises(kind) as caught:
        act(*args, **values)
    return caught.value


def test_what_is_drawn_is_planned_and_stays(draws: Draws, net: Net) -> None:
    announced = draws.announce(net.anna)
    assert (announced.seed, announced.drawn, announced.drawn_at) == ("", [], None)
    assert set(announced.candidates) == {str(site.id) for site in net.sites}
    planned = draws.hold(net.anna, announced)
    held = draws.stored(announced)
    weights = {int(site): one["weight"] for site, one in held.candidates.items()}
    assert planned == held.drawn == draw("双色球 2026135", weights, 2)
    assert drawing.is_true(held)
    with draws.app.app_context():
        made = db.session.scalars(select(Inspection).where(Inspection.draw_id == held.id)).all()
        assert {(one.kind, one.due_on, one.year) for one in made} == {("spot_check", date(2026, 12, 20), 2026)}
    assert "stays as it is" in str(refused(Conflict, draws.hold, net.anna, announced, "another seed"))
    assert draws.stored(announced).seed == "双色球 2026135"


def test_candidates_are_fixed_when_the_draw_is_announced(draws: Draws, net: Net, factories: Factories) -> None:
    inspection_of(factories, net.sites[0], net.district, "spot_check", done_at=factories.clock(), result="passed")
    announced = draws.announce(net.anna)
    factories.site(net.unit)
    inspection_of(factories, net.sites[1], net.district, "spot_check")
    draws.hold(net.anna, announced)
    held = draws.stored(announced)
    assert set(held.drawn) == {net.sites[1].id, net.sites[2].id}
    assert drawing.is_true(held)
    with draws.app.app_context():
        drawn = db.session.scalars(select(Inspection.site_id).where(Inspection.draw_id == held.id)).all()
        assert list(drawn) == [net.sites[2].id]


def test_a_changed_row_is_noticed(draws: Draws, net: Net, app: Flask) -> None:
    announced = draws.announce(net.anna, size=1)
    drawn = draws.hold(net.anna, announced)
    other = next(site.id for site in net.sites if site.id not in drawn)
    with app.app_context(), unit_of_work():
        db.session.execute(update(Draw).values(drawn=[other]))
    assert not drawing.is_true(draws.stored(announced))
    answer = app.test_cli_runner().invoke(args=["checks", "draw", "--recheck", str(announced.id)])
    assert answer.exit_code == 1
    assert "another one" in answer.output
    page = Factories(app, draws.clock).login(net.anna).get(f"/manage/checks/draws/{announced.id}")
    assert "记录被改过" in page.text


def test_the_command_draws_again(draws: Draws, net: Net, app: Flask) -> None:
    run = app.test_cli_runner().invoke
    assert "there is no draw 77" in run(args=["checks", "draw", "--recheck", "77"]).output
    announced = draws.announce(net.anna)
    assert "not been held" in run(args=["checks", "draw", "--recheck", str(announced.id)]).output
    drawn = draws.hold(net.anna, announced)
    answer = run(args=["checks", "draw", "--recheck", str(announced.id)])
    assert answer.exit_code == 0
    assert "the same sites as stored" in answer.output
    assert [int(line.split("\t")[1]) for line in answer.output.splitlines() if "\t" in line] == drawn


@pytest.mark.parametrize(
    ("values", "field"),
    [({"size": 0}, "size"), ({"size": 4}, "size"), ({"seed_source": " "}, "seed_source"),
     ({"seed_source": "字" * 201}, "seed_source"), ({"due_on": date(2026, 11, 19)}, "due_on")],
)  # fmt: skip
def test_an_announcement_is_whole(draws: Draws, net: Net, values: dict[str, Any], field: str) -> None:
    assert set(refused(Invalid, draws.announce, net.anna, **values).fields) == {field}


@pytest.mark.parametrize("seed", ["", "  ", "字" * 81, "a\0b"])
def test_a_seed_says_something(draws: Draws, net: Net, seed: str) -> None:
    announced = draws.announce(net.anna)
    assert set(refused(Invalid, draws.hold, net.anna, announced, seed).fields) == {"seed"}
    assert draws.stored(announced).drawn_at is None


def test_each_union_draws_for_itself_and_one_at_a_time(draws: Draws, net: Net) -> None:
    assert "union itself" in str(refused(Conflict, draws.announce, net.clara, net.anna))
    announced = draws.announce(net.anna)
    assert "waits for its seed" in str(refused(Conflict, draws.announce, net.anna))
    assert "union itself" in str(refused(Conflict, draws.hold, net.clara, announced))
    assert draws.announce(net.clara).kind == "supervision"
