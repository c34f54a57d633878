"""Issuing documents: content from what is known now, kept under a check code. Nothing commits or asks for the time."""

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from flask import current_app
from sqlalchemy import select

from app.accounts.models import TradeUnion, User
from app.db import db
from app.documents import queries, sources, statements
from app.documents.forms import Content, form_content, sheet_block, sheet_content
from app.documents.models import IssuedDocument
from app.documents.notices import notice_content
from app.documents.queries import Offer
from app.documents.statements import judged_on
from app.errors import N_, Invalid
from app.months import Month, local_date
from app.programme.cases.models import Case
from app.programme.demonstration.models import DemonstrationCall
from app.programme.queries import rulebook_at, rulebooks_of_unions
from app.programme.services import facts_for, rulebook_of
from app.rulebooks import NoConditions, NotInForce, Rulebook, evaluate, load
from app.sites.door_codes import new_code
from app.sites.models import Site
from app.usage.ledger.queries import checkpoint_of
from app.usage.ledger.texts import checkpoint_line, checkpoint_text

LONGEST_FORM = 60


def chosen(offers: Sequence[Offer], key: str) -> Offer:
    """The offer that a person chose. Raises Invalid naming ``document``."""
    for offer in offers:
        if offer.key == key:
            return offer
    message = N_("There is no such document here; reload the page and choose again")
    raise Invalid(message, {"document": message})


def issue_offer(offer: Offer, rulebook: Rulebook, case: Case | None, *, user: User, now: datetime) -> IssuedDocument:
    """Fill in a form or sheet as things stand, and keep it."""
    subject = queries.subject_of(offer.site, rulebook, case)
    if offer.form is not None and offer.form.use in ("self_check", "acceptance"):
        subject = replace(subject, filled=offer.filled)
    answers = queries.answers_of(offer.filled) if offer.filled else {}
    if offer.form is not None:
        block = sheet_block(offer.sheet, offer.filled, answers, local_date(now)) if offer.sheet else None
        content = form_content(offer.form, subject, block)
    else:
        assert offer.sheet is not None  # noqa: S101  an offer is a form or a handed-in sheet
        assert offer.filled is not None  # noqa: S101
        by = queries.name_of_user(offer.filled.filled_by_id)
        content = sheet_content(offer.sheet, subject, offer.filled, answers, by)
    return issue(content, offer.key, user=user, now=now, rulebook=rulebook, site=offer.site, case=case)


def issue(
    content: Content, form: str, *, user: User, now: datetime, rulebook: Rulebook | None = None,
    site: Site | None = None, union_id: int | None = None, case: Case | None = None,
) -> IssuedDocument:  # fmt: skip
    """Keep `content` under a check code; the same content about the same thing keeps the code that it has."""
    content = {**content, "rulebook": rulebook.id if rulebook else "", "version": rulebook.digest if rulebook else ""}
    digest, form = digest_of(content), form[:LONGEST_FORM]
    before = queries.same_issued(form, digest, site.id if site else None, union_id)
    if before is not None:
        return before
    document = IssuedDocument(
        code=new_code(),
        form=form,
        rulebook_id=content["rulebook"],
        rulebook_digest=content["version"],
        site_id=site.id if site else None,
        trade_union_id=union_id,
        case_id=case.id if case else None,
        digest=digest,
        content=content,
        issued_at=now,
        issued_by_id=user.id,
    )
    db.session.add(document)
    db.session.flush()
    return document


def issue_notice(call: DemonstrationCall, rulebook: Rulebook, *, user: User, now: datetime) -> IssuedDocument:
    """The publication notice of a call. Raises Conflict while nothing is published."""
    ids = [one["site_id"] for one in call.notice.get("sites", ())]
    is_sample = any(site.is_synthetic for site in db.session.scalars(select(Site).where(Site.id.in_(ids))))
    content = notice_content(call, rulebook, is_sample=is_sample)
    key = f"{queries.NOTICE}{call.id}"
    return issue(content, key, user=user, now=now, rulebook=rulebook, union_id=call.trade_union_id)


def content_of_union(union: TradeUnion, month: Month, at: datetime) -> tuple[Content, Rulebook]:
    """The statement of a month of a union, as things stand, and the rulebook that the union follows."""
    today, default = local_date(at), _default()
    on = judged_on(month, today)
    lines = sources.lines_of(sources.places_of(union, month), month, on, default, union)
    rulebook = load(rulebook_at(union.path, rulebooks_of_unions(on), default))
    content = statements.union_statement(union, month, lines, _scores(rulebook, on), at)
    return content | _checkpoint(month), rulebook


def content_of_site(site: Site, month: Month, at: datetime) -> tuple[Content, Rulebook]:
    """The statement of a month of one site with each condition of the title, and the rulebook they come from."""
    on = judged_on(month, local_date(at))
    (line,) = sources.lines_of([sources.Place.of(site)], month, on, _default())
    rulebook, report = rulebook_of(site, on), None
    with suppress(NoConditions, NotInForce):
        report = evaluate(rulebook, facts_for(site, rulebook, on), on)
    content = statements.site_statement(line, month, _scores(rulebook, on), report, at=at)
    return content | _checkpoint(month), rulebook


def _checkpoint(month: Month) -> Content:
    """The ledger's checkpoint of the month, for those who keep the paper as witnesses; nothing while there is none."""
    made = checkpoint_of(month)
    return {"checkpoint": {"text": checkpoint_text(made).strip(), "line": checkpoint_line(made)}} if made else {}


def _scores(rulebook: Rulebook, on: date) -> tuple[int, ...]:
    """The score of each step; before the rulebook was in force, those it began with."""
    return rulebook.setting_numbers("rating_scores", max(on, rulebook.effective[0].from_on))


def _default() -> str:
    default: str = current_app.extensions["settings"].default_rulebook
    return default


def digest_of(content: dict[str, Any]) -> bytes:
    """SHA-256 over a content as JSON with sorted keys."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).digest()
