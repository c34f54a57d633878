"""An import from file to report: read, convert, check, match, apply. Nothing here commits."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext

from flask import current_app
from flask_babel import force_locale, get_locale
from sqlalchemy import select

from app.accounts.models import TradeUnion
from app.collector import collector_at_rest
from app.db import db
from app.errors import N_, Invalid
from app.months import local_date
from app.sites.datums import Datum
from app.sites.importing.convert import Converter, cell_text
from app.sites.importing.order import Order
from app.sites.importing.profile import Profile
from app.sites.importing.readers import Cells, Options, Source, read
from app.sites.importing.report import ImportReport
from app.sites.importing.settling import Import

__all__ = ["Order", "find_union", "run_import"]
Rows = Iterable[tuple[int, Cells]]
Progress = Callable[[Sequence[tuple[int, Cells]]], AbstractContextManager[Rows]]


def find_union(code: str) -> TradeUnion:
    """The union with this code. Raises Invalid when there is none."""
    union = db.session.scalar(select(TradeUnion).where(TradeUnion.code == code))
    if union is None:
        raise Invalid(N_("There is no union with the code %(code)s"), code=code)
    return union


def run_import(order: Order, *, is_dry_run: bool = False, progress: Progress = nullcontext) -> ImportReport:
    """Import a file; a dry run gives the same report and changes nothing.

    Good rows go in even when others are bad; the report's `flagged` rows say what is wrong with those. Sites that
    the list no longer has are reported, never deleted. Raises Invalid when the file as a whole cannot be used.
    """
    with _language(), collector_at_rest():
        return _run(order, progress, is_dry_run=is_dry_run)


def _language() -> AbstractContextManager[object]:
    """Notes are stored in the language of the page or command; without either, in that of the installation."""
    try:
        get_locale()
    except RuntimeError:  # the browser's wish cannot be asked outside a request
        forced: AbstractContextManager[object] = force_locale(current_app.config["BABEL_DEFAULT_LOCALE"])
        return forced
    return nullcontext()


def _run(order: Order, progress: Progress, *, is_dry_run: bool) -> ImportReport:
    profile = order.profile
    sheet = order.sheet or profile.sheet
    options = Options(profile.columns(), order.encoding or profile.encoding, profile.delimiter, sheet)
    source = read(order.path, options)
    converter = Converter(profile, _datum(order, source), local_date(order.now), source.columns)
    with progress([row for row in source.rows if not _is_skipped(profile, row[1])]) as rows:
        drafts = [converter.draft(number, cells) for number, cells in rows]
    return Import(order, source, drafts).run(is_dry_run=is_dry_run)


def _is_skipped(profile: Profile, cells: Cells) -> bool:
    return any(cell_text(cells.get(column)) in words for column, words in profile.skip.items())


def _datum(order: Order, source: Source) -> Datum | None:
    """The stated datum, needed where there are coordinates. Raises Invalid when none or two are stated."""
    place = order.profile.coordinates
    if place is None or (place.optional and (place.cell or place.lon) not in source.columns):
        return None
    stated = order.profile.datum
    if stated and order.datum and stated != order.datum:
        raise Invalid(
            N_("The profile says %(stated)s, the command %(given)s: which datum is it?"),
            stated=stated.value,
            given=order.datum.value,
        )
    if not (stated or order.datum):
        raise Invalid(N_("State what the coordinates refer to: --datum wgs84, gcj02 (Amap, Tencent) or bd09 (Baidu)"))
    return stated or order.datum
