"""Do passkeys work for a person? A real browser with a virtual authenticator, and unmodified Amplify in its page."""

import json
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from clients.serving import USER_FLOWS, Server, new_client, new_pool, new_user, service, verified_claims

FOLDER = Path(__file__).parent
ESBUILD = FOLDER.parent.parent / "node_modules" / ".bin" / "esbuild"
PASSWORD = "Browser-Pass-1"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}

Story = Callable[..., Any]


class _Quiet(SimpleHTTPRequestHandler):
    """Serves the files of a folder and says nothing."""

    def log_message(self, *_: object) -> None:
        """Keep the request to itself."""


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the application's script in one file, as its build makes it."""
    assert ESBUILD.exists(), "the JavaScript clients are not installed: run `npm ci`"
    folder = tmp_path_factory.mktemp("application")
    application = str(FOLDER / "passkeys_browser.mjs")
    command = [str(ESBUILD), application, "--bundle", "--format=iife", f"--outfile={folder}/app.js"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return folder


@pytest.fixture(scope="module")
def browser(server: Server) -> Iterator[Browser]:
    """Run Chromium without a window, once the server is there: Playwright keeps the loop that starting one needs."""
    program = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    assert Path(program).exists(), f"there is no browser at {program}: install chromium, or name one in CHROMIUM"
    with sync_playwright() as playwright:
        switches = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        launched = playwright.chromium.launch(executable_path=program, args=switches)
        yield launched
        launched.close()


@pytest.fixture
def facts(server: Server) -> dict[str, str]:
    """Make a pool for the relying party `localhost`, a client of it and a user with a password."""
    factors = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}}
    pool_id = new_pool(server, Policies=factors)
    service(server).set_user_pool_mfa_config(
        UserPoolId=pool_id, WebAuthnConfiguration={"RelyingPartyId": "localhost", "UserVerification": "required"}
    )
    client_id = new_client(server, pool_id, ExplicitAuthFlows=[*USER_FLOWS, "ALLOW_USER_AUTH"])["ClientId"]
    new_user(server, pool_id, "paula", PASSWORD)
    return {"poolId": pool_id, "clientId": client_id, "endpoint": server.endpoint}


@pytest.fixture
def page(browser: Browser, bundle: Path, facts: dict[str, str]) -> Iterator[Page]:
    """Open the application at http://localhost, with its facts in the page."""
    (bundle / "index.html").write_text(
        f"<!doctype html><title>Application</title><script>window.facts = {json.dumps(facts)}</script>"
        '<script src="app.js"></script>'
    )
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(bundle))) as files:
        thread = threading.Thread(target=files.serve_forever)
        thread.start()
        opened = browser.new_page()
        opened.goto(f"http://localhost:{files.server_port}/")
        yield opened
        opened.close()
        files.shutdown()
        thread.join()


def _authenticator(page: Page) -> tuple[CDPSession, dict[str, str]]:
    """Give a page an authenticator of the machine's own; return the way to it, and its name there."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    return session, session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})


def _story(page: Page) -> Story:
    """Return a function that does one thing of the application's and returns what a person is told."""

    def tell(name: str, *args: Any) -> Any:
        return page.evaluate("([name, args]) => window.story[name](...args)", [name, args])

    return tell


def test_amplify_registers_a_passkey_signs_in_with_it_and_deletes_it(
    server: Server, page: Page, facts: dict[str, str]
) -> None:
    """From a password to a passkey and back: each step as Amplify's guide has it, in a browser that checks names itself."""
    tell = _story(page)
    cdp, authenticator = _authenticator(page)
    assert tell("signInByPassword", "paula", PASSWORD)["answer"]["isSignedIn"]
    assert tell("associate") == {"answer": None}

    (kept,) = cdp.send("WebAuthn.getCredentials", authenticator)["credentials"]
    (listed,) = tell("list")["answer"]["credentials"]
    assert (listed["relyingPartyId"], listed["authenticatorAttachment"]) == ("localhost", "platform")
    assert listed["authenticatorTransports"] == ["internal"]
    assert kept["rpId"] == "localhost"
    assert tell("associate")["error"] == "PasskeyAlreadyExists"

    tell("signOut")
    assert tell("signInByPasskey", "paula") == {"answer": {"isSignedIn": True, "nextStep": {"signInStep": "DONE"}}}
    claims = verified_claims(server, facts["poolId"], tell("accessToken"))
    assert claims["username"] == "paula"

    (used,) = cdp.send("WebAuthn.getCredentials", authenticator)["credentials"]
    assert used["signCount"] > kept["signCount"]
    assert tell("remove", listed["credentialId"]) == {"answer": None}
    assert tell("list")["answer"]["credentials"] == []


def test_a_copied_authenticator_is_found_out_in_a_browser(page: Page) -> None:
    """The key is exported with its count and put into another authenticator: who lags behind is refused."""
    tell = _story(page)
    cdp, authenticator = _authenticator(page)
    tell("signInByPassword", "paula", PASSWORD)
    tell("associate")
    (copied,) = cdp.send("WebAuthn.getCredentials", authenticator)["credentials"]
    tell("signOut")
    assert "answer" in tell("signInByPasskey", "paula")
    tell("signOut")

    cdp.send("WebAuthn.removeVirtualAuthenticator", authenticator)
    _, other = _authenticator(page)
    cdp.send("WebAuthn.addCredential", {**other, "credential": copied})
    assert tell("signInByPasskey", "paula") == {
        "error": "NotAuthorizedException",
        "message": "Incorrect username or password.",
    }
