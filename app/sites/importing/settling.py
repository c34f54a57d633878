"""Rows that have become drafts meet the sites that exist: matched, compared and stored, a batch at a time."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, cast

from flask_babel import gettext
from sqlalchemy import Row, Table, bindparam, select, update

from app.accounts.models import TradeUnion
from app.db import db
from app.errors import N_
from app.sites.boundaries import Boundaries
from app.sites.directory_version import move_directory_version
from app.sites.importing.bulk import insert_many, new_ids
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
from app.sites.importing.findings import Draft
from app.sites.importing.matching import match, refuse_repeated_codes
from app.sites.importing.order import Order
from app.sites.importing.readers import Source
from app.sites.importing.report import ImportReport, Named, said
from app.sites.models import Site, SiteChange, SiteStatus

SITES, HISTORY = cast("Table", Site.__table__), cast("Table", SiteChange.__table__)
BATCH = 2000
"""Rows: so many sites are compared and stored at a time."""
KNOWN_BY = (
    "id", "external_source", "external_code", "name", "name_key", "address", "address_key", "floor_label", "landmark",
    "status",
)  # fmt: skip
NO_EDITS: Mapping[str, Any] = {}
TELLING = frozenset({"name", "hours", "access_note", "landmark", "note"})
NAMING = frozenset({"external_code", "name"})
Change = tuple[Row[Any], dict[str, Any]]


class Import:
    """One run. Reads what the whole list has to be compared with once, then works batch by batch."""

    def __init__(self, order: Order, source: Source, drafts: list[Draft]) -> None:
        self.order, self.drafts = order, drafts
        self._touched: set[int] = set()
        self.note = f"{order.profile.id}: {order.path.name}"[:400]
        self.report = ImportReport(
            profile=order.profile.id,
            file=order.path.name,
            format=source.format,
            encoding=source.encoding,
            columns=source.columns,
            is_dry_run=False,
        )

    def run(self, *, is_dry_run: bool) -> ImportReport:
        """Check, match, count, and store unless it is a dry run."""
        report, profile = self.report, self.order.profile
        report.is_dry_run = is_dry_run
        db.session.flush()  # what follows reads and writes past the session's objects
        self.hosts = find_hosts(self.drafts, self.order.union)
        check_districts(self.drafts, Boundaries())
        report.sharing_points, report.shared_points = note_shared_points(self.drafts)
        sites = self._known()
        edits = person_edits([site.id for site in sites])
        former = {site_id: listed_values(fields) for site_id, fields in edits.items()}
        refuse_repeated_codes(self.drafts)
        accepted = [draft for draft in self.drafts if not draft.is_rejected]
        refused = [draft for draft in self.drafts if draft.is_rejected and NAMING & draft.values.keys()]
        matched = match(accepted, sites, profile.source, also=profile.match_also, former=former)
        for start in range(0, len(accepted), BATCH):
            self._settle(accepted[start : start + BATCH], matched, edits, is_dry_run=is_dry_run)
        report.count(self.drafts)
        seen = {site.id for site in matched.values()}
        # A row that stays out still says that its site is on the list.
        left = [site for site in sites if site.id not in seen]
        named = match(refused, left, profile.source, also=profile.match_also, former=former)
        report.gone = self._gone(left, {site.id for site in named.values()})
        if not is_dry_run and report.new + report.changed:
            move_directory_version(db.session, self._touched)
            db.session.expire_all()
        return report

    def _known(self) -> Sequence[Row[Any]]:
        """What the sites below the union are recognised by, in the order of their ids."""
        below = TradeUnion.path.startswith(self.order.union.path, autoescape=True)
        sites = select(*(SITES.c[name] for name in KNOWN_BY)).join(TradeUnion, TradeUnion.id == SITES.c.host_id)
        return db.session.execute(sites.where(below).order_by(SITES.c.id)).all()

    def _gone(self, sites: Sequence[Row[Any]], seen: Collection[int]) -> list[Named]:
        return [
            Named(site.id, site.name, site.address, site.landmark or site.floor_label)
            for site in sites
            if site.external_source == self.order.profile.source
            and site.id not in seen
            and site.status != SiteStatus.CLOSED.value
        ]

    def _settle(
        self, drafts: Sequence[Draft], matched: Mapping[int, Row[Any]], edits: Edits, *, is_dry_run: bool
    ) -> None:
        new = [draft for draft in drafts if draft.number not in matched]
        changed = list(self._changed([draft for draft in drafts if draft.number in matched], matched, edits))
        self.report.new += len(new)
        self.report.changed += len(changed)
        self.report.unchanged += len(drafts) - len(new) - len(changed)
        if not is_dry_run:
            self._create(new)
            self._update(changed)

    def _changed(
        self, drafts: Sequence[Draft], matched: Mapping[int, Row[Any]], edits: Edits
    ) -> Iterator[Change]:
        """Each site of these that the list changes, as it is stored, with its new values."""
        ids = [matched[draft.number].id for draft in drafts]
        stored = {site.id: site for site in db.session.execute(select(SITES).where(SITES.c.id.in_(ids)))}
        for draft, site_id in zip(drafts, ids, strict=True):
            changes = self._changes(draft, stored[site_id], edits.get(site_id, NO_EDITS).keys())
            if changes:
                yield stored[site_id], changes

    def _create(self, drafts: Sequence[Draft]) -> None:
        ids = new_ids(SITES, len(drafts))
        self._touched.update(ids)
        insert_many(SITES, [self._new(draft, site_id) for draft, site_id in zip(drafts, ids, strict=True)])
        insert_many(HISTORY, [self._entry(site_id, {}) for site_id in ids])

    def _new(self, draft: Draft, site_id: int) -> dict[str, Any]:
        order = self.order
        return {
            **draft.values,
            "id": site_id,
            "host_id": self.hosts.get(draft.union, order.union.id),
            "external_source": order.profile.source,
            "pin_note": _pin_note(draft)
            or ("" if "lon" in draft.values else gettext(N_("The list has no coordinates"))),
            "review_note": _review_note(draft),
            "created_at": order.now,
            "updated_at": order.now,
        }

    def _changes(self, draft: Draft, site: Row[Any], edited: Collection[str]) -> dict[str, Any]:
        rule = self.order.profile.facilities
        changes = changed_fields(site, draft, edited, adds_facilities=bool(rule and rule.adds))
        if edited:
            self.report.kept_edits += len(kept_edits(site, draft, edited))
        if draft.union and (host_id := self.hosts[draft.union]) != site.host_id:
            changes["host_id"] = host_id
        if PIN.isdisjoint(edited) and (draft.pin_problem or "lon" in draft.values):
            keeps_pin = site.lon is not None and "lon" not in draft.values
            note = site.pin_note if keeps_pin else _pin_note(draft)
            if note != site.pin_note:
                changes["pin_note"] = note
        if draft.decision and not TELLING.isdisjoint(changes) and "open_to_outsiders" not in edited:
            changes |= {"open_to_outsiders": None, "review_note": _review_note(draft)}
        if site.external_source is None:
            changes["external_source"] = self.order.profile.source
        return changes

    def _update(self, changed: Sequence[Change]) -> None:
        self._touched.update(site.id for site, _ in changed)
        insert_many(HISTORY, [self._entry(site.id, history_entry(site, changes)) for site, changes in changed])
        alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for site, changes in changed:
            values = {**changes, "updated_at": self.order.now}
            alike.setdefault(tuple(sorted(values)), []).append({**values, "its_id": site.id})
        for names, rows in alike.items():
            one = update(SITES).where(SITES.c.id == bindparam("its_id"))
            db.session.connection().execute(one.values({name: bindparam(name) for name in names}), rows)

    def _entry(self, site_id: int, fields: dict[str, list[Any]]) -> dict[str, Any]:
        order = self.order
        entry = {"site_id": site_id, "at": order.now, "user_id": order.user_id, "act": ACT}
        return {**entry, "fields": fields, "note": self.note}


def _pin_note(draft: Draft) -> str:
    return said(draft.pin_problem)[0][:300] if draft.pin_problem else ""


def _review_note(draft: Draft) -> str:
    if not draft.decision:
        return ""
    return str(gettext(N_("The list says “%(words)s”: decide who may come in"), words=draft.decision))
