"""What a verification says: findings, what it has seen, and what it could not check. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.usage import signing

UNKNOWN_KEY = "signatures made with another key than this one could not be checked"
NOT_SEALED = "events are not sealed yet"
ERASED = "batches of erased records could be checked by their digest only"
NO_CHECKPOINT = "closed months have no checkpoint yet"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was sealed: `message`, in English, with `params`; the rest says where."""

    message: str
    params: Mapping[str, object] = field(default_factory=dict)
    site_id: int | None = None
    month: str | None = None
    sequence: int | None = None
    seal: int | None = None

    def __str__(self) -> str:
        places = {"seal": self.seal, "site": self.site_id, "month": self.month, "event": self.sequence}
        where = ", ".join(f"{name} {value}" for name, value in places.items() if value is not None)
        said = self.message % self.params if self.params else self.message
        return f"{where}: {said}" if where else said


@dataclass(slots=True)
class Seen:
    """What a verification has gone through, with the key that it checks signatures with."""

    key: str
    seals: int = 0
    batches: int = 0
    events: int = 0
    sites: int = 0
    unchecked: Counter[str] = field(default_factory=Counter)
    """What could not be checked, and how often."""

    def is_forged(self, key_id: str | None, said: bytes, signature: bytes) -> bool:
        """Whether a signature by the key ``key_id`` names is wrong; one by another key is noted as unchecked."""
        if signing.is_signed(self.key, said, signature):
            return False
        if key_id == signing.key_id(self.key):
            return True
        self.unchecked[UNKNOWN_KEY] += 1
        return False


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a verification; `is_cut` when there were more findings than are kept."""

    findings: tuple[Finding, ...]
    seen: Seen
    is_cut: bool = False
