"""Does a person get through what follows on the first proof? Second factors, their set-up, and a password of one's own."""

import pytest

from api.second_factors import EMAIL, EMAIL_OTP, PHONE, SMS_MFA, TOTP, demand, enrol, pool_with, prefer, shown, wrong
from api.world import PASSWORD, World
from pages.walking import Shown, Walk, arrived, walk_in

BOTH = pytest.mark.parametrize("choice", [False, True], ids=["password", "choice"])


def first(walk: Walk, name: str, password: str = PASSWORD) -> Shown:
    """Prove the password at either kind of page; return what comes next."""
    page = walk.begin()
    if "password" in page.form("/login").fields:
        return walk.press(page, "/login", username=name, password=password)
    return walk.press(walk.press(page, "/login", username=name), "/login/password", password=password)


@BOTH
def test_a_code_of_an_app_follows_on_the_password(world: World, choice: bool) -> None:  # noqa: FBT001 - pytest's
    """A wrong one, one with blanks, and one that was used before."""
    pool = pool_with(world, TOTP, mode="OPTIONAL")
    pool.user("ada")
    secret = enrol(pool.client(), "ada")
    walk = walk_in(pool, choice=choice)

    page = first(walk, "ada")
    code = shown(world, secret)
    again = walk.press(page, "/mfa", code=wrong(code))
    assert "That code is not right. Wait for the next one and try again." in again.words
    arrived(walk.send(again, "/mfa", code=f"{code[:3]} {code[3:]}"))
    used = walk.press(first(Walk(walk.browser, walk.client, {"prompt": "login"}), "ada"), "/mfa", code=code)
    assert "That code is not right. Wait for the next one and try again." in used.words


@BOTH
@pytest.mark.parametrize("method", [SMS_MFA, EMAIL_OTP])
def test_a_code_that_is_sent_follows_on_the_password(world: World, method: str, choice: bool) -> None:  # noqa: FBT001 - pytest's
    """It is sent again when it is asked for; the one before is then of no use."""
    pool = pool_with(world, method)
    pool.user("ada", email=EMAIL, phone_number=PHONE, email_verified="true", phone_number_verified="true")
    walk = walk_in(pool, choice=choice)
    to = PHONE if method == SMS_MFA else EMAIL

    page = first(walk, "ada")
    before = world.code(to)
    world.clock.advance(31_000)
    again = walk.press(page, "/mfa/resend")
    assert "A new code is on its way" in again.words or "code" in again.words
    now = world.code(to)
    if before != now:
        refused = walk.press(again, "/mfa", code=before)
        assert "That code is not right. Check it and try again." in refused.words
    assert walk.press(page, "/mfa", code=now).page.status == 400  # the first page has had its day
    arrived(walk.send(again, "/mfa", code=now))


def test_a_person_with_several_factors_chooses_and_chooses_again(world: World) -> None:
    """SELECT_MFA_TYPE; "Use another way" leads back to it without the password."""
    pool = pool_with(world, TOTP, SMS_MFA, mode="OPTIONAL")
    pool.user("ada", phone_number=PHONE, phone_number_verified="true")
    secret = enrol(pool.client(), "ada", preferred=False)
    prefer(pool, "ada", "SMSMfaSettings", preferred=False)
    walk = walk_in(pool)

    choose = first(walk, "ada")
    assert {value for _, value in choose.form("/login/choose").buttons} == {SMS_MFA, TOTP}
    sent = walk.press(choose, "/login/choose", challenge=SMS_MFA)
    world.clock.advance(31_000)
    sent = walk.press(sent, "/mfa/resend")
    assert len(world.outbox(PHONE)) >= 2
    choose = walk.press(sent, "/login/another")
    app = walk.press(choose, "/login/choose", challenge=TOTP)
    arrived(walk.send(app, "/mfa", code=shown(world, secret)))


