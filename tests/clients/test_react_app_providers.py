"""Does the example application serve people of other providers, unmodified? In a browser, at npm's oidc-provider and samlp.

An operator adds the providers to the example's pool and names them in its app client; the application knows nothing of it.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from clients import react_app
from clients.oauth import discovered, silently
from clients.react_app import Running
from clients.serving import Server, service, verified_claims
from federation import oidc_server
from federation.samlp_server import samlp

OIDC, SAML = "Partner", "Corporate"
# How samlp calls an address.
MAIL = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"
DOMAIN = "juniper.example"


@dataclass(frozen=True, slots=True)
class Federated:
    """The example beside its providers, and where the pool's pages are."""

    server: Server
    example: Running
    pages: str
    oidc: str
    saml: str

    @property
    def place(self) -> dict[str, str]:
        return {"UserPoolId": self.example.pool_id}

    def serve(self, *providers: str) -> None:
        """Let people in at the example by these providers; what else its app client is set to stays."""
        idp = service(self.server)
        place = {**self.place, "ClientId": self.example.client_id}
        known = idp.describe_user_pool_client(**place)["UserPoolClient"]
        kept = ("ClientName", "AllowedOAuthFlowsUserPoolClient", "AllowedOAuthFlows", "AllowedOAuthScopes")
        settings = {name: known[name] for name in (*kept, "CallbackURLs", "LogoutURLs")}
        idp.update_user_pool_client(**place, **settings, SupportedIdentityProviders=list(providers))


@pytest.fixture(scope="module")
def federated(server: Server) -> Iterator[Federated]:
    """Run the example on each engine, and the two providers for its pool."""
    with react_app.running(server) as example:
        idp, place = service(server), {"UserPoolId": example.pool_id}
        parts = urlsplit(discovered(server, example.pool_id)["authorization_endpoint"])
        pages = f"{parts.scheme}://{parts.netloc}"
        shown = idp.get_signing_certificate(**place)["Certificate"]
        callback = f"{pages}/oauth2/idpresponse"
        with (
            oidc_server.running("client_secret_post", callback=callback, at_once=False) as issuer,
            samlp(example.pool_id, pages=pages, certificate=shown) as corporate,
        ):
            idp.create_identity_provider(
                **place,
                ProviderName=OIDC,
                ProviderType="OIDC",
                ProviderDetails=oidc_server.details_of(issuer, "posting"),
                AttributeMapping={"email": "email", "email_verified": "email_verified"},
            )
            document = httpx.get(f"{corporate}/metadata", trust_env=False).raise_for_status().text
            idp.create_identity_provider(
                **place,
                ProviderName=SAML,
                ProviderType="SAML",
                ProviderDetails={
                    "MetadataFile": document,
                    "IDPSignout": "true",
                    "RequestSigningAlgorithm": "rsa-sha256",
                },
                AttributeMapping={"email": MAIL},
            )
            yield Federated(server, example, pages, issuer, corporate)


@contextmanager
def _window(browser: Browser, federated: Federated) -> Iterator[Page]:
    """Open a browser of one's own at the application; nothing may be complained about there or on the pool's pages."""
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(15_000)
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on(
        "console", lambda line: faults.append(f"{line.text} {line.location}") if _is_ours(line, federated) else None
    )
    page.goto(federated.example.address, timeout=90_000)  # Vite gets its dependencies ready at the first visit
    try:
        yield page
    finally:
        context.close()
    assert faults == []


def _is_ours(line: Any, federated: Federated) -> bool:
    return line.type == "error" and not line.location["url"].startswith((federated.oidc, federated.saml))


