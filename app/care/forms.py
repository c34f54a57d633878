"""What people fill in about terms, children, incidents and nurseries. Labels stand in the templates."""

from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    IntegerField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from app.care.labels import Entry, read_lines
from app.care.models import CareChild, CareTerm, NurseryReturn
from app.care.nursery import ReturnValues
from app.care.services import ChildValues, TermValues
from app.care.words import class_types, incident_kinds

_MISSING = _l("This field is required")


def _number(least: int = 0, most: int = 9999) -> IntegerField:
    return IntegerField(validators=[Optional(), NumberRange(least, most)])


def _whole(most: int = 9999) -> IntegerField:
    return IntegerField(validators=[InputRequired(_MISSING), NumberRange(0, most)])


def _amount(most: int) -> DecimalField:
    return DecimalField(places=2, validators=[Optional(), NumberRange(0, most)])


class TermForm(FlaskForm):  # type: ignore[misc]
    """A term of holiday care."""

    name = StringField(validators=[DataRequired(_MISSING), Length(max=120)])
    starts_on = DateField(validators=[DataRequired(_MISSING)])
    ends_on = DateField(validators=[DataRequired(_MISSING)])
    places, staff, volunteers = _number(), _number(), _number()

    @classmethod
    def of(cls, term: CareTerm | None) -> "TermForm":
        """The form that shows `term`, or an empty one; a request's own values come first."""
        return cls(obj=term)

    def values(self) -> TermValues:
        """What was entered."""
        return TermValues(**{name: self[name].data for name in TermValues.__dataclass_fields__})


class EnrolForm(FlaskForm):  # type: ignore[misc]
    """Children pasted a line each."""

    lines = TextAreaField(validators=[DataRequired(_MISSING), Length(max=40_000)])
    enrolled_on = DateField(validators=[DataRequired(_MISSING)])
    has_agreement, is_insured = BooleanField(), BooleanField()

    def read(self) -> tuple[list[Entry], date]:
        """The children and the day from which on they are enrolled. Raises `RefusedLines`."""
        assert self.lines.data and self.enrolled_on.data  # noqa: S101, PT018  both are required
        return read_lines(self.lines.data), self.enrolled_on.data


class ChildForm(FlaskForm):  # type: ignore[misc]
    """One child's entry."""

    grade = IntegerField(validators=[InputRequired(_MISSING)])
    left_on = DateField(validators=[Optional()])
    has_agreement, is_insured = BooleanField(), BooleanField()

    @classmethod
    def of(cls, child: CareChild) -> "ChildForm":
        """The form that shows `child`; a request's own values come first."""
        return cls(obj=child)

    def values(self) -> ChildValues:
        """What was entered."""
        return ChildValues(**{name: self[name].data for name in ChildValues.__dataclass_fields__})


class IncidentForm(FlaskForm):  # type: ignore[misc]
    """An incident."""

    kind = RadioField(validators=[InputRequired(_MISSING)])
    happened_on = DateField(validators=[DataRequired(_MISSING)])
    description = TextAreaField(validators=[DataRequired(_MISSING), Length(max=600)])

    def __init__(self, locale: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind.choices = [(code, term.label(locale)) for code, term in incident_kinds().items()]

    def values(self) -> dict[str, Any]:
        """What was entered."""
        return {name: self[name].data for name in ("kind", "happened_on", "description")}


class ReturnForm(FlaskForm):  # type: ignore[misc]
    """What a nursery reports."""

    as_of = DateField(validators=[DataRequired(_MISSING)])
    places, enrolled, own_employees_children = _whole(), _whole(), _whole()
    class_types = SelectMultipleField()
    price_yuan, local_average_yuan = _amount(99_999), _amount(99_999)
    indoor_area_m2, outdoor_area_m2 = _amount(99_999), _amount(99_999)
    has_health_title = BooleanField()

    def __init__(self, locale: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.class_types.choices = [(code, term.label(locale)) for code, term in class_types().items()]

    @classmethod
    def of(cls, locale: str, latest: NurseryReturn | None, today: date) -> "ReturnForm":
        """The form filled with the report in force, as of today; a request's own values come first."""
        names = [name for name in ReturnValues.__dataclass_fields__ if name != "as_of"]
        known = {name: getattr(latest, name) for name in names} if latest else {}
        return cls(locale, data={**known, "as_of": today})

    def values(self) -> ReturnValues:
        """What was entered."""
        cells = {name: self[name].data for name in ReturnValues.__dataclass_fields__}
        numbers = {name: cell for name, cell in cells.items() if isinstance(cell, Decimal)}
        return ReturnValues(**cells | {name: number.quantize(Decimal("0.01")) for name, number in numbers.items()})
