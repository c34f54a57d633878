"""Opening hours as people write them. Left: the words; right: what is certain ('?' unknown, 'closed')."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sites.hours import Hours, Interval
from app.sites.hours_parser import parse_hours

TODAY = date(2026, 11, 20)
WORDS = "週一至五六日、 8:30~17:00（國定假日不開放）每月第一個星期四除全天①月火金土休館日場合翌日9時半から正午まで\n.;/"


def spoken(intervals: tuple[Interval, ...]) -> str:
    text = [f"{start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}" for start, end in intervals]
    return ",".join(text) or "closed"


def week(hours: Hours) -> list[str]:
    return [spoken(hours.week[day]) if day in hours.week else "?" for day in range(1, 8)]


CERTAIN = [
    ("周一至周五 8:30-17:30", "08:30-17:30*5 ?*2"),
    ("工作日 8:30—11:30，13:00—17:00", "08:30-11:30,13:00-17:00*5 ?*2"),
    ("周一至周五 上午8:30-11:30 下午1:30-5:00", "08:30-11:30,13:30-17:00*5 ?*2"),
    ("每天8点半至17点", "08:30-17:00*7"),
    ("週一至週五 08:30~17:30", "08:30-17:30*5 ?*2"),
    ("週日、週一09:00~17:00；週二至週六08:30~21:00", "09:00-17:00*1 08:30-21:00*5 09:00-17:00*1"),
    ("週一至週日 \n9:00-17:00\n(全年無休,除夕除外)", "09:00-17:00*7"),
    ("每日24小時開放", "00:00-24:00*7"),
    ("24小時", "00:00-24:00*7"),
    ("24 / 7", "00:00-24:00*7"),
    ("週一至週五 00:00-24:00 ", "00:00-24:00*5 ?*2"),
    ("週一至週日 06:00~隔日01:00", "06:00-25:00*7"),
    ("每日22:00-02:00", "22:00-26:00*7"),
    ("週一到五0900-17:00", "09:00-17:00*5 ?*2"),
    ("1.週一至週五 08:00~22:00\n2.週六08:00-12:00", "08:00-22:00*5 08:00-12:00*1 ?*1"),
    ("週一至週日\n09:00~12:00 / 14:00~17:00 / 18:00~21:00 ", "09:00-12:00,14:00-17:00,18:00-21:00*7"),
    ("週二至周六08:30-21:00（每月第一個星期四不開放）", "?*1 08:30-21:00*2 ?*1 08:30-21:00*2 ?*1"),
    ("每周一休館\n週二~周日9:00~18:00", "closed*1 09:00-18:00*6"),
    ("週二至週日 09:00~17:00 (週六延長至20:00)", "?*1 09:00-17:00*4 ?*1 09:00-17:00*1"),
    ("週二至週六 9:00~18:00\r\n週三13:00~21:00", "?*1 09:00-18:00*1 ?*1 09:00-18:00*3 ?*1"),
    ("星期一至星期五 08：00-12：00，13：30-17：30 星期六 08：00-12：00", "08:00-12:00,13:30-17:30*5 08:00-12:00*1 ?*1"),
    ("Mo-We 09:00-19:00 ; Th 09:00-20:00", "09:00-19:00*3 09:00-20:00*1 ?*3"),
    ("Mo-Th 09:00-21:00 ; Fr 09:00-17:30 ; Sa, Su closed", "09:00-21:00*4 09:00-17:30*1 closed*2"),
    ("Mon to Fri 9am to 6pm", "09:00-18:00*5 ?*2"),
]

UNCERTAIN = [
    "",
    "9:30-12:00 14:00-17:00",  # on which days?
    "週一~週08:30~21:30",
    "週一到五08:030-17:30",
    "夏日週二~週日9:00~18:00\n非夏日週二~週日9:00~17:00",
    "依門診時間開放\n週一~週五8:30~17:00",
    "週二至週六 09:00~21:00\n中午12:00~14:00不對外開放",
    "週一~週五\n9:00~15:30(對外)\n9:00~19:00(對內)",
    "週日至週四11:00~21:30\n國定假日前1天11:00-22:00",
    "週一至週五17:00-9:00",
    "週一至週五上午12:00-17:00",
    "週一至週五 8:00-9:00 10:00-11:00 12:00-13:00 14:00-15:00",
    "週一至週五 9:00-12:00 11:00-17:00",
    "週一至週五 (08:00",
    "週一至週五 08:00-17:00) 週六",
    "週一至週五 ((08:00-17:00))",
    "週一至週五 25:00-26:00 30:00",
    "週一至週六 一 08:00-17:00",
    "週一至 08:00-17:00",
    "每月第一個 08:00-17:00",
    "08:00-17:00（開放，週一休館）",
    "週一至週五 08:00-17:00（正門08:00-16:00）",
    "週一至週日休館",
    "以外 08:00-17:00",
    "水曜以外 9:00-17:00",
    "park opening hours",
    "每天 8:00-17:00" + "、" * 600,
    "第1" + " " * 500 + "x",
]


@pytest.mark.parametrize(("text", "expected"), CERTAIN)
def test_what_is_certain_is_read(text: str, expected: str) -> None:
    days: list[str] = []
    for part in expected.split(" "):
        value, _, times = part.partition("*")
        days += [value] * int(times)
    hours = parse_hours(text, TODAY, calendar="none")
    assert week(hours) == days
    assert hours.text == text.strip()


@pytest.mark.parametrize("text", UNCERTAIN)
def test_what_is_not_certain_is_unknown(text: str) -> None:
    hours = parse_hours(text, TODAY)
    assert not hours.is_known
    assert hours.text == text.strip()


@pytest.mark.parametrize(
    ("days", "text", "expected"),
    [
        ("月～土", "９：００～１７：００", ["09:00-17:00"] * 6 + ["?"]),
        ("月～金（土･日･祝日、年末年始を除く）", "9:00～17:00", ["09:00-17:00"] * 5 + ["closed"] * 2),
        ("月～土（第１・第３火曜日は休館）", "9:00～17:00", ["09:00-17:00", "?", *["09:00-17:00"] * 4, "?"]),
        ("月～土", "10:00～18:00（土・祝日は11:00～18:00）", ["10:00-18:00"] * 5 + ["11:00-18:00", "?"]),
        ("月～土", "月～金7：30～19：15土7：30～18：30", ["07:30-19:15"] * 5 + ["07:30-18:30", "?"]),
        ("月曜以外全日", "9:30～17:00", ["closed"] + ["09:30-17:00"] * 6),
        ("水曜日を除く毎日", "午前9時から午後10時まで", ["09:00-22:00"] * 2 + ["closed"] + ["09:00-22:00"] * 4),
        ("全日（火曜休館の場合有）", "10：00～21：00", ["10:00-21:00", "?", "?", *["10:00-21:00"] * 4]),
        ("無休", "8:00～24:00", ["08:00-24:00"] * 7),
        ("全日（日曜日は休み）", "9：00～11：30・15：00～20：00", ["09:00-11:30,15:00-20:00"] * 6 + ["closed"]),
        ("月～金土", "9:00～20:009:00～17:00", ["?"] * 7),  # a lost line break
        ("①月～金②土", "①9:00～19:00②9:00～17:00", ["?"] * 7),
        ("月～土（休業日を除く）", "9:00～17:00", ["?"] * 7),
        ("全日休館日：年末年始", "9:00～17:00", ["?"] * 7),
        ("月～日曜日（水・年末年始）", "9:00～22:00", ["?"] * 7),
        ("全日", "●月～土　9:00～21:00●日・休　9:00～17:00", ["?"] * 7),  # here 休 means holidays, not closed
        ("全日", "確認 필요", ["?"] * 7),
    ],
)
def test_days_in_a_column_of_their_own(days: str, text: str, expected: list[str]) -> None:
    hours = parse_hours(text, TODAY, days=days, calendar="none")
    assert week(hours) == expected
    assert hours.text == f"{days}\n{text}"


@pytest.mark.parametrize(
    ("text", "national_day", "working_saturday"),
    [
        ("周一至周五 8:30-17:30", "unknown", "unknown"),
        ("工作日 8:30-17:30", "unknown", "open"),
        ("每天 8:30-17:30", "open", "open"),
        ("周一至周五 8:30-17:30，法定节假日休息", "closed", "unknown"),
        ("周一至周六、法定节假日 8:30-17:30", "open", "open"),
        ("每天 8:30-17:30（春节除外）", "unknown", "open"),
    ],
)
def test_holidays_and_working_weekends(text: str, national_day: str, working_saturday: str) -> None:
    hours = parse_hours(text, TODAY)
    assert hours.state_at(datetime.fromisoformat("2026-10-01T10:00")) == national_day
    assert hours.state_at(datetime.fromisoformat("2026-10-10T10:00")) == working_saturday


def test_closings_at_the_turn_of_the_year_are_unknown_on_those_days() -> None:
    hours = parse_hours("9:00～17:00", TODAY, days="全日（年末年始を除く）", calendar="none")
    assert hours.state_at(datetime.fromisoformat("2027-01-02T10:00")) == "unknown"
    assert hours.state_at(datetime.fromisoformat("2027-01-05T10:00")) == "open"


def test_lunar_new_year_is_unknown_where_no_calendar_is_known() -> None:
    hours = parse_hours("每日6:00-22:00\n(除夕、初一除外)", TODAY, calendar="none")
    assert hours.state_at(datetime.fromisoformat("2027-02-06T10:00")) == "unknown"
    assert hours.state_at(datetime.fromisoformat("2027-03-06T10:00")) == "open"


@given(st.text(alphabet=WORDS, max_size=40), st.text(alphabet=WORDS, max_size=20))
def test_any_words_are_read_or_unknown_but_never_an_error(text: str, days: str) -> None:
    hours = parse_hours(text, TODAY, days=days)
    assert Hours.from_json(hours.to_json()) == hours
