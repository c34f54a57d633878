"""A crowd at a real service, behind one trusted proxy, that leaves everything it could be known by."""

import http.client
import re
import socket
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import uuid4

from tests.factories import PASSWORD
from tests.privacy.canaries import Canaries

_TOKEN = re.compile(r'name="(?:token|csrf_token)"[^>]*value="([^"]+)"')


@dataclass(frozen=True)
class Said:
    """An answer."""

    status: int
    place: str
    text: str
    cookie: str


@dataclass
class Visitors:
    """Each request is made by the next address with the next device, and names coordinates and numbers."""

    port: int
    canaries: Canaries
    asked: int = 0

    def ask(self, path: str, form: dict[str, str] | None = None, cookie: str = "") -> Said:
        """One request: a POST where there is a form."""
        known = self.canaries
        self.asked += 1
        headers = {
            "X-Forwarded-For": known.addresses[self.asked % len(known.addresses)],
            "X-Forwarded-Proto": "https",
            "User-Agent": known.agents[self.asked % len(known.agents)],
            "X-Real-IP": known.addresses[0],
            "Referer": f"https://127.0.0.1:{self.port}/?{self.query}",
            "Cookie": cookie,
        }
        body = None if form is None else urlencode(form)
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=40)
        try:
            connection.request("GET" if form is None else "POST", path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
            cookies = "; ".join(said.partition(";")[0] for said in answer.headers.get_all("Set-Cookie") or ())
            return Said(answer.status, answer.headers.get("Location", ""), text, cookies)
        finally:
            connection.close()

    @property
    def query(self) -> str:
        """Coordinates and a telephone number, where nobody needs them."""
        lon, lat = self.canaries.degrees[:2]
        return urlencode({"lon": lon, "lat": lat, "q": self.canaries.phones[0], "tel": self.canaries.phones[1]})

    def note(self) -> str:
        """What people type into the fields for words."""
        first, second = self.canaries.phones
        return f"请回电 {first} 或 {second[:3]}-{second[3:7]} {second[7:]}"

    def token(self, path: str, cookie: str = "") -> str:
        """The form token of a page."""
        found = _TOKEN.search(self.ask(path, cookie=cookie).text)
        assert found is not None, path
        return found[1]

    def use(self, code: str) -> None:
        """Tap at a door with a query string, rate with a comment, and rate again."""
        key, token = str(uuid4()), self.token(f"/r/{code}?{self.query}")
        said = self.ask(f"/r/{code}?{self.query}", {"key": key, "token": token, "purpose": "nursing"})
        assert said.status == 303, said.text
        receipt = said.place.partition("?")[0]
        for step in ("2", "3"):
            rating = {"token": self.token(receipt), "step": step, "details": "1", "comment": self.note()}
            assert self.ask(f"{receipt}/rating", rating).status == 303

    def report(self, path: str) -> None:
        """Say that something is wrong, with a number to call."""
        form = {"token": self.token(path), "kind": "locked", "note": self.note()}
        assert self.ask(f"{path}?{self.query}", form).status == 303

    def look_around(self) -> None:
        """The finder's pages and API, well-formed and not; pages that do not exist; bodies that are refused."""
        lon, lat = self.canaries.degrees[:2]
        near = f"lat={lat}&lon={lon}"
        for path in (f"/?{self.query}", f"/api/v1/sites/nearest?{near}", f"/figures?{self.query}", f"/ledger?{near}"):
            assert self.ask(path).status == 200, path
        for path in (f"/api/v1/sites/nearest?{near}&limit={self.canaries.phones[0]}", f"/nowhere?{self.query}"):
            assert 400 <= self.ask(path).status < 500, path
        assert self.ask(f"/r/{self.canaries.phones[0]}").status == 404
        assert self.ask("/r/x", {"key": self.canaries.phones[0], "token": "x"}).status == 404

    def mumble(self) -> None:
        """Requests that are none, with everything in the line and in headers that there is."""
        known = self.canaries
        for line in (
            f"GET /?tel={known.phones[0]} &lon={known.degrees[0]} HTTP/1.1",
            f"GET /?tel={known.phones[0]} HTTP/{known.phones[1]}",
            f"{known.phones[0]}\u0000 / HTTP/1.1",
            f"GET / HTTP/1.1\r\nUser-Agent {known.agents[0]}: {known.addresses[0]}",
            f"GET / HTTP/1.1\r\nX-Forwarded-For: {known.addresses[0]}\r\nTransfer-Encoding: {known.phones[1]}",
        ):
            with socket.create_connection(("127.0.0.1", self.port), timeout=40) as connection:
                connection.sendall(f"{line}\r\nHost: x\r\n\r\n".encode())
                assert re.match(rb"HTTP/1.[01] [45]", connection.recv(100)), line

    def log_in(self, username: str) -> None:
        """Fail with a telephone number for a name, then succeed, look at a page and log out."""
        said = self.ask("/login")
        token = _TOKEN.search(said.text)
        assert token is not None
        form = {"csrf_token": token[1], "username": self.canaries.phones[0], "password": self.canaries.phones[1]}
        assert self.ask("/login", form, said.cookie).status in (200, 401, 422)
        known = self.ask("/login", form | {"username": username, "password": PASSWORD}, said.cookie)
        assert known.status == 302, known.text
        page = self.ask(f"/manage/account?{self.query}", cookie=known.cookie)
        found = _TOKEN.search(page.text)
        assert found is not None, "logged in"
        assert self.ask("/logout", {"csrf_token": found[1]}, page.cookie or known.cookie).status == 302
