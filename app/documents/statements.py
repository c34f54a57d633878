"""The statement of a month: uses recorded and counted, ratings, verdicts, for a site or for a union's sites."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from app.accounts.models import TradeUnion
from app.documents.figures import plain
from app.documents.forms import Content
from app.documents.layouts import day, word, words_list
from app.documents.workbook import Page
from app.errors import N_, Invalid
from app.months import Month, local_date
from app.rulebooks import Report
from app.rulebooks.phrases import word as phrase
from app.rulebooks.report import MET, NOT_MET, UNKNOWN

RESULTS = (MET, NOT_MET, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Line:
    """One site in one month; of several together `sites` counts them. `steps`: ratings by step, 1 first. `verdict` is
    empty where the rulebook has no conditions for the kind."""

    name: str
    host: str
    branch: str
    recorded: int
    counted: int
    steps: tuple[int, ...]
    verdicts: Mapping[str, int]
    sites: int = 1
    is_sample: bool = False

    def score(self, scores: Sequence[int]) -> Fraction | None:
        """The exact mean score of the month's ratings, None without any."""
        number = sum(self.steps)
        return Fraction(sum(n * score for n, score in zip(self.steps, scores, strict=True)), number) if number else None

    @property
    def verdict(self) -> str:
        """The one verdict of a single site; empty for several, or without conditions."""
        return next((result for result in RESULTS if self.verdicts.get(result)), "") if self.sites == 1 else ""


def read_month(text: str | None, today: date) -> Month:
    """The month asked for, the one before this one without a wish. Raises Invalid naming ``month``."""
    if not text:
        return Month.of_date(today) - 1
    try:
        month = Month.parse(text)
    except Invalid as error:
        raise Invalid(error.message, {"month": error.message}, **error.params) from error
    if month > Month.of_date(today):
        message = N_("This month has not come yet")
        raise Invalid(message, {"month": message})
    return month


def judged_on(month: Month, today: date) -> date:
    """The day as of which a statement judges: the first after the month, or today while that has not come."""
    return min((month + 1).first_on, today)


def added(name: str, lines: Sequence[Line]) -> Line:
    """Several lines as one."""
    return Line(
        name=name,
        host="",
        branch="",
        recorded=sum(line.recorded for line in lines),
        counted=sum(line.counted for line in lines),
        steps=tuple(map(sum, zip((0, 0, 0, 0, 0), *(line.steps for line in lines), strict=True))),
        verdicts=sum((Counter(line.verdicts) for line in lines), Counter()),
        sites=sum(line.sites for line in lines),
        is_sample=any(line.is_sample for line in lines),
    )


def by_branch(lines: Sequence[Line]) -> list[Line]:
    """One line for each union directly below, in the order in which they come."""
    branches: dict[str, list[Line]] = {}
    for line in lines:
        branches.setdefault(line.branch, []).append(line)
    return [added(name, mine) for name, mine in branches.items()]


def union_statement(
    union: TradeUnion, month: Month, lines: Sequence[Line], scores: Sequence[int], at: datetime
) -> Content:
    """The statement of a union: every site of a unit or district; of a city its districts, and the sites besides."""
    per_site = [_site_row(number, line, scores) for number, line in enumerate(lines, start=1)]
    content = _content(word("statement_union", union=union.name), month, at)
    content["head"].append({"left": word("statement_unit", union=union.name), "right": ""})
    content["is_sample"] = any(line.is_sample for line in lines)
    total = added(word("sum"), lines)
    if union.level == "municipal":
        rows = [_branch_row(number, line, scores) for number, line in enumerate(by_branch(lines), start=1)]
        content["table"] = _table("branch_columns", rows, _branch_row("", total, scores))
        content["details"] = _table("site_columns", per_site, _site_row("", total, scores))
    else:
        content["table"] = _table("site_columns", per_site, _site_row("", total, scores))
    content["figures"] = _figures(total, scores, is_union=True)
    return content


