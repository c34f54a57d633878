"""People and cases from the tests of cases, and a browser that issues documents."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts.models import User
from tests.documents.paper import TOKEN_PAGE
from tests.factories import Factories
from tests.forms import token_of
from tests.programme.cases.conftest import City, cases, city

__all__ = ["City", "cases", "city"]
Issue = Callable[..., TestResponse]


@pytest.fixture
def issue(factories: Factories) -> Issue:
    """Ask for a document as a person does: send the form, follow to the file."""
    clients: dict[int, tuple[FlaskClient, str]] = {}

    def ask(user: User, path: str, *, follow: bool = True, **values: str) -> TestResponse:
        if user.id not in clients:
            client = factories.login(user)
            clients[user.id] = client, token_of(client, TOKEN_PAGE)
        client, token = clients[user.id]
        return client.post(path, data={"csrf_token": token, **values}, follow_redirects=follow)

    return ask
