"""Notices by e-mail: one mail per person with what is new in her inbox. Off unless XIAOWU_MAIL_URL is set."""

import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from hashlib import sha256
from urllib.parse import unquote, urlsplit

from flask import Flask, render_template
from flask.ctx import RequestContext
from sqlalchemy import insert, select
from sqlalchemy.orm import selectinload

from app.accounts.inbox import WAITING, InboxItem, inbox
from app.accounts.models import NoticeSent, User
from app.config import Settings
from app.db import db, unit_of_work
from app.errors import Unavailable

TIMEOUT_S = 20
LONGEST_KEY = 80
LANGUAGES = ("zh", "en")
SERVER_DOWN = (OSError, smtplib.SMTPServerDisconnected, smtplib.SMTPConnectError, smtplib.SMTPHeloError,
               smtplib.SMTPNotSupportedError, smtplib.SMTPAuthenticationError)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Notice:
    """One mail: to whom, and the new items by language, in the same order. `keys` are remembered once it is sent."""

    user_id: int
    address: str
    keys: tuple[str, ...]
    items: dict[str, list[InboxItem]]


@dataclass(slots=True)
class Outcome:
    """What became of the mails of one run; `refused` counts those that the server would not take."""

    sent: int = 0
    refused: int = 0


def key_of(item: InboxItem) -> str:
    """What is remembered about an item that somebody was told of: it is news again when its state changes."""
    key = f"{item.state}:{item.key}"
    return key if len(key) <= LONGEST_KEY else sha256(key.encode()).hexdigest()


def notices_at(app: Flask, at: datetime) -> list[Notice]:
    """The mails that are due now: for each active person with an address whatever she has to do and was not told of."""
    by_language = {language: _news(app, at, language) for language in LANGUAGES}
    found = []
    for (user_id, address), items in by_language[LANGUAGES[0]].items():
        said = {language: by_language[language].get((user_id, address), {}) for language in LANGUAGES}
        keys = tuple(key for key in items if all(key in known for known in said.values()))
        if keys:
            texts = {language: [known[key] for key in keys] for language, known in said.items()}
            found.append(Notice(user_id, address, keys, texts))
    return found


def _news(app: Flask, at: datetime, language: str) -> dict[tuple[int, str], dict[str, InboxItem]]:
    """By account and address: the items that are news to her, by their keys, in one language."""
    everybody = select(User).where(User.active.is_(True), User.email.is_not(None)).order_by(User.id)
    found = {}
    with _page(app, language):
        for user in db.session.scalars(everybody.options(selectinload(User.roles))).all():
            told = set(db.session.scalars(select(NoticeSent.key).where(NoticeSent.user_id == user.id)))
            items = {key_of(item): item for item in inbox(user, at) if item.state != WAITING}
            if user.email:
                found[user.id, user.email] = {key: item for key, item in items.items() if key not in told}
    return found


def _page(app: Flask, language: str) -> RequestContext:
    """As if a page were asked for in that language: sources make addresses and sentences as for one."""
    settings: Settings = app.extensions["settings"]
    return app.test_request_context(f"/?lang={language}", base_url=settings.base_url)


def message_of(app: Flask, notice: Notice, at: datetime) -> EmailMessage:
    """The mail. Raises ValueError for an address that cannot stand in a header: nothing can be smuggled into it."""
    settings: Settings = app.extensions["settings"]
    host = urlsplit(settings.base_url).hostname or "localhost"
    texts, subjects = [], []
    for language in LANGUAGES:
        with _page(app, language):
            values = {"items": notice.items[language], "link": f"{settings.base_url}/manage/inbox"}
            texts.append(render_template("accounts/notice.html", **values).strip())
            subjects.append(render_template("accounts/notice_subject.html", **values).strip())
    message = EmailMessage(policy=SMTP)
    message["To"] = Address(addr_spec=notice.address)
    message["From"] = Address(" ".join(settings.network_name.split()), addr_spec=settings.mail_from)
    message["Subject"] = " / ".join(subjects)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = make_msgid(domain=host)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("\n\n----\n\n".join(texts) + "\n", cte="quoted-printable")
    return message


def send_notices(app: Flask, at: datetime) -> Outcome:
    """Send every mail that is due and remember what it told, each by itself. Nothing is remembered of what failed.

    Raises Unavailable when the server cannot be reached; what was sent before stays remembered.
    """
    notices, outcome = notices_at(app, at), Outcome()
    if not notices:
        return outcome
    with _connection(app.extensions["settings"]) as server:
        for notice in notices:
            if _sent(app, server, notice, at):
                _remember(notice, at)
                outcome.sent += 1
            else:
                outcome.refused += 1
    return outcome


def _sent(app: Flask, server: smtplib.SMTP, notice: Notice, at: datetime) -> bool:
    try:
        server.send_message(message_of(app, notice, at))
    except (ValueError, smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as error:
        # Neither address nor items: they are nobody's business in a log.
        app.logger.warning("a notice was refused: %s, account %s", type(error).__name__, notice.user_id)
        return False
    return True


def _remember(notice: Notice, at: datetime) -> None:
    rows: Sequence[dict[str, object]] = [
        {"user_id": notice.user_id, "key": key, "sent_at": at} for key in notice.keys
    ]
    with unit_of_work():
        db.session.execute(insert(NoticeSent), rows)


@contextmanager
def _connection(settings: Settings) -> Iterator[smtplib.SMTP]:
    """A session with the server of XIAOWU_MAIL_URL: encrypted from the start, or before anything is said."""
    parts = urlsplit(settings.mail_url)
    host, context = parts.hostname or "", ssl.create_default_context()
    try:
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT_S, context=context)
        else:
            server = smtplib.SMTP(host, parts.port or (587 if parts.scheme == "smtp+tls" else 25), timeout=TIMEOUT_S)
        try:
            if parts.scheme == "smtp+tls":
                server.starttls(context=context)
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            yield server
        finally:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
    except SERVER_DOWN as error:
        raise Unavailable("The mail server cannot be used: %(reason)s", reason=type(error).__name__) from error
