"""``flask sites assign``: who manages which site, for an operator."""

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from app import clock
from app.accounts.services import find_user
from app.db import db, unit_of_work
from app.errors import DomainError, NotFound
from app.sites.manager_services import assign_by_operator
from app.sites.models import Site


@click.command("assign")
@click.argument("username")
@click.argument("site_ids", nargs=-1, required=True, type=int)
@with_appcontext
def assign_command(username: str, site_ids: tuple[int, ...]) -> None:
    """Let the site manager USERNAME manage the sites with these numbers, besides her others."""
    try:
        with unit_of_work():
            assign_by_operator(find_user(username), [_site(site_id) for site_id in site_ids], clock.now())
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{username} manages {', '.join(map(str, site_ids))}")


def _site(site_id: int) -> Site:
    site = db.session.scalar(select(Site).where(Site.id == site_id))
    if site is None:
        raise NotFound("There is no site with the number %(number)s", number=site_id)
    return site


COMMANDS = (assign_command,)
