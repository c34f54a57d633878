"""Notices by e-mail, through a real server: each item is told once, and nothing counts as told that was not taken."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.inbox import DUE, OVERDUE, WAITING, InboxItem, add_source
from app.accounts.models import NoticeSent, User
from app.accounts.notices import key_of, message_of, notices_at
from app.db import db, unit_of_work
from app.web import DISTRICT_UNION, select_locale
from tests.accounts.mail import Postbox, certificate, free_port, is_right, mail_server
from tests.conftest import Clock
from tests.factories import Factories

FROM = "room@example.cn"


@pytest.fixture
def items(app: Flask) -> list[InboxItem]:
    """What the inbox of every district account holds; a test changes it. No other source speaks here."""
    held: list[InboxItem] = []
    app.extensions["inbox_sources"] = []

    def source(user: User, _at: object) -> list[InboxItem]:
        language = "" if select_locale() == "en" else "中"
        return [replace(item, text=language + item.text) for item in held] if user.role == DISTRICT_UNION else []

    add_source(app, source)
    return held


@pytest.fixture
def anna(factories: Factories) -> User:
    """A district account with an address."""
    return factories.user(DISTRICT_UNION, factories.tree()[1], email="anna@example.cn")


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, int]]:
    """A server without TLS, for this machine only."""
    with mail_server() as made:
        yield made


def set_url(app: Flask, url: str) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], mail_url=url, mail_from=FROM)


def send(app: Flask, *options: str, status: int = 0) -> str:
    answer = app.test_cli_runner().invoke(args=["notices", "send", *options])
    assert answer.exit_code == status, answer.output
    return answer.output


def told(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(NoticeSent)) or 0


def item(key: str, state: str = DUE, text: str = "item") -> InboxItem:
    return InboxItem(key, text, f"/manage/{key}", state, date(2026, 12, 1))


@pytest.mark.usefixtures("anna")
def test_it_is_off_unless_it_is_set_up(app: Flask, items: list[InboxItem]) -> None:
    items.append(item("a"))
    assert "XIAOWU_MAIL_URL" in send(app, status=1)
    assert told(app) == 0


@pytest.mark.usefixtures("anna")
def test_each_item_is_told_once_and_again_when_its_state_changes(
    app: Flask, items: list[InboxItem], postbox: tuple[Postbox, int]
) -> None:
    box, port = postbox
    set_url(app, f"smtp://127.0.0.1:{port}")
    items += [item("a", text="海信大厦小屋 <b>&"), item("b"), item("c", WAITING)]
    assert "1 mails with 2 items" in send(app, "--dry-run")
    assert "1 mails sent, 0 refused" in send(app)
    assert "0 mails sent" in send(app)
    assert (len(box.messages), told(app)) == (1, 2)
    items[0] = replace(items[0], state=OVERDUE)
    send(app)
    body = box.messages[1].get_content()
    assert "海信大厦小屋 <b>&" in body
    assert "item" not in body
    assert told(app) == 3


@pytest.mark.usefixtures("anna")
def test_a_mail_says_what_is_new_in_both_languages_and_links_to_the_inbox_only(
    app: Flask, items: list[InboxItem], postbox: tuple[Postbox, int]
) -> None:
    box, port = postbox
    set_url(app, f"smtp://127.0.0.1:{port}")
    items.append(item("case-17", text="two\nlines"))
    send(app)
    mail = box.messages[0]
    assert (mail["To"], mail["From"], mail["Auto-Submitted"]) == ("anna@example.cn", FROM, "auto-generated")
    body = mail.get_content()
    assert body.index("- 中two lines") < body.index("- two lines")
    links = [word for word in body.split() if word.startswith("http")]
    assert links == ["http://127.0.0.1:8000/manage/inbox"] * 2
    assert "case-17" not in body
    assert mail["Subject"].startswith("1 件待办 / ")


def test_who_has_no_address_or_no_account_gets_none(
    app: Flask, factories: Factories, items: list[InboxItem], postbox: tuple[Postbox, int]
) -> None:
    set_url(app, f"smtp://127.0.0.1:{postbox[1]}")
    district = factories.tree()[1]
    factories.user(DISTRICT_UNION, district)
    factories.user(DISTRICT_UNION, district, email="gone@example.cn", active=False)
    items.append(item("a"))
    assert "0 mails sent, 0 refused" in send(app)


@pytest.mark.usefixtures("anna")
def test_a_refused_recipient_is_told_next_time_and_the_others_now(
    app: Flask, factories: Factories, items: list[InboxItem], postbox: tuple[Postbox, int]
) -> None:
    box, port = postbox
    set_url(app, f"smtp://127.0.0.1:{port}")
    factories.user(DISTRICT_UNION, factories.tree()[1], email="bella@example.cn")
    box.strangers = {"anna@example.cn"}
    items.append(item("a"))
    assert "1 mails sent, 1 refused" in send(app, status=1)
    assert [one.rcpt_tos for one in box.envelopes] == [["bella@example.cn"]]
    box.strangers = set()
    assert "1 mails sent, 0 refused" in send(app)
    assert told(app) == 2


@pytest.mark.usefixtures("anna")
def test_a_server_that_is_down_tells_nobody(app: Flask, items: list[InboxItem]) -> None:
    set_url(app, f"smtp://127.0.0.1:{free_port()}")
    items.append(item("a"))
    assert "cannot be used: ConnectionRefusedError" in send(app, status=1)
    assert told(app) == 0


@pytest.mark.parametrize(
    "address", ["anna@example.cn\nBcc: everybody@example.cn", "a@example.cn, b@example.cn", "no address"]
)
def test_nothing_can_be_smuggled_into_a_header(
    app: Flask, anna: User, items: list[InboxItem], postbox: tuple[Postbox, int], address: str
) -> None:
    box, port = postbox
    set_url(app, f"smtp://127.0.0.1:{port}")
    with app.app_context(), unit_of_work():
        db.session.get_one(User, anna.id).email = address
    items.append(item("a", text="x\r\nBcc: everybody@example.cn"))
    assert "0 mails sent, 1 refused" in send(app, status=1)
    assert (box.messages, told(app)) == ([], 0)


@pytest.mark.usefixtures("anna")
def test_a_name_of_the_network_stays_one_line(app: Flask, items: list[InboxItem], clock: Clock) -> None:
    settings = app.extensions["settings"]
    app.extensions["settings"] = replace(settings, mail_from=FROM, network_name="爱心,\r\nBcc: x@example.cn")
    items.append(item("a"))
    with app.app_context():
        message = message_of(app, notices_at(app, clock())[0], clock())
    assert message["Bcc"] is None
    assert b"\nBcc:" not in message.as_bytes()


@pytest.mark.usefixtures("anna")
@pytest.mark.parametrize("scheme", ["smtps", "smtp+tls"])
def test_passwords_travel_encrypted(
    app: Flask, items: list[InboxItem], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    context, file = certificate(tmp_path)
    by_scheme = {"smtps": {"ssl_context": context, "auth_require_tls": False}, "smtp+tls": {"tls_context": context}}
    items.append(item("a"))
    with mail_server(authenticator=is_right, **by_scheme[scheme]) as (box, port):
        set_url(app, f"{scheme}://anna:p%40ss%3Aword%2F1@127.0.0.1:{port}")
        assert "cannot be used: SSLCertVerificationError" in send(app, status=1)
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        set_url(app, f"{scheme}://anna:wrong@127.0.0.1:{port}")
        assert "cannot be used: SMTPAuthenticationError" in send(app, status=1)
        assert told(app) == 0
        set_url(app, f"{scheme}://anna:p%40ss%3Aword%2F1@127.0.0.1:{port}")
        assert "1 mails sent" in send(app)
        assert len(box.messages) == 1


@pytest.mark.usefixtures("anna")
def test_a_server_without_encryption_gets_no_password(
    app: Flask, items: list[InboxItem], postbox: tuple[Postbox, int]
) -> None:
    set_url(app, f"smtp+tls://anna:secret@127.0.0.1:{postbox[1]}")
    items.append(item("a"))
    assert "cannot be used: SMTPNotSupportedError" in send(app, status=1)
    assert (postbox[0].messages, told(app)) == ([], 0)


def test_long_keys_fit() -> None:
    long = key_of(item("k" * 300))
    assert len(long) <= 80
    assert long != key_of(item("k" * 301))
