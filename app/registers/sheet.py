"""The registers of one site and month as plain tables, for paper and spreadsheets."""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from app.months import SHANGHAI, Month, local_date
from app.registers import queries
from app.registers.queries import Line
from app.registers.vocabulary import registers, terms
from app.sites.models import Site
from app.usage.adjustments.queries import adjusted_months

WORDS = Path(__file__).parent / "data" / "sheet.toml"
Cell = str | int | Decimal | date | None


@dataclass(frozen=True, slots=True)
class Section:
    """One table: a title, column heads, rows of as many cells; `shares` are the columns' widths in relation."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    shares: Sequence[int]


@dataclass(frozen=True, slots=True)
class MonthSheet:
    """Everything that stands on the sheet, in one language; `facts` are pairs of label and value."""

    title: str
    site: str
    month: Month
    printed_on: date
    facts: Sequence[tuple[str, str]]
    sections: Sequence[Section]
    words: Mapping[str, str]
    is_synthetic: bool


def month_sheet(site: Site, month: Month, now: datetime, locale: str) -> MonthSheet:
    """The sheet of a site and local month in the reader's language. The caller has checked the scope."""
    words = words_in(locale)
    writer = _Writer(site, month, words, locale)
    live = {code: [line.row for line in writer.lines[code] if line.row.voided_at is None] for code in registers()}
    return MonthSheet(
        title=words["title"],
        site=site.name,
        month=month,
        printed_on=local_date(now),
        facts=_facts(site, month, now, words, live),
        sections=[
            *(Section(registers()[code].label(locale), *table(writer, live[code])) for code, table in _TABLES.items()),
            *writer.void(),
        ],
        words=words,
        is_synthetic=site.is_synthetic,
    )


@cache
def words_in(locale: str) -> Mapping[str, str]:
    """The sheet's own words in English or, for any other locale, in Chinese."""
    both = tomllib.loads(WORDS.read_text(encoding="utf-8"))
    return {name: wording["en" if locale == "en" else "zh"] for name, wording in both.items()}


def _facts(
    site: Site, month: Month, now: datetime, words: Mapping[str, str], live: Mapping[str, list[Any]]
) -> list[tuple[str, str]]:
    tally = adjusted_months(site.id, month, month)[0]
    return [
        (words["site"], site.name),
        (words["host"], site.host.name),
        (words["address"], " ".join(part for part in (site.address, site.floor_label) if part)),
        (words["month"], str(month)),
        (words["uses"], f"{tally['recorded']} / {tally['effective']}"),
        (words["cleaned"], f"{len({row.done_on for row in live['cleaning']})} / {month.days}"),
        (words["checked"], str(len(live["safety"]))),
        (words["made_on"], local_date(now).isoformat()),
    ]


Table = tuple[list[str], list[list[Cell]], list[int]]


