"""Reports for tests, as rows and as people send them."""

from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.months import local_date
from app.reports.models import PublicReport
from app.sites.models import Site
from tests.factories import Factories
from tests.usage.helpers import hidden_fields

HERE = "203.0.113.5"
THERE = "198.51.100.9"


def reported(factories: Factories, site: Site, kind: str = "locked", **values: Any) -> PublicReport:
    """A stored report."""
    at = factories.clock()
    defaults = {"source": "finder", "reported_at": at, "due_on": local_date(at) + timedelta(days=3)}
    made: PublicReport = factories.add(PublicReport(**{"site_id": site.id, "kind": kind, **defaults, **values}))
    return made


def sender(address: str = HERE, agent: str = "Phone") -> dict[str, Any]:
    """What every request of one phone carries."""
    return {"environ_overrides": {"REMOTE_ADDR": address}, "headers": {"User-Agent": agent}}


def send(app: Flask, page: str, kind: str, address: str = HERE, **values: str) -> TestResponse:
    """Open the form at `page` and tap `kind`, from a phone without cookies at `address`."""
    client: FlaskClient = app.test_client()
    options = sender(address)
    form = hidden_fields(client.get(page, **options).text) | {"kind": kind} | values
    return client.post(page, data=form, **options)
