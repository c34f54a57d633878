"""A phone at a door, as a test client: it reads the page's form and sends it as a browser without scripts would."""

import re
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.db import db
from app.usage.models import SiteMonth, UsageRecord
from app.usage.tallies import COUNTERS

CANARY_ADDRESS = "198.51.100.77"
CANARY_AGENT = "CanaryPhone/7.7 MicroMessenger"


@dataclass
class Phone:
    """One browser. `code` is the door that it stands at."""

    app: Flask
    code: str
    address: str = CANARY_ADDRESS
    agent: str = CANARY_AGENT
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    def options(self, **headers: str) -> dict[str, Any]:
        """What every request of this phone carries."""
        return {"environ_overrides": {"REMOTE_ADDR": self.address}, "headers": {"User-Agent": self.agent, **headers}}

    def open(self, path: str | None = None, **headers: str) -> TestResponse:
        """Get the door page, or another."""
        return self.client.get(path or f"/r/{self.code}", **self.options(**headers))

    def form(self) -> dict[str, str]:
        """The fields of a fresh door page."""
        return hidden_fields(self.open().text)

    def send(self, form: dict[str, Any], **headers: str) -> TestResponse:
        """Send a door form."""
        return self.client.post(f"/r/{self.code}", data=form, **self.options(**headers))

    def tap(self, **extra: Any) -> TestResponse:
        """Open the page and tap."""
        return self.send(self.form() | {name: str(value) for name, value in extra.items()})

    def logged(self, **extra: Any) -> str:
        """Tap and return the address of the receipt."""
        answer = self.tap(**extra)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def rate(self, receipt: str, step: int | str, **extra: Any) -> TestResponse:
        """Open the receipt and tap a step."""
        token = hidden_fields(self.open(receipt).text).get("token", "")
        data = {"token": token, "step": step, **extra}
        return self.client.post(f"{receipt}/rating", data=data, **self.options())


def hidden_fields(page: str) -> dict[str, str]:
    """The hidden fields of a page's forms."""
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))


def receipt_id(address: str) -> UUID:
    """The use's id in the address of its receipt."""
    return UUID(address.partition("?")[0].rpartition("/")[2])


def reasons(app: Flask) -> list[str | None]:
    """The reasons of all records in the order in which they arrived."""
    with app.app_context():
        arrived = select(UsageRecord.reason).order_by(UsageRecord.received_at, UsageRecord.used_at)
        return list(db.session.scalars(arrived))


def records(app: Flask) -> list[UsageRecord]:
    """All records, in the order of use."""
    with app.app_context():
        return list(db.session.scalars(select(UsageRecord).order_by(UsageRecord.used_at)))


def tally(app: Flask, site_id: int, month: str = "2026-11") -> dict[str, int]:
    """The counters of one tally that are not zero."""
    with app.app_context():
        row = db.session.get(SiteMonth, (site_id, month))
        if row is None:
            return {}
        return {name: getattr(row, name) for name in COUNTERS if getattr(row, name)}
