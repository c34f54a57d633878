"""The application under a clock that a test can set: the seconds in the file XIAOWU_TEST_CLOCK are added to it.

gunicorn -c deploy/gunicorn.conf.py tests.reliability.served:app
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app import create_app
from app.config import Settings
from app.operating import logs

_OFFSET = Path(os.environ["XIAOWU_TEST_CLOCK"])


def clock() -> datetime:
    """The present instant, moved."""
    return datetime.now(UTC) + timedelta(seconds=float(_OFFSET.read_text()))


settings = Settings.from_environment(os.environ)
logs.configure(settings.log_format)
app = create_app(settings, clock)
