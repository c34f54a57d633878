"""`make demo` as a person starts it: what it says, what it writes, how it ends, and that a second start keeps all."""

import json
import os
import re
import signal
import socket
import sqlite3
import stat
import subprocess
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener, urlopen

import pytest
from pypdfium2 import PdfDocument

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 120


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fetch(url: str) -> str:
    """The page at an address of our own."""
    with urlopen(url) as answer:  # noqa: S310
        return str(answer.read().decode())


def poster(report: dict[str, Any]) -> bytes:
    """The first room's poster, as its manager downloads it."""
    manager = next(account for account in report["accounts"] if account["role"] == "site_manager")
    browser, login = build_opener(HTTPCookieProcessor()), report["base_url"] + "/login"
    token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', browser.open(login).read().decode())
    assert token is not None
    fields = {"csrf_token": token[1], "username": manager["username"], "password": manager["password"]}
    browser.open(Request(login, urlencode(fields).encode(), {"Referer": login})).read()  # noqa: S310
    pdf = browser.open(f"{report['base_url']}/manage/sites/{manager['sites'][0]}/poster.pdf", timeout=PATIENCE_S)
    return bytes(pdf.read())


def make_demo(data: Path, port: int | str) -> "subprocess.Popen[str]":
    """Start it in a process group of its own, as a terminal would."""
    mine = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return subprocess.Popen(
        ["make", "--no-print-directory", "demo"], cwd=ROOT, start_new_session=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**mine, "XIAOWU_DATA": str(data), "PORT": str(port)},
    )  # fmt: skip


def wait_for(base_url: str, process: "subprocess.Popen[str]") -> str:
    """The public page, as soon as it answers."""
    started = time.monotonic()
    while time.monotonic() - started < PATIENCE_S:
        try:
            return fetch(base_url)
        except URLError:
            assert process.poll() is None, process.communicate()[0]
            time.sleep(0.1)
    raise AssertionError("make demo does not answer")


@dataclass(frozen=True)
class Seen:
    """One start from beginning to end. `code` is make's exit code after Ctrl-C."""

    data: Path
    base_url: str
    seconds: float
    page: str
    door: str
    poster: bytes
    report: dict[str, Any]
    records: int
    said: str
    code: int


def start(data: Path) -> Seen:
    """Start, look around, press Ctrl-C."""
    port = free_port()
    base_url, started = f"http://127.0.0.1:{port}", time.monotonic()
    process = make_demo(data, port)
    page = wait_for(base_url, process)
    seconds = time.monotonic() - started
    report = json.loads((data / "demo.json").read_text())
    with closing(sqlite3.connect(data / "xiaowu.sqlite3")) as database:
        records = database.execute("SELECT sum(recorded) FROM site_month").fetchone()[0]
    door, sheet = fetch(report["doors"][0]["url"]), poster(report)
    os.killpg(process.pid, signal.SIGINT)
    said = process.communicate(timeout=30)[0]
    return Seen(data, base_url, seconds, page, door, sheet, report, records, said, process.returncode)


@pytest.fixture(scope="module")
def starts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Seen, Seen]:
    """Two starts, one after the other, with the same data folder and different ports."""
    data = tmp_path_factory.mktemp("demo") / "data"
    return start(data), start(data)


def test_the_first_start_makes_a_whole_demonstration(starts: tuple[Seen, Seen]) -> None:
    first, _ = starts
    names = [door["name"] for door in first.report["doors"]]
    assert len(set(names)) == 36
    assert first.records > 20_000
    assert "synthetic" in first.page
    assert "synthetic" in first.door
    assert names[0] in first.door
    assert any(name in first.page for name in names)


def test_it_says_where_everything_is(starts: tuple[Seen, Seen]) -> None:
    first, _ = starts
    for text in (first.base_url, first.report["doors"][0]["url"], str(first.data / "posters"), "synthetic"):
        assert text in first.said
    for account in first.report["accounts"][:1]:
        assert account["password"] in first.said
    for role in ("municipal_union", "district_union", "unit_union", "site_manager"):
        assert role in first.said


def test_demo_json_has_what_a_program_needs(starts: tuple[Seen, Seen]) -> None:
    first, _ = starts
    assert first.report["base_url"] == first.base_url
    assert {"username", "password", "role"} <= set(first.report["accounts"][0])
    assert {"site_id", "name", "url"} == set(first.report["doors"][0])
    manager = next(account for account in first.report["accounts"] if account["role"] == "site_manager")
    assert first.report["doors"][0]["site_id"] in manager["sites"]
    assert stat.S_IMODE((first.data / "demo.json").stat().st_mode) == 0o600


def test_a_poster_of_every_room_is_printed(starts: tuple[Seen, Seen]) -> None:
    first, _ = starts
    with PdfDocument(first.data / "posters" / "a4.pdf") as posters:
        assert len(posters) == 36


def test_a_poster_can_be_downloaded_from_the_start_that_printed_them_too(starts: tuple[Seen, Seen]) -> None:
    for seen in starts:
        assert seen.poster.startswith(b"%PDF")


def test_a_second_start_is_quick_and_keeps_the_data(starts: tuple[Seen, Seen]) -> None:
    first, second = starts
    assert second.records == first.records
    assert second.report["accounts"] == first.report["accounts"]
    codes = [[door["url"].rsplit("/", 1)[1] for door in seen.report["doors"]] for seen in starts]
    assert codes[0] == codes[1]
    assert "Making up" in first.said
    assert "Making up" not in second.said
    assert second.seconds < first.seconds


def test_a_new_address_reaches_doors_and_posters(starts: tuple[Seen, Seen]) -> None:
    _, second = starts
    assert second.report["base_url"] == second.base_url
    assert all(door["url"].startswith(second.base_url) for door in second.report["doors"])
    with PdfDocument(second.data / "posters" / "a4.pdf") as posters:
        assert second.base_url.removeprefix("http://") in posters[0].get_textpage().get_text_range()


def test_ctrl_c_ends_it_cleanly(starts: tuple[Seen, Seen]) -> None:
    for seen in starts:
        assert seen.code in (0, 130, -signal.SIGINT), seen.said
        assert "Traceback" not in seen.said
        with pytest.raises(URLError):
            fetch(seen.base_url)


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = make_demo(tmp_path / "data", port)
        said = process.communicate(timeout=PATIENCE_S)[0]
    assert process.returncode != 0
    assert f"Port {port} on 127.0.0.1 is in use" in said
    assert f"PORT={port + 1} make demo" in said
    assert "Traceback" not in said
    assert not (tmp_path / "data").exists()


def test_a_port_that_is_none_is_named(tmp_path: Path) -> None:
    process = make_demo(tmp_path / "data", "eighty")
    said = process.communicate(timeout=PATIENCE_S)[0]
    assert process.returncode != 0
    assert "PORT is “eighty”" in said
    assert "Traceback" not in said
