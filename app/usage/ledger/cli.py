"""``flask ledger …``: sealing, verifying, and what witnesses outside keep."""

import time
from pathlib import Path

import click
import orjson
from flask.cli import AppGroup

from app import clock
from app.db import unit_of_work
from app.errors import DomainError, Invalid
from app.months import Month
from app.usage.ledger import proofs, queries, sealer, services, texts, verifying
from app.usage.ledger.findings import Report

ledger_cli = AppGroup("ledger", help="The sealed ledger: seals, checkpoints, verification.")


def _month(_context: click.Context, _param: click.Parameter, text: str | None) -> Month | None:
    try:
        return None if text is None else Month.parse(text)
    except Invalid as error:
        raise click.BadParameter(str(error)) from error


def _witnesses(_context: click.Context, _param: click.Parameter, paths: tuple[Path, ...]) -> list[texts.Witness]:
    return [_witness(path) for path in paths]


def _witness(path: Path) -> texts.Witness:
    try:
        return texts.read_checkpoint(path.read_text(encoding="utf-8", errors="replace"))
    except Invalid as error:
        raise click.BadParameter(f"{path}: {error}") from error


@ledger_cli.command("seal")
@click.option("--every", type=click.IntRange(min=1), help="Go on, every so many seconds, until stopped.")
def seal(every: int | None) -> None:
    """Seal what is not sealed yet and make the checkpoints of closed months.

    The processes that serve do this by themselves; a service of its own is for a machine that only keeps the database.
    """
    while True:
        number, months = sealer.run_once(clock.now())
        if every is None or number or months:
            made = f", checkpoints of {', '.join(map(str, months))}" if months else ""
            click.echo(f"{number} seals made{made}")
        if every is None:
            return
        time.sleep(every)


@ledger_cli.command("verify")
@click.option("--from", "first", callback=_month, help="First month whose events are read.")
@click.option("--to", "last", callback=_month, help="Last month whose events are read.")
@click.option(
    "--checkpoint", "witnesses", multiple=True, callback=_witnesses,
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
    help="A file with a checkpoint that a witness holds; may be given several times.",
)  # fmt: skip
def verify(first: Month | None, last: Month | None, witnesses: list[texts.Witness]) -> None:
    """Check the chain, every event, the counters, what erasure has left, and checkpoints held outside.

    Prints each finding and exits with 1 if there is one. Nothing is changed.
    """
    report = verifying.examine(first, last, witnesses, clock.now())
    for finding in report.findings:
        click.echo(str(finding))
    _sum_up(report)
    if report.findings:
        raise SystemExit(1)


def _sum_up(report: Report) -> None:
    if report.is_cut:
        click.echo(f"… there are more; the first {verifying.MOST_FINDINGS} are shown")
    for message, number in report.seen.unchecked.items():
        if number:
            click.echo(f"note: {number} {message}")
    seen = report.seen
    click.echo(
        f"{len(report.findings)} findings in {seen.seals} seals, {seen.batches} batches, {seen.events} events of "
        f"{seen.sites} sites"
    )


@ledger_cli.command("checkpoint")
@click.argument("month", callback=_month)
@click.option("--out", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Also write it to a file.")
@click.option("--line", "is_line", is_flag=True, help="In one line, as in the QR code.")
def checkpoint(month: Month, out: Path | None, *, is_line: bool) -> None:
    """Print the checkpoint of a closed MONTH, made now if it has none."""
    try:
        with unit_of_work():
            made = services.checkpoint(month, clock.now())
    except DomainError as error:
        raise click.ClickException(str(error)) from error
    text = texts.checkpoint_line(made) + "\n" if is_line else texts.checkpoint_text(made)
    if out is not None:
        out.write_text(text, encoding="utf-8")
    click.echo(text, nl=False)


@ledger_cli.command("proof")
@click.argument("month", callback=_month)
@click.argument("site_id", type=int)
@click.option("--exact", is_flag=True, help="With the exact figures and their salt: for reviewers only.")
def proof(month: Month, site_id: int, *, exact: bool) -> None:
    """Print the proof that the figures of a site stand under the checkpoint of a MONTH, as JSON."""
    made, figure = queries.checkpoint_of(month), queries.figure_of(site_id, month)
    if made is None or figure is None:
        raise click.ClickException(f"there is no checkpoint of {month} with the site {site_id}")
    said = proofs.proof_of(made, figure, with_exact=exact)
    click.echo(orjson.dumps(said, option=orjson.OPT_INDENT_2).decode())
