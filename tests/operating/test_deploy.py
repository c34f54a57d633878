"""What lies in deploy/: every file can be read by the program it is for, and names only what there is."""

import configparser
import os
import re
import runpy
import subprocess
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from flask import Flask

from app.config import ENVIRONMENT
from tests.conftest import START

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted(path for path in DEPLOY.glob("xiaowu*") if path.suffix in (".service", ".timer", ".socket"))
PROCESS = {"BIND", "WEB_CONCURRENCY", "POSTGRES_PASSWORD", "XIAOWU_HOST"}
"""Variables that are not settings of the application."""


class Repeated(dict[str, Any]):
    """systemd lets a key be repeated."""

    def __setitem__(self, key: str, value: Any) -> None:
        if isinstance(value, list) and isinstance(self.get(key), list):
            value = [*self[key], *value]
        super().__setitem__(key, value)


def unit(path: Path) -> configparser.RawConfigParser:
    """A unit's sections."""
    parser = configparser.RawConfigParser(strict=False, dict_type=Repeated, comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(path.read_text(encoding="utf-8"))
    return parser


def is_command(app: Flask, words: list[str]) -> bool:
    """Whether ``flask`` knows these words, up to the first option."""
    found: click.Command = app.cli
    for word in words:
        if word.startswith("-"):
            return True
        commands = getattr(found, "commands", {})
        if word not in commands:
            return False
        found = commands[word]
    return not hasattr(found, "commands")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_units_call_commands_that_there_are(app: Flask) -> None:
    called = [
        line.split("app.wsgi", 1)[1].split()
        for path in UNITS
        for line in path.read_text().splitlines()
        if re.match(r"Exec\w+=.*/flask ", line)
    ]
    assert len(called) >= 2
    assert [words for words in called if not is_command(app, words)] == []


def test_every_service_is_shut_in() -> None:
    for path in (path for path in UNITS if path.suffix == ".service"):
        said = unit(path)["Service"]
        for key in ("NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome", "RestrictNamespaces"):
            assert said[key] == "true", f"{path.name}: {key}"
        assert (said["ProtectSystem"], said["User"], said["UMask"]) == ("strict", "xiaowu", "0077")


def test_the_service_gets_its_socket_from_systemd() -> None:
    service, socket = unit(DEPLOY / "xiaowu.service"), unit(DEPLOY / "xiaowu.socket")
    assert service["Unit"]["Requires"] == "xiaowu.socket"
    assert socket["Socket"]["ListenStream"] in (DEPLOY / "nginx.conf").read_text()
    assert socket["Socket"]["ListenStream"] in (DEPLOY / "Caddyfile").read_text()


def test_the_documentation_names_every_unit() -> None:
    said = (ROOT / "docs" / "operations.md").read_text()
    assert [path.name for path in UNITS if path.name not in said] == []


def test_examples_of_environments_name_settings() -> None:
    examples = [DEPLOY / "xiaowu.env.example", *(DEPLOY / "compose").glob("*.example")]
    assert len(examples) == 4
    named = {name for path in examples for name in re.findall(r"^#?([A-Z_]+)=", path.read_text(), re.MULTILINE)}
    assert named - set(ENVIRONMENT.values()) - PROCESS == set()


def test_nginx_takes_its_sample(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "room.example.cn")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(START).not_valid_after(START + timedelta(days=36500))
    (tmp_path / "fullchain.pem").write_bytes(made.sign(key, SHA256()).public_bytes(Encoding.PEM))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "privkey.pem").write_bytes(private)
    sample = (DEPLOY / "nginx.conf").read_text().replace("/etc/letsencrypt/live/room.example.cn", str(tmp_path))
    sample = sample.replace("/var/log/nginx", str(tmp_path))
    (tmp_path / "nginx.conf").write_text(f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{\n{sample}}}\n")
    words = ["nginx", "-t", "-p", tmp_path, "-e", tmp_path / "error.log", "-c", tmp_path / "nginx.conf"]
    environ = os.environ | {"PATH": f"{os.environ['PATH']}:/usr/sbin"}
    done = subprocess.run(list(map(str, words)), check=False, capture_output=True, text=True, env=environ)
    assert done.returncode == 0, done.stderr
    assert "[warn]" not in done.stderr.replace('the "listen ... http2" directive is deprecated', "")


