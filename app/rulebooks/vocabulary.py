"""The codes that rulebooks share with the sites: a misspelt one would never be found at any site."""

from collections.abc import Collection

from app.errors import N_
from app.rulebooks.errors import RulebookError
from app.rulebooks.rulebook import Rulebook

_known: dict[str, frozenset[str]] = {}


def know(*, facilities: Collection[str], premises: Collection[str]) -> None:
    """Tell which codes there are. The feature that has the rulebooks on the application calls this once."""
    _known["facilities"], _known["premises"] = frozenset(facilities), frozenset(premises)


def require_known_codes(rulebook: Rulebook) -> None:
    """Raise `RulebookError` naming the first code that no site can have. Says nothing while no codes are known."""
    for condition in rulebook.conditions:
        for part in condition.parts:
            codes = {code for group in part.groups for code in group.any_of}
            _require(rulebook, f"{condition.id}.{part.id}.groups", codes, "facilities")
    for variant in rulebook.variants:
        _require(rulebook, f"variants.{variant.id}.premises", variant.premises, "premises")


def _require(rulebook: Rulebook, key: str, codes: Collection[str], vocabulary: str) -> None:
    known = _known.get(vocabulary)
    unknown = sorted(set(codes) - known) if known is not None else []
    if unknown:
        message = N_("%(file)s: %(key)s names %(name)s; the codes there are: %(known)s")
        names = ", ".join(sorted(known or ()))
        raise RulebookError(message, file=f"{rulebook.id}.toml", key=key, name=unknown[0], known=names)
