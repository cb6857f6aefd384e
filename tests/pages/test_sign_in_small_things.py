"""Do the ends of the pages lead on? Where somebody is refused, has signed out, or is known by a key alone."""

from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from api.world import World
from oauth.browsing import CALLBACK, Browser
from pages.passkey_steps import owned, sign_in_with
from pages.walking import Shown, Walk, arrived, walk_in


def linked(page: Shown, path: str) -> list[str]:
    """Return the addresses of a page that lead to a path."""
    return [one for one in page.links if urlsplit(one).path == path]


def test_where_no_passkey_is_taken_the_page_says_that(world: World) -> None:
    """To whoever is signed in: it is not that the page is closed to them."""
    pool = world.pool()
    pool.user("ada")
    walk = walk_in(pool)
    arrived(walk.sign_in("ada"))
    page = walk.begin("/passkeys/add")
    assert page.page.status == 400
    assert "A passkey cannot be added here." in page.words
    assert "not open to the public" not in page.words
    assert "We cannot sign you in from here" not in page.words


def test_a_form_without_its_cookie_leads_back_to_where_it_begins(world: World) -> None:
    """If the request is whole; a form of another site, which has none, leads nowhere."""
    pool = world.pool()
    pool.user("ada")
    walk = walk_in(pool)
    page = walk.begin()
    walk.browser.cookies.clear()
    refused = walk.press(page, "/login", username="ada", password="x")
    assert refused.page.status == 403
    (again,) = linked(refused, "/login")
    arrived(walk.send(walk.shown(walk.browser.get(again)), "/login", username="ada", password="Swim-in-2-pools"))
    for query in (
        {"client_id": walk.client.client_id},
        {**walk.query, "redirect_uri": "https://evil.example/"},
        {**walk.query, "scope": "nonsense"},
    ):
        bare = Shown(Browser(pool).post(f"/login?{urlencode(query)}", {}))
        assert bare.page.status == 403
        assert bare.links == []


@pytest.mark.parametrize("default", [True, False])
def test_a_sign_out_can_be_refused_and_undone(world: World, default: bool) -> None:  # noqa: FBT001 - pytest's
    """Where an app is known and it has one address: a way to stay, and to come back."""
    pool = world.pool()
    pool.user("ada")
    settings: dict[str, Any] = {"DefaultRedirectURI": CALLBACK} if default else {}
    walk = walk_in(pool, **settings)
    arrived(walk.sign_in("ada"))
    ask = walk.follow(walk.browser.get("/logout", {"client_id": walk.client.client_id}))
    assert ask.has_form("/logout/confirm")
    (stay,) = linked(ask, "/login")
    assert "Stay signed in" in ask.words
    assert "Continue as" in walk.shown(walk.browser.get(stay)).words
    done = walk.follow(walk.send(ask, "/logout/confirm"))
    assert "You are signed out" in done.words
    (again,) = linked(done, "/login")
    page = walk.shown(walk.browser.get(again))
    answer = walk.send(page, "/login", username="ada", password="Swim-in-2-pools")
    assert answer.location.startswith(f"{CALLBACK}?code=")


def test_a_sign_out_of_nobody_known_leads_nowhere(world: World) -> None:
    """No app, or one that has several addresses: nobody can say to which somebody would come back."""
    pool = world.pool()
    several = walk_in(pool, CallbackURLs=[CALLBACK, "https://app.example/other"])
    for query in ({}, {"client_id": several.client.client_id}, {"client_id": "nobodys"}):
        for path in ("/logout/confirm", "/logout/done"):
            page = several.shown(several.browser.get(path, query))
            assert linked(page, "/login") == []


def test_whom_a_key_names_is_called_by_name_on_the_next_page(world: World) -> None:
    """Not by an id that nobody has ever seen."""
    walk, key, pool = owned(world)
    verified = {"Name": "email", "Value": "ada@lovelace.example"}, {"Name": "email_verified", "Value": "true"}
    pool.admin("admin_update_user_attributes", "ada", UserAttributes=verified)
    pool.admin("admin_reset_user_password", "ada")
    alone = Walk(Browser(pool), walk.client)
    page = alone.follow(sign_in_with(alone, alone.begin(), key))
    assert "If ada has an account, a code is on its way to it." in page.words
    sub = str(pool.admin("admin_get_user", "ada")["UserAttributes"][0]["Value"])
    assert sub not in page.page.body.decode()
