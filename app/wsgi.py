"""Entry point for gunicorn (``app.wsgi:app``) and ``flask --app app.wsgi``: reads the environment, once."""

import os

from app import create_app
from app.config import Settings

app = create_app(Settings.from_environment(os.environ))