def site_statement(
    line: Line, month: Month, scores: Sequence[int], report: Report | None, *, at: datetime
) -> Content:
    """The statement of one site: its figures, ratings by step, and each condition with its result."""
    content = _content(word("statement_site", site=line.name), month, at)
    content["head"].append({"left": word("statement_unit", union=line.host), "right": ""})
    content["is_sample"] = line.is_sample
    content["figures"] = _figures(line, scores, is_union=False)
    rows = [
        [finding.id, finding.label.zh, phrase(f"result_{finding.result}", "zh")]
        for finding in (report.findings if report else ())
    ]
    content["table"] = _table("condition_columns", rows, None) if rows else None
    return content


def statement_pages(content: Content) -> list[Page]:
    """The sheets of a statement's workbook: its figures, its table, and the single sites of a city."""
    lines = [(content["subtitle"], line["left"]) for line in content["head"]]
    footer = word("between").join((content["footer"]["left"], content["footer"]["right"]))

    def page(name: str, table: Content) -> Page:
        title, notes = content["title"], content["notes"]
        columns, widths = table["columns"], table["widths"]
        return Page(name, title, lines, columns, widths, table["rows"], table["total"], notes, footer)

    figures = {"columns": words_list("figure_columns"), "widths": [30, 20], "rows": content["figures"], "total": None}
    pages = [page(word("sheet_figures"), figures)]
    pages += [page(word(f"sheet_{name}"), content[name]) for name in ("table", "details") if content[name]]
    return pages


def _content(title: str, month: Month, at: datetime) -> Content:
    closed = month.is_closed(at)
    as_of = day(local_date(at))
    return {
        "template": "statement",
        "formats": ["pdf", "xlsx"],
        "title": title,
        "author": word("statement"),
        "annex": "",
        "subtitle": word("month", year=month.year, month=month.month),
        "head": [],
        "number": "",
        "month": str(month),
        "is_sample": False,
        "figures": [],
        "table": None,
        "details": None,
        "checkpoint": None,
        "checkpoint_label": word("checkpoint"),
        "checkpoint_none": word("checkpoint_none"),
        "notes": [word("statement_closed") if closed else word("statement_open", on=as_of), word("statement_words")],
    }


def _figures(line: Line, scores: Sequence[int], *, is_union: bool) -> list[list[Any]]:
    score = line.score(scores)
    said: list[list[Any]] = [[word("sites_number"), line.sites]] if is_union else []
    said += [[word("recorded"), line.recorded], [word("counted"), line.counted], [word("ratings"), sum(line.steps)]]
    said.append([word("satisfaction"), _number(score) if score is not None else word("no_ratings")])
    names = words_list("steps")
    said += [[names[step - 1], line.steps[step - 1]] for step in range(len(names), 0, -1)]
    if not is_union:
        said.append([word("verdict"), phrase(f"result_{line.verdict}", "zh") if line.verdict else word("no_verdict")])
    else:
        said += [[phrase(f"result_{result}", "zh"), line.verdicts.get(result, 0)] for result in RESULTS]
    return said


def _site_row(number: int | str, line: Line, scores: Sequence[int]) -> list[Any]:
    verdict = phrase(f"result_{line.verdict}", "zh") if line.verdict else word("no_verdict") if line.sites == 1 else ""
    return [
        number, line.name, line.host, line.recorded, line.counted, _number(line.score(scores)), sum(line.steps), verdict
    ]  # fmt: skip


def _branch_row(number: int | str, line: Line, scores: Sequence[int]) -> list[Any]:
    results = [line.verdicts.get(result, 0) for result in RESULTS]
    uses = [line.recorded, line.counted, _number(line.score(scores)), sum(line.steps)]
    return [number, line.name, line.sites, *uses, *results]


def _number(score: Fraction | None) -> float | str:
    """Cut after two places, so that 89.999 is not shown as 90."""
    return "" if score is None else float(plain(score))


def _table(columns: str, rows: list[list[Any]], total: list[Any] | None) -> Content:
    return {"columns": words_list(columns), "widths": words_list(f"{columns}_widths"), "rows": rows, "total": total}
