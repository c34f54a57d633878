"""A statement of a closed month carries the ledger's checkpoint, as text and as a symbol that two decoders read."""

import io
from datetime import timedelta

import pypdfium2
import pytest
from flask import Flask

from app.accounts.models import TradeUnion, User
from app.months import Month
from app.sites.models import Site
from app.usage.ledger.models import Checkpoint
from app.usage.ledger.texts import read_checkpoint
from tests.conftest import Clock
from tests.documents.conftest import Issue
from tests.factories import Factories
from tests.sites.poster_pages import decoded, page_images
from tests.usage.ledger.helpers import checkpoint, seal, use, witness

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""The ledger is tested on both databases; this is about paper."""
OCTOBER = Month(2026, 10)


class Witnesses:
    """A site with one use in October, and the unions of three levels above it."""

    def __init__(self, factories: Factories) -> None:
        unions = factories.tree()
        self.site: Site = factories.site(unions[2])
        self.code = factories.door_code(self.site).code
        self.unions: dict[str, TradeUnion] = dict(zip(("municipal", "district", "unit"), unions, strict=True))
        self.people: dict[str, User] = {
            level: factories.user(f"{level}_union", union) for level, union in self.unions.items()
        }


@pytest.fixture
def witnesses(factories: Factories) -> Witnesses:
    return Witnesses(factories)


@pytest.fixture
def told(app: Flask, witnesses: Witnesses, clock: Clock) -> Checkpoint:
    use(app, witnesses.code, OCTOBER.start_at + timedelta(days=3))
    seal(app, clock.at)
    return checkpoint(app, OCTOBER, clock.at)


def assert_witnessed(pdf: bytes, told: Checkpoint) -> None:
    """Whoever keeps the paper can give the checkpoint back: typed or scanned."""
    with pypdfium2.PdfDocument(io.BytesIO(pdf)) as document:
        text = "\n".join(page.get_textpage().get_text_bounded() for page in document).replace("\u200b", "")
    assert read_checkpoint(text) == witness(told)
    for found in decoded(page_images(pdf, 200)[-1]):
        assert [read_checkpoint(line) for line in found] == [witness(told)]


@pytest.mark.parametrize("level", ["unit", "district", "municipal"])
def test_each_union_keeps_it(witnesses: Witnesses, told: Checkpoint, issue: Issue, level: str) -> None:
    path = f"/manage/unions/{witnesses.unions[level].id}/statement"
    assert_witnessed(issue(witnesses.people[level], path, month="2026-10", format="pdf").data, told)


def test_a_site_keeps_it(witnesses: Witnesses, told: Checkpoint, issue: Issue) -> None:
    path = f"/manage/sites/{witnesses.site.id}/statement"
    pdf = issue(witnesses.people["unit"], path, month="2026-10", format="pdf").data
    assert_witnessed(pdf, told)


@pytest.mark.usefixtures("told")
def test_an_open_month_has_none_yet(witnesses: Witnesses, issue: Issue) -> None:
    path = f"/manage/unions/{witnesses.unions['unit'].id}/statement"
    pdf = issue(witnesses.people["unit"], path, month="2026-11", format="pdf").data
    assert decoded(page_images(pdf, 200)[-1]) == ([], [])
