"""A TOML table read strictly: types are checked, and keys that nobody asked for are refused."""

from collections.abc import Mapping
from typing import Any, TypeVar

from app.errors import N_, Invalid

T = TypeVar("T")


def faulty(file: str, key: str, reason: str) -> Invalid:
    """The error about one key of a profile."""
    return Invalid(N_("Profile %(file)s, %(key)s: %(reason)s"), file=file, key=key, reason=reason)


class Table:
    """A TOML table that knows where it stands and which of its keys have been read."""

    def __init__(self, data: Mapping[str, Any], file: str, path: str = "") -> None:
        self.data, self.file, self.path = data, file, path
        self.read: set[str] = set()

    def fault(self, key: str, reason: str) -> Invalid:
        """The error about one key."""
        return faulty(self.file, f"{self.path}{key}", reason)

    def take(self, key: str, kind: type[T], default: T) -> T:
        """The value of `key`, which has to be of type `kind`."""
        self.read.add(key)
        value = self.data.get(key, default)
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if value is not default and not isinstance(value, kind):
            raise self.fault(key, f"has to be {kind.__name__}, not {type(value).__name__}")
        return value

    def text(self, key: str, default: str = "") -> str:
        """A text."""
        return self.take(key, str, default)

    def optional(self, key: str) -> str | None:
        """A text, or None when the key is absent."""
        return self.text(key) or None

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts."""
        values = self.take(key, list, [])
        if not all(isinstance(value, str) for value in values):
            raise self.fault(key, "has to be a list of texts")
        return tuple(values)

    def mapping(self, key: str) -> dict[str, str]:
        """A table of texts."""
        values = self.take(key, dict, {})
        if not all(isinstance(value, str) for value in values.values()):
            raise self.fault(key, "has to be a table of texts")
        return values

    def table(self, key: str) -> "Table | None":
        """A table inside, or None when it is absent."""
        self.read.add(key)
        if key not in self.data:
            return None
        if not isinstance(self.data[key], dict):
            raise self.fault(key, "has to be a table")
        return Table(self.data[key], self.file, f"{self.path}{key}.")

    def one_of(self, key: str, allowed: tuple[str, ...], default: str) -> str:
        """A text out of `allowed`."""
        value = self.text(key, default)
        if value not in allowed:
            raise self.fault(key, f"{value} is not one of {', '.join(allowed)}")
        return value

    def finish(self) -> None:
        """Refuse keys that nobody has read: they are misspelt."""
        if unknown := sorted(set(self.data) - self.read):
            raise self.fault(unknown[0], "is not known here")
