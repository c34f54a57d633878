"""``GET /api/v1/sites/<id>/eligibility``: the verdict on one site, for a log-in or an API token in scope."""

from datetime import date
from typing import Any

from flask import current_app
from flask_login import current_user
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate

from app.clock import now
from app.months import local_date
from app.programme import services
from app.programme.wording import language
from app.rulebooks.model import BASES, RESULTS
from app.sites.queries import get_site
from app.web import ROLES, ErrorShape, access

blueprint = Blueprint("eligibility", __name__, url_prefix="/api/v1", description="Verdicts under dated rulebooks")
SCALAR = {"oneOf": [{"type": "number"}, {"type": "boolean"}, {"type": "null"}]}
MONTH = {"example": "2026-11", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$"}


class Question(Schema):
    """By which rulebook, on which day."""

    rulebook = fields.String(
        validate=validate.Length(min=1, max=60),
        metadata={"description": "Rulebook id; default: that of the site's union.", "example": "qingdao-2023"},
    )
    on = fields.Date(
        metadata={"description": "Application date in Asia/Shanghai, today at the latest; default: today."},
    )


class RulebookOut(Schema):
    """Which data decided."""

    id = fields.String(required=True, metadata={"example": "qingdao-2023"})
    digest = fields.String(required=True, metadata={"description": "SHA-256 of the rulebook's content, hex."})
    dated = fields.Date(required=True, metadata={"description": "Date of the policy."})


class SiteOut(Schema):
    """Which site."""

    id = fields.Integer(required=True)
    name = fields.String(required=True)


class LeftOutOut(Schema):
    """A month that does not enter the mean."""

    month = fields.String(required=True, metadata=MONTH)
    reason = fields.String(
        required=True, validate=validate.OneOf(["before_acceptance", "acceptance_month", "suspended"])
    )


class WindowOut(Schema):
    """The evaluation window: whole calendar months in Asia/Shanghai before the application date."""

    first = fields.String(required=True, metadata=MONTH)
    last = fields.String(required=True, metadata={**MONTH, "description": "Included."})
    months = fields.List(fields.String(metadata=MONTH), required=True, metadata={"description": "Months in the mean."})
    left_out = fields.List(fields.Nested(LeftOutOut), required=True)


class EvidenceOut(Schema):
    """What one part of a condition was computed from."""

    part = fields.String(required=True)
    label = fields.String(required=True)
    result = fields.String(required=True, validate=validate.OneOf(RESULTS))
    basis = fields.String(required=True, validate=validate.OneOf(BASES))
    text = fields.String(required=True)


class FindingOut(Schema):
    """One condition."""

    id = fields.String(required=True, metadata={"example": "R8"})
    label = fields.String(required=True)
    result = fields.String(required=True, validate=validate.OneOf(RESULTS))
    value = fields.Raw(
        required=True,
        allow_none=True,
        metadata={**SCALAR, "description": "Numbers are cut, never rounded up, to two decimals; null: no evidence."},
    )
    threshold = fields.Raw(required=True, metadata=SCALAR)
    unit = fields.String(required=True, metadata={"example": "uses_per_month"})
    margin = fields.Float(
        required=True, allow_none=True, metadata={"description": "value - threshold; null when that decides nothing."}
    )
    article = fields.String(required=True)
    basis = fields.String(
        required=True,
        validate=validate.OneOf(BASES),
        metadata={"description": "Whether the policy states the threshold, or the operator has set it."},
    )
    evidence = fields.List(fields.Nested(EvidenceOut), required=True)
    advice = fields.String(required=True, metadata={"description": "What to do next; empty when nothing is."})


class ForecastOut(Schema):
    """What it takes."""

    month = fields.String(required=True, metadata={**MONTH, "description": "The month of `on`."})
    counted_this_month = fields.Integer(required=True)
    needed_this_month = fields.Integer(
        required=True, allow_none=True, metadata={"description": "Counted uses still needed to hold the average."}
    )
    earliest_month = fields.String(
        required=True, allow_none=True, metadata={"description": "First month in which the site could apply."}
    )
    assumption = fields.String(required=True, metadata={"description": "What `earliest_month` rests on."})
    blocked_by = fields.List(
        fields.String(), required=True, metadata={"description": "Open conditions that neither time nor use will meet."}
    )


class Verdict(Schema):
    """The answer."""

    rulebook = fields.Nested(RulebookOut, required=True)
    site = fields.Nested(SiteOut, required=True)
    on = fields.Date(required=True)
    window = fields.Nested(WindowOut, required=True)
    verdict = fields.String(required=True, validate=validate.OneOf(RESULTS))
    findings = fields.List(fields.Nested(FindingOut), required=True)
    not_applicable = fields.List(fields.String(), required=True, metadata={"description": "Conditions of other sites."})
    forecast = fields.Nested(ForecastOut, required=True)


@blueprint.route("/sites/<int(max=2147483647):site_id>/eligibility")
@access(*ROLES)
@blueprint.arguments(Question, location="query")
@blueprint.response(200, Verdict)
@blueprint.alt_response(401, schema=ErrorShape, description="Neither logged in nor a valid token")
@blueprint.alt_response(404, schema=ErrorShape, description="No such site in your scope")
@blueprint.alt_response(422, schema=ErrorShape, description="A parameter is wrong; `fields` names it")
def eligibility(question: dict[str, Any], site_id: int) -> dict[str, Any]:
    """Whether a site may apply for the demonstration title

    Every condition is met, not met or unknown, with its value, threshold, margin, article, evidence and what to do
    next. Unknown never passes; a single condition that is not met decides.
    """
    site = get_site(current_user, site_id)
    today = local_date(now())
    on: date = question.get("on", today)
    default = current_app.extensions["settings"].default_rulebook
    rulebook_id = question.get("rulebook") or services.rulebook_for(site, on, default)
    found = services.judge(site, rulebook_id, on, today)
    body = found.report.as_dict(language())
    dates = {"on": found.report.on, "rulebook": {**body["rulebook"], "dated": found.report.rulebook.dated}}
    return {**body, **dates, "forecast": found.outlook.as_dict(language())}
