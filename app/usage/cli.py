"""``flask usage …``: commands for an operator and for cron."""

import click
from flask import current_app
from flask.cli import AppGroup

from app import clock
from app.db import unit_of_work
from app.months import Month
from app.usage import services, tallies

usage_cli = AppGroup("usage", help="Uses, tallies and the keys of the pseudonyms.")


@usage_cli.command("recount")
@click.option("--check", is_flag=True, help="Only compare; change nothing.")
def recount(check: bool) -> None:
    """Recompute every monthly tally from the recorded uses and ratings.

    Prints each difference. With --check, or when a closed month differs, the exit status is 1 if there is one; without
    --check the tallies of open months are set right.
    """
    now = clock.now()
    with unit_of_work():
        differences = tallies.recount(now, repair=not check)
        erased = tallies.erased_months()
    for difference in differences:
        click.echo(_line(difference, repaired=not check and not difference.month.is_closed(now)))
    left = [difference for difference in differences if check or difference.month.is_closed(now)]
    if erased:
        click.echo(f"{erased} site-months are erased: uses compared with their hours, ratings and on-site uses not")
    click.echo(f"{len(differences)} differences, {len(left)} left")
    if left:
        raise SystemExit(1)


def _line(difference: tallies.Difference, *, repaired: bool) -> str:
    month: Month = difference.month
    end = "repaired" if repaired else "not changed"
    numbers = f"{difference.counter}: stored {difference.stored}, events say {difference.recomputed}"
    return f"site {difference.site_id}, {month}, {numbers} ({end})"


@usage_cli.command("destroy-keys")
def destroy_keys() -> None:
    """Destroy the keys whose time is over and erase what was made with the daily ones; so does the maintenance job."""
    with unit_of_work():
        names = services.destroy_keys(current_app.extensions["keystore"], clock.now(), thorough=True)
    click.echo(f"{len(names)} keys destroyed")
