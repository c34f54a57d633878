"""Verdicts of some sites, as lists and statements show them: what the night's judge says, without reasons."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from app.accounts.models import TradeUnion
from app.ahead import at_once
from app.ids import among
from app.programme.judging import CHUNK, Judges, read_sites, standings_of
from app.sites.models import Site


def verdicts_of(ids: Sequence[int], on: date, default: str) -> dict[int, str]:
    """met, not_met or unknown by site id as of a local date, of closed sites as well.

    A site is left out where its rulebook was not in force, or has no conditions for its kind.
    """
    judges, found = Judges(on, default), dict[int, str]()
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        sites = select(Site.id).join(TradeUnion, TradeUnion.id == Site.host_id).where(among(Site.id, some))
        standings = standings_of(at_once(read_sites(sites)), some, judges)
        found.update((one.site_id, one.verdict) for one in standings if one.verdict)
    return found
