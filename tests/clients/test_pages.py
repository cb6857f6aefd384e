"""Do the pages let people in as the pool says, and not as ExplicitAuthFlows do? Clients with AWS's defaults, choice, passkeys."""

from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.sync_api import Browser, CDPSession, expect

from clients import person
from clients.application import Application, single_page
from clients.chromium import authenticator, be_idle, be_touched
from clients.serving import Server, code_for, new_pool, new_user, service, verified_claims

CHOICE = ["ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]


class Open(Protocol):
    """Opens an application of a pool, with what is said of its app client."""

    def __call__(self, pool_id: str, **options: Any) -> AbstractContextManager[Application]: ...


@pytest.fixture
def applied(server: Server, browser: Browser, oidc_script: Path) -> Open:
    return partial(single_page, server, browser, oidc_script)


@pytest.fixture
def passkey_pool(server: Server) -> str:
    """Make a pool where people name themselves by an address and may have passkeys: those of its domain's host."""
    factors = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}}
    pool_id = new_pool(server, Policies=factors, UsernameAttributes=["email"])
    service(server).create_user_pool_domain(UserPoolId=pool_id, Domain=f"passkeys-{pool_id.rpartition('_')[2].lower()}")
    return pool_id


def _back(application: Application) -> dict[str, str]:
    """Wait until the person is back at the application, and return the user that it has."""
    expect(application.page).to_have_url(application.home)
    user: dict[str, str] = application.tell("user")
    return user


def _signed_out(application: Application) -> None:
    """Sign out at the application and at the pool, and be at the sign-in page again."""
    with application.page.expect_response(lambda response: "/logout?" in response.url):
        application.begin("signOutByRedirect")
    expect(application.page).to_have_url(application.home)
    application.begin("signInByRedirect")
    expect(application.page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_client_with_awss_defaults_signs_in_by_the_pages(server: Server, applied: Open) -> None:
    """Its people may not sign in with a bare password by the API; the pages, which are the pool's own, ask for it."""
    pool_id = new_pool(server)
    new_user(server, pool_id, "dora", person.PASSWORD)
    with applied(pool_id) as application:
        idp = service(server)
        with pytest.raises(idp.exceptions.InvalidParameterException, match="USER_PASSWORD_AUTH flow not enabled"):
            idp.initiate_auth(
                ClientId=application.client_id,
                AuthFlow="USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": "dora", "PASSWORD": person.PASSWORD},
            )

        application.begin("signInByRedirect")
        person.sign_in(application.page, "dora")
        claims = verified_claims(server, pool_id, _back(application)["accessToken"])
        assert claims["username"] == "dora"


def test_a_client_of_choices_asks_for_the_name_first(server: Server, applied: Open) -> None:
    """Then how, where there is more than one way: here by a code that comes by mail."""
    factors = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}}
    pool_id = new_pool(server, Policies=factors)
    new_user(server, pool_id, "cora", person.PASSWORD)
    with applied(pool_id, ExplicitAuthFlows=CHOICE) as application:
        page = application.page
        application.begin("signInByRedirect")
        page.get_by_label("User name").fill("cora")
        expect(page.get_by_label("Password", exact=True)).to_have_count(0)
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("heading", name="Choose how to sign in")).to_be_visible()
        page.get_by_role("button", name="Code by email").click()
        page.get_by_label("Code").fill(code_for(server, pool_id, "cora@example.com", "Authentication"))
        page.get_by_role("button", name="Continue").click()

        assert _back(application)["email"] == "cora@example.com"


@pytest.mark.parametrize("flows", [None, CHOICE], ids=["defaults", "choice"])
def test_a_passkey_is_offered_after_sign_up_and_signs_in(
    server: Server, applied: Open, passkey_pool: str, flows: list[str] | None
) -> None:
    """Sign-up, the offer, the application; and then back in without name or password, by what the machine keeps."""
    options = {} if flows is None else {"ExplicitAuthFlows": flows}
    with applied(passkey_pool, **options) as application:
        page = application.page
        cdp, device = _with_passkey(application, server, passkey_pool, "petra@example.com")
        first = _back(application)
        (kept,) = cdp.send("WebAuthn.getCredentials", device)["credentials"]
        assert kept["rpId"] == "localhost"

        be_idle(cdp, device)
        _signed_out(application)
        be_touched(cdp, device)
        page.get_by_role("button", name="Sign in with a passkey").click()
        again = _back(application)
        before, after = (verified_claims(server, passkey_pool, user["accessToken"]) for user in (first, again))
        assert before["sub"] == after["sub"]
        assert before["origin_jti"] != after["origin_jti"]
        (used,) = cdp.send("WebAuthn.getCredentials", device)["credentials"]
        assert used["signCount"] > kept["signCount"]


def test_a_passkey_is_a_way_to_choose(server: Server, applied: Open, passkey_pool: str) -> None:
    """Whoever gives their name first is asked how, and the passkey is one of the ways; here of a party that is named."""
    service(server).set_user_pool_mfa_config(
        UserPoolId=passkey_pool, WebAuthnConfiguration={"RelyingPartyId": "localhost", "UserVerification": "required"}
    )
    with applied(passkey_pool, ExplicitAuthFlows=CHOICE) as application:
        page = application.page
        cdp, device = _with_passkey(application, server, passkey_pool, "pola@example.com")
        _back(application)

        be_idle(cdp, device)
        _signed_out(application)
        page.get_by_label("Email address").fill("pola@example.com")
        page.get_by_role("button", name="Continue").click()
        be_touched(cdp, device)
        page.get_by_role("button", name="Passkey").click()
        assert _back(application)["email"] == "pola@example.com"


def _with_passkey(
    application: Application, server: Server, pool_id: str, address: str
) -> tuple[CDPSession, dict[str, str]]:
    """Sign up, and take the offer of a passkey; return the way to the authenticator, and its name there."""
    cdp, device = authenticator(application.page)
    application.begin("signInByRedirect")
    person.sign_up(application.page, server, pool_id, address)
    expect(application.page.get_by_role("heading", name="Sign in faster next time")).to_be_visible()
    application.page.get_by_role("button", name="Create a passkey").click()
    return cdp, device


def test_who_wants_no_passkey_goes_on(server: Server, applied: Open, passkey_pool: str) -> None:
    """The offer is no wall: "Not now" leads to the application, and it does not come again at once."""
    with applied(passkey_pool) as application:
        application.begin("signInByRedirect")
        person.sign_up(application.page, server, passkey_pool, "nora@example.com")
        application.page.get_by_role("button", name="Not now").click()
        assert _back(application)["email"] == "nora@example.com"

        _signed_out(application)
        person.sign_in(application.page, "nora@example.com")
        assert _back(application)["email"] == "nora@example.com"
