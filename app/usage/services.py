"""What changes at the door: a use is logged, a use is rated, keys are destroyed. Nothing here commits."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from flask import current_app
from sqlalchemy import bindparam, update

from app.config import Settings
from app.db import db
from app.errors import N_, Conflict, Gone, Invalid, NotFound
from app.months import Month
from app.usage import leaves, pseudonyms, queries, tallies
from app.usage.counting import RULE_VERSION, judge, time_of_use
from app.usage.keystore import KeyStore
from app.usage.masking import masked
from app.usage.prepared import Call, Prepared, run_with_commit
from app.usage.queries import RATINGS, SUPERSEDED, TAP_KEYS, USES, PrintedCode, RatingGiven, SiteAtDoor, Use

PURPOSES = ("pumping", "nursing", "pregnancy_rest", "diaper", "other")
TAGS = ("clean", "well_stocked", "quiet", "easy_to_find", "unclean", "missing_items", "hard_to_find", "door_locked")
COMMENT_LIMIT = 200
RATING_CHANGES_FOR = timedelta(hours=24)
TOO_OLD = N_("This use lies more than 72 hours back and can no longer be recorded")
NO_SUCH_CODE = N_("There is no such door code")
OTHER_BODY = N_("This key has already recorded a use with other content")
_NEW_KEY = tallies.inserting_or_ignoring(TAP_KEYS)
_NEW_USE = Prepared(USES.insert())
_COUNTED = {"recorded": 1, "counted": 1, "events": 1}
"""What nearly every tap does to its tally."""
_NEW_RATING = Prepared(RATINGS.insert())
_SUPERSEDED_RATING = Prepared(SUPERSEDED.insert())
_RATING_KEY = tuple(column.name for column in RATINGS.primary_key)
_CHANGED_RATING = Prepared(
    update(RATINGS)
    .where(*(RATINGS.c[name] == bindparam(f"of_{name}") for name in _RATING_KEY))
    .values({column.name: bindparam(column.name) for column in RATINGS.columns if column.name not in _RATING_KEY})
)


@dataclass(frozen=True)
class Visitor:
    """What a request reveals about who sent it. Lives as long as the request; only pseudonyms made of it are stored."""

    token: str
    address: str
    user_agent: str
    is_new: bool = False
    """The token was made just now, so that nothing was ever logged with it."""


@dataclass(frozen=True)
class Tap:
    """One tap on the button. The times are the phone's clock in ms, ``sent_ms`` that of this attempt to send it."""

    client_key: UUID
    purpose: str | None = None
    tapped_ms: int | None = None
    sent_ms: int | None = None

    def digest(self, door_code_id: int) -> bytes:
        """Return what makes a second request with the same key the same tap; the time of sending is not part of it."""
        body = f"{door_code_id}\n{self.purpose or ''}\n{'' if self.tapped_ms is None else self.tapped_ms}"
        return hashlib.blake2b(body.encode(), digest_size=16).digest()


@dataclass(frozen=True)
class Comments:
    """What a visitor may add to a rating; ``None`` in `rate` leaves what was said before."""

    tags: list[str]
    comment: str


class NoSuchDoor(NotFound):
    """What was known of a door code no longer holds."""


class KeyReused(Invalid):
    """The same key came with another body. ``usage_id`` is the use that the key has recorded."""

    def __init__(self, usage_id: UUID) -> None:
        super().__init__(OTHER_BODY, {"key": OTHER_BODY})
        self.usage_id = usage_id