def test_the_image_runs_as_nobody_and_says_how_it_is() -> None:
    lines = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if line and not line.startswith("#")]
    last = lines[max(number for number, line in enumerate(lines) if line.startswith("FROM ")) :]
    assert "USER 10001:10001" in last
    assert any(line.startswith("HEALTHCHECK ") for line in last)
    copied = [line.split()[1:-1] for line in lines if line.startswith("COPY ") and "--from" not in line]
    assert [source for sources in copied for source in sources if not (ROOT / source).exists()] == []
    ignored = {line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text().splitlines() if line[0] == "!"}
    assert ignored == {source for sources in copied for source in sources}
    python = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert all(f"python:{python.removeprefix('>=')}-" in line for line in lines if line.startswith("FROM "))


def compose() -> dict[str, Any]:
    """compose.yaml."""
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    return found


def test_containers_have_no_secret_in_the_file_and_say_how_they_are() -> None:
    found = compose()
    for name, service in found["services"].items():
        once = service.get("restart") == "no"
        assert once or "healthcheck" in service, name
        assert not re.search(r"PASSWORD|SECRET|_KEY\b", str(service.get("environment", {}))), name
        for file in service.get("env_file", []):
            assert (ROOT / f"{file}.example").exists(), file
        for needed in service.get("depends_on", {}):
            assert needed in found["services"]
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert source in found["volumes"] or (ROOT / source).exists(), volume


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_containers_call_commands_that_there_are(app: Flask) -> None:
    commands = [
        service["command"] for service in compose()["services"].values() if "build" in service if "command" in service
    ]
    assert [words for words in commands if words[0] != "flask" or not is_command(app, words[1:])] == []


def test_shell_scripts_can_be_read() -> None:
    scripts = sorted(DEPLOY.glob("*.sh"))
    assert len(scripts) >= 2
    for path in scripts:
        assert subprocess.run(["sh", "-n", str(path)], check=False).returncode == 0
        assert path.stat().st_mode & 0o111


@pytest.mark.parametrize("target", ["install", "install-dev"])
def test_whatever_installs_also_makes_the_catalogues(target: str) -> None:
    """Without them nobody reads the service in another language than its messages were written in."""
    changed = "translations/en/LC_MESSAGES/messages.po"
    asked = ["make", "-n", "PYTHON=python3", "-W", changed, target]
    made = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True)
    assert f"pybabel -q compile -i {changed}" in made.stdout


def test_every_line_of_the_settings_file_can_be_read_by_the_shell_too(tmp_path: Path) -> None:
    """`xiaowu` reads it that way; systemd alone would not mind blanks without quotes."""
    example = (DEPLOY / "xiaowu.env.example").read_text()
    (tmp_path / "all.env").write_text(re.sub(r"^#(?=[A-Z_]+=)", "", example, flags=re.MULTILINE))
    run = subprocess.run(["sh", "-euc", ". ./all.env"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("WEB_CONCURRENCY", "0"), ("WEB_CONCURRENCY", "257"), ("WEB_CONCURRENCY", "many"),
        ("BIND", ""), ("BIND", "127.0.0.1:"), ("BIND", "127.0.0.1:http"), ("BIND", "[::1]:70000"),
    ],
)  # fmt: skip
def test_what_gunicorn_cannot_use_is_refused_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, variable: str, text: str
) -> None:
    monkeypatch.setenv(variable, text)
    with pytest.raises(SystemExit, match=f"^{variable} is “{re.escape(text)}”; set it to"):
        runpy.run_path(str(DEPLOY / "gunicorn.conf.py"))
