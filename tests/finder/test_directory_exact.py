"""The directory against brute force over 100,000 points, and against PostGIS on the same points."""

import pytest

from tests.finder.oracle import (
    PostGis,
    answers,
    assert_same,
    brute_force,
    directory,
    generated_points,
    queries_near,
    sieved,
)
from tests.postgres import Server

POINTS = generated_points()
QUESTIONS = queries_near(POINTS, seed=7)


@pytest.fixture(scope="module")
def built():
    return directory(POINTS)


def test_equal_to_the_geodesic_to_each_of_100_000_points(built):
    for query in QUESTIONS[::10]:
        expected = brute_force(POINTS, query)
        assert_same(answers(built, query), expected, query)
        assert sieved(POINTS, query) == expected


def test_equal_to_the_geodesic_for_all_questions(built):
    for query in QUESTIONS:
        assert_same(answers(built, query), sieved(POINTS, query), query)


def test_equal_to_postgis_on_100_000_points(built, postgres: Server):
    with postgres.database() as url:
        oracle = PostGis(url, POINTS)
        for query in QUESTIONS:
            assert_same(answers(built, query), oracle.nearest(query), query)
        oracle.connection.close()
