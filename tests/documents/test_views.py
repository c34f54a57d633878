"""Issuing documents, fetching them, checking their codes."""

import re

from flask import Flask

from app.db import db, unit_of_work
from app.sites.models import Site
from tests.documents.conftest import City, Issue
from tests.documents.paper import NASTY, footer_text, pdf_text, word_text
from tests.factories import Factories
from tests.programme.cases.helpers import Cases


def squeezed(text: str) -> str:
    """Without blanks, as `pdf_text` gives it."""
    return "".join(text.split())


def test_a_form_comes_filled_as_word_and_pdf(cases: Cases, city: City, issue: Issue) -> None:
    case = cases.submitted(city.unit, "application", city.site, manager_name=NASTY, serves="女职工\n第二行")
    cases.accepted(city.district, case)
    path, key = f"/manage/cases/{case.id}/documents", f"form-annex2-{city.site.id}"
    word = issue(city.unit, path, document=key, format="docx")
    assert word.status_code == 200, word.text
    assert "attachment" in word.headers["Content-Disposition"]
    said, foot = word_text(word.data), footer_text(word.data)
    printed = pdf_text(issue(city.unit, path, document=key, format="pdf").data)
    title = ("附件2", "女职工关爱服务阵地备案表", "（一式两份）")
    for text in (*title, "东楼小屋", NASTY, "女职工\n第二行", "■爱心妈妈小屋", "王芳、李敏", "（盖章）"):
        assert text in said
        assert squeezed(text) in printed
    assert case.number in foot
    assert "qingdao-2023" in foot


def test_the_same_content_keeps_its_code_and_new_content_gets_a_new_one(
    app: Flask, cases: Cases, city: City, issue: Issue
) -> None:
    case = cases.submitted(city.unit, "application", city.site)
    path, key = f"/manage/cases/{case.id}/documents", f"form-annex2-{city.site.id}"
    first, again = (issue(city.unit, path, follow=False, document=key, format="pdf").location for _ in range(2))
    assert first == again
    with app.app_context(), unit_of_work():
        db.session.get_one(Site, city.site.id).name = "西楼小屋"
    assert issue(city.unit, path, follow=False, document=key, format="pdf").location != first


def test_what_was_issued_stays_what_it_was(
    app: Flask, cases: Cases, city: City, issue: Issue, factories: Factories
) -> None:
    case = cases.submitted(city.unit, "application", city.site)
    path, key = f"/manage/cases/{case.id}/documents", f"form-annex2-{city.site.id}"
    place = issue(city.unit, path, follow=False, document=key, format="docx").location
    with app.app_context(), unit_of_work():
        db.session.get_one(Site, city.site.id).name = "西楼小屋"
    assert "东楼小屋" in word_text(factories.login(city.unit).get(place).data)


def test_a_printed_code_is_checked_by_anybody_with_an_account(
    cases: Cases, city: City, issue: Issue, factories: Factories
) -> None:
    case = cases.submitted(city.unit, "application", city.site, manager_name="秘密姓名")
    word = issue(city.unit, f"/manage/cases/{case.id}/documents", document=f"form-annex2-{city.site.id}", format="docx")
    code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", footer_text(word.data))
    assert code
    stranger = factories.login(factories.user("assessor", factories.tree()[1]))
    page = stranger.get("/documents/check", query_string={"code": code[0].lower().replace("-", " ")})
    assert page.status_code == 200
    for text in ("本系统发出", "女职工关爱服务阵地备案表", "东楼小屋", case.number):
        assert text in page.text
    assert "秘密姓名" not in page.text
    assert stranger.get(f"/documents/{code[0]}.pdf").status_code == 404


def test_a_code_that_was_never_given_out_is_named_as_such(city: City, factories: Factories) -> None:
    page = factories.login(city.unit).get("/documents/check?code=AAAA-BBBB-CCCC")
    assert page.status_code == 404
    assert "没有发出过" in page.text
    assert 'aria-invalid="true"' in page.text


def test_a_document_or_format_that_there_is_not_is_refused(cases: Cases, city: City, issue: Issue) -> None:
    case = cases.submitted(city.unit, "application", city.site)
    path = f"/manage/cases/{case.id}/documents"
    assert issue(city.unit, path, document="form-annex9-1", format="pdf").status_code == 422
    assert issue(city.unit, path, document=f"form-annex2-{city.site.id}", format="xlsx").status_code == 422
    place = issue(city.unit, path, follow=False, document=f"form-annex2-{city.site.id}", format="pdf").location
    assert issue(city.unit, path).status_code == 422
    assert place.endswith(".pdf")
