"""What a site still needs: uses this month to hold the average, and the earliest month in which it could apply."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

from app.months import Month, month_range
from app.rulebooks.evaluate import evaluate, judge, moving_conditions
from app.rulebooks.facts import Facts
from app.rulebooks.known import SiteMonthFacts
from app.rulebooks.measures import uses_total, window_of
from app.rulebooks.phrases import Phrase
from app.rulebooks.report import MET, Forecast
from app.rulebooks.rulebook import Rulebook
from app.rulebooks.window import reason_left_out, window_before

USES = "mean_monthly_uses"


def forecast(rulebook: Rulebook, facts: Facts, on: date) -> Forecast:
    """Look ahead from `on` under stated assumptions. Raises what `evaluate` raises."""
    month = Month.of_date(on)
    report = evaluate(rulebook, facts, on)
    pace, horizon = (rulebook.setting(name, on, 0) for name in ("pace_months", "forecast_months"))
    earliest = _earliest(rulebook, facts, on) if pace and horizon else None
    name = "forecast_pace" if earliest else "forecast_none"
    if not (pace and horizon):
        name = "forecast_not_made"
    return Forecast(
        month=month,
        needed_this_month=uses_needed(rulebook, facts, on),
        counted_this_month=uses_total(facts, (month,))[1],
        earliest=earliest,
        assumption=Phrase(name, {"pace": pace, "horizon": horizon}),
        blocked_by=tuple(f.id for f in report.findings if f.result != MET and not f.moves_with_time),
    )


def uses_needed(rulebook: Rulebook, facts: Facts, on: date) -> int | None:
    """Counted uses still needed in the month of `on` so that the window ending with it reaches the threshold.

    0 when they are there already; None when the month cannot enter the mean or the acceptance date is not known.
    """
    month = Month.of_date(on)
    threshold = _uses_threshold(rulebook, facts, on)
    if threshold is None or facts.accepted_on is None or facts.months is None:
        return None
    if reason_left_out(month, facts) is not None:
        return None
    window = window_before((month + 1).first_on, rulebook.setting("window_months", on), facts)
    _, counted = uses_total(facts, window.counted)
    lacking = threshold * len(window.counted) - counted
    return max(0, -(-lacking.numerator // lacking.denominator))


def _uses_threshold(rulebook: Rulebook, facts: Facts, on: date) -> Fraction | None:
    for condition in rulebook.conditions_for(facts.kind, facts.location_kind):
        for part in condition.parts_for(facts.location_kind):
            if part.measure == USES:
                value = part.thresholds.at(on).value.of(facts.location_kind)
                return None if isinstance(value, bool) else value
    return None


def _earliest(rulebook: Rulebook, facts: Facts, on: date) -> Month | None:
    """The first month, this one included, with a day on which all conditions that time and use can meet are met.

    This month is asked on `on`; a later month on its first day and, for the year of running may end within it, on its
    last. The last whole months repeat; everything else stays as it is.
    """
    conditions = moving_conditions(rulebook, facts)
    if not conditions or facts.accepted_on is None:
        return None
    this_month = Month.of_date(on)
    ahead = projected(rulebook, facts, on)
    for month in month_range(this_month, this_month + rulebook.setting("forecast_months", on)):
        days = (max(on, month.first_on), month.last_on)
        known = facts if month == this_month else ahead
        for day in days:
            if not rulebook.is_in_force(day):
                return None
            window = window_of(rulebook, known, day)
            if all(judge(rulebook, condition, known, day, window).result == MET for condition in conditions):
                return month
    return None


def projected(rulebook: Rulebook, facts: Facts, on: date) -> Facts:
    """`facts` with the last `pace_months` whole months in operation repeated, in turn, over the coming months.

    The current month counts as projected unless it has already more.
    """
    if facts.months is None:
        return facts
    this_month = Month.of_date(on)
    whole = window_of(rulebook, facts, on).counted[-rulebook.setting("pace_months", on) :]
    if not whole:
        return facts
    months = {month: tally for month, tally in facts.months.items() if month <= this_month}
    for index, month in enumerate(month_range(this_month, this_month + rulebook.setting("forecast_months", on))):
        source = whole[index % len(whole)]
        tally = months.get(source, SiteMonthFacts(source, 0, 0))
        already = months.get(month)
        if already is None or already.counted < tally.counted:
            months[month] = replace(tally, month=month)
    return replace(facts, months=months)
