"""The stateless form token."""

from datetime import UTC, datetime, timedelta

import pytest

from app.usage.tokens import TokenState, check, issue

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("after", "state"),
    [
        (timedelta(0), TokenState.VALID),
        (timedelta(hours=12), TokenState.VALID),
        (timedelta(hours=12, seconds=1), TokenState.EXPIRED),
        (timedelta(days=300), TokenState.EXPIRED),
        (timedelta(minutes=-4), TokenState.VALID),
        (timedelta(minutes=-6), TokenState.EXPIRED),
    ],
)
def test_a_token_is_good_for_twelve_hours(after: timedelta, state: TokenState) -> None:
    assert check("secret", "code", issue("secret", "code", NOW), NOW + after) is state


def test_a_token_is_good_for_its_secret_and_subject_only() -> None:
    token = issue("secret", "code", NOW)
    assert check("other", "code", token, NOW) is TokenState.FORGED
    assert check("secret", "other", token, NOW) is TokenState.FORGED


@pytest.mark.parametrize("token", ["", ".", "a", "zz.zz", "6a0000000.", "٣.x", "\x00"])
def test_anything_else_is_forged(token: str) -> None:
    assert check("secret", "code", token, NOW) is TokenState.FORGED