def _use_the_application(page: Page, federated: Federated, address: str) -> dict[str, Any]:
    """Call the backend, refresh and sign out, as anybody does; return the claims of the first ID token."""
    server, example = federated.server, federated.example
    expect(page.get_by_text(f"Signed in as {address}")).to_be_visible()
    expect(page).to_have_url(example.address)
    first = react_app.held(page)
    claims = verified_claims(server, example.pool_id, first["id_token"])
    access = verified_claims(server, example.pool_id, first["access_token"])
    assert (access["client_id"], access["username"]) == (example.client_id, claims["cognito:username"])

    page.get_by_role("button", name="Call the backend").click()
    answer = page.get_by_label("Answer of the backend")
    expect(answer).to_have_text(re.compile("^200 "))
    told = json.loads(answer.inner_text().removeprefix("200 "))
    assert (told["sub"], told["username"]) == (claims["sub"], claims["cognito:username"])

    expect(page.get_by_test_id("token")).to_have_text(access["jti"])
    page.get_by_role("button", name="Refresh").click()
    expect(page.get_by_test_id("token")).not_to_have_text(access["jti"])
    second = react_app.held(page)
    later = verified_claims(server, example.pool_id, second["id_token"])
    assert [later[name] for name in ("sub", "auth_time", "identities")] == [
        claims[name] for name in ("sub", "auth_time", "identities")
    ]
    assert "code" in silently(page, server, example.pool_id, example.client_id, example.address)

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("Nobody is signed in.")).to_be_visible()
    expect(page).to_have_url(example.address)
    gone = silently(page, server, example.pool_id, example.client_id, example.address)
    assert gone["error"] == "login_required"
    idp = service(server)
    with pytest.raises(idp.exceptions.NotAuthorizedException, match="Refresh Token has been revoked"):
        idp.get_tokens_from_refresh_token(ClientId=example.client_id, RefreshToken=second["refresh_token"])
    return claims


def _identity(claims: dict[str, Any]) -> tuple[str, str, str]:
    (one,) = claims["identities"]
    return one["providerName"], one["providerType"], one["userId"]


def test_a_person_of_an_openid_provider_uses_the_application(federated: Federated, browser: Browser) -> None:
    """By the button of the sign-in page, and the provider's own form; the provider's session outlives ours, as at AWS."""
    federated.serve("COGNITO", OIDC, SAML)
    with _window(browser, federated) as page:
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name=f"Continue with {OIDC}").click()
        expect(page.get_by_role("heading", name="Sign in at the partner")).to_be_visible()
        page.get_by_label("Account").fill("olga")
        page.get_by_role("button", name="Sign in").click()
        claims = _use_the_application(page, federated, "olga@example.com")
        assert (_identity(claims), claims["email_verified"]) == ((OIDC, "OIDC", "olga"), True)

        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name=f"Continue with {OIDC}").click()
        expect(page.get_by_text("Signed in as olga@example.com")).to_be_visible()


def test_a_person_of_a_saml_provider_uses_the_application(federated: Federated, browser: Browser) -> None:
    """By the button; the application's sign-out ends the session there too, and comes back to the application."""
    federated.serve("COGNITO", OIDC, SAML)
    with _window(browser, federated) as page:
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name=f"Continue with {SAML}").click()
        expect(page.get_by_text("Signed in as ada@example.com")).to_be_visible()
        visited: list[str] = []
        page.on("request", lambda request: visited.append(request.url))
        claims = _use_the_application(page, federated, "ada@example.com")
        assert _identity(claims) == (SAML, "SAML", "ada")
        assert [url for url in visited if url.startswith(f"{federated.saml}/logout/redirect?")]


@pytest.mark.parametrize("way", ["box", "idp_identifier"])
def test_a_person_is_sent_to_their_provider_by_the_domain_of_their_address(
    federated: Federated, browser: Browser, way: str
) -> None:
    """Typed into the box of the sign-in page, or named by whoever sends them there beside what the application asks."""
    idp = service(federated.server)
    provider = {**federated.place, "ProviderName": SAML}
    idp.update_identity_provider(**provider, IdpIdentifiers=[DOMAIN])
    federated.serve("COGNITO", OIDC, SAML)
    try:
        with _window(browser, federated) as page:
            page.get_by_role("button", name="Sign in").click()
            expect(page.get_by_role("button", name=f"Continue with {OIDC}")).to_be_visible()
            expect(page.get_by_role("button", name=f"Continue with {SAML}")).to_have_count(0)
            if way == "box":
                page.get_by_label("Email address at work").fill(f"ada@{DOMAIN}")
                page.get_by_label("Email address at work").press("Enter")
            else:
                asked = urlsplit(page.url).query
                page.goto(f"{federated.pages}/oauth2/authorize?{asked}&idp_identifier={DOMAIN}")
            claims = _use_the_application(page, federated, "ada@example.com")
            assert _identity(claims) == (SAML, "SAML", "ada")
    finally:
        idp.update_identity_provider(**provider, IdpIdentifiers=[])


def test_an_application_of_one_provider_alone_sends_its_people_there(federated: Federated, browser: Browser) -> None:
    """No sign-in page between the application and the provider."""
    federated.serve(SAML)
    with _window(browser, federated) as page:
        page.get_by_role("button", name="Sign in").click()
        claims = _use_the_application(page, federated, "ada@example.com")
        assert _identity(claims) == (SAML, "SAML", "ada")
