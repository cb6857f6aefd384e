"""Can a person come by a passkey at the pages, and sign in with it? Where the browser would use it, and nowhere else."""

import json
from dataclasses import replace

import pytest

from api.passkeys import configure, passkey_pool
from api.second_factors import enrol, shown
from api.software_authenticator import b64
from api.world import PASSWORD, World
from oauth.browsing import Browser, Page
from pages.passkey_steps import create, key_of, offered, options_of, owned, sign_in_with
from pages.walking import Shown, Walk, arrived, walk_in


def later(walk: Walk, page: Shown) -> Page:
    """Say "Not now"."""
    form = next(one for one in page.forms if ("action", "later") in one.buttons)
    return walk.browser.post(form.action, {**form.fields, "action": "later"}, sec_fetch_site="same-origin")


def test_whoever_signs_in_by_password_is_offered_a_passkey_and_signs_in_with_it(world: World) -> None:
    """The offer on the way to the app; then the name and the key; then the key alone, which says itself whose it is."""
    walk, key, _ = owned(world)

    by_name = Walk(Browser(walk.browser.pool), walk_in(walk.browser.pool, choice=True).client)
    page = by_name.press(by_name.begin(), "/login", username="ada")
    page = by_name.press(page, "/login/choose", challenge="WEB_AUTHN")
    arrived(sign_in_with(by_name, page, key))

    alone = Walk(Browser(walk.browser.pool), walk.client)
    arrived(sign_in_with(alone, alone.begin(), key))
    arrived(alone.authorize())


def test_a_question_for_anybodys_passkey_is_answered_once(world: World) -> None:
    """A recorded answer is worth nothing, in the same browser neither; nor is one to another page's question."""
    walk, key, _ = owned(world)
    page = Walk(walk.browser, walk.client, {"prompt": "login"}).begin()
    credential = json.dumps(key.get(options_of(page)))
    form = page.form("/login/passkey")
    send = {**form.fields, "credential": credential}
    arrived(walk.browser.post(form.action, send))
    assert walk.browser.post(form.action, send).status == 400
    other = Walk(walk.browser, walk.client, {"prompt": "login"}).begin()
    refused = Shown(walk.browser.post(form.action, {**other.form("/login/passkey").fields, "credential": credential}))
    assert "No passkey was used." in refused.words


def test_a_passkey_of_nobody_or_of_somebody_else_opens_nothing(world: World) -> None:
    """An unknown key, a key that claims to be another user's, and an answer that was signed for another site."""
    walk, key, pool = owned(world)
    sub = pool.user("eve")
    for credential in (
        replace(key_of(world), user_handle=key.user_handle),
        key.copy(user_handle=None),
    ):
        page = Walk(walk.browser, walk.client, {"prompt": "login"}).begin()
        assert "No passkey was used." in Shown(sign_in_with(walk, page, credential)).words
    page = Walk(walk.browser, walk.client, {"prompt": "login"}).begin()
    assert "No passkey was used." in Shown(sign_in_with(walk, page, key, userHandle=b64(sub.encode()))).words
    page = Walk(walk.browser, walk.client, {"prompt": "login"}).begin()
    assert "No passkey was used." in Shown(sign_in_with(walk, page, key, origin="https://evil.example")).words


def test_not_now_goes_on_to_the_app_and_is_not_asked_again(world: World) -> None:
    """Without script; for thirty days in this browser; the code that waited is good."""
    pool = passkey_pool(world)
    pool.user("ada")
    walk = walk_in(pool)
    page = offered(walk, walk.sign_in("ada"))
    assert [name for name in walk.browser.cookies if name.startswith("session-")]
    arrived(later(walk, page))
    arrived(Walk(walk.browser, walk.client, {"prompt": "login"}).sign_in("ada"))
    another = Walk(Browser(pool), walk.client)
    offered(another, another.sign_in("ada"))


def test_who_thinks_about_it_for_longer_than_a_code_lives_gets_a_new_one(world: World) -> None:
    """After four minutes the browser session is asked instead."""
    pool = passkey_pool(world)
    pool.user("ada")
    walk = walk_in(pool)
    page = offered(walk, walk.sign_in("ada"))
    world.clock.advance(270_000)
    answer = later(walk, page)
    assert answer.location.startswith("/oauth2/authorize?")
    arrived(walk.browser.get(answer.location))


