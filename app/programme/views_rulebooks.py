"""Pages: the rulebooks in force for everybody to read, and which of them a union works by from when on."""

from dataclasses import dataclass
from datetime import date, timedelta

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from app.accounts.models import TradeUnion
from app.accounts.queries import get_union
from app.clock import now
from app.errors import N_, DomainError, Invalid, NotFound
from app.months import local_date
from app.programme import choices, comparison
from app.programme.comparison import Change
from app.programme.forms import read_date
from app.programme.wording import language, template_words
from app.rulebooks import NotInForce, Rulebook, available, load
from app.web import DISTRICT_UNION, MUNICIPAL_UNION, PUBLIC, UNIONS, access

blueprint = Blueprint("rulebooks", __name__)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a choice would change for the sites it reaches; `judged_on` is the date both rulebooks are applied on."""

    before: Rulebook
    after: Rulebook
    from_on: date
    judged_on: date
    changes: list[Change] | None

    @property
    def counts(self) -> dict[str, int]:
        """How many sites of each effect."""
        return comparison.counts(self.changes or [])


@blueprint.get("/rulebooks")
@access(PUBLIC)
def index() -> ResponseReturnValue:
    """All rulebooks."""
    books = sorted(map(load, available()), key=lambda book: (book.dated, book.id), reverse=True)
    return render_template(
        "rulebooks/index.html", rulebooks=books, today=local_date(now()), **template_words(language())
    )


@blueprint.get("/rulebooks/<rulebook_id>")
@access(PUBLIC)
def rulebook(rulebook_id: str) -> ResponseReturnValue:
    """The rules in force, article by article."""
    if rulebook_id not in available():
        raise NotFound(N_("There is no such rulebook"))
    today = local_date(now())
    shown = load(rulebook_id)
    on = today if shown.is_in_force(today) else shown.effective[-1].from_on
    return render_template("rulebooks/rulebook.html", rulebook=shown, on=on, today=today, **template_words(language()))


@blueprint.get("/manage/unions/<int:union_id>/rulebook")
@access(*UNIONS)
def choice(union_id: int) -> ResponseReturnValue:
    """What a union works by, and what another choice would change."""
    union = get_union(current_user, union_id)
    if "rulebook" not in request.args:
        return _choice_page(union)
    try:
        return _choice_page(union, preview=_preview(union))
    except Invalid as error:
        return _choice_page(union, error=error), 422


@blueprint.post("/manage/unions/<int:union_id>/rulebook")
@access(DISTRICT_UNION, MUNICIPAL_UNION)
def choose(union_id: int) -> ResponseReturnValue:
    """Choose a rulebook from a date on."""
    union = get_union(current_user, union_id)
    try:
        made = choices.choose(
            union, request.form.get("rulebook", ""), _from_on(request.form.get("from_on")), current_user, now()
        )
    except Invalid as error:
        return _choice_page(union, error=error), 422
    flash(gettext("From %(on)s on, %(id)s is in force here", on=made.from_on, id=made.rulebook_id), "success")
    return redirect(url_for(".choice", union_id=union.id))


@blueprint.post("/manage/unions/<int:union_id>/rulebook/withdraw")
@access(DISTRICT_UNION, MUNICIPAL_UNION)
def withdraw(union_id: int) -> ResponseReturnValue:
    """Take back a choice that is still to come."""
    union = get_union(current_user, union_id)
    choices.withdraw(union, _from_on(request.form.get("from_on")), local_date(now()))
    flash(gettext("The coming choice has been taken back"), "success")
    return redirect(url_for(".choice", union_id=union.id))


def _from_on(text: str | None) -> date:
    from_on = read_date(text, "from_on")
    if from_on is None:
        message = N_("The date is missing")
        raise Invalid(message, {"from_on": message})
    return from_on


def _preview(union: TradeUnion) -> Preview:
    """What the choice in the query string would change. Raises `Invalid` as choosing would."""
    today, from_on = local_date(now()), _from_on(request.args.get("from_on"))
    after = choices.check(union, request.args["rulebook"], from_on, today)
    yesterday = max(today, from_on - timedelta(days=1))
    before = load(choices.in_force(union, yesterday, _default()).rulebook_id)
    judged_on = today if after.is_in_force(today) else from_on
    try:
        without = choices.lower_choosers(union, from_on)
        changes = comparison.compare(before, after, judged_on, union, language(), without=without)
    except NotInForce:
        changes = None
    return Preview(before, after, from_on, judged_on, changes)


def _default() -> str:
    default: str = current_app.extensions["settings"].default_rulebook
    return default


def _choice_page(union: TradeUnion, preview: Preview | None = None, error: DomainError | None = None) -> str:
    today = local_date(now())
    fields = error.fields if error else {}
    made = choices.choices_of(union)
    return render_template(
        "rulebooks/choice.html",
        union=union,
        may_choose=union.level in choices.CHOOSING_LEVELS and current_user.role in (DISTRICT_UNION, MUNICIPAL_UNION),
        current=choices.in_force(union, today, _default()),
        coming=[row for row in reversed(made) if row[0].from_on > today],
        past=[row for row in made if row[0].from_on <= today],
        preview=preview,
        errors={name: gettext(text, **(error.params if error else {})) for name, text in fields.items()},
        entered=request.values,
        books={name: load(name) for name in available()},
        today=today,
        **template_words(language()),
    )
