"""Scores the files of another generator, and compares with what it says is true. No database and no settings needed."""

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from app.anomalies.context import SiteContext
from app.anomalies.csvfiles import months_of, read_events, read_sites
from app.anomalies.detectors import Flag, is_flagged
from app.anomalies.scoring import score
from benchmarks.fraud.scenarios import HONEST
from benchmarks.fraud.tables import interval, table

Flags = Mapping[str, tuple[Flag, ...]]


def scored(events: Path, sites: Path) -> tuple[Flags, dict[str, SiteContext]]:
    """The flags and the context of each site of two CSV files; the twelve months to the last event are judged."""
    with events.open(encoding="utf-8-sig") as lines:
        found, _types = read_events(lines)
    with sites.open(encoding="utf-8-sig") as lines:
        contexts = read_sites(lines, date.today())  # noqa: DTZ011  only for words like “this year” in opening hours
    return score(found, contexts, *months_of(found)), contexts


def truth_of(path: Path | None, sites: Sequence[str]) -> dict[str, str]:
    """The scenario of each site; all are honest without a file."""
    if path is None:
        return dict.fromkeys(sites, HONEST)
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return {row["site"]: row["scenario"] for row in csv.DictReader(lines)}


def comparison(flags: Flags, contexts: Mapping[str, SiteContext], truth: Mapping[str, str]) -> str:
    """A table of how many sites are flagged, by scenario and room type, and by which detectors."""
    groups: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for site in flags:
        for kind in (contexts[site].room_type, "all"):
            groups[truth[site], kind].append(site)
    lines = []
    for (scenario, kind), sites in sorted(groups.items()):
        fired = sorted({flag.detector for site in sites for flag in flags[site]})
        hits = sum(is_flagged(flags[site]) for site in sites)
        lines.append([scenario, kind, str(len(sites)), interval(hits, len(sites)), ", ".join(fired)])
    return table(["scenario", "room type", "sites", "flagged", "detectors that fired"], lines)
