"""``flask accounts …``: unions and accounts, for an operator."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy import select

from app.accounts import events, importing, services
from app.accounts.models import TradeUnion, UnionLevel, User
from app.accounts.tokens import TOKEN_MAX_AGE, new_token
from app.clock import now
from app.db import db, unit_of_work
from app.errors import DomainError
from app.web import EVERYONE

accounts_cli = AppGroup("accounts", help="Unions and the accounts of the people who work with the system.")


@contextmanager
def _work() -> Iterator[None]:
    """One transaction; what is wrong is said in a sentence."""
    try:
        with unit_of_work():
            yield
    except DomainError as error:
        raise click.ClickException(str(error)) from error


@accounts_cli.command("create-union")
@click.argument("code")
@click.argument("name")
@click.argument("level", type=click.Choice([level.value for level in UnionLevel]))
@click.option("--parent", "parent_code", help="Code of the union above.")
@click.option("--division", help="Statistical code of its district or city, such as 330110.")
@click.option("--rulebook", help="Id of the rulebook it works by, such as qingdao-2023.")
def create_union(
    code: str, name: str, level: str, *, parent_code: str | None, division: str | None, rulebook: str | None
) -> None:
    """Create the union NAME with the CODE at a LEVEL."""
    with _work():
        parent = services.find_union(parent_code) if parent_code else None
        union = services.create_union(code, name, level, parent, division_code=division, rulebook_id=rulebook)
    click.echo(f"union {union.code} has the id {union.id}")


@accounts_cli.command("import-unions")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_unions(file: Path) -> None:
    """Create the unions of a CSV FILE (columns code, name, level, parent, division_code, rulebook_id)."""
    with _work():
        made = importing.import_unions(file.read_bytes())
    click.echo(f"{len(made)} unions created")


@accounts_cli.command("create-user")
@click.argument("username")
@click.option("--role", required=True, type=click.Choice(EVERYONE))
@click.option("--union", "union_code", required=True, help="Code of the union the person works for.")
@click.option("--name", "display_name", default="", help="The person's name as colleagues see it.")
@click.option("--ask", is_flag=True, help="Ask for the password instead of making one up.")
def create_user(username: str, role: str, union_code: str, display_name: str, ask: bool) -> None:
    """Create the account USERNAME. Its sites are assigned with `flask sites assign`."""
    password = _password(ask=ask)
    with _work():
        user = services.create_user(username, role, services.find_union(union_code), password, display_name)
        events.record("opened", user, now())
    click.echo(f"account {user.username} has the id {user.id}")
    _show(password, asked=ask)


@accounts_cli.command("reset-password")
@click.argument("username")
@click.option("--ask", is_flag=True, help="Ask for the password instead of making one up.")
def reset_password(username: str, ask: bool) -> None:
    """Give USERNAME a new password; her log-ins and API tokens end."""
    password = _password(ask=ask)
    with _work():
        user = services.find_user(username)
        services.set_password(user, password)
        events.record("password", user, now())
    _show(password, asked=ask)


@accounts_cli.command("reset-two-factor")
@click.argument("username")
def reset_two_factor(username: str) -> None:
    """Forget the authenticator and recovery codes of USERNAME."""
    with _work():
        user = services.find_user(username)
        services.reset_two_factor(user)
        events.record("two_factor", user, now())
    click.echo("authenticator and recovery codes removed")


@accounts_cli.command("disable")
@click.argument("username")
def disable(username: str) -> None:
    """Take the account USERNAME out of use."""
    with _work():
        user = services.find_user(username)
        services.disable(user)
        events.record("disabled", user, now())
    click.echo("out of use")


@accounts_cli.command("enable")
@click.argument("username")
def enable(username: str) -> None:
    """Take the account USERNAME back into use."""
    with _work():
        user = services.find_user(username)
        services.enable(user)
        events.record("enabled", user, now())
    click.echo("in use")


@accounts_cli.command("token")
@click.argument("username")
def token(username: str) -> None:
    """Print an API token of USERNAME, for the header Authentication-Token."""
    with _work():
        user = services.find_user(username)
        text = new_token(user)
        events.record("token", user, now())
    click.echo(text)
    click.echo(f"valid for {TOKEN_MAX_AGE.days} days, until the password changes or it is revoked", err=True)


@accounts_cli.command("list")
def list_accounts() -> None:
    """List all accounts by union."""
    rows = select(User).join(TradeUnion, User.trade_union_id == TradeUnion.id).order_by(TradeUnion.path, User.username)
    for user in db.session.scalars(rows):
        state = "in use" if user.active else "out of use"
        click.echo(f"{user.username}\t{user.role}\t{user.trade_union.code}\t{state}\t{user.display_name}")


def _password(*, ask: bool) -> str:
    if not ask:
        return services.new_password()
    typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return typed


def _show(password: str, *, asked: bool) -> None:
    if not asked:
        click.echo(f"password: {password}")
