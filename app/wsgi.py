"""Entry point for gunicorn (``app.wsgi:app``) and ``flask --app app.wsgi``: reads the environment, once."""

import os
import sys

from app import create_app
from app.config import Settings
from app.errors import DomainError
from app.operating import logs

APP_LOAD_ERROR = 4
"""gunicorn's own exit status for an application that cannot be loaded: it stops instead of trying for ever."""

try:
    settings = Settings.from_environment(os.environ)
    logs.configure(settings.log_format)
    app = create_app(settings)
except DomainError as error:  # a setting, or a rulebook of the operator's own
    sys.stderr.write(f"Xiaowu cannot start: {error}\n")
    sys.exit(APP_LOAD_ERROR)
except OSError as error:
    said = f"{error.filename}: {error.strerror}; set XIAOWU_DATA to a folder of its own"
    sys.stderr.write(f"Xiaowu cannot start: {said}\n")
    sys.exit(APP_LOAD_ERROR)
