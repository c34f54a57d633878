"""What a Citus cluster would say about a statement, as far as the statement itself tells.

A statement may go to many nodes, or be refused, unless every distributed table in it is held to one `site_id`: by a
constant or parameter, or by being equal to one that is. Columns of an outer query count inside a subquery, since tables
distributed alike lie together.
"""

import re
from collections.abc import Iterator

import sqlglot
from sqlglot import exp

from app.distribution import BY_SITE

Place = tuple[int, str, str]
"""A column: which query, which of its tables, which column."""
_CHANGES = (exp.Insert, exp.Update, exp.Delete, exp.Merge)
_QUERIES = (exp.Select, exp.Update, exp.Delete)
_CONSTANT = "a constant"


def complaints(sql: str) -> list[str]:
    """What is wrong with a statement as psycopg is given it; empty for one about no distributed table."""
    tree = sqlglot.parse_one(re.sub(r"%\(\w+\)s|%s", "$1", sql).replace("%%", "%"), read="postgres")
    if not _distributed(tree):
        return []
    found = [
        "changes data in a common table expression" for cte in tree.find_all(exp.CTE) if isinstance(cte.this, _CHANGES)
    ]
    if isinstance(tree, exp.Insert):
        found += _insert(tree)
    equal = _Equal(tree)
    for query in tree.find_all(*_QUERIES):
        sources = _sources(query)
        for alias, table in sources.items():
            if table in BY_SITE and not equal.is_constant((id(query), alias, "site_id")):
                found.append(f"{table} is not held to one site")
        if query is not tree and sources and not BY_SITE & set(sources.values()) and _looks_outside(query, sources):
            found.append(f"a subquery over {', '.join(sources.values())} depends on the query around it")
    return found


def _distributed(tree: exp.Expression) -> set[str]:
    return BY_SITE & {table.name for table in tree.find_all(exp.Table)}


def _insert(tree: exp.Insert) -> Iterator[str]:
    target = tree.this
    columns = [column.name for column in target.expressions] if isinstance(target, exp.Schema) else []
    if target.find(exp.Table).name in BY_SITE and "site_id" not in columns:
        yield "inserts without naming site_id"
    if target.find(exp.Table).name in BY_SITE and not isinstance(tree.expression, exp.Values):
        yield "inserts what it selects"


def _sources(query: exp.Expression) -> dict[str, str]:
    """The tables that a query itself names, by their aliases."""
    own = [query.this] if isinstance(query, exp.Update | exp.Delete) else []
    for key in ("from_", "using"):
        part = query.args.get(key)
        own += [part.this] if isinstance(part, exp.From) else list(part or [])
    own += [join.this for join in query.args.get("joins") or []]
    return {one.alias_or_name: one.name for one in own if isinstance(one, exp.Table)}


def _query_of(node: exp.Expression) -> exp.Expression | None:
    above = node.parent
    while above is not None and not isinstance(above, _QUERIES):
        above = above.parent
    return above


def _looks_outside(query: exp.Expression, sources: dict[str, str]) -> bool:
    return any(column.table and column.table not in sources for column in query.find_all(exp.Column))


class _Equal:
    """Which columns are equal to each other, and to a constant, by the conditions that every row has to meet."""

    def __init__(self, tree: exp.Expression) -> None:
        self._same: dict[Place | str, Place | str] = {}
        for query in tree.find_all(*_QUERIES):
            where = query.args.get("where")
            for one in _conditions(where.this if where else None):
                self._take(query, one)
            for join in query.args.get("joins") or []:
                for one in _conditions(join.args.get("on")):
                    # What an outer join asks of the other table keeps none of its rows away.
                    if not join.side or any(column.table == join.alias_or_name for column in one.find_all(exp.Column)):
                        self._take(query, one)

    def is_constant(self, place: Place) -> bool:
        """Whether a column can have one value only."""
        return self._root(place) == self._root(_CONSTANT)

    def _take(self, query: exp.Expression, condition: exp.Expression) -> None:
        if isinstance(condition, exp.EQ):
            sides = [_side(query, side) for side in (condition.left, condition.right)]
            if all(side is not None for side in sides):
                first, second = (self._root(side) for side in sides if side is not None)
                self._same[first] = second

    def _root(self, place: Place | str) -> Place | str:
        while place in self._same and self._same[place] != place:
            place = self._same[place]
        return place


def _conditions(condition: exp.Expression | None) -> Iterator[exp.Expression]:
    if isinstance(condition, exp.And | exp.Paren):
        for part in condition.args.values():
            yield from _conditions(part)
    elif condition is not None:
        yield condition


def _side(query: exp.Expression, side: exp.Expression) -> Place | str | None:
    while isinstance(side, exp.Cast | exp.Paren):
        side = side.this
    if isinstance(side, exp.Parameter | exp.Literal):
        return _CONSTANT
    if not isinstance(side, exp.Column):
        return None
    at: exp.Expression | None = query
    while at is not None:
        sources = _sources(at)
        alias = side.table or (next(iter(sources)) if len(sources) == 1 else "")
        if alias in sources:
            return (id(at), alias, side.name)
        at = _query_of(at)
    return None
