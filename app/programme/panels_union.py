"""What a union's page says about its rulebook."""

from flask import current_app, render_template
from markupsafe import Markup

from app.accounts.models import TradeUnion, User
from app.clock import now
from app.months import local_date
from app.programme import choices
from app.programme.wording import language, template_words
from app.rulebooks import load


def rulebook_panel(union: TradeUnion, _user: User) -> Markup:
    """The rulebook in force and the next one, as HTML for the page of a union. The caller has checked the scope."""
    today = local_date(now())
    current = choices.in_force(union, today, current_app.extensions["settings"].default_rulebook)
    coming = [choice for choice, _ in choices.choices_of(union) if choice.from_on > today]
    html = render_template(
        "rulebooks/panel.html",
        union=union,
        current=current,
        rulebook=load(current.rulebook_id),
        coming=min(coming, key=lambda choice: choice.from_on, default=None),
        **template_words(language()),
    )
    return Markup(html)  # noqa: S704  rendered by Jinja with escaping
