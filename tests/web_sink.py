"""What takes what a server of the tests sends out by HTTP? A web server on loopback, in a thread, that keeps all of it."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True)
class Taken:
    """One request; the names of headers are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Sink:
    """A running server: it answers each request with the status that `answer` gives for it."""

    url: str = ""
    answer: Callable[[Taken], int] = lambda _: 200
    taken: list[Taken] = field(default_factory=list)

    def at(self, path: str) -> list[Taken]:
        """Return what came to a path."""
        return [one for one in self.taken if one.path == path]


class _Server(ThreadingHTTPServer):
    """A server at which many may knock at once: the library's own takes five."""

    request_queue_size = 128


@contextmanager
def web_sink() -> Iterator[Sink]:
    """Run such a server on a free port."""
    sink = Sink()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            taken = Taken(self.command, self.path, headers, body)
            sink.taken.append(taken)
            self.send_response(sink.answer(taken))
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = _Server(("127.0.0.1", 0), Handler)
    sink.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, name="sink-of-tests")
    thread.start()
    try:
        yield sink
    finally:
        server.shutdown()
        thread.join(30)
        server.server_close()
