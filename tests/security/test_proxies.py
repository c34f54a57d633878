"""Nobody chooses the address she is counted by: it is believed as far as the operator's own proxies vouch for it."""

import pytest
from flask import Flask

from app.web import PUBLIC, access, client_address

CHAIN = "1.1.1.1, 2.2.2.2, 3.3.3.3"


@pytest.fixture
def environ(environ: dict[str, str], request: pytest.FixtureRequest) -> dict[str, str]:
    """With so many proxies."""
    return {**environ, "XIAOWU_TRUSTED_PROXIES": str(request.param)}


@pytest.mark.own_app
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("environ", "seen"), [(0, "127.0.0.1"), (1, "3.3.3.3"), (2, "2.2.2.2")], indirect=["environ"])
def test_only_the_last_addresses_count(app: Flask, seen: str) -> None:
    @app.get("/who")
    @access(PUBLIC)
    def who() -> str:
        return client_address()

    said = {"X-Forwarded-For": CHAIN, "Forwarded": "for=9.9.9.9", "X-Real-IP": "9.9.9.9", "Client-IP": "9.9.9.9"}
    assert app.test_client().get("/who", headers=said).text == seen
