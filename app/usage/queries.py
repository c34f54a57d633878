"""What the door pages and the counting rule read. This is the hot path (decision 8c): see `prepared`."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, exists, select

from app.months import Month, local_date
from app.sites.models import DoorCode, LocationKind, Site, SiteKind, SiteStatus, Suspension, SuspensionMode
from app.usage.counting import MINIMUM_GAP, CountedUse, Door
from app.usage.models import Adjustment, Rating, SupersededLeaf, TapKey, UsageRecord
from app.usage.piped import Row
from app.usage.prepared import Call, Prepared, read, run

USES = cast("Table", UsageRecord.__table__)
TAP_KEYS = cast("Table", TapKey.__table__)
RATINGS = cast("Table", Rating.__table__)
SUPERSEDED = cast("Table", SupersededLeaf.__table__)
_SITES = cast("Table", Site.__table__)
_CODES = cast("Table", DoorCode.__table__)
_SUSPENSIONS = cast("Table", Suspension.__table__)

_SITE_AT_DOOR = Prepared(
    select(
        _SITES.c.id, _CODES.c.id, _CODES.c.code, _SITES.c.name, _SITES.c.floor_label, _SITES.c.landmark,
        _SITES.c.status, _SITES.c.closed_on, _CODES.c.revoked_at, _SITES.c.location_kind, _SITES.c.is_synthetic,
        _SITES.c.kind, _SITES.c.has_word, _SITES.c.tablet_key,
        _SUSPENSIONS.c.mode, _SUSPENSIONS.c.starts_at, _SUSPENSIONS.c.ends_at,
    )
    .join_from(_CODES, _SITES, _CODES.c.site_id == _SITES.c.id)
    .outerjoin(_SUSPENSIONS, _SUSPENSIONS.c.site_id == _SITES.c.id)
    .where(_CODES.c.code == bindparam("code"))
)  # fmt: skip
_SITE_COLUMNS = 14
_COUNTED_USES = Prepared(
    select(USES.c.id, USES.c.used_at).where(
        USES.c.site_id == bindparam("site_id"),
        USES.c.month == bindparam("month"),
        USES.c.p_site == bindparam("p_site"),
        USES.c.reason.is_(None),
    )
)
_USE_BY_KEY = Prepared(
    select(TAP_KEYS.c.usage_id, TAP_KEYS.c.body_digest).where(
        TAP_KEYS.c.site_id == bindparam("site_id"), TAP_KEYS.c.client_key == bindparam("client_key")
    )
)
_ADJUSTMENTS = cast("Table", Adjustment.__table__)
_IS_ADJUSTED = exists().where(_ADJUSTMENTS.c.site_id == USES.c.site_id, _ADJUSTMENTS.c.month == USES.c.month)
_USE_BY_ID = Prepared(
    select(USES.c.used_at, USES.c.month, USES.c.reason, USES.c.repeats_id, _IS_ADJUSTED.label("is_adjusted")).where(
        USES.c.site_id == bindparam("site_id"), USES.c.id == bindparam("usage_id")
    )
)
_RATING = Prepared(
    select(
        RATINGS.c.step, RATINGS.c.tags, RATINGS.c.comment, RATINGS.c.rated_at, RATINGS.c.sequence, RATINGS.c.digest
    ).where(
        RATINGS.c.site_id == bindparam("site_id"),
        RATINGS.c.month == bindparam("month"),
        RATINGS.c.usage_id == bindparam("usage_id"),
    )
)
_ADJUSTED_USES = Prepared(
    select(_ADJUSTMENTS.c.act, _ADJUSTMENTS.c.uses)
    .where(_ADJUSTMENTS.c.site_id == bindparam("site_id"), _ADJUSTMENTS.c.month == bindparam("month"))
    .order_by(_ADJUSTMENTS.c.sequence)
)


@dataclass(frozen=True)
class SuspensionAtDoor:
    """An interval [starts_at, ends_at) in which the site is suspended; ``ends_at`` None while nobody has ended it."""

    mode: str
    starts_at: datetime
    ends_at: datetime | None

    def covers(self, at: datetime) -> bool:
        """Whether the instant ``at`` lies in the interval."""
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)


@dataclass(frozen=True)
class SiteAtDoor:
    """A site as its door knows it, through one printed code."""

    site_id: int
    door_code_id: int
    code: str
    name: str
    floor_label: str
    landmark: str
    status: str
    closed_on: date | None
    revoked_at: datetime | None
    location_kind: str
    is_synthetic: bool
    kind: str
    has_word: bool = False
    tablet_key: str | None = None
    suspensions: tuple[SuspensionAtDoor, ...] = ()

    @property
    def is_room(self) -> bool:
        """The other kinds take part with ratings; what a room is used for is not asked there."""
        return self.kind == SiteKind.ROOM

    @property
    def takes_comments(self) -> bool:
        """Inside a company few people use the room, and a comment would tell who wrote it."""
        return self.location_kind != LocationKind.INTERNAL

    def is_closed_at(self, at: datetime) -> bool:
        """Whether the site did not run at ``at``: not opened yet, or deregistered that day or before."""
        if self.status == SiteStatus.CLOSED:
            return self.closed_on is None or local_date(at) >= self.closed_on
        return self.status != SiteStatus.OPERATING

    def is_revoked_at(self, at: datetime) -> bool:
        """Whether the code on the poster was no longer valid at ``at``."""
        return self.revoked_at is not None and self.revoked_at <= at

    def is_suspended_at(self, at: datetime) -> bool:
        """Whether a suspension keeps the site closed at ``at``, confirmed by a union or not."""
        return self._is_covered(SuspensionMode.CLOSED, at)

    def is_scan_only_at(self, at: datetime) -> bool:
        """Whether at ``at`` only who scans the code may enter (qingdao-2020); uses count as ever."""
        return self._is_covered(SuspensionMode.SCAN_ONLY, at)

    def as_door_at(self, at: datetime) -> Door:
        """Return what the counting rule asks about the code and the site at ``at``."""
        return Door(
            code_is_live=not self.is_revoked_at(at),
            site_is_open=not self.is_closed_at(at),
            site_is_suspended=self.is_suspended_at(at),
        )

    def _is_covered(self, mode: SuspensionMode, at: datetime) -> bool:
        return any(one.mode == mode and one.covers(at) for one in self.suspensions)


@dataclass(frozen=True)
class Use:
    """A logged use. ``rated_id`` is the use that a rating on its receipt is about: a repeated tap rates the first.

    ``is_excluded``: a reviewer has taken that use out of the averages, so that nothing may be added to it.
    """

    id: UUID
    site_id: int
    used_at: datetime
    month: str
    rated_id: UUID
    rating_counts: bool
    is_excluded: bool = False


@dataclass(frozen=True)
class RatingGiven:
    """The rating of one use, ``step`` 1 to 5."""

    step: int
    tags: list[str]
    comment: str
    rated_at: datetime
    sequence: int
    digest: bytes


class PrintedCode(Protocol):
    """What never changes of a code on a door: `SiteAtDoor` has it, too."""

    @property
    def code(self) -> str:
        """In its canonical form."""

    @property
    def site_id(self) -> int:
        """Whose door."""

    @property
    def door_code_id(self) -> int:
        """Which of its codes."""


def site_at_door(code: str) -> SiteAtDoor | None:
    """Return the site whose printed code is ``code`` (canonical form), revoked or not; None for an unknown code."""
    return site_in(*run(site_call(code)))


def site_seen_at_door(code: str) -> SiteAtDoor | None:
    """Return the same as `site_at_door`, for a page that reads nothing else: it costs one trip, no transaction."""
    return site_in(read(site_call(code)))


def site_call(code: str) -> Call:
    """Ask for the site at a door; `site_in` reads the answer."""
    return _SITE_AT_DOOR, {"code": code}


def site_in(rows: list[Row]) -> SiteAtDoor | None:
    """Return the site, if there is such a code."""
    if not rows:
        return None
    suspensions = tuple(SuspensionAtDoor(*row[_SITE_COLUMNS:]) for row in rows if row[_SITE_COLUMNS])
    fields: Row = (*rows[0][:_SITE_COLUMNS], suspensions)
    return SiteAtDoor(*fields)


def counted_uses_call(site_id: int, month: Month, p_site: bytes) -> Call:
    """Ask for the counted uses of one pseudonym; `counted_uses_near` reads the answer."""
    return _COUNTED_USES, {"site_id": site_id, "month": str(month), "p_site": p_site}


def counted_uses_near(used_at: datetime, rows: list[Row]) -> list[CountedUse]:
    """Return those counted uses that can matter for a tap at ``used_at``.

    A pseudonym lives for one month and four uses a day count, so there are few.
    """
    uses = [CountedUse(id=use_id, used_at=at) for use_id, at in rows]
    day = local_date(used_at)
    return [use for use in uses if local_date(use.used_at) == day or abs(use.used_at - used_at) < MINIMUM_GAP]


def use_by_key(site_id: int, client_key: UUID) -> tuple[UUID, bytes] | None:
    """Return (id, body digest) of the use that a page's key has logged at the site, if any."""
    (rows,) = run((_USE_BY_KEY, {"site_id": site_id, "client_key": client_key}))
    return (rows[0][0], rows[0][1]) if rows else None


