"""What does a person read whose password everybody knows? At the pages where one is chosen, and at the one to sign in."""

from api.known_passwords import ADA, LISTED, mode, protected
from api.world import World
from pages.walking import arrived, walk_in

NEW = "Walk-in-3-gardens"
EMAIL_FIELD = "requiredAttributes[email]"
LEAKED = "This password is known from leaks elsewhere. Choose another."


def test_whoever_signs_up_by_it_is_asked_for_another(world: World) -> None:
    """At the field, with the reason; nothing else is lost."""
    walk = walk_in(protected(world))
    page = walk.press(walk.begin("/signup"), "/signup", username="ada", password=LISTED, **{EMAIL_FIELD: ADA})
    assert LEAKED in page.words
    page = walk.press(page, "/signup", username="ada", password=NEW, **{EMAIL_FIELD: ADA})
    assert page.has_form("/confirm")


def test_whoever_signs_in_by_it_is_led_to_the_reset(world: World) -> None:
    """And comes back by a code, with another password."""
    pool = world.pool(AutoVerifiedAttributes=["email"])
    pool.user("ada", password=LISTED, email=ADA, email_verified="true")
    world.signed.update_user_pool(UserPoolId=pool.pool_id, AutoVerifiedAttributes=["email"], **mode("ENFORCED"))
    walk = walk_in(pool)
    answer = walk.send(walk.begin(), "/login", username="ada", password=LISTED)
    assert pool.admin("admin_get_user", "ada")["UserStatus"] == "RESET_REQUIRED"
    assert answer.location.startswith("/confirmforgotPassword?")
    assert "notice=notice.password-must-change" in answer.location

    world.clock.advance(1_000)
    page = walk.follow(walk.send(walk.begin("/forgotPassword"), "/forgotPassword", username="ada"))
    page = walk.press(page, "/confirmforgotPassword", code=world.code(ADA), password=LISTED)
    assert LEAKED in page.words
    page = walk.follow(walk.send(page, "/confirmforgotPassword", code=world.code(ADA), password=NEW))
    arrived(walk.send(page, "/login", username="ada", password=NEW))
