"""What the forms ask about a union: its head, how to reach her, and how many women workers it has."""

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from app.accounts import queries, services
from app.accounts.models import TradeUnion
from app.accounts.views import blueprint, said
from app.errors import Invalid
from app.web import UNIONS, access

FIELDS = ("name", "head_name", "head_phone", "women_workers")


@blueprint.get("/unions/<int:union_id>/profile")
@access(*UNIONS)
def union_profile(union_id: int) -> ResponseReturnValue:
    """The union's own details."""
    union = queries.get_union(current_user, union_id)
    return _page(union, {name: getattr(union, name) for name in FIELDS}, {})


@blueprint.post("/unions/<int:union_id>/profile")
@access(*UNIONS)
def save_union_profile(union_id: int) -> ResponseReturnValue:
    """Change them."""
    union = queries.get_union(current_user, union_id)
    entered = {name: request.form.get(name, "") for name in FIELDS}
    try:
        services.describe_union(union, **entered)
    except Invalid as error:
        return _page(union, entered, said(error)), 422
    flash(gettext("Saved"), "success")
    return redirect(url_for("accounts.union_profile", union_id=union.id))


def _page(union: TradeUnion, entered: Mapping[str, object], errors: dict[str, str]) -> str:
    return render_template("accounts/union_profile.html", union=union, entered=entered, errors=errors)
