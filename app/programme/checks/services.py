"""Planning and doing inspections. Nothing here commits or asks for the time."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select

from app.accounts.models import TradeUnion, User
from app.accounts.queries import get_user, is_union_account, subtree
from app.db import db
from app.errors import N_, Conflict, Invalid
from app.months import local_date
from app.programme import recounts
from app.programme.checks import queries
from app.programme.checks.models import Inspection
from app.programme.checks.queries import FULL_SELF, KIND_OF_LEVEL
from app.programme.recounts import Recount
from app.programme.scoring.models import FilledSheet
from app.rulebooks import Rulebook
from app.sites.door_codes import fold_code
from app.sites.models import DoorCode, Site, SiteManager, SiteStatus
from app.sites.services import lock
from app.web import ASSESSOR, SITE_MANAGER, UNIONS

RESULTS = PASSED, RECTIFY, FAILED = ("passed", "rectify", "failed")
MODES = ON_SITE, VIDEO = ("on_site", "video")
PLANNED_AHEAD = timedelta(days=400)
LONGEST_NOTE, LONGEST_REASON, MOST_FINDINGS = 1000, 300, 20
Findings = Sequence[Mapping[str, str]]


def plan(
    actor: User, union: TradeUnion, site: Site, *, due_on: date, inspector_id: int | None, reason: str, now: datetime,
    draw_id: int | None = None,
) -> Inspection:  # fmt: skip
    """A check of `site` by `union`, of the kind that its level makes, due on the local date `due_on`.

    Raises Conflict when the union does not act for the site or the actor not for the union, when the site is not in
    operation or such a check is planned already; Invalid naming ``due_on``, ``reason`` or ``inspector_id``.
    """
    require_planner(actor, union)
    if not site.host.path.startswith(union.path):
        raise Conflict(N_("This site is not one of your union's"))
    kind = KIND_OF_LEVEL[union.level]
    lock(site)
    _require_free(site, union, kind)
    check_due(due_on, now)
    if draw_id is None:
        reason = text(reason, "reason", LONGEST_REASON)
        if not reason:
            raise wrong("reason", N_("Please say why this site is chosen"))
    inspection = Inspection(
        site_id=site.id, trade_union_id=union.id, kind=kind, year=due_on.year, due_on=due_on, draw_id=draw_id,
        plan_reason=reason, planned_at=now, planned_by_id=actor.id,
    )  # fmt: skip
    if inspector_id is not None:
        inspection.inspector_id = _inspector(actor, inspection, site, inspector_id).id
    db.session.add(inspection)
    db.session.flush()
    return inspection


def begin_full_self(actor: User, site: Site, now: datetime) -> Inspection:
    """This year's full self-inspection of a site by its own people (qingdao-2023 art. 14): the open one, or a new one.

    Raises Conflict when the person does not work for the site's host, or the site is not in operation.
    """
    if not _is_own(actor, site):
        raise Conflict(N_("A full self-inspection is made by the unit itself"))
    lock(site)
    year = local_date(now).year
    mine = select(Inspection).where(
        Inspection.site_id == site.id, Inspection.kind == FULL_SELF, Inspection.year == year,
        Inspection.done_at.is_(None), Inspection.cancelled_at.is_(None),
    )  # fmt: skip
    found = db.session.scalar(mine.order_by(Inspection.id).limit(1))
    if found is None:
        _require_operating(site)
        found = Inspection(
            site_id=site.id, trade_union_id=site.host_id, kind=FULL_SELF, year=year, due_on=date(year, 12, 31),
            planned_at=now, planned_by_id=actor.id,
        )  # fmt: skip
        db.session.add(found)
    found.inspector_id = found.inspector_id or actor.id
    db.session.flush()
    return found


def assign(actor: User, inspection: Inspection, inspector_id: int) -> None:
    """Let another person inspect. Raises Conflict when it is over, Invalid naming ``inspector_id``."""
    _lock(inspection)
    _require_open(inspection)
    _require_manages(actor, inspection)
    site = db.session.get_one(Site, inspection.site_id)
    inspection.inspector_id = _inspector(actor, inspection, site, inspector_id).id
    db.session.flush()


def cancel(actor: User, inspection: Inspection, reason: str, now: datetime) -> None:
    """Call an inspection off. Raises Conflict when it is over, Invalid naming ``reason``."""
    _lock(inspection)
    _require_open(inspection)
    _require_manages(actor, inspection)
    reason = text(reason, "reason", LONGEST_REASON)
    if not reason:
        raise wrong("reason", N_("Please say why the inspection is called off"))
    inspection.cancelled_at, inspection.cancelled_by_id, inspection.cancel_reason = now, actor.id, reason
    db.session.flush()


def scan(actor: User, inspection: Inspection, code: str, now: datetime) -> None:
    """Note that the inspector read the code at the door; no use is logged. The first time stays.

    Raises Conflict when it is over or somebody else's, Invalid naming ``code`` when it is another site's.
    """
    require_inspector(actor, inspection)
    found = db.session.scalar(select(DoorCode).filter_by(code=fold_code(code) or ""))
    if found is None or found.site_id != inspection.site_id:
        raise wrong("code", N_("This code belongs to another site; scan the one at the door"))
    inspection.scanned_at = inspection.scanned_at or now
    inspection.mode = inspection.mode or ON_SITE
    db.session.flush()


def finish(
    actor: User, inspection: Inspection, *, mode: str, result: str, note: str, findings: Findings,
    rulebook: Rulebook, now: datetime, recount: Recount | None = None,
) -> None:  # fmt: skip
    """Record how an inspection ended. `findings` are ``{"item": code, "text": …}``; those without a text fall away.

    Of a recount, what the system counted in the same time is kept beside it.

    Raises Conflict when it is over or somebody else's, Invalid naming ``mode``, ``result``, ``note``, ``findings`` or
    ``sheet``: a full self-inspection takes the sheet that the rulebook has for it.
    """
    _lock(inspection)
    require_inspector(actor, inspection)
    said = [{"item": one.get("item", ""), "text": text(one.get("text", ""), "findings", 400)} for one in findings]
    said = [one for one in said if one["text"]][:MOST_FINDINGS]
    if result not in RESULTS:
        raise wrong("result", N_("Please choose a result"))
    if mode not in MODES:
        raise wrong("mode", N_("Please say whether this was on site or by video"))
    if result != PASSED and not said:
        raise wrong("findings", N_("Please write down what has to be put right"))
    _require_sheet(inspection, rulebook)
    inspection.mode, inspection.result, inspection.findings = mode, result, said if result != PASSED else []
    inspection.note = text(note, "note", LONGEST_NOTE)
    inspection.done_at, inspection.done_by_id, inspection.inspector_id = now, actor.id, actor.id
    for name, value in recounts.columns(inspection.site_id, recount).items():
        setattr(inspection, name, value)
    db.session.flush()


def require_planner(actor: User, union: TradeUnion) -> None:
    """Raise Conflict unless the person works at the union whose plan it is."""
    if actor.role not in UNIONS or actor.trade_union_id != union.id:
        raise Conflict(N_("Only the union itself plans its checks"))


def require_inspector(actor: User, inspection: Inspection) -> None:
    """Raise Conflict when the inspection is over, or another person is to make it."""
    _require_open(inspection)
    if inspection.inspector_id == actor.id:
        return
    site = db.session.get_one(Site, inspection.site_id)
    if inspection.kind == FULL_SELF and _is_own(actor, site):
        return
    raise Conflict(N_("Another person has been asked to make this inspection"))


def take(actor: User, inspection: Inspection) -> None:
    """Let the person who begins be the inspector. Raises Conflict when it is over or somebody else's."""
    require_inspector(actor, inspection)
    inspection.inspector_id = actor.id
    db.session.flush()


