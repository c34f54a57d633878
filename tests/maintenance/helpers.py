"""What backups and moves are compared by: every row of every table, every file, the chain and the tallies."""

import hashlib
import io
from datetime import date, datetime
from pathlib import Path
from typing import Any

from click.testing import Result
from flask import Flask
from PIL import Image
from sqlalchemy import Engine, select
from werkzeug.datastructures import FileStorage

from app.attachments import services as attachments
from app.db import Model, db, unit_of_work
from app.months import Month
from app.registers.models import Keeper
from app.sites.models import Site
from app.sites.photos import add_photo
from app.usage import tallies
from app.usage.ledger import services as ledger
from app.usage.ledger.texts import checkpoint_text

BACKUP_KEY = "correct horse battery staple, and a long one"


def run(app: Flask, *words: str) -> Result:
    """Call a command."""
    return app.test_cli_runner().invoke(args=list(words), catch_exceptions=False)


def done(app: Flask, *words: str) -> str:
    """Call a command that has to succeed, and return what it says."""
    result = run(app, *words)
    assert result.exit_code == 0, result.output
    return result.output


def seal(app: Flask, now: datetime) -> None:
    """Seal everything."""
    with app.app_context():
        while True:
            with unit_of_work():
                if ledger.seal_due(now) is None:
                    return


def checkpoint(app: Flask, month: str, now: datetime) -> str:
    """Make the month's checkpoint; its text as witnesses keep it."""
    with app.app_context(), unit_of_work():
        return checkpoint_text(ledger.checkpoint(Month.parse(month), now))


def findings(app: Flask, now: datetime) -> list[Any]:
    """What verification and recount have to say."""
    with app.app_context():
        found = list(ledger.verify(None, None, (), now))
        with unit_of_work():
            return [*found, *tallies.recount(now, repair=False)]


def picture(size: tuple[int, int] = (320, 240)) -> bytes:
    """A JPEG file."""
    out = io.BytesIO()
    Image.new("RGB", size, "#a05030").save(out, "JPEG")
    return out.getvalue()


def hand_in(app: Flask, site: Site, now: datetime, until: date = date(2027, 3, 1)) -> int:
    """A photo of the site and a keeper with a health certificate until a day; the certificate's id."""
    folder = app.extensions["settings"].data_dir
    with app.test_request_context(), unit_of_work():
        here = db.session.get_one(Site, site.id)
        add_photo(None, here, "inside", picture(), folder=folder, now=now)
        upload = FileStorage(io.BytesIO(picture()), "health.jpg")
        paper = attachments.store(None, upload, folder=folder, now=now, is_restricted=True)
        keeper = Keeper(site_id=site.id, name="李敏", kind="manager", certificate_until=until, recorded_at=now)
        keeper.certificate_id = paper.id
        db.session.add(keeper)
        return paper.id


def rows(engine: Engine, *leave_out: str) -> dict[str, list[Any]]:
    """Every row of every table, by the models' own types."""
    with engine.connect() as connection:
        return {
            table.name: sorted(repr([_plain(value) for value in row]) for row in connection.execute(select(table)))
            for table in Model.metadata.sorted_tables
            if table.name not in leave_out
        }


def _plain(value: Any) -> Any:
    """PostgreSQL keeps the keys of an object in an order of its own."""
    return sorted(value.items()) if isinstance(value, dict) else value


def all_rows(app: Flask, *leave_out: str) -> dict[str, list[Any]]:
    """`rows` of an application's database."""
    with app.app_context():
        return rows(db.engine, *leave_out)


def files(app: Flask) -> dict[str, str]:
    """The digests of the photos and attachments of an installation."""
    folder: Path = app.extensions["settings"].data_dir
    paths = [path for top in ("photos", "attachments") for path in (folder / top).rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
