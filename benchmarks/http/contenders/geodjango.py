"""GeoDjango with its spatial index: `apps/geodjango.py`."""

from benchmarks.http.contenders.plain import PlainViews
from benchmarks.http.peers import APPS, program


class GeoDjango(PlainViews):
    """In the peers' environment, with connections that stay open."""

    name = "GeoDjango"
    events = "django.usage_record"
    gunicorn = (program("gunicorn"), "--chdir", APPS, "geodjango:application")
