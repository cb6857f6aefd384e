"""Who answers ranges when a test asks? A small server on loopback that knows some passwords, and pads, hangs or lies as it is told."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def digest(password: str) -> str:
    """Return the SHA-1 hash of a password as such services write it."""
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


def line(text: str, count: int) -> str:
    """Return a line of a range that is about a hash of that text, whatever it begins with."""
    return f"{digest(text)[5:]}:{count}"


@dataclass
class RangeService:
    """What the server knows, does and was asked. `answer` takes the five digits, and returns status and body."""

    port: int = 0
    known: set[str] = field(default_factory=set)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    answer: Callable[[str], tuple[int, bytes]] | None = None
    go_on: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def digits(self) -> list[str]:
        """The beginnings of hashes that it was asked for."""
        return [path.rpartition("/")[2] for path, _ in self.asked]

    def asked_for(self, password: str) -> int:
        """Return how often it was asked for the range of a password."""
        return self.digits.count(digest(password)[:5])

    def hang(self) -> None:
        """Answer nothing from now on, until `go_on` is set."""
        self.go_on.clear()

    def answer_to(self, digits: str) -> tuple[int, bytes]:
        """Return the range: of the passwords that are known, beside others and padding."""
        if self.answer is not None:
            return self.answer(digits)
        lines = [line(f"other-{number}", number + 1) for number in range(30)]
        lines += [line(f"padding-{number}", 0) for number in range(900)]
        lines += [f"{digest(one)[5:]}:7" for one in self.known if digest(one).startswith(digits)]
        return 200, "\r\n".join(sorted(lines)).encode()


class _Server(ThreadingHTTPServer):
    """A server at which a crowd may knock at once: of more than five the library's own would leave some to knock again later."""

    request_queue_size = 256


@contextmanager
def answering() -> Iterator[RangeService]:
    """Run a service until the end of the block."""
    service = RangeService()
    service.go_on.set()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            service.asked.append((self.path, self.headers.get("Add-Padding")))
            service.go_on.wait(30)
            status, body = service.answer_to(self.path.rpartition("/")[2])
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            except OSError:  # whoever asked has gone
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = _Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    service.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="ranges")
    thread.start()
    try:
        yield service
    finally:
        service.go_on.set()
        server.shutdown()
        thread.join(10)
        server.server_close()
