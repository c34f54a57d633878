"""Attendance by staff on a phone: one screen with all children, one tap each. And its table as a file."""

from datetime import date, timedelta
from io import BytesIO

from flask import Response, flash, jsonify, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from app import clock, web
from app.care import attendance, queries
from app.care.attendance import TermDay
from app.care.export import csv_text, xlsx
from app.care.models import CareTerm
from app.care.views import blueprint, site_of
from app.downloads import attached, file_name
from app.errors import N_, Invalid
from app.months import local_date
from app.sites.views import actor
from app.web import ROLES, access

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/terms/<int:term_id>/attendance")
@access(*ROLES)
def day(term_id: int) -> ResponseReturnValue:
    """The roll of today, or of ``?on=``; of the nearest day of the term when that lies outside."""
    term, today = queries.get_term(actor(), term_id), local_date(clock.now())
    wanted = _day(request.args["on"]) if request.args.get("on") else today
    last = min(today, term.ends_on)
    on = max(term.starts_on, min(wanted, last))
    rows = queries.roll(term, on)
    return render_template(
        "care/day.html", site=site_of(term), term=term, on=on, today=today, rows=rows, day=queries.day_of(term, on),
        present=sum(row.is_present for row in rows), is_open=term.closed_on is None and on <= today,
        before=on - timedelta(days=1) if on > term.starts_on else None,
        after=on + timedelta(days=1) if on < last else None,
    )  # fmt: skip


@blueprint.post("/terms/<int:term_id>/attendance")
@access(*ROLES)
def take(term_id: int) -> ResponseReturnValue:
    """One tap: ``present``, ``absent`` or ``left`` with a child's id, or ``all``; 200 with the row to a script."""
    term, now, form = queries.get_term(actor(), term_id), clock.now(), request.form
    where = TermDay(site_of(term), term, _day(form.get("on", "")))
    rows = {row.child.id: row for row in queries.roll(term, where.on)}
    if "all" in form:
        here = attendance.set_present(actor(), where, [row.child for row in rows.values()], now)
        flash(gettext("%(number)s children marked present", number=here), "success")
        return _back(term, where.on)
    act = next((act for act in ("present", "absent", "left") if act in form), "")
    text = form.get(act, "")
    child = rows.get(int(text)) if text.isascii() and text.isdigit() and len(text) < 19 else None
    if child is None:
        raise Invalid(N_("This child is not enrolled on that day"), {"child": N_("Not enrolled on that day")})
    if act == "present":
        attendance.set_present(actor(), where, [child.child], now)
    elif act == "absent":
        attendance.set_absent(actor(), where, child.child, now)
    else:
        attendance.set_left(actor(), where, child.child, now)
    return _row(term, where.on, child.child.id) if web.is_api_request() else _back(term, where.on, child.child.id)


def _row(term: CareTerm, on: date, child_id: int) -> ResponseReturnValue:
    """What the screen shows after a tap: the child's entry, and how many are here."""
    rows = queries.roll(term, on)
    row = next(row for row in rows if row.child.id == child_id)
    today = local_date(clock.now())
    html = render_template("care/_child_row.html", row=row, on=on, today=today, is_open=True)
    present = sum(row.is_present for row in rows)
    counted = render_template("care/_count.html", present=present, rows=rows)
    return jsonify(html=html, counted=counted)


@blueprint.post("/terms/<int:term_id>/days")
@access(*ROLES)
def mark(term_id: int) -> ResponseReturnValue:
    """Mark a day as run, with its safety check, or take that back (``unmark``)."""
    term, now, form = queries.get_term(actor(), term_id), clock.now(), request.form
    where = TermDay(site_of(term), term, _day(form.get("on", "")))
    if "unmark" in form:
        attendance.unmark_day(actor(), where, now)
        flash(gettext("Noted: no care on that day"), "success")
    else:
        checked = form.get("safety_checked") == "y"
        attendance.mark_day(actor(), where, safety_checked=checked, note=form.get("note", ""), now=now)
        flash(gettext("The day has been noted"), "success")
    return _back(term, where.on)


def _back(term: CareTerm, on: date, child_id: int | None = None) -> ResponseReturnValue:
    anchor = f"child-{child_id}" if child_id else None
    return redirect(url_for(".day", term_id=term.id, on=on.isoformat(), _anchor=anchor))


@blueprint.get("/terms/<int:term_id>/attendance.csv")
@access(*ROLES)
def attendance_csv(term_id: int) -> ResponseReturnValue:
    """The whole term as CSV with a byte order mark: children by days, no names."""
    term = queries.get_term(actor(), term_id)
    answer = Response(csv_text(term, local_date(clock.now())).encode(), mimetype="text/csv")
    return _attached(answer, term, "csv")


@blueprint.get("/terms/<int:term_id>/attendance.xlsx")
@access(*ROLES)
def attendance_xlsx(term_id: int) -> ResponseReturnValue:
    """The whole term as a workbook: the summary, and children by days, no names."""
    term, now = queries.get_term(actor(), term_id), clock.now()
    content = BytesIO(xlsx(site_of(term).name, term, now))
    return _attached(send_file(content, mimetype=XLSX), term, "xlsx")


def _attached(answer: Response, term: CareTerm, ending: str) -> Response:
    name = file_name(gettext("Attendance"), term.name, site_of(term).name, ending=ending)
    return attached(answer, name, f"attendance-{term.id}")


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        day = None
    if day is None or day.year >= 9998 or day.year < 2000:
        message = N_("Please give the day, such as 2026-11-30")
        raise Invalid(message, {"on": message})
    return day
