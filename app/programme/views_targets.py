"""Page: how many sites a union sets out to open in a year, and how far it has come."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from markupsafe import Markup

from app.accounts.models import TradeUnion, User
from app.accounts.queries import get_union
from app.clock import now
from app.errors import N_, Invalid
from app.months import local_date
from app.programme import choices
from app.programme.targets import set_targets, targets
from app.rulebooks.model import KINDS
from app.web import DISTRICT_UNION, MUNICIPAL_UNION, UNIONS, access

blueprint = Blueprint("targets", __name__, url_prefix="/manage")
YEARS = range(2000, 2100)


@blueprint.get("/unions/<int:union_id>/targets")
@access(*UNIONS)
def page(union_id: int) -> ResponseReturnValue:
    """The targets of a year, this one unless another is asked for."""
    return _page(get_union(current_user, union_id), _year(request.args.get("year", "")), {})


@blueprint.post("/unions/<int:union_id>/targets")
@access(DISTRICT_UNION, MUNICIPAL_UNION)
def save(union_id: int) -> ResponseReturnValue:
    """Set them."""
    union = get_union(current_user, union_id)
    year = _year(request.form.get("year", ""))
    try:
        set_targets(current_user, union, year, {kind: request.form.get(kind, "") for kind in KINDS})
    except Invalid as error:
        return _page(union, year, {name: gettext(text, **error.params) for name, text in error.fields.items()}), 422
    flash(gettext("Saved"), "success")
    return redirect(url_for(".page", union_id=union.id, year=year))


def _year(text: str) -> int:
    if not text:
        return local_date(now()).year
    if not (text.isascii() and text.isdigit() and len(text) == 4 and int(text) in YEARS):
        message = N_("“%(text)s” is not a year; write it as 2026")
        raise Invalid(message, {"year": message}, text=text)
    return int(text)


def _default() -> str:
    default: str = current_app.extensions["settings"].default_rulebook
    return default


def _page(union: TradeUnion, year: int, errors: dict[str, str]) -> str:
    may_set = union.level in choices.CHOOSING_LEVELS and current_user.role in (DISTRICT_UNION, MUNICIPAL_UNION)
    rows = targets(union, year, _default())
    return render_template(
        "rulebooks/targets.html", union=union, year=year, rows=rows, errors=errors, may_set=may_set,
        entered=request.form if errors else {},
    )  # fmt: skip


def targets_panel(union: TradeUnion, user: User) -> Markup:
    """The targets of this year, as HTML for the page of a union. The caller has checked the scope."""
    year = local_date(now()).year
    rows = [one for one in targets(union, year, _default()) if one.number is not None or one.accepted]
    may_set = union.level in choices.CHOOSING_LEVELS and user.role in (DISTRICT_UNION, MUNICIPAL_UNION)
    if not rows and not may_set:
        return Markup("")
    html = render_template("rulebooks/targets_panel.html", union=union, year=year, rows=rows)
    return Markup(html)  # noqa: S704  rendered by Jinja with escaping
