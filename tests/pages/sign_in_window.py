"""How does a test sign in on the real pages? In a window of its own, at an application that only listens."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

import botocore.auth
import pytest
from playwright.sync_api import Browser, Page, expect

from api.world import ClientOfTests, World, round_to_second, running, settings_for
from oauth.browsing import request_of


class _App(BaseHTTPRequestHandler):
    """An app whose callback redirects on, as apps do."""

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        if path == "/callback":
            self.send_response(302)
            self.send_header("Location", f"/landed?{query}")
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b'<link rel="icon" href="data:,"><h1>Welcome to the app</h1>')

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def app() -> Iterator[str]:
    """Run an app; return its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _App)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run a server of its own: pages are the same on both engines, and a browser's loop lets no other begin beside it."""
    settings = settings_for(tmp_path_factory.mktemp("pages"))
    now = round_to_second(time.time_ns() // 1_000_000)
    with running(settings, engine="sqlite", started_at=now) as world, pytest.MonkeyPatch.context() as patched:
        patched.setattr(botocore.auth, "get_current_datetime", world.clock.datetime)
        yield world


@contextmanager
def window(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """Open a window; what its console calls an error is kept."""
    context = browser.new_context()
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page, said
    context.close()


def authorize(page: Page, client: ClientOfTests, app: str, **more: str) -> None:
    """Come from the app."""
    query = request_of(client, redirect_uri=f"{app}/callback", **more)
    page.goto(f"{client.world.url}/oauth2/authorize?{urlencode(query)}")


def landed(page: Page) -> dict[str, str]:
    """Return what the app was told, once the browser is there."""
    expect(page.get_by_role("heading", name="Welcome to the app")).to_be_visible()
    assert urlsplit(page.url).path == "/landed"
    return dict(parse_qsl(urlsplit(page.url).query))
