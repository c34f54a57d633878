"""Strict reading of parsed TOML or JSON: every complaint names the file and the key, unknown keys are refused."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, NoReturn

from app.errors import N_, DomainError
from app.rulebooks.model import LANGUAGES, Text

Complaint = Callable[..., DomainError]
YEARS = range(1900, 3000)


class Node:
    """A table of a file. Ask for each key once, then `finish()`: keys nobody asked for are an error."""

    def __init__(self, complaint: Complaint, file: str, path: str, data: object) -> None:
        self.complaint, self.file, self.path = complaint, file, path
        self._asked: set[str] = set()
        self.data: Mapping[str, Any] = {}
        if not isinstance(data, dict):
            self.fail("", N_("%(file)s: %(key)s has to be a table"))
        self.data = data

    def fail(self, key: str, message: str, **params: object) -> NoReturn:
        """Raise the complaint about `key` of this table."""
        raise self.complaint(message, file=self.file, key=self.name(key), **params)

    def name(self, key: str) -> str:
        """The full path of `key`, such as ``conditions[2].parts[0].measure``."""
        return ".".join(part for part in (self.path, key) if part) or "(top level)"

    def has(self, key: str) -> bool:
        """Whether the key is there and not null."""
        self._asked.add(key)
        return self.data.get(key) is not None

    def get(self, key: str) -> Any:
        """The raw value of a key that has to be there."""
        if not self.has(key):
            self.fail(key, N_("%(file)s: %(key)s is missing"))
        return self.data[key]

    def finish(self) -> None:
        """Refuse keys that nobody asked for."""
        for key in self.data:
            if key not in self._asked:
                self.fail(key, N_("%(file)s: %(key)s is not a known key"))

    def string(self, key: str) -> str:
        """Text that is not empty."""
        value = self.get(key)
        if not isinstance(value, str) or not value.strip():
            self.fail(key, N_("%(file)s: %(key)s has to be text that is not empty"))
        return value

    def identifier(self, key: str) -> int | str:
        """A whole number, as the system gives its sites, or any other text that is not empty."""
        value = self.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) else self.string(key)

    def remark(self, key: str) -> str:
        """Text that may be empty or missing."""
        value = self.get(key) if self.has(key) else ""
        if not isinstance(value, str):
            self.fail(key, N_("%(file)s: %(key)s has to be text"))
        return value

    def choice(self, key: str, choices: tuple[str, ...], default: str | None = None) -> str:
        """One of the words `choices`."""
        if default is not None and not self.has(key):
            return default
        value = self.get(key)
        if value not in choices:
            self.fail(key, N_("%(file)s: %(key)s has to be one of %(choices)s"), choices=", ".join(choices))
        return str(value)

    def words(self, key: str, choices: tuple[str, ...] | None = None, least: int = 1) -> tuple[str, ...]:
        """A list of at least `least` different words; each one of `choices` when they are given."""
        value = self.get(key)
        is_list = isinstance(value, list) and len(value) >= least
        if not is_list or not all(isinstance(word, str) and word for word in value):
            self.fail(key, N_("%(file)s: %(key)s has to be a list of words"))
        if len(set(value)) < len(value):
            self.fail(key, N_("%(file)s: %(key)s names a word twice"))
        if choices is not None and not set(value) <= set(choices):
            self.fail(key, N_("%(file)s: %(key)s has to hold only %(choices)s"), choices=", ".join(choices))
        return tuple(value)

    def whole(self, key: str, least: int = 0) -> int:
        """A whole number of at least `least`."""
        value = self.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            self.fail(key, N_("%(file)s: %(key)s has to be a whole number of at least %(least)s"), least=least)
        return value

    def number(self, key: str) -> Fraction:
        """An exact number that is not negative. A float, as JSON in a database has it, is its shortest decimal."""
        value = self.get(key)
        is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
        exact = Decimal(repr(value) if isinstance(value, float) else value) if is_number else Decimal("NaN")
        if not exact.is_finite() or exact < 0:
            self.fail(key, N_("%(file)s: %(key)s has to be a number that is not negative"))
        return Fraction(exact)

    def flag(self, key: str, default: bool | None = None) -> bool:
        """True or false."""
        if default is not None and not self.has(key):
            return default
        value = self.get(key)
        if not isinstance(value, bool):
            self.fail(key, N_("%(file)s: %(key)s has to be true or false"))
        return value

    def day(self, key: str) -> date:
        """A calendar date: TOML's own, or ``YYYY-MM-DD`` in JSON."""
        value = self.get(key)
        if isinstance(value, str) and len(value) == 10:
            try:
                value = date.fromisoformat(value)
            except ValueError:
                value = None
        if not isinstance(value, date) or isinstance(value, datetime) or value.year not in YEARS:
            self.fail(key, N_("%(file)s: %(key)s has to be a date such as 2026-11-22, from 1900 to 2999"))
        return value

    def instant(self, key: str) -> datetime:
        """An instant with its offset from UTC, ``2026-11-22T09:00:00+08:00``."""
        value = self.get(key)
        try:
            instant = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            instant = datetime.min  # noqa: DTZ901  naive, and so refused below
        if instant.tzinfo is None:
            message = N_("%(file)s: %(key)s has to be an instant with its offset, such as 2026-11-22T09:00:00+08:00")
            self.fail(key, message)
        return instant

    def text(self, key: str) -> Text:
        """A wording in every language."""
        node = self.table(key)
        text = Text(*(node.string(language) for language in LANGUAGES))
        node.finish()
        return text

    def table(self, key: str) -> "Node":
        """A table below this one."""
        return Node(self.complaint, self.file, self.name(key), self.get(key))

    def named_tables(self, key: str) -> Iterator[tuple[str, "Node"]]:
        """The tables of a table of tables, with their names."""
        node = self.table(key)
        for name in node.data:
            yield name, node.table(name)

    def tables(self, key: str, least: int = 1) -> Iterator["Node"]:
        """The tables of a list with at least `least` of them."""
        value = self.get(key)
        if not isinstance(value, list) or len(value) < least:
            self.fail(key, N_("%(file)s: %(key)s has to be a list of at least %(least)s tables"), least=least)
        for index, data in enumerate(value):
            yield Node(self.complaint, self.file, f"{self.name(key)}[{index}]", data)
