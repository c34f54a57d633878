"""Which sites a query is about: some ids, those that another query finds, or all in a range of ids."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, Dialect, Select, Text, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


@dataclass(frozen=True, slots=True)
class IdRange:
    """All ids from `first` to `last`, both included: what one step through a very large table looks at."""

    first: int
    last: int


Ids = Select[int] | Sequence[int] | IdRange


def among(column: Any, ids: Ids) -> ColumnElement[bool]:
    """The condition that a column holds one of the ids. Only for a range does an index of any large table serve."""
    if isinstance(ids, IdRange):
        return column.between(ids.first, ids.last)  # type: ignore[no-any-return]
    if isinstance(ids, Select):
        return column.in_(ids)  # type: ignore[no-any-return]
    return _OneOf(column, bindparam(None, list(ids), type_=_List()))


class _List(TypeDecorator[list[int]]):
    """Ids as one value: an array, or JSON where there are none."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(BigInteger()) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: list[int] | None, dialect: Dialect) -> Any:
        return value if dialect.name == "postgresql" else json.dumps(value)


class _OneOf(FunctionElement[bool]):
    """A column and a list. One text for however many ids: neither we nor the database read it anew each time."""

    inherit_cache = True

    def self_group(self, against: Any = None) -> "_OneOf":  # noqa: ARG002
        """Never ``… = 1``, which no index serves."""
        return self


@compiles(_OneOf)
def _as_json(element: _OneOf, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = (compiler.process(one, **options) for one in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({ids}))"  # noqa: S608  made of what SQLAlchemy compiled


@compiles(_OneOf, "postgresql")
def _as_array(element: _OneOf, compiler: SQLCompiler, **options: Any) -> str:
    column, ids = (compiler.process(one, **options) for one in element.clauses)
    return f"{column} = ANY ({ids})"
