"""A city that chooses its demonstration sites, with the people who do it."""

import itertools
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts.models import RulebookChoice, TradeUnion, User
from app.attachments.models import Attachment
from app.db import db, unit_of_work
from app.months import Month, local_date
from app.programme.cases.models import Case, CaseAttachment
from app.programme.checks.models import Inspection
from app.programme.demonstration import publishing, services
from app.programme.demonstration.models import DemonstrationCall, Title
from app.programme.models import Attestation
from app.rulebooks import load
from app.sites.models import DoorCode, Site, SitePhoto
from app.usage.models import SiteMonth
from tests.factories import Factories
from tests.programme.cases.helpers import Cases
from tests.programme.conftest import EQUIPMENT
from tests.programme.test_views import token


class Scene:
    """A city, two districts with a unit each, a room that meets everything in each unit, and an open call."""

    def __init__(self, factories: Factories, rulebook: str = "qingdao-2023", **terms: Any) -> None:
        self.factories, self.app, self.clock, self.cases = factories, factories.app, factories.clock, Cases(factories)
        self.rulebook, self.numbers = rulebook, itertools.count(1)
        self.city = factories.union("municipal", name="海滨市总工会")
        factories.add(RulebookChoice(trade_union_id=self.city.id, from_on=date(2024, 1, 1), rulebook_id=rulebook))
        self.districts = [factories.union("district", self.city, name=f"{name}区总工会") for name in ("东", "西")]
        self.units = [factories.union("unit", one, name=f"{one.name[0]}城商场工会") for one in self.districts]
        self.rooms = [self.make_room(unit, name=f"{unit.name[0]}城小屋") for unit in self.units]
        self.municipal = factories.user("municipal_union", self.city, display_name="市总赵")
        self.officers = [
            factories.user("district_union", one, display_name=f"{one.name[0]}区钱") for one in self.districts
        ]
        self.applicants = [factories.user("unit_union", one, display_name="单位孙") for one in self.units]
        self.assessor = factories.user("assessor", self.city, display_name="专家李")
        self.call = self.open_call(**terms)

    def make_room(
        self, host: TradeUnion, *, uses: int = 120, ratings: tuple[int, ...] = (0, 0, 0, 10, 30), **values: Any
    ) -> Site:
        """A room that meets every condition, written at once; `uses` a month, `ratings` in the last one."""
        defaults = {
            "area_m2": 18, "facilities": dict.fromkeys(EQUIPMENT, 1), "accepted_on": date(2025, 1, 1),
            "plaque_issued_on": date(2025, 1, 2),
        }  # fmt: skip
        site = self.factories.site(host, **{**defaults, **values})
        now, month, number = self.clock(), Month.of(self.clock()), site.id
        at = now - timedelta(days=20)
        rows: list[Any] = [
            DoorCode(site_id=site.id, code=f"{number:012d}", print_version=1, issued_at=now - timedelta(days=400)),
            SitePhoto(site_id=site.id, kind="entrance", file_name=f"r{number}.webp", width=1, height=1, uploaded_at=at),
        ]
        for back in range(12, 0, -1):
            steps = {f"rating_{step}": count for step, count in enumerate(ratings, start=1)} if back == 1 else {}
            rows.append(SiteMonth(site_id=site.id, month=str(month - back), recorded=uses, counted=uses, **steps))
        rows += [
            Attestation(site_id=site.id, item=item, holds=True, stated_on=local_date(at), stated_at=at)
            for item in load(self.rulebook).attestations
            if item != "equivalent_equipment"
        ]
        with self.app.app_context(), unit_of_work():
            db.session.add_all(rows)
        return site

    def today(self) -> date:
        """The local date."""
        return local_date(self.clock())

    def open_call(self, **terms: Any) -> DemonstrationCall:
        """A call that takes applications for ten days and recommendations for twenty; one a district."""
        today = self.today()
        values: dict[str, Any] = {
            "title": "2026 年示范阵地评选", "year": 2026, "opens_on": today, "closes_on": today + timedelta(days=10),
            "recommend_by": today + timedelta(days=20), "quotas": {one.id: 1 for one in self.districts}, **terms,
        }  # fmt: skip
        with self.app.app_context(), unit_of_work():
            return services.open_call(
                self.municipal, self.city, services.Terms(**values), rulebook=load(self.rulebook), now=self.clock()
            )

    def browser(self, user: User) -> "Browser":
        """A browser in which somebody is logged in."""
        return Browser(self.factories.login(user))

    def begun(self, index: int = 0, room: Site | None = None) -> Case:
        """The application of a room, begun by its unit."""
        return self.cases.open(
            self.applicants[index], "demonstration", room or self.rooms[index], rulebook=self.rulebook,
            call_id=self.call.id,
        )  # fmt: skip

    def applied(self, index: int = 0, room: Site | None = None) -> Case:
        """An application that was handed in."""
        case = self.begun(index, room)
        self.cases.sheet(
            room or self.rooms[index], "self_check", self.applicants[index], case=case, rulebook=self.rulebook
        )
        self.cases.act(self.applicants[index], case, "apply")
        return self.cases.fresh(case)

    def recommended(self, index: int = 0, room: Site | None = None) -> Case:
        """One that its district has visited and recommended."""
        case = self.applied(index, room)
        self.cases.sheet(room or self.rooms[index], "acceptance", self.officers[index], case=case)
        self.recounted(room or self.rooms[index], self.officers[index])
        self.cases.act(self.officers[index], case, "recommend")
        return self.cases.fresh(case)

    def recounted(self, room: Site, inspector: User, **values: Any) -> Inspection:
        """A check of a room just now, by a person who counted its uses for two hours."""
        now, today = self.clock(), self.today()
        row = {
            "kind": "spot_check", "year": today.year, "due_on": today, "mode": "on_site", "result": "passed",
            "recounted_from_at": now - timedelta(hours=2), "recounted_until_at": now, "recounted_uses": 4,
            "recounted_counted": 4, "done_at": now, "done_by_id": inspector.id, **values,
        }  # fmt: skip
        row |= {"site_id": room.id, "trade_union_id": inspector.trade_union_id, "planned_at": now}
        made: Inspection = self.factories.add(Inspection(**row))
        return made

    def candidate(self, index: int = 0) -> Case:
        """One that the panel has nominated."""
        case = self.recommended(index)
        self.cases.act(self.municipal, case, "nominate")
        return self.cases.fresh(case)

    def end(self) -> None:
        """The call's last days were yesterday."""
        yesterday = self.today() - timedelta(days=1)
        with self.app.app_context(), unit_of_work():
            call = db.session.get_one(DemonstrationCall, self.call.id)
            call.opens_on = call.closes_on = call.recommend_by = yesterday

    def publish(self, **values: Any) -> list[Title]:
        """The list of candidates, published after the last day."""
        self.end()
        sent = {"name": "海滨市示范小屋", "number": "", "granted_on": self.today(), "text": "", **values}
        with self.app.app_context(), unit_of_work():
            call, actor = (
                db.session.get_one(DemonstrationCall, self.call.id),
                db.session.get_one(User, self.municipal.id),
            )
            return publishing.publish(actor, call, **sent, now=self.clock())

    def add_files(self, case: Case, kind: str, number: int) -> None:
        """Files of a kind, without their content."""
        now = self.clock()
        for index in range(number):
            name = f"{case.id}-{kind}-{index}-{next(self.numbers)}.webp"
            file = Attachment(
                file_name=name, title=name, media_type="image/webp", size_bytes=1, digest=b"0" * 32, uploaded_at=now
            )
            self.factories.add(file)
            self.factories.add(CaseAttachment(attachment_id=file.id, case_id=case.id, kind=kind, added_at=now))

    def read(self, ask: Callable[[], Any]) -> Any:
        """The answer to a question to the database."""
        with self.app.app_context():
            return ask()


class Browser:
    """A logged-in browser that sends forms with their token."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.token = token(client, "/manage/account")

    def get(self, path: str, **query: str) -> str:
        """The text of a page that has to be there."""
        answer = self.client.get(path, query_string=query)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.get_data(as_text=True)

    def status(self, path: str) -> int:
        """The status of a page."""
        return self.client.get(path).status_code

    def post(self, path: str, **values: Any) -> TestResponse:
        """The answer to a form."""
        return self.client.post(path, data={"csrf_token": self.token, **values})
