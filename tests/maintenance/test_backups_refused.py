"""What cannot be backed up or restored is said in a sentence, and nothing has changed."""

import gzip
import io
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from flask import Flask
from sqlalchemy import NullPool, create_engine, text

from app.db import db
from app.maintenance import engines
from app.maintenance.backups import is_empty
from app.maintenance.envelope import Decrypting, Encrypting
from tests.maintenance.helpers import BACKUP_KEY, all_rows, done, files, run

Members = list[tuple[str, bytes]]


def members_of(path: Path) -> Members:
    with path.open("rb") as file:
        plain = gzip.decompress(Decrypting(file, BACKUP_KEY).read())
    with tarfile.open(fileobj=io.BytesIO(plain)) as tar:
        found = ((entry.name, tar.extractfile(entry)) for entry in tar)
        return [(name, content.read()) for name, content in found if content]


def made(path: Path, members: Members) -> Path:
    """A file sealed as a backup is, with other members."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for name, content in members:
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return sealed(path, gzip.compress(plain.getvalue()))


def sealed(path: Path, content: bytes) -> Path:
    with path.open("wb") as out:
        writer = Encrypting(out, BACKUP_KEY)
        writer.write(content)
        writer.finish()
    return path


def refused(app: Flask, *words: str) -> str:
    result = run(app, *words)
    assert result.exit_code == 1, result.output
    return result.output


def with_settings(app: Flask, **values: object) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], **values)


def is_untouched(app: Flask) -> bool:
    folder = app.extensions["settings"].data_dir
    with app.app_context():
        return not files(app) and is_empty(db.engine) and not list(folder.glob(".maintenance-*"))


def test_without_a_passphrase(app: Flask, elsewhere: Flask, backup: Path, tmp_path: Path) -> None:
    for one in (app, elsewhere):
        with_settings(one, backup_key="")
    assert "XIAOWU_BACKUP_KEY" in refused(app, "backup", str(tmp_path / "other.age"))
    assert "XIAOWU_BACKUP_KEY" in refused(elsewhere, "restore", str(backup))
    assert not (tmp_path / "other.age").exists()


def test_with_another_passphrase(elsewhere: Flask, backup: Path) -> None:
    with_settings(elsewhere, backup_key="y" * 32)
    assert "This passphrase does not open the backup" in refused(elsewhere, "restore", str(backup))
    assert is_untouched(elsewhere)


def test_a_name_that_is_taken(app: Flask, backup: Path) -> None:
    before = backup.read_bytes()
    assert "is there already" in refused(app, "backup", str(backup))
    assert backup.read_bytes() == before


def test_tables_of_an_old_revision(app: Flask, tmp_path: Path) -> None:
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0003'"))
    try:
        assert "run flask db upgrade" in refused(app, "backup", str(tmp_path / "old.age"))
    finally:
        with app.app_context(), db.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '0006'"))
    assert list(tmp_path.glob("*.age*")) == []


def test_a_folder_that_is_not_there(app: Flask, tmp_path: Path) -> None:
    assert "No such file or directory" in refused(app, "backup", str(tmp_path / "missing" / "x.age"))


def edited(**values: object) -> Callable[[Members], Members]:
    """A change of the manifest."""

    def edit(members: Members) -> Members:
        return [(members[0][0], orjson.dumps({**orjson.loads(members[0][1]), **values})), *members[1:]]

    return edit


FOREIGN: dict[str, tuple[Callable[[Members], Members], str]] = {
    "another kind of database": (edited(engine="oracle"), "This backup is of oracle"),
    "a newer version's tables": (edited(revision="9999"), "newer version"),
    "a newer format": (edited(format=2), "newer version"),
    "a manifest with other fields": (edited(colour="red"), "no backup of this software"),
    "a path out of the folder": (lambda all_: [*all_, ("files/photos/../../x", b"1")], "no backup of this software"),
    "an absolute path": (lambda all_: [*all_, ("/etc/x", b"1")], "no backup of this software"),
    "a folder that is not backed up": (lambda all_: [*all_, ("files/keys/k", b"1")], "no backup of this software"),
    "no manifest first": (lambda all_: all_[1:], "no backup of this software"),
    "nothing": (lambda _: [], "no backup of this software"),
}


def test_a_foreign_archive(elsewhere: Flask, foreign_members: Members, tmp_path: Path) -> None:
    for edit, says in FOREIGN.values():
        path = made(tmp_path / "foreign.age", edit(foreign_members))
        assert says in refused(elsewhere, "restore", str(path))
    for content in (b"", b"x" * 1000, gzip.compress(b"x" * 1000)):
        path = sealed(tmp_path / "other.age", content)
        assert "no backup of this software" in refused(elsewhere, "restore", str(path))
    assert is_untouched(elsewhere)


@pytest.fixture
def foreign_members(elsewhere: Flask) -> Members:
    """An archive that would be right but for its database."""
    with elsewhere.app_context():
        engine = db.engine.dialect.name
    rest = {"made_at": "", "rows": {}, "seal_number": 0, "seal_hash": "", "checkpoints": []}
    manifest = {"format": 1, "engine": engine, "revision": "0004", **rest}
    return [("manifest.json", orjson.dumps(manifest)), ("database", b"x")]


def test_a_database_in_it_that_is_not_whole_takes_the_files_back(
    app: Flask, backup: Path, elsewhere: Flask, tmp_path: Path
) -> None:
    """The last step fails: what was there before is there again, to the byte."""
    members = members_of(backup)
    rows = {**orjson.loads(members[0][1])["rows"], "usage_record": 3}
    path = made(tmp_path / "short.age", edited(rows=rows)(members))
    refused(elsewhere, "restore", str(path))
    assert is_untouched(elsewhere)
    name = next(name for name in files(app) if name.startswith("photos"))
    (app.extensions["settings"].data_dir / name).write_bytes(b"another picture")
    before = all_rows(app), files(app)
    refused(app, "restore", str(path), "--replace")
    assert (all_rows(app), files(app)) == before


def test_a_database_that_somebody_works_with(app: Flask, backup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "PATIENCE_S", 1)
    before = all_rows(app), files(app)
    url = app.extensions["settings"].database_url
    engine = create_engine(url, poolclass=NullPool)
    with engine.connect() as other:
        other.execute(text("UPDATE site SET name = name"))
        said = refused(app, "restore", str(backup), "--replace")
        other.rollback()
    engine.dispose()
    assert "The database is in use; stop the service first" in said
    assert (all_rows(app), files(app)) == before


def test_a_tool_that_is_missing(app: Flask, backup: Path, elsewhere: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite needs none."""
    monkeypatch.setenv("PATH", "/nowhere")
    is_sqlite = app.extensions["settings"].database_url.startswith("sqlite")
    if is_sqlite:
        done(app, "backup", str(backup.with_name("second.age")))
        done(elsewhere, "restore", str(backup))
        return
    said = refused(app, "backup", str(backup.with_name("second.age")))
    assert "pg_dump is not installed; on Debian, as root: apt-get install postgresql-client" in said
    assert "pg_restore is not installed" in refused(elsewhere, "restore", str(backup))
    assert is_untouched(elsewhere)
