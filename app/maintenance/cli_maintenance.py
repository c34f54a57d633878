"""``flask maintenance …``: everything that has to be done by itself, from one timer."""

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
def run(names: tuple[str, ...], *, is_all: bool, is_dry: bool) -> None:
    """Do what is due, with a line for each step; docs/operations.md lists them.

    For a timer, every 15 minutes. A step that fails is tried again by the next run and keeps none of the others from
    being done; the exit status is then 1. While another run is going on, on whatever node, it does nothing.
    """
    every, due = list(steps(current_app)), {step.name for step in jobs.due(clock.now())}
    if unknown := sorted(set(names) - {step.name for step in every}):
        raise click.BadParameter(f"there is no step {', '.join(unknown)}; there are {', '.join(s.name for s in every)}")
    if is_dry:
        return _tell(due)
    with jobs.alone(current_app.extensions["settings"]) as is_alone:
        if not is_alone:
            click.echo("Another run is going on.")
            return None
        wanted = set(names) or ({step.name for step in every} if is_all else due)
        failed = 0
        for outcome in jobs.run([step for step in every if step.name in wanted]):
            state = "done" if outcome.is_done else "FAILED"
            click.echo(f"{outcome.step:<12}{state:<8}{outcome.seconds:7.1f} s  {outcome.says}")
            failed += not outcome.is_done
    if failed:
        raise SystemExit(1)
    return None


def _tell(due: set[str]) -> None:
    before = jobs.successes()
    for step in steps(current_app):
        last = before.get(step.name)
        state = "due" if step.name in due else "not due"
        click.echo(f"{step.name:<12}{state:<8}  {f'last done {last:%Y-%m-%d %H:%M} UTC' if last else 'never done'}")
