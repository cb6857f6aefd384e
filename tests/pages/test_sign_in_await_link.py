"""Where the mail holds a link, does the page that waits say so? Nobody is asked for a code that they do not have."""

import pytest

from api.confirmation_links import by_link, link_in
from api.second_factors import TOTP, demand, shown
from api.world import PASSWORD, World
from oauth.browsing import Browser
from pages.walking import Shown, Walk, arrived, walk_in

ADA = "ada@lovelace.example"
MINUTE = 60_000


def signed_up(
    world: World, password: str = PASSWORD, *, choice: bool = False, **settings: object
) -> tuple[Walk, Shown]:
    """Sign ada up at the page of a pool that confirms by link; return the page that waits."""
    walk = walk_in(world.pool(**{**by_link(), **settings}), choice=choice)
    page = walk.press(walk.begin("/signup"), "/signup", username=ADA, password=password)
    return walk, page


def open_link(world: World, walk: Walk) -> Shown:
    """Open the link of the last mail as a mail program does: in another browser, without anybody's cookies."""
    other = Walk(Browser(walk.browser.pool), walk.client)
    query = link_in(world.outbox(ADA)[-1]["body"])[1]
    return other.press(other.shown(other.browser.get("/confirmUser", query)), "/confirmUser")


def test_the_page_says_that_a_link_was_sent_and_goes_on_when_it_was_opened(world: World) -> None:
    """No field for a code; not opened yet is said; opened elsewhere, whoever signed up here is in."""
    walk, page = signed_up(world)
    assert "We sent a link to a***@l*** ." in page.words
    assert "code" not in page.words.lower()
    assert "code" not in page.form("/confirm").fields
    page = walk.press(page, "/confirm")
    assert "The link was not opened yet." in page.words
    assert "go on where you signed up" in open_link(world, walk).words
    arrived(walk.send(page, "/confirm"))


def test_another_link_is_sent_when_it_is_asked_for(world: World) -> None:
    """Not before half a minute; the page says link, not code."""
    walk, page = signed_up(world)
    before = world.outbox(ADA)
    assert "You can ask again in" in walk.press(page, "/resendcode").words
    world.clock.advance(31_000)
    page = walk.press(page, "/resendcode")
    assert "A new link is on its way." in page.words
    assert "code" not in page.words.lower()
    assert len(world.sent_since(before, ADA)) == 1
    open_link(world, walk)
    arrived(walk.send(page, "/confirm"))


def test_who_signs_in_before_the_link_was_opened_is_told_of_a_link(world: World) -> None:
    """The page knows nobody then: going on leads to signing in, whoever is meant (attacks.md 9)."""
    walk, _ = signed_up(world)
    page = walk.follow(walk.sign_in(ADA))
    assert "We sent you a link." in page.words
    for name in (ADA, "nobody@lovelace.example"):
        waiting = walk.begin("/confirm", login_hint=name)
        assert walk.send(waiting, "/confirm").location.startswith("/login?")
    open_link(world, walk)
    page = walk.follow(walk.send(page, "/confirm"))
    assert "If you have opened the link, sign in." in page.words
    arrived(walk.send(page, "/login", username=ADA, password=PASSWORD))


def test_a_page_that_waited_signs_in_once_and_not_long_after(world: World) -> None:
    """attacks.md 72: whoever comes to this browser later, and goes back, is nobody."""
    walk, page = signed_up(world)
    open_link(world, walk)
    arrived(walk.send(page, "/confirm"))
    assert walk.send(page, "/confirm").location.startswith("/login?")

    walk, page = signed_up(world)
    open_link(world, walk)
    world.clock.advance(11 * MINUTE)
    assert walk.send(page, "/confirm").location.startswith("/login?")


def test_without_a_password_a_link_signs_nobody_in(world: World) -> None:
    """Who opened it says nothing of who waits here: an account that somebody else began stays theirs who read the mail."""
    walk, page = signed_up(
        world, "", choice=True, Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}}
    )
    assert "We sent a link to" in page.words
    open_link(world, walk)
    assert walk.send(page, "/confirm").location.startswith("/login?")


def test_a_second_factor_is_set_up_after_a_link_too(world: World) -> None:
    """Where the pool demands one, the link leads to it and not past it."""
    walk = walk_in(pool := world.pool(**by_link()))
    demand(pool, TOTP)
    page = walk.press(walk.begin("/signup"), "/signup", username=ADA, password=PASSWORD)
    open_link(world, walk)
    page = walk.press(page, "/confirm")
    link = next(one for one in page.links if one.startswith("otpauth://"))
    secret = link.partition("secret=")[2].partition("&")[0]
    arrived(walk.send(page, "/mfa/setup", code=shown(world, secret)))


@pytest.mark.parametrize("settings", [by_link(), {"AutoVerifiedAttributes": ["email"]}], ids=["link", "code"])
def test_who_mistyped_the_address_gets_back(world: World, settings: dict[str, object]) -> None:
    """To the form of the account, where that is open, and to signing in; both with what the app asked for."""
    walk = walk_in(pool := world.pool(**settings))
    field = {"requiredAttributes[email]": ADA} if "UsernameAttributes" not in settings else {}
    page = walk.press(
        walk.begin("/signup"), "/signup", username=ADA if not field else "ada", password=PASSWORD, **field
    )
    assert "Not your address?" in page.words
    for path in ("/signup", "/login"):
        (link,) = (one for one in page.links if one.startswith(f"{path}?"))
        assert walk.shown(walk.browser.get(link)).has_form(path)
    world.signed.update_user_pool(
        UserPoolId=pool.pool_id,
        AdminCreateUserConfig={"AllowAdminCreateUserOnly": True},
        **{name: value for name, value in settings.items() if name != "UsernameAttributes"},
    )
    page = walk.begin("/confirm", login_hint="ada")
    assert [one.partition("?")[0] for one in page.links] == ["/login"]