@BOTH
def test_an_app_is_set_up_where_the_pool_demands_a_second_factor(world: World, choice: bool) -> None:  # noqa: FBT001 - pytest's
    """The key can be read and scanned; a wrong code leaves it as it is; the first right one signs in."""
    pool = pool_with(world, TOTP)
    pool.user("ada")
    walk = walk_in(pool, choice=choice)

    page = first(walk, "ada")
    assert "Set up your authenticator app" in page.words
    assert b"<svg" in page.page.body
    link = next(one for one in page.links if one.startswith("otpauth://totp/"))
    secret = link.partition("secret=")[2].partition("&")[0]
    again = walk.press(page, "/mfa/setup", code=wrong(shown(world, secret)), friendlyDeviceName="Telephone")
    assert "Check that the clock of your phone is right" in again.words
    assert secret in again.page.body.decode()
    arrived(walk.send(again, "/mfa/setup", code=shown(world, secret), friendlyDeviceName="Telephone"))
    assert pool.admin("admin_get_user", "ada")["UserMFASettingList"] == [TOTP]


def test_a_person_without_anything_chooses_what_to_set_up(world: World) -> None:
    """MFA_SETUP with several methods: a phone number, which a code proves; sent again, and another one instead."""
    pool = pool_with(world, TOTP, SMS_MFA)
    pool.user("ada")
    walk = walk_in(pool)

    choose = first(walk, "ada")
    assert {value for _, value in choose.form("/mfa/choose").buttons} == {SMS_MFA, TOTP}
    bad = walk.press(choose, "/mfa/choose", challenge="EMAIL_OTP")
    assert "That way is not available now" in bad.words
    page = walk.press(choose, "/mfa/choose", challenge=SMS_MFA)
    field = "requiredAttributes[phone_number]"
    page = walk.press(page, "/mfa/address", **{field: "hello"})
    assert "Enter a phone number with country code" in page.words
    sent = walk.press(page, "/mfa/address", **{field: "+1 555 010-0123"})
    world.clock.advance(31_000)
    sent = walk.press(sent, "/mfa/resend")
    arrived(walk.send(sent, "/mfa", code=world.code(PHONE)))
    held = {one["Name"]: one["Value"] for one in pool.admin("admin_get_user", "ada")["UserAttributes"]}
    assert held["phone_number"] == PHONE
    assert held["phone_number_verified"] == "true"


@BOTH
def test_a_temporary_password_is_changed_and_what_is_missing_is_asked_for(world: World, choice: bool) -> None:  # noqa: FBT001 - pytest's
    """NEW_PASSWORD_REQUIRED: the rules at the field, the attribute that was missing, and in."""
    pool = world.pool(Schema=[{"Name": "given_name", "Required": True, "AttributeDataType": "String"}])
    pool.user("ada", permanent=False)
    walk = walk_in(pool, choice=choice)

    page = first(walk, "ada")
    assert "The one you have was for the first sign-in only." in page.words
    empty = walk.press(page, "/changePassword", password="", **{"requiredAttributes[given_name]": ""})
    assert empty.page.body.count(b"aria-invalid") == 2
    weak = walk.press(page, "/changePassword", password="short", **{"requiredAttributes[given_name]": "Ada"})
    assert "The password needs" in weak.words
    form = weak.form("/changePassword").fields
    assert (form["password"], form["requiredAttributes[given_name]"]) == ("", "Ada")
    arrived(walk.send(weak, "/changePassword", password=f"{PASSWORD}-2"))
    held = {one["Name"]: one["Value"] for one in pool.admin("admin_get_user", "ada")["UserAttributes"]}
    assert held["given_name"] == "Ada"
    arrived(walk_in(pool).sign_in("ada", f"{PASSWORD}-2"))


def test_a_temporary_password_that_is_too_old_is_told(world: World) -> None:
    """Nothing that the person can do helps, so they read whom to ask."""
    pool = world.pool()
    pool.user("ada", permanent=False)
    walk = walk_in(pool)
    world.clock.advance(8 * 24 * 3_600_000)
    page = walk.press(walk.begin(), "/login", username="ada", password=PASSWORD)
    assert "This first password is too old." in page.words


def test_a_factor_that_is_demanded_since_is_asked_for_by_the_browser_session_too(world: World) -> None:
    """Whoever signed in before has not proved enough: the sign-in page comes, and not "Continue as"."""
    pool = world.pool()
    pool.user("ada")
    walk = walk_in(pool)
    arrived(walk.sign_in("ada"))
    demand(pool, TOTP)
    page = walk.follow(walk.authorize())
    assert page.has_form("/login")
    assert "Set up your authenticator app" in first(walk, "ada").words
