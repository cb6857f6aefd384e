"""What comes of garbage at the pages? A page or the app's error, never an accident (attacks.md 74, 78, 89)."""

import http.client
import random
from urllib.parse import urlencode, urlsplit

import pytest

from api.passkeys import configure
from api.world import PASSWORD, World
from oauth.browsing import CALLBACK
from pages.walking import Walk, walk_in
from poolkeeper.hosted import paths
from poolkeeper.pages.managed_login.endpoints import ALONE, PAGES

EVERY = (*PAGES, *ALONE)
BAD_QUERIES = [
    "",
    "client_id",
    "client_id=",
    "client_id=unknown",
    "%00",
    "client_id=%ff%fe",
    "client_id=a&client_id=b",
    "&".join(f"p{number}=1" for number in range(80)),
    f"client_id={'x' * 70_000}",
]


def raw(world: World, method: str, path: str, body: bytes | None = None, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(urlsplit(world.url).netloc, timeout=30)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


@pytest.mark.parametrize("query", BAD_QUERIES, ids=range(len(BAD_QUERIES)))
def test_no_query_makes_a_page_stumble(world: World, query: str) -> None:
    """By GET and POST, at every address."""
    for path in EVERY:
        for method in ("GET", "POST"):
            answer = raw(world, method, f"{path}?{query}")
            # That a browser is signed out is true whatever pool is meant.
            also = {200} if (method, path) == ("GET", paths.SIGNED_OUT) else set()
            assert answer.status in {303, 400, 403, 404, 405, 414, 431} | also, (method, path, answer.status)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_other_methods_are_refused(world: World, method: str) -> None:
    """With what is allowed."""
    walk = walk_in(world.pool())
    for path in EVERY:
        answer = raw(world, method, f"{path}?{urlencode(walk.query)}")
        assert answer.status in {400, 405, 501}, (path, answer.status)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{}", "application/json"),
        (b"a=1&a=2", "application/x-www-form-urlencoded"),
        (b"a=%00", "application/x-www-form-urlencoded"),
        (b"a=%ff", "application/x-www-form-urlencoded"),
        (b"\xff\xfe", "application/x-www-form-urlencoded"),
        (b"a=" + b"x" * 1_000_000, "application/x-www-form-urlencoded"),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
        (b"hello", "text/plain"),
    ],
)
def test_no_body_makes_a_page_stumble(world: World, body: bytes, content_type: str) -> None:
    """What cannot be read is told as that, on a page."""
    walk = walk_in(world.pool())
    for path in EVERY:
        answer = raw(world, "POST", f"{path}?{urlencode(walk.query)}", body, content_type=content_type)
        assert answer.status in {400, 403, 405, 413}, (path, answer.status)


def test_foreign_redirects_never_lead_away(world: World) -> None:
    """attacks.md 74: at the pages the authorize request is checked as at authorize."""
    walk = walk_in(world.pool())
    for uri in (
        "https://evil.example/",
        f"{CALLBACK}/../x",
        CALLBACK.upper(),
        f"{CALLBACK}#x",
        "javascript:alert(1)",
        f"{CALLBACK}?a=b",
    ):
        for path in PAGES:
            answer = walk.browser.get(path, {**walk.query, "redirect_uri": uri})
            assert answer.status == 303
            assert answer.location.startswith("/error?error=redirect_mismatch")


def test_what_a_request_may_not_ask_is_told_to_the_app_from_every_page(world: World) -> None:
    """A page is no way around a check: Refused is the app's, with its state."""
    walk = walk_in(world.pool())
    for more in ({"scope": "openid nonsense"}, {"response_type": "token"}, {"code_challenge": "x"}, {"prompt": "none"}):
        for path in PAGES:
            answer = walk.browser.get(path, {**walk.query, **more})
            assert answer.status == 303
            assert answer.location.startswith((f"{CALLBACK}?", f"{CALLBACK}#"))
            assert answer.told["state"] == "state-of-the-app"
            assert answer.told["error"]


@pytest.mark.parametrize(
    "code", ["redirect_mismatch", "unknown_client", "<script>alert(1)</script>", "", "nonsense", "x" * 5_000]
)
def test_the_page_of_errors_has_its_words_from_our_own_table(world: World, code: str) -> None:
    """Nothing that a link says is shown but the client's id, escaped."""
    walk = walk_in(world.pool())
    answer = walk.browser.get(
        "/error", {"error": code, "client_id": walk.client.client_id, "error_description": "<b>bad"}
    )
    assert answer.status == 400
    assert b"We cannot sign you in from here" in answer.body
    assert b"<script>alert" not in answer.body
    assert b"<b>bad" not in answer.body
    assert walk.client.client_id.encode() in answer.body


def test_garbage_in_every_field_is_an_answer(world: World) -> None:
    """Names, passwords, codes and states of all kinds at every form, by a browser that has the token."""
    pool = world.pool(AutoVerifiedAttributes=["email"])
    pool.user("ada")
    walk = walk_in(pool, choice=True)
    password_page = walk.press(walk.begin(), "/login", username="ada")
    sealed = password_page.form("/login/password").fields["session"]
    token = password_page.form("/login/password").fields["_csrf"]
    pick = random.Random(7)
    values = [
        "",
        " ",
        "0",
        "ada",
        "\u202e",
        "a\u0301" * 40,
        "\u0661\u0662\u0663",
        "\uff11" * 6,
        "'; DROP TABLE users --",
        "{{7*7}}",
        "<script>",
        "x" * 2_049,
        "x" * 10_000,
        sealed,
        sealed[:-3],
        "\r\nSet-Cookie: a=b",
        "null",
        "[]",
        "{}",
        PASSWORD,
    ]
    fields = [
        "username",
        "password",
        "code",
        "session",
        "challenge",
        "asked",
        "credential",
        "action",
        "account",
        "secret",
        "friendlyDeviceName",
        "requiredAttributes[email]",
        "requiredAttributes[phone_number]",
        "client_id",
        "user_name",
        "confirmation_code",
    ]
    for path in EVERY:
        for _ in range(12):
            form = {name: pick.choice(values) for name in pick.sample(fields, 8)}
            answer = walk.browser.post(f"{path}?{urlencode(walk.query)}", {**form, "_csrf": token})
            assert answer.status in {200, 303, 400, 403, 404, 405, 429}, (path, form, answer.status)
            assert "\r" not in answer.location


def test_a_credential_of_garbage_is_no_passkey(world: World) -> None:
    """What a script sends is judged as the API judges it."""
    pool = world.pool(Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}})
    configure(pool)
    walk = Walk(walk_in(pool).browser, walk_in(pool, choice=True).client)
    for number in range(20):
        page = walk.press(walk.begin(), "/login", username=f"nobody-{number}")
        if page.has_form("/login/choose") and ("challenge", "WEB_AUTHN") in page.form("/login/choose").buttons:
            page = walk.press(page, "/login/choose", challenge="WEB_AUTHN")
        if not page.has_form("/login/passkey"):
            continue
        for credential in (
            "",
            "{}",
            "null",
            "[1]",
            "x" * 5_000,
            '{"id": 5}',
            '{"response": {"clientDataJSON": "e30"}}',
        ):
            again = walk.press(page, "/login/passkey", credential=credential)
            assert again.page.status in {200, 429}
        return
    raise AssertionError("no ghost of twenty has a passkey")
