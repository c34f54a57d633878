"""``GET /api/v1/sites/<id>/months``: the monthly tallies of one site, for a log-in or an API token in scope."""

from typing import Any

from flask_babel import gettext
from flask_login import current_user
from flask_smorest import Blueprint
from marshmallow import Schema, ValidationError, fields, validate

from app import clock
from app.errors import N_, Invalid
from app.months import Month
from app.sites.queries import get_site
from app.usage.adjustments.queries import adjusted_months
from app.usage.counting import Reason
from app.web import ROLES, ErrorShape, access

blueprint = Blueprint("months", __name__, url_prefix="/api/v1", description="Monthly tallies")

LONGEST = 120
EARLIEST = Month(2000, 1)


def _is_month(text: str) -> None:
    try:
        month = Month.parse(text)
    except Invalid as error:
        raise ValidationError(gettext(error.message, **error.params)) from None
    if month < EARLIEST:
        raise ValidationError(gettext("Months before %(month)s are not kept", month=EARLIEST))


class Span(Schema):
    """Which months."""

    first = fields.String(
        data_key="from",
        validate=_is_month,
        metadata={"description": "First month, included; default: eleven months before `to`.", "example": "2026-01"},
    )
    last = fields.String(
        data_key="to",
        validate=_is_month,
        metadata={
            "description": "Last month, included; by default the present one. Months that have not begun are left out.",
            "example": "2026-11",
        },
    )


class Tally(Schema):
    """One month of one site; a month without any use has zeros."""

    month = fields.String(required=True, metadata={"example": "2026-11"})
    recorded = fields.Integer(required=True, metadata={"description": "All taps: `counted` and all of `not_counted`."})
    counted = fields.Integer(
        required=True,
        metadata={"description": "Uses by the published counting rule, as tallied; a closed month never changes."},
    )
    excluded = fields.Integer(
        required=True,
        metadata={"description": "Counted uses that a named reviewer has excluded by a signed adjustment."},
    )
    effective = fields.Integer(
        required=True, metadata={"description": "`counted` - `excluded`: what every average is made of."}
    )
    not_counted = fields.Dict(
        keys=fields.String(validate=validate.OneOf([reason.value for reason in Reason])),
        values=fields.Integer(),
        required=True,
        metadata={"description": "Recorded taps that do not count, by reason; every reason is present."},
    )
    ratings = fields.List(
        fields.Integer(),
        required=True,
        validate=validate.Length(equal=5),
        metadata={"description": "Ratings of effective uses by step, from step 1 (worst, 20) to step 5 (best, 100)."},
    )
    satisfaction_score = fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "Mean score of the ratings, 20 to 100, not rounded; null without ratings."},
    )


class Tallies(Schema):
    """The answer."""

    months = fields.List(fields.Nested(Tally), required=True)


@blueprint.route("/sites/<int(max=2147483647):site_id>/months")
@access(*ROLES)
@blueprint.arguments(Span, location="query")
@blueprint.response(200, Tallies)
@blueprint.alt_response(401, schema=ErrorShape, description="Neither logged in nor a valid token")
@blueprint.alt_response(404, schema=ErrorShape, description="No such site in your scope")
@blueprint.alt_response(422, schema=ErrorShape, description="A parameter is wrong; `fields` names it")
def months(span: dict[str, str], site_id: int) -> dict[str, Any]:
    """Monthly tallies of one site

    Uses recorded, counted by the rule, excluded by reviewers and effective, the reasons why uses do not count, and
    ratings by step, oldest month first.
    """
    site = get_site(current_user, site_id)
    present = Month.of(clock.now())
    last = Month.parse(span["last"]) if "last" in span else present
    first = Month.parse(span["first"]) if "first" in span else last - 11
    if last < first:
        raise _wrong("from", N_("`from` is later than `to`"))
    if first.until(last) >= LONGEST:
        raise _wrong("from", N_("Ask for at most 120 months at once"))
    return {"months": adjusted_months(site.id, first, min(last, present))}


def _wrong(field: str, message: str) -> Invalid:
    return Invalid(message, {field: message})
