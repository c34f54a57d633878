"""The publication notice of a demonstration year."""

from datetime import date

import pytest
from flask import Flask

from app.db import unit_of_work
from app.programme import decisions
from app.programme.demonstration.models import DemonstrationCall
from app.rulebooks import load
from tests.documents.conftest import City, Issue
from tests.documents.paper import NASTY, footer_text, pdf_text, word_text
from tests.documents.subjects import NOTICE
from tests.factories import Factories


@pytest.fixture
def call(app: Flask, city: City, factories: Factories) -> DemonstrationCall:
    """A call whose list is published."""
    rulebook = load("qingdao-2023")
    with app.app_context(), unit_of_work():
        decisions.remember(rulebook, factories.clock())
    made: DemonstrationCall = factories.add(
        DemonstrationCall(
            trade_union_id=city.municipal_union.id, rulebook_id=rulebook.id, rulebook_digest=rulebook.digest, year=2026,
            title="2026 年申报", opens_on=date(2026, 5, 1), closes_on=date(2026, 9, 1), recommend_by=date(2026, 10, 1),
            state="published", notice=NOTICE, published_at=factories.clock(), created_at=factories.clock(),
        )
    )  # fmt: skip
    return made


def test_the_notice_names_everybody(call: DemonstrationCall, city: City, issue: Issue) -> None:
    path = f"/manage/calls/{call.id}/documents"
    word = issue(city.municipal, path, format="docx").data
    printed = pdf_text(issue(city.municipal, path, format="pdf").data)
    title = ("关于公布2026年“青岛市示范阵地”名单的通知", "青工办〔2026〕9号", "2027年11月20日", "青岛市总工会")
    for text in (*title, f"海湾{NASTY}", "示范托育中心", "纺织厂", "望再接再厉。", "爱心妈妈小屋（1个）"):
        assert text in word_text(word)
        assert "".join(text.split()) in printed
    assert "qingdao-2023" in footer_text(word)


def test_a_published_notice_is_for_everybody_below(call: DemonstrationCall, city: City, issue: Issue) -> None:
    path = f"/manage/calls/{call.id}/documents"
    assert issue(city.unit, path, format="pdf").status_code == 200


def test_there_is_no_notice_before_the_list_is_published(
    call: DemonstrationCall, city: City, issue: Issue, factories: Factories
) -> None:
    draft = factories.add(
        DemonstrationCall(
            trade_union_id=call.trade_union_id, rulebook_id=call.rulebook_id, rulebook_digest=call.rulebook_digest,
            year=2027, title="2027 年申报", opens_on=date(2026, 5, 1), closes_on=date(2026, 9, 1),
            recommend_by=date(2026, 10, 1), notice={}, created_at=factories.clock(),
        )
    )  # fmt: skip
    assert issue(city.municipal, f"/manage/calls/{draft.id}/documents", format="pdf").status_code == 409
