"""The fraud benchmark in small: its rooms obey the rule, its attacks reach what they are for, its tables add up."""

import io
from collections import defaultdict
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from app.anomalies.csvfiles import read_events, read_sites
from app.anomalies.detectors import flags, is_flagged
from app.anomalies.scoring import signals_by_day
from app.months import local_date
from benchmarks.fraud import __main__ as command
from benchmarks.fraud.attacks import ATTACKS
from benchmarks.fraud.csvfiles import write_csv
from benchmarks.fraud.door import context_of, days_of, events
from benchmarks.fraud.families import PLAIN
from benchmarks.fraud.results import Row, Task, row_of, tasks, year_of
from benchmarks.fraud.rooms import ALL_MONTHS
from benchmarks.fraud.roomtypes import BY_CODE
from benchmarks.fraud.scenarios import HONEST, RoomYear, room_year, unhappy_steps
from benchmarks.fraud.tables import report, share, wilson

FOUND = ("cleared_bursts", "cleared_spread", "month_end_crowd", "chat_group", "crude_bot", "rating_stuffing")


def made(kind: str, scenario: str, seed: int = 1) -> RoomYear:
    """One room-year of the plain family."""
    return room_year(seed, BY_CODE[kind], scenario, 0, PLAIN)


def test_the_same_seed_gives_the_same_year() -> None:
    one, same, other = made("office", HONEST), made("office", HONEST), made("office", HONEST, seed=2)
    assert np.array_equal(one.judged.taps.at, same.judged.taps.at)
    assert one.judged.reason == same.judged.reason
    assert len(one.judged.taps) != len(other.judged.taps)


def test_counted_uses_of_a_visitor_keep_the_rule() -> None:
    times: defaultdict[object, list[datetime]] = defaultdict(list)
    found = events(made("factory", "few_phones").judged)
    for event in found:
        if event.is_counted:
            times[event.token].append(event.used_at)
    assert {"too_soon"} <= {event.reason for event in found if event.reason}
    for of_visitor in times.values():
        ordered = sorted(of_visitor)
        assert all(later - earlier >= timedelta(minutes=30) for earlier, later in pairwise(ordered))
        days = [local_date(at) for at in ordered]
        assert max(days.count(day) for day in days) <= 4
    assert len({event.device for event in found}) > len({event.used_at.date() for event in found})


@pytest.mark.parametrize("name", sorted(set(ATTACKS) - {"one_phone_bursts", "rating_stuffing"}))
def test_an_attack_just_reaches_the_threshold(name: str) -> None:
    year = made("mall", name)
    assert 100 <= year.judged.monthly().mean() < 140
    assert year.judged.taps.is_fake.sum() > 400
    assert year.reached


def test_bursts_on_one_phone_are_left_out_by_the_rule_itself() -> None:
    uncounted = [made(kind, "one_phone_bursts").uncounted_share for kind in ("mall", "office")]
    assert all(found is not None and found > 0.8 for found in uncounted)


def test_stuffing_lifts_an_unsatisfying_room_to_ninety() -> None:
    steps = unhappy_steps(np.random.default_rng(1))
    assert 70 <= float(steps @ np.arange(20, 101, 20)) <= 86
    year = made("hospital", "rating_stuffing")
    assert 88 < (year.satisfaction or 0) < 96


@pytest.mark.parametrize("name", FOUND)
def test_what_statistics_can_find_is_found(name: str) -> None:
    year = made("community", name)
    assert is_flagged(flags(days_of(year.room, year.judged), context_of(year.room), ALL_MONTHS[0], ALL_MONTHS[-1]))


def test_honest_rooms_are_left_alone() -> None:
    rows = [row_of(Task("plain", 3, kind, HONEST, 0)) for kind in ("mall", "office", "factory", "community")]
    assert [row.task.kind for row in rows if row.is_flagged] == []


def test_the_files_say_what_the_simulator_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    task = Task("plain", 5, "office", "cleared_spread", 0)
    write_csv(tmp_path, [task])
    year = year_of(task)
    found, _types = read_events(io.StringIO((tmp_path / "events.csv").read_text(encoding="utf-8")))
    sites = read_sites(io.StringIO((tmp_path / "sites.csv").read_text(encoding="utf-8")), date(2025, 1, 1))
    name = "plain-5-office-cleared_spread-0"
    assert (tmp_path / "truth.csv").read_text(encoding="utf-8").splitlines() == [
        "site,scenario",
        f"{name},cleared_spread",
    ]
    assert sites == {name: context_of(year.room)}
    assert signals_by_day(found[name], sites[name].hours) == days_of(year.room, year.judged)
    files = [f"--{what}={tmp_path / what}.csv" for what in ("events", "sites", "truth")]
    assert command.main(files) == 0
    assert "| cleared_spread | office | 1 | 100.0 % (20.7–100.0) | many_tokens" in capsys.readouterr().out


def test_wilson_s_interval() -> None:
    assert wilson(0, 20) == pytest.approx((0, 0.1611), abs=1e-4)
    assert wilson(95, 100) == pytest.approx((0.8882, 0.9785), abs=1e-4)
    assert wilson(0, 0) == (0, 1)
    assert share([]) == "–"


def test_tables_and_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def row(scenario: str, kind: str, *detectors: str) -> Row:
        task = Task("plain", 1, kind, scenario, 0)
        uncounted, strengths = (None if scenario == HONEST else 0.5), dict.fromkeys(detectors, 2.0)
        return Row(task, 120.0, 95.0, True, uncounted, bool(detectors), strengths)

    rows = [row(HONEST, "mall"), row(HONEST, "mall", "bursts"), row("chat_group", "mall", "bursts", "peak_days")]
    text = report(rows)
    assert "| mall | 2 | 50.0 % (9.5–90.5) | 2 | 50.0 % (9.5–90.5) |" in text
    assert "| chat_group | 1 | 100.0 % (20.7–100.0) | 100.0 % (20.7–100.0) | 50.0 % | 100 % |" in text
    assert "| chat_group | bursts 100 %, peak_days 100 % |" in text
    assert len(list(tasks(["plain"], [1], 2, 1))) == 6 * (2 + len(ATTACKS))
    monkeypatch.setattr(command, "tasks", lambda *_: [Task("plain", 1, "office", HONEST, 0)])
    assert command.main(["--quick", "--family", "plain", "--out", str(tmp_path / "rows.json")]) == 0
    assert "### Recall by kind of room" in capsys.readouterr().out
    assert '"kind": "office"' in (tmp_path / "rows.json").read_text(encoding="utf-8")
