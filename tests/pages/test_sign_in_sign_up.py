"""Does somebody become a user at the pages, and return to the app signed in? With what the pool asks for, and no more."""

from pathlib import Path
from urllib.parse import urlencode

import pytest

from api.own_code import own_code
from api.second_factors import TOTP, demand, shown, wrong
from api.world import PASSWORD, SMS, World
from oauth.browsing import Browser
from pages.walking import Walk, arrived, walk_in

ADA, PHONE = "ada@lovelace.example", "+15550100123"
BOTH = pytest.mark.parametrize("choice", [False, True], ids=["password", "choice"])
EMAIL_FIELD, PHONE_FIELD = "requiredAttributes[email]", "requiredAttributes[phone_number]"


@BOTH
def test_a_person_signs_up_confirms_and_is_back_at_the_app(world: World, choice: bool) -> None:  # noqa: FBT001 - pytest's
    """The code signs in whoever has just signed up, ten minutes later too."""
    pool = world.pool(AutoVerifiedAttributes=["email"])
    walk = walk_in(pool, choice=choice)
    first = walk.begin()
    assert any(link.startswith("/signup?") for link in first.links)

    page = walk.begin("/signup")
    page = walk.press(page, "/signup", username="ada", password=PASSWORD, **{EMAIL_FIELD: ADA})
    assert "Confirm your email address" in page.words
    assert "a***@l***" in page.words
    world.clock.advance(600_000)
    page = walk.press(page, "/confirm", code=wrong(world.code(ADA)))
    assert "That code is not right." in page.words
    arrived(walk.send(page, "/confirm", code=world.code(ADA)))
    arrived(walk.authorize())


def test_an_address_that_is_the_name_is_asked_for_once(world: World) -> None:
    """Username attributes: one field, which is the address and the name."""
    pool = world.pool(UsernameAttributes=["email"], AutoVerifiedAttributes=["email"])
    walk = walk_in(pool)
    page = walk.begin("/signup")
    assert [name for name in page.form("/signup").fields if name != "_csrf"] == ["username", "password"]
    bad = walk.press(page, "/signup", username="ada", password=PASSWORD)
    assert "Enter an email address like" in bad.words
    page = walk.press(bad, "/signup", username=ADA, password=PASSWORD)
    arrived(walk.send(page, "/confirm", code=world.code(ADA)))


def test_required_attributes_and_every_verified_address_are_asked_for(world: World) -> None:
    """With both addresses verified the second may be left out; what is closed to clients is never asked for."""
    schema = [
        {"Name": "given_name", "Required": True, "AttributeDataType": "String"},
        {"Name": "birthdate", "Required": True, "AttributeDataType": "String"},
    ]
    pool = world.pool(Schema=schema, AutoVerifiedAttributes=["email", "phone_number"], SmsConfiguration=SMS)
    walk = walk_in(pool)
    page = walk.begin("/signup")
    names = [name for name in page.form("/signup").fields if name != "_csrf"]
    fields = ["email", "phone_number", "birthdate", "given_name"]
    assert sorted(names) == sorted(["username", *(f"requiredAttributes[{one}]" for one in fields), "password"])
    assert page.words.count("(optional)") == 1

    wrong_all = walk.press(page, "/signup", username="", password="short", **{EMAIL_FIELD: "ada", PHONE_FIELD: "5"})
    assert wrong_all.page.body.count(b"aria-invalid") == 6
    given = {"requiredAttributes[given_name]": "Ada", "requiredAttributes[birthdate]": "1815-12-10"}
    page = walk.press(
        wrong_all, "/signup", username="ada", password=PASSWORD, **given, **{EMAIL_FIELD: ADA, PHONE_FIELD: ""}
    )
    arrived(walk.send(page, "/confirm", code=world.code(ADA)))

    page = walk.begin("/signup", prompt="login")
    both = {EMAIL_FIELD: "eve@x.example", PHONE_FIELD: "+1 (555) 010-0123"}
    page = walk.press(page, "/signup", username="eve", password=PASSWORD, **given, **both)
    arrived(walk.send(page, "/confirm", code=world.code(PHONE)))


def test_what_an_app_client_may_not_write_is_not_asked_for(world: World) -> None:
    """WriteAttributes: what is required is writable always; an address that is only verified is not."""
    schema = [{"Name": "given_name", "Required": True, "AttributeDataType": "String"}]
    pool = world.pool(Schema=schema, AutoVerifiedAttributes=["email"])
    walk = walk_in(pool, WriteAttributes=["given_name"])
    page = walk.begin("/signup")
    assert EMAIL_FIELD not in page.form("/signup").fields
    page = walk.press(page, "/signup", username="ada", password=PASSWORD, **{"requiredAttributes[given_name]": "Ada"})
    assert "An administrator will confirm it." in page.words


def test_a_password_that_may_be_left_out_is_marked_so(world: World) -> None:
    """Where a code is a first factor and the page asks for a name first; where the password is all there is, it must be given."""
    policies = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}}
    pool = world.pool(UsernameAttributes=["email"], AutoVerifiedAttributes=["email"], Policies=policies)
    for choice in (True, False):
        page = walk_in(pool, choice=choice).begin("/signup")
        assert ("Password (optional)" in page.words) is choice
    walk = walk_in(pool, choice=True)
    page = walk.press(walk.begin("/signup"), "/signup", username=ADA, password="")
    assert page.has_form("/confirm")


def test_a_name_that_is_taken_is_told_and_the_form_comes_back_filled(world: World) -> None:
    """As the API tells it; the password is never given back."""
    pool = world.pool(AutoVerifiedAttributes=["email"])
    pool.user("ada")
    walk = walk_in(pool)
    page = walk.press(walk.begin("/signup"), "/signup", username="ada", password=PASSWORD, **{EMAIL_FIELD: ADA})
    assert "There is an account with this" in page.words
    form = page.form("/signup").fields
    assert (form["username"], form["password"], form[EMAIL_FIELD]) == ("ada", "", ADA)


