"""One row of a list → a draft of a site, by the profile. Pure but for the vocabulary files."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from app.errors import N_
from app.sites.datums import Datum
from app.sites.hours_parser import parse_hours
from app.sites.importing.findings import Draft, Level
from app.sites.importing.keys import address_key, floor_of, name_key, staff_only_words, words
from app.sites.importing.pins import read_pin
from app.sites.importing.profile import CHOICES, DATES, PARTICULARS, TRUTHS, FacilityRule, FieldRule, Profile
from app.sites.importing.transforms import TRANSFORMS
from app.sites.models import Site
from app.sites.particulars import particulars

MAX_LENGTH: Mapping[str, int] = {
    column.name: length for column in Site.__table__.columns if (length := getattr(column.type, "length", None))
}
LONGEST_PARTICULAR = 2000


class Converter:
    """Converts rows. `datum` is what coordinates refer to, `today` places yearly closings."""

    def __init__(self, profile: Profile, datum: Datum | None, today: date, columns: tuple[str, ...]) -> None:
        self.profile, self.datum, self.today = profile, datum, today
        present = set(columns)
        self.fields = {
            target: rule
            for target, rule in profile.fields.items()
            if rule.constant is not None or not rule.optional or _is_there(rule, present)
        }
        self.hours = profile.hours if profile.hours and profile.hours.column in present else None
        self.facilities = profile.facilities

    def draft(self, number: int, cells: Mapping[str, object]) -> Draft:
        """The draft of one row with everything there is to say about it."""
        draft = Draft(number, cells)
        if "" in cells:
            draft.add(
                Level.ERROR,
                "",
                N_("The row has more cells than the file has columns"),
                N_("Put cells that contain commas into quotation marks"),
            )
            return draft
        if unstorable := [column for column, cell in cells.items() if "\0" in cell_text(cell)]:
            problem = N_("The cell holds a character that cannot be stored")
            draft.add(Level.ERROR, unstorable[0], problem, N_("Type it anew"))
            return draft
        for target, rule in self.fields.items():
            self._field(draft, target, rule)
        self._hours(draft)
        if self.facilities:
            _facilities(draft, self.facilities)
        self._floor(draft)
        self._check(draft)
        if self.profile.coordinates and self.datum:
            read_pin(draft, self.profile.coordinates, self.datum)
        _decide_publication(draft)
        _finish(draft)
        return draft

    def _field(self, draft: Draft, target: str, rule: FieldRule) -> None:
        place = ", ".join(rule.columns) or target
        text = _text(draft, rule, place)
        if text is None:
            return
        if not text and rule.required:
            draft.add(Level.ERROR, place, N_("The cell is empty"), N_("Fill it in"))
        value = _typed(draft, target, text, place)
        if target == "union":
            draft.union = text
        elif value is not None and target in PARTICULARS:
            draft.values.setdefault("particulars", {})[target] = value
        elif value is not None:
            draft.values[target] = value

    def _hours(self, draft: Draft) -> None:
        if self.hours is None:
            return
        text = cell_text(draft.cells.get(self.hours.column))
        days = cell_text(draft.cells.get(self.hours.days)) if self.hours.days else ""
        if not (text or days):
            return
        hours = parse_hours(text, self.today, days=days, calendar="none" if self.hours.calendar == "none" else "cn")
        draft.values["hours"] = hours.to_json()
        if not hours.is_known:
            draft.add(
                Level.NOTE,
                self.hours.column,
                N_("The opening hours are kept as text; when it is open is unknown"),
                N_("State them on the site's page"),
            )

    def _floor(self, draft: Draft) -> None:
        if draft.values.get("floor_label"):
            return
        for name in self.profile.floor_from:
            found = floor_of(str(draft.values.get(name, "")), self.profile.floor_style)
            if found:
                draft.values["floor_label"], draft.values["floor_order"] = found
                return

    def _check(self, draft: Draft) -> None:
        for check in self.profile.checks:
            text = "".join(cell_text(draft.cells.get(column)) for column in check.columns)
            if bool(check.pattern.search(text)) == check.forbidden:
                draft.add(Level(check.level), ", ".join(check.columns), check.problem, check.remedy)


def _is_there(rule: FieldRule, present: set[str]) -> bool:
    """Whether the file has the columns of an optional field; of those to choose from one is enough."""
    return bool(present & set(rule.columns)) if rule.first else present.issuperset(rule.columns)


def cell_text(cell: object) -> str:
    """A cell as text: a list is joined with semicolons, nothing is empty."""
    if cell is None:
        return ""
    if isinstance(cell, list):
        return ";".join(cell_text(item) for item in cell)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return str(cell).strip()


def _text(draft: Draft, rule: FieldRule, place: str) -> str | None:
    """The field's text after transforms and tables; None when a transform fails, with a finding."""
    if rule.constant is not None:
        return rule.constant
    said = list(filter(None, (cell_text(draft.cells.get(column)) for column in rule.columns)))
    text = rule.join.join(said[:1] if rule.first else said)
    for name in rule.transforms:
        try:
            text = TRANSFORMS[name](text)
        except ValueError:
            draft.add(
                Level.WARNING, place, N_("%(text)s is not a date"), N_("Correct the date"), text=text
            )
            return None
    if rule.contains is not None:
        text = _containing(rule.contains, text)
    if rule.values is not None and text:
        if text not in rule.values:
            draft.add(
                Level.WARNING,
                place,
                N_("The profile has no entry for %(text)s"),
                N_("Add it to the profile or correct the cell"),
                text=text,
            )
        text = rule.values.get(text, "")
    return f"{rule.prefix}{text}" if text else rule.default


