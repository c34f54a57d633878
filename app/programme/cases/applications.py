"""What an application brings about at the site: accepted, filed with a receipt number, in operation, plaque issued."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from app.accounts.models import TradeUnion, User
from app.db import db
from app.errors import N_, Conflict, Invalid
from app.months import local_date
from app.programme.cases import fields, forms, queries
from app.programme.cases.hooks import effect, requirement
from app.programme.cases.models import Case
from app.sites.models import Site, SiteStatus

KIND = "application"
LONGEST_NUMBER = 60


@requirement(KIND, "open")
def _is_due(_actor: User, case: Case, _now: datetime, _details: Mapping[str, Any]) -> None:
    site, rulebook = queries.site_of(case), queries.rulebook_of(case)
    if site.kind not in rulebook.kinds:
        raise Conflict(N_("The rulebook in force for this site does not govern sites of this kind"))
    if is_done(site, filing=rulebook.workflow.filing):
        raise Conflict(N_("This site has been through this procedure already"))


def is_done(site: Site, *, filing: bool) -> bool:
    """Whether a site is past what an application leads to: filed, or accepted where nothing is filed."""
    return (site.filed_on if filing else site.accepted_on) is not None


@requirement(KIND, "accept")
def _says_who_found_what(_actor: User, _case: Case, now: datetime, details: Mapping[str, Any]) -> None:
    faults = {code: N_("Please fill this in") for code in fields.ACCEPTANCE if not str(details.get(code, "")).strip()}
    accepted_on = fields.read_day(str(details.get("accepted_on", "")))
    if "accepted_on" not in faults and (accepted_on is None or accepted_on > local_date(now)):
        faults["accepted_on"] = N_("The day of the visit, today at the latest")
    if faults:
        raise Invalid(N_("The acceptance is not complete yet"), faults)


@effect(KIND, "accept")
def _accepted(actor: User, case: Case, now: datetime, details: Mapping[str, Any]) -> None:
    opens = {} if queries.rulebook_of(case).workflow.filing else _operating(case, now)
    forms.change_site(actor, case, now, accepted_on=date.fromisoformat(details["accepted_on"]), **opens)


@effect(KIND, "return")
@effect(KIND, "refuse")
def _no_longer_accepted(actor: User, case: Case, now: datetime, _details: Mapping[str, Any]) -> None:
    """What the municipal union does not file does not count as accepted."""
    if queries.events_of(case.id)[-1][0].from_state == "accepted":
        forms.change_site(actor, case, now, accepted_on=None)


@effect(KIND, "file")
def _filed(actor: User, case: Case, now: datetime, _details: Mapping[str, Any]) -> None:
    """Only now the site is in operation, and in the finder where it is listed and open to outsiders (art. 9)."""
    number = next_receipt_number(queries.site_of(case), now)
    case.details = {**case.details, "receipt_number": number}
    forms.change_site(
        actor, case, now, filed_on=local_date(now), receipt_number=number, **_operating(case, now)
    )


@requirement(KIND, "issue_plaque")
def _has_plaque_number(_actor: User, _case: Case, _now: datetime, details: Mapping[str, Any]) -> None:
    number = str(details.get("plaque_number", "")).strip()
    if not number or len(number) > LONGEST_NUMBER:
        message = N_("The number on the plaque, at most 60 characters")
        raise Invalid(message, {"plaque_number": message})
    taken = select(Site.id).where(Site.plaque_number == number).limit(1)
    if db.session.scalar(taken) is not None:
        message = N_("Another site has a plaque with this number")
        raise Invalid(message, {"plaque_number": message})


@effect(KIND, "issue_plaque")
def _plaque_issued(actor: User, case: Case, now: datetime, details: Mapping[str, Any]) -> None:
    number = str(details["plaque_number"]).strip()
    forms.change_site(actor, case, now, plaque_number=number, plaque_issued_on=local_date(now))


def next_receipt_number(site: Site, now: datetime) -> str:
    """The next number of the site's municipal union in the present local year, such as ``2026-0012``."""
    root_id = int(site.host.path.strip("/").split("/")[0])
    # Whoever files next waits here until this number is committed.
    db.session.execute(select(TradeUnion.id).where(TradeUnion.id == root_id).with_for_update())
    year = local_date(now).year
    given = (
        select(Site.receipt_number)
        .join(TradeUnion, TradeUnion.id == Site.host_id)
        .where(TradeUnion.path.startswith(f"/{root_id}/"), Site.receipt_number.startswith(f"{year}-"))
    )
    numbers = (text.partition("-")[2] for text in db.session.scalars(given))
    return f"{year}-{1 + max((int(text) for text in numbers if text.isdigit()), default=0):04d}"


def _operating(case: Case, now: datetime) -> dict[str, Any]:
    site = queries.site_of(case)
    stated = fields.read_day(str(case.details.get("opened_on", "")))
    opened_on = site.opened_on or stated or local_date(now)
    return {"status": SiteStatus.OPERATING.value, "opened_on": opened_on}
