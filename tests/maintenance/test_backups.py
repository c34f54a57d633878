"""A backup comes back as it was, on both databases; what is not a whole backup of ours changes nothing."""

import gzip
import io
import tarfile
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, delete, text, update

from app.db import db, unit_of_work
from app.maintenance.backups import is_empty
from app.maintenance.envelope import Decrypting, Encrypting
from app.usage.ledger.models import Checkpoint, CheckpointFigure, Seal, SealedBatch
from app.usage.models import SiteMonth
from tests.conftest import Clock
from tests.maintenance.helpers import BACKUP_KEY, all_rows, checkpoint, done, files, findings, run, seal
from tests.usage.helpers import Phone

MOVED_ON = "directory_version"
"""Restoring moves it on, so that every process looks at the sites again."""


def opened(path: Path) -> bytes:
    """The tar in a backup."""
    with path.open("rb") as file:
        return gzip.decompress(Decrypting(file, BACKUP_KEY).read())


def made(path: Path, *members: tuple[str, bytes]) -> Path:
    """A file sealed as a backup is, with other members."""
    with path.open("wb") as out:
        sealed = Encrypting(out, BACKUP_KEY)
        plain = io.BytesIO()
        with tarfile.open(fileobj=plain, mode="w") as tar:
            for name, content in members:
                entry = tarfile.TarInfo(name)
                entry.size = len(content)
                tar.addfile(entry, io.BytesIO(content))
        sealed.write(gzip.compress(plain.getvalue()))
        sealed.finish()
    return path


def members_of(path: Path) -> list[tuple[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(opened(path))) as tar:
        found = ((entry.name, tar.extractfile(entry)) for entry in tar)
        return [(name, content.read()) for name, content in found if content]


def is_untouched(app: Flask) -> bool:
    """Whether nothing has arrived: no file, no row that a migration has not put there, nothing left lying about."""
    folder = app.extensions["settings"].data_dir
    with app.app_context():
        return not files(app) and is_empty(db.engine) and not list(folder.glob(".maintenance-*"))


# ------------------------------------------------------------------------------------------------ there and back


def test_everything_comes_back(app: Flask, elsewhere: Flask, backup: Path, clock: Clock) -> None:
    said = done(elsewhere, "restore", str(backup))
    assert "2 files; ledger ends at seal 1" in said
    assert all_rows(elsewhere, MOVED_ON) == all_rows(app, MOVED_ON)
    assert len(files(app)) == 2
    assert files(elsewhere) == files(app)
    assert findings(elsewhere, clock.at) == []


def test_what_was_restored_goes_on(elsewhere: Flask, backup: Path, clock: Clock) -> None:
    done(elsewhere, "restore", str(backup))
    clock.advance(hours=2)
    Phone(elsewhere, "abc123abc123").logged()
    seal(elsewhere, clock.at)
    assert findings(elsewhere, clock.at) == []


def test_it_is_for_its_owner_alone_and_leaves_nothing_behind(app: Flask, backup: Path, elsewhere: Flask) -> None:
    assert backup.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in backup.parent.glob("xiaowu*")] == ["xiaowu.age"]
    done(elsewhere, "restore", str(backup))
    for one in (app, elsewhere):
        assert not list(one.extensions["settings"].data_dir.glob(".maintenance-*"))
    folder = elsewhere.extensions["settings"].data_dir
    assert {(folder / name).stat().st_mode & 0o777 for name in files(elsewhere)} == {0o600}


def test_no_key_is_in_it(app: Flask, backup: Path, environ: dict[str, str]) -> None:
    settings = app.extensions["settings"]
    keys = create_engine(f"sqlite:///{settings.data_dir}/keys.sqlite3")
    with keys.connect() as connection:
        values = list(connection.execute(text("SELECT value FROM key")).scalars())
    keys.dispose()
    assert len(values) == 2
    names = ("secret_key", "password_salt", "totp_secret", "ledger_key", "backup_key")
    secrets = [*values, *(getattr(settings, name).encode() for name in names)]
    content = opened(backup) + backup.read_bytes()
    assert b"abc123abc123" in content
    assert [secret for secret in secrets if secret in content or secret.hex().encode() in content] == []
    assert {name.split("/")[0] for name, _ in members_of(backup)} == {"manifest.json", "database", "files"}
    assert environ["XIAOWU_LEDGER_KEY"].encode() in secrets


def test_a_database_that_is_not_empty_needs_replace(
    app: Flask, backup: Path, phone: Phone, clock: Clock, environ: dict[str, str]
) -> None:
    before = all_rows(app, MOVED_ON)
    clock.advance(hours=1)
    phone.logged()
    refused = run(app, "restore", str(backup))
    assert refused.exit_code == 1
    assert "not empty" in refused.output
    assert all_rows(app, MOVED_ON) != before
    done(app, "restore", str(backup), "--replace")
    assert all_rows(app, MOVED_ON) == before
    assert environ["DATABASE_URL"]


# ------------------------------------------------------------------------------------------------ an old copy


def test_an_old_copy_says_so_loudly(app: Flask, elsewhere: Flask, backup: Path, phone: Phone, clock: Clock) -> None:
    clock.advance(hours=1)
    phone.logged()
    seal(app, clock.at)
    clock.advance(days=15)
    paper = backup.with_name("paper.txt")
    paper.write_text(checkpoint(app, "2026-11", clock.at))
    result = run(elsewhere, "restore", str(backup), "--checkpoint", str(paper))
    assert result.exit_code == 1
    assert "OLDER THAN THE CHECKPOINT OF 2026-11" in result.output
    assert run(elsewhere, "ledger", "verify", "--checkpoint", str(paper)).exit_code == 1
    assert run(app, "ledger", "verify", "--checkpoint", str(paper)).exit_code == 0
    path = backup.with_name("new.age")
    done(app, "backup", str(path))
    assert "agrees" in done(elsewhere, "restore", str(path), "--replace", "--checkpoint", str(paper))


@pytest.mark.usefixtures("life")
def test_another_chain_contradicts_the_checkpoint(app: Flask, elsewhere: Flask, clock: Clock, tmp_path: Path) -> None:
    """A backup whose records were rewritten and sealed again with the stolen key."""
    clock.advance(days=15)
    paper = tmp_path / "paper.txt"
    paper.write_text(checkpoint(app, "2026-11", clock.at))
    with app.app_context(), unit_of_work():
        db.session.execute(delete(Checkpoint))
        for kind in (CheckpointFigure, SealedBatch, Seal):
            db.session.execute(delete(kind))
        db.session.execute(update(SiteMonth).values(sealed=0))
    seal(app, clock.at)
    path = tmp_path / "rewritten.age"
    done(app, "backup", str(path))
    result = run(elsewhere, "restore", str(path), "--checkpoint", str(paper))
    assert result.exit_code == 1
    assert "CONTRADICTS THE CHECKPOINT OF 2026-11" in result.output


# ------------------------------------------------------------------------------------------------ refused


def test_a_changed_byte_or_a_missing_end_changes_nothing(elsewhere: Flask, backup: Path) -> None:
    whole = backup.read_bytes()
    flipped = [bytes([*whole[:at], whole[at] ^ 1, *whole[at + 1 :]]) for at in (250, len(whole) // 2, len(whole) - 9)]
    for content in (*flipped, whole[:-16], whole[:-1]):
        backup.write_bytes(content)
        refused = run(elsewhere, "restore", str(backup))
        assert refused.exit_code == 1
        assert "damaged" in refused.output
    assert is_untouched(elsewhere)
