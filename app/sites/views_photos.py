"""Photos of a site: uploading, showing, removing."""

from flask import current_app, flash, make_response, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy import select

from app import clock
from app.config import Settings
from app.db import db
from app.errors import N_, Conflict, Invalid, NotFound, status_of
from app.sites import photos
from app.sites.models import Site, SitePhoto
from app.sites.queries import get_site
from app.sites.views import actor, blueprint, said, site_page
from app.web import PUBLIC, ROLES, access


@blueprint.post("/sites/<int:site_id>/photos")
@access(*ROLES)
def add_photo(site_id: int) -> ResponseReturnValue:
    """A new photo of the entrance or the inside."""
    found = get_site(actor(), site_id)
    upload = request.files.get("photo")
    content, name = (upload.read(), upload.filename or "") if upload else (b"", "")
    try:
        kind, folder = request.form.get("kind", ""), _settings().data_dir
        photos.add_photo(actor(), found, kind, content, file=name, folder=folder, now=clock.now())
    except (Invalid, Conflict) as error:
        return site_page(found, status_of(error), photo_problem=said(error))
    flash(gettext("The photo has been added"), "success")
    return redirect(url_for("sites.site", site_id=found.id, _anchor="photos"))


@blueprint.post("/sites/<int:site_id>/photos/<int:photo_id>/remove")
@access(*ROLES)
def remove_photo(site_id: int, photo_id: int) -> ResponseReturnValue:
    """Take a photo off the site."""
    found = get_site(actor(), site_id)
    photo = next((photo for photo in found.photos if photo.id == photo_id), None)
    if photo is None:
        raise NotFound(N_("There is no such photo"))
    name = photos.remove_photo(actor(), found, photo, clock.now())
    flash(gettext("The photo has been removed"), "success")
    answer = make_response(redirect(url_for("sites.site", site_id=found.id, _anchor="photos")))
    path = photos.photo_path(_settings().data_dir, name)
    # The answer is closed after the commit: the file goes only once nothing names it any more.
    answer.call_on_close(lambda: path.unlink(missing_ok=True))
    return answer


@access(PUBLIC)
def photo(name: str) -> ResponseReturnValue:
    """A photo file: of a published site for everybody, of any other for those who may see the site."""
    row = db.session.execute(
        select(Site, SitePhoto).join(SitePhoto, SitePhoto.site_id == Site.id).where(SitePhoto.file_name == name)
    ).first()
    if row is None:
        raise NotFound(N_("There is no such photo"))
    site, found = row
    if not site.is_public:
        if not current_user.is_authenticated:
            raise NotFound(N_("There is no such photo"))
        get_site(actor(), site.id)
    path = photos.photo_path(_settings().data_dir, found.file_name)
    if not path.is_file():
        raise NotFound(N_("There is no such photo"))
    # The name is random and its content never changes; a photo taken off the page may stay in a cache for a day.
    answer = send_file(path, "image/webp", max_age=86400 if site.is_public else 0, conditional=True)
    answer.headers["Cache-Control"] = "public, max-age=86400" if site.is_public else "private, no-store"
    return answer


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
