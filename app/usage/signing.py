"""Signatures of what the ledger says: HMAC-SHA256 under a key that is never in the database or its backups."""

import hashlib
import hmac


def key_id(key: str) -> str:
    """Return 16 hex digits that name a key without telling it, so that a signature says which key made it."""
    return hashlib.sha256(b"xiaowu ledger key\n" + key.encode()).hexdigest()[:16]


def sign(key: str, said: bytes) -> bytes:
    """Return the signature (32 bytes) of ``said``."""
    return hmac.digest(key.encode(), said, "sha256")


def is_signed(key: str, said: bytes, signature: bytes) -> bool:
    """Whether ``signature`` was made over ``said`` with this key."""
    return hmac.compare_digest(sign(key, said), signature)
