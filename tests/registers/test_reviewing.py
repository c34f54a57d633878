"""Who may see who has looked at a health certificate."""

import pytest

from tests.factories import Factories
from tests.registers.helpers import keeper_with_file


@pytest.mark.parametrize(("role", "level", "status"), [
    ("district_union", 1, 200), ("municipal_union", 0, 200), ("unit_union", 2, 403), ("site_manager", 2, 403),
])  # fmt: skip
def test_reviewers_see_who_has_looked(factories: Factories, role: str, level: int, status: int) -> None:
    unions = factories.tree()
    site = factories.site(unions[2])
    keeper = keeper_with_file(factories, site)
    page = f"/manage/attachments/{keeper.certificate_id}/looks"
    assert factories.login(factories.user(role, unions[level])).get(page).status_code == status
    stranger = factories.login(factories.user("district_union", factories.tree()[1]))
    assert stranger.get(page).status_code == 404
