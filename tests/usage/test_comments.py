"""What visitors say about a public room reaches the people who run it; of a room in a company nobody reads anything."""

import pytest
from flask import Flask

from tests.factories import Factories
from tests.usage.helpers import Phone


@pytest.mark.parametrize("location", ["public", "internal"])
def test_words_of_a_public_room_reach_its_manager(app: Flask, factories: Factories, location: str) -> None:
    unit = factories.tree()[2]
    site = factories.site(unit, location_kind=location)
    phone = Phone(app, factories.door_code(site).code)
    phone.rate(phone.logged(), 4, details=1, tags="clean", comment="灯光<b>可以</b>再暗一点")
    page = factories.login(factories.user("site_manager", unit, site)).get(f"/manage/sites/{site.id}").text
    is_public = location == "public"
    assert ("灯光&lt;b&gt;可以&lt;/b&gt;再暗一点" in page) is is_public
    assert ("干净 · " in page) is is_public
    assert ("使用者的话" in page) is is_public


def test_ratings_without_words_say_nothing(app: Flask, factories: Factories) -> None:
    unit = factories.tree()[2]
    site = factories.site(unit)
    phone = Phone(app, factories.door_code(site).code)
    phone.rate(phone.logged(), 5)
    page = factories.login(factories.user("site_manager", unit, site)).get(f"/manage/sites/{site.id}").text
    assert "使用者的话" not in page
