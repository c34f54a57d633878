"""An import from file to report: read, convert, check, match, apply. Nothing here commits."""

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import current_app
from flask_babel import force_locale, get_locale, gettext
from sqlalchemy import select

from app.accounts.models import TradeUnion
from app.db import db
from app.errors import N_, Invalid
from app.months import local_date
from app.sites.boundaries import Boundaries
from app.sites.datums import Datum
from app.sites.importing.changes import (
    ACT,
    PIN,
    Edits,
    changed_fields,
    history_entry,
    kept_edits,
    listed_values,
    person_edits,
)
from app.sites.importing.checks import check_districts, find_hosts, note_shared_points
from app.sites.importing.convert import Converter, cell_text
from app.sites.importing.findings import Draft
from app.sites.importing.matching import match
from app.sites.importing.profile import Profile
from app.sites.importing.readers import Cells, Options, Source, read
from app.sites.importing.report import ImportReport, Named, said
from app.sites.models import Site, SiteChange, SiteStatus

Rows = Iterable[tuple[int, Cells]]
Progress = Callable[[Sequence[tuple[int, Cells]]], AbstractContextManager[Rows]]
TELLING = frozenset({"name", "hours", "access_note", "landmark", "note"})


@dataclass(frozen=True)
class Order:
    """What to import: a file by a profile, for the subtree of a union, at an instant.

    `datum`, `encoding` and `sheet` complete what the profile leaves open; `user_id` is the person who imports, None
    for an operator at the command line.
    """

    path: Path
    profile: Profile
    union: TradeUnion
    now: datetime
    datum: Datum | None = None
    encoding: str | None = None
    sheet: str | None = None
    user_id: int | None = None


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
    with _language():
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
    return _Import(order, source, drafts).run(is_dry_run=is_dry_run)


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


class _Import:
    def __init__(self, order: Order, source: Source, drafts: list[Draft]) -> None:
        self.order, self.drafts = order, drafts
        self.created: list[Site] = []
        self.report = ImportReport(
            profile=order.profile.id,
            file=order.path.name,
            format=source.format,
            encoding=source.encoding,
            columns=source.columns,
            is_dry_run=False,
        )

    def run(self, *, is_dry_run: bool) -> ImportReport:
        """Check, match, count, and apply unless it is a dry run."""
        report = self.report
        report.is_dry_run = is_dry_run
        self.hosts = find_hosts(self.drafts, self.order.union)
        check_districts(self.drafts, Boundaries())
        report.sharing_points, report.shared_points = note_shared_points(self.drafts)
        sites = self._sites()
        profile = self.order.profile
        edits = person_edits([site.id for site in sites])
        former = {site_id: listed_values(fields) for site_id, fields in edits.items()}
        matched = match(self.drafts, sites, profile.source, also=profile.match_also, former=former)
        for draft in self.drafts:
            if not draft.is_rejected:
                self._settle(draft, matched.get(draft.number), edits, is_dry_run=is_dry_run)
        report.count(self.drafts)
        report.gone = self._gone(sites, {site.id for site in matched.values()})
        self._record_created()
        return report

    def _sites(self) -> list[Site]:
        ids = [host.id for host in self.hosts.values()]
        return list(db.session.scalars(select(Site).where(Site.host_id.in_(ids)).order_by(Site.id)))

    def _gone(self, sites: Sequence[Site], seen: Collection[int]) -> list[Named]:
        return [
            Named(site.id, site.name, site.address, site.landmark or site.floor_label)
            for site in sites
            if site.external_source == self.order.profile.source
            and site.id not in seen
            and site.status != SiteStatus.CLOSED.value
        ]

    def _settle(self, draft: Draft, site: Site | None, edits: Edits, *, is_dry_run: bool) -> None:
        if site is None:
            self.report.new += 1
            if not is_dry_run:
                self._create(draft)
            return
        changes = self._changes(draft, site, set(edits.get(site.id, ())))
        if not changes:
            self.report.unchanged += 1
            return
        self.report.changed += 1
        if not is_dry_run:
            self._update(site, changes)

    def _create(self, draft: Draft) -> None:
        order = self.order
        host = self.hosts.get(draft.union, order.union)
        site = Site(
            **draft.values,
            host_id=host.id,
            external_source=order.profile.source,
            pin_note=_pin_note(draft) or ("" if "lon" in draft.values else gettext(N_("The list has no coordinates"))),
            review_note=_review_note(draft),
            created_at=order.now,
            updated_at=order.now,
        )
        db.session.add(site)
        self.created.append(site)

    def _record_created(self) -> None:
        """New sites get their ids in one flush; only then can their history name them."""
        if self.created:
            db.session.flush()
        for site in self.created:
            self._record(site, {})

    def _changes(self, draft: Draft, site: Site, edited: set[str]) -> dict[str, Any]:
        rule = self.order.profile.facilities
        changes = changed_fields(site, draft, edited, adds_facilities=bool(rule and rule.adds))
        self.report.kept_edits += len(kept_edits(site, draft, edited))
        if draft.union and (host := self.hosts[draft.union]).id != site.host_id:
            changes["host_id"] = host.id
        if not PIN & edited and (draft.pin_problem or "lon" in draft.values):
            keeps_pin = site.lon is not None and "lon" not in draft.values
            note = site.pin_note if keeps_pin else _pin_note(draft)
            if note != site.pin_note:
                changes["pin_note"] = note
        if draft.decision and TELLING & set(changes) and "open_to_outsiders" not in edited:
            changes |= {"open_to_outsiders": None, "review_note": _review_note(draft)}
        if site.external_source is None:
            changes["external_source"] = self.order.profile.source
        return changes

    def _update(self, site: Site, changes: dict[str, Any]) -> None:
        self._record(site, history_entry(site, changes))
        for name, value in changes.items():
            setattr(site, name, value)
        site.updated_at = self.order.now

    def _record(self, site: Site, fields: dict[str, list[Any]]) -> None:
        order = self.order
        note = f"{order.profile.id}: {order.path.name}"[:400]
        db.session.add(
            SiteChange(site_id=site.id, at=order.now, user_id=order.user_id, act=ACT, fields=fields, note=note)
        )


def _pin_note(draft: Draft) -> str:
    return said(draft.pin_problem)[0][:300] if draft.pin_problem else ""


def _review_note(draft: Draft) -> str:
    if not draft.decision:
        return ""
    return str(gettext(N_("The list says “%(words)s”: decide who may come in"), words=draft.decision))
