"""What a witness outside says about a ledger that has just been put back."""

from sqlalchemy import select

from app.db import db
from app.errors import N_
from app.usage.ledger.models import Seal
from app.usage.ledger.texts import Witness

_OLDER = N_(
    "THIS LEDGER IS OLDER THAN THE CHECKPOINT OF %(month)s: it ends at seal %(head)s, the checkpoint knows seal "
    "%(known)s. Everything in between is missing"
)
_OTHER = N_(
    "THIS LEDGER CONTRADICTS THE CHECKPOINT OF %(month)s: seal %(known)s is another one than the checkpoint has seen"
)


def contradiction(witness: Witness) -> str:
    """Return what is wrong with the ledger by a checkpoint from outside; empty when it can be the same one."""
    head = db.session.scalar(select(Seal.number).order_by(Seal.number.desc()).limit(1)) or 0
    known = {"month": witness.month, "known": witness.seal_number, "head": head}
    if witness.seal_number > head:
        return _OLDER % known
    seal = db.session.scalar(select(Seal.seal_hash).where(Seal.number == witness.seal_number))
    return "" if seal == witness.seal_hash else _OTHER % known