def _containing(pieces: Mapping[str, str], text: str) -> str:
    """The value of the piece that stands first in the text."""
    found = [(text.find(piece), value) for piece, value in pieces.items() if piece in text]
    return min(found)[1] if found else ""


def _typed(draft: Draft, target: str, text: str, place: str) -> Any:
    """The text as the column's type, or None when there is none or it does not fit, with a finding."""
    if not text:
        return None
    if target in TRUTHS:
        return _truth(draft, text, place)
    if target in CHOICES and text not in CHOICES[target]:
        draft.add(
            Level.ERROR,
            place,
            N_("%(text)s is not one of %(choices)s"),
            N_("Correct the cell"),
            text=text,
            choices=", ".join(CHOICES[target]),
        )
        return None
    if target in DATES:
        return _date(draft, text, place)
    if target in ("floor_order", "room_count", "area_m2") or _is_counted(target):
        return _number(draft, target, text, place)
    return _fitting(draft, target, text, place)


def _truth(draft: Draft, text: str, place: str) -> bool | None:
    if text.lower() in words().yes | words().no:
        return text.lower() in words().yes
    draft.add(Level.ERROR, place, N_("%(text)s is neither yes nor no"), N_("Write yes or no"), text=text)
    return None


def _date(draft: Draft, text: str, place: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        draft.add(Level.ERROR, place, N_("%(text)s is not a date"), N_("Write it as 2026-08-31"), text=text)
        return None


def _number(draft: Draft, target: str, text: str, place: str) -> Decimal | int | None:
    try:
        number = Decimal(text)
        is_fit = number.is_finite() and (target == "area_m2" or number == int(number)) and abs(number) < 100_000
    except InvalidOperation:
        is_fit = False
    if not is_fit:
        draft.add(Level.ERROR, place, N_("%(text)s is not a number that fits here"), N_("Correct it"), text=text)
        return None
    return round(number, 2) if target == "area_m2" else int(number)


def _is_counted(target: str) -> bool:
    return target in PARTICULARS and particulars()[target].kind == "number"


def _fitting(draft: Draft, target: str, text: str, place: str) -> str | None:
    longest = LONGEST_PARTICULAR if target in PARTICULARS else MAX_LENGTH.get(target, len(text))
    if len(text) > longest:
        draft.add(
            Level.ERROR,
            place,
            N_("The text has %(length)s characters; %(longest)s fit"),
            N_("Shorten it"),
            length=len(text),
            longest=longest,
        )
        return None
    return text


def _facilities(draft: Draft, rule: FacilityRule) -> None:
    found: dict[str, int | None] = {}
    if rule.column:
        cell = draft.cells.get(rule.column)
        items = cell if isinstance(cell, list) else cell_text(cell).split(rule.separator)
        for item in filter(None, (cell_text(item) for item in items)):
            if item in rule.values:
                found[rule.values[item]] = None
            elif item not in rule.ignore:
                draft.add(
                    Level.WARNING,
                    rule.column,
                    N_("The profile has no facility for %(item)s"),
                    N_("Add it to the profile"),
                    item=item,
                )
    for column, code in rule.flags.items():
        if cell_text(draft.cells.get(column)).lower() in words().yes:
            found[code] = None
    if found:
        draft.values["facilities"] = found


def _decide_publication(draft: Draft) -> None:
    """A site whose text says that it is for staff waits for a person's decision, whatever the profile says."""
    values = draft.values
    texts = [str(values.get(name, "")) for name in ("access_note", "landmark", "note", "name")]
    word = staff_only_words(str(values.get("hours", {}).get("text", "")), *texts)
    if word is None:
        return
    values["open_to_outsiders"] = None
    draft.decision = word
    draft.add(
        Level.WARNING,
        "open_to_outsiders",
        N_("The text says “%(word)s”: the site is not shown to the public"),
        N_("Decide on the site's page who may come in"),
        word=word,
    )


def _finish(draft: Draft) -> None:
    values = draft.values
    rooms = values.pop("room_count", 1)
    if rooms > 1:
        draft.add(Level.NOTE, "room_count", N_("The row stands for %(count)s rooms and is kept as one"), count=rooms)
    values["name_key"] = name_key(values.get("name", ""))
    values["address_key"] = address_key(values.get("address", ""))
    if "name" in values and not values["name_key"]:
        draft.add(Level.ERROR, "name", N_("The name has neither letters nor digits"), N_("Correct it"))
