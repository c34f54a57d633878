"""What one writes by hand in an afternoon with Flask and SQLAlchemy's ORM: `apps/orm.py`."""

import sys

from benchmarks.http.contenders.plain import PlainViews


class Orm(PlainViews):
    """The hand-written view."""

    name = "Flask + ORM"
    events = "orm.usage_record"
    gunicorn = (sys.executable, "-m", "gunicorn", "benchmarks.http.apps.orm:app")
