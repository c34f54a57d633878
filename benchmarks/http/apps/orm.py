"""What one writes by hand in an afternoon: Flask and SQLAlchemy's ORM on PostGIS, without any of the checks."""

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from flask import Flask, Response, jsonify, request
from geoalchemy2 import Geography, Geometry
from geoalchemy2.shape import to_shape
from sqlalchemy import Engine, create_engine, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from app.months import Month
from app.sites.models import DoorCode
from app.usage import leaves
from app.usage.models import SiteMonth, TapKey, UsageRecord
from app.usage.tallies import COUNTERS

app = Flask(__name__)


class Base(DeclarativeBase):
    """Of the table that all peers read."""


class Room(Base):
    """A room, as `peers.sql` makes it."""

    __tablename__ = "room"
    __table_args__ = {"schema": "peers"}  # noqa: RUF012  SQLAlchemy's own way to declare it

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    location_kind: Mapped[str]
    address: Mapped[str]
    floor: Mapped[str]
    landmark: Mapped[str]
    facilities: Mapped[str]
    admission: Mapped[str]
    women_only: Mapped[bool]
    access_note: Mapped[str]
    hours_text: Mapped[str]
    last_verified_on: Mapped[str]
    is_synthetic: Mapped[bool]
    url: Mapped[str]
    geom: Mapped[Any] = mapped_column(Geometry("POINT", 4326))
    geog: Mapped[Any] = mapped_column(Geography("POINT", 4326), deferred=True)


@cache
def engine() -> Engine:
    """One pool for each worker. Events go to tables of this contender's own, of the same shape as ours."""
    url = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://")
    return create_engine(url, connect_args={"options": "-c search_path=orm,public"})


@app.get("/nearest")
def nearest() -> Response:
    """The ten nearest by PostGIS's own index."""
    place = func.ST_GeogFromText(f"POINT({float(request.args['lon'])} {float(request.args['lat'])})")
    with Session(engine()) as session:
        return _collection(session.scalars(select(Room).order_by(Room.geog.op("<->")(place)).limit(10)))


@app.get("/within")
def within() -> Response:
    """The rooms in a box, by id."""
    edges = map(float, request.args["bbox"].split(","))
    box = func.ST_MakeEnvelope(*edges, 4326)
    rooms = select(Room).where(Room.geom.op("&&")(box)).order_by(Room.id).limit(int(request.args["limit"]))
    with Session(engine()) as session:
        return _collection(session.scalars(rooms))


def _collection(rooms: Iterable[Room]) -> Response:
    names = [column.name for column in Room.__table__.columns if column.name not in ("geog", "geom")]
    features = []
    for room in rooms:
        point: Any = to_shape(room.geom)
        features.append({
            "type": "Feature",
            "id": room.id,
            "geometry": {"type": "Point", "coordinates": (point.x, point.y)},
            "properties": {name: getattr(room, name) for name in names},
        })  # fmt: skip
    return jsonify(type="FeatureCollection", features=features)


def _tally(session: Session, site_id: int, month: str) -> SiteMonth:
    """The month's row, locked, made if it is the first use."""
    key = {"site_id": site_id, "month": month}
    tally = session.get(SiteMonth, key, with_for_update=True)
    if tally is None:
        zeros = dict.fromkeys((*COUNTERS, "events", "sealed"), 0)
        session.execute(insert(SiteMonth).values(key | zeros).on_conflict_do_nothing())
        tally = session.get_one(SiteMonth, key, with_for_update=True)
    return tally


@app.post("/r/<code>")
def scan(code: str) -> tuple[Response, int]:
    """Log a use: the row, its key, the tally, all in one transaction."""
    now = datetime.now(UTC)
    month = str(Month.of(now))
    with Session(engine()) as session:
        door = session.scalars(select(DoorCode).where(DoorCode.code == code)).one()
        tally = _tally(session, door.site_id, month)
        tally.recorded, tally.counted, tally.events = tally.recorded + 1, tally.counted + 1, tally.events + 1
        key = {"site_id": door.site_id, "client_key": UUID(request.form["key"]), "month": month}
        key |= {"body_digest": os.urandom(16)}
        record = {
            "id": uuid4(), "door_code_id": door.id, "used_at": now, "received_at": now, "p_site": os.urandom(16),
            "p_day": os.urandom(16), "day_key": now.date().isoformat(), "purpose": request.form["purpose"],
            "reason": None, "repeats_id": None, "rule_version": 1, "sequence": tally.events,
        }  # fmt: skip
        session.add(UsageRecord(**leaves.stamped("use", key | record, "sha256")))
        session.add(TapKey(**key, usage_id=record["id"]))
        session.commit()
        return jsonify(receipt=record["id"]), 201
