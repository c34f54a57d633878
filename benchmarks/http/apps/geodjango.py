"""A minimal GeoDjango: rooms by nearest and by box, and a scan that writes the rows that ours writes.

It runs in the peers' environment, which has Django and nothing of ours.
"""

import hashlib
import json
import os
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import django
from django.conf import settings

_DATABASE = urlsplit(os.environ["DATABASE_URL"])
settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={
        "default": {
            "ENGINE": "django.contrib.gis.db.backends.postgis",
            "NAME": _DATABASE.path.removeprefix("/"),
            "USER": _DATABASE.username,
            "HOST": _DATABASE.hostname,
            "PORT": _DATABASE.port,
            "CONN_MAX_AGE": None,
        }
    },
)
django.setup()

from django.contrib.gis.db import models  # noqa: E402  Django has to be set up before
from django.contrib.gis.db.models.functions import GeometryDistance  # noqa: E402
from django.contrib.gis.geos import Point, Polygon  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import transaction  # noqa: E402
from django.http import HttpRequest, JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402

SHANGHAI = ZoneInfo("Asia/Shanghai")
COUNTERS = (
    "recorded", "counted", "code_revoked", "site_closed", "site_suspended", "too_soon", "daily_limit", "rating_1",
    "rating_2", "rating_3", "rating_4", "rating_5", "on_site", "events", "sealed",
)  # fmt: skip


class Room(models.Model):
    """A room, as `peers.sql` makes it."""

    id = models.IntegerField(primary_key=True)
    name = models.TextField()
    kind = models.TextField()
    location_kind = models.TextField()
    address = models.TextField()
    floor = models.TextField()
    landmark = models.TextField()
    facilities = models.TextField()
    admission = models.TextField()
    women_only = models.BooleanField()
    access_note = models.TextField()
    hours_text = models.TextField()
    last_verified_on = models.TextField()
    is_synthetic = models.BooleanField()
    url = models.TextField()
    geog = models.PointField(geography=True)
    geom = models.PointField()

    class Meta:
        """Of the table that all peers read."""

        app_label = "peers"
        managed = False
        db_table = '"peers"."room"'


class DoorCode(models.Model):
    """A printed code."""

    id = models.IntegerField(primary_key=True)
    site_id = models.IntegerField()
    code = models.TextField()

    class Meta:
        """Of the table that ours has."""

        app_label = "peers"
        managed = False
        db_table = '"public"."door_code"'


class SiteMonth(models.Model):
    """A month's tally."""

    pk = models.CompositePrimaryKey("site_id", "month")
    site_id = models.IntegerField()
    month = models.TextField()

    class Meta:
        """Of this contender's own copy."""

        app_label = "peers"
        managed = False
        db_table = '"django"."site_month"'


for _counter in COUNTERS:
    SiteMonth.add_to_class(_counter, models.IntegerField(default=0))


class TapKey(models.Model):
    """The key of a tap."""

    pk = models.CompositePrimaryKey("site_id", "client_key")
    site_id = models.IntegerField()
    client_key = models.UUIDField()
    usage_id = models.UUIDField()
    month = models.TextField()
    body_digest = models.BinaryField()

    class Meta:
        """Of this contender's own copy."""

        app_label = "peers"
        managed = False
        db_table = '"django"."tap_key"'


class UsageRecord(models.Model):
    """A use."""

    pk = models.CompositePrimaryKey("site_id", "id", "month")
    site_id = models.IntegerField()
    id = models.UUIDField()
    month = models.TextField()
    client_key = models.UUIDField()
    body_digest = models.BinaryField()
    door_code_id = models.IntegerField()
    used_at = models.DateTimeField()
    received_at = models.DateTimeField()
    p_site = models.BinaryField()
    p_day = models.BinaryField()
    day_key = models.TextField()
    purpose = models.TextField()
    rule_version = models.SmallIntegerField()
    sequence = models.IntegerField()
    salt = models.BinaryField()
    digest = models.BinaryField()

    class Meta:
        """Of this contender's own copy."""

        app_label = "peers"
        managed = False
        db_table = '"django"."usage_record"'


SAID = tuple(field.name for field in Room._meta.get_fields() if field.name not in ("geog", "geom"))


def nearest(request: HttpRequest) -> JsonResponse:
    """The ten nearest, by the index."""
    place = Point(float(request.GET["lon"]), float(request.GET["lat"]), srid=4326)
    return _collection(Room.objects.defer("geog").order_by(GeometryDistance("geog", place))[:10])


def within(request: HttpRequest) -> JsonResponse:
    """The rooms in a box, by id."""
    box = Polygon.from_bbox([float(edge) for edge in request.GET["bbox"].split(",")])
    box.srid = 4326
    rooms = Room.objects.defer("geog").filter(geom__bboverlaps=box).order_by("id")
    return _collection(rooms[: int(request.GET["limit"])])


def _collection(rooms: Iterable[Room]) -> JsonResponse:
    features = [
        {
            "type": "Feature",
            "id": room.id,
            "geometry": {"type": "Point", "coordinates": room.geom.coords},
            "properties": {name: getattr(room, name) for name in SAID},
        }
        for room in rooms
    ]
    return JsonResponse({"type": "FeatureCollection", "features": features})


def scan(request: HttpRequest, code: str) -> JsonResponse:
    """Log a use: the row with its digest, its key, the tally, all in one transaction."""
    now = datetime.now(UTC)
    month = f"{now.astimezone(SHANGHAI):%Y-%m}"
    with transaction.atomic():
        door = DoorCode.objects.get(code=code)
        key: dict[str, Any] = {"site_id": door.site_id, "month": month, "client_key": uuid.UUID(request.POST["key"])}
        SiteMonth.objects.bulk_create([SiteMonth(site_id=door.site_id, month=month)], ignore_conflicts=True)
        tally = SiteMonth.objects.select_for_update().get(site_id=door.site_id, month=month)
        tally.recorded, tally.counted, tally.events = tally.recorded + 1, tally.counted + 1, tally.events + 1
        tally.save(update_fields=["recorded", "counted", "events"])
        said = key | {
            "id": uuid.uuid4(), "door_code_id": door.id, "used_at": now, "received_at": now, "p_site": os.urandom(16),
            "purpose": request.POST["purpose"], "sequence": tally.events, "body_digest": os.urandom(16),
        }  # fmt: skip
        salt = os.urandom(16)
        digest = hashlib.sha256(salt + json.dumps(said, default=str, sort_keys=True).encode()).digest()
        more = {"p_day": os.urandom(16), "day_key": now.date().isoformat(), "rule_version": 1}
        UsageRecord.objects.create(**said, **more, salt=salt, digest=digest)
        TapKey.objects.create(**key, usage_id=said["id"], body_digest=said["body_digest"])
    return JsonResponse({"receipt": said["id"]}, status=201)


urlpatterns = [path("nearest", nearest), path("within", within), path("r/<str:code>", scan)]
application = get_wsgi_application()
