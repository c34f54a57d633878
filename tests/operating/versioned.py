"""The application of the reliability tests, which says in each answer which version of the code it is."""

import os

from flask import Response

from tests.reliability.served import app

__all__ = ["app"]
_VERSION = os.environ["XIAOWU_TEST_VERSION"]


@app.after_request
def say(response: Response) -> Response:
    """As a header."""
    response.headers["X-Version"] = _VERSION
    return response
