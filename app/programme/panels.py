"""What this feature adds to a site's own page: months, ratings and the verdict in short."""

from datetime import date

from flask import current_app, render_template
from markupsafe import Markup

from app.accounts.models import User
from app.clock import now
from app.months import Month, local_date
from app.programme import grades, services
from app.programme.chart import month_chart, shares
from app.programme.wording import language, template_words
from app.rulebooks import Facts, Forecast, NoConditions, Report, Rulebook, evaluate, forecast, load
from app.rulebooks.measures import mean_score, rating_counts, window_of
from app.rulebooks.model import STANDARD
from app.sites.models import Site
from app.usage.adjustments.queries import excluded_by_month


def _judged(rulebook: Rulebook, facts: Facts, on: date) -> tuple[Report | None, Forecast | None]:
    try:
        return evaluate(rulebook, facts, on), forecast(rulebook, facts, on)
    except NoConditions:
        return None, None


def site_panel(site: Site, _user: User) -> Markup:
    """Month chart, ratings by step and verdict of a site, as HTML for its page. The caller has checked the scope."""
    today = local_date(now())
    rulebook = load(services.rulebook_for(site, today, current_app.extensions["settings"].default_rulebook))
    facts = services.facts_for(site, rulebook, today)
    report, outlook = _judged(rulebook, facts, today)
    standard = [one for one in services.other_reports(rulebook, facts, today) if one.purpose == STANDARD]
    window = window_of(rulebook, facts, today)
    counts = rating_counts(facts, window.months)
    uses = report.measured("mean_monthly_uses") if report else None
    threshold = uses.threshold if uses and not isinstance(uses.threshold, bool) else None
    html = render_template(
        "programme/panel.html",
        site=site,
        report=report,
        judged=[report] if report else standard,
        outlook=outlook,
        chart=month_chart(facts, Month.of_date(today), 13, threshold, {month for month, _ in window.left_out}),
        left_out=dict(window.left_out),
        threshold=threshold,
        uses=uses,
        evidence=grades.of_site(grades.evidence_of([site.id], today), site.id),
        excluded=excluded_by_month(site.id, Month.of_date(today) - 12, Month.of_date(today)),
        window=window,
        ratings=list(zip(range(1, 6), counts, shares(counts), strict=True)),
        number_of_ratings=sum(counts),
        score=mean_score(counts, rulebook.setting_numbers("rating_scores", today)),
        **template_words(language()),
    )
    return Markup(html)  # noqa: S704  rendered by Jinja with escaping
