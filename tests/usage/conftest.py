"""One room with one door, and a phone in front of it."""

import pytest
from flask import Flask

from app.sites.models import DoorCode, Site
from tests.factories import Factories
from tests.usage.helpers import Phone


@pytest.fixture
def site(factories: Factories) -> Site:
    """A public room."""
    return factories.site(name="银海大厦爱心妈妈小屋")


@pytest.fixture
def code(factories: Factories, site: Site) -> DoorCode:
    """Its live code."""
    return factories.door_code(site, "abc123abc123")


@pytest.fixture
def phone(app: Flask, code: DoorCode) -> Phone:
    """A browser without cookies at that door."""
    return Phone(app, code.code)
