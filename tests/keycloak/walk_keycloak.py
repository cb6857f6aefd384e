"""Do people of a Keycloak sign in here? By its own form, over OpenID and over SAML, and out at both; `make test-keycloak`.

Keycloak is set up as its operator would: a client that demands PKCE, and one made of the pool's own SAML metadata, which wants
signed requests and encrypts what it says. A person in Chromium does the rest.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from clients import chromium
from clients.serving import Server, new_client, new_pool, service, serving, verified_claims
from keycloak.keycloak import REALM, Keycloak, running

NAME, PASSWORD = "ada", "Swim-in-2-pools"
LEVELS = {"Level2": "bronze"}


class _App(BaseHTTPRequestHandler):
    """The app: one page for whatever it is asked."""

    def do_GET(self) -> None:
        body = b'<link rel="icon" href="data:,">the app'
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving_app() -> Iterator[str]:
    """Run the app; yield its origin."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _App) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://localhost:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@dataclass(frozen=True)
class Town:
    """Everything that a person meets: Keycloak, our server, an app, and a browser."""

    keycloak: Keycloak
    server: Server
    app: str
    browser: Browser

    @contextmanager
    def person(self, *, script: bool = True) -> Iterator[Page]:
        """Open a window of somebody who is signed in nowhere."""
        context = self.browser.new_context(java_script_enabled=script)
        page = context.new_page()
        page.set_default_timeout(60_000)
        yield page
        context.close()


