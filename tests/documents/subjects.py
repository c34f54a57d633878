"""Sites and cases that live in no database, for forms of every rulebook."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from app.accounts.models import Role, TradeUnion, User
from app.documents.fields import Subject
from app.documents.forms import Content, form_content, sheet_block
from app.documents.notices import notice_content
from app.programme.cases.models import Case, CaseEvent
from app.programme.demonstration.models import DemonstrationCall
from app.programme.scoring.models import FilledSheet, SheetAnswer
from app.rulebooks import load
from app.rulebooks.rules import Form
from app.rulebooks.sheets import ScoreSheet
from app.sites.models import Site
from tests.documents.paper import NASTY

FOOTER = {"left": "办法：演示（版本 0123456789ab）", "right": "校验码：ABCD-EFGH-JKMN"}
DAY = date(2026, 11, 20)
AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
LONG = "按照办法要求逐项整改，完善制度，明确专人，做好使用登记、清洁消毒和安全巡查。" * 8
PARTICULARS = {
    "belongs_to": "青岛市市南区卫生健康局", "host_kind": "事业单位", "run_form": "joint", "postcode": "266071",
    "email": "gonghui@example.cn", "manager_name": NASTY, "manager_phone": "0532-88886666", "union_head_name": "王芳",
    "union_head_phone": "13800000000", "park_name": "生物医药产业园", "park_head_name": "李敏",
    "park_head_phone": "010-67880000", "enterprises": 86, "women_workers": 1240, "managed_by": "property",
    "hours_morning": "8:30—11:30", "hours_noon": "11:30—13:30", "hours_afternoon": "13:30—17:30",
    "serves": "本单位及周边女职工", "class_dates": "2026 年 7 月 6 日至 8 月 28 日", "services": LONG, "results": LONG,
    "remark": "无",
}  # fmt: skip
DETAILS = {"reason": LONG, "assets_to": "冰箱、沙发调拨至区工人文化宫", "plaque_to": "交回市总工会"}
SITES = [
    {"site_id": 0, "name": f"海湾{NASTY}", "kind": "room", "premises": "mall", "host": "海湾", "district": "市南"},
    {"site_id": 0, "name": "示范托育中心", "kind": "nursery", "premises": "", "host": "纺织厂", "district": "市北"},
]
NOTICE: dict[str, Any] = {
    "title": "青岛市示范阵地", "number": "青工办〔2026〕9号", "text": "望再接再厉。", "on": "2026-11-20",
    "recheck_by": "2027-11-20", "union": "青岛市总工会", "year": 2026, "sites": SITES,
}  # fmt: skip
ACTS = {"unit_union": "submit", "district_union": "accept", "municipal_union": "file"}


def subject(rulebook: str, kind: str = "room", premises: str | None = "enterprise", **particulars: Any) -> Subject:
    """A site with everything stated, and a case in which all three levels have acted."""
    unit = TradeUnion(id=3, name="青岛海湾置业有限公司工会委员会", code="U3", level="unit", path="/1/2/3/")
    site = Site(
        id=7, name="海湾大厦爱心妈妈小屋", host=unit, kind=kind, premises=premises, location_kind="internal",
        address="青岛市市南区香港中路 10 号海湾大厦 3 层 308 室", contact_name="张敏", contact_phone="0532-85550000",
        open_to_outsiders=False, admission="building", facilities={"table": 1, "chair": 4, "fridge": None, "sofa": 2},
        opened_on=date(2025, 3, 8), accepted_on=date(2025, 5, 1), area_m2=Decimal("16.5"), is_synthetic=False,
        particulars={**PARTICULARS, **particulars},
    )  # fmt: skip
    case = Case(number="A2026-00017", kind="application", state="filed", details=DETAILS)
    people = {role: User(username=role, display_name=role, roles=[Role(name=role)]) for role in ACTS}
    events = [(CaseEvent(act=act, at=AT, note="同意，报请审核。"), people[role]) for role, act in ACTS.items()]
    filled = FilledSheet(use="self_check", filled_on=DAY, total=Decimal("92.5"), is_passed=True, note="")
    return Subject(site, load(rulebook), case, events, filled, filled, ["张敏"], ["王芳", "李敏"])


def answers(sheet: ScoreSheet) -> dict[str, SheetAnswer]:
    """Everything given or ticked, with a remark at the first item."""
    return {
        item.id: SheetAnswer(
            item=item.id, points=Decimal(str(float(item.most))), is_ticked=True, note=NASTY if number == 0 else ""
        )
        for number, item in enumerate(sheet.items)
    }


def filled_form(form: Form, rulebook: str, **particulars: Any) -> Content:
    """The content of a form of a rulebook for the first kind and variant that it is for."""
    variants = {"mommy_room": "enterprise", "care_room": "industrial_park"}
    about = subject(rulebook, form.kinds[0], variants.get((*form.variants, "")[0], "enterprise"), **particulars)
    sheet = about.rulebook.score_sheets[form.sheet] if form.sheet else None
    block = sheet_block(sheet, about.self_check, answers(sheet), DAY) if sheet else None
    content = form_content(form, about, block)
    return {**content, "footer": FOOTER}


def notice() -> Content:
    """The content of a publication notice."""
    call = DemonstrationCall(published_at=AT, notice=NOTICE)
    return {**notice_content(call, load("qingdao-2023"), is_sample=False), "footer": FOOTER}


def all_forms() -> list[tuple[str, Form]]:
    """Every form of every rulebook that is filled in for one site."""
    rulebooks = ("qingdao-2023", "qingdao-2020", "beijing-bda-2017", "dalian-2017")
    return [(name, form) for name in rulebooks for form in load(name).forms if form.use != "summary"]
