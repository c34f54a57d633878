"""A network with something of everything at each place, and the actors that knock at its routes."""

import itertools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.accounts.models import TradeUnion, User
from app.config import Settings
from app.db import db, unit_of_work
from app.registers.models import Keeper
from app.reports.models import PublicReport
from app.sites.models import DoorCode, Site, SiteManager, SitePhoto, Suspension
from app.web import ASSESSOR, DISTRICT_UNION, MUNICIPAL_UNION, SITE_MANAGER, UNIT_UNION
from tests.care.helpers import CarePlace, care_place
from tests.documents.places import issued
from tests.factories import Factories
from tests.programme.cases.place import CasePlace, case_place
from tests.programme.checks.helpers import ChecksPlace, checks_place
from tests.programme.demonstration.place import CallPlace, call_place
from tests.programme.scoring.place import SheetPlace, sheet_place
from tests.registers.helpers import keeper_with_file
from tests.reports.helpers import reported
from tests.usage.adjustments.place import adjusted
from tests.usage.helpers import Phone, receipt_id
from tests.usage.ledger.helpers import OCTOBER, checkpoint, seal

ANONYMOUS = "anonymous"
OWN, SIBLING, PARENT, OTHER_DISTRICT, OTHER_CITY = "own", "sibling", "parent", "other district", "other city"
PLACES = (OWN, SIBLING, PARENT, OTHER_DISTRICT, OTHER_CITY)
SCOPE: Mapping[str, frozenset[str]] = {
    ANONYMOUS: frozenset(),
    ASSESSOR: frozenset(),
    SITE_MANAGER: frozenset({OWN}),
    UNIT_UNION: frozenset({OWN}),
    DISTRICT_UNION: frozenset({OWN, SIBLING, PARENT}),
    MUNICIPAL_UNION: frozenset({OWN, SIBLING, PARENT, OTHER_DISTRICT}),
}
SESSION_TOKEN = "a" * 40


@dataclass(frozen=True)
class Place:
    """A union with a site, an account and whatever else a route may name."""

    union: TradeUnion
    site: Site
    code: DoorCode
    photo: SitePhoto
    suspension: Suspension
    person: User
    usage_id: UUID
    care: CarePlace
    checks: ChecksPlace
    entry: Keeper
    report: PublicReport
    sheets: SheetPlace
    call: CallPlace
    case: CasePlace


ARGUMENTS: Mapping[str, Callable[[Place], Any]] = {
    "site_id": lambda place: place.site.id,
    "union_id": lambda place: place.union.id,
    "user_id": lambda place: place.person.id,
    "photo_id": lambda place: place.photo.id,
    "suspension_id": lambda place: place.suspension.id,
    "code_id": lambda place: place.code.id,
    "code": lambda place: place.code.code,
    "usage_id": lambda place: place.usage_id,
    "name": lambda place: place.photo.file_name,
    "token": lambda _place: "x",
    "filename": lambda _place: "css/base.css",
    "document_code": lambda place: place.code.code,
    "extension": lambda _place: "pdf",
    "rulebook_id": lambda _place: "qingdao-2023",
    "term_id": lambda place: place.care.term.id,
    "child_id": lambda place: place.care.child.id,
    "child_code": lambda place: place.care.child.code,
    "incident_id": lambda place: place.care.incident.id,
    "inspection_id": lambda place: place.checks.inspection.id,
    "draw_id": lambda place: place.checks.draw.id,
    "number": lambda _place: 1,
    "month": lambda _place: "2026-10",
    "register": lambda _place: "keepers",
    "row_id": lambda place: place.entry.id,
    "report_id": lambda place: place.report.id,
    "sheet_id": lambda place: place.sheets.sheet.id,
    "photo_key": lambda place: place.sheets.photo.client_key,
    "reviewed_id": lambda place: place.sheets.photo.attachment_id,
    "call_id": lambda place: place.call.call.id,
    "title_id": lambda place: place.call.title.id,
    "case_id": lambda place: place.case.case.id,
    "attachment_id": lambda place: place.case.file.id,
    "act": lambda _place: "withdraw",
    "tablet_key": lambda place: place.site.tablet_key,
}
"""How to fill in the parameters of a route. A new parameter of a route needs a line here."""


