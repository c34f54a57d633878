"""Three nodes on one PostgreSQL and one Redis behind nginx, and people who talk to a node of their choice."""

import json
import re
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

from app.attachments.services import FOLDER as ATTACHMENTS
from app.sites.photos import FOLDER as PHOTOS
from tests.factories import PASSWORD, Factories
from tests.nodes.nodes import Node, nginx
from tests.reliability.checks import application, clock_of
from tests.reliability.phones import Answer, Phones
from tests.reliability.scenarios import redis_server
from tests.reliability.service import free_port

NODES, SITES = 3, 3
_TOKEN = re.compile(r'name="csrf_token"[^>]*?value="([^"]+)"')
_NUMBERS = count(1)


@dataclass
class Network:
    """The nodes, what stands before them, and what is in the database: phones at the doors, one union's account."""

    nodes: list[Node]
    phones: Phones
    site_ids: list[int]
    username: str


def network(stack: ExitStack, folder: Path, database_url: str, workers: int = 1, **environ: str) -> Network:
    """Start it all on a migrated database; the stack ends it."""
    redis_port = free_port()
    stack.enter_context(redis_server(folder, redis_port))
    shared = f"redis://127.0.0.1:{redis_port}/0"
    nodes = [Node(folder / f"node{number}", database_url, shared, workers, more=environ) for number in range(NODES)]
    for node in nodes:
        _share_files(node, folder / "shared")
    with application(nodes[0]) as app:
        factories = Factories(app, lambda: clock_of(nodes[0]))
        unit = factories.tree()[2]
        sites = [factories.site(unit) for _ in range(SITES)]
        codes = [factories.door_code(site).code for site in sites]
        user = factories.user("unit_union", unit)
    for node in nodes:
        stack.callback(node.stop)
        node.start()
    port = stack.enter_context(nginx(folder / "nginx", [node.port for node in nodes]))
    return Network(nodes, Phones(port, codes), [site.id for site in sites], user.username)


def _share_files(node: Node, shared: Path) -> None:
    """Photos and attachments lie on a file system that all nodes have; everything else in a data folder is its own."""
    (node.folder / "data").mkdir(mode=0o700)
    for name in (PHOTOS, ATTACHMENTS):
        (shared / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        (node.folder / "data" / name).symlink_to(shared / name)


@dataclass
class Person:
    """A browser with cookies, at no particular node: each request says to which it goes."""

    phones: Phones
    cookies: dict[str, str] = field(default_factory=dict)
    address: str = field(default_factory=lambda: f"10.77.0.{next(_NUMBERS)}")

    def ask(self, port: int, method: str, path: str, body: dict[str, str] | None = None) -> Answer:
        """One request to the service at `port`."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        own = {"X-Forwarded-For": self.address, "User-Agent": "Office/1", "Cookie": cookies}
        answer = self.phones.request(method, path, body, port, **own)
        name, has_value, value = answer.headers.get("set-cookie", "").partition(";")[0].partition("=")
        if has_value:
            self.cookies[name] = value
        return answer

    def submit(self, port: int, page: str, action: str, **values: str) -> Answer:
        """Open a page with a form and send the form."""
        found = _TOKEN.search(self.ask(port, "GET", page).text)
        assert found, page
        return self.ask(port, "POST", action, {"csrf_token": found[1], **values})

    def log_in(self, port: int, username: str) -> None:
        """Log in at one node."""
        answer = self.submit(port, "/login", "/login", username=username, password=PASSWORD)
        assert answer.status == 302, (answer.status, urlencode(answer.headers))

    def is_known(self, port: int) -> bool:
        """Whether a node takes her for somebody who is logged in."""
        return self.ask(port, "GET", "/manage/account").status == 200


def states(phones: Phones, port: int) -> dict[str, str]:
    """What the finder of one node says of each site: its state by the address of its page."""
    answer = phones.request("GET", "/api/v1/sites/nearest?lat=30.3&lon=120.3&limit=10", port=port)
    assert answer.status == 200, answer
    found = json.loads(answer.text)
    return {feature["properties"]["url"]: feature["properties"]["state"] for feature in found["features"]}
