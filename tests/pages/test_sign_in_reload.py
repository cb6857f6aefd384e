"""Is a page that a form led to still there after a reload and after Back? Each has an address of its own, from which it is drawn."""

from urllib.parse import parse_qs, urlsplit

import pytest

from api.confirmation_links import by_link, link_in
from api.passkeys import passkey_pool
from api.second_factors import EMAIL, EMAIL_OTP, TOTP, demand, enrol, pool_with, shown, wrong
from api.world import PASSWORD, World
from oauth.browsing import Browser, Page
from pages.walking import Shown, Walk, arrived, walk_in

ADA = "ada@lovelace.example"
EMAIL_FIELD = "requiredAttributes[email]"
STEP = "step"


def led(page: Page, path: str) -> str:
    """Return the address that a form has led to: a page of ours."""
    assert page.status == 303, (page.status, page.body[:500])
    assert urlsplit(page.location).path == path, page.location
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    return page.location


def opened(walk: Walk, address: str) -> Shown:
    """Open an address, twice: a reload shows what was there."""
    first, again = (walk.shown(walk.browser.get(address)) for _ in range(2))
    assert (first.page.status, again.page.status) == (200, 200)
    assert first.words == again.words
    assert [form.action for form in first.forms] == [form.action for form in again.forms]
    assert all(STEP not in parse_qs(urlsplit(one).query) for one in (*first.links, *(f.action for f in first.forms)))
    return again


def test_the_page_that_waits_for_the_code_of_a_sign_up_is_still_there(world: World) -> None:
    """Nobody is told that there is an account already; the code that was sent is good, and no other is sent."""
    walk = walk_in(world.pool(AutoVerifiedAttributes=["email"]))
    before = world.outbox(ADA)
    filled = {"username": "ada", "password": PASSWORD, EMAIL_FIELD: ADA}
    page = opened(walk, led(walk.send(walk.begin("/signup"), "/signup", **filled), "/confirm"))
    assert "a***@l***" in page.words
    assert len(world.sent_since(before, ADA)) == 1
    world.clock.advance(31_000)
    again = led(walk.send(page, "/resendcode"), "/confirm")
    assert "A new code is on its way." in opened(walk, again).words
    assert len(world.sent_since(before, ADA)) == 2
    back = arrived(walk.send(opened(walk, again), "/confirm", code=world.code(ADA)))
    assert STEP not in back


def test_every_question_of_a_sign_in_is_still_there(world: World) -> None:
    """The choice, the password, a code, and the choice again; what has been answered says so when it is sent again."""
    pool = pool_with(world, TOTP, mode="OPTIONAL")
    pool.user("ada")
    secret = enrol(pool.client(), "ada")
    walk = walk_in(pool, choice=True)
    password = opened(walk, led(walk.send(walk.begin(), "/login", username="ada"), "/login/password"))
    address = led(walk.send(password, "/login/password", password=PASSWORD), "/mfa")
    asked = opened(walk, address)
    arrived(walk.send(asked, "/mfa", code=shown(world, secret)))
    used = opened(walk, address)
    world.clock.advance(60_000)
    assert walk.send(used, "/mfa", code=shown(world, secret)).status == 400


def test_a_second_factor_that_is_set_up_is_still_there(world: World) -> None:
    """The same key, which has not been made anew; an address; a code to it."""
    pool = world.pool()
    demand(pool, TOTP)
    pool.user("ada")
    walk = walk_in(pool)
    page = opened(walk, led(walk.sign_in("ada"), "/mfa/setup"))
    link = next(one for one in page.links if one.startswith("otpauth://"))
    secret = link.partition("secret=")[2].partition("&")[0]
    arrived(walk.send(page, "/mfa/setup", code=shown(world, secret)))


def test_a_password_of_ones_own_is_still_asked_for(world: World) -> None:
    """The page of a first password."""
    pool = world.pool()
    pool.admin("admin_create_user", "ada", TemporaryPassword=PASSWORD, MessageAction="SUPPRESS")
    walk = walk_in(pool)
    page = opened(walk, led(walk.sign_in("ada"), "/changePassword"))
    arrived(walk.send(page, "/changePassword", password="Another-1-password"))


def test_the_offer_of_a_passkey_is_still_there_and_the_browser_is_signed_in(world: World) -> None:
    """With the answer to the app, which waits in it."""
    pool = passkey_pool(world)
    pool.user("ada")
    walk = walk_in(pool)
    address = led(walk.sign_in("ada"), "/passkeys/add")
    assert [name for name in walk.browser.cookies if name.startswith("session-")]
    page = opened(walk, address)
    form = next(one for one in page.forms if ("action", "later") in one.buttons)
    arrived(walk.browser.post(form.action, {**form.fields, "action": "later"}))