def test_a_key_that_does_not_hold_is_refused_and_the_offer_stands(world: World) -> None:
    """Another origin, garbage, and a key that is registered already."""
    walk, key, _ = owned(world)
    page = walk.begin("/passkeys/add")
    assert "This device has a passkey here already." in Shown(create(walk, page, key)).words
    page = walk.begin("/passkeys/add")
    bad = Shown(create(walk, page, key_of(world), origin="https://evil.example"))
    assert "No passkey was made." in bad.words
    form = next(one for one in bad.forms if one.fields.get("action") == "create")
    for credential in ("", "{}", "null"):
        again = Shown(walk.browser.post(form.action, {**form.fields, "credential": credential}))
        assert "No passkey was made." in again.words
    answer = create(walk, walk.begin("/passkeys/add"), key_of(world))
    assert answer.location.startswith("/oauth2/authorize?")


def test_only_whoever_is_signed_in_here_adds_a_passkey(world: World) -> None:
    """attacks.md 52: another browser, a signed-out one, and one whose user has another password by now."""
    walk, _, pool = owned(world)
    stranger = Walk(Browser(pool), walk.client)
    assert stranger.browser.get("/passkeys/add", stranger.query).location.startswith("/login?")
    page = walk.begin("/passkeys/add")
    pool.admin("admin_set_user_password", "ada", Password=f"{PASSWORD}-2", Permanent=True)
    assert create(walk, page, key_of(world)).status == 400


@pytest.mark.parametrize("by_whom", ["the user", "the pool"])
def test_a_sign_in_that_is_not_enough_any_more_adds_no_passkey(world: World, by_whom: str) -> None:
    """A key that is worth two factors would let in for good whoever had the password before MFA was on."""
    pool = passkey_pool(world)
    configure(pool, mfa="OPTIONAL", two_factors=True)
    pool.user("ada")
    thief = walk_in(pool)
    page = offered(thief, thief.sign_in("ada"))
    if by_whom == "the user":
        enrol(pool.client(), "ada")
        pool.admin("admin_user_global_sign_out", "ada")
    else:
        configure(pool, mfa="ON", two_factors=True)
    assert create(thief, page, key_of(world)).status == 400
    assert thief.browser.get("/passkeys/add", thief.query).location.startswith("/login?")
    world.clock.advance(300_000)
    assert thief.browser.get("/passkeys/add", thief.query).location.startswith("/login?")


def test_after_signing_up_a_passkey_is_offered_too(world: World) -> None:
    """ui.md 3.2: after sign-up, never as a wall."""
    pool = passkey_pool(world, AutoVerifiedAttributes=["email"])
    walk = walk_in(pool)
    field = "requiredAttributes[email]"
    page = walk.press(walk.begin("/signup"), "/signup", username="ada", password=PASSWORD, **{field: "ada@x.example"})
    page = offered(walk, walk.send(page, "/confirm", code=world.code("ada@x.example")))
    arrived(create(walk, page, key_of(world)))


@pytest.mark.parametrize("party", ["pools.example.com", "localhost.example"])
def test_elsewhere_than_at_the_relying_party_no_passkey_is_offered(world: World, party: str) -> None:
    """Neither made nor asked for: the browser would not have it at this host."""
    pool = passkey_pool(world, relying_party=party)
    pool.user("ada")
    walk = walk_in(pool)
    assert not walk.begin().has_form("/login/passkey")
    arrived(walk.sign_in("ada"))
    assert walk.begin("/passkeys/add").page.status == 400


def test_without_a_relying_party_of_its_own_it_is_the_main_domain(world: World) -> None:
    """identity-security.md 5.3: with a domain there is one; without, there are no passkeys."""
    pool = world.pool(Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}})
    walk = walk_in(pool)
    assert not walk.begin().has_form("/login/passkey")
    world.signed.create_user_pool_domain(UserPoolId=pool.pool_id, Domain=f"d{pool.pool_id[-8:].lower()}")
    page = walk.begin()
    assert options_of(page)["rpId"] == "localhost"


def test_where_a_passkey_would_lead_nowhere_it_is_not_offered(world: World) -> None:
    """A second factor is demanded and a passkey is not two: whoever signs in goes straight on."""
    pool = passkey_pool(world)
    configure(pool, mfa="OPTIONAL")
    pool.user("ada")
    walk = walk_in(pool)
    offered(walk, walk.sign_in("ada"))
    secret = enrol(pool.client(), "ada")
    fresh = Walk(Browser(pool), walk.client)
    page = fresh.press(fresh.begin(), "/login", username="ada", password=PASSWORD)
    arrived(fresh.send(page, "/mfa", code=shown(world, secret)))
