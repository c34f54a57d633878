"""What the clock says about hours."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from app.finder.columns import Shared
from app.finder.timetable import Timetable, live_of, next_change
from app.sites.hours import Hours

SPLIT = Hours(week={1: ((540, 720), (780, 1020)), 2: ()})
NIGHT = Hours(week=dict.fromkeys(range(1, 8), ((1200, 1560),)))
ALWAYS = Hours(week=dict.fromkeys(range(1, 8), ((0, 1440),)))
MONDAY = datetime(2026, 11, 22, 16, tzinfo=UTC)  # 00:00 in Shanghai


def column(*hours: Hours) -> Shared[Hours]:
    made: Shared[Hours] = Shared()
    made.extend(hours)
    return made


@pytest.mark.parametrize(
    ("hours", "hour", "expected"),
    [
        (SPLIT, 8, "09:00"),
        (SPLIT, 9, "12:00"),
        (SPLIT, 12, "13:00"),
        (SPLIT, 16.9, "17:00"),
        (SPLIT, 17, None),
        (SPLIT, 24 + 10, None),
        (SPLIT, 48 + 10, None),
        (NIGHT, 19, "20:00"),
        (NIGHT, 23, "02:00"),
        (NIGHT, 25, "02:00"),
        (NIGHT, 26, "20:00"),
        (ALWAYS, 10, "24:00"),
        (Hours.UNKNOWN, 10, None),
    ],
)
def test_when_the_state_changes_next_on_this_day(hours, hour, expected):
    assert next_change(hours, MONDAY + timedelta(hours=hour)) == expected


def test_live_values_past_midnight_and_unknown():
    assert live_of(NIGHT, MONDAY + timedelta(hours=1)) == {
        "state": "open",
        "hours_today": [("20:00", "26:00")],
        "changes_at": "02:00",
    }
    assert live_of(Hours.UNKNOWN, MONDAY) == {"state": "unknown", "hours_today": None, "changes_at": None}


def test_masks_and_bytes_follow_the_minute_and_share_equal_hours():
    table = Timetable(column(SPLIT, NIGHT, Hours(week=dict(SPLIT.week)), Hours.UNKNOWN))
    noon = MONDAY + timedelta(hours=11, minutes=59, seconds=59)
    assert table.open_mask(noon).tolist() == [True, False, True, False]
    assert table.open_mask(noon) is table.open_mask(noon - timedelta(seconds=30))
    assert table.open_mask(noon + timedelta(seconds=1)).tolist() == [False, False, False, False]
    live = table.live_bytes(noon)
    assert live(0) is live(2)
    assert live(0) == b'"state":"open","hours_today":[["09:00","12:00"],["13:00","17:00"]],"changes_at":"12:00",'
    assert b'"closed"' in table.live_bytes(noon + timedelta(seconds=1))(0)


def test_no_sites_no_mask():
    assert Timetable(column()).open_mask(MONDAY).shape == np.zeros(0).shape
