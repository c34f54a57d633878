"""A checkpoint as witnesses outside keep it: lines for people, one line for a QR code, and a reader of both. Pure.

The line is ``XWC1 2026-10 SHA256 812 HASH 1204 ROOT CHECK``: month, algorithm, number and hash of the last seal, number
of sites, root over their figures, and eight digits that tell a slip of the pen from a changed chain. Hexadecimal in
capitals, which QR codes hold in less room; a reader takes either case and any blanks.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Protocol

from app.errors import N_, Invalid
from app.usage.leaves import ALGORITHMS

MARK = "XWC1"
"""Xiaowu checkpoint, format 1."""
TITLE = "XIAOWU CHECKPOINT 1"
_GROUP = 8
_LINE = re.compile(
    rf"{MARK} (?P<month>\d{{4}}-\d{{2}}) (?P<algorithm>[A-Z0-9]+) (?P<seal>\d{{1,10}}) (?P<head>[0-9A-F]{{64}}) "
    r"(?P<sites>\d{1,10}) (?P<root>[0-9A-F]{64}) (?P<check>[0-9A-F]{8})",
    re.ASCII,
)
_LINES = re.compile(
    rf"{TITLE} MONTH (\S+) ALGORITHM (\S+) SEAL (\d+) HEAD ([0-9A-F ]+) SITES (\d+) ROOT ([0-9A-F ]+) "
    r"CHECK ([0-9A-F ]{8,})",
    re.ASCII,
)
_NAMES = ("month", "algorithm", "seal", "head", "sites", "root", "check")
_UNREADABLE = N_("This is no checkpoint; it begins with XIAOWU CHECKPOINT or XWC1")
_MISTYPED = N_("The check digits of this checkpoint do not fit; compare it with the paper, sign by sign")


@dataclass(frozen=True, slots=True)
class Witness:
    """A checkpoint as it is known outside the database. `seal_hash` and `root` have 32 bytes."""

    month: str
    algorithm: str
    seal_number: int
    seal_hash: bytes
    sites: int
    root: bytes


class Told(Protocol):
    """What has the columns of a checkpoint."""

    month: str
    algorithm: str
    seal_number: int
    seal_hash: bytes
    sites: int
    root: bytes


def checkpoint_line(checkpoint: Told) -> str:
    """Return the one line, at most 190 signs, all of QR's alphanumeric set."""
    said = (
        f"{MARK} {checkpoint.month} {checkpoint.algorithm} {checkpoint.seal_number} {checkpoint.seal_hash.hex()} "
        f"{checkpoint.sites} {checkpoint.root.hex()}"
    ).upper()
    return f"{said} {_check(said)}"


def checkpoint_text(checkpoint: Told) -> str:
    """Return the lines for paper: a word and its value in each, hashes in groups of eight."""
    values = checkpoint_line(checkpoint).split(" ")[1:]
    lines = [TITLE]
    for name, value in zip(_NAMES, values, strict=True):
        parts = [value[start : start + _GROUP] for start in range(0, len(value), _GROUP)]
        lines.append(f"{name.upper()} {' '.join(parts) if name in ('head', 'root') else value}")
    return "\n".join(lines) + "\n"


def read_checkpoint(text: str) -> Witness:
    """Read either form, as typed or scanned. Raises `Invalid` for anything else and for wrong check digits."""
    folded = " ".join(text.upper().split())
    lines = _LINES.search(folded)
    found = _LINE.search(folded if lines is None else _as_line(lines))
    if found is None or found["algorithm"].lower() not in ALGORITHMS:
        raise Invalid(_UNREADABLE)
    if found["check"] != _check(found[0].rpartition(" ")[0]):
        raise Invalid(_MISTYPED)
    return Witness(
        month=found["month"],
        algorithm=found["algorithm"].lower(),
        seal_number=int(found["seal"]),
        seal_hash=bytes.fromhex(found["head"]),
        sites=int(found["sites"]),
        root=bytes.fromhex(found["root"]),
    )


def _as_line(found: re.Match[str]) -> str:
    """The values of the lines for people, put into the one line."""
    values = ["".join(value.split()) for value in found.groups()]
    return " ".join((MARK, *values[:-1], values[-1][:8]))


def _check(said: str) -> str:
    return hashlib.sha256(said.encode()).hexdigest()[:8].upper()
