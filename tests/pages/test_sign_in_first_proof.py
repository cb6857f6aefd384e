"""Does a person get from an app to the sign-in page and back with a code? By name and password, and by choice."""

from urllib.parse import urlencode

import pytest

from api.choosing import _POLICY as POLICY
from api.second_factors import wrong
from api.world import PASSWORD, SMS, PoolOfTests, World
from pages.walking import Walk, arrived, walk_in

WRONG = "The user name or the password is not right. Check both and try again."


def open_pool(world: World) -> PoolOfTests:
    """Make a pool that takes codes as first factors."""
    return world.pool(Policies=POLICY, SmsConfiguration=SMS, AutoVerifiedAttributes=["email"])


def test_a_person_signs_in_with_name_and_password_and_is_back_with_a_code(world: World) -> None:
    """From authorize to /login and to the app, with a code, and with the browser's own session."""
    pool = world.pool()
    pool.user("ada")
    walk = walk_in(pool)

    page = walk.follow(walk.authorize())
    answer = walk.send(page, "/login", username="ada", password=PASSWORD)

    arrived(answer)
    assert [name for name in walk.browser.cookies if name.startswith("session-")]


@pytest.mark.parametrize(
    "flows", [["ALLOW_USER_SRP_AUTH"], ["ALLOW_CUSTOM_AUTH"], ["ALLOW_ADMIN_USER_PASSWORD_AUTH"], []]
)
def test_what_a_client_allows_to_programs_does_not_keep_people_out(world: World, flows: list[str]) -> None:
    """ExplicitAuthFlows is about the API: clients made with AWS's defaults, or for back ends, have the page as well."""
    pool = world.pool()
    pool.user("ada")
    walk = walk_in(pool, ExplicitAuthFlows=flows, GenerateSecret=True)
    arrived(walk.sign_in("ada"))


def test_whoever_is_signed_in_goes_straight_through_and_is_asked_at_the_page_itself(world: World) -> None:
    """Single sign-on at authorize; "Continue as" at /login without one, and where the app asks for a choice."""
    pool = world.pool()
    pool.user("ada", email="ada@lovelace.example", name="Ada Lovelace")
    walk = walk_in(pool)
    arrived(walk.sign_in("ada"))

    arrived(walk.authorize())
    page = walk.begin()
    assert "Continue as" in page.words
    assert "Ada Lovelace" in page.words
    arrived(walk.send(page, "/login/continue", account="current"))

    page = walk.follow(walk.authorize(prompt="select_account"))
    assert "Continue as" in page.words
    other = walk.press(page, "/login/continue", account="other")
    arrived(walk.send(other, "/login", username="ada", password=PASSWORD))


def test_who_is_asked_to_sign_in_afresh_cannot_continue(world: World) -> None:
    """attacks.md 93: neither `prompt=login` nor `max_age` is passed by a browser session, at its form neither."""
    pool = world.pool()
    pool.user("ada")
    walk = walk_in(pool)
    arrived(walk.sign_in("ada"))
    continued = walk.begin()

    for more in ({"prompt": "login"}, {"max_age": "1"}):
        world.clock.advance(2_000)
        afresh = Walk(walk.browser, walk.client, more)
        page = afresh.begin()
        assert page.has_form("/login")
        form = continued.form("/login/continue")
        answer = walk.browser.post("/login/continue?" + _text(afresh), {**form.fields, "account": "current"})
        assert answer.location.startswith("/login?")
        assert walk.shown(answer).has_form("/login")
        arrived(afresh.send(page, "/login", username="ada", password=PASSWORD))


def test_a_wrong_password_an_unknown_name_and_a_disabled_user_are_one_sentence(world: World) -> None:
    """ui.md 3.2. The name comes back filled, the password does not."""
    pool = world.pool()
    pool.user("ada")
    pool.user("eve")
    pool.admin("admin_disable_user", "eve")
    walk = walk_in(pool)
    for name, password in (
        ("ada", "Wrong-1-password"),
        ("nobody", PASSWORD),
        ("eve", PASSWORD),
        ("x" * 3_000, PASSWORD),
    ):
        page = walk.press(walk.begin(), "/login", username=name, password=password)
        assert WRONG in page.words
        fields = page.form("/login").fields
        assert (fields["username"], fields["password"]) == (name, "")
        assert page.page.status == 200


def test_nothing_typed_is_told_at_the_field(world: World) -> None:
    """An empty form is no wrong password."""
    walk = walk_in(world.pool())
    page = walk.press(walk.begin(), "/login", username=" ", password="")
    assert WRONG not in page.words
    assert page.page.body.count(b"aria-invalid") == 2


