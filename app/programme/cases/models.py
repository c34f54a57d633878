"""Cases and what happened to them. Nothing here is overwritten: a case's state is what its last event left."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import BigId, Json, Model


class Case(Model):
    """One procedure about one site. `kind` and `state` are those of `app.programme.transitions`.

    `details` holds the form as filled in (codes of `sites/data/particulars.toml` and of the kind's own). The rulebook
    and its digest are those in force when the case was opened: it is carried through under them. `due_on` is the local
    date by which the present state has to be left.
    """

    __tablename__ = "programme_case"
    __table_args__ = (
        Index("ix_programme_case_kind_state", "kind", "state"),
        Index("ix_programme_case_site_id_kind", "site_id", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(30), unique=True)
    kind: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id"))
    rulebook_id: Mapped[str] = mapped_column(String(60))
    rulebook_digest: Mapped[str] = mapped_column(String(64))
    details: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    call_id: Mapped[int | None] = mapped_column(ForeignKey("demonstration_call.id"), index=True)
    inspection_id: Mapped[int | None] = mapped_column(ForeignKey("inspection.id"), index=True)
    origin_id: Mapped[int | None] = mapped_column(ForeignKey("programme_case.id"), index=True)
    rank: Mapped[int | None]
    opened_at: Mapped[datetime]
    opened_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    updated_at: Mapped[datetime]
    due_on: Mapped[date | None]
    closed_at: Mapped[datetime | None]


class CaseEvent(Model):
    """One act: who moved the case from which state to which, when, under which rulebook, and why.

    `reasons` is a list of ``{"item": code, "reason": text}``, one for each item that a return complains about.
    """

    __tablename__ = "case_event"
    __table_args__ = (UniqueConstraint("case_id", "number"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("programme_case.id"))
    number: Mapped[int]
    at: Mapped[datetime]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    act: Mapped[str] = mapped_column(String(20))
    from_state: Mapped[str] = mapped_column(String(20))
    to_state: Mapped[str] = mapped_column(String(20))
    rulebook_digest: Mapped[str] = mapped_column(String(64))
    reasons: Mapped[list[dict[str, str]]] = mapped_column(Json, default=list)
    note: Mapped[str] = mapped_column(String(1000), default="")
    details: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)


class CaseAttachment(Model):
    """A file of a case. `kind` is ``photo``, ``presentation``, ``material``, ``certificate``, ``minutes``, ``scan``
    or ``evidence``; `removed_at` hides one that was handed in by mistake, and keeps it."""

    __tablename__ = "case_attachment"

    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachment.id"), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("programme_case.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    added_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class CaseAssessor(Model):
    """An invited assessor (专家组, 第三方) who may see a case and fill in its sheets."""

    __tablename__ = "case_assessor"

    case_id: Mapped[int] = mapped_column(ForeignKey("programme_case.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), primary_key=True, index=True)
    invited_at: Mapped[datetime]
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
