"""Beginning, filling in and handing in score sheets. Nothing here commits or asks for the time."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid4

from sqlalchemy import select

from app.accounts.models import User
from app.db import db
from app.errors import N_, Conflict, Forbidden, Invalid
from app.months import local_date
from app.programme import decisions
from app.programme.scoring.answers import Change, fault_of, read
from app.programme.scoring.models import FilledSheet, SheetAnswer
from app.programme.scoring.queries import answers_of, score_sheet_of, total_of
from app.programme.scoring.rights import USES, require_filler
from app.rulebooks import Rulebook
from app.rulebooks.scoring import SheetTotal
from app.sites.models import Site

REMEMBERED_KEYS = 20
"""How many changes of one item are known again when they come a second time."""
_BY_FORM = "form"
_HANDED_IN = N_("This sheet has been handed in and can no longer be changed")
_NOT_YOURS = N_("Only the person who has begun this sheet fills it in")


def start_sheet(
    actor: User,
    site: Site,
    use: str,
    *,
    rulebook: Rulebook,
    now: datetime,
    case_id: int | None = None,
    inspection_id: int | None = None,
    client_key: UUID | None = None,
) -> FilledSheet:
    """A sheet of `rulebook` to be filled in for a site; the person's own open one for the same purpose if she has one.

    `use` is one of `USES`. Raises Invalid naming ``use`` when the rulebook has no such sheet for the site, Forbidden
    when the person does not fill in such sheets, NotFound for a case or an inspection that she may not see.
    """
    if use not in USES:
        raise _wrong("use", N_("Say what the sheet is for"))
    require_filler(actor, site, use, case_id, inspection_id)
    on = local_date(now)
    rulebook.require_in_force(on)
    score_sheet = rulebook.sheet_for(site.kind, use, site.premises)
    if score_sheet is None:
        raise _wrong("use", N_("The rulebook has no such sheet for this kind of site and premises"))
    digest = decisions.remember(rulebook, now)
    same = {
        "site_id": site.id, "use": use, "rulebook_digest": digest, "sheet": score_sheet.id, "case_id": case_id,
        "inspection_id": inspection_id, "filled_by_id": actor.id, "submitted_at": None,
    }  # fmt: skip
    begun = db.session.scalar(select(FilledSheet).filter_by(**same).order_by(FilledSheet.id.desc()).limit(1))
    if begun is not None:
        return begun
    sheet = FilledSheet(
        **same, client_key=client_key or uuid4(), rulebook_id=rulebook.id, filled_on=on, created_at=now,
        updated_at=now, total=None, is_passed=None,
    )  # fmt: skip
    db.session.add(sheet)
    db.session.flush()
    return sheet


def save_answers(actor: User, sheet: FilledSheet, changes: Sequence[Change], now: datetime) -> tuple[str, ...]:
    """Write the answers; the items that somebody had changed since `seen` and that now say what came last.

    A change whose key is known is left alone: sending twice is harmless, also when another device has written since.
    Raises Conflict when the sheet was handed in, Forbidden when it is somebody else's, Invalid naming each item at
    fault, and then writes none.
    """
    lock_draft(actor, sheet)
    score_sheet = score_sheet_of(sheet)
    faults = {change.item: fault for change in changes if (fault := fault_of(score_sheet, change))}
    if faults:
        raise Invalid(N_("Some answers cannot be taken; they are marked below"), faults)
    stored, overtaken = answers_of(sheet), []
    for change in changes:
        row = stored.get(change.item)
        if row is None:
            row = SheetAnswer(filled_sheet_id=sheet.id, item=change.item, version=0, keys=[], note="")
        elif change.key and change.key in row.keys:
            continue
        elif _is_overtaking(row, change) and _differs(row, sheet, change):
            overtaken.append(change.item)
        if _write(row, sheet, change) and change.item not in stored:
            db.session.add(row)
            stored[change.item] = row
    sheet.updated_at = now
    db.session.flush()
    return tuple(overtaken)


def submit(actor: User, sheet: FilledSheet, now: datetime, note: str | None = None) -> FilledSheet:
    """Hand the sheet in, with its total and whether it has passed. Afterwards nobody changes it.

    Raises Conflict when that has been done, Forbidden, and Invalid naming the items that are open (a tick list may
    leave lines unticked).
    """
    lock_draft(actor, sheet)
    require_filler(actor, db.session.get_one(Site, sheet.site_id), sheet.use, sheet.case_id, sheet.inspection_id)
    sheet.filled_on = local_date(now)
    result = total_of(sheet)
    if result.open and not score_sheet_of(sheet).is_tick_list:
        faults = dict.fromkeys(result.open, N_("This item has no answer yet"))
        raise Invalid(N_("%(n)s items have no answer yet"), faults, n=len(result.open))
    sheet.total, sheet.is_passed = _decimal(result), result.is_passed
    if note is not None:
        sheet.note = note.strip()[:600]
    sheet.submitted_at = sheet.updated_at = now
    db.session.flush()
    return sheet


def recompute(sheet: FilledSheet) -> tuple[Decimal | None, bool | None]:
    """Total and result from the answers under the rulebook kept with the sheet: what `submit` stored, or a fault."""
    result = total_of(sheet)
    return _decimal(result), result.is_passed


def lock_draft(actor: User, sheet: FilledSheet) -> None:
    """Let nobody else write in this sheet until the transaction ends. Raises Conflict, Forbidden."""
    db.session.execute(select(FilledSheet.id).where(FilledSheet.id == sheet.id).with_for_update())
    db.session.refresh(sheet)
    if sheet.submitted_at is not None:
        raise Conflict(_HANDED_IN)
    if sheet.filled_by_id != actor.id:
        raise Forbidden(_NOT_YOURS)


def _is_overtaking(row: SheetAnswer, change: Change) -> bool:
    """Whether somebody else has written since the person saw the answer: not she herself, just before."""
    return change.seen is not None and change.seen != row.version and row.keys[-1] not in change.earlier


def _differs(row: SheetAnswer, sheet: FilledSheet, change: Change) -> bool:
    answer = read(score_sheet_of(sheet), change)
    return (row.points, row.is_ticked, row.note) != (answer.points, answer.is_ticked, change.note.strip())


def _write(row: SheetAnswer, sheet: FilledSheet, change: Change) -> bool:
    """Whether there is anything to write. The key of a change is kept also when the answer stays as it was."""
    answer, note = read(score_sheet_of(sheet), change), change.note.strip()
    is_new = row.version == 0
    if is_new and not change.key and answer.points is None and answer.is_ticked is None and not note:
        return False
    if is_new or _differs(row, sheet, change):
        row.points, row.is_ticked, row.note = answer.points, answer.is_ticked, note
        row.version += 1
    row.keys = [*row.keys, change.key or _BY_FORM][-REMEMBERED_KEYS:]
    return True


def _decimal(result: SheetTotal) -> Decimal | None:
    if result.total is None:
        return None
    return Decimal(result.total.numerator) / Decimal(result.total.denominator)


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(message, {field: message})
