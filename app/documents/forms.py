"""Official forms and score sheets as content for the templates: plain data, the same for Word and PDF."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from app.documents.fields import Subject, opinion_of, value_of
from app.documents.figures import plain
from app.documents.layouts import Layout, day, layout_of, word, words_list
from app.programme.scoring.models import FilledSheet, SheetAnswer
from app.rulebooks.rules import Form, FormField
from app.rulebooks.sheets import ScoreItem, ScoreSheet

Content = dict[str, Any]
Answers = Mapping[str, SheetAnswer]


def form_content(form: Form, subject: Subject, sheet: Content | None = None) -> Content:
    """A filled form: head, two labels and values in a row, opinions with room for the stamp; `sheet` on it, if any."""
    layout = layout_of(subject.rulebook.id)
    codes = {field.code: field.label.zh for field in form.fields}
    above = [code for code in (layout.left, layout.right) if code in codes]
    cells = [
        ({"label": _label(field, layout), "value": value_of(field.code, subject)}, field.is_wide)
        for field in form.fields
        if field.code not in above
    ]
    opinions = [_opinion(_without(one.label.zh, word("stamp")), one.level, subject) for one in form.opinions]
    content = _content(form.title.zh, subject, annex=form.annex.zh)
    content["subtitle"] = word("copies", copies=word("copy_numbers").split()[form.copies]) if form.copies > 1 else ""
    content["head"] = [_head(above, codes, subject, seal_left=layout.seal_left)] if above else []
    content["rows"] = _rows(cells)
    content["opinions"] = [] if sheet else opinions
    content["sheet"] = {**sheet, "opinions": opinions} if sheet else None
    return content


def sheet_content(
    sheet: ScoreSheet, subject: Subject, filled: FilledSheet, answers: Answers, filled_by: str
) -> Content:
    """A filled score sheet or tick list with its total, the day, and room for the unit's stamp."""
    content = _content(sheet.label.zh, subject, annex=sheet.article.zh)
    content["head"] = [
        {
            "left": word("sheet_unit", unit=subject.site.host.name),
            "right": word("sheet_date", date=day(filled.filled_on)),
        },
        {"left": word("sheet_site", site=subject.site.name), "right": word("sheet_by", person=filled_by)},
    ]
    seal = {"label": word(f"seal_{filled.use}"), "text": filled.note, "seal": word("seal"), "date": day(None)}
    content["sheet"] = {**sheet_block(sheet, filled, answers, filled.filled_on), "opinions": [seal]}
    return content


def sheet_block(sheet: ScoreSheet, filled: FilledSheet | None, answers: Answers, on: date) -> Content:
    """The table of a score sheet, as far as it has been filled in."""
    return {
        "is_tick_list": sheet.is_tick_list,
        "heads": words_list("ticks" if sheet.is_tick_list else "scores"),
        "groups": [
            {
                "label": group.label.zh if sheet.is_tick_list
                else word("group", label=group.label.zh, points=plain(group.points)),
                "items": _items(group.items, answers, is_tick_list=sheet.is_tick_list),
            }
            for group in sheet.groups
        ],
        "sums": [] if sheet.is_tick_list else [_sum(sheet, filled, on)],
        "opinions": [],
    }  # fmt: skip


def _content(title: str, subject: Subject, *, annex: str) -> Content:
    return {
        "template": "form",
        "title": title,
        "author": subject.site.host.name,
        "annex": annex,
        "subtitle": "",
        "head": [],
        "rows": [],
        "opinions": [],
        "sheet": None,
        "notes": [],
        "number": subject.case.number if subject.case else "",
        "site_name": subject.site.name,
        "is_sample": subject.site.is_synthetic,
    }


def _head(above: Sequence[str], codes: Mapping[str, str], subject: Subject, *, seal_left: bool) -> Content:
    said = []
    for number, code in enumerate(above):
        seal = word("seal") if seal_left and number == 0 and word("stamp") not in codes[code] else ""
        said.append(word("labelled", label=codes[code] + seal, value=value_of(code, subject) or word("gap")))
    return {"left": said[0], "right": said[1] if len(said) > 1 else ""}


def _label(field: FormField, layout: Layout) -> str:
    """What can be ticked stands beside the label, and need not be named in it."""
    return _without(field.label.zh, word("slash")) if field.code in layout.choices else field.label.zh


def _without(label: str, sign: str) -> str:
    """The label without the bracket at its end, if `sign` stands in that."""
    before, _, inside = label.rpartition(word("bracket"))
    return before if sign in inside and before else label


def _rows(cells: Sequence[tuple[Content, bool]]) -> list[list[Content]]:
    """Wide cells alone, others two by two; one that is left over takes the whole line."""
    rows: list[list[Content]] = []
    waiting: Content | None = None
    for cell, is_wide in cells:
        if waiting is not None and not is_wide:
            rows.append([waiting, cell])
            waiting = None
            continue
        if waiting is not None:
            rows.append([waiting])
            waiting = None
        if is_wide:
            rows.append([cell])
        else:
            waiting = cell
    return rows if waiting is None else [*rows, [waiting]]


def _opinion(label: str, level: str, subject: Subject) -> Content:
    text, on = opinion_of(level, subject)
    return {"label": label, "text": text, "seal": word("seal"), "date": on}


def _items(items: Sequence[ScoreItem], answers: Answers, *, is_tick_list: bool) -> list[Content]:
    """The lines of a group; a heading that several share stands at the first of them."""
    before = [None, *(item.indicator for item in items)]
    return [
        _item(item, answers.get(item.id), is_first=item.indicator != above, is_tick_list=is_tick_list)
        for item, above in zip(items, before, strict=False)
    ]


def _item(item: ScoreItem, answer: SheetAnswer | None, *, is_first: bool, is_tick_list: bool) -> Content:
    label = item.label.zh
    if item.indicator and is_first:
        label = word("indicator", indicator=item.indicator.zh, label=label)
    given = ""
    if answer is not None:
        given = (word("tick") if answer.is_ticked else "") if is_tick_list else plain(answer.points)
    most = word("range", least=plain(item.least), most=plain(item.most)) if item.is_ranged else plain(item.most)
    return {
        "label": label + (word("veto") if item.veto else ""),
        "points": "" if is_tick_list else most,
        "given": given,
        "note": answer.note if answer else "",
    }


def _sum(sheet: ScoreSheet, filled: FilledSheet | None, on: date) -> Content:
    value = ""
    if filled is not None and filled.total is not None:
        value = plain(filled.total)
        if sheet.pass_mark is not None:
            verdict = word("passed" if filled.is_passed else "not_passed")
            value = word("total", given=value, mark=plain(sheet.pass_mark.at(on).value), verdict=verdict)
    return {"label": word("sum"), "points": plain(sheet.points), "value": value}
