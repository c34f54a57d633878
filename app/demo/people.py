"""The unions of the demonstration and the accounts of the people who work there."""

from dataclasses import dataclass

from flask_security import hash_password

from app.accounts.models import TradeUnion, UnionLevel
from app.accounts.services import create_union, create_user
from app.db import db
from app.demo.scenario import Network
from app.sites.models import Site, SiteManager
from app.web import DISTRICT_UNION, MUNICIPAL_UNION, SITE_MANAGER, UNIT_UNION

ROLE_OF_LEVEL: dict[str, str] = {
    UnionLevel.MUNICIPAL: MUNICIPAL_UNION,
    UnionLevel.DISTRICT: DISTRICT_UNION,
    UnionLevel.UNIT: UNIT_UNION,
}


@dataclass(frozen=True)
class Account:
    """One account as it is told to the person at the terminal. `sites` are those that a site manager manages."""

    user_id: int
    username: str
    role: str
    union: str
    sites: tuple[int, ...] = ()


def create_unions(network: Network, rulebook_id: str) -> dict[str, TradeUnion]:
    """Create the tree, parents first as the data has them; return the unions by code. The root has the rulebook."""
    unions: dict[str, TradeUnion] = {}
    for union in network.unions:
        parent = unions.get(union.parent)
        unions[union.code] = create_union(
            union.code,
            union.name,
            union.level,
            parent,
            division_code=union.division or (parent.division_code if parent else None),
            rulebook_id=None if parent else rulebook_id,
        )
    return unions


def create_accounts(network: Network, unions: dict[str, TradeUnion], sites: list[Site], password: str) -> list[Account]:
    """An account for every union above the units, the first unit and some others; a manager for each unit's sites.

    Colleagues follow, so that applicant, inspector and approver can be three people. The first of each role belong
    together: the municipal union, its first district, that district's first unit, and the manager of that unit's rooms.
    All have the same password, hashed once because that takes its time.
    """
    make = _Maker(network.titles, hash_password(password)).account
    by_host: dict[int, list[Site]] = {}
    for site in sites:
        by_host.setdefault(site.host_id, []).append(site)
    counts: dict[str, int] = {}
    accounts: list[Account] = []
    managers: list[Account] = []
    for union in unions.values():
        counts[union.level] = counts.get(union.level, 0) + 1
        number = "" if counts[union.level] == 1 else str(counts[union.level])
        if union.level != UnionLevel.UNIT or not number or union.code in network.with_account:
            accounts.append(make(f"{union.level}{number}", ROLE_OF_LEVEL[union.level], union))
        if union.level == UnionLevel.UNIT:
            managers.append(make(f"manager{number}", SITE_MANAGER, union, by_host.get(union.id)))
    accounts += [make(one.username, one.role, unions[one.union], title=one.title) for one in network.colleagues]
    db.session.flush()
    return accounts + managers


@dataclass(frozen=True)
class _Maker:
    """Makes accounts that share one password, called by the `titles` of their roles."""

    titles: dict[str, str]
    hashed: str

    def account(
        self, username: str, role: str, union: TradeUnion, sites: list[Site] | None = None, title: str = ""
    ) -> Account:
        """One account; a site manager gets `sites`. Without a `title` she is called by her role's."""
        user = create_user(username, role, union, self.hashed, title or self.titles[role], hashed=True)
        mine = sites or []
        db.session.add_all(SiteManager(site_id=site.id, user_id=user.id) for site in mine)
        return Account(user.id, username, role, union.name, tuple(site.id for site in mine))
