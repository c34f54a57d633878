"""A report as lines of text, for the command line."""

from fractions import Fraction

from app.rulebooks.model import Scalar
from app.rulebooks.phrases import Param, Phrase, show, word
from app.rulebooks.report import Finding, Forecast, Report


def shown(value: Scalar | None, language: str) -> str:
    """A value as people read it."""
    if value is None:
        return word("no_value", language)
    if isinstance(value, Fraction):
        return show(value, language)
    return word("yes" if value else "no", language)


def lines(report: Report, outlook: Forecast, language: str) -> list[str]:
    """The whole report, one line each."""
    rulebook = report.rulebook
    verdict = word(f"result_{report.verdict}", language)
    phrases = [
        Phrase("report_title", {"site": report.site_name, "title": rulebook.title, "on": report.on}),
        Phrase("report_verdict", {"verdict": verdict}),
        Phrase("report_window", {"first": report.window.first, "last": report.window.last}),
        Phrase("report_rulebook", {"id": rulebook.id, "dated": rulebook.dated_text, "digest": rulebook.digest}),
    ]
    found = [phrase.say(language) for phrase in phrases]
    for finding in report.findings:
        found += ["", *_finding(finding, language)]
    if report.not_applicable:
        found += ["", Phrase("report_not_applicable", {"ids": report.not_applicable}).say(language)]
    return [*found, "", *outlook_lines(outlook, language)]


def _finding(finding: Finding, language: str) -> list[str]:
    told: dict[str, Param] = {
        "id": finding.id,
        "label": finding.label,
        "result": word(f"result_{finding.result}", language),
        "value": shown(finding.value, language),
        "threshold": shown(finding.threshold, language),
        "unit": word(f"unit_{finding.unit}", language),
        "margin": shown(finding.margin, language),
        "article": finding.article,
        "basis": word(f"basis_{finding.basis}", language),
    }
    found = [Phrase("report_finding", told).say(language)]
    for part in finding.parts:
        text = " ".join(phrase.say(language) for phrase in part.evidence)
        found.append("  " + Phrase("report_evidence", {"text": f"{part.label[language]} - {text}"}).say(language))
    advice = [Phrase("report_advice", {"text": text}) for text in finding.advice_in(language)]
    return found + ["  " + phrase.say(language) for phrase in advice]


def outlook_lines(outlook: Forecast, language: str) -> list[str]:
    """What is still needed, and from when on the site could apply."""
    if outlook.needed_this_month is None:
        needed = Phrase("report_not_needed", {"month": outlook.month})
    else:
        told = {"counted": outlook.counted_this_month, "needed": outlook.needed_this_month}
        needed = Phrase("report_needed", {"month": outlook.month, **told})
    earliest = outlook.assumption.say(language)
    if outlook.earliest is not None:
        earliest = Phrase("report_earliest", {"month": outlook.earliest, "assumption": earliest}).say(language)
    return [needed.say(language), earliest]
