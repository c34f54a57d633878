"""A backup of the database, the files and the ledger's head; and back again, all or nothing."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, func, inspect, select, text

from app.attachments.models import Attachment
from app.attachments.services import path_of
from app.config import Settings
from app.db import Model
from app.errors import N_, Conflict, Invalid, Unavailable
from app.maintenance import archive
from app.maintenance.archive import FORMAT, Manifest, files_below
from app.maintenance.engines import put_back, snapshot
from app.maintenance.envelope import Encrypting
from app.migrate import alembic_config
from app.sites.models import SitePhoto
from app.sites.photos import photo_path
from app.usage.ledger.models import Checkpoint, Seal

if TYPE_CHECKING:
    from alembic.script import ScriptDirectory

WORKSPACE = ".maintenance-"
"""Begins the name of the folder in the data folder where copies lie for a while; retention clears what a crash left."""
SEEDED = {"role", "directory_version"}
"""Tables into which the migrations themselves put rows."""
_NO_KEY = N_("Set XIAOWU_BACKUP_KEY to a random text of at least 32 characters; without it nobody can read the backup")
_THERE = N_("%(path)s is there already; choose another name")
_NO_ROOM = N_("There is no room left for it: %(says)s")
_OLD_TABLES = N_("The tables are not at the newest revision; run flask db upgrade first")
_NOT_EMPTY = N_("This database is not empty; with --replace everything in it is replaced by the backup")
_OTHER_ENGINE = N_("This backup is of %(engine)s; restore it there, and use flask move to change the database")
_NEWER = N_("This backup was made by a newer version; update the software first")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was backed up or restored: `files` in number, `missing` ones that the database names and nobody has."""

    manifest: Manifest
    files: int
    missing: list[str]


def newest_revision(settings: Settings) -> str:
    """The revision that the software's own migrations end at."""
    return _scripts(settings).get_current_head() or ""


