"""Reading ahead: the same rows in the same order, one batch ahead at most, and nothing left behind however it ends."""

from collections.abc import Iterator

import pytest
from flask import Flask
from psycopg import Error
from sqlalchemy import literal, select, text
from sqlalchemy.exc import DBAPIError

from app.ahead import Reading, ahead, at_once
from app.db import db, unit_of_work
from app.sites.models import Site
from tests.factories import Factories


def plus(number: int, more: int = 1) -> Reading[int]:
    """What the database makes of a sum."""
    rows = yield select(literal(number) + literal(more))
    return int(rows[0][0])


def broken() -> Reading[None]:
    """A statement that fails where it is run."""
    yield select(text("nowhere"))


def open_connections() -> int:
    """How many connections are handed out, once the session has none."""
    db.session.rollback()
    pool = db.engine.pool
    return int(pool.checkedout())  # type: ignore[attr-defined]  # of the pools of both databases


def test_every_batch_is_answered_in_turn(app: Flask) -> None:
    with app.app_context():
        with ahead([plus(one), plus(one, 5)] for one in range(4)) as answers:
            assert list(answers) == [[one + 1, one + 5] for one in range(4)]
        with ahead([]) as answers:
            assert list(answers) == []
        assert at_once(plus(3)) == 4
        assert open_connections() == 0


def test_no_more_than_one_batch_is_asked_for_ahead(app: Flask) -> None:
    asked: list[int] = []

    def batches() -> Iterator[list[Reading[int]]]:
        for one in range(100):
            asked.append(one)
            yield [plus(one)]

    with app.app_context():
        with ahead(batches()) as answers:
            for number, _ in enumerate(answers):
                assert len(asked) <= number + 2
                if number == 3:
                    break
        assert len(asked) <= 5
        assert open_connections() == 0


def test_a_statement_that_fails_is_raised_when_its_batch_is_due(app: Flask) -> None:
    told = []
    with app.app_context():
        with pytest.raises((DBAPIError, Error)), ahead([[plus(1)], [plus(2), broken()], [plus(3)]]) as answers:
            told.extend(answers)
        assert told == [[2]]
        assert open_connections() == 0
        with ahead([[plus(1)]]) as answers:
            assert list(answers) == [[2]]


def test_an_error_of_the_one_who_reads_ends_it(app: Flask) -> None:
    def read() -> None:
        with ahead([plus(one)] for one in range(9)) as answers:
            next(answers)
            raise LookupError

    with app.app_context():
        with pytest.raises(LookupError):
            read()
        assert open_connections() == 0


def test_a_batch_sees_what_was_committed_before_it_was_asked(app: Flask, factories: Factories) -> None:
    def names() -> Reading[set[str]]:
        rows = yield select(Site.name)
        return {name for (name,) in rows}

    site = factories.site(name="before")
    with app.app_context(), ahead([names()] for _ in range(4)) as answers:
        assert next(answers) == [{"before"}]
        with unit_of_work():
            db.session.get_one(Site, site.id).name = "after"
        assert list(answers)[1:] == [[{"after"}]] * 2
