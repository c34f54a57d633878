"""Sheets for tests: begun and filled in through the services, as people do it through the pages."""

import io
from collections.abc import Mapping
from typing import Any

from flask import Flask
from PIL import Image

from app.accounts.models import User
from app.db import db, unit_of_work
from app.programme.scoring import services
from app.programme.scoring.answers import Change
from app.programme.scoring.models import FilledSheet
from app.programme.scoring.queries import score_sheet_of
from app.rulebooks import load
from app.sites.models import Site


def picture(kind: str = "JPEG", size: tuple[int, int] = (640, 480), colour: str = "#336699") -> bytes:
    """A plain picture."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


def full(sheet: FilledSheet, **other: str) -> list[Change]:
    """The best answer to every item, but for those in `other`."""
    items = score_sheet_of(sheet).items
    best = {item.id: format(float(item.most), "g") if item.is_ranged else "yes" for item in items}
    return [Change(name, value) for name, value in {**best, **other}.items()]


def begun(app: Flask, actor: User, site: Site, now: Any, use: str = "self_check", **options: Any) -> FilledSheet:
    """A draft under the rulebook of Qingdao 2023, or the one in `options`."""
    rulebook = load(options.pop("rulebook", "qingdao-2023"))
    with app.app_context(), unit_of_work():
        user, place = db.session.get_one(User, actor.id), db.session.get_one(Site, site.id)
        return services.start_sheet(user, place, use, rulebook=rulebook, now=now, **options)


def submitted(app: Flask, actor: User, site: Site, now: Any, use: str = "self_check", **options: Any) -> FilledSheet:
    """A sheet handed in with the best answers, but for those in ``answers``."""
    other: Mapping[str, str] = options.pop("answers", {})
    sheet = begun(app, actor, site, now, use, **options)
    with app.app_context(), unit_of_work():
        user, mine = db.session.get_one(User, actor.id), db.session.get_one(FilledSheet, sheet.id)
        services.save_answers(user, mine, full(mine, **other), now)
        return services.submit(user, mine, now)
