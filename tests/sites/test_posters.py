"""Posters: what they say, that nothing overflows, and that both decoders read them."""

import time
from datetime import date
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageFilter, ImageFont

from app.errors import Invalid
from app.sites import posters as module
from app.sites.door_codes import door_url, grouped
from app.sites.posters import FORMATS, PosterFormat, posters_pdf, unprintable
from tests.sites.poster_pages import assert_read_back, decoded, page_images, page_sizes_mm, page_texts, poster

SIZES: dict[PosterFormat, tuple[int, int]] = {"a4": (210, 297), "a5": (148, 210), "sticker": (60, 60)}
LONG = "杭州市钱塘区下沙街道高教园区东部国际商务中心第二幢二十一楼女职工关爱室" * 5
HOSTS = ["http://127.0.0.1:8000", "https://xw.example.cn", "https://muyingxiaowu.zonggonghui.example.org.cn"]


@pytest.mark.parametrize("paper", FORMATS)
@pytest.mark.parametrize("base_url", HOSTS)
def test_both_decoders_read_every_format_at_every_resolution(paper: PosterFormat, base_url: str) -> None:
    assert_read_back([poster(base_url=base_url), poster(LONG, base_url, floor_label="")], paper)


@pytest.mark.parametrize("paper", FORMATS)
@pytest.mark.parametrize("code", ["nasn9bfsxg8v", "tgr046n8tq6e"])
def test_what_a_camera_sees_askew_and_out_of_focus_is_read(paper: PosterFormat, code: str) -> None:
    """Of a camera's many frames ZBar misses one in some 150: on A4, of these two codes, the one at 11 degrees."""
    sheet = poster(code=code, url=door_url(HOSTS[1], code))
    page = page_images(posters_pdf([sheet], paper), 150)[0]
    slanted = [page.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=120) for degrees in (8, 11, 14)]
    found = [decoded(frame.filter(ImageFilter.GaussianBlur(1.2))) for frame in slanted]
    assert [zxing for zxing, _ in found] == [[sheet.url]] * 3
    assert sorted(zbar for _, zbar in found) in ([[sheet.url]] * 3, [[], [sheet.url], [sheet.url]])


@pytest.mark.parametrize("paper", FORMATS)
def test_a_district_is_one_pdf_with_one_page_of_true_size_each(paper: PosterFormat) -> None:
    sheets = [poster(f"{name}楼母婴室") for name in "东西北"]
    pdf = posters_pdf(sheets, paper)
    assert page_sizes_mm(pdf) == [SIZES[paper]] * 3
    for sheet, text in zip(sheets, page_texts(pdf), strict=True):
        assert sheet.name in text
        assert sheet.floor_label in text
        assert grouped(sheet.code) in text
        assert sheet.domain in text
        assert "第 2 版" in text
        assert "2026-11-22" in text
        assert "爱心妈妈小屋" in text
        assert "扫一扫" in text


def test_the_three_steps_stand_in_chinese_and_english() -> None:
    (text,) = page_texts(posters_pdf([poster()], "a4"))
    for words in ("1 扫一扫", "2 点一下", "3 评一评", "Scan with WeChat", "Tap the big button", "Rate it", "不用注册"):
        assert words in text
    assert "Sample" not in text


def test_the_networks_own_sign_replaces_the_default_one() -> None:
    (text,) = page_texts(posters_pdf([poster(sign="妈咪暖心驿站")], "a4"))
    assert "妈咪暖心驿站" in text
    assert "爱心妈妈小屋" not in text
    assert "Mother & Baby Room" not in text
    (text,) = page_texts(posters_pdf([poster(sign="暖心驿站", sign_en="Warm Heart Station")], "a4"))
    assert "Warm Heart Station" in text


@pytest.mark.parametrize(
    ("kind", "sign"),
    [("holiday_care", "爱心托管驿站"), ("nursery", "托育服务中心"), ("combined", "关爱女职工服务中心")],
)
def test_another_kind_of_site_is_called_what_it_is(kind: str, sign: str) -> None:
    (text,) = page_texts(posters_pdf([poster(kind=kind)], "a5"))
    assert sign in text
    assert "小屋" not in text


@pytest.mark.parametrize("paper", FORMATS)
def test_a_sheet_from_demonstration_data_says_so(paper: PosterFormat) -> None:
    (text,) = page_texts(posters_pdf([poster(is_sample=True)], paper))
    assert "Sample" in text


