"""The form about a site: adding one, and changing what it states about itself."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app import clock
from app.accounts.models import User
from app.accounts.queries import unions_in_scope
from app.db import db
from app.errors import N_, Conflict, DomainError, Invalid, status_of
from app.months import local_date
from app.sites import services
from app.sites.datums import Datum
from app.sites.facilities import Facility, facilities
from app.sites.forms import SiteForm, read_facilities
from app.sites.hours import Hours
from app.sites.hours_form import HoursForm
from app.sites.manager_services import release_managers
from app.sites.models import LocationKind, Site, SiteKind, SiteStatus
from app.sites.particulars import premises
from app.sites.particulars_form import ParticularsForm
from app.sites.queries import get_site
from app.sites.views import actor, blueprint, faults, hours_of, said
from app.web import ROLES, UNIONS, access

_USUAL = {
    "status": SiteStatus.OPERATING.value,
    "kind": SiteKind.ROOM.value,
    "location_kind": LocationKind.INTERNAL.value,
    "datum": Datum.WGS84.value,
}


@dataclass
class Entry:
    """What the page shows, or what was filled in: columns, hours, facilities, particulars and their faults."""

    form: SiteForm
    hours: HoursForm
    held: dict[str, int | None]
    particulars: ParticularsForm
    faults: dict[str, str] = field(default_factory=dict)
    stated_hours: Hours | None = None
    answers: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, form: SiteForm, site: Site) -> "Entry":
        """What the page shows of `site`."""
        return cls(form, HoursForm.of(hours_of(site)), dict(site.facilities), ParticularsForm.of(site.particulars))

    @classmethod
    def read(cls, form: SiteForm, site: Site | None) -> "Entry":
        """What the request holds."""
        hours, stated = HoursForm.read(request.form)
        held, wrong = read_facilities(request.form)
        typed, answers = ParticularsForm.read(request.form, site.particulars if site else {})
        return cls(form, hours, held, typed, wrong, stated, answers)

    def values(self, site: Site | None) -> dict[str, Any]:
        """The columns as filled in. Raises Invalid when anything cannot be."""
        is_valid = self.form.validate()
        faults = (self.hours.errors, self.faults, self.particulars.errors)
        if not is_valid or self.stated_hours is None or any(faults):
            raise Invalid(N_("Some values are wrong"))
        hours = _stored(self.stated_hours, site)
        return self.form.values(site) | {"hours": hours, "facilities": self.held, "particulars": self.answers}


@blueprint.route("/sites/new", methods=["GET", "POST"])
@access(*UNIONS)
def new_site() -> ResponseReturnValue:
    """Add a site to a union of one's subtree."""
    user, now = actor(), clock.now()
    form = SiteForm(_hosts(user), local_date(now), data=_USUAL | {"host_id": user.trade_union_id})
    form.without(services.not_hers(user))
    if request.method == "GET":
        return _form_page(None, Entry(form, HoursForm.of(Hours.UNKNOWN), {}, ParticularsForm.of({})))
    entry = Entry.read(form, None)
    try:
        created = services.create_site(user, entry.values(None), now)
    except Invalid as error:
        return _form_page(None, entry, error)
    flash(gettext("The site has been added"), "success")
    return redirect(url_for("sites.site", site_id=created.id))


@blueprint.route("/sites/<int:site_id>/edit", methods=["GET", "POST"])
@access(*ROLES)
def edit(site_id: int) -> ResponseReturnValue:
    """Change what a site states about itself."""
    user, now = actor(), clock.now()
    found = get_site(user, site_id)
    not_hers = services.not_hers(user)
    hosts = {**_hosts(user), found.host_id: found.host.name}
    if request.method == "GET":
        form = SiteForm.of(found, hosts, local_date(now), not_hers=not_hers)
        return _form_page(found, Entry.of(form, found))
    entry, before = Entry.read(SiteForm(hosts, local_date(now)).without(not_hers), found), found.host
    try:
        change = services.edit_site(user, found, entry.values(found), _seen_at(), now)
    except (Invalid, Conflict) as error:
        return _form_page(found, entry, error)
    if change and "host_id" in change.fields:
        release_managers(user, found, before, now)
    flash(gettext("Your changes have been saved") if change else gettext("Nothing was changed"), "success")
    return redirect(url_for("sites.site", site_id=found.id))


def _hosts(user: User) -> dict[int, str]:
    return {union.id: union.name for union in db.session.scalars(unions_in_scope(user))}


def _seen_at() -> datetime:
    """When the person began: `updated_at` of the page that she filled in."""
    try:
        return datetime.fromisoformat(request.form.get("seen_at", ""))
    except ValueError as error:
        raise Invalid(N_("This form is incomplete; please open the page again")) from error


def _stored(hours: Hours, site: Site | None) -> dict[str, Any]:
    """The column's value; the same hours keep the column as it is, an empty one included."""
    if site is not None and hours_of(site) == hours:
        return site.hours
    return hours.to_json()


def _form_page(site: Site | None, entry: Entry, error: DomainError | None = None) -> ResponseReturnValue:
    if error is not None:
        for name, text in faults(error).items():
            if name in entry.form:
                entry.form[name].errors = [*entry.form[name].errors, text]
    groups: dict[str, list[Facility]] = {}
    for facility in facilities().values():
        groups.setdefault(facility.group, []).append(facility)
    page = render_template(
        "sites/form.html", site=site, entry=entry, form=entry.form, groups=groups, problem=error and said(error),
        premises=premises(),
    )  # fmt: skip
    return page, status_of(error) if error else 200
