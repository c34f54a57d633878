"""What can be wrong with a rulebook, a facts file, or a question put to them."""

from app.errors import DomainError, Invalid


class RulebookError(DomainError):
    """A rulebook file is faulty and is not used; `params` name the file, the key and the reason."""

    code = "rulebook"


class FactsError(Invalid):
    """A facts file is faulty; `params` name the file and the key."""


class NotInForce(Invalid):
    """The rulebook says nothing about that date: it is outside every effective range."""


class NoSuchRulebook(Invalid):
    """There is no rulebook of that name."""


class NoConditions(Invalid):
    """The rulebook has no demonstration conditions for that kind of site."""
