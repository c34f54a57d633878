"""Draws as they are held: announced with candidates and the seed's source, then drawn once, for good."""

from datetime import date, datetime

from sqlalchemy import select

from app.accounts.models import TradeUnion, User
from app.db import db
from app.errors import N_, Conflict, Invalid
from app.ids import among
from app.months import local_date
from app.programme.checks import services
from app.programme.checks.coverage import OPEN, Coverage, coverage_of
from app.programme.checks.draw import RULE_VERSION, draw, normal_seed, weight_of
from app.programme.checks.models import Draw, Inspection
from app.programme.checks.queries import KIND_OF_LEVEL
from app.sites.models import Site, SiteStatus

LONGEST_SEED, LONGEST_SOURCE = 80, 200


def candidates_of(coverage: Coverage) -> dict[str, dict[str, object]]:
    """The sites that nobody has checked or planned yet, each with its lots and the reasons for them."""
    open_ones = (duty for duty in coverage.duties if duty.state == OPEN)
    return {
        str(duty.site.id): {"weight": weight_of(duty.reasons), "why": list(duty.reasons)} for duty in open_ones
    }


def announce(
    actor: User, union: TradeUnion, *, size: int, seed_source: str, due_on: date, now: datetime, default: str
) -> Draw:
    """Fix the candidates of a draw and say where its seed will come from; the sites are drawn in a second step.

    Raises Conflict for somebody else's union, or while another of its draws waits for its seed; Invalid naming
    ``due_on``, ``size`` or ``seed_source``.
    """
    services.require_planner(actor, union)
    services.check_due(due_on, now)
    source = services.text(seed_source, "seed_source", LONGEST_SOURCE)
    if not source:
        raise services.wrong("seed_source", N_("Please say where the seed will come from"))
    db.session.execute(select(TradeUnion.id).where(TradeUnion.id == union.id).with_for_update())
    waiting = select(Draw.id).where(Draw.trade_union_id == union.id, Draw.drawn_at.is_(None)).limit(1)
    if db.session.scalar(waiting) is not None:
        raise Conflict(N_("Another draw has been announced and still waits for its seed"))
    kind = KIND_OF_LEVEL[union.level]
    candidates = candidates_of(coverage_of(union, kind, due_on.year, local_date(now), default))
    if not 1 <= size <= len(candidates):
        message = N_("Choose a number from 1 to %(most)s: so many sites are neither checked nor planned")
        raise Invalid(message, {"size": message}, most=len(candidates))
    announced = Draw(
        trade_union_id=union.id, year=due_on.year, kind=kind, size=size, due_on=due_on, seed_source=source,
        rule_version=RULE_VERSION, candidates=candidates, announced_at=now, announced_by_id=actor.id,
    )  # fmt: skip
    db.session.add(announced)
    db.session.flush()
    return announced


def hold(actor: User, announced: Draw, seed: str, now: datetime) -> list[Inspection]:
    """Draw with the seed that came out, and plan the inspections, in the order of the draw.

    A site that has closed since, or is planned by now, stays drawn and is not planned. Raises Conflict when it was
    drawn before or is another union's, Invalid naming ``seed``.
    """
    union = db.session.get_one(TradeUnion, announced.trade_union_id)
    db.session.execute(select(Draw.id).where(Draw.id == announced.id).with_for_update())
    db.session.refresh(announced)
    services.require_planner(actor, union)
    if announced.drawn_at is not None:
        raise Conflict(N_("This draw has been held; it stays as it is"))
    seed = normal_seed(services.text(seed, "seed", LONGEST_SEED))
    if not seed:
        raise services.wrong("seed", N_("Please enter the seed that came out"))
    announced.seed, announced.drawn_at, announced.drawn_by_id = seed, now, actor.id
    announced.drawn = drawn_again(announced)
    due_on = max(announced.due_on, local_date(now))
    planned = []
    for site in _still_there(announced.drawn):
        try:
            planned.append(
                services.plan(
                    actor, union, site, due_on=due_on, inspector_id=None, reason="", now=now, draw_id=announced.id
                )
            )
        except Conflict:
            continue
    return planned


def drawn_again(held: Draw) -> list[int]:
    """What the stored seed and candidates give: equal to `held.drawn`, or somebody has changed the row."""
    weights = {int(site_id): int(one["weight"]) for site_id, one in held.candidates.items()}
    return draw(held.seed, weights, held.size)


def is_true(held: Draw) -> bool:
    """Whether the draw gives the same sites again. False as long as it has not been held."""
    return held.drawn_at is not None and drawn_again(held) == held.drawn


def _still_there(ids: list[int]) -> list[Site]:
    sites = {
        site.id: site
        for site in db.session.scalars(
            select(Site).where(among(Site.id, ids), Site.status == SiteStatus.OPERATING)
        )
    }
    return [sites[site_id] for site_id in ids if site_id in sites]
