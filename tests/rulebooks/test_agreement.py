"""What rulebooks say has to agree with the features that act on it."""

from datetime import timedelta

import pytest

from app.months import local_date
from app.rulebooks import available, load
from app.sites.facilities import facilities
from app.usage.counting import DAILY_LIMIT, MINIMUM_GAP
from tests.conftest import START

TODAY = local_date(START)


@pytest.mark.parametrize("rulebook_id", available())
def test_the_counting_rule_is_the_one_the_rulebook_states(rulebook_id: str) -> None:
    rulebook = load(rulebook_id)
    assert timedelta(minutes=rulebook.setting("dedupe_minutes", TODAY)) == MINIMUM_GAP
    assert rulebook.setting("daily_limit", TODAY) == DAILY_LIMIT


@pytest.mark.parametrize("rulebook_id", available())
def test_every_facility_a_rulebook_names_is_in_the_vocabulary(rulebook_id: str) -> None:
    parts = [part for condition in load(rulebook_id).conditions for part in condition.parts]
    named = {code for part in parts for group in part.groups for code in group.any_of}
    assert named <= set(facilities())
    assert named or rulebook_id == "qingdao-2020"