def may_inspect(actor: User, inspection: Inspection) -> bool:
    """Whether this person can record what she finds."""
    try:
        require_inspector(actor, inspection)
    except Conflict:
        return False
    return True


def may_manage(actor: User, inspection: Inspection) -> bool:
    """Whether this person can assign and call off: an account of the planning union, or of one above it."""
    if not is_union_account(actor):
        return False
    found = db.session.scalar(subtree(actor).where(TradeUnion.id == inspection.trade_union_id))
    return found is not None


def check_due(due_on: date, now: datetime) -> None:
    """Raise Invalid naming ``due_on`` for a day gone by or too far ahead."""
    today = local_date(now)
    if not today <= due_on <= today + PLANNED_AHEAD:
        raise wrong("due_on", N_("Choose a day from today on, at most 400 days ahead"))


def text(given: str, field: str, longest: int) -> str:
    """The text without spaces around it. Raises Invalid naming `field` when it is too long."""
    if len(given) > longest or "\0" in given:
        message = N_("This text is longer than %(longest)s characters")
        raise Invalid(message, {field: message}, longest=longest)
    return given.strip()


def wrong(field: str, message: str) -> Invalid:
    """The error about one field."""
    return Invalid(message, {field: message})


def _inspector(actor: User, inspection: Inspection, site: Site, user_id: int) -> User:
    person = get_user(actor, user_id)
    if not person.active:
        raise wrong("inspector_id", N_("This account is out of use; choose another person"))
    if inspection.kind == FULL_SELF:
        if not _is_own(person, site):
            raise wrong("inspector_id", N_("A full self-inspection is made by the unit itself"))
        return person
    if person.role not in (*UNIONS, ASSESSOR):
        raise wrong("inspector_id", N_("Choose a union's account or an assessor"))
    if _manages(person, site) or (person.trade_union_id == site.host_id != inspection.trade_union_id):
        raise wrong("inspector_id", N_("Nobody checks a site of her own; choose another person"))
    return person


