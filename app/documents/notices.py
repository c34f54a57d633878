"""The publication notice of a demonstration year: from what was published, as it was published."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.documents.forms import Content
from app.documents.layouts import day, word, words_list
from app.errors import N_, Conflict
from app.programme.demonstration.models import DemonstrationCall
from app.rulebooks import Rulebook


def notice_content(call: DemonstrationCall, rulebook: Rulebook, *, is_sample: bool) -> Content:
    """The notice with its list, by kind of site where there are several. Raises Conflict while nothing is published."""
    notice: Mapping[str, Any] = call.notice
    if call.published_at is None or not notice.get("sites"):
        raise Conflict(N_("The list of this call has not been published yet"))
    on, recheck = date.fromisoformat(notice["on"]), date.fromisoformat(notice["recheck_by"])
    said = {
        "year": notice["year"], "title": notice["title"], "number": len(notice["sites"]), "policy": rulebook.title.zh,
        "document": rulebook.document_number, "on": day(on), "recheck": day(recheck),
    }  # fmt: skip
    own = [line.strip() for line in str(notice.get("text") or "").splitlines() if line.strip()]
    return {
        "template": "notice",
        "title": word("notice_title", **said),
        "author": notice["union"],
        "annex": "",
        "document_number": notice.get("number") or "",
        "to": word("notice_to"),
        "opening": [word("notice_opening", **said), *own],
        "heads": words_list("notice_columns"),
        "groups": _groups(notice["sites"], rulebook),
        "closing": [word("notice_closing", **said)],
        "issuer": notice["union"],
        "dated": day(on),
        "number": notice.get("number") or "",
        "is_sample": is_sample,
    }


def _groups(sites: list[Mapping[str, Any]], rulebook: Rulebook) -> list[Content]:
    groups: dict[str, list[list[str]]] = {}
    for site in sites:
        kind, premises = str(site["kind"]), site.get("premises")
        name = rulebook.name_of(kind, premises).zh if kind in rulebook.kind_names else ""
        lines = groups.setdefault(name, [])
        lines.append([str(len(lines) + 1), str(site["name"]), str(site["host"]), str(site.get("district") or "")])
    return [
        {"label": word("notice_group", name=name, number=len(lines)), "lines": lines} for name, lines in groups.items()
    ]
