"""Limits in memory: what the library promises, without its thread for every request."""

import threading

from flask import Flask
from limits import parse
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from app.limitsmemory import LimitsMemory
from app.web import limiter


def test_the_application_counts_with_it(app: Flask) -> None:
    assert app.config["RATELIMIT_STORAGE_URI"] == "memory://"
    assert isinstance(limiter.storage, LimitsMemory)


def test_many_visitors_start_one_look_and_limits_hold() -> None:
    storage = storage_from_string("memory://")
    assert isinstance(storage, LimitsMemory)
    storage.timer.join()
    limits, two = FixedWindowRateLimiter(storage), parse("2/minute")
    before = threading.active_count()
    for visitor in range(2000):
        assert limits.hit(two, str(visitor))
    assert threading.active_count() <= before + 1
    storage.timer.join()
    first = storage.timer
    assert limits.hit(two, "1")
    assert not limits.hit(two, "1")
    assert storage.timer is first


def test_what_is_over_is_forgotten() -> None:
    storage = LimitsMemory()
    storage.timer.join()
    storage.incr("short", 0.01)
    storage.timer.join()
    storage.incr("short", 0.01)
    storage.timer.join()
    storage._next_look_s = 0.0
    storage.incr("other", 60)
    storage.timer.join()
    assert set(storage.storage) == {"other"}