def test_too_many_wrong_passwords_are_told_with_the_time_that_is_left(world: World) -> None:
    """Status 429, for a name that nobody has as for one that somebody has."""
    pool = world.pool()
    pool.user("ada")
    walk = walk_in(pool)
    told = []
    for name in ("ada", "nobody"):
        for _ in range(8):
            last = walk.press(walk.begin(), "/login", username=name, password="Wrong-1-password")
            if last.page.status == 429:
                break
        told.append((last.page.status, last.page.headers["retry-after"]))
        assert "Wait a moment" in last.words
    assert told == [(429, told[0][1])] * 2
    assert 1 <= int(told[0][1]) <= 8


def test_whoever_has_not_confirmed_is_sent_to_the_code_and_back(world: World) -> None:
    """UserNotConfirmed leads to /confirm, after the right password; a code that is asked for there confirms."""
    pool = world.pool(AutoVerifiedAttributes=["email"])
    walk = walk_in(pool)
    walk.client.sign_up("ada", email="ada@lovelace.example")

    page = walk.follow(walk.sign_in("ada"))
    assert "Confirm your email address" in page.words
    page = walk.press(page, "/resendcode")
    done = walk.send(page, "/confirm", code=world.code("ada@lovelace.example"))
    page = walk.follow(done)
    assert "Your address is confirmed. Sign in." in page.words
    assert page.form("/login").fields["username"] == "ada"
    arrived(walk.send(page, "/login", username="ada", password=PASSWORD))


def test_whoever_must_choose_another_password_is_sent_to_do_so(world: World) -> None:
    """PasswordResetRequired leads to /confirmforgotPassword, and says why."""
    pool = world.pool(AutoVerifiedAttributes=["email"])
    pool.user("ada", email="ada@lovelace.example", email_verified="true")
    walk = walk_in(pool)
    pool.admin("admin_reset_user_password", "ada")
    code = world.code("ada@lovelace.example")

    page = walk.follow(walk.sign_in("ada"))
    assert "Your password must be changed before you sign in." in page.words
    page = walk.follow(walk.send(page, "/confirmforgotPassword", code=code, password=f"{PASSWORD}-2"))
    assert "Your password is changed. Sign in." in page.words
    arrived(walk.send(page, "/login", username="ada", password=f"{PASSWORD}-2"))


def test_one_way_is_not_offered_as_a_choice(world: World) -> None:
    """Where the password is all there is, its page comes at once: by SRP or not is no choice of a person's."""
    pool = world.pool()
    pool.user("ada")
    walk = walk_in(pool, choice=True)
    page = walk.begin()
    assert "password" not in page.form("/login").fields

    page = walk.press(page, "/login", username="ada")
    assert page.has_form("/login/password")
    assert not page.has_form("/login/another")
    wrong_one = walk.press(page, "/login/password", password="Wrong-1-password")
    assert WRONG in wrong_one.words
    arrived(walk.send(wrong_one, "/login/password", password=PASSWORD))


def test_a_person_chooses_a_code_by_mail_and_may_choose_again(world: World) -> None:
    """The ways with where codes would go, masked; another way; a wrong code; the right one."""
    pool = open_pool(world)
    pool.user("ada", email="ada@lovelace.example", email_verified="true")
    walk = walk_in(pool, choice=True)

    choose = walk.press(walk.begin(), "/login", username="ada")
    assert [value for _, value in choose.form("/login/choose").buttons] == ["EMAIL_OTP", "PASSWORD"]
    assert "a***@l***" in choose.words
    sent = walk.press(choose, "/login/choose", challenge="EMAIL_OTP")
    again = walk.press(sent, "/login/another")
    assert again.has_form("/login/choose")
    sent = walk.press(again, "/login/choose", challenge="EMAIL_OTP")
    code = world.code("ada@lovelace.example")
    page = walk.press(sent, "/mfa", code=wrong(code))
    assert "That code is not right. Check it and try again." in page.words
    spaced = " ".join(chr(ord(digit) - ord("0") + 0xFF10) for digit in code) + " -"
    arrived(walk.send(page, "/mfa", code=spaced))


def test_another_code_is_sent_after_half_a_minute_and_not_before(world: World) -> None:
    """ui.md 3.2: "You can ask again in N seconds"; the code before it is worth nothing then."""
    pool = open_pool(world)
    pool.user("ada", email="ada@lovelace.example", email_verified="true")
    walk = walk_in(pool, choice=True)
    choose = walk.press(walk.begin(), "/login", username="ada")
    sent = walk.press(choose, "/login/choose", challenge="EMAIL_OTP")
    first = world.outbox("ada@lovelace.example")

    world.clock.advance(10_000)
    soon = walk.press(sent, "/mfa/resend")
    assert "20 seconds" in soon.words
    assert not world.sent_since(first, "ada@lovelace.example")
    world.clock.advance(20_000)
    second = walk.press(soon, "/mfa/resend")
    assert len(world.sent_since(first, "ada@lovelace.example")) == 1
    arrived(walk.send(second, "/mfa", code=world.code("ada@lovelace.example")))


