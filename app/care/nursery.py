"""What a nursery reports as of a day (qingdao-2023 art. 5, 16); the latest report is in force, all stay."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from sqlalchemy import select

from app.accounts.models import User
from app.care.models import NurseryReturn
from app.care.services import EARLIEST, require_kind
from app.care.words import class_types
from app.db import db
from app.errors import N_, Conflict, Invalid
from app.months import local_date
from app.sites.models import Site, SiteKind
from app.sites.services import lock, record

GETS_OLD_AFTER = timedelta(days=365)
MOST_PLACES = 5000


@dataclass(frozen=True, slots=True)
class ReturnValues:
    """One report. `class_types` are codes; money in yuan a month, areas in square metres."""

    as_of: date
    places: int
    enrolled: int
    own_employees_children: int
    class_types: Sequence[str]
    price_yuan: Decimal | None = None
    local_average_yuan: Decimal | None = None
    indoor_area_m2: Decimal | None = None
    outdoor_area_m2: Decimal | None = None
    has_health_title: bool = False


@dataclass(frozen=True, slots=True)
class ReturnFigures:
    """What follows from a report, exact; None where a number is missing. Shares between 0 and 1, areas per child."""

    own_share: Fraction | None
    indoor_m2: Fraction | None
    outdoor_m2: Fraction | None

    @classmethod
    def of(cls, row: NurseryReturn) -> "ReturnFigures":
        """The share of own employees' children is of the places; areas are by the places, which have to be enough."""
        places = row.places

        def each(area_m2: Decimal | None) -> Fraction | None:
            return Fraction(area_m2) / places if area_m2 is not None and places else None

        share = Fraction(row.own_employees_children, places) if places else None
        return cls(share, each(row.indoor_area_m2), each(row.outdoor_area_m2))


def returns_of(site_id: int) -> list[NurseryReturn]:
    """All reports of a site, the one in force first."""
    rows = select(NurseryReturn).where(NurseryReturn.site_id == site_id)
    return list(db.session.scalars(rows.order_by(NurseryReturn.as_of.desc(), NurseryReturn.id.desc())))


def is_old(row: NurseryReturn | None, on: date) -> bool:
    """Whether a report is missing or more than a year old on a local date."""
    return row is None or on - row.as_of > GETS_OLD_AFTER


def add_return(actor: User, site: Site, values: ReturnValues, now: datetime) -> NurseryReturn:
    """File a report. Raises Invalid naming the field whose number cannot be.

    Raises Conflict for other kinds of site and when the report in force says the same: a tap too many.
    """
    require_kind(site, SiteKind.NURSERY)
    lock(site)
    faults = _faults(values, local_date(now))
    if faults:
        raise Invalid(next(iter(faults.values())), faults)
    columns = asdict(values) | {"class_types": [code for code in class_types() if code in values.class_types]}
    latest = next(iter(returns_of(site.id)), None)
    if latest is not None and all(getattr(latest, name) == value for name, value in columns.items()):
        raise Conflict(N_("This had been noted already"))
    row = NurseryReturn(site_id=site.id, recorded_at=now, recorded_by_id=actor.id, **columns)
    db.session.add(row)
    db.session.flush()
    fields = {name: [None, getattr(values, name)] for name in ("places", "enrolled", "own_employees_children")}
    record(site, "nursery_return", actor, now, fields={"as_of": [None, values.as_of.isoformat()], **fields})
    return row


def _faults(values: ReturnValues, today: date) -> dict[str, str]:
    faults = {}
    if values.as_of > today:
        faults["as_of"] = N_("This day has not come yet")
    if values.as_of < EARLIEST:
        faults["as_of"] = N_("Please give a day after 2000")
    if not 0 < values.places <= MOST_PLACES:
        faults["places"] = N_("The number of places is from 1 to 5,000")
    if not 0 <= values.enrolled <= values.places:
        faults["enrolled"] = N_("The children enrolled are from 0 to the number of places")
    if not 0 <= values.own_employees_children <= values.enrolled:
        faults["own_employees_children"] = N_("Own employees' children are part of the children enrolled")
    if not values.class_types:
        faults["class_types"] = N_("Please choose at least one type of class")
    elif set(values.class_types) - set(class_types()):
        faults["class_types"] = N_("This type of class is unknown")
    for name in ("price_yuan", "local_average_yuan", "indoor_area_m2", "outdoor_area_m2"):
        number = getattr(values, name)
        if number is not None and (not number.is_finite() or not 0 <= number < 1_000_000):
            faults[name] = N_("This number cannot be negative or that large")
    return faults
