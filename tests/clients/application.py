"""How does a test have an application in a browser? Its script is bundled as its build makes it, and served on loopback."""

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from clients.oauth import oauth_client
from clients.serving import Server

FOLDER = Path(__file__).parent
ESBUILD = FOLDER.parent.parent / "node_modules" / ".bin" / "esbuild"
_PAGES = ("index.html", "callback.html", "popup.html", "silent.html")


class _Quiet(SimpleHTTPRequestHandler):
    """Serves the files of a folder and says nothing."""

    def log_message(self, *_: object) -> None:
        """Keep the request to itself."""


def bundle(script: str, folder: Path) -> None:
    """Put a script of this folder, with all that it imports, into one file `app.js`."""
    assert ESBUILD.exists(), "the JavaScript clients are not installed: run `npm ci`"
    command = [str(ESBUILD), str(FOLDER / script), "--bundle", "--format=iife", f"--outfile={folder}/app.js"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)


def write_pages(folder: Path, facts: dict[str, Any], *pages: str) -> None:
    """Write the pages of an application, which are all the same, with its facts in them."""
    for page in pages:
        (folder / page).write_text(
            f'<!doctype html><link rel="icon" href="data:,"><title>Application</title>'
            f'<script>window.facts = {json.dumps(facts)}</script><script src="app.js"></script>'
        )


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on a free port until the block ends; the address is that of `localhost`, with a slash."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as files:
        thread = threading.Thread(target=files.serve_forever)
        thread.start()
        try:
            yield f"http://localhost:{files.server_port}/"
        finally:
            files.shutdown()
            thread.join()


@dataclass(frozen=True, slots=True)
class Application:
    """An application in a browser of its own, and which app client it is; `faults` are what was complained about."""

    page: Page
    home: str
    pool_id: str
    client_id: str
    faults: list[str]

    def begin(self, name: str) -> None:
        """Do one thing, and do not wait for it: `outcome` does."""
        self._loaded()
        self.page.evaluate("(name) => { window.begun = window.story[name](); }", name)

    def outcome(self) -> Any:
        """Wait for what was begun, and return what the application learns."""
        return self.page.evaluate("window.begun")

    def tell(self, name: str) -> Any:
        """Do one thing and return what the application learns."""
        self._loaded()
        return self.page.evaluate("(name) => window.story[name]()", name)

    def forgive(self, status: int) -> None:
        """Pass over refusals that an application expects: the browser complains of every one."""
        self.faults[:] = [one for one in self.faults if f"status of {status} " not in one]

    def _loaded(self) -> None:
        """Wait for the script: a browser shows an address before it has what is there."""
        self.page.wait_for_function("window.story")


@contextmanager
def single_page(server: Server, browser: Browser, folder: Path, pool_id: str, **options: Any) -> Iterator[Application]:
    """Open the application of oidc-client-ts, whose script is in a folder, as a client of a pool.

    `options` are what is said of the app client beside where it lives.
    """
    with served(folder) as home:
        homes = [home, *(f"{home}{page}" for page in _PAGES[1:]), f"{home}popup.html?signed=out"]
        client_id = oauth_client(server, pool_id, *homes, **options)["ClientId"]
        facts = {"issuer": f"{server.endpoint}/{pool_id}", "clientId": client_id, "home": home}
        write_pages(folder, facts, *_PAGES)
        with opened(browser, home, pool_id, client_id) as application:
            yield application


@contextmanager
def opened(browser: Browser, home: str, pool_id: str, client_id: str) -> Iterator[Application]:
    """Open an application in a browser of its own, where nothing may have been complained about when the block ends.

    The certificate of the development TLS port is taken as it is: that clients can verify it is another test's matter.
    """
    context = browser.new_context(ignore_https_errors=True)
    context.set_default_timeout(15_000)
    faults: list[str] = []
    context.on("weberror", lambda fault: faults.append(str(fault.error)))
    context.on("console", lambda line: faults.append(f"{line.text} {line.location}") if line.type == "error" else None)
    page = context.new_page()
    page.goto(home)
    try:
        yield Application(page, home, pool_id, client_id, faults)
    finally:
        context.close()
    assert faults == []
