"""Spellings of one thing, floors, and words that keep a room from being published."""

import pytest

from app.sites.importing.keys import address_key, floor_of, name_key, staff_only_words
from app.sites.importing.transforms import TRANSFORMS


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("臺北市立圖書館", "台北市立圖書館"),
        ("臺北自來水事業處\n(東區營業分處)", "臺北自來水事業處（東區營業分處）"),
        ("ＡＴＴ 4 FUN", "att4fun"),
        ("技朮", "技术"),
    ],
)
def test_spellings_of_one_name(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("臺北市松山區八德路4段692號2樓", "台北市松山區八德路四段692號", True),
        ("臺北市北投區中山路3-1號", "臺北市北投區中山路3之1號", True),
        ("臺北市北投區中山路3-1號", "臺北市北投區中山路31號", False),
        ("8号大街1号7幢", "8号大街1号8幢", False),
        ("敦化北路340號B1", "敦化北路340號B2", False),
    ],
)
def test_spellings_of_one_address(one: str, other: str, *, is_same: bool) -> None:
    assert (address_key(one) == address_key(other)) is is_same


@pytest.mark.parametrize(
    ("text", "style", "floor"),
    [
        ("银海街760号2楼东侧", "mainland", ("2楼", 2)),
        ("钱江国际时代广场2号楼32楼", "mainland", ("32楼", 32)),
        ("地下一层", "mainland", ("地下一层", -1)),
        ("B2层服务台旁", "mainland", ("B2层", -2)),
        ("十二楼", "mainland", ("十二楼", 12)),
        ("二十三层", "mainland", ("二十三层", 23)),
        ("11号大街58号", "mainland", None),
        ("1楼和3楼", "mainland", None),
        ("地下1樓國際會議廳後方", "taiwan", ("地下1樓", -1)),
        ("國內線2樓內候機室10號登機門前", "taiwan", ("2樓", 2)),
        ("忠孝東路7段371號B1", "taiwan", ("B1", -1)),
        ("ちよだパークサイドプラザ６階", "japan", ("6階", 6)),
        ("みなとパーク芝浦地下１階", "japan", ("地下1階", -1)),
        ("尖沙咀柯士甸道22號九龍公園游泳池地下", "hong_kong", ("地下", 0)),
        ("藍田啟田道99號藍田分科診所1字樓", "hong_kong", ("1字樓", 1)),
        ("油塘高超道38號大本型商場地下及三樓", "hong_kong", None),
    ],
)
def test_floors(text: str, style: str, floor: tuple[str, int] | None) -> None:
    assert floor_of(text, style) == floor


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("週一至週五08:30-17:30不對外開放，限員工上班時間使用", "不對外開放"),
        ("限校內教職員工使用", "限校內教職員工"),
        ("仅限员工使用", "限员工"),
        ("自由使用", None),
        ("民眾(開放時)：週三 09:30-12:00", None),
    ],
)
def test_words_that_say_staff_only(text: str, word: str | None) -> None:
    assert (staff_only_words(text) is not None) is (word is not None)


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("roc_date", "115年8月31日", "2026-08-31"),
        ("roc_date", " ", ""),
        ("year_month_day", "2026/8/3", "2026-08-03"),
        ("year_month_day", "2026年8月3日", "2026-08-03"),
        ("year_month_day", "", ""),
        ("day_month_year", "30/08/2016", "2016-08-30"),
        ("day_month_year", "", ""),
        ("html", "a=1&amp;b=2", "a=1&b=2"),
        ("lines", " a \r\n\n  b c ", "a\nb c"),
        ("halfwidth", "１２：００（Ａ）", "12:00(A)"),
    ],
)
def test_transforms(name: str, before: str, after: str) -> None:
    assert TRANSFORMS[name](before) == after


@pytest.mark.parametrize("name", ["roc_date", "year_month_day", "day_month_year"])
def test_dates_that_are_none_are_refused(name: str) -> None:
    for text in ("soon", "2026-13", "99-99-99"):
        with pytest.raises(ValueError, match=r"soon|2026-13|month|day"):
            TRANSFORMS[name](text)