def log_use(door: PrintedCode, tap: Tap, visitor: Visitor, keystore: KeyStore, now: datetime) -> UUID:
    """Log one tap and move the month's tally, in the caller's transaction; return the use's id.

    The site is judged as it is found in this transaction. A tap that comes again with the same key and content returns
    the first one's id and changes nothing. Raises `KeyReused` for the same key with other content, `Gone` for a tap of
    more than 72 hours ago (which is why no tap can enter a closed month), `Unavailable` when the keys of the pseudonyms
    cannot be reached, `NoSuchDoor` when ``door`` is none any more.
    """
    digest = tap.digest(door.door_code_id)
    used_at = time_of_use(now, tap.tapped_ms, tap.sent_ms)
    if used_at is None:
        return _logged_before(door.site_id, tap.client_key, digest)
    month = Month.of(used_at)
    who = _pseudonyms(door.site_id, month, visitor, keystore, now)
    usage_id = uuid4()
    key = {
        "site_id": door.site_id, "client_key": tap.client_key, "usage_id": usage_id, "month": str(month),
        "body_digest": digest,
    }  # fmt: skip
    held = tallies.take(
        door.site_id, month, _COUNTED, before=[queries.site_call(door.code), (_NEW_KEY, key)],
        under=[] if visitor.is_new else [queries.counted_uses_call(door.site_id, month, who["p_site"])],
    )  # fmt: skip
    found, is_new_key = held.before
    if not is_new_key:
        # The key has logged a use already; a second request has waited for the first one at the key.
        tallies.move(door.site_id, month, {counter: -step for counter, step in _COUNTED.items()})
        return _logged_before(door.site_id, tap.client_key, digest)
    around = [use for rows in held.under for use in queries.counted_uses_near(used_at, rows)]
    verdict = judge(used_at, _still(door, queries.site_in(found)).as_door_at(used_at), around)
    record = key | who | {
        "id": usage_id, "sequence": held.sequence, "door_code_id": door.door_code_id, "used_at": used_at,
        "received_at": now, "purpose": tap.purpose, "reason": verdict.reason, "repeats_id": verdict.repeats,
        "rule_version": RULE_VERSION,
    }  # fmt: skip
    storing: list[Call] = [(_NEW_USE, leaves.stamped("use", record, algorithm()))]
    if verdict.reason is not None:
        storing.append(tallies.moving(door.site_id, month, {"counted": -1, verdict.reason.value: 1}))
    run_with_commit(*storing)
    return usage_id


def _still(door: PrintedCode, found: SiteAtDoor | None) -> SiteAtDoor:
    if found is None or (found.site_id, found.door_code_id) != (door.site_id, door.door_code_id):
        raise NoSuchDoor(NO_SUCH_CODE)
    return found


def algorithm() -> str:
    """Which of `leaves.ALGORITHMS` new events are digested with."""
    settings: Settings = current_app.extensions["settings"]
    return settings.ledger_hash


def _logged_before(site_id: int, client_key: UUID, digest: bytes) -> UUID:
    known = queries.use_by_key(site_id, client_key)
    if known is None:
        raise Gone(TOO_OLD)
    usage_id, known_digest = known
    if known_digest != digest:
        raise KeyReused(usage_id)
    return usage_id


def _pseudonyms(site_id: int, month: Month, visitor: Visitor, keystore: KeyStore, now: datetime) -> dict[str, Any]:
    day = pseudonyms.key_day(now)
    site_key = keystore.key(f"site:{site_id}:{month}", now=now, expires_at=month.closes_at)
    day_key = keystore.key(f"day:{day}", now=now, expires_at=pseudonyms.day_key_expires_at(day))
    return {
        "p_site": pseudonyms.site_pseudonym(site_key, visitor.token),
        "p_day": pseudonyms.day_pseudonym(day_key, visitor.address, visitor.user_agent),
        "day_key": day.isoformat(),
    }


def can_rate(use: Use, given: RatingGiven | None, now: datetime) -> bool:
    """Whether the use may be rated, or its rating changed, at ``now``: its month is open, a first rating ≤ 24 h old.

    What a reviewer has excluded takes no more ratings: her adjustment says which ones go with it, exactly.
    """
    if use.is_excluded or Month.parse(use.month).is_closed(now):
        return False
    return given is None or now - given.rated_at <= RATING_CHANGES_FOR


