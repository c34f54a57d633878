"""A filled sheet as its pages and the telephone's script show it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask import url_for

from app.programme.scoring.answers import Change, steps, written
from app.programme.scoring.forms import mark
from app.programme.scoring.models import FilledSheet, SheetAnswer, SheetPhoto
from app.programme.scoring.queries import answers_of, photos_of, score_sheet_of, total_of
from app.rulebooks.scoring import SheetTotal
from app.rulebooks.sheets import ScoreGroup, ScoreItem, ScoreSheet


@dataclass(frozen=True, slots=True)
class Row:
    """One item as shown: `value` and `note` as the form has them, `mark` what the form was made from."""

    item: ScoreItem
    value: str
    note: str
    version: int
    mark: str
    points: Fraction | None
    photos: tuple[SheetPhoto, ...]
    choices: tuple[str, ...]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A whole sheet as shown."""

    score_sheet: ScoreSheet
    groups: tuple[tuple[ScoreGroup, tuple[Row, ...]], ...]
    total: SheetTotal
    pass_mark: Fraction | None


def show(
    sheet: FilledSheet, typed: Mapping[str, Change] | None = None, faults: Mapping[str, str] | None = None
) -> Shown:
    """The sheet with its answers; `typed` takes the place of what is stored, `faults` are sentences by item."""
    score_sheet, answers = score_sheet_of(sheet), answers_of(sheet)
    photos: dict[str, list[SheetPhoto]] = {}
    for photo, _ in photos_of(sheet):
        photos.setdefault(photo.item, []).append(photo)
    groups = tuple(
        (group, tuple(_row(item, answers.get(item.id), photos, typed or {}, faults or {}) for item in group.items))
        for group in score_sheet.groups
    )
    pass_mark = score_sheet.pass_mark.at(sheet.filled_on).value if score_sheet.pass_mark else None
    return Shown(score_sheet, groups, total_of(sheet, answers), pass_mark)


def _row(
    item: ScoreItem, answer: SheetAnswer | None, photos: Mapping[str, list[SheetPhoto]],
    typed: Mapping[str, Change], faults: Mapping[str, str],
) -> Row:  # fmt: skip
    value = written(item, answer.points, answer.is_ticked) if answer else ""
    note, version = (answer.note, answer.version) if answer else ("", 0)
    points = Fraction(answer.points) if answer and answer.points is not None else None
    stored = mark(version, value, note)
    if item.id in typed:
        value, note = typed[item.id].value, typed[item.id].note
    choices = steps(item) if item.is_ranged else []
    if item.is_ranged and value not in ("", "0", *choices):
        choices.append(value)
    mine = tuple(photos.get(item.id, ()))
    return Row(item, value, note, version, stored, points, mine, tuple(choices), faults.get(item.id, ""))


def state(sheet: FilledSheet) -> dict[str, Any]:
    """What the script compares its own answers with: values, notes, versions, photos, and the sum."""
    shown = show(sheet)
    rows = [row for _, rows in shown.groups for row in rows]
    return {
        "is_submitted": sheet.submitted_at is not None,
        "answers": {row.item.id: {"value": row.value, "note": row.note, "version": row.version} for row in rows},
        "photos": [
            {
                "key": str(photo.client_key),
                "item": photo.item,
                "url": url_for("scoring.photo", sheet_id=sheet.id, photo_key=photo.client_key),
            }
            for row in rows
            for photo in row.photos
        ],
        "total": plain(shown.total.total),
        "is_passed": shown.total.is_passed,
        "open": list(shown.total.open),
        "vetoed": list(shown.total.vetoed),
    }


def plain(number: Fraction | Decimal | None) -> str | None:
    """A number of points without needless zeros: 87.5, 100."""
    if number is None:
        return None
    exact = Fraction(number)
    return f"{Decimal(exact.numerator) / Decimal(exact.denominator):.2f}".rstrip("0").rstrip(".")
