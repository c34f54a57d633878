"""The door's limits: asked of their store directly, refused by the library out of the same count."""

from app.web import limiter
from tests.usage.helpers import Phone


def test_a_visit_is_counted_once_where_the_library_counts(phone: Phone) -> None:
    codes = [phone.client.get(f"/r/{phone.code}").status_code for _ in range(3)]
    assert codes == [200] * 3
    assert sorted(limiter.storage.storage.values()) == [3, 3]  # type: ignore[attr-defined]


def test_whoever_is_refused_is_told_how_long_to_wait(phone: Phone) -> None:
    for _ in range(60):
        phone.client.head(f"/r/{phone.code}")
    refused = phone.client.get(f"/r/{phone.code}")
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