def use_by_id(site_id: int, usage_id: UUID) -> Use | None:
    """Return one use of a site. A repeated tap lies in the month of the use it repeats, as its pseudonym does."""
    (rows,) = run((_USE_BY_ID, {"site_id": site_id, "usage_id": usage_id}))
    if not rows:
        return None
    used_at, month, reason, repeats_id, is_adjusted = rows[0]
    rated_id = repeats_id or usage_id
    return Use(
        id=usage_id,
        site_id=site_id,
        used_at=used_at,
        month=month,
        rated_id=rated_id,
        rating_counts=reason is None or repeats_id is not None,
        is_excluded=bool(is_adjusted) and rated_id in excluded_uses(site_id, month),
    )


def rating_call(use: Use) -> Call:
    """Ask for the rating that the receipt of ``use`` is about; `rating_in` reads the answer."""
    return _RATING, {"site_id": use.site_id, "month": use.month, "usage_id": use.rated_id}


def rating_in(rows: list[Row]) -> RatingGiven | None:
    """Return the rating, if it has been given."""
    return RatingGiven(*rows[0]) if rows else None


def rating_of(use: Use) -> RatingGiven | None:
    """Return the rating that the receipt of ``use`` is about, if it has been given."""
    return rating_in(*run(rating_call(use)))


def adjustments_call(site_id: int, month: str) -> Call:
    """Ask what reviewers did to the uses of a site and month ``YYYY-MM``; `excluded_in` reads the answer."""
    return _ADJUSTED_USES, {"site_id": site_id, "month": month}


def excluded_in(rows: list[Row]) -> set[UUID]:
    """Return the ids of the uses that a reviewer has excluded and nobody restored."""
    away: set[str] = set()
    for act, uses in rows:
        away = away | set(uses) if act == "exclude" else away - set(uses)
    return set(map(UUID, away))


def excluded_uses(site_id: int, month: str) -> set[UUID]:
    """Return the ids of the uses of a site and month ``YYYY-MM`` that a reviewer has excluded and nobody restored."""
    return excluded_in(*run(adjustments_call(site_id, month)))
