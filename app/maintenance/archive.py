"""What lies in a backup: ``manifest.json``, ``database``, ``files/…``, as a packed tar in an `envelope`."""

import gzip
import io
import os
import shutil
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

import orjson

from app.attachments.services import FOLDER as ATTACHMENTS
from app.attachments.titles import EXTENSIONS
from app.documents.files import OWN_TEMPLATES
from app.errors import N_, Invalid
from app.maintenance.envelope import Decrypting, Encrypting
from app.sites.photos import FOLDER as PHOTOS

FOLDERS = {
    PHOTOS: {".webp"},
    ATTACHMENTS: {suffix for suffixes in EXTENSIONS.values() for suffix in suffixes},
    OWN_TEMPLATES: {".docx"},
}
"""What of the data folder is backed up: folders and the endings of their files, so that no key ever comes along."""
FORMAT = 1
_MANIFEST, _DATABASE, _FILES = "manifest.json", "database", "files"
_READ_AT_ONCE = 1024 * 1024
_FOREIGN = N_("This is no backup of this software, or one of a newer version")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says about itself. `rows` by table; the seal is the ledger's head, 0 and empty before the first."""

    format: int
    made_at: str
    engine: str
    revision: str
    rows: dict[str, int]
    seal_number: int
    seal_hash: str
    checkpoints: list[str]


def files_below(folder: Path) -> Iterator[PurePosixPath]:
    """The files of the data folder ``folder`` that are backed up, in order; links are not followed."""
    for top, suffixes in FOLDERS.items():
        for path in sorted((folder / top).rglob("*")):
            if path.suffix in suffixes and path.is_file() and not path.is_symlink():
                yield PurePosixPath(path.relative_to(folder).as_posix())


def pack(sealed: Encrypting, manifest: Manifest, database: Path, folder: Path, names: Iterable[PurePosixPath]) -> int:
    """Write an archive of the database's copy and the files ``names`` of ``folder``; return how many files it holds.

    A file that is erased meanwhile is left out.
    """
    packed = 0
    # Level 1: photos are packed already, tables shrink to a fifth at any level.
    with (
        gzip.GzipFile(filename="", fileobj=cast("IO[bytes]", sealed), mode="wb", compresslevel=1, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        _add(tar, _MANIFEST, orjson.dumps(asdict(manifest)), 0)
        with database.open("rb") as content:
            entry = tarfile.TarInfo(_DATABASE)
            entry.size, entry.mode = database.stat().st_size, 0o600
            tar.addfile(entry, content)
        for name in names:
            try:
                changed_at, content_of = (folder / name).stat().st_mtime, (folder / name).read_bytes()
            except FileNotFoundError:
                continue
            _add(tar, f"{_FILES}/{name}", content_of, changed_at)
            packed += 1
    sealed.finish()
    return packed


def unpack(source: IO[bytes], passphrase: str, folder: Path) -> Manifest:
    """Write an archive's database to ``folder/database`` and its files below ``folder/files``; return its manifest.

    Nothing is taken for good before the last byte has proved authentic. Raises Invalid for a wrong passphrase, a
    changed, incomplete or foreign archive.
    """
    plain = Decrypting(source, passphrase)
    with _only_ours():
        with (
            gzip.GzipFile(fileobj=cast("IO[bytes]", plain), mode="rb") as unzipped,
            tarfile.open(fileobj=unzipped, mode="r|") as tar,
        ):
            entries = iter(tar)
            first = next(entries, None)
            if first is None or first.name != _MANIFEST:
                raise Invalid(_FOREIGN)
            manifest = _read_manifest(cast("IO[bytes]", tar.extractfile(first)).read())
            for entry in entries:
                _unpack(tar, entry, folder)
        while plain.read(_READ_AT_ONCE):
            pass
    return manifest


@contextmanager
def _only_ours() -> Iterator[None]:
    """What is authentic and still cannot be read was made by something else."""
    try:
        yield
    except (tarfile.TarError, zlib.error, EOFError, gzip.BadGzipFile, TypeError, orjson.JSONDecodeError) as error:
        raise Invalid(_FOREIGN) from error


def _read_manifest(text: bytes) -> Manifest:
    content: dict[str, Any] = orjson.loads(text)
    if content.get("format") != FORMAT:
        raise Invalid(_FOREIGN)
    return Manifest(**content)


def _add(tar: tarfile.TarFile, name: str, content: bytes, changed_at: float) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = len(content), 0o600, int(changed_at)
    tar.addfile(entry, io.BytesIO(content))


def _unpack(tar: tarfile.TarFile, entry: tarfile.TarInfo, folder: Path) -> None:
    parts = PurePosixPath(entry.name).parts
    is_file = len(parts) > 2 and parts[0] == _FILES and parts[1] in FOLDERS and ".." not in parts[2:]
    if not entry.isreg() or not (entry.name == _DATABASE or is_file):
        raise Invalid(_FOREIGN)
    path = folder / entry.name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        shutil.copyfileobj(cast("IO[bytes]", tar.extractfile(entry)), out, _READ_AT_ONCE)
    os.utime(path, (entry.mtime, entry.mtime))
