"""Which sites a query is about: some ids, those that another query finds, or all in a range of ids."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select


@dataclass(frozen=True, slots=True)
class IdRange:
    """All ids from `first` to `last`, both included: what one step through a very large table looks at."""

    first: int
    last: int


Ids = Select[int] | Sequence[int] | IdRange


def among(column: Any, ids: Ids) -> ColumnElement[bool]:
    """The condition that a column holds one of the ids. Only for a range does an index of any large table serve."""
    found: ColumnElement[bool] = column.between(ids.first, ids.last) if isinstance(ids, IdRange) else column.in_(ids)
    return found
