"""The draw of sites to be checked: whoever has the seed and the list of candidates gets the same sites. Pure.

Rule 1. A site of weight w puts w lots into the drum, numbered from 1. The number on a lot is the SHA-256 of the text

    xiaowu-draw-1 LF seed LF site id LF number of the lot

in UTF-8, read as one whole number; ``printf 'xiaowu-draw-1\\nSEED\\n17\\n1' | sha256sum`` gives it anywhere. The
smallest lots win, until as many different sites as wanted have one. The smallest of w uniform numbers is what weighted
sampling without replacement orders by (Efraimidis and Spirakis 2006, keys -log(u)/w), here in whole numbers alone: no
machine rounds differently. As in RFC 3797 the candidates and the source of the seed are made known before the seed.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from hashlib import sha256

RULE_VERSION = 1
HEAVIEST = 99
LOW_SCORE_PERCENT = 85
"""A site whose last sheet gave less than this share of all points counts as poorly scored (operator's number)."""
NOT_VISITED, POOR, FLAGGED = "not_visited", "poor", "flagged"
EXTRA_LOTS: Mapping[str, int] = {NOT_VISITED: 3, POOR: 2, FLAGGED: 2}
"""Lots beyond the one that every site has, by the reason for them."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the planner knows about a site: local date of its last visit from above, result and share of points of its
    last check (0 to 1), and whether reports, an open rectification or a flag speak against it."""

    last_visit_on: date | None = None
    last_result: str | None = None
    last_share: Fraction | None = None
    is_flagged: bool = False


@dataclass(frozen=True, slots=True)
class Lot:
    """A site's best lot: the smaller, the earlier it is drawn."""

    number: int
    site_id: int


def reasons_for(standing: Standing, year: int) -> tuple[str, ...]:
    """Why a site has more than one lot in a draw for `year`: the keys of `EXTRA_LOTS` that hold for it."""
    visited = standing.last_visit_on
    is_poor = standing.last_result in ("rectify", "failed") or (
        standing.last_share is not None and standing.last_share * 100 < LOW_SCORE_PERCENT
    )
    holds = {NOT_VISITED: visited is None or visited.year < year - 1, POOR: is_poor, FLAGGED: standing.is_flagged}
    return tuple(reason for reason in EXTRA_LOTS if holds[reason])


def weight_of(reasons: tuple[str, ...]) -> int:
    """The number of lots of a site with these reasons."""
    return 1 + sum(EXTRA_LOTS[reason] for reason in reasons)


def size_of(share: Fraction, number: int) -> int:
    """How many of `number` sites are at least `share` of them: rounded up (qingdao-2023 art. 14: 不少于半数)."""
    if not 0 <= share <= 1 or number < 0:
        raise ValueError("a share lies between 0 and 1, a number of sites is not negative")
    return -(-share.numerator * number // share.denominator)


def normal_seed(text: str) -> str:
    """The one spelling of a seed: NFKC, single spaces. What people read aloud and type again gives the same draw."""
    return " ".join(unicodedata.normalize("NFKC", text.replace("\0", "")).split())


def best_lot(seed: str, site_id: int, weight: int) -> Lot:
    """The smallest lot of a site. Raises ValueError for a weight that is not 1 to `HEAVIEST`."""
    if not 1 <= weight <= HEAVIEST:
        raise ValueError(f"the weight of site {site_id} is not 1 to {HEAVIEST}")
    numbers = (_number_on(seed, site_id, lot) for lot in range(1, weight + 1))
    return Lot(min(numbers), site_id)


def draw(seed: str, weights: Mapping[int, int], size: int) -> list[int]:
    """The ids of `size` sites out of `weights` (site id → number of lots), in the order in which they are drawn.

    All of them when there are not more. Raises ValueError for an empty seed, a negative size or a wrong weight.
    """
    seed = normal_seed(seed)
    if not seed or size < 0:
        raise ValueError("a draw needs a seed and a size that is not negative")
    lots = (best_lot(seed, site_id, weight) for site_id, weight in weights.items())
    ranked = sorted(lots, key=lambda lot: (lot.number, lot.site_id))
    return [lot.site_id for lot in ranked[:size]]


def _number_on(seed: str, site_id: int, lot: int) -> int:
    text = f"xiaowu-draw-{RULE_VERSION}\n{seed}\n{site_id}\n{lot}"
    return int.from_bytes(sha256(text.encode()).digest())
