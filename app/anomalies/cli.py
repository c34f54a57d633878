"""``flask anomalies …``: for cron, and for whoever wants to try the detectors on events of her own."""

from datetime import date
from typing import TextIO

import click
import orjson
from flask.cli import AppGroup

from app import clock
from app.anomalies import csvfiles, detectors, nightly, scoring
from app.anomalies.context import SiteContext
from app.months import Month, local_date

anomalies_cli = AppGroup("anomalies", help="The search for inflated numbers.")


@anomalies_cli.command("collect")
def collect() -> None:
    """Keep each day's signals while pseudonyms are there, then judge every site; so does the maintenance job."""
    for line in nightly.run(clock.now()):
        click.echo(line)


@anomalies_cli.command("score")
@click.argument("events", type=click.File(encoding="utf-8-sig"))
@click.option("--sites", type=click.File(encoding="utf-8-sig"), help="CSV: site, room_type, hours, capacity, …")
@click.option("--from", "first", help="First month (2026-01); default: eleven before the last.")
@click.option("--to", "last", help="Last month; default: that of the last event.")
def score(events: TextIO, sites: TextIO | None, first: str | None, last: str | None) -> None:
    """Print the flags of each site in EVENTS, a CSV file, as one JSON object a line. Columns: docs/anomalies.md."""
    try:
        found, types = csvfiles.read_events(events)
        contexts = csvfiles.read_sites(sites, _today()) if sites else {}
        contexts = {site: SiteContext(types.get(site, "community")) for site in found} | contexts
        begins, ends = csvfiles.months_of(found)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    months = (Month.parse(first) if first else begins, Month.parse(last) if last else ends)
    for site, flags in scoring.score(found, contexts, *months).items():
        click.echo(orjson.dumps(_line(site, contexts[site], months, flags)).decode())


def _today() -> date:
    return local_date(clock.now())


def _line(
    site: str, context: SiteContext, months: tuple[Month, Month], flags: tuple[detectors.Flag, ...]
) -> dict[str, object]:
    return {
        "site": site,
        "room_type": context.room_type,
        "first_month": str(months[0]),
        "last_month": str(months[1]),
        "is_flagged": detectors.is_flagged(flags),
        "flags": [flag.to_json() | {"sentence": detectors.sentence(flag, "zh")} for flag in flags],
    }