@pytest.mark.parametrize("paper", FORMATS)
@pytest.mark.parametrize(
    "name",
    ['#read("/etc/passwd") *b* _i_ $x^2$', '#import "@preview/x:1"', "\\ ] } #{ // /* <label> @ref", "= 标题 `code`"],
)
def test_markup_in_a_name_is_printed_and_not_run(paper: PosterFormat, name: str) -> None:
    sheet = poster(name, floor_label="*#x*", organisation='#panic("x")', sign="#emoji.face")
    (text,) = page_texts(posters_pdf([sheet], paper))
    assert name.replace(" ", "") in text.replace(" ", "")
    assert "root:" not in text
    assert "*#x*" in text


@pytest.mark.parametrize("paper", FORMATS)
@pytest.mark.parametrize("name", [LONG[:200], "W" * 200, "A very long English name of a room " * 5, "一"])
def test_names_of_any_length_stay_inside_the_sheet_and_off_the_symbol(paper: PosterFormat, name: str) -> None:
    sheet = poster(name, floor_label="楼" * 60, organisation="会" * 200, sign="爱心" * 30, domain="x" * 60)
    page = page_images(posters_pdf([sheet], paper), 100)[0]
    assert decoded(page) == ([sheet.url], [sheet.url])
    inked = page.point([255 if grey < 128 else 0 for grey in range(256)]).getbbox()
    assert inked is not None
    edge = round(1 / 25.4 * 100)
    assert inked[0] >= edge
    assert inked[1] >= edge
    assert inked[2] <= page.width - edge
    assert inked[3] <= page.height - edge


def test_line_ends_and_control_characters_in_a_name_become_blanks() -> None:
    (text,) = page_texts(posters_pdf([poster("东楼\n\t母婴\u0007室\u200b二")], "a4"))
    assert "东楼 母婴 室二" in text


def test_an_empty_floor_and_organisation_are_fine() -> None:
    for paper in FORMATS:
        assert page_texts(posters_pdf([poster(floor_label="", organisation="")], paper))


def test_nothing_to_print_is_said() -> None:
    with pytest.raises(Invalid, match="no site with a valid door code"):
        posters_pdf([], "a4")


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(Invalid, match="a4, a5, sticker"):
        posters_pdf([poster()], "a0")  # type: ignore[arg-type]


def test_the_same_data_give_the_same_bytes() -> None:
    sheet = poster(printed_on=date(2026, 1, 2))
    assert posters_pdf([sheet], "a5") == posters_pdf([sheet], "a5")


def test_more_posters_than_are_set_at_a_time_are_one_file_in_their_order() -> None:
    sheets = [poster(f"第 {number} 号小屋") for number in range(2 * module.AT_A_TIME + 1)]
    pdf = posters_pdf(sheets, "sticker", title="全部")
    assert all(sheet.name in text for sheet, text in zip(sheets, page_texts(pdf), strict=True))
    images = page_images(pdf, 150)
    for place in (0, module.AT_A_TIME, 2 * module.AT_A_TIME):
        assert decoded(images[place]) == ([sheets[place].url], [sheets[place].url])
    with pypdfium2.PdfDocument(pdf) as document:
        assert document.get_metadata_value("Title") == "全部"
    assert posters_pdf(sheets, "sticker", title="全部") == pdf


def test_200_posters_take_well_under_60_seconds() -> None:
    sheets = [poster(f"钱塘区第 {number} 号女职工爱心妈妈小屋") for number in range(200)]
    start = time.perf_counter()
    pdf = posters_pdf(sheets, "a4")
    assert time.perf_counter() - start < 60
    assert len(page_sizes_mm(pdf)) == 200


def test_only_the_fonts_beside_the_templates_are_used() -> None:
    fonts = module.fonts().fonts()
    assert {(font.family, Path(font.path or "").parent.name) for font in fonts} == {
        ("Noto Sans CJK SC", "fonts"),
        ("Xiaowu Kai", "fonts"),
    }


def test_the_coverage_list_is_that_of_the_font() -> None:
    face = ImageFont.truetype(module.TEMPLATES / "fonts" / "NotoSansCJKsc-Medium.otf", 20)
    tofu = bytes(face.getmask("\U000f0000"))
    for character in "技朮䶮龘㛃𫖯𡐓喆臺電ー（）·①Ⅷ℃AZaz09é":
        assert unprintable(character) == "", character
        assert bytes(face.getmask(character)) != tofu, character
    assert unprintable("室😀한😀") == "😀한"
    assert bytes(face.getmask("한")) == tofu


def test_all_of_gb2312_and_big5_can_be_printed() -> None:
    for encoding, rows in (("gb2312", range(0xB0, 0xF8)), ("big5", range(0xA4, 0xFA))):
        pairs = (bytes((row, cell)) for row in rows for cell in range(0x40, 0xFF))
        assert unprintable("".join(pair.decode(encoding, "ignore") for pair in pairs)) == ""