class _Writer:
    """The entries of a month and how each register's are set in a table."""

    def __init__(self, site: Site, month: Month, words: Mapping[str, str], locale: str) -> None:
        self.site, self.month, self.words, self.locale = site, month, words, locale
        self.lines: dict[str, list[Line]] = {code: self._read(code) for code in registers()}

    def _read(self, code: str) -> list[Line]:
        """Oldest first; of what stands there, what was there in the month."""
        lines = queries.entries(self.site.id, code, self.month)[::-1]
        if code not in queries.STANDING:
            return lines
        first, last = self.month.first_on, self.month.last_on
        return [line for line in lines if _came(line.row) <= last and (_went(line.row) or date.max) >= first]

    def heads(self, *names: str) -> list[str]:
        return [self.words[name] for name in names]

    def label(self, words: str, code: str) -> str:
        known = terms(words)
        return known[code].label(self.locale) if code in known else code

    def cleaning(self, rows: list[Any]) -> Table:
        return self.heads("day", "by", "note"), [[row.done_on, row.done_by, row.note] for row in rows], [2, 3, 6]

    def maintenance(self, rows: list[Any]) -> Table:
        return self.heads("day", "what", "by"), [[row.done_on, row.note, row.done_by] for row in rows], [2, 6, 3]

    def safety(self, rows: list[Any]) -> Table:
        table: list[list[Cell]] = [[row.done_on, self._result(row), row.note, row.done_by] for row in rows]
        return self.heads("day", "result", "note", "by"), table, [2, 4, 4, 2]

    def _result(self, row: Any) -> str:
        bad = [self.label("check", code) for code, is_sound in row.findings.items() if not is_sound]
        if bad:
            return self.words["at_fault"].replace("{what}", "; ".join(bad))
        return self.words["in_order"].replace("{n}", str(len(row.findings)))

    def activity(self, rows: list[Any]) -> Table:
        table: list[list[Cell]] = [
            [
                _span(row), self.label("activity_kind", row.kind), row.title, self.label("topic", row.topic),
                row.participants, row.note,
            ]
            for row in rows
        ]  # fmt: skip
        return self.heads("time", "kind", "heading", "topic", "participants", "note"), table, [3, 2, 4, 2, 1, 3]

    def supplies(self, rows: list[Any]) -> Table:
        """By item: what there was, came and went, and is left; with the notes of the month's movements."""
        until = self.month.first_on - timedelta(days=1)
        before = queries.stock([self.site.id], until).get(self.site.id, {})
        table: list[list[Cell]] = []
        for code in terms("item"):
            moved = [row for row in rows if row.item == code]
            held = before.get(code, 0)
            if not moved and not held:
                continue
            came = sum(row.quantity for row in moved if row.quantity > 0)
            went = -sum(row.quantity for row in moved if row.quantity < 0)
            notes = "; ".join(" ".join(part for part in (row.source, row.note) if part) for row in moved)
            table.append([self.label("item", code), held, came, went, held + came - went, notes.strip("; ")])
        return self.heads("item", "before", "received", "given", "after", "note"), table, [3, 1, 1, 1, 1, 5]

    def assets(self, rows: list[Any]) -> Table:
        table: list[list[Cell]] = [
            [
                row.number, row.name, row.quantity, row.value_yuan, self.label("asset_source", row.source),
                row.acquired_on, f"{row.disposed_on} {row.disposal}" if row.disposed_on else "",
            ]
            for row in rows
        ]  # fmt: skip
        heads = self.heads("number", "name", "quantity", "value", "source", "acquired", "gone")
        return heads, table, [2, 4, 1, 2, 2, 2, 3]

    def subsidy(self, rows: list[Any]) -> Table:
        """The month's bookings between what was carried forward and the balance; overspending says so."""
        carried = queries.money(self.site.id, self.month.first_on - timedelta(days=1)).balance
        table: list[list[Cell]] = [
            [
                row.booked_on, max(row.amount_yuan, Decimal(0)) or None, max(-row.amount_yuan, Decimal(0)) or None,
                self.label("purpose", row.purpose), " ".join(part for part in (row.source, row.note) if part),
            ]
            for row in rows
        ]  # fmt: skip
        balance = carried + sum((row.amount_yuan for row in rows), Decimal(0))
        if rows or carried:
            table.insert(0, [self.words["carried"], carried, None, "", ""])
            table.append([self.words["balance"], balance, None, "", self.words["overspent"] if balance < 0 else ""])
        return self.heads("day", "amount_in", "amount_out", "purpose", "note"), table, [2, 2, 2, 2, 5]

    def keepers(self, rows: list[Any]) -> Table:
        table: list[list[Cell]] = [
            [row.name, self.label("keeper_kind", row.kind), row.since_on, row.certificate_until] for row in rows
        ]
        return self.heads("person", "position", "since", "certificate"), table, [3, 3, 2, 2]

    def void(self) -> list[Section]:
        """What was entered for this month and taken back."""
        rows: list[list[Cell]] = [
            [registers()[code].label(self.locale), local_date(line.row.recorded_at), line.row.void_reason]
            for code, lines in self.lines.items()
            for line in lines
            if line.row.voided_at is not None
        ]
        heads = self.heads("register", "recorded", "reason")
        return [Section(self.words["void"], heads, rows, [3, 2, 6])] if rows else []


_TABLES: Mapping[str, Callable[[_Writer, list[Any]], Table]] = {
    "cleaning": _Writer.cleaning,
    "maintenance": _Writer.maintenance,
    "safety": _Writer.safety,
    "activity": _Writer.activity,
    "supplies": _Writer.supplies,
    "assets": _Writer.assets,
    "subsidy": _Writer.subsidy,
    "keepers": _Writer.keepers,
}


def _came(row: Any) -> date:
    came: date | None = getattr(row, "acquired_on", None) or getattr(row, "since_on", None)
    return came or local_date(row.recorded_at)


def _went(row: Any) -> date | None:
    went: date | None = getattr(row, "disposed_on", None) or getattr(row, "left_on", None)
    return went


def _span(row: Any) -> str:
    start, end = (at.astimezone(SHANGHAI) for at in (row.starts_at, row.ends_at))
    until = "%H:%M" if start.date() == end.date() else "%m-%d %H:%M"
    return f"{start:%m-%d %H:%M}–{end.strftime(until)}"
