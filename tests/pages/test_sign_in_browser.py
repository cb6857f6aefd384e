"""Do the pages lead through in a real browser? By form to the app, and with a passkey of the browser's own making."""

from playwright.sync_api import Browser, CDPSession, expect

from api.passkeys import passkey_pool
from api.world import PASSWORD, World
from oauth.browsing import app_client
from pages.sign_in_window import app, authorize, landed, place, window
from pages.visits import authenticator

__all__ = ["app", "place"]


def test_a_person_signs_in_by_form_and_is_at_the_app(place: World, browser: Browser, app: str) -> None:
    """attacks.md 84, 86a: our own forms come through, and their redirects end at the app, also where it redirects on."""
    pool = place.pool()
    pool.user("ada")
    client = app_client(pool, CallbackURLs=[f"{app}/callback"])
    with window(browser) as (page, said):
        authorize(page, client, app)
        page.get_by_label("User name").fill("ada")
        page.get_by_label("Password", exact=True).fill("Wrong-1-password")
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_role("alert")).to_be_focused()
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        assert landed(page)["code"]

        authorize(page, client, app, prompt="select_account")
        page.get_by_role("button", name="ada").click()
        told = landed(page)
        assert told["state"] == "state-of-the-app"
        page.go_back()
        assert said == []


def test_a_person_makes_a_passkey_and_comes_back_with_it(place: World, browser: Browser, app: str) -> None:
    """The offer after the password, the key in the browser, and the next sign-in without a name.

    The page asks by itself (conditional mediation), and this browser's person says yes at once.
    """
    pool = passkey_pool(place)
    pool.user("ada")
    client = app_client(pool, CallbackURLs=[f"{app}/callback"])
    with window(browser) as (page, said), authenticator(page) as (session, key):
        authorize(page, client, app)
        page.get_by_label("User name").fill("ada")
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.get_by_role("button", name="Create a passkey").click()
        assert landed(page)["code"]
        assert _count(session, key) == 1

        page.context.clear_cookies()
        authorize(page, client, app)
        assert landed(page)["code"]
        assert said == []


def _count(session: CDPSession, authenticator_id: str) -> int:
    held = session.send("WebAuthn.getCredentials", {"authenticatorId": authenticator_id})
    return len(held["credentials"])