def _manages(person: User, site: Site) -> bool:
    return db.session.get(SiteManager, (site.id, person.id)) is not None


def _is_own(person: User, site: Site) -> bool:
    """Whether she works for the host, or manages the site: small units have nobody else."""
    if person.role == SITE_MANAGER:
        return _manages(person, site)
    return person.role in UNIONS and person.trade_union_id == site.host_id


def _require_free(site: Site, union: TradeUnion, kind: str) -> None:
    _require_operating(site)
    same = select(Inspection.id).where(
        Inspection.site_id == site.id, Inspection.trade_union_id == union.id, Inspection.kind == kind,
        Inspection.done_at.is_(None), Inspection.cancelled_at.is_(None),
    )  # fmt: skip
    if db.session.scalar(same.limit(1)) is not None:
        raise Conflict(N_("A check of this site is planned already"))


def _require_operating(site: Site) -> None:
    if site.status != SiteStatus.OPERATING:
        raise Conflict(N_("Only sites in operation are checked"))


def _require_open(inspection: Inspection) -> None:
    if inspection.done_at is not None:
        raise Conflict(N_("This inspection is done; what was found stays as it is"))
    if inspection.cancelled_at is not None:
        raise Conflict(N_("This inspection was called off"))


def _require_manages(actor: User, inspection: Inspection) -> None:
    if not may_manage(actor, inspection):
        raise Conflict(N_("Only the union itself plans its checks"))


def _require_sheet(inspection: Inspection, rulebook: Rulebook) -> None:
    site = db.session.get_one(Site, inspection.site_id)
    sheet = rulebook.sheet_for(site.kind, queries.SHEET_USE[inspection.kind], site.premises)
    if inspection.kind != FULL_SELF or sheet is None:
        return
    handed_in = select(FilledSheet.id).where(
        FilledSheet.inspection_id == inspection.id, FilledSheet.submitted_at.is_not(None)
    )
    if db.session.scalar(handed_in.limit(1)) is None:
        raise wrong("sheet", N_("Fill in and hand in the sheet first"))


def _lock(inspection: Inspection) -> None:
    db.session.execute(select(Inspection.id).where(Inspection.id == inspection.id).with_for_update())
    db.session.refresh(inspection)
