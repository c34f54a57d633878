"""Metrics for Prometheus: sums over the whole service, never of a site, a union or a person.

Imported only when they are asked for. Several workers count into files of one folder, PROMETHEUS_MULTIPROC_DIR, which
deploy/gunicorn.conf.py makes; whichever worker is asked adds them up.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from flask import Flask, Response, current_app, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry, Pool

from app.db import db
from app.errors import DomainError
from app.operating import hooks
from app.operating.logs import route

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
OWN = CollectorRegistry()
ANSWERS = Counter("xiaowu_requests", "Requests answered", ["route", "method", "status"], registry=OWN)
SECONDS = Histogram(
    "xiaowu_request_seconds", "From the request to its answer, its commit included", ["route", "method"], registry=OWN,
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 15),
)  # fmt: skip
IN_USE = Gauge(
    "xiaowu_database_connections_in_use", "Connections to the database that a request or a job holds now",
    registry=OWN, multiprocess_mode="livesum",
)  # fmt: skip


_HELD: set[ConnectionPoolEntry] = set()


@event.listens_for(Pool, "checkout")
def _taken(_connection: object, entry: ConnectionPoolEntry, _proxy: object) -> None:
    # One that the server has ended is replaced while it is taken: that says “checkout” twice and “checkin” once.
    if entry not in _HELD:
        _HELD.add(entry)
        IN_USE.inc()


@event.listens_for(Pool, "checkin")
def _given_back(_connection: object, entry: ConnectionPoolEntry) -> None:
    if entry in _HELD:
        _HELD.remove(entry)
        IN_USE.dec()


def count_request(response: Response, seconds: float) -> None:
    """Count an answered request by its route, never by its path."""
    method = request.method if request.method in METHODS else "other"
    ANSWERS.labels(route(), method, f"{response.status_code // 100}xx").inc()
    SECONDS.labels(route(), method).observe(seconds)


def page(now: datetime) -> bytes:
    """Everything, in Prometheus's text format."""
    counted = OWN
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        counted = CollectorRegistry()
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    looked_up = CollectorRegistry()
    looked_up.register(_LookedUp(current_app._get_current_object(), now))  # type: ignore[attr-defined]
    return generate_latest(counted) + generate_latest(looked_up)


class _LookedUp(Collector):
    """The numbers that features look up; without the database those that need it are left out."""

    def __init__(self, app: Flask, now: datetime) -> None:
        self._gauges: Iterable[hooks.Gauge] = app.extensions.get("gauges", ())
        self._now = now

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Nothing: registering looks nothing up."""
        return ()

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Each number; the first one that finds no database ends it, so that nobody waits for it once more."""
        is_up = 1.0
        for gauge in self._gauges:
            try:
                found = gauge.look(self._now)
            except (SQLAlchemyError, DomainError):
                db.session.rollback()
                is_up = 0.0
                break
            if found is not None:
                yield _family(gauge, found)
        yield GaugeMetricFamily("xiaowu_is_whole", "Whether every number could be looked up", value=is_up)


def _family(gauge: hooks.Gauge, found: float | Mapping[str, float]) -> GaugeMetricFamily:
    if not isinstance(found, Mapping):
        return GaugeMetricFamily(gauge.name, gauge.says, value=found)
    family = GaugeMetricFamily(gauge.name, gauge.says, labels=[gauge.label])
    for value, number in found.items():
        family.add_metric([value], number)
    return family