def test_who_uses_another_account_may_reload(world: World) -> None:
    """The first page, and not the question whose account it is."""
    pool = world.pool()
    pool.user("ada")
    walk = walk_in(pool)
    arrived(walk.sign_in("ada"))
    page = opened(walk, led(walk.send(walk.begin(), "/login/continue", account="other"), "/login"))
    assert page.has_form("/login")


def test_an_administrators_word_is_still_waited_for(world: World) -> None:
    """The end of a sign-up without a code."""
    walk = walk_in(world.pool())
    page = opened(walk, led(walk.send(walk.begin("/signup"), "/signup", username="ada", password=PASSWORD), "/confirm"))
    assert "An administrator will confirm it." in page.words


def test_two_tabs_do_not_know_each_other(world: World) -> None:
    """Each has its own address."""
    pool = pool_with(world, EMAIL_OTP)
    pool.user("ada", email=EMAIL, email_verified="true")
    pool.user("eve", email="eve@x.example", email_verified="true")
    walk = walk_in(pool)
    one, two = (led(walk.sign_in(name), "/mfa") for name in ("ada", "eve"))
    assert "e***@x***" in opened(walk, two).words
    arrived(walk.send(opened(walk, one), "/mfa", code=world.code(EMAIL)))
    arrived(walk.send(opened(walk, two), "/mfa", code=world.code("eve@x.example")))


def test_an_address_is_good_for_its_browser_its_app_and_its_page_and_for_a_while(world: World) -> None:
    """attacks.md 72, 83: whoever comes by it learns nothing; nor does another page show it."""
    pool = pool_with(world, EMAIL_OTP)
    pool.user("ada", email=EMAIL, email_verified="true")
    walk = walk_in(pool)
    address = led(walk.sign_in("ada"), "/mfa")
    other = Walk(Browser(pool), walk.client)
    other.begin()
    another = walk_in(pool).client.client_id
    for refused in (
        other.browser.get(address),
        walk.browser.get(address.replace(walk.client.client_id, another)),
        walk.browser.get(address.replace("/mfa?", "/login/password?")),
        walk.browser.get(address[:-9] + "AAAAAAAAA"),
        walk.browser.get(address.partition("step=")[0] + "step="),
    ):
        assert refused.status == 400
        assert "This page was open too long" in Shown(refused).words
        assert EMAIL.encode() not in refused.body
    opened(walk, address)
    world.clock.advance(16 * 60_000)
    late = walk.browser.get(address)
    assert late.status == 400
    assert "This page was open too long" in Shown(late).words


def test_what_makes_no_address_is_shown_at_once(world: World) -> None:
    """An app's own state may be 8,192 characters; addresses of more than 6,000 bytes break at proxies."""
    pool = pool_with(world, EMAIL_OTP)
    pool.user("ada", email=EMAIL, email_verified="true")
    walk = walk_in(pool, more={"state": "s" * 5_800})
    page = walk.sign_in("ada")
    assert page.status == 200
    assert Shown(page).has_form("/mfa")


@pytest.mark.parametrize("good", [True, False], ids=["good", "used"])
def test_what_a_link_did_is_still_said(world: World, good: bool) -> None:  # noqa: FBT001 - pytest's
    """/confirmUser: after a reload, too, the address is confirmed; a link that was used is told."""
    pool = world.pool(**by_link())
    walk = walk_in(pool)
    walk.client.sign_up(EMAIL)
    address, query = link_in(world.outbox(EMAIL)[-1]["body"])
    page = walk.shown(walk.browser.get(urlsplit(address).path, query))
    if not good:
        walk.send(page, "/confirmUser")
    result = opened(walk, led(walk.send(page, "/confirmUser"), "/confirmUser"))
    assert ("Your address is confirmed" if good else "This link does not work any more") in result.words


def test_a_wrong_code_leaves_the_page_as_it_is(world: World) -> None:
    """The form comes back with what is wrong, and the address of before still has the question."""
    pool = pool_with(world, EMAIL_OTP)
    pool.user("ada", email=EMAIL, email_verified="true")
    walk = walk_in(pool)
    address = led(walk.sign_in("ada"), "/mfa")
    again = walk.press(opened(walk, address), "/mfa", code=wrong(world.code(EMAIL)))
    assert "That code is not right." in again.words
    arrived(walk.send(opened(walk, address), "/mfa", code=world.code(EMAIL)))
