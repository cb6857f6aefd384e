"""Does somebody come back who lost the password? By a code to an address that was proved, at the pages for it."""

from api.second_factors import BY_ADMINISTRATOR, enrol, shown, wrong
from api.world import World
from pages.walking import arrived, walk_in

ADA, NEW = "ada@lovelace.example", "Walk-in-3-gardens"


def test_another_password_by_a_code(world: World) -> None:
    """Asked for, sent, mistyped, refused by the rules, changed; then the sign-in page says so and has the name."""
    pool = world.pool()
    pool.user("ada", email=ADA, email_verified="true")
    walk = walk_in(pool)
    page = walk.begin()
    link = next(one for one in page.links if one.startswith("/forgotPassword?"))

    page = walk.shown(walk.browser.get(link))
    page = walk.follow(walk.send(page, "/forgotPassword", username="ada"))
    assert "If ada has an account, a code is on its way to it." in page.words
    code = world.code(ADA)
    bad = walk.press(page, "/confirmforgotPassword", code=wrong(code), password=NEW)
    assert "That code is not right" in bad.words
    weak = walk.press(bad, "/confirmforgotPassword", code=code, password="weak")
    assert "The password needs" in weak.words
    page = walk.follow(walk.send(weak, "/confirmforgotPassword", code=f"{code[:3]}-{code[3:]}", password=NEW))
    assert "Your password is changed. Sign in." in page.words
    assert page.form("/login").fields["username"] == "ada"
    arrived(walk.send(page, "/login", username="ada", password=NEW))


def test_a_reset_ends_browser_sessions_and_is_no_sign_in(world: World) -> None:
    """attacks.md 44, 73: the second factor is asked for afterwards, and whoever was signed in is not any more."""
    pool = world.pool()
    pool.user("ada", email=ADA, email_verified="true")
    walk = walk_in(pool)
    arrived(walk.sign_in("ada"))
    page = walk.follow(walk.send(walk.begin("/forgotPassword"), "/forgotPassword", username="ada"))
    answer = walk.send(page, "/confirmforgotPassword", code=world.code(ADA), password=NEW)
    assert answer.location.startswith("/login?")
    assert walk.authorize().location.startswith("/login?")


def test_a_second_factor_outlives_a_reset(world: World) -> None:
    """attacks.md 44."""
    pool = world.pool()
    pool.user("ada", email=ADA, email_verified="true")
    world.signed.set_user_pool_mfa_config(
        UserPoolId=pool.pool_id, MfaConfiguration="OPTIONAL", SoftwareTokenMfaConfiguration={"Enabled": True}
    )
    secret = enrol(pool.client(), "ada")
    walk = walk_in(pool)
    page = walk.follow(walk.send(walk.begin("/forgotPassword"), "/forgotPassword", username="ada"))
    page = walk.follow(walk.send(page, "/confirmforgotPassword", code=world.code(ADA), password=NEW))
    page = walk.press(page, "/login", username="ada", password=NEW)
    arrived(walk.send(page, "/mfa", code=shown(world, secret)))


def test_where_administrators_reset_passwords_there_is_no_page(world: World) -> None:
    """Neither a link nor the page."""
    pool = world.pool(AccountRecoverySetting={"RecoveryMechanisms": BY_ADMINISTRATOR})
    walk = walk_in(pool)
    assert not any(link.startswith("/forgot") for link in walk.begin().links)
    assert walk.begin("/forgotPassword").page.status == 400


def test_too_many_codes_are_told_as_that(world: World) -> None:
    """Status 429 with Retry-After, for somebody as for nobody."""
    pool = world.pool()
    pool.user("ada", email=ADA, email_verified="true")
    walk = walk_in(pool)
    for name in ("ada", "nobody"):
        for _ in range(5):
            assert walk.send(walk.begin("/forgotPassword"), "/forgotPassword", username=name).status == 303
        last = walk.press(walk.begin("/forgotPassword"), "/forgotPassword", username=name)
        assert last.page.status == 429
        assert last.page.headers["retry-after"] == "900"


def test_pages_of_a_reset_without_a_name_ask_for_one(world: World) -> None:
    """A bookmark of /confirmforgotPassword leads to the first of the two; empty fields are told."""
    pool = world.pool()
    walk = walk_in(pool)
    assert walk.browser.get("/confirmforgotPassword", walk.query).location.startswith("/forgotPassword?")
    page = walk.press(walk.begin("/forgotPassword"), "/forgotPassword", username="")
    assert page.page.body.count(b"aria-invalid") == 1
    page = walk.press(
        walk.begin("/confirmforgotPassword", login_hint="ada"), "/confirmforgotPassword", code="", password=""
    )
    assert page.page.body.count(b"aria-invalid") == 2
