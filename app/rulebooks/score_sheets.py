"""Reading self-check sheets: every sum on the paper has to come out."""

from datetime import date
from fractions import Fraction

from app.errors import N_
from app.rulebooks.model import ScoreGroup, ScoreItem, ScoreSheet
from app.rulebooks.node import Node
from app.rulebooks.series import read_series


def read_score_sheet(node: Node, kind: str, start: date) -> ScoreSheet:
    """Read one sheet (qingdao-2023 annex 1). Raises the node's complaint, also when points do not add up."""
    sheet = ScoreSheet(
        kind=kind,
        article=node.text("article"),
        label=node.text("label"),
        points=node.number("points"),
        pass_mark=read_series(node, "pass_mark", start, Node.number),
        groups=tuple(_group(row) for row in node.tables("groups")),
    )
    node.finish()
    _require_sum(node, "points", sheet.points, [group.points for group in sheet.groups])
    ids = [group.id for group in sheet.groups] + [item.id for group in sheet.groups for item in group.items]
    for name in ids:
        if ids.count(name) > 1:
            node.fail("groups", N_("%(file)s: %(key)s uses the name %(name)s twice"), name=name)
    for entry in sheet.pass_mark.entries:
        if entry.value > sheet.points:
            node.fail("pass_mark", N_("%(file)s: %(key)s is more than the sheet has points"))
    return sheet


def _group(row: Node) -> ScoreGroup:
    group = ScoreGroup(
        id=row.string("id"),
        label=row.text("label"),
        points=row.number("points"),
        items=tuple(_item(item) for item in row.tables("items")),
    )
    row.finish()
    _require_sum(row, "points", group.points, [item.most for item in group.items])
    return group


def _item(row: Node) -> ScoreItem:
    is_ranged = row.has("range")
    if is_ranged == row.has("points"):
        row.fail("points", N_("%(file)s: %(key)s or a range has to be given, and not both"))
    if is_ranged:
        between = row.table("range")
        least, most = between.number("least"), between.number("most")
        between.finish()
        if least >= most:
            row.fail("range", N_("%(file)s: %(key)s has to end above where it begins"))
    else:
        least = most = row.number("points")
    item = ScoreItem(row.string("id"), row.text("label"), least, most, is_ranged, row.flag("veto", default=False))
    row.finish()
    return item


def _require_sum(node: Node, key: str, total: Fraction, points: list[Fraction]) -> None:
    if sum(points) != total:
        message = N_("%(file)s: %(key)s is %(total)s, but what it is made of adds up to %(sum)s")
        node.fail(key, message, total=float(total), sum=float(sum(points)))
