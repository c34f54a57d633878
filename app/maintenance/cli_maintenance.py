"""``flask maintenance …``: everything that has to be done by itself, from one timer."""

import time

import click
from flask import current_app
from flask.cli import AppGroup

from app import clock
from app.maintenance import jobs
from app.maintenance.steps import steps

maintenance_cli = AppGroup("maintenance", help="What has to be done by itself, in one job.")


@maintenance_cli.command("run")
@click.option(
    "--only", "names", multiple=True, help="Do this step, whether it is due or not; may be given several times."
)
@click.option("--all", "is_all", is_flag=True, help="Do every step, whether it is due or not.")
@click.option("--dry-run", "is_dry", is_flag=True, help="Only say which steps there are, and which are due.")
@click.option("--every", type=click.IntRange(min=1), help="Go on with what is due, every so many seconds.")
def run(names: tuple[str, ...], every: int | None, *, is_all: bool, is_dry: bool) -> None:
    """Do what is due, with a line for each step; docs/operations.md lists them.

    For a timer, every 15 minutes. A step that fails is tried again by the next run and keeps none of the others from
    being done; the exit status is then 1. While another run is going on, on whatever node, it does nothing.
    """
    known = [step.name for step in steps(current_app)]
    if unknown := sorted(set(names) - set(known)):
        raise click.BadParameter(f"there is no step {', '.join(unknown)}; there are {', '.join(known)}")
    if is_dry:
        _tell()
        return
    failed = _run(set(names) or (set(known) if is_all else None))
    while every is not None:
        time.sleep(every)
        _run(None)
    if failed:
        raise SystemExit(1)


def _run(wanted: set[str] | None) -> int:
    """Do these steps, or those that are due; return how many failed."""
    with jobs.alone(current_app.extensions["settings"]) as is_alone:
        if not is_alone:
            click.echo("Another run is going on.")
            return 0
        chosen = jobs.due(clock.now()) if wanted is None else [one for one in steps(current_app) if one.name in wanted]
        failed = 0
        for outcome in jobs.run(chosen):
            state = "done" if outcome.is_done else "FAILED"
            click.echo(f"{outcome.step:<12}{state:<8}{outcome.seconds:7.1f} s  {outcome.says}")
            failed += not outcome.is_done
    return failed


def _tell() -> None:
    before, due = jobs.successes(), {step.name for step in jobs.due(clock.now())}
    for step in steps(current_app):
        last = before.get(step.name)
        state = "due" if step.name in due else "not due"
        click.echo(f"{step.name:<12}{state:<8}  {f'last done {last:%Y-%m-%d %H:%M} UTC' if last else 'never done'}")
