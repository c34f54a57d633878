"""Where work begins after log-in, one's own account, and the people of one's unions."""

from itertools import groupby

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from flask_security import login_user

from app.accounts import events, queries, services
from app.accounts.inbox import PRESSING, inbox
from app.accounts.models import User
from app.accounts.tokens import new_token
from app.clock import now
from app.db import db
from app.errors import N_, Invalid
from app.web import ASSESSOR, EVERYONE, SITE_MANAGER, UNIONS, access, limiter

blueprint = Blueprint("accounts", __name__, url_prefix="/manage")


def _me() -> str:
    return f"account {current_user.get_id()}"


limited = limiter.shared_limit("20 per hour", scope="own-password", key_func=_me, methods=["POST"])


def _actor() -> User:
    actor: User = current_user._get_current_object()
    return actor


def _told(kind: str, user: User) -> None:
    events.record(kind, user, now(), by=_actor())


@blueprint.get("/")
@access(*EVERYONE)
def start() -> ResponseReturnValue:
    """The inbox while something presses, else a site manager's sites or the table of one's union.

    First the recovery codes of a fresh authenticator.
    """
    actor = _actor()
    if actor.tf_totp_secret and not actor.mf_recovery_codes:
        return redirect(url_for("security.mf_recovery_codes"))
    if actor.role == ASSESSOR or any(item.state in PRESSING for item in inbox(actor, now())):
        return redirect(url_for("accounts.show_inbox"))
    if actor.role == SITE_MANAGER:
        return redirect("/manage/sites")
    return redirect(f"/manage/unions/{actor.trade_union_id}")


@blueprint.get("/account")
@access(*EVERYONE)
def account() -> ResponseReturnValue:
    """One's own account, and what happened to it of late."""
    return _account_page()


@blueprint.post("/account/password")
@access(*EVERYONE)
@limited
def change_password() -> ResponseReturnValue:
    """A new password for oneself; every other session and every API token ends."""
    actor = _actor()
    try:
        services.confirm_password(actor, request.form.get("current", ""))
        services.set_password(actor, _repeated(request.form.get("password", ""), request.form.get("again", "")))
    except Invalid as error:
        return _account_page(errors=said(error)), 422
    _told("password", actor)
    login_user(actor)
    flash(gettext("Your password has been changed"), "success")
    return redirect(url_for("accounts.account"))


@blueprint.post("/account/email")
@access(*EVERYONE)
@limited
def change_email() -> ResponseReturnValue:
    """Where notices go: an address of hers, or none."""
    actor = _actor()
    try:
        services.set_email(actor, request.form.get("email", ""))
    except Invalid as error:
        return _account_page(email_errors=said(error)), 422
    _told("email", actor)
    message = gettext("Notices go to this address from now on") if actor.email else gettext("You get no notices")
    flash(message, "success")
    return redirect(url_for("accounts.account"))


@blueprint.post("/account/token")
@access(*EVERYONE)
@limited
def create_token() -> ResponseReturnValue:
    """An API token, shown once."""
    actor = _actor()
    try:
        services.confirm_password(actor, request.form.get("current", ""))
    except Invalid as error:
        return _account_page(token_errors=said(error)), 422
    _told("token", actor)
    return _account_page(token=new_token(actor))


@blueprint.post("/account/token/revoke")
@access(*EVERYONE)
def revoke_tokens() -> ResponseReturnValue:
    """End every API token and every other session of one's own."""
    actor = _actor()
    services.revoke_tokens(actor)
    _told("tokens", actor)
    login_user(actor)
    flash(gettext("All API tokens and all other log-ins of your account have ended"), "success")
    return redirect(url_for("accounts.account"))


@blueprint.get("/people")
@access(*UNIONS)
def people() -> ResponseReturnValue:
    """The accounts at the unions of one's subtree, or those of a name."""
    wanted = request.args.get("q", "").replace("\0", "").strip()[:100]
    found = db.session.scalars(queries.users_named(_actor(), wanted)).all()
    by_union = [(union, list(members)) for union, members in groupby(found, key=lambda user: user.trade_union)]
    return render_template("accounts/people.html", by_union=by_union, number=len(found), wanted=wanted)