@dataclass(frozen=True)
class Pool:
    """A pool with one app client, at a domain of its own."""

    town: Town
    pool_id: str
    prefix: str
    client_id: str = ""

    @property
    def pages(self) -> str:
        """The address of its pages, in the form with a path: a logout that Keycloak begins names no client."""
        return f"{self.town.server.endpoint}/_domains/{self.prefix}"

    @property
    def entity_id(self) -> str:
        return f"urn:amazon:cognito:sp:{self.pool_id}"

    def with_client(self, *providers: str) -> "Pool":
        """Make the app client, whose people sign in at these providers."""
        made = new_client(
            self.town.server,
            self.pool_id,
            AllowedOAuthFlowsUserPoolClient=True,
            AllowedOAuthFlows=["code"],
            AllowedOAuthScopes=["openid", "email", "profile"],
            CallbackURLs=[f"{self.town.app}/callback"],
            LogoutURLs=[f"{self.town.app}/bye"],
            SupportedIdentityProviders=list(providers),
        )
        return Pool(self.town, self.pool_id, self.prefix, str(made["ClientId"]))

    def asking(self, **more: str) -> str:
        """Return the address with which the app sends its person."""
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": f"{self.town.app}/callback",
            "scope": "openid email profile",
            "state": "state-of-the-app",
            **more,
        }
        return f"{self.pages}/oauth2/authorize?{urlencode(asked)}"

    def leaving(self) -> str:
        """Return the address with which the app signs its person out."""
        asked = {"client_id": self.client_id, "logout_uri": f"{self.town.app}/bye"}
        return f"{self.pages}/logout?{urlencode(asked)}"

    def told(self, page: Page) -> dict[str, str]:
        """Wait until the person is at the app, and return what that is told."""
        page.wait_for_url(f"{self.town.app}/callback?**")
        return dict(parse_qsl(urlsplit(page.url).query))

    def claims(self, page: Page) -> dict[str, Any]:
        """Wait until the person is at the app, and return the claims of the ID token that it gets, verified."""
        told = self.told(page)
        assert told.get("state") == "state-of-the-app", told
        form = {
            "grant_type": "authorization_code",
            "client_id": self.client_id,
            "code": told["code"],
            "redirect_uri": f"{self.town.app}/callback",
        }
        answer = httpx.post(f"{self.pages}/oauth2/token", data=form, trust_env=False)
        assert answer.status_code == httpx.codes.OK, answer.text
        return verified_claims(self.town.server, self.pool_id, answer.json()["id_token"])


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Run everything, with one person at Keycloak."""
    folder: Path = tmp_path_factory.mktemp("keycloak")
    with running(folder) as keycloak:
        keycloak.admin(
            "POST",
            "",
            {"realm": REALM, "enabled": True, "attributes": {"acr.loa.map": '{"bronze": 1}'}},
        )
        keycloak.admin(
            "POST",
            f"/{REALM}/users",
            {
                "username": NAME,
                "enabled": True,
                "email": "ada@lovelace.example",
                "emailVerified": True,
                "firstName": "Ada",
                "lastName": "Lövelace",
                "credentials": [{"type": "password", "value": PASSWORD, "temporary": False}],
            },
        )
        with serving(folder) as server, serving_app() as app, chromium.running() as browser:
            yield Town(keycloak, server, app, browser)


def new_place(town: Town) -> Pool:
    """Make a pool with a domain of its own."""
    pool_id = new_pool(town.server)
    prefix = f"kc{secrets.token_hex(6)}"
    service(town.server).create_user_pool_domain(UserPoolId=pool_id, Domain=prefix)
    return Pool(town, pool_id, prefix)


def by_openid(town: Town) -> Pool:
    """Make a pool whose provider is Keycloak by OpenID Connect, found by discovery; its client there demands PKCE."""
    pool, secret = new_place(town), secrets.token_urlsafe(24)
    town.keycloak.admin(
        "POST",
        f"/{REALM}/clients",
        {
            "clientId": pool.prefix,
            "secret": secret,
            "protocol": "openid-connect",
            "redirectUris": [f"{pool.pages}/oauth2/idpresponse"],
            "attributes": {"pkce.code.challenge.method": "S256"},
        },
    )
    service(town.server).create_identity_provider(
        UserPoolId=pool.pool_id,
        ProviderName="Keycloak",
        ProviderType="OIDC",
        ProviderDetails={
            "client_id": pool.prefix,
            "client_secret": secret,
            "authorize_scopes": "openid email profile",
            "oidc_issuer": town.keycloak.realm,
            "attributes_request_method": "GET",
        },
        AttributeMapping={"email": "email", "email_verified": "email_verified", "family_name": "family_name"},
        AcrMapping=LEVELS,
    )
    return pool.with_client("COGNITO", "Keycloak")


def by_saml(town: Town, *, form_alone: bool = False) -> Pool:
    """Make a pool whose provider is Keycloak by SAML, where it is what Keycloak makes of the pool's metadata.

    It demands signed requests, and encrypts its assertions. `form_alone`: Keycloak says that it takes forms and no redirects.
    """
    pool, keycloak = new_place(town), town.keycloak
    document = keycloak.client.get(keycloak.saml_metadata).raise_for_status().text
    source = {"MetadataFile": without_redirects(document)} if form_alone else {"MetadataURL": keycloak.saml_metadata}
    service(town.server).create_identity_provider(
        UserPoolId=pool.pool_id,
        ProviderName="Keycloak",
        ProviderType="SAML",
        ProviderDetails={
            **source,
            "IDPSignout": "true",
            "EncryptedResponses": "true",
            "RequestSigningAlgorithm": "rsa-sha256",
        },
        AttributeMapping={"email": "email"},
    )
    ours = httpx.get(f"{pool.pages}/saml2/metadata?identity_provider=Keycloak", trust_env=False).raise_for_status()
    made = keycloak.admin("POST", f"/{REALM}/client-description-converter", text=ours.content)
    assert made["clientId"] == pool.entity_id
    made["attributes"] |= {
        "saml.client.signature": "true",
        "saml.encrypt": "true",
        "saml.server.signature": "true",
        "saml.signature.algorithm": "RSA_SHA256",
        "saml.force.post.binding": "true",
        "saml_force_name_id_format": "true",
        "saml_name_id_format": "username",
    }
    made["frontchannelLogout"] = True
    made["protocolMappers"] = [
        {
            "name": "email",
            "protocol": "saml",
            "protocolMapper": "saml-user-property-mapper",
            "config": {"user.attribute": "email", "attribute.name": "email", "attribute.nameformat": "Basic"},
        }
    ]
    keycloak.admin("POST", f"/{REALM}/clients", made)
    return pool.with_client("COGNITO", "Keycloak")


def without_redirects(document: str) -> str:
    """Return metadata that name no place for redirects."""
    return document.replace("bindings:HTTP-Redirect", "bindings:HTTP-Artifact")


def sign_in_there(page: Page) -> None:
    """Fill Keycloak's own form."""
    page.locator("#username").fill(NAME)
    page.locator("#password").fill(PASSWORD)
    page.locator("#kc-login").click()


