"""Does oidc-client-ts work, unmodified, in a real browser? By redirect, in a popup, unseen in a frame, and out again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from clients import person
from clients.application import Application, single_page
from clients.oauth import silently
from clients.serving import Server, new_pool, new_user, service, verified_claims
from server import program


@pytest.fixture
def application(server: Server, browser: Browser, oidc_script: Path) -> Iterator[Application]:
    """Open the application, at the end of which no page of ours may have complained about anything."""
    pool_id = new_pool(server)
    new_user(server, pool_id, "otto", person.PASSWORD)
    with single_page(server, browser, oidc_script, pool_id) as application:
        yield application


def _signed_in_by_redirect(application: Application) -> dict[str, str]:
    application.begin("signInByRedirect")
    person.sign_in(application.page, "otto")
    expect(application.page).to_have_url(application.home)
    user: dict[str, str] = application.tell("user")
    assert user["email"] == "otto@example.com"
    return user


def _closed(popup: Page) -> None:
    """Wait until a popup has closed itself, which it does when it has handed over what it came for."""
    if not popup.is_closed():
        popup.wait_for_event("close")


def test_by_redirect_there_and_back_and_out(server: Server, application: Application) -> None:
    """A sign-in, a refresh by token, its revocation, and a sign-out that ends the browser session."""
    first = _signed_in_by_redirect(application)
    refreshed = application.tell("refresh")
    before, after = (verified_claims(server, application.pool_id, user["accessToken"]) for user in (first, refreshed))
    assert before["jti"] != after["jti"]
    assert before["origin_jti"] == after["origin_jti"]

    application.tell("revoke")
    assert application.tell("user")["refreshToken"] is None
    idp = service(server)
    with pytest.raises(idp.exceptions.NotAuthorizedException, match="Refresh Token has been revoked"):
        idp.get_tokens_from_refresh_token(ClientId=application.client_id, RefreshToken=first["refreshToken"])
    application.begin("signOutByRedirect")
    expect(application.page).to_have_url(application.home)
    assert application.tell("user") is None
    told = silently(application.page, server, application.pool_id, application.client_id, application.home)
    assert told["error"] == "login_required"


def test_in_a_popup_in_and_out(server: Server, application: Application) -> None:
    """The popup comes from the pool's pages back to who opened it, which no header of theirs may forbid."""
    with application.page.expect_popup() as coming:
        application.begin("signInByPopup")
    person.sign_in(coming.value, "otto")
    user = application.outcome()
    assert user["email"] == "otto@example.com", user
    assert application.tell("opener") == "kept"
    _closed(coming.value)

    with application.page.expect_popup() as leaving:
        application.begin("signOutByPopup")
    assert application.outcome() is None
    _closed(leaving.value)
    told = silently(application.page, server, application.pool_id, application.client_id, application.home)
    assert told["error"] == "login_required"


@pytest.mark.parametrize("nonces", ["off", "on"])
def test_with_a_key_in_and_on(server: Server, application: Application, nonces: str) -> None:
    """Tokens that are bound to a key of the browser's, from the code to the refresh; where the pool demands nonces, too."""
    command = ("pool", "set", application.pool_id, f"dpop_nonces={nonces}")
    assert program.run(server.place, *command).returncode == 0
    with application.page.expect_popup() as coming:
        application.begin("signInWithKey")
    person.sign_in(coming.value, "otto")
    first = application.outcome()
    assert first["email"] == "otto@example.com", first
    _closed(coming.value)
    refreshed = application.tell("refreshWithKey")
    if nonces == "on":  # the first proof has none, and is answered with one
        application.forgive(400)
    keys = [verified_claims(server, application.pool_id, user["accessToken"])["cnf"] for user in (first, refreshed)]
    assert keys[0] == keys[1]
    assert first["accessToken"] != refreshed["accessToken"]
    idp = service(server)
    with pytest.raises(idp.exceptions.NotAuthorizedException, match="A DPoP proof is missing"):
        idp.get_tokens_from_refresh_token(ClientId=application.client_id, RefreshToken=first["refreshToken"])


def test_unseen_in_a_frame(server: Server, application: Application) -> None:
    """With a browser session a frame brings tokens of a session of their own; without one it says login_required."""
    assert application.tell("signInSilently")["error"] == "login_required"

    first = _signed_in_by_redirect(application)
    application.tell("forget")
    assert application.tell("user") is None
    again = application.tell("signInSilently")
    assert again["email"] == "otto@example.com", again
    before, after = (verified_claims(server, application.pool_id, user["accessToken"]) for user in (first, again))
    assert before["origin_jti"] != after["origin_jti"]
    assert before["auth_time"] == after["auth_time"]