@pytest.mark.parametrize("name", ["a b", "x" * 129, "\u202eada", "a\u0301" + "\u0301" * 31])
def test_what_can_be_nobodys_name_is_told_at_the_field(world: World, name: str) -> None:
    """The model's UsernameType is asked for here as well, where no model looks at what comes."""
    walk = walk_in(world.pool())
    page = walk.press(walk.begin("/signup"), "/signup", username=name, password=PASSWORD)
    assert page.page.status == 200
    assert page.page.body.count(b"aria-invalid") == 1


def test_where_administrators_make_the_accounts_there_is_no_sign_up(world: World) -> None:
    """Neither a link, nor the page, nor its form."""
    pool = world.pool()
    walk = walk_in(pool)
    page = walk.begin("/signup")
    world.signed.update_user_pool(UserPoolId=pool.pool_id, AdminCreateUserConfig={"AllowAdminCreateUserOnly": True})
    assert not any(link.startswith("/signup") for link in walk.begin().links)
    assert walk.begin("/signup").page.status == 400
    answer = walk.press(page, "/signup", username="ada", password=PASSWORD)
    assert answer.page.status == 400
    assert world.signed.list_users(UserPoolId=pool.pool_id)["Users"] == []


def test_without_a_code_an_administrator_confirms(world: World) -> None:
    """Auto-verify off: the page says so, at sign-up and at each sign-in until then."""
    pool = world.pool()
    walk = walk_in(pool)
    page = walk.press(walk.begin("/signup"), "/signup", username="ada", password=PASSWORD)
    assert "An administrator will confirm it." in page.words
    page = walk.follow(walk.sign_in("ada"))
    assert "An administrator will confirm it." in page.words
    pool.admin("admin_confirm_sign_up", "ada")
    arrived(walk.sign_in("ada"))


def test_another_code_for_a_sign_up(world: World) -> None:
    """Not before half a minute; six are too many."""
    pool = world.pool(AutoVerifiedAttributes=["email"])
    walk = walk_in(pool)
    page = walk.press(walk.begin("/signup"), "/signup", username="ada", password=PASSWORD, **{EMAIL_FIELD: ADA})
    assert "You can ask again in" in walk.press(page, "/resendcode").words
    for _ in range(5):
        world.clock.advance(31_000)
        page = walk.press(page, "/resendcode")
    arrived_with = world.code(ADA)
    world.clock.advance(31_000)
    assert walk.press(page, "/resendcode").page.status == 429
    arrived(walk.send(page, "/confirm", code=arrived_with))


def test_whoever_confirms_in_another_browser_is_not_signed_in_there(world: World) -> None:
    """attacks.md 72: the page of one browser is no good in another, and a code alone signs nobody in."""
    pool = world.pool(AutoVerifiedAttributes=["email"])
    walk = walk_in(pool)
    page = walk.press(walk.begin("/signup"), "/signup", username="ada", password=PASSWORD, **{EMAIL_FIELD: ADA})
    other = Walk(Browser(pool), walk.client)
    theirs = other.begin("/confirm", login_hint="ada")
    carried = {**page.form("/confirm").fields, "_csrf": theirs.form("/confirm").fields["_csrf"]}
    code = world.code(ADA)
    taken = other.browser.post(
        f"/confirm?{urlencode(other.query)}", {**carried, "code": code}, sec_fetch_site="same-origin"
    )
    assert taken.status == 400
    done = other.send(theirs, "/confirm", code=code)
    assert done.location.startswith("/login?")
    assert not [name for name in other.browser.cookies if name.startswith("session-")]


def test_a_second_factor_is_set_up_before_a_new_user_is_in(world: World) -> None:
    """Where the pool demands one, the code of the sign-up leads to it and not past it."""
    pool = world.pool(AutoVerifiedAttributes=["email"])
    demand(pool, TOTP)
    walk = walk_in(pool)
    page = walk.press(walk.begin("/signup"), "/signup", username="ada", password=PASSWORD, **{EMAIL_FIELD: ADA})
    page = walk.press(page, "/confirm", code=world.code(ADA))
    link = next(one for one in page.links if one.startswith("otpauth://"))
    secret = link.partition("secret=")[2].partition("&")[0]
    arrived(walk.send(page, "/mfa/setup", code=shown(world, secret)))


def test_what_a_function_says_is_read_as_it_said_it(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """UserLambdaValidation: the function's own words, escaped, without what AWS puts around them."""
    with own_code(world, tmp_path, monkeypatch) as code:
        arn = code.function("PreSignUp", 'raise ValueError("Only <b>invited</b> people may come in")')
        pool = world.pool(LambdaConfig={"PreSignUp": arn})
        walk = walk_in(pool)
        page = walk.press(walk.begin("/signup"), "/signup", username="ada", password=PASSWORD)
        assert "Only <b>invited</b> people" in page.words
        assert b"<b>invited" not in page.page.body
        assert "failed with error" not in page.words


def test_whom_a_function_confirms_is_signed_in_at_once(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PreSignUp with autoConfirmUser: no code is waited for, and the password that was chosen signs in."""
    with own_code(world, tmp_path, monkeypatch) as code:
        arn = code.function("PreSignUp", 'response["autoConfirmUser"] = True')
        walk = walk_in(world.pool(LambdaConfig={"PreSignUp": arn}))
        arrived(walk.send(walk.begin("/signup"), "/signup", username="ada", password=PASSWORD))