def rate(site: SiteAtDoor, use: Use, step: int, said: Comments | None, now: datetime) -> None:
    """Rate one use with ``step`` 1 to 5, or change its rating, and move the month's tally.

    ``said`` None keeps tags and comment; a comment about a room inside a company is never stored, and in any other what
    tells who somebody is (`masking`) is covered first. Raises `Invalid` for an unknown step or tag or a comment of more
    than 200 characters, `Gone` once the month is closed, `Conflict` when the first rating is more than 24 hours old or
    a reviewer has excluded the use.
    """
    _check_rating(step, said)
    month = Month.parse(use.month)
    if month.is_closed(now):
        raise Gone(N_("The month of this use is closed; it can no longer be rated"))
    held = tallies.hold_open(
        use.site_id, month, under=[queries.adjustments_call(use.site_id, use.month), queries.rating_call(use)]
    )
    if use.rated_id in queries.excluded_in(held.under[0]):
        raise Conflict(N_("This use can no longer be rated"))
    given = queries.rating_in(held.under[1])
    if not can_rate(use, given, now):
        raise Conflict(N_("A rating can be changed for 24 hours; this one is final now"))
    words = Comments([], "") if given is None else Comments(given.tags, given.comment)
    if said is not None:
        words = Comments(said.tags, masked(said.comment.strip())[:COMMENT_LIMIT] if site.takes_comments else "")
    rating = {
        "site_id": use.site_id,
        "usage_id": use.rated_id,
        "month": use.month,
        "sequence": held.sequence,
        "step": step,
        "tags": words.tags,
        "comment": words.comment,
        "is_counted": use.rating_counts,
        "rated_at": now if given is None else given.rated_at,
        "changed_at": now,
    }
    run_with_commit(
        *_storing(leaves.stamped("rating", rating, algorithm()), given),
        tallies.moving(use.site_id, month, _rating_steps(use, None if given is None else given.step, step)),
    )


def _storing(rating: dict[str, Any], given: RatingGiven | None) -> list[Call]:
    """A change replaces what was said; of the rating before, the ledger keeps its place and its digest."""
    if given is None:
        return [(_NEW_RATING, rating)]
    superseded = {
        "site_id": rating["site_id"], "month": rating["month"], "sequence": given.sequence, "digest": given.digest,
    }  # fmt: skip
    mine = {f"of_{name}": rating[name] for name in _RATING_KEY}
    return [(_SUPERSEDED_RATING, superseded), (_CHANGED_RATING, rating | mine)]


def _check_rating(step: int, said: Comments | None) -> None:
    if not 1 <= step <= 5:
        raise _wrong("step", N_("A rating is a step from 1 to 5"))
    if said is None:
        return
    if not set(said.tags) <= set(TAGS) or len(set(said.tags)) < len(said.tags):
        raise _wrong("tags", N_("One of these tags is unknown"))
    if len(said.comment.strip()) > COMMENT_LIMIT or "\0" in said.comment:
        raise _wrong("comment", N_("A comment has at most 200 characters"))


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(message, {field: message})


def _rating_steps(use: Use, before: int | None, step: int) -> dict[str, int]:
    steps = {"events": 1}
    if use.rating_counts and before != step:
        steps[f"rating_{step}"] = 1
        if before is not None:
            steps[f"rating_{before}"] = -1
    return steps


def destroy_keys(keystore: KeyStore, now: datetime, *, thorough: bool) -> list[str]:
    """Destroy the keys whose time is over, return their names, and erase every ``p_day`` made with such a key.

    The erasure reads the whole table, so that it is done only when the key of a day went, or when it is to be
    ``thorough``: another process may have destroyed the key and died before it came to this. What needs a ``p_day`` a
    last time is in ``app.extensions["before_day_erasure"]``.
    """
    destroyed = keystore.destroy_expired(now)
    if thorough or any(name.startswith("day:") for name in destroyed):
        gone = pseudonyms.last_expired_day(now).isoformat()
        for keep in current_app.extensions.get("before_day_erasure", ()):
            keep(gone)
        db.session.execute(update(USES).where(USES.c.p_day.is_not(None), USES.c.day_key <= gone).values(p_day=None))
        for erase in current_app.extensions.get("day_pseudonym_erasers", ()):
            erase(gone)
    return destroyed
