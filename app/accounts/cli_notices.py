"""``flask notices …``: telling people by e-mail what waits for them."""

import click
from flask import current_app
from flask.cli import AppGroup

from app.accounts import notices
from app.clock import now
from app.errors import Unavailable

notices_cli = AppGroup("notices", help="E-mail about what waits in people's inboxes.")


@notices_cli.command("send")
@click.option("--dry-run", is_flag=True, help="Only say how many mails are due.")
def send(dry_run: bool) -> None:
    """Send each person one mail about what is new in her inbox; calling it twice sends nothing twice."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    if not app.extensions["settings"].mail_url:
        raise click.ClickException("e-mail is off: set XIAOWU_MAIL_URL and XIAOWU_MAIL_FROM")
    if dry_run:
        due = notices.notices_at(app, now())
        click.echo(f"{len(due)} mails with {sum(len(one.keys) for one in due)} items are due")
        return
    try:
        outcome = notices.send_notices(app, now())
    except Unavailable as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{outcome.sent} mails sent, {outcome.refused} refused")
    if outcome.refused:
        raise SystemExit(1)
