"""Which documents are offered about a case or a site."""

from datetime import date

from flask import Flask

from app.care.models import CombinedPart
from app.db import db
from app.documents import queries
from app.programme.cases import queries as cases_queries
from app.programme.cases.models import Case
from app.rulebooks import load
from app.sites.models import Site
from tests.documents.conftest import City, Issue
from tests.documents.paper import word_text
from tests.factories import Factories
from tests.programme.cases.helpers import Cases


def offered(app: Flask, case: Case) -> list[str]:
    """Annex and title of every document of a case."""
    with app.app_context():
        found = db.session.get_one(Case, case.id)
        rulebook, site = cases_queries.rulebook_of(found), cases_queries.site_of(found)
        return [f"{offer.annex}{offer.title}" for offer in queries.offers_of_case(found, rulebook, site)]


def test_each_procedure_has_the_forms_of_its_rulebook(
    app: Flask, cases: Cases, city: City, factories: Factories
) -> None:
    score = "附件4爱心妈咪小屋、母婴关爱室验收评分表"
    park = factories.site(city.unit_union, premises="industrial_park")
    firm = factories.site(city.unit_union, premises="enterprise")
    care = factories.site(city.unit_union, kind="holiday_care")
    wanted = [
        ("application", "qingdao-2023", firm, ["附件1爱心妈妈小屋自查评分表", "附件2女职工关爱服务阵地备案表"]),
        ("deregistration", "qingdao-2023", firm, ["附件3女职工关爱服务阵地注销备案表"]),
        ("demonstration", "qingdao-2023", care, ["附件1职工子女寒暑假爱心托管驿站自查评分表"]),
        ("application", "qingdao-2020", care, ["附件1爱心托管驿站申报表"]),
        ("application", "qingdao-2020", firm, ["附件2爱心妈妈小屋申报表"]),
        ("application", "beijing-bda-2017", firm, ["附件2爱心妈咪小屋登记申请表", score]),
        ("application", "beijing-bda-2017", park, ["附件3母婴关爱室登记申请表", score]),
        ("demonstration", "dalian-2017", firm, ["附件示范性“女职工特殊关爱室”自评表"]),
        ("suspension", "qingdao-2020", firm, []),
        ("application", "beijing-2021", firm, []),
    ]  # fmt: skip
    for kind, rulebook, site, titles in wanted:
        case = cases.put(kind, "submitted", site, rulebook=rulebook)
        assert offered(app, case) == titles, (kind, rulebook)


def test_a_combined_centre_brings_the_self_checks_of_its_parts(
    app: Flask, cases: Cases, city: City, factories: Factories, issue: Issue
) -> None:
    centre = factories.site(city.unit_union, kind="combined", name="综合中心")
    nursery = factories.site(city.unit_union, kind="nursery", name="东楼托育中心")
    for part in (factories.site(city.unit_union, name="东楼小屋"), nursery):
        factories.add(CombinedPart(part_id=part.id, centre_id=centre.id, since_on=date(2026, 1, 1)))
    case = cases.put("application", "submitted", centre)
    assert offered(app, case) == [
        "附件2女职工关爱服务阵地备案表", "附件1职工子女托育服务中心自查评分表", "附件1爱心妈妈小屋自查评分表",
    ]  # fmt: skip
    path = f"/manage/cases/{case.id}/documents"
    word = issue(city.unit, path, document=f"form-annex1_nursery-{nursery.id}", format="docx")
    assert "东楼托育中心" in word_text(word.data)


def test_the_sheets_of_a_site_are_offered_on_its_page(
    app: Flask, cases: Cases, city: City, issue: Issue, factories: Factories
) -> None:
    sheet = cases.sheet(city.site, "inspection", city.district, note="门牌已补")
    with app.app_context():
        offers = queries.offers_of_site(db.session.get_one(Site, city.site.id), load("qingdao-2023"))
    assert [offer.key for offer in offers] == [f"sheet-{sheet.id}"]
    assert "表格下载" in factories.login(city.unit).get(f"/manage/sites/{city.site.id}").text
    word = issue(city.unit, f"/manage/sites/{city.site.id}/documents", document=f"sheet-{sheet.id}", format="docx")
    for text in ("检查单位意见", "门牌已补", "填表人：王芳", "95（80分以上合格）合格"):
        assert text in word_text(word.data)
