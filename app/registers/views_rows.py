"""What can be done with an entry: void it, say that a thing or a person has left, renew a certificate, see its file."""

from collections.abc import Callable
from typing import Any

from flask import current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app import clock
from app.attachments import services as attachments
from app.attachments.models import Attachment
from app.attachments.serving import send
from app.db import db
from app.errors import N_, Conflict, Invalid, NotFound
from app.registers import queries, services
from app.registers.fields import Field, read
from app.registers.views import actor, blueprint, book_page, file_of, handed_in, may_see_certificate
from app.sites.models import Site
from app.sites.queries import get_site
from app.web import ROLES, access

_LEAVING = {
    "assets": (Field("on", "day", is_required=True), Field("where", "text", 300)),
    "keepers": (Field("on", "day", is_required=True),),
}
_RENEWING = (Field("until", "day", is_required=True),)


@blueprint.post("/sites/<int:site_id>/registers/<register>/<int:row_id>/void")
@access(*ROLES)
def void(site_id: int, register: str, row_id: int) -> ResponseReturnValue:
    """Take an entry back, with a reason; it stays visible."""
    site = get_site(actor(), site_id)
    row = queries.entry(site.id, register, row_id)
    return _act(
        site, register, row_id, lambda: services.void(actor(), row, request.form.get("reason", ""), clock.now())
    )


@blueprint.post("/sites/<int:site_id>/registers/<register>/<int:row_id>/left")
@access(*ROLES)
def left(site_id: int, register: str, row_id: int) -> ResponseReturnValue:
    """An asset has left the site, or a keeper no longer looks after it."""
    site, now = get_site(actor(), site_id), clock.now()
    row = queries.entry(site.id, register, row_id)

    def act() -> None:
        if register not in _LEAVING:
            raise Conflict(N_("Entries of this register are only voided"))
        values = read(_LEAVING[register], request.form)
        if register == "assets":
            services.dispose_asset(actor(), site, row, on=values["on"], where=values["where"], now=now)
        else:
            services.keeper_left(actor(), site, row, on=values["on"], now=now)

    return _act(site, register, row_id, act)


@blueprint.post("/sites/<int:site_id>/registers/keepers/<int:row_id>/certificate")
@access(*ROLES)
def renew(site_id: int, row_id: int) -> ResponseReturnValue:
    """A newer health certificate; the file of the old one is erased."""
    site, now = get_site(actor(), site_id), clock.now()
    keeper = queries.entry(site.id, "keepers", row_id)
    old = db.session.get(Attachment, keeper.certificate_id) if keeper.certificate_id else None

    def act() -> None:
        until = read(_RENEWING, request.form)["until"]
        file = handed_in("file", is_restricted=True, now=now)
        services.renew_certificate(actor(), site, keeper, until=until, file=file, now=now)
        if old is not None:
            attachments.erase(old, current_app.extensions["settings"].data_dir, now)

    return _act(site, "keepers", row_id, act)


@blueprint.get("/sites/<int:site_id>/registers/<register>/<int:row_id>/file")
@access(*ROLES)
def file(site_id: int, register: str, row_id: int) -> ResponseReturnValue:
    """The file of an entry; a certificate only for reviewers and for who has handed it in, each look noted."""
    site = get_site(actor(), site_id)
    number = file_of(queries.entry(site.id, register, row_id))
    found = db.session.get(Attachment, number) if number is not None else None
    if found is None or not may_see_certificate(actor(), found):
        raise NotFound(N_("There is no such file"))
    return send(found, actor(), folder=current_app.extensions["settings"].data_dir, now=clock.now())


def _act(site: Site, register: str, row_id: int, act: Callable[[], Any]) -> ResponseReturnValue:
    try:
        act()
    except (Invalid, Conflict) as error:
        return book_page(site, register, error=error, entered=request.form, acting=row_id)
    flash(gettext("Saved"), "success")
    return redirect(url_for("registers.book", site_id=site.id, register=register, month=request.args.get("month")))
