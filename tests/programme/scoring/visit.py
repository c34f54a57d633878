"""A manager at her site with a sheet open on her telephone."""

from dataclasses import dataclass
from pathlib import Path

from flask.testing import FlaskClient
from playwright.sync_api import BrowserContext, Page, expect

from app.accounts.models import User
from app.db import db, unit_of_work
from app.programme.scoring import services
from app.programme.scoring.answers import Change, written
from app.programme.scoring.models import FilledSheet
from app.programme.scoring.queries import answers_of, photos_of, score_sheet_of
from tests.browser import set_signal
from tests.factories import Factories
from tests.programme.scoring.conftest import Around
from tests.programme.scoring.helpers import full, picture


def sign_in(context: BrowserContext, client: FlaskClient, base: str) -> None:
    """Give a browser the session of a logged-in client."""
    cookie = client.get_cookie("session")
    assert cookie is not None
    context.add_cookies([{"name": "session", "value": cookie.value, "url": base}])


@dataclass
class Visit:
    """What she does on the page, and what has reached the server."""

    factories: Factories
    around: Around
    sheet: FilledSheet
    base: str
    page: Page

    @property
    def address(self) -> str:
        """Where the sheet is."""
        return f"{self.base}/manage/sheets/{self.sheet.id}"

    def log_in(self, user: User | None = None) -> None:
        """As the manager, or as somebody else."""
        sign_in(self.page.context, self.factories.login(user or self.around.manager), self.base)

    def open(self) -> None:
        """Open the sheet and wait until it is saved, and kept for when there is no signal."""
        self.page.goto(self.address)
        self.says("已保存")
        expect(self.page.locator("html")).to_have_attribute("data-offline", "ready")

    def says(self, text: str) -> None:
        """Wait for the line that says where everything is."""
        expect(self.page.locator("[data-line]")).to_contain_text(text)

    def choose(self, item: str, name: str = "有") -> None:
        """Tap one of two."""
        self.page.locator(f"#item-{item}").get_by_role("radio", name=name, exact=True).tap()

    def sees(self, item: str, name: str) -> None:
        """Wait until one of two is chosen."""
        expect(self.page.locator(f"#item-{item}").get_by_role("radio", name=name, exact=True)).to_be_checked()

    def signal(self, *, there: bool) -> None:
        """Walk out of reach of the network, or back."""
        set_signal(self.factories.app, self.page.context, there=there)

    def unfold(self, item: str) -> None:
        """Open the part with note and photos."""
        entry = self.page.locator(f"#item-{item}")
        if entry.locator("details").get_attribute("open") is None:
            entry.locator("summary").tap()

    def note(self, item: str, text: str) -> None:
        """Write a note."""
        self.unfold(item)
        self.page.locator(f"#item-{item} textarea").fill(text)

    def add_photo(self, item: str, folder: Path, content: bytes | None = None) -> None:
        """Take a photo."""
        file = folder / "IMG_1.jpg"
        file.write_bytes(picture(size=(3000, 2000)) if content is None else content)
        self.unfold(item)
        self.page.locator(f"#item-{item} input[type=file]").set_input_files(file)

    def pending(self) -> int:
        """How many records wait on the telephone."""
        number: int = self.page.evaluate("sheetStore.open().then((all) => all.all()).then((rows) => rows.length)")
        return number

    def stored(self) -> dict[str, tuple[str, str, int]]:
        """Value, note and version of each answer in the database."""
        with self.factories.app.app_context():
            items = {item.id: item for item in score_sheet_of(self.sheet).items}
            rows = answers_of(self.sheet).values()
            return {
                row.item: (written(items[row.item], row.points, row.is_ticked), row.note, row.version) for row in rows
            }

    def number_of_photos(self) -> int:
        """How many photos the server has."""
        with self.factories.app.app_context():
            return len(photos_of(self.sheet))

    def elsewhere(self, *changes: Change, hand_in: bool = False) -> None:
        """What the same person does on another device."""
        now = self.factories.clock()
        with self.factories.app.app_context(), unit_of_work():
            user = db.session.get_one(User, self.around.manager.id)
            mine = db.session.get_one(FilledSheet, self.sheet.id)
            services.save_answers(user, mine, full(mine) if hand_in else changes, now)
            if hand_in:
                services.submit(user, mine, now)
