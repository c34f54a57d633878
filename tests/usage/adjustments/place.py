"""An adjustment as a row, for tests that only need one to be there."""

from uuid import UUID, uuid4

from app.accounts.models import User
from app.sites.models import Site
from app.usage import leaves
from app.usage.models import Adjustment
from tests.factories import Factories


def adjusted(factories: Factories, site: Site, person: User, usage_id: UUID, attachment_id: int | None) -> Adjustment:
    """One use of a site, excluded, with a file as evidence or without; unsigned."""
    row = {
        "site_id": site.id, "month": "2026-11", "sequence": 99, "id": uuid4(), "act": "exclude", "actor_id": person.id,
        "actor_name": person.username, "reason": "监控里没有人来", "evidence": "", "attachment_id": attachment_id,
        "uses": [str(usage_id)], "hours": {}, "steps": {"counted": -1}, "made_at": factories.clock(),
    }  # fmt: skip
    made: Adjustment = factories.add(Adjustment(**leaves.stamped("adjustment", row, "sha256"), signature=b"0" * 32))
    return made