def revision_of(connection: Connection) -> str:
    """The revision that the tables are at; empty where there are none."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none() or "")


def _scripts(settings: Settings) -> "ScriptDirectory":
    from alembic.script import ScriptDirectory  # noqa: PLC0415  slow to load, seldom needed

    return ScriptDirectory.from_config(alembic_config(settings.database_url))


def write(engine: Engine, settings: Settings, target: Path, now: datetime) -> Outcome:
    """Write a backup to the new file ``target``, readable by its owner alone, while the service runs.

    The database is copied before the files, so that every file a copied row names is there. Raises Invalid without a
    passphrase, Conflict when ``target`` exists or the tables are old, Unavailable when a tool or room is missing.
    """
    _require_key(settings)
    if target.exists():
        raise Conflict(_THERE, path=target)
    with _workspace(settings) as room, snapshot(engine, room / "database") as connection:
        if revision_of(connection) != newest_revision(settings):
            raise Conflict(_OLD_TABLES)
        manifest = _describe(connection, engine, now)
        wanted, names = _named_files(connection, settings.data_dir), list(files_below(settings.data_dir))
        part = target.with_name(f"{target.name}.part")
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as out:
                os.fchmod(out.fileno(), 0o600)
                sealed = Encrypting(out, settings.backup_key)
                number = archive.pack(sealed, manifest, room / "database", settings.data_dir, names)
                out.flush()
                os.fsync(out.fileno())
            part.rename(target)
        finally:
            part.unlink(missing_ok=True)
        _sync_folder(target.parent)
    missing = sorted(str(name) for name in wanted - set(names))
    return Outcome(manifest, number, missing)


def restore(engine: Engine, settings: Settings, source: Path, *, replace: bool) -> Outcome:
    """Put a backup into the database and the data folder, all or nothing; files that are there already stay.

    Raises Invalid for a wrong passphrase or a damaged or foreign file, Conflict for another kind of database, for one
    that is not empty without ``replace``, and for one in use, Unavailable when a tool or room is missing.
    """
    _require_key(settings)
    with _workspace(settings) as room:
        with source.open("rb") as content:
            manifest = archive.unpack(content, settings.backup_key, room)
        _require_fitting(manifest, engine, settings)
        if not replace and not is_empty(engine):
            raise Conflict(_NOT_EMPTY)
        files = room / "files"
        names = [PurePosixPath(path.relative_to(files).as_posix()) for path in files.rglob("*") if path.is_file()]
        with _in_place(files, names, settings.data_dir, room / "before"):
            os.sync()  # the files are on the disk before any row speaks of them
            put_back(engine, room / "database", manifest.rows)
    wanted: set[PurePosixPath] = set()
    if manifest.revision == newest_revision(settings):
        with engine.connect() as connection:
            wanted = _named_files(connection, settings.data_dir)
    missing = sorted(str(name) for name in wanted if not (settings.data_dir / name).is_file())
    return Outcome(manifest, len(names), missing)


def is_empty(engine: Engine) -> bool:
    """Whether the database holds nothing but what the migrations put into it."""
    known = set(inspect(engine).get_table_names())
    with engine.connect() as connection:
        tables = [table for table in Model.metadata.sorted_tables if table.name in known - SEEDED]
        return all(connection.execute(select(1).select_from(table).limit(1)).first() is None for table in tables)


def _require_key(settings: Settings) -> None:
    if not settings.backup_key:
        raise Invalid(_NO_KEY)


def _require_fitting(manifest: Manifest, engine: Engine, settings: Settings) -> None:
    if manifest.engine != engine.dialect.name:
        raise Conflict(_OTHER_ENGINE, engine=manifest.engine)
    from alembic.util import CommandError  # noqa: PLC0415  slow to load, seldom needed

    try:
        _scripts(settings).get_revision(manifest.revision)
    except CommandError as error:
        raise Conflict(_NEWER) from error


def _describe(connection: Connection, engine: Engine, now: datetime) -> Manifest:
    known = set(inspect(connection).get_table_names())
    tables = [table for table in Model.metadata.sorted_tables if table.name in known]
    head = connection.execute(select(Seal.number, Seal.seal_hash).order_by(Seal.number.desc()).limit(1)).first()
    return Manifest(
        format=FORMAT,
        made_at=now.isoformat(timespec="seconds"),
        engine=engine.dialect.name,
        revision=revision_of(connection),
        rows={str(one.name): connection.scalar(select(func.count()).select_from(one)) or 0 for one in tables},
        seal_number=0 if head is None else head.number,
        seal_hash="" if head is None else head.seal_hash.hex(),
        checkpoints=list(connection.execute(select(Checkpoint.month).order_by(Checkpoint.month)).scalars()),
    )


def _named_files(connection: Connection, folder: Path) -> set[PurePosixPath]:
    """The files that rows speak of."""
    kept = connection.execute(select(Attachment.file_name).where(Attachment.erased_at.is_(None))).scalars()
    photos = connection.execute(select(SitePhoto.file_name)).scalars()
    paths = [*(path_of(folder, name) for name in kept), *(photo_path(folder, name) for name in photos)]
    return {PurePosixPath(path.relative_to(folder).as_posix()) for path in paths}


@contextmanager
def _workspace(settings: Settings) -> Iterator[Path]:
    """A folder for its owner alone beside the data, where plain copies may lie; gone at the end."""
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with tempfile.TemporaryDirectory(prefix=WORKSPACE, dir=settings.data_dir) as folder:
            yield Path(folder)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise Unavailable(_NO_ROOM, says=error.strerror) from error


@contextmanager
def _in_place(source: Path, names: list[PurePosixPath], folder: Path, before: Path) -> Iterator[None]:
    """Move the files into the data folder, and everything back when what follows fails."""
    moved: list[PurePosixPath] = []
    try:
        for name in names:
            (folder / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if (folder / name).exists():
                (before / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                shutil.copy2(folder / name, before / name)
            moved.append(name)
            (source / name).replace(folder / name)
        yield
    except BaseException:
        for name in moved:
            (folder / name).unlink(missing_ok=True)
            if (before / name).exists():
                (before / name).replace(folder / name)
        raise


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
