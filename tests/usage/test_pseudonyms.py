"""Pseudonyms and the life of their keys."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.usage import pseudonyms
from app.usage.pseudonyms import day_key_expires_at, day_pseudonym, key_day, last_expired_day, network, site_pseudonym


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("198.51.100.77", "198.51.100.0/24"),
        ("2001:db8:1:2345:6::7", "2001:db8:1:2300::/56"),
        ("::ffff:198.51.100.77", "198.51.100.0/24"),
        ("fe80::1%eth0", "fe80::/56"),
        ("", "unknown"),
        ("not an address", "unknown"),
    ],
)
def test_only_the_network_of_an_address_is_used(address: str, expected: str) -> None:
    assert network(address) == expected


def test_neighbours_with_one_browser_share_a_day_pseudonym_and_others_do_not() -> None:
    mine = day_pseudonym(b"k" * 32, "198.51.100.77", "A")
    assert len(mine) == 16
    assert day_pseudonym(b"k" * 32, "198.51.100.1", "A") == mine
    others = {day_pseudonym(b"k" * 32, "198.51.101.77", "A"), day_pseudonym(b"k" * 32, "198.51.100.77", "B")}
    assert mine not in others | {day_pseudonym(b"K" * 32, "198.51.100.77", "A")}


def test_a_site_pseudonym_needs_token_and_key() -> None:
    assert site_pseudonym(b"k", "token") == site_pseudonym(b"k", "token")
    assert len({site_pseudonym(b"k", "a"), site_pseudonym(b"k", "b"), site_pseudonym(b"l", "a")}) == 3


def test_tokens_are_random_and_recognised() -> None:
    token = pseudonyms.new_token()
    assert pseudonyms.is_token(token)
    assert pseudonyms.new_token() != token
    assert not any(map(pseudonyms.is_token, ["", token + "A", token[:-1], token[:-1] + "é", "'; drop table; --12345"]))


def test_the_day_of_a_key_begins_at_four_in_shanghai() -> None:
    four = datetime(2026, 11, 19, 20, 0, tzinfo=UTC)
    assert key_day(four) == date(2026, 11, 20)
    assert key_day(four - timedelta(microseconds=1)) == date(2026, 11, 19)


def test_a_day_key_is_gone_within_48_hours_of_its_first_use() -> None:
    begins = datetime(2026, 11, 19, 20, 0, tzinfo=UTC)
    expires = day_key_expires_at(date(2026, 11, 20))
    assert timedelta(hours=24) < expires - begins < timedelta(hours=48)
    assert last_expired_day(expires) == date(2026, 11, 20)
    assert last_expired_day(expires - timedelta(microseconds=1)) == date(2026, 11, 19)
