"""Reading score sheets: every sum on the paper has to come out."""

from collections.abc import Collection
from datetime import date
from fractions import Fraction

from app.errors import N_
from app.rulebooks.node import Node
from app.rulebooks.series import read_series
from app.rulebooks.sheets import SHEET_USES, ScoreGroup, ScoreItem, ScoreSheet


def read_score_sheets(
    node: Node, start: date, kinds: tuple[str, ...], variants: Collection[str]
) -> dict[str, ScoreSheet]:
    """Read ``[sheets.ID]``, all of them (qingdao-2023 annex 1). Raises the node's complaint."""
    if not node.has("sheets"):
        return {}
    found = {name: _sheet(table, name, start, kinds, variants) for name, table in node.named_tables("sheets")}
    taken = [(kind, use, variant) for one in found.values() for kind, use, variant in _served(one)]
    for served in taken:
        if taken.count(served) > 1:
            message = N_("%(file)s: %(key)s: two sheets are for %(served)s")
            node.fail("sheets", message, served=" ".join(served).strip())
    return found


def _served(sheet: ScoreSheet) -> list[tuple[str, str, str]]:
    return [(kind, use, variant) for kind in sheet.kinds for use in sheet.uses for variant in sheet.variants or ("",)]


def _sheet(node: Node, name: str, start: date, kinds: tuple[str, ...], variants: Collection[str]) -> ScoreSheet:
    is_tick_list = not node.has("points") and not node.has("pass_mark")
    sheet = ScoreSheet(
        id=name,
        kinds=node.words("kinds", kinds),
        variants=node.words("variants", tuple(variants)) if node.has("variants") else (),
        uses=node.words("uses", SHEET_USES),
        article=node.text("article"),
        label=node.text("label"),
        points=None if is_tick_list else node.number("points"),
        pass_mark=None if is_tick_list else read_series(node, "pass_mark", start, Node.number),
        groups=tuple(_group(row, is_tick_list=is_tick_list) for row in node.tables("groups")),
    )
    node.finish()
    if sheet.points is not None:
        _require_sum(node, "points", sheet.points, [group.points for group in sheet.groups])
    ids = [group.id for group in sheet.groups] + [item.id for item in sheet.items]
    for one in ids:
        if ids.count(one) > 1:
            node.fail("groups", N_("%(file)s: %(key)s uses the name %(name)s twice"), name=one)
    for entry in sheet.pass_mark.entries if sheet.pass_mark else ():
        if sheet.points is not None and entry.value > sheet.points:
            node.fail("pass_mark", N_("%(file)s: %(key)s is more than the sheet has points"))
    return sheet


def _group(row: Node, *, is_tick_list: bool) -> ScoreGroup:
    group = ScoreGroup(
        id=row.string("id"),
        label=row.text("label"),
        points=Fraction(0) if is_tick_list else row.number("points"),
        items=tuple(_item(item, is_tick_list=is_tick_list) for item in row.tables("items")),
    )
    row.finish()
    if not is_tick_list:
        _require_sum(row, "points", group.points, [item.most for item in group.items])
    return group


def _item(row: Node, *, is_tick_list: bool) -> ScoreItem:
    is_ranged = not is_tick_list and row.has("range")
    least, most = (Fraction(0), Fraction(0)) if is_tick_list else _points(row, is_ranged=is_ranged)
    item = ScoreItem(
        id=row.string("id"),
        label=row.text("label"),
        least=least,
        most=most,
        is_ranged=is_ranged,
        veto=row.flag("veto", default=False),
        indicator=row.text("indicator") if row.has("indicator") else None,
        note=row.text("note") if row.has("note") else None,
    )
    row.finish()
    return item


def _points(row: Node, *, is_ranged: bool) -> tuple[Fraction, Fraction]:
    if is_ranged == row.has("points"):
        row.fail("points", N_("%(file)s: %(key)s or a range has to be given, and not both"))
    if not is_ranged:
        return row.number("points"), row.number("points")
    between = row.table("range")
    least, most = between.number("least"), between.number("most")
    between.finish()
    if least >= most:
        row.fail("range", N_("%(file)s: %(key)s has to end above where it begins"))
    return least, most


def _require_sum(node: Node, key: str, total: Fraction, points: list[Fraction]) -> None:
    if sum(points) != total:
        message = N_("%(file)s: %(key)s is %(total)s, but what it is made of adds up to %(sum)s")
        node.fail(key, message, total=float(total), sum=float(sum(points)))
