"""The registers of the first manager's rooms over two months, and what the public has said about rooms."""

from datetime import timedelta
from decimal import Decimal

from app.accounts.models import User
from app.demo.stage import Stage, script
from app.months import local_date
from app.registers import services
from app.reports.services import Sender, handle, report
from app.sites.models import Site

MONTHS_DAYS = 61
CLEANED_EVERY, LOOKED_AFTER_EVERY = 3, 28


def keep_registers(stage: Stage) -> None:
    """Cleaning, safety, maintenance, activities, supplies, assets, money and keepers of the first manager's rooms."""
    for number, name in enumerate(script()["registers"]["rooms"]):
        site = stage.sites[name]
        manager = stage.manager_of(site)
        _routine(stage, manager, site, number)
        _keepers(stage, manager, site)
        if number == 0:
            _activities(stage, manager, site)
            _things(stage, manager, site)
            _money(stage, manager, site)


def _routine(stage: Stage, manager: User, site: Site, number: int) -> None:
    texts, cleaner = script()["registers"], script()["people"]["cleaner"]
    for days in range(MONTHS_DAYS - number, 0, -CLEANED_EVERY):
        done_on, at = stage.today - timedelta(days=days), stage.ago(days)
        services.record_check(manager, site, "cleaning", done_on=done_on, now=at, done_by=cleaner)
    for days in range(MONTHS_DAYS - 3, 0, -LOOKED_AFTER_EVERY):
        done_on, at = stage.today - timedelta(days=days), stage.ago(days)
        has_fault = number == 0 and days < LOOKED_AFTER_EVERY
        findings = services.all_in_order() | ({"water": False} if has_fault else {})
        services.record_check(
            manager, site, "safety", done_on=done_on, now=at, findings=findings, note=texts["fault"] * has_fault
        )
        services.record_check(manager, site, "maintenance", done_on=done_on, now=at, note=texts["maintenance"])


def _activities(stage: Stage, manager: User, site: Site) -> None:
    for row in script()["registers"]["activity"]:
        starts_at = stage.at(stage.today - timedelta(days=row["days"]), 14)
        services.record_activity(
            manager, site, kind=row["kind"], topic=row["topic"], title=row["title"], starts_at=starts_at,
            participants=row.get("people"), now=min(stage.now, starts_at) - timedelta(days=1),
        )  # fmt: skip


def _things(stage: Stage, manager: User, site: Site) -> None:
    texts = script()["registers"]
    for row in texts["supply"]:
        for direction, quantity, days in (("in", row["received"], 58), ("out", row["given"], 12)):
            services.move_supplies(
                manager, site, item=row["item"], direction=direction, quantity=quantity,
                moved_on=stage.today - timedelta(days=days), now=stage.ago(days),
                source=texts["giver"] if direction == "in" else "",
            )  # fmt: skip
        services.set_level(site, row["item"], row["least"])
    for number, row in enumerate(texts["asset"], start=1):
        services.add_asset(
            manager, site, name=row["name"], quantity=1, source=row["source"], now=stage.ago(30),
            number=f"DEMO-{number:03d}", value_yuan=Decimal(row["yuan"]),
            acquired_on=stage.today - timedelta(days=row["days"]),
        )  # fmt: skip


def _money(stage: Stage, manager: User, site: Site) -> None:
    texts = script()["registers"]
    for row in texts["money"]:
        is_grant = row["direction"] == "in"
        services.book_money(
            manager, site, direction=row["direction"], amount_yuan=Decimal(row["yuan"]), purpose=row["purpose"],
            booked_on=stage.today - timedelta(days=row["days"]), now=stage.ago(row["days"]),
            source=texts["giver"] if is_grant else "", note=texts["grant"] if is_grant else "",
        )  # fmt: skip


def _keepers(stage: Stage, manager: User, site: Site) -> None:
    """Two, one of whose certificate ends in 20 days."""
    names = script()["people"]["keepers"]
    for name, kind, days in zip(names, ("officer", "volunteer"), (20, 210), strict=True):
        services.add_keeper(
            manager, site, name=name, kind=kind, now=stage.ago(60), since_on=stage.today - timedelta(days=300),
            certificate_until=stage.today + timedelta(days=days),
        )  # fmt: skip


def take_reports(stage: Stage) -> None:
    """One report that is being handled, and two people who have found one room locked: it is being checked."""
    texts = script()["reports"]
    days = stage.rulebook.deadline_days("report", stage.today)
    site = stage.sites[texts["handled"]]
    made = report(
        site, "out_of_supplies", "door", note=texts["out"], sender=_sender(stage, 1, 2.0), days=days, now=stage.ago(2)
    )
    answer = texts["promise"]
    handle(stage.manager_of(site), made, "confirm", answer, seen_state=made.state, now=stage.ago(1))
    for number, note in enumerate(texts["locked"], start=2):
        ago = 2.0 / number
        report(
            stage.sites[texts["checked"]], "locked", "finder", note=note, sender=_sender(stage, number, ago),
            days=days, now=stage.ago(ago),
        )  # fmt: skip


def _sender(stage: Stage, number: int, days: float) -> Sender:
    day = local_date(stage.ago(days)).isoformat()
    return Sender(bytes([number] * 16), day)
