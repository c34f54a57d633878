"""What tells the finder that the published sites have changed, and which of them."""

from collections.abc import Collection
from typing import cast

from sqlalchemy import Table, delete, event, insert, inspect, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.accounts.models import TradeUnion
from app.db import Model
from app.sites.models import Site, SitePhoto, Suspension

MOST_NAMED = 1_000
"""More sites than that in one change are not named one by one."""


class DirectoryVersion(Model):
    """One row whose number moves whenever what the finder shows may have changed (decision 8).

    `named`: how many of these moves have told which sites changed, in `DirectoryChange`; the others mean all of them.
    """

    __tablename__ = "directory_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]
    named: Mapped[int] = mapped_column(default=0, server_default="0")


class DirectoryChange(Model):
    """The version with which a site last changed; also of sites that are gone."""

    __tablename__ = "directory_change"

    site_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(index=True)


CHANGES = cast("Table", DirectoryChange.__table__)


@event.listens_for(Session, "after_flush")
def _move_directory_version(session: Session, _context: object) -> None:
    changed: set[int] = set()
    for row in (*session.new, *session.dirty, *session.deleted):
        if isinstance(row, Site):
            changed.add(row.id)
        elif isinstance(row, Suspension | SitePhoto):
            changed.add(row.site_id)
        elif isinstance(row, TradeUnion) and inspect(row).attrs.name.history.has_changes():
            changed.update(session.scalars(select(Site.id).where(Site.host_id == row.id)))
    if changed:
        move_directory_version(session, changed)


def move_directory_version(session: Session, site_ids: Collection[int] | None = None) -> None:
    """Tell every process that the published sites may have changed, and which; None means all of them.

    Bulk statements have to call it themselves. Whoever moves the version holds its row until the end of the
    transaction, so that versions become visible in their order and nobody who has seen one misses a smaller one.
    """
    named = 0 if site_ids is None or len(site_ids) > MOST_NAMED else 1
    moved = update(DirectoryVersion).values(version=DirectoryVersion.version + 1, named=DirectoryVersion.named + named)
    version = session.scalar(
        moved.returning(DirectoryVersion.version), execution_options={"synchronize_session": False}
    )
    if named and site_ids:
        ids = sorted(site_ids)
        session.execute(delete(CHANGES).where(CHANGES.c.site_id.in_(ids)))
        session.execute(insert(CHANGES), [{"site_id": site_id, "version": version} for site_id in ids])
