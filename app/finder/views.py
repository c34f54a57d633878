"""The finder's pages: the list with its map, a site's page, and the description of the API."""

from collections.abc import Sequence
from datetime import datetime
from math import ceil
from typing import Any

import orjson
from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from app import clock
from app.errors import N_, NotFound
from app.finder import presenting
from app.finder.directory import Directory
from app.finder.links import navigation_links
from app.finder.nearby import rooms_near
from app.finder.questions import MOST_WORDS, Question
from app.finder.services import current_directory
from app.sites.facilities import facilities
from app.web import PUBLIC, access, api, select_locale

blueprint = Blueprint("finder", __name__)

PAGE = 50
# A network of this size is shown whole before anybody has asked for anything.
SHOWN_UNASKED = 60


@blueprint.get("/")
@access(PUBLIC)
def index() -> ResponseReturnValue:
    """Find a room: near the person (by script and API), by district, or by name and address (also without script)."""
    directory, at = current_directory(), clock.now()
    question = Question.of(request.args)
    is_question, is_small = not question.is_empty, len(directory.entries) <= SHOWN_UNASKED
    found = question.found(directory, at) if is_question or is_small else []
    ordered = directory.by_state_and_name(found, at)
    page = min(max(request.args.get("page", 1, type=int), 1), ceil(len(ordered) / PAGE) or 1)
    first = (page - 1) * PAGE
    listed = ordered[first : first + PAGE] if is_question else ordered
    shown = [presenting.card(directory, position, at) for position in listed]
    return render_template(
        "finder/index.html",
        cards=shown, total=len(found), page=page, has_more=is_question and first + PAGE < len(found),
        question=question, is_question=is_question, most_words=MOST_WORDS,
        wider=[] if found else [*question.wider(directory, at)], in_all=len(directory.entries) if is_small else 0,
        districts=presenting.districts(directory), labels=_labels(), offered=_offered(directory),
        kinds=directory.kinds, telling=presenting.TELLING, data=_embedded(directory, listed, at),
    )  # fmt: skip


@blueprint.get("/sites/<int:site_id>")
@access(PUBLIC)
def site(site_id: int) -> ResponseReturnValue:
    """The public page of one site. Raises NotFound for a site that is not published."""
    directory, at = current_directory(), clock.now()
    position = _position(directory, site_id)
    entry = directory.entries[position]
    links = []
    near: list[dict[str, Any]] = []
    if entry.lon is not None and entry.lat is not None:
        links = navigation_links(entry.lon, entry.lat, entry.name, entry.address)
        hits = rooms_near(directory, (entry.lon, entry.lat), 3, at, but=site_id)
        near = [presenting.card(directory, place, at, metres) for place, metres in hits]
    return render_template(
        "finder/site.html",
        site=presenting.card(directory, position, at), details=entry, hours=entry.hours,
        week=presenting.week(entry.hours), holidays=_holidays(entry.hours.holidays),
        exceptions=presenting.coming_exceptions(entry.hours, at),
        pauses=presenting.coming_pauses(entry.suspensions, at), links=links, near=near, labels=_labels(),
    )  # fmt: skip


@blueprint.get("/api/v1/docs")
@access(PUBLIC)
def api_docs() -> str:
    """The API's description as a page; the same as openapi.json, without scripts."""
    return render_template("finder/api_docs.html", spec=api.spec.to_dict(), source=url_for("api-docs.openapi_json"))


def _position(directory: Directory, site_id: int) -> int:
    position = directory.position_of(site_id)
    if position is None:
        raise NotFound(N_("There is no such room, or it is not open to the public"))
    return position


def _labels() -> dict[str, str]:
    locale = select_locale()
    return {code: facility.label(locale) for code, facility in facilities().items()}


def _offered(directory: Directory) -> list[str]:
    """The facilities worth a filter: those that at least one site has."""
    return [code for code in presenting.OFFERED_FILTERS if directory.has_facility(code)]


def _holidays(holidays: Any) -> Any:
    return holidays if isinstance(holidays, str) else presenting.texts(holidays)


def _embedded(directory: Directory, positions: Sequence[int], at: datetime) -> Markup:
    """The listed sites as GeoJSON for the map, safe inside a script element."""
    return script_safe(directory.collection(((position, None) for position in positions), at))


def script_safe(content: bytes) -> Markup:
    """Serialised JSON that cannot end the element it stands in."""
    return Markup(content.decode().replace("<", "\\u003c").replace("\u2028", "\\u2028"))  # noqa: S704  escaped here


def words_as_json(words: dict[str, Any]) -> Markup:
    """A template's phrases for its script."""
    return script_safe(orjson.dumps(words))
