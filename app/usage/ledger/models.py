"""The sealed ledger: batches of events by site and month, seals that chain them, checkpoints for witnesses outside."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Json, Model


class Seal(Model):
    """One link of the chain. `number` counts from 1 without gaps; `root` is the Merkle root over its batches.

    `seal_hash` covers every column before it, `signature` is its HMAC under the ledger's key (`key_id` names which).
    """

    __tablename__ = "seal"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    sealed_at: Mapped[datetime]
    algorithm: Mapped[str] = mapped_column(String(10))
    batches: Mapped[int]
    events: Mapped[int]
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    seal_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    key_id: Mapped[str] = mapped_column(String(16))
    signature: Mapped[bytes] = mapped_column(LargeBinary(32))


class SealedBatch(Model):
    """Events `first_sequence` to `last_sequence` of one site and month, under one seal.

    `root` is the Merkle root over the events' digests in order; `counters` is the tally after the last of them, by
    counter, zeros left out. `digest` covers all of that, salted, because a small number could be guessed from its plain
    digest.
    """

    __tablename__ = "sealed_batch"
    __table_args__ = (Index("ix_sealed_batch_seal_number", "seal_number"),)

    site_id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    first_sequence: Mapped[int] = mapped_column(primary_key=True)
    last_sequence: Mapped[int]
    seal_number: Mapped[int]
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    counters: Mapped[dict[str, int]] = mapped_column(Json)
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))


class Checkpoint(Model):
    """A closed month as it is told to witnesses outside: where the chain stood, and a root over all sites' figures.

    Made once, when every event of the month is sealed. `seal_number`, `seal_hash` are the chain's head at that moment.
    """

    __tablename__ = "checkpoint"

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    made_at: Mapped[datetime]
    algorithm: Mapped[str] = mapped_column(String(10))
    seal_number: Mapped[int] = mapped_column(ForeignKey("seal.number"))
    seal_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    sites: Mapped[int]
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    signature: Mapped[bytes] = mapped_column(LargeBinary(32))


class CheckpointFigure(Model):
    """One site's line under a checkpoint: a leaf over what is published and, salted, over the exact figures.

    `position` is the leaf's place, from 0, in the order of site ids; that each is there once is for the root to say,
    since a key without `site_id` could not be kept on Citus. `published` is what everybody may see (empty where
    a site's figures are not public), `exact` the tally with its adjustments at that moment, zeros left out.
    """

    __tablename__ = "checkpoint_figure"
    __table_args__ = (Index("ix_checkpoint_figure_month_position", "month", "position"),)

    site_id: Mapped[int] = mapped_column(primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    position: Mapped[int]
    published: Mapped[dict[str, str]] = mapped_column(Json)
    exact: Mapped[dict[str, int]] = mapped_column(Json)
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