def test_a_person_signs_in_over_openid(town: Town) -> None:
    """From the button of our page; the second app client of Keycloak's session is not asked for the password again."""
    pool = by_openid(town)
    with town.person() as page:
        page.goto(pool.asking())
        page.get_by_role("button", name="Keycloak").click()
        sign_in_there(page)
        claims = pool.claims(page)
        assert (claims["email"], claims["email_verified"]) == ("ada@lovelace.example", True)
        assert claims["family_name"] == "Lövelace"
        (identity,) = claims["identities"]
        assert (identity["providerName"], identity["providerType"]) == ("Keycloak", "OIDC")
        assert claims["cognito:username"] == f"Keycloak_{identity['userId']}"

        page.goto(pool.asking(prompt="none"))
        assert pool.claims(page)["sub"] == claims["sub"]
        page.goto(pool.asking(prompt="login", identity_provider="Keycloak"))
        expect(page.locator("#password")).to_be_visible()  # Keycloak heard of it


def test_a_level_is_asked_for_there_and_comes_back(town: Town) -> None:
    """AcrMapping both ways: our name of the level is Keycloak's, and its word is the level of the token."""
    pool = by_openid(town)
    with town.person() as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto(pool.asking(identity_provider="Keycloak", acr_values="urn:cognito:loa:2"))
        sign_in_there(page)
        assert pool.claims(page)["acr"] == "urn:cognito:loa:2"
        (there,) = [url for url in asked if "/protocol/openid-connect/auth?" in url]
        assert dict(parse_qsl(urlsplit(there).query))["acr_values"] == "bronze"


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
@pytest.mark.parametrize("form_alone", [False, True], ids=["by redirect", "by form"])
def test_a_person_signs_in_and_out_over_saml(town: Town, *, form_alone: bool, script: bool) -> None:
    """Our request is signed, its assertion encrypted; /logout ends both sessions, so the next sign-in asks for the password."""
    pool = by_saml(town, form_alone=form_alone)

    def onward(page: Page) -> None:
        """Press the buttons that a script presses: on our page, and on Keycloak's on the way back."""
        if not script and form_alone:
            page.get_by_role("button", name="Continue").click()

    def back(page: Page) -> None:
        if not script:
            page.locator("form input[type=submit], form button").first.click()

    with town.person(script=script) as page:
        page.goto(pool.asking(identity_provider="Keycloak"))
        onward(page)
        sign_in_there(page)
        back(page)
        claims = pool.claims(page)
        assert claims["email"] == "ada@lovelace.example"
        (identity,) = claims["identities"]
        assert (identity["userId"], identity["issuer"]) == (NAME, town.keycloak.realm)

        page.goto(pool.leaving())
        onward(page)
        back(page)
        page.wait_for_url(f"{town.app}/bye")
        page.goto(pool.asking(prompt="none"))
        assert pool.told(page)["error"] == "login_required"
        page.goto(pool.asking(identity_provider="Keycloak"))
        onward(page)
        expect(page.locator("#password")).to_be_visible()


@pytest.mark.parametrize("make", [by_saml, lambda town: by_saml(town, form_alone=True)], ids=["by redirect", "by form"])
def test_a_logout_that_begins_at_keycloak_ends_the_session_here(town: Town, make: Callable[[Town], Pool]) -> None:
    """Its signed LogoutRequest comes by way of the browser, and our signed answer takes the person back."""
    pool = make(town)
    with town.person() as page:
        page.goto(pool.asking(identity_provider="Keycloak"))
        sign_in_there(page)
        pool.claims(page)
        page.goto(f"{town.keycloak.realm}/protocol/openid-connect/logout")
        page.locator("#kc-logout").click()
        expect(page.get_by_role("heading", name="You are logged out")).to_be_visible()
        page.goto(pool.asking(prompt="none"))
        assert pool.told(page)["error"] == "login_required"
