"""``flask sites posters | codes``: printing posters and looking after the codes on the doors, for an operator."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext
from flask_babel import force_locale, gettext
from sqlalchemy import Select, select

from app import clock
from app.accounts.models import TradeUnion
from app.config import Settings
from app.db import db, unit_of_work
from app.errors import N_, DomainError, Invalid, NotFound
from app.sites.door_code_services import issue_code, live_codes, printable_code, reissue_code, revoke_code
from app.sites.door_codes import door_url, fold_code, grouped
from app.sites.models import DoorCode, Site, SiteStatus
from app.sites.posters import FORMATS, PosterFormat, posters_pdf, unprintable
from app.sites.printing import open_sites_below, poster_of


@contextmanager
def _speaking() -> Iterator[None]:
    with force_locale(current_app.config["BABEL_DEFAULT_LOCALE"]):
        try:
            yield
        except DomainError as error:
            raise click.ClickException(gettext(error.message, **error.params)) from error


@click.command("posters")
@click.option("--site", "site_ids", multiple=True, type=int, help="Number of a site; may be given several times.")
@click.option("--district", help="Code of a union, with all below it, or of an administrative division.")
@click.option("--format", "paper", type=click.Choice(FORMATS), default="a4", show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The PDF to write.")
@with_appcontext
def posters_command(*, site_ids: Sequence[int], district: str | None, paper: PosterFormat, out: Path) -> None:
    """Print the posters of one site, of several, or of a whole district into one PDF."""
    settings: Settings = current_app.extensions["settings"]
    now = clock.now()
    with _speaking():
        found = _sites(site_ids, district)
        pairs = [(site, code) for site in found if (code := printable_code(site, now))]
        sheets = [poster_of(site, code, settings, now) for site, code in pairs]
        with click.progressbar(length=len(sheets), file=sys.stderr, label=str(out)) as bar:
            pdf = posters_pdf(sheets, paper, title=out.stem, advance=lambda: bar.update(1))
        _warn(found, {site.id for site, _code in pairs})
    try:
        out.write_bytes(pdf)
    except OSError as error:
        raise click.ClickException(f"{out}: {error.strerror}") from error
    click.echo(f"{out}: {len(pairs)}")


def _warn(sites: list[Site], printed: set[int]) -> None:
    for site in sites:
        if site.id not in printed:
            click.echo(gettext("Left out, no valid code: %(id)s %(name)s", id=site.id, name=site.name), err=True)
        if signs := unprintable(site.name + site.floor_label):
            click.echo(gettext("No glyph for “%(signs)s”: %(name)s", signs=signs, name=site.name), err=True)


codes_cli = AppGroup("codes", help="The codes on the doors.")


@codes_cli.command("issue")
@click.option("--site", "site_ids", multiple=True, type=int, help="Number of a site; may be given several times.")
@click.option("--district", help="Code of a union, with all below it, or of a division: all that lack a code.")
def issue_command(*, site_ids: Sequence[int], district: str | None) -> None:
    """Issue first codes. Sites that have one are left alone, unless named by number: then that is an error."""
    now = clock.now()
    with _speaking(), unit_of_work():
        lacking = [site for site in _sites(site_ids, district) if site_ids or printable_code(site, now) is None]
        for site in lacking:
            _show(site, issue_code(None, site, now))
        click.echo(str(len(lacking)))


@codes_cli.command("reissue")
@click.option("--site", "site_id", type=int, required=True, help="Number of the site.")
@click.option("--reason", default="", help="Why, for the site's history.")
@click.option("--keep-days", type=click.IntRange(0, 366), default=0, help="How long the old one stays valid.")
def reissue_command(*, site_id: int, reason: str, keep_days: int) -> None:
    """Issue a new print version; the old code ends now or after --keep-days."""
    with _speaking(), unit_of_work():
        (site,) = _sites([site_id], None)
        _show(site, reissue_code(None, site, clock.now(), reason=reason, keep_old_for=timedelta(days=keep_days)))


@codes_cli.command("revoke")
@click.argument("code")
@click.option("--reason", required=True, help="Why, for the site's history.")
def revoke_command(*, code: str, reason: str) -> None:
    """End CODE, as printed on the poster, at once."""
    with _speaking(), unit_of_work():
        found = db.session.scalar(select(DoorCode).where(DoorCode.code == (fold_code(code) or "")))
        if found is None:
            raise NotFound(N_("There is no such door code"))
        revoke_code(None, found.site, found, reason, clock.now())
        click.echo(f"{found.site.id}\t{found.site.name}\t{grouped(found.code)}")


@codes_cli.command("list")
@click.option("--site", "site_ids", multiple=True, type=int)
@click.option("--district", help="Code of a union, with all below it, or of an administrative division.")
def list_command(*, site_ids: Sequence[int], district: str | None) -> None:
    """List the valid codes: site, name, print version, address behind the symbol."""
    with _speaking():
        for site in _sites(site_ids, district):
            for code in live_codes(site, clock.now()):
                _show(site, code)


def _show(site: Site, code: DoorCode) -> None:
    settings: Settings = current_app.extensions["settings"]
    click.echo(f"{site.id}\t{site.name}\t{code.print_version}\t{door_url(settings.base_url, code.code)}")


def _sites(site_ids: Sequence[int], district: str | None) -> list[Site]:
    """The sites named, or those of the district that are not closed. Raises Invalid or NotFound."""
    if bool(site_ids) == bool(district):
        raise Invalid(N_("Give either --site or --district"))
    if district:
        return list(db.session.scalars(_below(district)))
    found = {site.id: site for site in db.session.scalars(select(Site).where(Site.id.in_(site_ids)))}
    for site_id in site_ids:
        if site_id not in found:
            raise NotFound(N_("There is no site %(number)s"), number=site_id)
    return [found[site_id] for site_id in dict.fromkeys(site_ids)]


def _below(district: str) -> Select[Site]:
    union = db.session.scalar(select(TradeUnion).where(TradeUnion.code == district))
    if union is not None:
        return open_sites_below(union)
    if not (district.isascii() and district.isdigit() and len(district) >= 2):
        raise NotFound(N_("There is no union with the code “%(code)s”"), code=district)
    is_open = Site.status != SiteStatus.CLOSED.value
    return select(Site).where(Site.division_code.startswith(district), is_open).order_by(Site.name, Site.id)


COMMANDS = (posters_command, codes_cli)
"""What `app.sites.cli` adds to the group ``flask sites``."""
