"""Calendar months in Asia/Shanghai as half-open intervals of UTC instants. The only module that knows their edges."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from app.errors import N_, Invalid

SHANGHAI = ZoneInfo("Asia/Shanghai")
CLOSES_AFTER = timedelta(hours=72)
"""A month closes this long after its end; nothing enters a closed month (design section 5)."""


@dataclass(frozen=True, order=True, slots=True)
class Month:
    """One calendar month in Asia/Shanghai, 1 ≤ `month` ≤ 12. Orders by time; `str` gives ``2026-11``."""

    year: int
    month: int

    def __post_init__(self) -> None:
        if not (1 <= self.year <= 9998 and 1 <= self.month <= 12):
            raise ValueError(f"no such month: {self.year}-{self.month}")

    @classmethod
    def of(cls, instant: datetime) -> Self:
        """The month in Asia/Shanghai that contains `instant` (aware). Raises ValueError for a naive one."""
        if instant.tzinfo is None:
            raise ValueError("a month is taken of an aware instant")
        local = instant.astimezone(SHANGHAI)
        return cls(local.year, local.month)

    @classmethod
    def of_date(cls, day: date) -> Self:
        """The month of a local date."""
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``YYYY-MM``. Raises `Invalid`."""
        year, dash, month = text.partition("-")
        whole = len(year) == 4 and dash and len(month) == 2 and (year + month).isascii() and (year + month).isdigit()
        if not whole or not 1 <= int(month) <= 12 or not 1900 <= int(year) <= 9998:
            raise Invalid(N_("“%(text)s” is not a month; write it as 2026-11"), text=text)
        return cls(int(year), int(month))

    @property
    def start_at(self) -> datetime:
        """First instant of the month, UTC, included."""
        return datetime(self.year, self.month, 1, tzinfo=SHANGHAI).astimezone(UTC)

    @property
    def end_at(self) -> datetime:
        """First instant after the month, UTC, excluded."""
        return (self + 1).start_at

    @property
    def closes_at(self) -> datetime:
        """Instant (UTC) from which on nothing enters this month."""
        return self.end_at + CLOSES_AFTER

    @property
    def first_on(self) -> date:
        """First local date."""
        return date(self.year, self.month, 1)

    @property
    def last_on(self) -> date:
        """Last local date, included."""
        return (self + 1).first_on - timedelta(days=1)

    @property
    def days(self) -> int:
        """Number of days, 28 to 31."""
        return self.last_on.day

    def is_closed(self, at: datetime) -> bool:
        """Whether nothing may enter this month any more at the instant `at`."""
        return at >= self.closes_at

    def __add__(self, months: int) -> "Month":
        index = self.year * 12 + self.month - 1 + months
        return Month(index // 12, index % 12 + 1)

    def __sub__(self, months: int) -> "Month":
        return self + -months

    def until(self, other: "Month") -> int:
        """Number of months from this one to `other`: 0 for the same, negative when `other` is earlier."""
        return (other.year - self.year) * 12 + other.month - self.month

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"


def month_range(first: Month, last: Month) -> list[Month]:
    """All months from `first` to `last`, both included; empty when `last` is earlier."""
    return [first + n for n in range(first.until(last) + 1)]


def local_date(instant: datetime) -> date:
    """The date in Asia/Shanghai of an aware instant."""
    return instant.astimezone(SHANGHAI).date()
