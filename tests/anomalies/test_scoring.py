"""Events from elsewhere are scored without a database, by the functions and by the command."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask

from app.anomalies.context import ROOM_TYPES, SiteContext, room_type_named, room_type_of
from app.anomalies.csvfiles import Malformed, months_of, read_events, read_sites
from app.anomalies.scoring import counted, score
from app.anomalies.signals import Event
from app.months import Month
from app.sites.models import LocationKind
from tests.anomalies.helpers import FIRST, LAST, MALL, at, every_day, honest, unrated, use

ON = date(2026, 10, 14)


def test_the_rule_is_applied_to_events_that_do_not_say() -> None:
    taps = [use(at(ON, 9, seconds), "t") for seconds in (0, 60, 1800)] + [use(at(ON, 9, 30), "u")]
    assert [event.reason for event in counted(taps)] == [None, None, "too_soon", None]


def test_at_most_four_of_a_phone_count_each_day() -> None:
    taps = [use(at(ON, 8 + hour), "t", step=5) for hour in range(6)]
    judged = counted(taps)
    assert [event.reason for event in judged] == [None] * 4 + ["daily_limit"] * 2
    assert [event.step for event in judged] == [5, 5, 5, 5, None, None]


def test_a_phone_is_another_one_in_the_next_month() -> None:
    taps = [use(at(date(2026, 9, 30), 23.9), "t"), use(at(date(2026, 10, 1), 0.1), "t")]
    assert [event.is_counted for event in counted(taps)] == [True, True]


def test_sites_are_scored_apart() -> None:
    night = every_day(lambda on: [use(at(on, 21.8))])
    found = score({"a": honest(), "b": [*honest(), *night]}, {"a": MALL, "b": MALL, "c": MALL}, FIRST, LAST)
    assert found["a"] == found["c"] == ()
    assert found["b"][0].detector == "closed_hours"


def written(events: Sequence[Event], **extra: object) -> str:
    """The events as a file."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["site", "used_at", "token", "device", "step", "rated_at", *extra])
    for one in events:
        rated_at = one.rated_at.isoformat() if one.rated_at else ""
        rows.writerow(["s", one.used_at.isoformat(), one.token, one.device, one.step or "", rated_at, *extra.values()])
    return text.getvalue()


def test_a_file_reads_back() -> None:
    events = sorted([use(at(ON, 9), step=4), use(at(ON, 11))], key=lambda one: one.used_at)
    assert read_events(io.StringIO(written(events, counted=1))) == ({"s": events}, {})
    found, types = read_events(io.StringIO(written(events, room_type="Clinic")))
    assert (found, types) == ({"s": events}, {"s": "hospital"})


def test_instants_without_an_offset_are_local() -> None:
    found, _types = read_events(["site,used_at,token,counted,reason", "s,2026-10-14 08:00,t,0,too_soon"])
    assert found["s"][0].used_at == datetime(2026, 10, 14, 0, tzinfo=UTC)
    assert (found["s"][0].is_counted, found["s"][0].reason) == (False, "too_soon")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("s,yesterday,t,1,", "line 2"),
        ("s,2026-10-14T08:00,t,maybe,", "counted"),
        ("s,2026-10-14T08:00,t,1,6", "step"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(line: str, said: str) -> None:
    with pytest.raises(Malformed, match=said):
        read_events(["site,used_at,token,counted,step", line])


def test_columns_that_are_missing_are_named() -> None:
    with pytest.raises(Malformed, match="token"):
        read_events(["site,used_at"])
    with pytest.raises(Malformed, match="room_type"):
        read_sites(["site"], ON)


def test_sites_are_read() -> None:
    lines = [
        "site,room_type,hours,capacity,opened_on,declared",
        "s,mall,周一至周日 8:00-20:00,2,2026-01-05,2026-06-01 2026-09-09",
        "u,office,,,,",
    ]
    found = read_sites(lines, ON)
    assert found["u"] == SiteContext("office")
    assert found["s"].declared == {date(2026, 6, 1), date(2026, 9, 9)}
    assert (found["s"].capacity, found["s"].opened_on) == (2, date(2026, 1, 5))
    assert found["s"].hours is not None
    assert found["s"].hours.state_at(at(ON, 21)) == "closed"
    with pytest.raises(Malformed, match="line 2: unknown room type"):
        read_sites(["site,room_type", "s,palace"], ON)


def test_the_period_ends_with_the_last_event() -> None:
    assert months_of({"s": [use(at(date(2024, 1, 5), 9)), use(at(ON, 9))]}) == (Month(2025, 11), Month(2026, 10))
    assert months_of({"s": [use(at(ON, 9))]}) == (Month(2026, 10), Month(2026, 10))
    with pytest.raises(Malformed):
        months_of({})


def test_room_types_are_found_from_the_site_and_from_other_words() -> None:
    assert room_type_of("public", "metro") == "station"
    assert (room_type_of("public", None), room_type_of("internal", None)) == ("community", "office")
    assert room_type_of("internal", "something new") == "office"
    assert room_type_named(" Library ") == "community"
    assert {room_type_of(kind.value, None) for kind in LocationKind} <= set(ROOM_TYPES)
    with pytest.raises(ValueError, match="unknown room type"):
        SiteContext("palace")


def test_the_command_prints_a_line_for_each_site(app: Flask, tmp_path: Path) -> None:
    night = every_day(lambda on: [replace(use(at(on, 21.8)), token=f"n{on}")])
    (tmp_path / "events.csv").write_text(written(unrated([*honest(), *night])), encoding="utf-8")
    (tmp_path / "sites.csv").write_text("site,room_type,hours\ns,mall,每天 8:00-20:00\n", encoding="utf-8")
    run = app.test_cli_runner().invoke
    answer = run(args=["anomalies", "score", str(tmp_path / "events.csv"), "--sites", str(tmp_path / "sites.csv")])
    assert answer.exit_code == 0, answer.output
    (line,) = [json.loads(text) for text in answer.output.splitlines()]
    assert (line["site"], line["room_type"], line["is_flagged"]) == ("s", "mall", True)
    assert (line["first_month"], line["last_month"]) == ("2026-05", "2026-10")
    assert "开放时间之外" in line["flags"][0]["sentence"]
    quiet = run(args=["anomalies", "score", str(tmp_path / "events.csv"), "--to", "2026-05", "--from", "2026-05"])
    assert json.loads(quiet.output)["flags"] == []


def test_the_command_names_what_is_wrong(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text("site,used_at,token\n", encoding="utf-8")
    answer = app.test_cli_runner().invoke(args=["anomalies", "score", str(tmp_path / "events.csv")])
    assert (answer.exit_code, answer.output) == (1, "Error: there are no events\n")