class Network:
    """One city with two districts, a second city, and an account for each role at the first unit and above it."""

    def __init__(self, app: Flask, factories: Factories) -> None:
        self.app, self.factories = app, factories
        app.config["PROPAGATE_EXCEPTIONS"] = False  # an error of the server is an answer here: 500
        self._addresses = itertools.count(1)
        city, district, unit = factories.tree()
        other_unit = factories.union("unit", factories.union("district", city))
        unions = (unit, factories.union("unit", district), district, other_unit, factories.tree()[2])
        self.places = {name: self._place(union) for name, union in zip(PLACES, unions, strict=True)}
        seal(app, factories.clock())
        checkpoint(app, OCTOBER, factories.clock())
        self.actors: dict[str, User | None] = {
            ANONYMOUS: None,
            ASSESSOR: factories.user(ASSESSOR, district),
            SITE_MANAGER: factories.user(SITE_MANAGER, unit, self.places[OWN].site),
            UNIT_UNION: factories.user(UNIT_UNION, unit),
            DISTRICT_UNION: factories.user(DISTRICT_UNION, district),
            MUNICIPAL_UNION: factories.user(MUNICIPAL_UNION, city),
        }

    def _place(self, union: TradeUnion) -> Place:
        settings: Settings = self.app.extensions["settings"]
        site = self.factories.site(union, has_word=True, tablet_key=f"tablet-{union.id}")
        code, photo = self.factories.door_code(site), self.factories.photo(site)
        issued(self.factories, site, code.code)
        file = Path(settings.data_dir) / "photos" / photo.file_name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"RIFF")
        past = self.factories.clock() - timedelta(days=100)
        suspension = self.factories.suspension(site, past, past + timedelta(days=1))
        usage_id = receipt_id(Phone(self.app, code.code).logged())
        person = self.factories.user(SITE_MANAGER, union, site)
        care, checks = care_place(self.factories, site), checks_place(self.factories, union, site)
        entry, report = keeper_with_file(self.factories, site), reported(self.factories, site)
        call = call_place(self.factories, union, site)
        sheets, case = sheet_place(self.factories, site, person), case_place(self.factories, site, person, call.call.id)
        adjusted(self.factories, site, person, usage_id, case.file.id)
        return Place(
            union, site, code, photo, suspension, person, usage_id, care, checks, entry, report, sheets, call, case
        )  # fmt: skip

    def renew(self, place: str) -> None:
        """What an act before may have taken away: a photo, and the manager of her own site."""
        site, manager = self.places[place].site, self.actors[SITE_MANAGER]
        self.places[place] = replace(self.places[place], photo=self.factories.photo(site))
        if place == OWN and manager is not None:
            with self.app.app_context(), unit_of_work():
                db.session.merge(SiteManager(site_id=site.id, user_id=manager.id))

    def path(self, rule: Rule, place: str) -> str:
        """The address of `rule` with the objects of `place`. Fails when nobody has said what a parameter stands for."""
        unknown = sorted(rule.arguments - set(ARGUMENTS) - set(rule.defaults or {}))
        assert not unknown, f"{rule.rule} has the parameters {unknown}: add them to ARGUMENTS in tests/access.py"
        values = {name: ARGUMENTS[name](self.places[place]) for name in rule.arguments if name in ARGUMENTS}
        with self.app.test_request_context():
            binding = self.app.url_map.bind("127.0.0.1")
            return cast("str", binding.build(rule.endpoint, values, method=_method(rule)))

    def browser(self, role: str) -> FlaskClient:
        """A browser in which the actor of that role is logged in, with a form token in its session."""
        actor = self.actors[role]
        client = self.factories.login(actor) if actor else self.app.test_client()
        with client.session_transaction() as session:
            session["csrf_token"] = SESSION_TOKEN
            session["fs_paa"] = time.time()  # the library asks the system when the password was given
        return client

    def ask(self, role: str, method: str, path: str, **options: Any) -> TestResponse:
        """One request, from an address of its own, so that no limit is reached."""
        number = next(self._addresses)
        address = {"REMOTE_ADDR": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"}
        # Buffered: an answer that is a file would else stay open.
        return self.browser(role).open(path, method=method, environ_overrides=address, buffered=True, **options)

    def token(self) -> str:
        """The form token that belongs to the browsers' sessions."""
        signer = URLSafeTimedSerializer(self.app.secret_key or "", salt="wtf-csrf-token")
        return str(signer.dumps(SESSION_TOKEN))


def _method(rule: Rule) -> str:
    return next(method for method in ("GET", *sorted(rule.methods or ())) if method in (rule.methods or ()))
