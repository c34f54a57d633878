"""Stretches of the way that several rulebooks share, each walked on the phones of the people who walk it."""

import io
import re
import zipfile
from collections.abc import Sequence

from playwright.sync_api import Locator, Page, expect
from pypdf import PdfReader

from tests.e2e.people import Cast, look, press, text_of_docx

SAMPLES = {"tel": "0532-8591 0000", "email": "gonghui@example.cn", "date": "2026-11-20", "number": "120"}
RARE = "𠮷祥街<b>&路1号"
"""An address with a rare character and with what must not become markup."""


def number_in(page: Page) -> int:
    """The number that ends the address of a case's, sheet's or site's page."""
    found = re.search(r"/(\d+)(?:/\w+)?(?:[?#].*)?$", page.url)
    assert found, page.url
    return int(found[1])


def begin_application(cast: Cast, name: str, kind: str, premises: str, *, is_open: bool = True) -> int:
    """The unit union begins the application of a new site; the case's number in its address."""
    page = cast.go("unit", "/manage/cases/new")
    look(page)
    page.get_by_label("名称").fill(name)
    page.get_by_label(kind, exact=True).check()
    page.get_by_label("建在哪里").select_option(label=premises)
    page.get_by_label("详细地址").fill(RARE)
    page.get_by_label("是：备案后公众能在地图上找到" if is_open else "否：只供本单位").check()
    press(page, "下一步：填申请表")
    return number_in(page)


def fill_empty_fields(page: Page) -> None:
    """Type something into every field of a form that is still empty."""
    for field in page.locator("main form.case-form").locator("input:visible, textarea:visible, select:visible").all():
        _fill(field)


def _fill(field: Locator) -> None:
    kind, tag = field.get_attribute("type") or "text", field.evaluate("node => node.tagName")
    if kind in ("radio", "checkbox"):
        name = field.get_attribute("name")
        group = field.page.locator(f'main input[name="{name}"]')
        if not any(one.is_checked() for one in group.all()):
            group.first.check()
    elif tag == "SELECT":
        if not field.input_value():
            field.select_option(index=1)
    elif not field.input_value():
        is_number = field.get_attribute("inputmode") == "numeric"
        by_kind = "120" if is_number else SAMPLES.get(kind, "见附件＝１＋１")
        field.fill("266071" if field.get_attribute("name") == "postcode" else by_kind)


def hand_in_form(cast: Cast, case_id: int) -> None:
    """The unit union completes the form and hands it in."""
    page = cast.go("unit", f"/manage/cases/{case_id}/form")
    fill_empty_fields(page)
    look(page)
    press(page, "提交")
    expect(page.get_by_text("已提交").first).to_be_visible()


def fill_sheet(page: Page, *, failing: Sequence[str] = ()) -> str:
    """Answer every item of a sheet, the ones in `failing` with no, and hand it in; the text of its result."""
    expect(page.locator("[data-state]").first).to_be_attached()
    page.evaluate(ANSWER_ALL, list(failing))
    expect(page.locator("[data-open]")).to_have_text("全部填好了")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_role("heading", name="结果")).to_be_visible()
    return page.locator("main").inner_text()


ANSWER_ALL = """failing => {
    for (const item of document.querySelectorAll("[id^=item-]")) {
        const code = item.id.slice(5), no = failing.includes(code);
        const radio = item.querySelector(`input[type=radio][value=${no ? "no" : "yes"}]`);
        const list = item.querySelector("select");
        if (radio) { radio.click(); continue; }
        const values = [...list.options].map(option => option.value).filter(value => value !== "");
        const points = values.map(Number).filter(value => !isNaN(value));
        list.value = no ? values[0] : String(Math.max(...points));
        list.dispatchEvent(new Event("change", {bubbles: true}));
    }
}"""


def handle(cast: Cast, who: str, case_id: int, name: str, **typed: str) -> Page:
    """One act on a case: from its page to the page that says what it means, and the button that does it."""
    page = cast.go(who, f"/manage/cases/{case_id}")
    look(page)
    page.get_by_role("link", name=name, exact=True).click()
    page.wait_for_url(f"**/manage/cases/{case_id}/acts/*")
    for field, value in typed.items():
        page.locator(f"[name='{field}']").fill(value)
    look(page)
    press(page, f"确认：{name}")
    page.wait_for_url(f"**/manage/cases/{case_id}")
    return page


def check_on_site(cast: Cast, who: str, case_id: int, button: str, *, failing: Sequence[str] = ()) -> str:
    """Fill in the sheet that a case asks for; the text of its result."""
    page = cast.go(who, f"/manage/cases/{case_id}")
    press(page, button)
    return fill_sheet(page, failing=failing)


def download(cast: Cast, who: str, case_id: int, title: str, kind: str) -> bytes:
    """A document of a case as Word or PDF."""
    page = cast.go(who, f"/manage/cases/{case_id}")
    with page.expect_download() as waiting:
        page.get_by_role("button", name=re.compile(f"{re.escape(title)}.* {kind}$")).first.click()
    return waiting.value.path().read_bytes()


def text_of_pdf(content: bytes) -> str:
    """All text of a PDF file, without the breaks of lines."""
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages))


def open_both(cast: Cast, who: str, case_id: int, title: str, *said: str) -> None:
    """The document opens as Word and as PDF, and says in both what it has to."""
    word = download(cast, who, case_id, title, "Word")
    assert zipfile.is_zipfile(io.BytesIO(word))
    for text in (re.sub(r"\s+", "", text_of_docx(word)), text_of_pdf(download(cast, who, case_id, title, "PDF"))):
        for part in said:
            assert re.sub(r"\s+", "", part) in text, f"{title}: {part}"
