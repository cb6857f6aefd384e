"""How does a test use a passkey on the pages? With an authenticator in software, by what the page asks of it."""

import json
from typing import Any

from api.passkeys import passkey_pool
from api.software_authenticator import Authenticator
from api.world import PoolOfTests, World
from oauth.browsing import Page
from pages.walking import Shown, Walk, arrived, walk_in


def key_of(world: World) -> Authenticator:
    """Make an authenticator whose browser is at the pages."""
    return Authenticator(origin=world.url)


def options_of(page: Shown) -> dict[str, object]:
    options: dict[str, object] = json.loads(page.data["data-options"])
    return options


def offered(walk: Walk, answer: Page) -> Shown:
    """Take an answer as one that leads to the offer of a passkey."""
    shown = walk.shown(answer)
    assert shown.page.status == 200, shown.page.status
    assert "Sign in faster next time" in shown.words
    return shown


def sign_in_with(walk: Walk, page: Shown, key: Authenticator, **otherwise: object) -> Page:
    """Answer the question of a page for a passkey."""
    credential = json.dumps(key.get(options_of(page), **otherwise))
    form = next(one for one in page.forms if one.action.partition("?")[0].endswith("/login/passkey"))
    return walk.browser.post(form.action, {**form.fields, "credential": credential}, sec_fetch_site="same-origin")


def create(walk: Walk, page: Shown, key: Authenticator, **otherwise: object) -> Page:
    """Take the offer."""
    credential = json.dumps(key.create(options_of(page), **otherwise))
    form = next(one for one in page.forms if one.fields.get("action") == "create")
    return walk.browser.post(form.action, {**form.fields, "credential": credential}, sec_fetch_site="same-origin")


def owned(world: World, **settings: Any) -> tuple[Walk, Authenticator, PoolOfTests]:
    """Make a user who has taken the offer."""
    pool = passkey_pool(world, **settings)
    pool.user("ada")
    walk = walk_in(pool)
    key = key_of(world)
    arrived(create(walk, offered(walk, walk.sign_in("ada")), key))
    return walk, key, pool
