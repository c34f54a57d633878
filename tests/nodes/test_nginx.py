"""What the deployed nginx sends to a second node when the first dies before it answers: what may come twice, only."""

import http.client
import socketserver
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.nodes.nodes import nginx

NODES = 3


class _Dying(socketserver.ThreadingTCPServer):
    """Reads a request and dies."""

    daemon_threads = True

    def __init__(self) -> None:
        self.requests = 0
        super().__init__(("127.0.0.1", 0), _Once)


class _Once(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.request.recv(65536)
        self.server.requests += 1  # type: ignore[attr-defined]


@pytest.fixture
def nodes(stack: ExitStack) -> Iterator[list[_Dying]]:
    made = [stack.enter_context(_Dying()) for _ in range(NODES)]
    for one in made:
        threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield made
    for one in made:
        one.shutdown()


@pytest.mark.parametrize(
    ("request_line", "times"),
    [
        ("GET /manage/sites", NODES),
        ("POST /r/000000000001", NODES),
        ("POST /r/000000000001/u/3a2fc829-0000-4000-8000-000000000000/rating", NODES),
        ("POST /r/000000000001/report", 1),
        ("POST /manage/sites/1/edit", 1),
        ("POST /login", 1),
    ],
)
def test_only_what_cannot_double_is_sent_again(
    nodes: list[_Dying], folder: Path, stack: ExitStack, request_line: str, times: int
) -> None:
    port = stack.enter_context(nginx(folder / "nginx", [node.server_address[1] for node in nodes]))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    method, path = request_line.split()
    connection.request(method, path, b"key=1" if method == "POST" else None)
    assert connection.getresponse().status == 502
    connection.close()
    assert sum(node.requests for node in nodes) == times
