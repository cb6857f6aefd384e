"""What does /logout end, and where does it lead? Cognito's two forms and OpenID's, and whom it asks first."""

import pytest

from api.world import World
from oauth.browsing import CALLBACK, SIGNED_OUT, Browser, app_client, query_of, request_of
from poolkeeper.hosted.outcomes import Fault


def _signed_in(browser: Browser, client: object) -> bool:
    return "code" in browser.get("/oauth2/authorize", request_of(client, prompt="none")).told  # type: ignore[arg-type]


def test_it_ends_the_sign_in_and_leads_to_the_app(world: World) -> None:
    """Cognito's first form: nothing is added to the address, all else is passed over."""
    pool = world.pool()
    client = app_client(pool)
    pool.user("ada")
    browser = Browser(pool)
    browser.sign_in(client, "ada")
    before = dict(browser.cookies)
    given = {
        "client_id": client.client_id,
        "logout_uri": SIGNED_OUT,
        "redirect_uri": "https://evil.example",
        "state": "a",
    }
    answer = browser.get("/logout", given)
    assert (answer.status, answer.location) == (303, SIGNED_OUT)
    assert browser.cookies == {}
    assert not _signed_in(browser, client)
    browser.cookies = before
    assert not _signed_in(browser, client)


def test_it_ends_the_sign_in_and_leads_to_the_next(world: World) -> None:
    """Cognito's second form: the sign-in page with the request, at our own address."""
    pool = world.pool()
    client = app_client(pool)
    pool.user("ada")
    browser = Browser(pool)
    browser.sign_in(client, "ada")
    given = request_of(client)
    answer = browser.get("/logout", given)
    assert answer.location.startswith("/login?")
    assert query_of(answer.location) == given
    assert not _signed_in(browser, client)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"logout_uri": "https://evil.example"}, "redirect_mismatch"),
        ({"logout_uri": CALLBACK}, "redirect_mismatch"),
        ({"logout_uri": SIGNED_OUT + "?a=b"}, "redirect_mismatch"),
        ({"redirect_uri": "https://evil.example", "response_type": "code"}, "redirect_mismatch"),
        ({"post_logout_redirect_uri": "https://evil.example"}, "redirect_mismatch"),
        ({"post_logout_redirect_uri": CALLBACK}, "redirect_mismatch"),
    ],
)
def test_a_foreign_address_is_not_led_to_and_ends_nothing(world: World, given: dict[str, str], error: str) -> None:
    """attacks.md 76, 94: also with a Referer."""
    pool = world.pool()
    client = app_client(pool)
    pool.user("ada")
    browser = Browser(pool)
    browser.sign_in(client, "ada")
    answer = browser.get("/logout", {"client_id": client.client_id, **given}, Referer="https://evil.example")
    assert answer.location.startswith(f"/error?error={error}")
    assert _signed_in(browser, client)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"logout_uri": SIGNED_OUT}, "parameters_missing"),
        ({"client_id": "a" * 129, "logout_uri": SIGNED_OUT}, "unknown_client"),
        ({"client_id": "nobodys", "logout_uri": SIGNED_OUT}, "unknown_client"),
    ],
)
def test_without_a_client_nothing_is_led_to(world: World, given: dict[str, str], error: str) -> None:
    """At a host that names the pool by itself; the page has words for each of these."""
    pool = world.pool()
    prefix = f"out-{pool.pool_id[-9:].lower()}"
    world.signed.create_user_pool_domain(UserPoolId=pool.pool_id, Domain=prefix)
    answer = Browser(pool, host=f"{prefix}.auth.localhost").get("/logout", given)
    assert answer.told["error"] == error
    assert error in set(Fault)


def test_it_takes_the_words_of_openid(world: World) -> None:
    """RP-Initiated Logout 1.0: with the client or with a hint, by GET or as a form; `state` comes back."""
    pool = world.pool()
    client = app_client(pool)
    pool.user("ada")
    hint = client.tokens("ada")["IdToken"]
    for given in (
        {"client_id": client.client_id},
        {"id_token_hint": hint},
        {"client_id": client.client_id, "id_token_hint": hint},
    ):
        for ask in ("get", "post"):
            browser = Browser(pool)
            browser.sign_in(client, "ada")
            answer = getattr(browser, ask)("/logout", {**given, "post_logout_redirect_uri": SIGNED_OUT, "state": "a b"})
            assert answer.location == f"{SIGNED_OUT}?state=a+b"
            assert not _signed_in(browser, client)


def test_the_person_is_asked_where_nobody_vouches(world: World) -> None:
    """attacks.md 94: a link of anybody's ends nothing by itself."""
    pool = world.pool()
    client, other = app_client(pool), app_client(pool)
    pool.user("ada")
    pool.user("bob")
    bobs, others = client.tokens("bob")["IdToken"], other.tokens("ada")["IdToken"]
    for given in (
        {"client_id": client.client_id},
        {"client_id": client.client_id, "id_token_hint": "a.b.c", "post_logout_redirect_uri": SIGNED_OUT},
        {"client_id": client.client_id, "id_token_hint": bobs, "post_logout_redirect_uri": SIGNED_OUT},
        {"client_id": client.client_id, "id_token_hint": others, "post_logout_redirect_uri": SIGNED_OUT},
        {"id_token_hint": bobs},
    ):
        browser = Browser(pool)
        browser.sign_in(client, "ada")
        answer = browser.get("/logout", given)
        assert answer.location.startswith("/logout/confirm?")
        assert query_of(answer.location) == given
        assert _signed_in(browser, client)


def test_a_hint_alone_ends_at_our_own_page(world: World) -> None:
    """The page knows the app, so that it can lead back to it."""
    pool = world.pool()
    client = app_client(pool)
    pool.user("ada")
    browser = Browser(pool)
    browser.sign_in(client, "ada")
    done = browser.get("/logout", {"id_token_hint": client.tokens("ada")["IdToken"]}).location
    assert done == f"/logout/done?client_id={client.client_id}"
    assert not _signed_in(browser, client)


def test_tokens_outlive_it(world: World) -> None:
    """As AWS documents: what ends tokens is their revocation."""
    pool = world.pool()
    client = app_client(pool)
    pool.user("ada")
    tokens = client.tokens("ada")
    browser = Browser(pool)
    browser.sign_in(client, "ada")
    browser.get("/logout", {"client_id": client.client_id, "logout_uri": SIGNED_OUT})
    assert world.unsigned.get_user(AccessToken=tokens["AccessToken"])["Username"] == "ada"
