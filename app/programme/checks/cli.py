"""``flask checks …``: draws, for whoever wants to see that they were fair."""

import click
from flask.cli import AppGroup

from app.db import db
from app.programme.checks.drawing import drawn_again
from app.programme.checks.models import Draw
from app.sites.models import Site

checks_cli = AppGroup("checks", help="Yearly checks of sites.")


@checks_cli.command("draw")
@click.option("--recheck", "draw_id", required=True, type=click.IntRange(1, 2**31 - 1), help="Number of the draw.")
def draw(draw_id: int) -> None:
    """Draw again from the stored seed and candidates; exit with 1 when the result differs from what is stored."""
    held = db.session.get(Draw, draw_id)
    if held is None:
        raise click.ClickException(f"there is no draw {draw_id}")
    if held.drawn_at is None:
        raise click.ClickException(f"draw {draw_id} has been announced and not been held yet")
    click.echo(f"seed: {held.seed}")
    click.echo(f"source: {held.seed_source}")
    click.echo(f"rule {held.rule_version}, {held.size} of {len(held.candidates)} sites")
    again = drawn_again(held)
    for place, site_id in enumerate(again, start=1):
        site = db.session.get(Site, site_id)
        lots = held.candidates[str(site_id)]["weight"]
        click.echo(f"{place}\t{site_id}\t{lots}\t{site.name if site else ''}")
    if again != held.drawn:
        raise click.ClickException(f"the stored result is another one: {held.drawn}")
    click.echo("the same sites as stored")
