"""Do passkeys work for a person? A real browser with a virtual authenticator, and unmodified Amplify in its page."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from clients.application import bundle, served, write_pages
from clients.chromium import authenticator
from clients.serving import USER_FLOWS, Server, new_client, new_pool, new_user, service, verified_claims

PASSWORD = "Browser-Pass-1"

Story = Callable[..., Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the application's script in one file."""
    made = tmp_path_factory.mktemp("application")
    bundle("passkeys_browser.mjs", made)
    return made


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
def page(browser: Browser, folder: Path, facts: dict[str, str]) -> Iterator[Page]:
    """Open the application at http://localhost, with its facts in the page."""
    write_pages(folder, facts, "index.html")
    with served(folder) as address:
        opened = browser.new_page()
        opened.goto(address)
        yield opened
        opened.close()


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
    cdp, device = authenticator(page)
    assert tell("signInByPassword", "paula", PASSWORD)["answer"]["isSignedIn"]
    assert tell("associate") == {"answer": None}

    (kept,) = cdp.send("WebAuthn.getCredentials", device)["credentials"]
    (listed,) = tell("list")["answer"]["credentials"]
    assert (listed["relyingPartyId"], listed["authenticatorAttachment"]) == ("localhost", "platform")
    assert listed["authenticatorTransports"] == ["internal"]
    assert kept["rpId"] == "localhost"
    assert tell("associate")["error"] == "PasskeyAlreadyExists"

    tell("signOut")
    assert tell("signInByPasskey", "paula") == {"answer": {"isSignedIn": True, "nextStep": {"signInStep": "DONE"}}}
    claims = verified_claims(server, facts["poolId"], tell("accessToken"))
    assert claims["username"] == "paula"

    (used,) = cdp.send("WebAuthn.getCredentials", device)["credentials"]
    assert used["signCount"] > kept["signCount"]
    assert tell("remove", listed["credentialId"]) == {"answer": None}
    assert tell("list")["answer"]["credentials"] == []


def test_a_copied_authenticator_is_found_out_in_a_browser(page: Page) -> None:
    """The key is exported with its count and put into another authenticator: who lags behind is refused."""
    tell = _story(page)
    cdp, device = authenticator(page)
    tell("signInByPassword", "paula", PASSWORD)
    tell("associate")
    (copied,) = cdp.send("WebAuthn.getCredentials", device)["credentials"]
    tell("signOut")
    assert "answer" in tell("signInByPasskey", "paula")
    tell("signOut")

    cdp.send("WebAuthn.removeVirtualAuthenticator", device)
    _, other = authenticator(page)
    cdp.send("WebAuthn.addCredential", {**other, "credential": copied})
    assert tell("signInByPasskey", "paula") == {
        "error": "NotAuthorizedException",
        "message": "Incorrect username or password.",
    }
