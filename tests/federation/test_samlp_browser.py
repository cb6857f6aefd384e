"""A person in Chromium, an unmodified provider of another maker, and a pool between them: in, in from there, and out."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from api.forge import claims_of
from api.world import ClientOfTests, PoolOfTests, World
from clients import chromium
from federation.saml_partner import NAME, add_saml
from federation.samlp_server import samlp_for
from oauth.browsing import app_client, request_of
from oauth.hosted import exchange

WAIT = 60_000


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    """Run the machine's Chromium."""
    with chromium.running() as browser:
        yield browser


@pytest.fixture
def today(world: World) -> Iterator[World]:
    """Have the server's clock say what the machine's does: the provider knows no other."""
    before = world.clock.time
    world.clock.time = time.time_ns() // 1_000_000
    yield world
    world.clock.time = max(before, world.clock.time)


class _App(BaseHTTPRequestHandler):
    """The app: one page for whatever it is asked."""

    def do_GET(self) -> None:
        body = b"the app"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def app() -> Iterator[str]:
    """Run the app; yield its origin."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _App) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def page(chrome: Browser) -> Iterator[Page]:
    """Open a window."""
    context = chrome.new_context()
    shown = context.new_page()
    shown.set_default_timeout(WAIT)
    yield shown
    context.close()


@contextmanager
def another_host(to: str) -> Iterator[str]:
    """Run a host before a provider, which sends on whoever posts to it; yield its origin, at another name."""

    class Before(_App):
        def do_POST(self) -> None:
            self.send_response(307)
            self.send_header("Location", f"{to}{self.path}")
            self.send_header("Content-Length", "0")
            self.end_headers()

    with ThreadingHTTPServer(("127.0.0.1", 0), Before) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://localhost:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def without_redirects(document: str) -> str:
    """Return metadata that name no place for redirects."""
    return document.replace("bindings:HTTP-Redirect", "bindings:HTTP-Artifact")


def at(
    pool: PoolOfTests, origin: str, app: str, *, only: bool = False, document: str = "", **details: str
) -> ClientOfTests:
    """Set the provider up by its own metadata; return an app client for its people."""
    document = document or httpx.get(f"{origin}/metadata", trust_env=False).raise_for_status().text
    add_saml(pool, document=document, RequestSigningAlgorithm="rsa-sha256", **details)
    ways = [NAME] if only else ["COGNITO", NAME]
    places = {"CallbackURLs": [f"{app}/callback"], "LogoutURLs": [f"{app}/bye"]}
    return app_client(pool, SupportedIdentityProviders=ways, **places)


def asking(client: ClientOfTests, app: str, **more: str) -> str:
    """Return the address with which the app sends its person."""
    asked = urlencode(request_of(client, redirect_uri=f"{app}/callback", **more))
    return f"{client.world.url}/oauth2/authorize?{asked}"


def told(page: Page, app: str) -> dict[str, str]:
    """Wait for the app, and return what it is told."""
    page.wait_for_url(f"{app}/callback?**", timeout=WAIT)
    return dict(parse_qsl(urlsplit(page.url).query))


def test_a_person_signs_in_and_out_at_both(today: World, page: Page, app: str) -> None:
    """By the provider's button of the sign-in page; its session ends at /logout, and the next sign-in asks it anew."""
    pool = today.pool()
    with samlp_for(pool) as origin:
        client = at(pool, origin, app, IDPSignout="true")
        page.goto(asking(client, app))
        page.get_by_role("button", name=NAME).click()
        claims = claims_of(exchange(client, told(page, app)["code"], redirect_uri=f"{app}/callback").body["id_token"])
        assert claims["identities"][0]["userId"] == "ada"

        leaving = urlencode({"client_id": client.client_id, "logout_uri": f"{app}/bye"})
        page.goto(f"{today.url}/logout?{leaving}")
        page.wait_for_url(f"{app}/bye", timeout=WAIT)
        page.goto(asking(client, app, prompt="none"))
        assert told(page, app)["error"] == "login_required"


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
def test_a_person_goes_by_form_where_there_is_no_redirect(
    today: World, chrome: Browser, app: str, *, script: bool
) -> None:
    """Through a host that sends on to another, as providers' hosts do; signed, and out at both by forms as well."""
    pool, context = today.pool(), chrome.new_context(java_script_enabled=script)
    page = context.new_page()
    page.set_default_timeout(WAIT)

    def onward() -> None:
        if not script:
            expect(page.get_by_role("heading", name="One moment")).to_be_visible()
            page.get_by_role("button", name="Continue").click()

    with samlp_for(pool) as origin, another_host(origin) as before:
        document = httpx.get(f"{origin}/metadata", trust_env=False).raise_for_status().text
        document = without_redirects(document).replace(f'Location="{origin}/sso', f'Location="{before}/sso')
        assert before in document
        client = at(pool, origin, app, document=document, IDPSignout="true")
        page.goto(asking(client, app, identity_provider=NAME))
        onward()
        if not script:
            page.locator("form input[type=submit]").click()  # of the provider's own page
        claims = claims_of(exchange(client, told(page, app)["code"], redirect_uri=f"{app}/callback").body["id_token"])
        assert claims["identities"][0]["userId"] == "ada"

        leaving = urlencode({"client_id": client.client_id, "logout_uri": f"{app}/bye"})
        page.goto(f"{today.url}/logout?{leaving}")
        onward()
        if not script:
            page.locator("form input[type=submit]").click()
        page.wait_for_url(f"{app}/bye", timeout=WAIT)
        page.goto(asking(client, app, prompt="none"))
        assert told(page, app)["error"] == "login_required"
    context.close()


def test_a_person_begins_at_the_provider(today: World, page: Page, app: str) -> None:
    """With the query of an authorize request as RelayState (oauth-federation.md 7.4)."""
    pool = today.pool()
    with samlp_for(pool) as origin:
        client = at(pool, origin, app, only=True, IDPInit="true")
        relay_state = urlencode(
            {
                "identity_provider": NAME,
                "client_id": client.client_id,
                "redirect_uri": f"{app}/callback",
                "response_type": "code",
                "scope": "openid email",
            }
        )
        page.goto(f"{origin}/sso/both?{urlencode({'RelayState': relay_state})}")
        claims = claims_of(exchange(client, told(page, app)["code"], redirect_uri=f"{app}/callback").body["id_token"])
        assert claims["identities"][0]["userId"] == "ada"


def test_what_the_provider_encrypts_for_another_is_not_read(today: World, page: Page, app: str) -> None:
    """A page says that it came to nothing; the app is not told."""
    pool = today.pool()
    with samlp_for(pool) as origin:
        client = at(pool, origin, app, EncryptedResponses="true")
        page.goto(asking(client, app, identity_provider=NAME))
        page.wait_for_url("**/error?**", timeout=WAIT)
        assert app not in page.url
