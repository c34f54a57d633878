"""``/ledger``: what anybody may see of the chain, and the proof behind the published figures of a site and month."""

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.db import db
from app.errors import N_, Invalid, NotFound
from app.months import Month
from app.sites.models import Site
from app.usage.figures.queries import is_shown
from app.usage.ledger import proofs, queries, texts
from app.usage.ledger.models import Checkpoint, CheckpointFigure
from app.web import PUBLIC, access

blueprint = Blueprint("ledger", __name__)
SEALS_SHOWN = 10
SITES_SHOWN = 100
MOST_PAGES = 10_000


@blueprint.get("/ledger")
@access(PUBLIC)
def index() -> str:
    """The newest seals and the months that have a checkpoint."""
    return render_template(
        "ledger/index.html", seals=queries.newest_seals(SEALS_SHOWN), checkpoints=queries.checkpoints()
    )


@blueprint.get("/ledger/<month>")
@access(PUBLIC)
def month(month: str) -> str:
    """One checkpoint, and the public sites under it."""
    checkpoint = _checkpoint(month)
    page = min(max(1, request.args.get("page", 1, int)), MOST_PAGES)
    lines = queries.public_lines(month, (page - 1) * SITES_SHOWN, SITES_SHOWN + 1)
    return render_template(
        "ledger/month.html", checkpoint=checkpoint, text=texts.checkpoint_text(checkpoint), page=page,
        lines=lines[:SITES_SHOWN], has_more=len(lines) > SITES_SHOWN,
    )  # fmt: skip


@blueprint.get("/ledger/<month>/checkpoint.txt")
@access(PUBLIC)
def checkpoint_file(month: str) -> ResponseReturnValue:
    """The checkpoint as witnesses keep it."""
    return Response(texts.checkpoint_text(_checkpoint(month)), mimetype="text/plain")


@blueprint.get("/ledger/<month>/<int:site_id>")
@access(PUBLIC)
def site(month: str, site_id: int) -> str:
    """The published figures of one site and month, where they stand under the checkpoint, and how to recheck it."""
    checkpoint, figure, named = _figure(month, site_id)
    return render_template(
        "ledger/site.html", site=named, figure=figure, checkpoint=checkpoint,
        proof=proofs.proof_of(checkpoint, figure), text=texts.checkpoint_text(checkpoint),
    )  # fmt: skip


@blueprint.get("/ledger/<month>/<int:site_id>/proof.json")
@access(PUBLIC)
def proof_file(month: str, site_id: int) -> ResponseReturnValue:
    """The proof as data, for the verifier that needs nothing of this service."""
    checkpoint, figure, named = _figure(month, site_id)
    page = url_for("ledger.site", month=month, site_id=site_id, _external=True)
    answer = jsonify(proofs.proof_of(checkpoint, figure) | {"site": named.name, "page": page})
    answer.headers["Content-Disposition"] = f'attachment; filename="proof-{month}-{site_id}.json"'
    return answer


def _checkpoint(text: str) -> Checkpoint:
    try:
        made = queries.checkpoint_of(Month.parse(text))
    except Invalid:
        made = None
    if made is None:
        raise NotFound(N_("This month has no checkpoint"))
    return made


def _figure(text: str, site_id: int) -> tuple[Checkpoint, CheckpointFigure, Site]:
    """Raises NotFound for a site whose figures of the month are not public, or which is not public any more."""
    checkpoint = _checkpoint(text)
    figure = queries.figure_of(site_id, Month.parse(text))
    named = db.session.get(Site, site_id)
    if figure is None or named is None or not figure.published or not is_shown(named):
        raise NotFound(N_("There is no such room, or its figures are not public"))
    return checkpoint, figure, named
