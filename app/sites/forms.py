"""The form about a site. Labels stand in the templates; here is what may be entered and how it becomes columns."""

import math
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, DecimalField, FloatField, IntegerField, SelectField, StringField
from wtforms import TextAreaField as TextArea
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import DataRequired, Length, NumberRange, Optional, ValidationError

from app.sites.datums import Datum, check_degrees, convert
from app.sites.divisions import division_name
from app.sites.facilities import facilities
from app.sites.models import Admission, LocationKind, Site, SiteKind, SiteStatus
from app.sites.particulars import premises

PIN_DIGITS = 6
MOST_OF_ONE_THING = 999
TRISTATE = {"": None, "yes": True, "no": False}


def _text(most: int) -> StringField:
    return StringField(validators=[Length(max=most)], filters=[lambda value: (value or "").strip()])


def _lines(most: int) -> TextArea:
    return TextArea(validators=[Length(max=most)], filters=[lambda value: (value or "").strip().replace("\r\n", "\n")])


def _choice(codes: type[StrEnum], *, blank: bool = False) -> SelectField:
    # The labels come from the template, which knows the reader's language.
    return SelectField(choices=[*([SelectChoice("")] if blank else []), *(SelectChoice(item.value) for item in codes)])


def _tristate() -> SelectField:
    return SelectField(choices=[SelectChoice(code) for code in TRISTATE])


def _day() -> DateField:
    return DateField(validators=[Optional()])


class SiteForm(FlaskForm):  # type: ignore[misc]
    """Everything a site states about itself except hours, facilities and particulars, which have their own inputs."""

    host_id = SelectField(coerce=int)
    name = StringField(
        validators=[DataRequired(_l("Please give the name")), Length(max=200)],
        filters=[lambda value: " ".join((value or "").split())],
    )
    address = _text(300)
    kind = _choice(SiteKind)
    location_kind = _choice(LocationKind)
    premises = SelectField(choices=[SelectChoice(code) for code in ("", *premises())])
    status = _choice(SiteStatus)
    opened_on, accepted_on, filed_on, closed_on = _day(), _day(), _day(), _day()
    admission = _choice(Admission, blank=True)
    women_only = _tristate()
    open_to_outsiders = _tristate()
    access_note = _text(300)
    is_listed = BooleanField()
    division_code = _text(12)
    lon, lat = FloatField(validators=[Optional()]), FloatField(validators=[Optional()])
    datum = _choice(Datum)
    pin_note = _text(300)
    floor_label = _text(60)
    floor_order = IntegerField(validators=[Optional(), NumberRange(-20, 200)])
    landmark = _lines(400)
    area_m2 = DecimalField(places=2, validators=[Optional(), NumberRange(0, 99999)])
    public_phone = _text(80)
    contact_name, contact_phone = _text(80), _text(40)
    note = _lines(4000)
    review_note = _text(400)
    last_verified_on = _day()

    def __init__(self, hosts: Mapping[int, str], today: date, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.host_id.choices = [SelectChoice(str(union_id), name) for union_id, name in hosts.items()]
        self.today = today

    @classmethod
    def of(cls, site: Site, hosts: Mapping[int, str], today: date, *, not_hers: Iterable[str]) -> "SiteForm":
        """The form that shows `site`, without the fields that are not the person's to set."""
        values = {name: getattr(site, name) for name in cls.shown_names()}
        answers = {value: code for code, value in TRISTATE.items()}
        for name in ("women_only", "open_to_outsiders"):
            values[name] = answers[values[name]]
        for name in ("lon", "lat"):
            values[name] = None if values[name] is None else round(values[name], PIN_DIGITS)
        for name in ("admission", "division_code", "premises"):
            values[name] = values[name] or ""
        return cls(hosts, today, data={**values, "datum": Datum.WGS84.value}).without(not_hers)

    def without(self, names: Iterable[str]) -> "SiteForm":
        """Take fields away."""
        for name in names:
            del self[name]
        return self

    @classmethod
    def shown_names(cls) -> list[str]:
        """Columns that the form shows under their own name."""
        own = [name for name in vars(cls) if hasattr(getattr(cls, name), "field_class")]
        return [name for name in own if name != "datum"]

    def validate_division_code(self, field: StringField) -> None:
        """A code of the national list, or none."""
        if field.data and division_name(field.data) is None:
            raise ValidationError(_l("There is no such division; give its code of 6 digits, such as 330114"))

    def validate_lon(self, _field: FloatField) -> None:
        """Both coordinates or none, in degrees."""
        lon, lat = self.lon.data, self.lat.data
        if (lon is None) != (lat is None):
            raise ValidationError(_l("A pin needs both coordinates"))
        if lon is None or lat is None:
            return
        if not (math.isfinite(lon) and math.isfinite(lat)):
            raise ValidationError(_l("These are not degrees"))
        try:
            check_degrees(lon, lat)
        except ValueError as error:
            raise ValidationError(_l("Longitude lies between -180 and 180, latitude between -90 and 90")) from error

    def validate_last_verified_on(self, field: DateField) -> None:
        """Nobody has verified anything tomorrow."""
        if field.data and field.data > self.today:
            raise ValidationError(_l("This day has not come yet"))

    validate_accepted_on = validate_filed_on = validate_closed_on = validate_last_verified_on

    def values(self, site: Site | None) -> dict[str, Any]:
        """The columns as filled in, except hours, facilities and particulars."""
        values: dict[str, Any] = {name: self[name].data for name in self.shown_names() if name in self}
        for name in ("women_only", "open_to_outsiders"):
            values[name] = TRISTATE[values[name]]
        for name in {"admission", "division_code", "premises"} & values.keys():
            values[name] = values[name] or None
        if values["area_m2"] is not None:
            values["area_m2"] = Decimal(values["area_m2"]).quantize(Decimal("0.01"))
        return {**values, **self._pin(site)}

    def _pin(self, site: Site | None) -> dict[str, Any]:
        """WGS-84 and the datum it came from; a pin shown and left as it was keeps its every digit."""
        lon, lat, datum = self.lon.data, self.lat.data, Datum(self.datum.data)
        if site is not None and datum == Datum.WGS84 and [lon, lat] == _rounded(site):
            return {"lon": site.lon, "lat": site.lat, "source_datum": site.source_datum}
        if lon is None or lat is None:
            return {"lon": None, "lat": None, "source_datum": datum.value}
        lon, lat = convert(lon, lat, datum, Datum.WGS84)
        return {"lon": round(lon, 7), "lat": round(lat, 7), "source_datum": datum.value}


def read_facilities(form: Mapping[str, str]) -> tuple[dict[str, int | None], dict[str, str]]:
    """What the check list says is there, with numbers where given; and per faulty input what is wrong."""
    found: dict[str, int | None] = {}
    errors: dict[str, str] = {}
    for code in facilities():
        if f"has-{code}" not in form:
            continue
        number = form.get(f"number-{code}", "").strip()
        if number and not (number.isascii() and number.isdigit() and 1 <= int(number[:9]) <= MOST_OF_ONE_THING):
            errors[code] = str(_l("How many there are is a whole number from 1 to 999"))
        found[code] = int(number) if number and code not in errors else None
    return found, errors


def _rounded(site: Site) -> list[float | None]:
    return [None if degrees is None else round(degrees, PIN_DIGITS) for degrees in (site.lon, site.lat)]
