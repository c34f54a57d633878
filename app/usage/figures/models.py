"""Figures as they were released to everybody, once for each closed month."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Model


class Release(Model):
    """A month whose figures are public. Computed once, so that no two answers can be compared."""

    __tablename__ = "release"

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    made_at: Mapped[datetime]


class ReleasedSite(Model):
    """One public site in a release: `uses` (counted) rounded to 5, null where they are withheld.

    `satisfaction` is a whole number of points (20 to 100), null where the ratings are too few to be told. How many
    ratings there were is not published: they would bound the uses from below.
    """

    __tablename__ = "released_site"

    site_id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    uses: Mapped[int | None]
    satisfaction: Mapped[int | None]


class ReleasedUnion(Model):
    """The public sites under one union (a unit, a district, a city) in a release; columns as in `ReleasedSite`."""

    __tablename__ = "released_union"
    __table_args__ = (Index("ix_released_union_month", "month"),)

    trade_union_id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    sites: Mapped[int]
    uses: Mapped[int | None]
    satisfaction: Mapped[int | None]
