"""Which row is which site: by external code, else by name and address, and among equals by what tells them apart. Pure.

Rows that nothing tells apart are paired with the sites of the same name and address in order, so that importing the
same file twice changes nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from sqlalchemy import Row

from app.errors import N_
from app.sites.importing.findings import Draft, Level
from app.sites.importing.keys import address_key, hint_key, name_key

Site = Row[Any]
"""A site by what it is recognised by."""
Key = tuple[str, str]
Former = Mapping[int, Mapping[str, str]]
"""Per site id what a list said before a person edited it: name, address, landmark, floor_label."""


@dataclass(frozen=True)
class Candidate:
    """A site under its present name and place, or under those that a list knew it by."""

    site: Site
    key: Key
    hint: str


def match(
    drafts: Sequence[Draft], sites: Sequence[Site], source: str, *, also: Sequence[str] = (), former: Former
) -> dict[int, Site]:
    """The site of each draft that has one, by the draft's row number.

    `sites` are in the order of their ids; one that a person renamed is also known by its `former` values. Drafts that
    share a name and address, and have nothing that tells them apart, get a warning.
    """
    matched: dict[int, Site] = {}
    by_code = {site.external_code: site for site in sites if site.external_code and site.external_source == source}
    for draft in drafts:
        site = by_code.get(draft.values.get("external_code", ""))
        if site is not None:
            matched[draft.number] = site
    by_place = [site for site in sites if site.external_source != source or not site.external_code]
    present = [_candidate(site, {}) for site in by_place]
    as_listed = [_candidate(site, former[site.id]) for site in by_place if site.id in former]
    for group in _by_key([draft for draft in drafts if draft.number not in matched]).values():
        if len(group) > 1:
            _warn_of_twins(group)
    for candidates in (present, as_listed):
        matched |= _pair_all([draft for draft in drafts if draft.number not in matched], candidates, matched)
    for field in also:
        seen = {site.id for site in matched.values()}
        left_drafts = [draft for draft in drafts if draft.number not in matched]
        left_sites = [site for site in sites if site.id not in seen and site.external_source == source]
        matched |= _pair_by(field, left_drafts, left_sites)
    return matched


def _candidate(site: Site, former: Mapping[str, str]) -> Candidate:
    name = name_key(former["name"]) if "name" in former else site.name_key
    address = address_key(former["address"]) if "address" in former else site.address_key
    hint = hint_key(former.get("floor_label", site.floor_label), former.get("landmark", site.landmark))
    return Candidate(site, (name, address), hint)


def _pair_all(
    drafts: Sequence[Draft], candidates: Sequence[Candidate], matched: Mapping[int, Site]
) -> dict[int, Site]:
    taken = {site.id for site in matched.values()}
    free: dict[Key, list[Candidate]] = defaultdict(list)
    for candidate in candidates:
        if candidate.site.id not in taken:
            free[candidate.key].append(candidate)
    pairs: dict[int, Site] = {}
    for key, group in _by_key(drafts).items():
        if key in free:
            pairs |= _pair(group, free[key])
    return pairs


def _pair_by(field: str, drafts: Sequence[Draft], sites: Sequence[Site]) -> dict[int, Site]:
    """Those that agree in one field alone, where one row and one site have that value."""
    rows: dict[str, list[Draft]] = defaultdict(list)
    for draft in drafts:
        rows[draft.values[f"{field}_key"]].append(draft)
    places: dict[str, list[Site]] = defaultdict(list)
    for site in sites:
        places[getattr(site, f"{field}_key")].append(site)
    pairs = {}
    for key, group in rows.items():
        if key and len(group) == len(places.get(key, ())) == 1:
            pairs[group[0].number] = site = places[key][0]
            other, was = ("address", site.address) if field == "name" else ("name", site.name)
            problem = N_("Recognised by the %(field)s alone; the other was “%(was)s”")
            group[0].add(Level.NOTE, other, problem, field=field, was=was)
    return pairs


def refuse_repeated_codes(drafts: Sequence[Draft]) -> None:
    """A draft with the external code of an earlier one gets an error."""
    seen: dict[str, int] = {}
    for draft in drafts:
        code = draft.values.get("external_code")
        if code is None or draft.is_rejected:
            continue
        if code in seen:
            draft.add(
                Level.ERROR,
                "external_code",
                N_("The code %(code)s stands in row %(row)s already"),
                N_("Correct the code, or delete one of the rows"),
                code=code,
                row=seen[code],
            )
        seen.setdefault(code, draft.number)


def _by_key(drafts: Sequence[Draft]) -> dict[Key, list[Draft]]:
    groups: dict[Key, list[Draft]] = defaultdict(list)
    for draft in drafts:
        groups[draft.values["name_key"], draft.values["address_key"]].append(draft)
    return groups


def _hint(draft: Draft) -> str:
    return hint_key(draft.values.get("floor_label", ""), draft.values.get("landmark", ""))


def _warn_of_twins(group: Sequence[Draft]) -> None:
    first: dict[str, int] = {}
    for draft in group:
        if "external_code" in draft.values:
            continue
        hint = _hint(draft)
        if hint in first:
            draft.add(
                Level.WARNING,
                "name",
                N_("Nothing tells this row apart from row %(row)s: same name, address and location"),
                N_("State the floor or the way to each room, or delete one of the rows"),
                row=first[hint],
            )
        first.setdefault(hint, draft.number)


def _pair(group: Sequence[Draft], candidates: Sequence[Candidate]) -> dict[int, Site]:
    """Equal hints first, in order; then hints of which one contains the other; then a single row and a single site."""
    waiting: dict[str, list[Site]] = defaultdict(list)
    for candidate in candidates:
        waiting[candidate.hint].append(candidate.site)
    pairs = {draft.number: waiting[hint].pop(0) for draft in group if waiting.get(hint := _hint(draft))}
    left_drafts = [draft for draft in group if draft.number not in pairs]
    left_sites = [(hint, site) for hint, same in waiting.items() for site in same]
    pairs |= _pair_contained(left_drafts, left_sites)
    taken = {site.id for site in pairs.values()}
    left_drafts = [draft for draft in left_drafts if draft.number not in pairs]
    left_sites = [(hint, site) for hint, site in left_sites if site.id not in taken]
    if len(left_drafts) == len(left_sites) == 1:
        pairs[left_drafts[0].number] = left_sites[0][1]
    return pairs | _in_order(group, pairs)


def _in_order(group: Sequence[Draft], pairs: Mapping[int, Site]) -> dict[int, Site]:
    """Rows that nothing tells apart have their sites in the order of ids, as the next import finds them."""
    alike: dict[str, list[int]] = defaultdict(list)
    for draft in group:
        if draft.number in pairs:
            alike[_hint(draft)].append(draft.number)
    ordered: dict[int, Site] = {}
    for numbers in alike.values():
        ordered |= zip(numbers, sorted((pairs[number] for number in numbers), key=attrgetter("id")), strict=True)
    return ordered


def _pair_contained(drafts: Sequence[Draft], sites: Sequence[tuple[str, Site]]) -> dict[int, Site]:
    """"East side" is "hall, first floor, east side" when no other row and no other site would fit as well."""
    rows: dict[int, list[Site]] = {}
    claims: Counter[int] = Counter()
    for draft in drafts:
        mine = _hint(draft)
        fitting = [site for hint, site in sites if mine and hint and (mine in hint or hint in mine)]
        claims.update(site.id for site in fitting)
        rows[draft.number] = fitting
    return {
        number: fitting[0] for number, fitting in rows.items() if len(fitting) == 1 and claims[fitting[0].id] == 1
    }
