"""Does the list of password rules speak of what the field holds? A password never comes back, so nothing is met in a fresh form."""

from collections.abc import Callable

import pytest

from api.world import PASSWORD, World
from pages.walking import Shown, walk_in


def refused_sign_up(world: World, password: str) -> Shown:
    """Sign up without an address, so that the form comes back whatever the password is."""
    walk = walk_in(world.pool(AutoVerifiedAttributes=["email"]))
    return walk.press(walk.begin("/signup"), "/signup", username="ada", password=password)


def first_password(world: World, password: str) -> Shown:
    """Come with a first password, and choose another."""
    pool = world.pool()
    pool.admin("admin_create_user", "ada", TemporaryPassword=PASSWORD, MessageAction="SUPPRESS")
    walk = walk_in(pool)
    page = walk.shown(walk.sign_in("ada"))
    assert b'class="met' not in page.page.body
    return walk.press(page, "/changePassword", password=password) if password == "swimming" else page


def reset(world: World, password: str) -> Shown:
    """Come for another password, without a code."""
    walk = walk_in(world.pool())
    page = walk.begin("/confirmforgotPassword", login_hint="ada")
    return walk.press(page, "/confirmforgotPassword", code="", password=password)


@pytest.mark.parametrize("password", [PASSWORD, "swimming"])
@pytest.mark.parametrize("ask", [refused_sign_up, first_password, reset])
def test_no_rule_is_met_by_an_empty_field(world: World, ask: Callable[[World, str], Shown], password: str) -> None:
    """After a refusal too; what was missing of what was typed is said in the error."""
    page = ask(world, password)
    assert b'class="met' not in page.page.body
    assert page.page.body.count(b'class="unmet') == 5
    needs = "The password needs an upper case letter, a number and a symbol"
    assert (needs in page.words) is (password == "swimming")
