"""Hostile files through every form that takes files: no error of the server, nothing kept as it came, little memory.

Here each file goes through one form in turn; `tests/soak/soak_security.py` sends each through every form, and measures
how much memory a worker needs for all of them and for the largest pictures that are taken.
"""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin

import pytest
from flask import Flask
from lxml import html as parser

from app.web import MUNICIPAL_UNION, SITE_MANAGER
from tests.access import Network
from tests.attachments import files
from tests.factories import Factories
from tests.security import hostile
from tests.security.pages import walk

TRACES = (b"alert(", b"SecretPhone", b"Exif\0", b"<?php", b"<script", b"xmpmeta", b"/JavaScript", b"ENTITY", b"vbaPro")
"""None of them may be found in any file that was kept."""
FORMS_AT_LEAST = 5
MOST_MB = 300


@dataclass(frozen=True)
class Form:
    """A form with a place for a file: who sends it where, under which name, with what else."""

    role: str
    target: str
    field: str
    values: dict[str, str]


def forms(network: Network) -> list[Form]:
    """The forms of all pages that take files, each once."""
    found: dict[tuple[str, str], Form] = {}
    for page in walk(network, (SITE_MANAGER, MUNICIPAL_UNION)):
        for form in parser.fromstring(page.text).iter("form"):
            values = {one.get("name", ""): str(one.get("value") or "1") for one in form.inputs}
            for field in form.xpath(".//input[@type='file']"):
                target = urljoin(page.path, form.get("action") or page.path)
                one = Form(page.role, target, field.get("name"), {**values, "kind": "entrance"})
                found.setdefault((target.split("#")[0], one.field), one)
    return list(found.values())


def hand_in(network: Network, form: Form, content: bytes, name: str) -> int:
    """Send a file through a form; the status of the answer."""
    values = {key: text for key, text in form.values.items() if key not in (form.field, "csrf_token", "")}
    data = {**values, "csrf_token": network.token(), form.field: (io.BytesIO(content), name)}
    answer = network.ask(form.role, "POST", form.target, data=data, content_type="multipart/form-data")
    return answer.status_code


def kept(app: Flask) -> Iterator[Path]:
    """The files in the data folder that people can get to see."""
    folder = Path(app.extensions["settings"].data_dir)
    for name in ("photos", "attachments"):
        yield from (path for path in (folder / name).rglob("*") if path.is_file())


def harm(app: Flask, before: set[Path], contents: set[bytes]) -> list[str]:
    """The files kept since `before` that are as somebody sent them, or carry something that they should not."""
    found = []
    for path in set(kept(app)) - before:
        content = path.read_bytes()
        if content in contents or any(trace in content for trace in TRACES) or path.suffix not in (".jpg", ".webp"):
            found.append(f"{path.name}: {content[:60]!r}")
        assert path.stat().st_mode & 0o111 == 0
    return found


# The test client leaves the temporary files of large bodies to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_hostile_files_are_refused_or_written_anew(app: Flask, factories: Factories) -> None:
    network, files_by_name = Network(app, factories), hostile.everything()
    assert len(files_by_name) >= 60
    places, before = forms(network), set(kept(app))
    assert len(places) >= FORMS_AT_LEAST, [form.target for form in places]
    for number, (name, content) in enumerate(files_by_name.items()):
        form = places[number % len(places)]
        status = hand_in(network, form, content, hostile.NAMES[number % len(hostile.NAMES)])
        assert status in (200, 302, 303, 403, 404, 409, 413, 422), f"{name} through {form.target}: {status}"
    for form in places:
        assert hand_in(network, form, files.picture("JPEG", (300, 300)), "照片.jpg") < 500
    assert set(kept(app)) > before, "not even a plain photo was kept: the forms were not filled in well"
    assert harm(app, before, set(files_by_name.values())) == []


SCRIPT = """
import io, sys
from PIL import Image
def made(kind, size, **options):
    out = io.BytesIO(); Image.new("RGB", size, "#336699").save(out, kind, **options); return out.getvalue()
largest = {
    "jpeg": made("JPEG", (7070, 7070)), "long": made("JPEG", (50000, 999)), "webp": made("WEBP", (2200, 2000)),
    "progressive": made("JPEG", (4000, 3000), progressive=True), "png": made("PNG", (3500, 2500)),
    "all colours": made("JPEG", (2400, 2400), progressive=True, subsampling=0),
}
if sys.argv[2:] == ["all"]:
    from tests.security import hostile
    largest |= hostile.everything()
import pickle; pickle.dump(largest, open(sys.argv[1], "wb"))
"""
WORKER = """
import os, pickle, sys
from pathlib import Path
from werkzeug.datastructures import FileStorage
from io import BytesIO
from app import create_app
from app.clock import now
from app.config import Settings
from app.attachments import services
from app.errors import Invalid
app = create_app(Settings.from_environment(os.environ))
files, taken = pickle.load(open(sys.argv[1], "rb")), []
with app.app_context():
    for name, content in files.items():
        try:
            services._checked(FileStorage(BytesIO(content), filename=name), services.ALL)
        except Invalid:
            continue
        taken.append(name)
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(int(peak.split()[1]) // 1024, len(files), ",".join(taken[:5]))
"""


def peak_of_a_worker(environ: dict[str, str], folder: Path, *words: str) -> tuple[int, int, str]:
    """How many MB a process of its own has needed at most, for how many files, and the first that were taken."""
    done = ""
    for script in (SCRIPT, WORKER):
        run = subprocess.run(
            [sys.executable, "-c", script, str(folder / "files"), *words], env={**os.environ, **environ}, check=True,
            cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=600,
        )  # fmt: skip
        done = run.stdout
    peak, number, taken = done.split(maxsplit=2)
    return int(peak), int(number), taken.strip()
