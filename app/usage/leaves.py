"""What an event of the ledger says, as bytes, and its salted digest. Pure.

The content is JSON with sorted keys (RFC 8785 for the values that occur: texts, whole numbers, null, lists); instants
are UTC with microseconds, ids and bytes lower-case hex. `p_day` is not part of it: it is erased within 48 hours.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

ALGORITHMS = ("sha256", "sm3")
"""SHA-256, or SM3 (GB/T 32905-2016) where regulation asks for it."""
_PLACE = ("site_id", "month", "sequence")
FIELDS: Mapping[str, tuple[str, ...]] = {
    "use": (
        *_PLACE, "id", "client_key", "body_digest", "door_code_id", "used_at", "received_at", "p_site", "purpose",
        "reason", "repeats_id", "rule_version",
    ),
    "rating": (*_PLACE, "usage_id", "step", "tags", "comment", "is_counted", "rated_at", "changed_at"),
    "presence": (*_PLACE, "usage_id", "method", "is_counted", "proven_at"),
    "adjustment": (
        *_PLACE, "id", "act", "actor_id", "actor_name", "reason", "evidence", "attachment_id", "uses", "hours",
        "steps", "made_at",
    ),
    "erasure": (*_PLACE, "records", "buckets", "erased_at"),
}  # fmt: skip
"""The columns of each kind of event that its digest covers."""


def content(kind: str, row: Mapping[str, Any]) -> bytes:
    """Return what an event of a kind of `FIELDS` says. ``row`` has at least the columns named there."""
    return said(kind, {name: row[name] for name in FIELDS[kind]})


def said(kind: str, values: Mapping[str, Any]) -> bytes:
    """Return ``values`` under the name of their kind, in the one form that digests and signatures are made over."""
    plain = {name: _plain(value) for name, value in values.items()}
    return orjson.dumps({"kind": kind, **plain}, option=orjson.OPT_SORT_KEYS)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, UUID):
        return value.hex
    return value.hex() if isinstance(value, bytes) else value


def salted(algorithm: str, salt: bytes, words: bytes) -> bytes:
    """Return the digest (32 bytes) of 16 bytes of salt followed by what was said."""
    return hashlib.new(algorithm, salt + words).digest()


def stamped(kind: str, row: Mapping[str, Any], algorithm: str) -> dict[str, Any]:
    """Return ``row`` with a fresh ``salt`` and its ``digest``, ready to be stored."""
    salt = os.urandom(16)
    return {**row, "salt": salt, "digest": salted(algorithm, salt, content(kind, row))}


def is_intact(kind: str, row: Mapping[str, Any]) -> bool:
    """Whether a stored event still says what its digest covers, by any of `ALGORITHMS`."""
    words = content(kind, row)
    return any(salted(algorithm, row["salt"], words) == row["digest"] for algorithm in ALGORITHMS)


def hours_digest(algorithm: str, buckets: Iterable[Mapping[str, Any]]) -> bytes:
    """Return the digest over what retention leaves of a month: its `HourBucket` rows, in the order of their hours."""
    names = (
        "hour_at",
        "recorded",
        "counted",
        "code_revoked",
        "site_closed",
        "site_suspended",
        "too_soon",
        "daily_limit",
    )
    lines = [[_plain(bucket[name]) for name in names] for bucket in buckets]
    return hashlib.new(algorithm, orjson.dumps(lines)).digest()
