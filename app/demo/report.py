"""What the person at the terminal is told about the demonstration, and the file that says the same."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.config import Settings
from app.db import db
from app.demo.people import Account
from app.sites.models import DoorCode, Site, SiteManager
from app.sites.posters import Poster, PosterFormat, posters_pdf
from app.sites.printing import poster_of

FILE = "demo.json"
ACCOUNTS_FILE = "demo-accounts.json"
FOLDER = "posters"


@dataclass(frozen=True)
class Door:
    """One room with the address behind its code."""

    site_id: int
    name: str
    url: str
    poster: Poster


def doors(settings: Settings, now: datetime) -> list[Door]:
    """The live door of every room that can be shown first: those of the first manager lead."""
    found = db.session.execute(
        select(Site, DoorCode)
        .join(DoorCode, DoorCode.site_id == Site.id)
        .outerjoin(SiteManager, SiteManager.site_id == Site.id)
        .where(DoorCode.revoked_at.is_(None))
        .order_by(SiteManager.user_id, Site.id, DoorCode.print_version)
    )
    return [_door(site, code, settings, now) for site, code in found]


def _door(site: Site, code: DoorCode, settings: Settings, now: datetime) -> Door:
    poster = poster_of(site, code, settings, now)
    return Door(site.id, site.name, poster.url, poster)


def write_posters(found: list[Door], folder: Path, paper: PosterFormat) -> Path:
    """Write one PDF with a page for each door and return its path. Room 1's door stands on page 1."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{paper}.pdf"
    _replace(path, posters_pdf([door.poster for door in found], paper))
    return path


def keep_accounts(settings: Settings, password: str, accounts: list[Account]) -> None:
    """Remember the accounts of the demonstration for later starts; the database has only the password's hash."""
    rows = [
        {"username": account.username, "password": password, "role": account.role, "union": account.union,
         "sites": list(account.sites)}
        for account in accounts
    ]  # fmt: skip
    _write_json(settings.data_dir / ACCOUNTS_FILE, rows)


def write_report(settings: Settings, found: list[Door]) -> dict[str, Any]:
    """Write demo.json for this start and return its content: `base_url`, `accounts`, `doors`, `posters`."""
    content = {
        "base_url": settings.base_url,
        "accounts": json.loads((settings.data_dir / ACCOUNTS_FILE).read_text(encoding="utf-8")),
        "doors": [{"site_id": door.site_id, "name": door.name, "url": door.url} for door in found],
        "posters": str(settings.data_dir / FOLDER),
    }
    _write_json(settings.data_dir / FILE, content)
    return content


def last_base_url(settings: Settings) -> str | None:
    """The address that the last start wrote down, or None on the first."""
    path = settings.data_dir / FILE
    return json.loads(path.read_text(encoding="utf-8")).get("base_url") if path.exists() else None


def _write_json(path: Path, content: object) -> None:
    _replace(path, json.dumps(content, ensure_ascii=False, indent=2).encode())


def _replace(path: Path, content: bytes) -> None:
    """Write a file that only its owner can read, all or nothing: it holds passwords or door codes."""
    fresh = path.with_suffix(path.suffix + ".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_bytes(content)
    fresh.replace(path)
