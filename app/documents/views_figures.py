"""Pages and files of figures: statements of a month, rosters, coverage."""

from datetime import date
from typing import BinaryIO

from flask import Blueprint, render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts.models import TradeUnion
from app.accounts.queries import get_union
from app.clock import now
from app.documents import services, sources
from app.documents.coverage import coverage_of
from app.documents.coverage_export import coverage_workbook
from app.documents.coverage_export import title as coverage_title
from app.documents.forms import Content
from app.documents.rosters import roster as roster_workbook
from app.documents.rosters import title as roster_title
from app.documents.statements import read_month
from app.documents.views import to_file
from app.downloads import attached, file_name
from app.months import Month, local_date
from app.replica import reads_replica
from app.rulebooks import Rulebook
from app.sites.models import Site
from app.sites.particulars import premises
from app.sites.queries import get_site
from app.spreadsheets import XLSX
from app.web import ROLES, UNIONS, access

blueprint = Blueprint("figures", __name__)


@blueprint.get("/manage/sites/<int:site_id>/statement")
@access(*ROLES)
@reads_replica
def site_statement(site_id: int) -> ResponseReturnValue:
    """The statement of a month of one site, as a page."""
    site = get_site(current_user, site_id)
    month = _month()
    content, _ = services.content_of_site(site, month, now())
    return _page(content, month, site=site)


@blueprint.post("/manage/sites/<int:site_id>/statement")
@access(*ROLES)
def issue_site_statement(site_id: int) -> ResponseReturnValue:
    """Issue the statement of a month of one site, and go to its file."""
    site = get_site(current_user, site_id)
    return _issued(*services.content_of_site(site, _month(), now()), site=site)


@blueprint.get("/manage/unions/<int:union_id>/statement")
@access(*UNIONS)
@reads_replica
def union_statement(union_id: int) -> ResponseReturnValue:
    """The statement of a month of a union, as a page."""
    union = get_union(current_user, union_id)
    month = _month()
    content, _ = services.content_of_union(union, month, now())
    return _page(content, month, union=union)


@blueprint.post("/manage/unions/<int:union_id>/statement")
@access(*UNIONS)
def issue_union_statement(union_id: int) -> ResponseReturnValue:
    """Issue the statement of a month of a union, and go to its file."""
    union = get_union(current_user, union_id)
    return _issued(*services.content_of_union(union, _month(), now()), union=union)


@blueprint.get("/manage/unions/<int:union_id>/roster.xlsx")
@access(*UNIONS)
@reads_replica
def roster(union_id: int) -> ResponseReturnValue:
    """The roster of the sites below a union, one sheet per kind."""
    union, at = get_union(current_user, union_id), now()
    made = roster_workbook(union, sources.subjects_of, at, local_date(at))
    return _file(made, "roster", union, local_date(at))


@blueprint.get("/manage/unions/<int:union_id>/coverage")
@access(*UNIONS)
@reads_replica
def coverage(union_id: int) -> ResponseReturnValue:
    """Units covered, public places by category, women workers covered, and units that still lack a room."""
    union = get_union(current_user, union_id)
    known = sources.units_and_rooms(union)
    return render_template(
        "documents/coverage.html",
        union=union,
        found=coverage_of(*known),
        branches=sources.coverage_by_branch(union, *known),
        places=premises(),
        today=local_date(now()),
    )


@blueprint.get("/manage/unions/<int:union_id>/coverage.xlsx")
@access(*UNIONS)
@reads_replica
def coverage_xlsx(union_id: int) -> ResponseReturnValue:
    """The same figures as a workbook, with every gap."""
    union, at = get_union(current_user, union_id), now()
    known = sources.units_and_rooms(union)
    found, branches = coverage_of(*known), sources.coverage_by_branch(union, *known)
    return _file(coverage_workbook(union.name, found, branches, at), "coverage", union, local_date(at))


def _month() -> Month:
    return read_month(request.values.get("month"), local_date(now()))


def _page(content: Content, month: Month, *, site: Site | None = None, union: TradeUnion | None = None) -> str:
    this_month = Month.of_date(local_date(now()))
    later = month + 1 if month < this_month else None
    return render_template(
        "documents/statement.html", content=content, month=month, later=later, last=this_month, site=site, union=union
    )


def _issued(
    content: Content, rulebook: Rulebook, *, site: Site | None = None, union: TradeUnion | None = None
) -> ResponseReturnValue:
    key = f"statement-{content['month']}"
    union_id = union.id if union else None
    document = services.issue(
        content, key, user=current_user, now=now(), rulebook=rulebook, site=site, union_id=union_id
    )
    return to_file(document)


def _file(made: BinaryIO, name: str, union: TradeUnion, on: date) -> ResponseReturnValue:
    title = {"roster": roster_title, "coverage": coverage_title}[name](union.name)
    return attached(send_file(made, XLSX), file_name(title, on, ending="xlsx"), f"{name}-{union.id}-{on}")
