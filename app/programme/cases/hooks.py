"""Where parts say what an act on their kind of case asks for and brings about."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from app.accounts.models import User
from app.programme.cases.models import Case

Hook = Callable[[User, Case, datetime, Mapping[str, Any]], None]
Ending = Callable[[Case, date], bool]
_requirements: defaultdict[tuple[str, str], list[Hook]] = defaultdict(list)
_effects: defaultdict[tuple[str, str], list[Hook]] = defaultdict(list)

_endings: dict[str, Ending] = {}


def requirement(kind: str, act: str) -> Callable[[Hook], Hook]:
    """Ask `(actor, case, now, details)` before `act` moves a case of `kind`; it raises a domain error to refuse."""
    return _registered(_requirements, kind, act)


def effect(kind: str, act: str) -> Callable[[Hook], Hook]:
    """Call `(actor, case, now, details)` after `act` has moved a case of `kind`, in the same transaction."""
    return _registered(_effects, kind, act)


def ending(kind: str) -> Callable[[Ending], Ending]:
    """Ask `(case, today)` whether a case of `kind` is over although nobody has decided about it."""

    def keep(ask: Ending) -> Ending:
        _endings[kind] = ask
        return ask

    return keep


def is_left_behind(case: Case, today: date) -> bool:
    """Whether a case is over although nobody has decided about it: nothing waits for anybody any more."""
    ask = _endings.get(case.kind)
    return ask is not None and ask(case, today)


def check(actor: User, case: Case, act: str, now: datetime, details: Mapping[str, Any]) -> None:
    """Ask every requirement of the act."""
    for hook in _requirements[case.kind, act]:
        hook(actor, case, now, details)


def bring_about(actor: User, case: Case, act: str, now: datetime, details: Mapping[str, Any]) -> None:
    """Bring about every effect of the act."""
    for hook in _effects[case.kind, act]:
        hook(actor, case, now, details)


def _registered(table: defaultdict[tuple[str, str], list[Hook]], kind: str, act: str) -> Callable[[Hook], Hook]:
    def keep(hook: Hook) -> Hook:
        table[kind, act].append(hook)
        return hook

    return keep
