"""Which form is believed? One that a page of ours showed to this very browser, and none of anybody else's (attacks.md 72, 83, 84)."""

from dataclasses import replace
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

import pytest

from api.choosing import _POLICY as POLICY
from api.second_factors import TOTP, pool_with
from api.world import PASSWORD, SMS, World
from oauth.browsing import Browser, Page
from pages.walking import Shown, Walk, arrived, walk_in
from poolkeeper.clock import HOUR
from poolkeeper.pages.managed_login.endpoints import ALONE, PAGES

POSTED = [path for table in (PAGES, ALONE) for path, (_, post) in table.items() if post is not None]


def plain(walk: Walk, path: str, form: dict[str, str], **headers: str) -> Page:
    return walk.browser.post(f"{path}?{urlencode(walk.query)}", form, **headers)


@pytest.mark.parametrize("path", POSTED)
def test_no_form_is_taken_without_the_token_of_its_browser(world: World, path: str) -> None:
    """Without a token, with another browser's, with one but without the cookie; for every address that takes forms."""
    pool = world.pool()
    walk, other = walk_in(pool), walk_in(pool)
    token = walk.begin().form("/login").fields["_csrf"]
    theirs = other.begin().form("/login").fields["_csrf"]
    assert token != theirs

    for given in ({}, {"_csrf": ""}, {"_csrf": theirs}, {"_csrf": token[:-1]}):
        assert plain(walk, path, given).status == 403
    assert plain(walk_in(pool), path, {"_csrf": token}).status == 403
    assert plain(walk, path, {"_csrf": token}).status != 403


@pytest.mark.parametrize(
    ("headers", "taken"),
    [
        ({"sec_fetch_site": "same-origin"}, True),
        ({"sec_fetch_site": "same-origin", "origin": "null"}, True),
        ({"sec_fetch_site": "none"}, True),
        ({"origin": "null"}, True),
        ({}, True),
        ({"sec_fetch_site": "cross-site"}, False),
        ({"sec_fetch_site": "same-site"}, False),
        ({"sec_fetch_site": "cross-site", "origin": "null"}, False),
        ({"origin": "https://evil.example"}, False),
        (
            {
                "origin": "http://[",
            },
            False,
        ),
    ],
)
def test_where_a_form_comes_from_decides_before_its_token(world: World, headers: dict[str, str], taken: bool) -> None:  # noqa: FBT001 - pytest's
    """Sec-Fetch-Site where a browser sends it: with no-referrer our own forms say `Origin: null`."""
    pool = world.pool()
    pool.user("ada")
    walk = walk_in(pool)
    form = {**walk.begin().form("/login").fields, "username": "ada", "password": PASSWORD}
    answer = plain(walk, "/login", form, **headers)
    assert (answer.status == 303) is taken
    assert taken or answer.status == 403


def test_the_page_that_refuses_a_form_lets_the_next_one_through(world: World) -> None:
    """Whoever had no cookie has one then."""
    pool = world.pool()
    pool.user("ada")
    walk = walk_in(pool)
    refused = plain(walk, "/login", {"username": "ada", "password": PASSWORD})
    assert refused.status == 403
    assert b"forged_form" in refused.body
    arrived(walk.sign_in("ada"))


def test_a_page_of_one_browser_is_no_good_in_another(world: World) -> None:
    """attacks.md 72, 83: the last step with the state of somebody else's sign-in gives nobody a code."""
    pool = pool_with(world, TOTP)
    pool.user("ada")
    walk = walk_in(pool)
    other = Walk(Browser(pool), walk.client)
    page = walk.press(walk.begin(), "/login", username="ada", password=PASSWORD)
    state = page.form("/mfa/setup").fields
    token = other.begin().form("/login").fields["_csrf"]
    taken = plain(other, "/mfa/setup", {**state, "_csrf": token, "code": "123456"}, sec_fetch_site="same-origin")
    assert taken.status == 400
    assert b"This page was open too long" in taken.body


def test_a_page_of_one_app_is_no_good_for_another(world: World) -> None:
    """What was begun for one app client ends at that one."""
    pool = world.pool()
    pool.user("ada")
    walk = walk_in(pool, choice=True)
    another = Walk(walk.browser, walk_in(pool, choice=True).client)
    page = walk.press(walk.begin(), "/login", username="ada")
    taken = plain(another, "/login/password", {**page.form("/login/password").fields, "password": PASSWORD})
    assert taken.status == 400


def test_a_page_answers_its_own_question_alone(world: World) -> None:
    """The state of one question opens no other address: nobody skips a step by choosing where to send a form."""
    pool = world.pool(Policies=POLICY, SmsConfiguration=SMS)
    pool.user("ada", email="ada@lovelace.example", email_verified="true")
    walk = walk_in(pool, choice=True)
    page = walk.press(walk.begin(), "/login", username="ada")
    state = page.form("/login/choose").fields
    for path in POSTED:
        begins = {"/login", "/login/choose", "/login/continue", "/login/federated", "/signup", "/logout/confirm"}
        if path in begins or path.startswith(("/confirm", "/forgot")):
            continue
        answer = plain(
            walk, path, {**state, "code": "123456", "password": PASSWORD, "credential": "{}", "challenge": "EMAIL_OTP"}
        )
        assert answer.status == 400, path


