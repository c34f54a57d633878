"""What the form of the finder's page asks for, and what to leave out of it when nothing is found."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from werkzeug.datastructures import MultiDict

from app.finder.directory import Directory
from app.finder.entries import EVERYTHING, Filters
from app.finder.folding import words_of
from app.sites.facilities import facilities
from app.sites.models import SiteKind

LONGEST = 100
MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Question:
    """`words` as they were typed; `district` is the code of a division or its beginning, empty for all."""

    words: str = ""
    district: str = ""
    filters: Filters = EVERYTHING

    @classmethod
    def of(cls, arguments: MultiDict[str, str]) -> Self:
        """From a query string; what nobody can have meant is left out, because this is a page and not the API."""
        filters = Filters(
            facilities=frozenset(arguments.getlist("facility")) & facilities().keys(),
            kinds=frozenset(arguments.getlist("kind")) & {kind.value for kind in SiteKind},
            open_now=arguments.get("open_now") in ("1", "true"),
        )
        return cls(arguments.get("q", "").strip()[:LONGEST], arguments.get("district", ""), filters)

    @property
    def arguments(self) -> dict[str, Any]:
        """The same as arguments of the page's address."""
        return {
            "q": self.words or None,
            "district": self.district or None,
            "open_now": 1 if self.filters.open_now else None,
            "kind": sorted(self.filters.kinds),
            "facility": sorted(self.filters.facilities),
        }

    @property
    def is_empty(self) -> bool:
        """Whether it asks for everything."""
        return self == Question()

    @property
    def is_cut(self) -> bool:
        """Whether only its first `MOST_WORDS` words are looked for."""
        return len(words_of(self.words)) > MOST_WORDS

    def found(self, directory: Directory, at: datetime) -> list[int]:
        """The positions of the sites that it asks for at the instant `at`, in no order."""
        words = words_of(self.words)[:MOST_WORDS]
        return directory.search(words, at=at, district=self.district, filters=self.filters)

    def wider(self, directory: Directory, at: datetime) -> Iterator[tuple[str, "Question", int]]:
        """Without one of several conditions, where that finds something: (its name, the rest, how many that finds)."""
        nothing = Question()
        for name in ("filters", "words", "district"):
            rest = replace(self, **{name: getattr(nothing, name)})
            if rest not in (self, nothing) and (found := len(rest.found(directory, at))):
                yield name, rest, found