@blueprint.get("/people/new")
@access(*UNIONS)
def new_person() -> ResponseReturnValue:
    """The form for a new account."""
    return _new_person_page({}, 200)


@blueprint.post("/people/new")
@access(*UNIONS)
def open_account() -> ResponseReturnValue:
    """A new account, and once its first password."""
    form, password = request.form, services.new_password()
    try:
        person = services.open_account(
            _actor(), _union_id(form.get("union_id", "")), form.get("role", ""), username=form.get("username", ""),
            display_name=form.get("display_name", ""), password=password,
        )  # fmt: skip
    except Invalid as error:
        return _new_person_page(said(error), 422)
    _told("opened", person)
    return _person_page(person, password=password)


@blueprint.get("/people/<int:user_id>")
@access(*UNIONS)
def person(user_id: int) -> ResponseReturnValue:
    """One account."""
    return _person_page(queries.get_user(_actor(), user_id))


@blueprint.post("/people/<int:user_id>/password")
@access(*UNIONS)
def reset_password(user_id: int) -> ResponseReturnValue:
    """A new password for someone who forgot hers, shown once."""
    user = services.account_to_change(_actor(), user_id)
    password = services.new_password()
    services.set_password(user, password)
    _told("password", user)
    return _person_page(user, password=password)


@blueprint.post("/people/<int:user_id>/two-factor")
@access(*UNIONS)
def reset_two_factor(user_id: int) -> ResponseReturnValue:
    """Forget the authenticator of someone whose telephone is lost."""
    user = services.account_to_change(_actor(), user_id)
    services.reset_two_factor(user)
    _told("two_factor", user)
    return _back_to(user_id, gettext("The authenticator has been removed"))


@blueprint.post("/people/<int:user_id>/disable")
@access(*UNIONS)
def disable(user_id: int) -> ResponseReturnValue:
    """Take an account out of use."""
    user = services.account_to_change(_actor(), user_id)
    services.disable(user)
    _told("disabled", user)
    return _back_to(user_id, gettext("The account is out of use"))


@blueprint.post("/people/<int:user_id>/enable")
@access(*UNIONS)
def enable(user_id: int) -> ResponseReturnValue:
    """Take an account back into use."""
    user = services.account_to_change(_actor(), user_id)
    services.enable(user)
    _told("enabled", user)
    return _back_to(user_id, gettext("The account is in use again"))


def _back_to(user_id: int, message: str) -> ResponseReturnValue:
    flash(message, "success")
    return redirect(url_for("accounts.person", user_id=user_id))


def _account_page(**more: object) -> str:
    return render_template("accounts/account.html", happened=events.hers(_actor()), **more)


def _person_page(user: User, password: str | None = None) -> str:
    may_change = user.role in services.roles_below(_actor())
    happened = events.latest(user, events.ACTS) if may_change else []
    return render_template(
        "accounts/person.html", person=user, password=password, may_change=may_change, happened=happened
    )


def _new_person_page(errors: dict[str, str], status: int) -> ResponseReturnValue:
    actor = _actor()
    unions = db.session.scalars(queries.unions_in_scope(actor)).all()
    roles = services.roles_below(actor)
    return render_template("accounts/new_person.html", unions=unions, roles=roles, errors=errors), status


def said(error: Invalid) -> dict[str, str]:
    """What is wrong about each field, in the person's language."""
    return {name: gettext(text, **error.params) for name, text in error.fields.items()}


def _repeated(password: str, again: str) -> str:
    if password != again:
        message = N_("The two new passwords are not the same")
        raise Invalid(message, fields={"again": message})
    return password


def _union_id(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        message = N_("Please choose a union")
        raise Invalid(message, fields={"union_id": message})
    return int(text)
