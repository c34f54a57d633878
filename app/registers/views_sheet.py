"""The monthly sheet of a site as PDF and XLSX."""

from flask import Response, request

from app import clock
from app.downloads import attached, file_name
from app.errors import N_, Invalid
from app.months import Month
from app.registers import sheet_files
from app.registers.sheet import MonthSheet, month_sheet
from app.registers.views import actor, blueprint
from app.sites.queries import get_site
from app.web import ROLES, access, select_locale


@blueprint.get("/sites/<int:site_id>/registers/sheet.pdf")
@access(*ROLES)
def sheet_pdf(site_id: int) -> Response:
    """For paper: to be signed, sealed and put into the folder."""
    sheet = _sheet(site_id)
    return _file(sheet_files.pdf(sheet), sheet_files.PDF, sheet, "pdf")


@blueprint.get("/sites/<int:site_id>/registers/sheet.xlsx")
@access(*ROLES)
def sheet_xlsx(site_id: int) -> Response:
    """For a spreadsheet."""
    sheet = _sheet(site_id)
    return _file(sheet_files.xlsx(sheet, clock.now()), sheet_files.XLSX, sheet, "xlsx")


def _sheet(site_id: int) -> MonthSheet:
    now = clock.now()
    month = Month.parse(request.args["month"]) if request.args.get("month") else Month.of(now)
    if month > Month.of(now):
        raise Invalid(N_("This month lies ahead"), {"month": N_("This month lies ahead")})
    return month_sheet(get_site(actor(), site_id), month, now, select_locale())


def _file(content: bytes, media_type: str, sheet: MonthSheet, ending: str) -> Response:
    answer = Response(content, mimetype=media_type)
    answer.headers["Cache-Control"] = "private, no-store"
    return attached(answer, file_name(sheet.month, sheet.title, sheet.site, ending=ending), f"registers-{sheet.month}")
