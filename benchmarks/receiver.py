"""Who answers the triggers of the benchmarks? Handlers that Poolkeeper runs itself, and a web server in this process.

All three decide the same (handlers/riddle.py). The web server is a custom sender too, and keeps what it is sent.
"""

import contextlib
import json
import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from handlers import riddle
from servers import Home

HANDLERS = Path(__file__).resolve().parent / "handlers"
_ARN = "arn:aws:lambda:us-east-1:000000000000:function:"
PYTHON, NODE, WEBHOOK = f"{_ARN}python", f"{_ARN}node", f"{_ARN}webhook"
_LETTER_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Receiver:
    """The web server, with the events of custom senders that it was sent."""

    letters: "queue.SimpleQueue[dict[str, Any]]" = field(default_factory=queue.SimpleQueue)

    def letter(self) -> dict[str, Any]:
        """Return the next of those events. Raises queue.Empty where none comes."""
        return self.letters.get(timeout=_LETTER_SECONDS)


@contextlib.contextmanager
def receiving(home: Home) -> Iterator[Receiver]:
    """Run the web server while the block lasts, and tell a server that will live in `home` of all three functions."""
    receiver = Receiver()
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(receiver)) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        (home.folder / "data").mkdir(exist_ok=True)
        (home.folder / "data" / "poolkeeper.toml").write_text(_configuration(int(server.server_address[1])))
        yield receiver
        server.shutdown()


def _configuration(port: int) -> str:
    keys: dict[str, dict[str, Any]] = {
        PYTHON: {"transport": "local", "handler": "python:riddle:handler", "folder": str(HANDLERS)},
        NODE: {"transport": "local", "handler": f"node:{HANDLERS / 'riddle.mjs'}#handler"},
        WEBHOOK: {
            "transport": "webhook",
            "url": f"http://127.0.0.1:{port}/",
            "secrets": ["a secret of the benchmarks"],
        },
    }
    tables = [
        "\n".join([f'[functions."{arn}"]', *(f"{name} = {json.dumps(value)}" for name, value in entry.items())])
        for arn, entry in keys.items()
    ]
    return "\n\n".join(tables) + "\n"


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1  # head and body leave in one piece

        def do_POST(self) -> None:
            event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if event["triggerSource"].startswith("Custom"):
                receiver.letters.put(event)
            body = json.dumps(riddle.handler(event, None)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
