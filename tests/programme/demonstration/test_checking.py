"""Who has to be checked before being recommended: near a threshold, or by lot; and what a check has to be."""

import hashlib
from datetime import timedelta
from fractions import Fraction
from uuid import uuid4

import pytest

from app.db import db
from app.errors import Invalid
from app.programme.cases.models import Case
from app.programme.demonstration import checking
from app.programme.demonstration.models import DemonstrationCall
from app.programme.replay import Replayed, replay
from app.rulebooks.model import Text
from app.rulebooks.report import PartFinding
from app.usage.models import Adjustment
from tests.programme.demonstration.helpers import Scene

ONE_DATABASE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def required(scene: Scene, case: Case) -> checking.RequiredCheck:
    found: checking.RequiredCheck = scene.read(lambda: checking.required_check(db.session.get_one(Case, case.id)))
    return found


@pytest.mark.parametrize(
    ("value", "result", "is_near"),
    [
        (Fraction(100), "met", True),
        (Fraction(115), "met", True),
        (Fraction(11501, 100), "met", False),
        (Fraction(9999, 100), "met", False),
        (Fraction(110), "unknown", False),
        (None, "met", False),
        (True, "met", False),
    ],
)
def test_near_is_from_the_threshold_to_fifteen_per_cent_above(value: Fraction, result: str, is_near: bool) -> None:
    label = Text("月均", "mean")
    part = PartFinding(
        "mean", label, "mean_monthly_uses", result, value, Fraction(100), "uses_per_month", "policy", (), None, True
    )
    assert checking.is_near(part) is is_near


def test_one_in_ten_is_drawn_and_everybody_can_draw_again() -> None:
    numbers = [f"M2026-{number:05d}" for number in range(5000)]
    drawn = [number for number in numbers if checking.is_drawn("a" * 64, 7, number)]
    assert 420 < len(drawn) < 580
    by_hand = [n for n in numbers if int(hashlib.sha256(f"{'a' * 64}/7/{n}".encode()).hexdigest(), 16) % 10 == 0]
    assert drawn == by_hand
    assert drawn != [number for number in numbers if checking.is_drawn("a" * 64, 8, number)]


@ONE_DATABASE
def test_the_seed_is_promised_from_the_first_day_and_told_at_the_end(scene: Scene) -> None:
    def told(days: int) -> str:
        call = db.session.get_one(DemonstrationCall, scene.call.id)
        return checking.revealed_seed(call, scene.today() + timedelta(days=days))

    promised = scene.read(lambda: checking.commitment_of(db.session.get_one(DemonstrationCall, scene.call.id)))
    page, path = scene.browser(scene.applicants[0]), f"/manage/calls/{scene.call.id}"
    assert promised in page.get(path)
    assert [scene.read(lambda days=days: told(days)) for days in (0, 20)] == ["", ""]
    seed = scene.read(lambda: told(21))
    assert hashlib.sha256(seed.encode()).hexdigest() == promised
    scene.clock.advance(days=21)
    assert seed in page.get(path)


def test_who_is_near_a_threshold_is_recounted_first(scene: Scene) -> None:
    case, officer, room = scene.applied(0), scene.officers[0], scene.rooms[0]
    scene.cases.sheet(room, "acceptance", officer, case=case)
    found = required(scene, case)
    assert "near" in found.reasons
    assert [part.measure for part in found.near] == ["satisfaction"]  # 95 of 90; the mean is 120 of 60
    assert found.is_missing
    with pytest.raises(Invalid, match="recount its uses before you recommend it") as caught:
        scene.cases.act(officer, case, "recommend")
    assert list(caught.value.fields) == ["recount"]

    before = scene.clock() - timedelta(days=1)
    for values in (
        {"kind": "full_self"}, {"recounted_uses": None}, {"done_at": before}, {"done_at": None}, {"mode": None},
    ):  # fmt: skip
        scene.recounted(room, officer, **values)
        assert required(scene, case).is_missing, values
    scene.recounted(room, scene.applicants[0])
    scene.recounted(scene.rooms[1], officer)
    assert required(scene, case).is_missing
    scene.recounted(room, officer, mode="video")
    assert not required(scene, case).is_missing
    scene.cases.act(officer, case, "recommend")
    assert scene.cases.fresh(case).state == "recommended"


@ONE_DATABASE
def test_who_is_drawn_is_checked_however_good_the_numbers_are(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    case = scene.applied(0)
    for near, drawn, reasons in ((False, False, ()), (False, True, ("drawn",)), (True, True, ("near", "drawn"))):
        monkeypatch.setattr(checking, "is_near", lambda _part, near=near: near)
        monkeypatch.setattr(checking, "is_drawn", lambda *_lot, drawn=drawn: drawn)
        assert required(scene, case).reasons == reasons
        assert required(scene, case).is_missing is bool(reasons)
        if drawn:
            with pytest.raises(Invalid, match="was drawn"):
                scene.read(lambda: checking.require_check(db.session.get_one(Case, case.id)))


@ONE_DATABASE
def test_nobody_below_is_told_of_a_check_to_come(scene: Scene) -> None:
    case = scene.applied(0)
    path = f"/manage/cases/{case.id}/review"
    said = "推荐前要现场或视频核查"
    assert said in scene.browser(scene.officers[0]).get(path)
    assert said not in scene.browser(scene.applicants[0]).get(path)


@ONE_DATABASE
def test_what_was_excluded_after_the_numbers_were_frozen_is_said(scene: Scene) -> None:
    case, officer, room = scene.applied(0), scene.officers[0], scene.rooms[0]
    page, path = scene.browser(officer), f"/manage/cases/{case.id}/review"
    assert "数字固定以后" not in page.get(path)
    scene.clock.advance(minutes=1)
    row = {
        "site_id": room.id, "month": "2026-10", "sequence": 1, "id": uuid4(), "act": "exclude", "actor_id": officer.id,
        "actor_name": "东区钱", "reason": "同一人连续扫码多次", "steps": {"counted": -7}, "made_at": scene.clock(),
        "salt": b"s", "digest": b"d", "signature": b"x",
    }  # fmt: skip
    scene.factories.add(Adjustment(**row))
    assert "数字固定以后又剔除了 7 人次" in page.get(path)
    done = Replayed()
    told = scene.read(lambda: list(replay(done)))
    assert [line for line in told if line.startswith("decision")] == []
    assert done.decisions == 1
