"""``/figures``: the numbers that everybody may see, month by month."""

from dataclasses import dataclass

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from app.errors import N_, Invalid, NotFound
from app.months import Month
from app.replica import reads_replica
from app.usage.figures import export, queries
from app.usage.figures.disclosure import BASE, LEAST
from app.usage.figures.queries import Line
from app.web import PUBLIC, access

blueprint = Blueprint("public_figures", __name__)
_NO_MONTH = N_("The figures of this month are not public")


@dataclass(frozen=True)
class Shelf:
    """A released month among its neighbours."""

    month: Month
    earlier: Month | None
    later: Month | None


@blueprint.get("/figures")
@access(PUBLIC)
@reads_replica
def index() -> ResponseReturnValue:
    """The latest month."""
    months = queries.released_months()
    return _page(_shelf(str(months[0]))) if months else render_template("figures/none.html")


@blueprint.get("/figures/<month>")
@access(PUBLIC)
@reads_replica
def month(month: str) -> ResponseReturnValue:
    """One month: each city and its districts. Raises NotFound for a month that has not been published."""
    return _page(_shelf(month))


@blueprint.get("/figures/<month>/<int:union_id>")
@access(PUBLIC)
@reads_replica
def union(month: str, union_id: int) -> ResponseReturnValue:
    """One union in one month: the unions under it and its own sites. Raises NotFound for one without public sites."""
    shelf = _shelf(month)
    lines = {line.id: line for line in queries.union_lines(shelf.month)}
    if union_id not in lines:
        raise NotFound(N_("This union has no public sites in this month"))
    return render_template(
        "figures/union.html",
        shelf=shelf, line=lines[union_id], above=_above(lines, lines[union_id]),
        unions=[line for line in lines.values() if line.parent_id == union_id],
        sites=queries.site_lines(shelf.month, union_id), least=LEAST, base=BASE,
    )  # fmt: skip


@blueprint.get("/figures/<month>/figures.csv")
@access(PUBLIC)
@reads_replica
def table(month: str) -> ResponseReturnValue:
    """All lines of a month as CSV."""
    shelf = _shelf(month)
    answer = Response("".join(export.csv_lines(shelf.month)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="figures-{shelf.month}.csv"'
    return answer


def _page(shelf: Shelf) -> str:
    lines = queries.union_lines(shelf.month)
    shown = {line.id for line in lines}
    tops = [(top, [line for line in lines if line.parent_id == top.id]) for top in lines if top.parent_id not in shown]
    return render_template("figures/month.html", shelf=shelf, tops=tops, least=LEAST, base=BASE)


def _shelf(text: str) -> Shelf:
    try:
        month = Month.parse(text)
    except Invalid:
        raise NotFound(_NO_MONTH) from None
    months = queries.released_months()
    if month not in months:
        raise NotFound(_NO_MONTH)
    place = months.index(month)
    earlier = months[place + 1] if place + 1 < len(months) else None
    return Shelf(month, earlier, months[place - 1] if place else None)


def _above(lines: dict[int, Line], line: Line) -> list[Line]:
    """The unions above one, the topmost first."""
    found: list[Line] = []
    while line.parent_id in lines:
        line = lines[line.parent_id]
        found.insert(0, line)
    return found
