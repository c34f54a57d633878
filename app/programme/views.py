"""Pages: the verdict on a site, what people state about it, and a union's table."""

from collections.abc import Iterator
from typing import BinaryIO

from flask import Blueprint, current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from app.accounts.models import TradeUnion
from app.accounts.queries import get_union
from app.clock import now
from app.downloads import attached, file_name
from app.errors import Invalid
from app.months import local_date
from app.programme import export, grades, queries, services
from app.programme.forms import StatementForm, read_date, read_filter
from app.programme.judging import BANDS, Judges
from app.programme.listing import read_page
from app.programme.table import SORTS, Row
from app.programme.wording import language, template_words
from app.replica import reads_replica
from app.rulebooks import NoConditions, Rulebook, available, load
from app.sites.models import Site
from app.sites.queries import get_site
from app.spreadsheets import XLSX
from app.usage.adjustments.queries import excluded_by_month
from app.web import ROLES, UNIONS, access

blueprint = Blueprint("programme", __name__, url_prefix="/manage")


def _default_rulebook() -> str:
    default: str = current_app.extensions["settings"].default_rulebook
    return default


@blueprint.get("/sites/<int(max=2147483647):site_id>/verdict")
@access(*ROLES)
def verdict(site_id: int) -> ResponseReturnValue:
    """Every condition with its result, and what to do next: of the title, then what the rulebook asks for besides."""
    site = get_site(current_user, site_id)
    today = local_date(now())
    on = read_date(request.args.get("on"), "on") or today
    rulebook_id = request.args.get("rulebook") or services.rulebook_for(site, on, _default_rulebook())
    words = {"site": site, "on": on, "today": today, "rulebooks": [load(name) for name in available()]}
    words |= template_words(language())
    try:
        found = services.judge(site, rulebook_id, on, today)
    except NoConditions:
        rulebook = load(rulebook_id)
        words["others"] = services.other_reports(rulebook, services.facts_for(site, rulebook, on), on)
        return render_template("programme/no_conditions.html", rulebook=rulebook, **words)
    words["others"] = services.other_reports(found.report.rulebook, found.facts, on)
    evidence = grades.of_site(grades.evidence_of([site.id], on), site.id)
    window = found.report.window
    words["excluded"] = sum(excluded_by_month(site.id, window.first, window.last).values())
    return render_template(
        "programme/verdict.html", report=found.report, outlook=found.outlook, evidence=evidence, **words
    )


@blueprint.get("/sites/<int(max=2147483647):site_id>/statements")
@access(*ROLES)
def statements(site_id: int) -> ResponseReturnValue:
    """What people have stated about a site, and a form for each statement the rulebook asks for."""
    return _statements_page(get_site(current_user, site_id), None)


@blueprint.post("/sites/<int(max=2147483647):site_id>/statements")
@access(*ROLES)
def state(site_id: int) -> ResponseReturnValue:
    """State that something holds, or not, with date and name."""
    site = get_site(current_user, site_id)
    form = StatementForm.of_request()
    at = now()
    rulebook = _rulebook_of(site)
    try:
        holds, stated_on = form.read()
        services.attest(
            site, rulebook, form.item, holds=holds, stated_on=stated_on, note=form.note, user=current_user, at=at
        )
    except Invalid as error:
        form.errors = {name: gettext(text, **error.params) for name, text in error.fields.items()}
        return _statements_page(site, form), 422
    flash(gettext("Your statement has been recorded"), "success")
    return redirect(url_for(".statements", site_id=site.id, _anchor=form.item))


def _rulebook_of(site: Site) -> Rulebook:
    return load(services.rulebook_for(site, local_date(now()), _default_rulebook()))


def _statements_page(site: Site, form: StatementForm | None) -> str:
    rulebook = _rulebook_of(site)
    asked = rulebook.attestations_for(site.kind, site.location_kind, None)
    made = queries.statements_about(site.id)
    return render_template(
        "programme/statements.html",
        site=site,
        rulebook=rulebook,
        asked=[(one, [(row, by) for row, by in made if row.item == one.id]) for one in asked],
        form=form,
        today=local_date(now()),
        **template_words(language()),
    )


@blueprint.get("/unions/<int(max=2147483647):union_id>")
@access(*UNIONS)
@reads_replica
def union(union_id: int) -> ResponseReturnValue:
    """The table of a union's subtree."""
    shown = get_union(current_user, union_id)
    asked = read_filter(request.args, shown, current_user)
    page = read_page(shown, asked, local_date(now()), _default_rulebook())
    return render_template(
        "programme/union.html",
        union=shown,
        above=_unions_above(shown),
        below=queries.unions_below(shown),
        table=page,
        asked=asked,
        bands=BANDS,
        sorts=SORTS,
        panels=[panel(shown, current_user) for panel in current_app.extensions.get("union_panels", ())],
        **template_words(language()),
    )


def _unions_above(shown: TradeUnion) -> list[TradeUnion]:
    """The unions from the person's own down to the parent of the one shown."""
    return [one for one in queries.unions_on_path(shown) if one.path.startswith(current_user.trade_union.path)]


@blueprint.get("/unions/<int(max=2147483647):union_id>/sites.csv")
@access(*UNIONS)
@reads_replica
def union_csv(union_id: int) -> ResponseReturnValue:
    """The rows that the filter shows, as CSV with a byte order mark."""
    shown, _judges, rows = _rows(union_id)
    return _file(shown, export.csv(rows, language()), "text/csv", "csv")


@blueprint.get("/unions/<int(max=2147483647):union_id>/sites.xlsx")
@access(*UNIONS)
@reads_replica
def union_xlsx(union_id: int) -> ResponseReturnValue:
    """The rows that the filter shows, as a workbook."""
    shown, judges, rows = _rows(union_id)
    return _file(shown, export.xlsx(rows, judges, language(), now()), XLSX, "xlsx")


def _rows(union_id: int) -> tuple[TradeUnion, Judges, Iterator[list[Row]]]:
    shown = get_union(current_user, union_id)
    asked, judges = read_filter(request.args, shown, current_user), Judges(local_date(now()), _default_rulebook())
    return shown, judges, export.rows_below(shown, asked, judges)


def _file(shown: TradeUnion, made: BinaryIO, media_type: str, ending: str) -> ResponseReturnValue:
    on = local_date(now())
    name = file_name(shown.name, gettext("Sites"), on, ending=ending)
    return attached(send_file(made, mimetype=media_type), name, f"sites-{shown.id}-{on}")
