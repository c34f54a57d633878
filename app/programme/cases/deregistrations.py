"""What a deregistration brings about: the site is closed, its door codes end, its history stays."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.accounts.models import User
from app.db import db
from app.months import local_date
from app.programme.cases import forms, queries
from app.programme.cases.hooks import effect
from app.programme.cases.models import Case
from app.sites.door_code_services import live_codes, revoke_code
from app.sites.models import SiteStatus

KIND = "deregistration"


@effect(KIND, "file")
def _closed(actor: User, case: Case, now: datetime, _details: Mapping[str, Any]) -> None:
    """qingdao-2023 art. 14: the municipal union has filed it, so the site is no more."""
    site = queries.site_of(case)
    for code in live_codes(site, now):
        revoke_code(actor, site, code, case.number, now)
    db.session.flush()
    forms.change_site(actor, case, now, status=SiteStatus.CLOSED.value, closed_on=local_date(now), is_listed=False)
