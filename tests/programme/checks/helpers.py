"""Inspections and draws for tests."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

from app.accounts.models import TradeUnion, User
from app.attachments.models import Attachment
from app.attachments.services import path_of
from app.programme.checks.models import Draw, Inspection, InspectionPhoto
from app.programme.scoring.models import FilledSheet
from app.sites.models import Site
from tests.factories import Factories


@dataclass(frozen=True)
class ChecksPlace:
    """An inspection with a photo, and a draw, of one union."""

    inspection: Inspection
    draw: Draw


def inspection_of(factories: Factories, site: Site, union: TradeUnion, kind: str, **values: Any) -> Inspection:
    """An inspection of `site` by `union`, due at the end of the year, still to be done."""
    at = factories.clock()
    defaults = {"year": at.year, "due_on": date(at.year, 12, 31), "planned_at": at, "findings": []}
    row = Inspection(**{**defaults, **values}, site_id=site.id, trade_union_id=union.id, kind=kind)
    made: Inspection = factories.add(row)
    return made


def checks_place(factories: Factories, union: TradeUnion, site: Site) -> ChecksPlace:
    """What the routes of the checks may name."""
    at = factories.clock()
    inspection = inspection_of(factories, site, union, "full_self")
    photo = factories.add(
        Attachment(
            file_name=f"{inspection.id:032x}.jpg", title="x.jpg", media_type="image/jpeg", size_bytes=4,
            digest=bytes(32), uploaded_at=at,
        )
    )  # fmt: skip
    factories.add(InspectionPhoto(attachment_id=photo.id, inspection_id=inspection.id, added_at=at))
    path = path_of(factories.app.extensions["settings"].data_dir, photo.file_name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"JPEG")
    draw = factories.add(
        Draw(
            trade_union_id=union.id, year=at.year, kind="spot_check", size=1, due_on=date(at.year, 12, 31),
            seed_source="x", rule_version=1, candidates={str(site.id): {"weight": 1, "why": []}}, announced_at=at,
        )
    )  # fmt: skip
    return ChecksPlace(inspection, draw)


def submitted_sheet(factories: Factories, inspection: Inspection, user: User, total: str, use: str) -> FilledSheet:
    """A handed-in sheet of an inspection."""
    at = factories.clock()
    row = FilledSheet(
        client_key=uuid4(), site_id=inspection.site_id, use=use, rulebook_id="qingdao-2023", rulebook_digest="0" * 64,
        sheet="room", inspection_id=inspection.id, filled_on=at.date(), filled_by_id=user.id, created_at=at,
        updated_at=at, submitted_at=at, total=Decimal(total), is_passed=Decimal(total) >= 80,
    )  # fmt: skip
    made: FilledSheet = factories.add(row)
    return made
