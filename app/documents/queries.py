"""Which documents can be made about a case or a site, what they are filled from, and which were issued."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.accounts.models import TradeUnion, User
from app.accounts.queries import get_union
from app.care.models import CombinedPart
from app.db import db
from app.documents.fields import Subject
from app.documents.models import IssuedDocument
from app.errors import N_, NotFound
from app.programme.cases import queries as cases
from app.programme.cases.models import Case
from app.programme.scoring.models import FilledSheet, SheetAnswer
from app.rulebooks import Rulebook
from app.rulebooks.rules import Form
from app.rulebooks.sheets import ScoreSheet
from app.sites.door_codes import fold_code
from app.sites.models import Site, SiteManager
from app.sites.queries import get_site

FORMS_OF_CASE = {
    "application": ("application", "registration", "filing", "self_check", "acceptance"),
    "deregistration": ("deregistration",),
    "demonstration": ("self_check",),
}
NOTICE = "notice-"
SHEET_USE = {"acceptance": "acceptance"}
"""Which filled sheet stands on a form of that use; on any other it is the self-check."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A document that can be issued: a form, or a sheet that no form holds; `key` names it within its case or site."""

    key: str
    title: str
    annex: str
    site: Site
    form: Form | None = None
    sheet: ScoreSheet | None = None
    filled: FilledSheet | None = None


def offers_of_case(case: Case, rulebook: Rulebook, site: Site) -> list[Offer]:
    """The forms that the rulebook has for a case, of each part where the site is a combined centre, and its sheets."""
    uses = FORMS_OF_CASE.get(case.kind, ())
    found = [offer for one in (site, *parts_of(site)) for offer in _forms(one, rulebook, uses, case, site)]
    held = {offer.filled.id for offer in found if offer.filled}
    sheets = [filled for filled in submitted_sheets([site.id], case.id) if filled.id not in held]
    return [*found, *_sheets(sheets, site, rulebook)]


def offers_of_site(site: Site, rulebook: Rulebook) -> list[Offer]:
    """The sheet of a site that was handed in last for each use, if the rulebook in force has it."""
    latest = {filled.use: filled for filled in submitted_sheets([site.id])}
    return list(_sheets(list(latest.values()), site, rulebook))


def _forms(one: Site, rulebook: Rulebook, uses: Sequence[str], case: Case, site: Site) -> Iterator[Offer]:
    variant = rulebook.variant_of(one.kind, one.premises)
    for form in rulebook.forms:
        fits = one.kind in form.kinds and (not form.variants or (variant is not None and variant.id in form.variants))
        if form.use not in uses or not fits or (one.id != site.id and form.sheet is None):
            continue
        sheet = rulebook.score_sheets[form.sheet] if form.sheet else None
        filled = _filled_for(form, one, case) if sheet else None
        yield Offer(f"form-{form.id}-{one.id}", form.title.zh, form.annex.zh, one, form, sheet, filled)


def _sheets(sheets: Sequence[FilledSheet], site: Site, rulebook: Rulebook) -> Iterator[Offer]:
    for filled in sheets:
        sheet = rulebook.score_sheets.get(filled.sheet)
        if sheet is not None and filled.rulebook_id == rulebook.id:
            yield Offer(f"sheet-{filled.id}", sheet.label.zh, sheet.article.zh, site, sheet=sheet, filled=filled)


def _filled_for(form: Form, site: Site, case: Case) -> FilledSheet | None:
    use = SHEET_USE.get(form.use, "self_check")
    found = cases.submitted_sheet(site.id, use, case.id if use == "acceptance" else None)
    return found if found is not None and found.sheet == form.sheet else None


def parts_of(site: Site) -> list[Site]:
    """The parts of a combined centre, none of any other site."""
    parts = select(Site).join(CombinedPart, CombinedPart.part_id == Site.id).where(CombinedPart.centre_id == site.id)
    return list(db.session.scalars(parts.order_by(Site.kind, Site.id)))


def submitted_sheets(site_ids: Sequence[int], case_id: int | None = None) -> list[FilledSheet]:
    """The sheets that were handed in about sites, or within one case, the earliest first."""
    sheets = select(FilledSheet).where(FilledSheet.site_id.in_(site_ids), FilledSheet.submitted_at.is_not(None))
    if case_id is not None:
        sheets = sheets.where(FilledSheet.case_id == case_id)
    return list(db.session.scalars(sheets.order_by(FilledSheet.submitted_at, FilledSheet.id)))


def answers_of(filled: FilledSheet) -> dict[str, SheetAnswer]:
    """The answers of a sheet by item."""
    answers = select(SheetAnswer).where(SheetAnswer.filled_sheet_id == filled.id)
    return {answer.item: answer for answer in db.session.scalars(answers)}


def name_of_user(user_id: int | None) -> str:
    """How a person is named on paper; empty for nobody."""
    user = db.session.get(User, user_id) if user_id is not None else None
    return (user.display_name or user.username) if user else ""


def subject_of(site: Site, rulebook: Rulebook, case: Case | None = None) -> Subject:
    """What is known about a site, and about a case of it, for the fields of a form."""
    acceptance = cases.submitted_sheet(site.id, "acceptance", case.id) if case else None
    managers = (
        select(User).join(SiteManager, SiteManager.user_id == User.id).where(SiteManager.site_id == site.id)
    ).order_by(User.id)
    return Subject(
        site=site,
        rulebook=rulebook,
        case=case,
        events=cases.events_of(case.id) if case else (),
        self_check=cases.submitted_sheet(site.id, "self_check"),
        acceptance=acceptance,
        managers=[user.display_name for user in db.session.scalars(managers) if user.display_name],
        inspectors=[name_of_user(acceptance.filled_by_id)] if acceptance else [],
    )


def same_issued(form: str, digest: bytes, site_id: int | None, union_id: int | None) -> IssuedDocument | None:
    """The document of the same content that was issued before, if one was."""
    rows = select(IssuedDocument).where(
        IssuedDocument.form == form,
        IssuedDocument.digest == digest,
        IssuedDocument.site_id.is_(None) if site_id is None else IssuedDocument.site_id == site_id,
        IssuedDocument.trade_union_id.is_(None) if union_id is None else IssuedDocument.trade_union_id == union_id,
    )
    return db.session.scalar(rows.order_by(IssuedDocument.id).limit(1))


def by_code(typed: str) -> IssuedDocument | None:
    """The document with the check code that somebody typed, however she wrote it; None when there is none."""
    code = fold_code(typed)
    return db.session.scalar(select(IssuedDocument).where(IssuedDocument.code == code)) if code else None


def get_issued(user: User, typed: str) -> IssuedDocument:
    """The issued document with this code. Raises NotFound when what it is about is not the person's to see."""
    document = by_code(typed)
    if document is None:
        raise NotFound(N_("There is no such document"))
    if document.form.startswith(NOTICE):
        return document  # published for everybody
    if document.case_id is not None:
        cases.get_case(user, document.case_id)
    elif document.site_id is not None:
        get_site(user, document.site_id)
    else:
        get_union(user, document.trade_union_id or 0)
    return document


def named(document: IssuedDocument) -> tuple[str, str]:
    """The names of the site and of the union that a document is about; empty where it is about none."""
    site = db.session.get(Site, document.site_id) if document.site_id else None
    union = db.session.get(TradeUnion, document.trade_union_id) if document.trade_union_id else None
    return (site.name if site else ""), (union.name if union else site.host.name if site else "")