@pytest.mark.parametrize("at", range(0, 60, 7))
def test_what_a_page_carries_cannot_be_altered(world: World, at: int) -> None:
    """attacks.md 77: it is sealed."""
    pool = world.pool()
    pool.user("ada")
    walk = walk_in(pool, choice=True)
    form = walk.press(walk.begin(), "/login", username="ada").form("/login/password").fields
    state = form["session"]
    other = "A" if state[at] != "A" else "B"
    answer = plain(
        walk, "/login/password", {**form, "session": state[:at] + other + state[at + 1 :], "password": PASSWORD}
    )
    assert answer.status == 400


def test_what_a_page_carries_grows_old(world: World) -> None:
    """After an hour it is of no use, whatever it was: nobody draws a set-up's picture with it for ever."""
    pool = world.pool()
    pool.user("ada")
    walk = walk_in(pool, choice=True)
    page = walk.press(walk.begin(), "/login", username="ada")
    world.clock.advance(HOUR + 1)
    answer = Shown(walk.send(page, "/login/password", password=PASSWORD))
    assert answer.page.status == 400
    assert "This page was open too long" in answer.words


def test_what_a_page_carries_does_not_outlive_a_restore(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """attacks.md 159: what was begun before the database was put back is begun anew."""
    pool = world.pool()
    pool.user("ada")
    walk = walk_in(pool, choice=True)
    page = walk.press(walk.begin(), "/login", username="ada")
    monkeypatch.setattr(world.app, "house", replace(world.house, restored_at=world.clock.now()))
    monkeypatch.setattr(world.app._reception, "_house", world.app.house)
    assert walk.send(page, "/login/password", password=PASSWORD).status == 400


def test_cookies_are_http_only_lax_and_of_this_pool(world: World) -> None:
    """attacks.md 72; over TLS they are Secure and `__Host-` besides (test_sign_in_places.py)."""
    pool = world.pool()
    pool.user("ada")
    walk = walk_in(pool)
    lines = [walk.begin().page.headers["set-cookie"], walk.sign_in("ada").headers["set-cookie"]]
    for line in lines:
        assert "HttpOnly" in line
        assert "SameSite=lax" in line
        assert "Domain" not in line
        assert line.partition("=")[0].endswith(f"-{pool.pool_id}")
    assert "Max-Age" not in lines[0]


def test_each_sign_in_begins_a_browser_session_of_its_own(world: World) -> None:
    """attacks.md 72: a cookie that was planted before is never the one after, and the one before has ended."""
    pool = world.pool()
    pool.user("ada")
    pool.user("eve")
    attacker = walk_in(pool)
    arrived(attacker.sign_in("eve"))
    name = next(one for one in attacker.browser.cookies if one.startswith("session-"))
    planted = attacker.browser.cookies[name]

    victim = Walk(Browser(pool, cookies={name: planted}), attacker.client, {"prompt": "login"})
    arrived(victim.sign_in("ada"))
    assert victim.browser.cookies[name] != planted
    assert attacker.authorize().location.startswith("/login?")
    again = victim.browser.cookies[name]
    arrived(victim.sign_in("ada"))
    assert victim.browser.cookies[name] != again


def test_every_page_is_framed_by_nobody_and_kept_by_nobody(world: World) -> None:
    """attacks.md 86, 86a, 89, 99: on each address, and on every kind of answer."""
    pool = world.pool(AutoVerifiedAttributes=["email"])
    pool.user("ada")
    walk = walk_in(pool)
    answers = [walk.browser.get(path, walk.query) for path in (*PAGES, *ALONE)]
    answers += [plain(walk, path, {}) for path in POSTED]
    answers += [walk.sign_in("ada"), walk.browser.get("/login"), walk.browser.get("/login/;.css", walk.query)]
    for answer in answers:
        headers = answer.headers
        if headers.get("content-type", "").startswith("text/html"):
            assert headers["cache-control"] == "no-store"
            assert headers["referrer-policy"] == "no-referrer"
            assert headers["x-frame-options"] == "DENY"
            assert "frame-ancestors 'none'" in headers["content-security-policy"]
            assert "form-action" not in headers["content-security-policy"]
            assert "cross-origin-opener-policy" not in headers
        if answer.location:
            assert answer.status == 303
            assert headers["cache-control"] == "no-store"
            assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    "path",
    ["/login;.css", "//login", "/login/", "/login%2f.css", "/%6cogin", "/./login", "/login/..%2flogin", "/LOGIN"],
)
def test_other_spellings_of_an_address_are_never_kept(world: World, path: str) -> None:
    """attacks.md 99: whatever answers, no page comes with headers by which a cache would keep it."""
    walk = walk_in(world.pool())
    connection = HTTPConnection(urlsplit(world.url).netloc, timeout=30)
    connection.request("GET", f"{path}?{urlencode(walk.query)}")
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert answer.status in {200, 303, 400, 404}
    assert b"<form" not in body or answer.headers["cache-control"] == "no-store"


def test_a_head_request_shows_nothing(world: World) -> None:
    """It is answered as GET is, without a body."""
    walk = walk_in(world.pool())
    connection = HTTPConnection(urlsplit(world.url).netloc, timeout=30)
    connection.request("HEAD", f"/login?{urlencode(walk.query)}")
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (200, b"")
    connection.close()
