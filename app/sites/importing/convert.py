"""One row of a list → a draft of a site, by the profile. Pure but for the vocabulary files."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from app.errors import N_
from app.sites.datums import Datum
from app.sites.hours_parser import parse_hours
from app.sites.importing.fields import MAX_LENGTH, REMEMBERED, FacilityReader, FieldReader, Said, cell_text
from app.sites.importing.findings import Draft, Level
from app.sites.importing.keys import address_key, floor_of, name_key, staff_only_words
from app.sites.importing.pins import read_pin
from app.sites.importing.profile import FieldRule, Profile

__all__ = ["MAX_LENGTH", "Converter", "cell_text"]
IDENTITY = frozenset({"external_code", "name", "address", "floor_label", "landmark"})


class Converter:
    """Converts rows. `datum` is what coordinates refer to, `today` places yearly closings."""

    def __init__(self, profile: Profile, datum: Datum | None, today: date, columns: tuple[str, ...]) -> None:
        self.profile, self.datum, self.today = profile, datum, today
        present = set(columns)
        self.fields = [
            FieldReader(target, rule)
            for target, rule in profile.fields.items()
            if rule.constant is not None or not rule.optional or _is_there(rule, present)
        ]
        self.hours = profile.hours if profile.hours and profile.hours.column in present else None
        self.facilities = FacilityReader(profile.facilities) if profile.facilities else None
        self._hours_of = lru_cache(maxsize=REMEMBERED)(self._parsed)

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
            self._identify(draft)
            return draft
        texts = {column: cell_text(cell) for column, cell in cells.items()}
        if unstorable := [column for column, text in texts.items() if "\0" in text]:
            problem = N_("The cell holds a character that cannot be stored")
            draft.add(Level.ERROR, unstorable[0], problem, N_("Type it anew"))
            return draft
        for field in self.fields:
            said = field.read(texts)
            if said.text or said.findings:
                _put(draft, field, said)
        self._hours(draft, texts)
        self._facilities(draft, texts)
        self._floor(draft)
        self._check(draft, texts)
        if self.profile.coordinates and self.datum:
            read_pin(draft, self.profile.coordinates, self.datum)
        _decide_publication(draft)
        _finish(draft)
        return draft

    def _identify(self, draft: Draft) -> None:
        """Which site a row that stays out is about, as far as it says."""
        texts = {column: cell_text(cell) for column, cell in draft.cells.items() if column}
        said = {field.target: field.read(texts).value for field in self.fields if field.target in IDENTITY}
        draft.values |= {target: value for target, value in said.items() if value is not None}
        _set_keys(draft.values)

    def _hours(self, draft: Draft, texts: Mapping[str, str]) -> None:
        if self.hours is None:
            return
        text = texts.get(self.hours.column, "")
        days = texts.get(self.hours.days, "") if self.hours.days else ""
        if not (text or days):
            return
        draft.values["hours"], is_known = self._hours_of(text, days)
        if not is_known:
            draft.add(
                Level.NOTE,
                self.hours.column,
                N_("The opening hours are kept as text; when it is open is unknown"),
                N_("State them on the site's page"),
            )

    def _parsed(self, text: str, days: str) -> tuple[dict[str, Any], bool]:
        """Hours as they are stored, one object for all rows that say the same, and whether anything is known."""
        is_elsewhere = self.hours is not None and self.hours.calendar == "none"
        hours = parse_hours(text, self.today, days=days, calendar="none" if is_elsewhere else "cn")
        return hours.to_json(), hours.is_known

    def _facilities(self, draft: Draft, texts: Mapping[str, str]) -> None:
        if self.facilities is None:
            return
        found, findings = self.facilities.read(draft.cells.get(self.facilities.rule.column or ""), texts)
        draft.findings += findings
        if found:
            draft.values["facilities"] = found

    def _floor(self, draft: Draft) -> None:
        if draft.values.get("floor_label"):
            return
        for name in self.profile.floor_from:
            found = floor_of(str(draft.values.get(name, "")), self.profile.floor_style)
            if found:
                draft.values["floor_label"], draft.values["floor_order"] = found
                return

    def _check(self, draft: Draft, texts: Mapping[str, str]) -> None:
        for check in self.profile.checks:
            text = "".join(texts.get(column, "") for column in check.columns)
            if bool(check.pattern.search(text)) == check.forbidden:
                draft.add(Level(check.level), ", ".join(check.columns), check.problem, check.remedy)


def _is_there(rule: FieldRule, present: set[str]) -> bool:
    """Whether the file has the columns of an optional field; of those to choose from one is enough."""
    return bool(present & set(rule.columns)) if rule.first else present.issuperset(rule.columns)


def _put(draft: Draft, field: FieldReader, said: Said) -> None:
    draft.findings += said.findings
    if field.target == "union" and said.text is not None:
        draft.union = said.text
    elif said.value is not None and field.is_particular:
        draft.values.setdefault("particulars", {})[field.target] = said.value
    elif said.value is not None:
        draft.values[field.target] = said.value


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
    _set_keys(values)
    if "name" in values and not values["name_key"]:
        draft.add(Level.ERROR, "name", N_("The name has neither letters nor digits"), N_("Correct it"))


def _set_keys(values: dict[str, Any]) -> None:
    values["name_key"] = name_key(values.get("name", ""))
    values["address_key"] = address_key(values.get("address", ""))
