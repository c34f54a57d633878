"""Two hundred ways to cheat with the database in hand: update, delete, insert, reorder, truncate, restore, rewrite.

All are about what the witness's checkpoint covers, or are not mended with the key: what was sealed after the last
checkpoint and rewritten with the key is beyond any proof, and docs/ledger.md says so.
"""

from collections.abc import Mapping

from app.usage.ledger.queries import BATCHES, CHECKPOINTS, EVENTS, FIGURES, SEALS
from app.usage.ledger.verifying_sites import HOURS
from app.usage.queries import SUPERSEDED
from app.usage.tallies import TALLIES
from tests.usage.ledger.attacks import (
    Attack,
    busier,
    counting,
    cutting_chain,
    cutting_month,
    deleting,
    doubling,
    inserting,
    mended,
    moving,
    praising,
    restoring,
    shortening,
    silencing,
    swapping,
    updating,
)  # fmt: skip

WRONG_KEY = "w" * 32
LEDGER = ("checkpoint_figure", "checkpoint", "sealed_batch", "seal")
RECORDS = (
    "presence",
    "rating",
    "superseded_leaf",
    "usage_record",
    "adjustment",
    "erasure",
    "hour_bucket",
    "site_month",
)
USE, RATING, PRESENCE, ADJUSTMENT, ERASURE = EVENTS.values()
CONTENT: Mapping[str, Attack] = {
    "a use is moved in time": updating(USE, "used_at", "received_at"),
    "a use says something else": updating(USE, "reason", "purpose", "p_site", "rule_version", "door_code_id"),
    "a use is made to count": counting,
    "a rating is made better": praising,
    "a rating says something else": updating(RATING, "comment", "is_counted", "rated_at", "changed_at"),
    "a proof of presence is changed": updating(PRESENCE, "is_counted", "proven_at"),
    "an adjustment is changed": updating(ADJUSTMENT, "steps", "reason", "actor_name", "actor_id", "made_at"),
    "a superseded digest is changed": updating(SUPERSEDED, "digest"),
    "an erasure is changed": updating(ERASURE, "records", "buckets", "erased_at"),
    "an hour is changed": updating(HOURS, "counted", "recorded"),
    "a use is deleted": deleting(USE),
    "a rating is deleted": deleting(RATING),
    "a proof of presence is deleted": deleting(PRESENCE),
    "an adjustment is deleted": deleting(ADJUSTMENT),
    "all ratings of a room are deleted": silencing,
    "the last event of a month is cut off": shortening,
    "a use is added": inserting(is_sealed=False),
    "a use is added as if it were sealed": inserting(is_sealed=True),
    "two uses change places": swapping(USE, "sequence"),
    "two ratings change places": swapping(RATING, "sequence"),
    "a use goes to the other room": moving,
}
"""What somebody may want to change; each is tried with everything mended that would give it away, step by step."""
PLAIN: Mapping[str, Attack] = {
    "a tally is changed": updating(
        TALLIES, "counted", "recorded", "rating_5", "on_site", "too_soon", "events", "sealed"
    ),
    "a batch is changed": updating(BATCHES, "root", "counters", "last_sequence", "digest", "salt", "seal_number"),
    "a seal is changed": updating(
        SEALS, "sealed_at", "events", "batches", "root", "previous_hash", "seal_hash", "signature"
    ),
    "a checkpoint is changed": updating(CHECKPOINTS, "made_at", "root", "signature", "sites", "seal_hash"),
    "a figure is changed": updating(FIGURES, "exact", "published", "digest", "salt"),
    "a superseded digest is deleted": deleting(SUPERSEDED),
    "an erasure is deleted": deleting(ERASURE),
    "an hour is deleted": deleting(HOURS),
    "a tally is deleted": deleting(TALLIES),
    "a batch is deleted": deleting(BATCHES),
    "a seal is deleted": deleting(SEALS),
    "a figure is deleted": deleting(FIGURES),
    "a checkpoint is deleted": deleting(CHECKPOINTS),
    "an event is doubled": doubling,
    "an hour is added": busier,
    "two batches change places": swapping(BATCHES, "seal_number"),
    "two seals change places": swapping(SEALS, "root", "events", "batches", "seal_hash", "previous_hash", "signature"),
    "two figures change places": swapping(FIGURES, "exact", "published", "salt", "digest"),
    "a month of a room never was": cutting_month,
    "the chain is cut off": cutting_chain,
    "the chain is cut off and signed anew": mended(cutting_chain, 5),
    "an old copy is restored": restoring(*RECORDS, *LEDGER),
    "an old copy of the ledger is restored": restoring(*LEDGER),
    "an old copy of the records is restored": restoring(*RECORDS),
    "an old copy is restored and signed anew": mended(restoring(*RECORDS, *LEDGER), 5),
}


def attacks(number: int) -> list[tuple[str, Attack]]:
    """So many attacks: each content unmended, mended to every depth, with the right key and a wrong one; then again."""
    tried = [*PLAIN.items(), *CONTENT.items()]
    for name, attack in CONTENT.items():
        tried += [(f"{name}, mended to {depth}", mended(attack, depth)) for depth in range(1, 6)]
        tried.append((f"{name}, mended with a wrong key", mended(attack, 5, WRONG_KEY)))
    return [tried[place % len(tried)] for place in range(number)]