def test_a_way_that_was_not_offered_is_not_taken(world: World) -> None:
    """Nobody chooses what the page did not have."""
    pool = open_pool(world)
    pool.user("ada", email="ada@lovelace.example", email_verified="true")
    walk = walk_in(pool, choice=True)
    choose = walk.press(walk.begin(), "/login", username="ada")
    for way in ("WEB_AUTHN", "SMS_OTP", "CUSTOM_CHALLENGE", ""):
        page = walk.press(choose, "/login/choose", challenge=way)
        assert "That way is not available now. Choose another." in page.words


def test_a_client_for_other_providers_alone_has_no_page(world: World) -> None:
    """SupportedIdentityProviders without COGNITO: the pool's own users do not sign in by it, at its forms neither."""
    pool = world.pool()
    pool.user("ada")
    walk = walk_in(pool)
    page = walk.begin()
    only_acme = _with_provider(world, walk.client.client_id)
    sql = "UPDATE clients SET document = $1, version = version + 1 WHERE client_id = $2"
    world.run(lambda: world.house.db.execute(sql, only_acme, walk.client.client_id))
    assert walk.begin().page.status == 400
    answer = walk.send(page, "/login", username="ada", password=PASSWORD)
    assert answer.status == 200
    assert not answer.location


def test_two_tabs_back_and_a_second_try_all_work(world: World) -> None:
    """Nothing is stored before somebody is signed in: each page stands for itself."""
    pool = open_pool(world)
    pool.user("ada", email="ada@lovelace.example", email_verified="true")
    walk = walk_in(pool, choice=True)
    left, right = walk.begin(), walk.begin(state="another-tab")
    left_next = walk.press(left, "/login", username="ada")
    right_next = walk.press(right, "/login", username="ada")
    left_next = walk.press(left_next, "/login/choose", challenge="PASSWORD")
    right_next = walk.press(right_next, "/login/choose", challenge="PASSWORD")
    arrived(walk.send(left_next, "/login/password", password=PASSWORD))
    answer = walk.send(right_next, "/login/password", password=PASSWORD)
    assert answer.told["state"] == "another-tab"


def test_a_page_that_was_answered_is_too_old_and_leads_to_a_new_one(world: World) -> None:
    """A reload of what is spent, and a page that stood open for an hour: status 400 with "Start again"."""
    pool = world.pool()
    pool.user("ada")
    walk = walk_in(pool, choice=True)
    page = walk.press(walk.begin(), "/login", username="ada")
    arrived(walk.send(page, "/login/password", password=PASSWORD))
    spent = walk.press(page, "/login/password", password=PASSWORD)
    page = walk.press(walk.begin(prompt="login"), "/login", username="ada")
    world.clock.advance(3_600_000)
    old = walk.press(page, "/login/password", password=PASSWORD)
    for one in (spent, old):
        assert one.page.status == 400
        assert "This page was open too long" in one.words
        assert any(link.startswith("/login?") for link in one.links)


def test_addresses_of_forms_lead_to_the_first_page(world: World) -> None:
    """Who opens one by GET, after Back or from a bookmark, begins anew, with the same authorize request."""
    walk = walk_in(world.pool())
    for path in (
        "/login/password",
        "/login/choose",
        "/mfa",
        "/mfa/resend",
        "/mfa/setup",
        "/changePassword",
        "/resendcode",
    ):
        answer = walk.browser.get(path, walk.query)
        assert answer.status == 303
        assert answer.location.startswith("/login?")
        assert walk.client.client_id in answer.location


def test_the_level_that_an_app_asks_for_falls_to_what_a_person_can_reach(world: World) -> None:
    """oauth-federation.md 6: managed login passes over what is unknown, and leaves nobody standing."""
    pool = world.pool()
    pool.user("ada")
    for levels in ("urn:cognito:loa:4", "urn:example:none", "urn:cognito:loa:4 urn:cognito:loa:1"):
        arrived(walk_in(pool, more={"acr_values": levels}).sign_in("ada"))
        walk = walk_in(pool, choice=True, more={"acr_values": levels})
        page = walk.press(walk.begin(), "/login", username="ada")
        arrived(walk.send(page, "/login/password", password=PASSWORD))


def _text(walk: Walk) -> str:
    return urlencode(walk.query)


def _with_provider(world: World, client_id: str) -> str:
    document = world.rows("SELECT document FROM clients WHERE client_id = $1", client_id)[0][0]
    return str(document).replace('"COGNITO"', '"Acme"')
