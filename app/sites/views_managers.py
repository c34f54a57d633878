"""Who manages a site: the panel on its page, and the page on which its union changes it."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup

from app import clock
from app.accounts.models import User
from app.accounts.queries import is_union_account
from app.sites.manager_services import assign_managers, assignable_by, managers_of
from app.sites.models import Site
from app.sites.queries import get_site
from app.sites.views import actor, blueprint
from app.web import UNIONS, access


@blueprint.get("/sites/<int:site_id>/managers")
@access(*UNIONS)
def managers(site_id: int) -> ResponseReturnValue:
    """Choose the people who manage the site."""
    site, user = get_site(actor(), site_id), actor()
    present, choices = managers_of(site), assignable_by(user)
    others = [person for person in present if person.id not in {choice.id for choice in choices}]
    return render_template(
        "sites/managers.html", site=site, choices=choices, chosen={person.id for person in present}, others=others
    )


@blueprint.post("/sites/<int:site_id>/managers")
@access(*UNIONS)
def assign(site_id: int) -> ResponseReturnValue:
    """Let exactly the ticked people manage the site."""
    site = get_site(actor(), site_id)
    ticked = [int(text[:10]) for text in request.form.getlist("managers") if text.isascii() and text.isdigit()]
    assign_managers(actor(), site, ticked, clock.now())
    flash(gettext("The people who manage this site have been noted"), "success")
    return redirect(url_for("sites.site", site_id=site.id))


def managers_panel(site: Site, user: User) -> Markup:
    """Who manages the site, with the way to change it for those who may."""
    may = is_union_account(user)
    html = render_template("sites/managers_panel.html", site=site, managers=managers_of(site), may=may)
    return Markup(html)  # noqa: S704  a template escapes
