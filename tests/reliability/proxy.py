"""A proxy that hands every request on, waits until the application has answered, and then hangs up on the client."""

import contextlib
import socket
import socketserver
import struct
import threading
from collections.abc import Iterator

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class _DropReply(socketserver.BaseRequestHandler):
    server: "DroppingProxy"

    def handle(self) -> None:
        request: socket.socket = self.request
        request.settimeout(40)
        with socket.create_connection(("127.0.0.1", self.server.upstream), timeout=40) as service:
            service.sendall(_whole_request(request))
            if service.recv(65536):  # the application answers only after it has committed
                with self.server.lock:
                    self.server.dropped += 1
        request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)


def _whole_request(client: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += _more(client)
    head, _, body = data.partition(b"\r\n\r\n")
    lines = (line.partition(b":") for line in head.lower().split(b"\r\n"))
    length = next((int(value) for name, _, value in lines if name == b"content-length"), 0)
    while len(body) < length:
        body += _more(client)
    return head + b"\r\n\r\n" + body


def _more(client: socket.socket) -> bytes:
    data = client.recv(65536)
    if not data:
        raise ConnectionError("the client has gone")
    return data


class DroppingProxy(socketserver.ThreadingTCPServer):
    """`dropped` counts the answers that were thrown away."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 256

    def __init__(self, upstream: int) -> None:
        super().__init__(("127.0.0.1", 0), _DropReply)
        self.upstream, self.dropped, self.lock = upstream, 0, threading.Lock()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def handle_error(self, *_args: object) -> None:
        """A client or a service that has gone is what it is here for."""


@contextlib.contextmanager
def dropping_proxy(upstream: int) -> Iterator[DroppingProxy]:
    """Run one in front of the port `upstream`."""
    with DroppingProxy(upstream) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, daemon=True)
        thread.start()
        yield proxy
        proxy.shutdown()
        thread.join()
