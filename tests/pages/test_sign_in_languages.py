"""In which language do the pages speak? `lang`, the cookie, Accept-Language, English; through every step, and into the mail."""

import tracemalloc
from urllib.parse import parse_qsl, urlsplit

import pytest

from api.confirmation_links import by_link, link_in
from api.second_factors import TOTP, demand, wrong
from api.world import PASSWORD, World
from oauth.browsing import Page
from pages.hostile import PAYLOADS
from pages.walking import Shown, Walk, arrived, walk_in
from poolkeeper.messaging.templates import words_of
from poolkeeper.model import languages
from poolkeeper.model.languages import OWN_NAMES
from poolkeeper.pages.managed_login.words import load_words

ADA = "ada@lovelace.example"
EMAIL_FIELD = "requiredAttributes[email]"
SPOKEN = load_words()


def said(language: str, key: str) -> str:
    """Return a sentence of the pages that has no values."""
    return str(SPOKEN[language].say(key))


def test_every_language_comes_by_lang_and_stays(world: World) -> None:
    """oauth-federation.md 2.1 and 5: it sets a cookie, by which the pages go on until another is asked for."""
    walk = walk_in(world.pool())
    for language in OWN_NAMES:
        page = walk.follow(walk.authorize(lang=language))
        assert (page.language, said(language, "sign-in.heading") in page.words) == (language, True)
        assert walk.begin("/forgotPassword").language == language
    (cookie,) = [name for name in walk.browser.cookies if name.startswith("lang-")]
    assert walk.browser.cookies[cookie] == "zh-TW"


def test_the_cookie_is_set_once_and_for_this_place_alone(world: World) -> None:
    """As the others are: HttpOnly, for this host; who asks for the same again gets no other."""
    walk = walk_in(world.pool())
    (line,) = [
        part for part in walk.begin(lang="de").page.headers["set-cookie"].split("\n") if part.startswith("lang-")
    ]
    attributes = {part.strip().lower() for part in line.split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/", "max-age=34560000"} <= attributes
    assert "lang-" not in walk.begin(lang="de-AT").page.headers.get("set-cookie", "")
    assert "lang-" not in walk.begin().page.headers.get("set-cookie", "")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"ui_locales": "tlh fr-CA de"}, "fr"),
        ({"lang": "tlh", "ui_locales": "it"}, "it"),
        ({"lang": "ja", "ui_locales": "it"}, "ja"),
        ({"lang": "pt-br"}, "pt-BR"),
        ({"lang": ""}, "nl"),
        ({"lang": "tlh"}, "nl"),
        ({"lang": "../../en"}, "nl"),
        ({}, "nl"),
    ],
)
def test_what_is_asked_for_decides_then_what_the_browser_reads(
    world: World, asked: dict[str, str], expected: str
) -> None:
    """What nobody speaks is as if it were not asked for."""
    walk = walk_in(world.pool())
    page = walk.shown(walk.browser.get("/login", {**walk.query, **asked}, Accept_Language="nl-BE,de;q=0.5"))
    assert page.language == expected


def test_the_cookie_comes_before_what_the_browser_reads(world: World) -> None:
    """And what a cookie says that is no language of ours is passed over."""
    walk = walk_in(world.pool())
    walk.begin(lang="ko")
    assert walk.shown(walk.browser.get("/login", walk.query, Accept_Language="nl")).language == "ko"
    (cookie,) = [name for name in walk.browser.cookies if name.startswith("lang-")]
    walk.browser.cookies[cookie] = '"<script>'
    assert walk.shown(walk.browser.get("/login", walk.query, Accept_Language="nl")).language == "nl"
    assert walk.begin().language == "en"


def test_a_sign_up_speaks_one_language_to_its_end(world: World) -> None:
    """The page, what is wrong with it, the mail, the page that waits, the passkey's offer: all of them."""
    walk = walk_in(world.pool(AutoVerifiedAttributes=["email"]), more={"lang": "de"})
    page = walk.begin("/signup")
    bad = walk.press(page, "/signup", username="", password="short", **{EMAIL_FIELD: "ada"})
    assert said("de", "wrong.required.user-name") in bad.words
    assert said("de", "wrong.email") in bad.words
    page = walk.press(bad, "/signup", username="ada", password=PASSWORD, **{EMAIL_FIELD: ADA})
    assert (page.language, said("de", "confirm.heading.email") in page.words) == ("de", True)
    mail = world.outbox(ADA)[-1]
    assert mail["subject"] == words_of("de")["verification.subject"]
    assert mail["body"] == words_of("de")["verification.body"].replace("{####}", mail["code"])
    page = walk.press(page, "/confirm", code=wrong(mail["code"]))
    assert (page.language, said("de", "wrong.code") in page.words) == ("de", True)
    arrived(walk.send(page, "/confirm", code=mail["code"]))


def test_every_step_is_found_again_in_another_language(world: World) -> None:
    """The menu of a page leads to the same step, whether it came by GET or answered a form; nothing is used up by it."""
    pool = world.pool()
    pool.user("ada")
    walk = walk_in(pool, choice=True)
    page = walk.read_in(walk.begin(), "fr")
    assert page.language == "fr"
    page = walk.press(page, "/login", username="ada")
    assert said("fr", "password.heading") in page.words
    page = walk.read_in(page, "it")
    assert said("it", "password.heading") in page.words
    page = walk.press(page, "/login/password", password="Wrong-2-pools")
    assert said("it", "wrong.credentials.user-name") in page.words
    page = walk.read_in(page, "ja")
    assert (page.has_form("/login/password"), page.language) == (True, "ja")
    assert said("ja", "password.heading") in page.words
    arrived(walk.send(page, "/login/password", password=PASSWORD))


def test_a_set_up_is_found_again_with_its_key(world: World) -> None:
    """A refused code, another language, the same key: the app that holds it is good still."""
    pool = world.pool()
    demand(pool, TOTP)
    pool.user("ada")
    walk = walk_in(pool)
    page = walk.follow(walk.sign_in("ada"))
    secret = page.form("/mfa/setup").fields["secret"]
    page = walk.read_in(walk.press(page, "/mfa/setup", code="000000"), "es")
    assert (page.form("/mfa/setup").fields["secret"], page.language) == (secret, "es")
    assert said("es", "set-up-app.heading") in page.words


def test_the_language_travels_with_the_request(world: World) -> None:
    """Every link and form of a page carries what the app asked for; without cookies, too."""
    walk = walk_in(world.pool(), more={"lang": "id"})
    page = walk.begin()
    walk.browser.cookies.clear()
    for address in (*page.links, *(form.action for form in page.forms)):
        assert dict(parse_qsl(urlsplit(address).query))["lang"] == "id", address
    chosen = walk.read_in(page, "ko")
    assert all(dict(parse_qsl(urlsplit(one).query))["lang"] == "ko" for one in chosen.links)


def test_a_reset_is_written_about_in_the_language_of_its_page(world: World) -> None:
    """Its code comes by the worker where nobody is told who exists; the words are those of the page all the same."""
    pool = world.pool(AutoVerifiedAttributes=["email"])
    pool.user("ada", email=ADA, email_verified="true")
    walk = walk_in(pool, more={"lang": "ja"}, PreventUserExistenceErrors="ENABLED")
    walk.follow(walk.send(walk.begin("/forgotPassword"), "/forgotPassword", username="ada"))
    mail = world.outbox(ADA)[-1]
    assert (mail["subject"], mail["code"] in mail["body"]) == (words_of("ja")["reset.subject"], True)


def test_a_pools_own_words_are_in_the_pools_language(world: World) -> None:
    """Whatever the page speaks: who writes a text, writes it for everybody."""
    own = {"EmailSubject": "Welcome aboard", "EmailMessage": "Your number: {####}", "SmsMessage": "{####}"}
    walk = walk_in(world.pool(AutoVerifiedAttributes=["email"], VerificationMessageTemplate=own), more={"lang": "fr"})
    walk.press(walk.begin("/signup"), "/signup", username="ada", password=PASSWORD, **{EMAIL_FIELD: ADA})
    mail = world.outbox(ADA)[-1]
    assert (mail["subject"], mail["body"]) == ("Welcome aboard", f"Your number: {mail['code']}")


def test_the_api_writes_awss_words(world: World) -> None:
    """Whatever languages its client says that it reads: an API call is nobody's page."""
    pool = world.pool(AutoVerifiedAttributes=["email"])
    client = pool.client()
    body = {
        "ClientId": client.client_id,
        "Username": "ada",
        "Password": PASSWORD,
        "UserAttributes": [{"Name": "email", "Value": ADA}],
    }
    status, _ = world.call("SignUp", body, **{"Accept-Language": "de"})
    assert (status, world.outbox(ADA)[-1]["subject"]) == (200, "Your verification code")


def test_a_link_goes_on_in_the_language_of_the_page_that_sent_it(world: World) -> None:
    """Whoever opens it, and in whatever program: what it did is told in that language as well."""
    walk = walk_in(world.pool(**by_link()), more={"lang": "nl"})
    walk.press(walk.begin("/signup"), "/signup", username=ADA, password=PASSWORD)
    mail = world.outbox(ADA)[-1]
    assert mail["subject"] == words_of("nl")["link.subject"]
    _, query = link_in(mail["body"])
    assert query["lang"] == "nl"
    walk.browser.cookies.clear()
    page = walk.shown(walk.browser.get("/confirmUser", query))
    assert (page.language, said("nl", "confirm-by-link.heading") in page.words) == ("nl", True)
    done = walk.press(page, "/confirmUser")
    assert (done.language, said("nl", "link.worked") in done.words) == ("nl", True)


def _error(walk: Walk, page: Page) -> Shown:
    assert page.status == 303, page
    return walk.shown(walk.browser.get(page.location))


def test_errors_and_sign_outs_are_told_in_the_language_that_was_asked_for(world: World) -> None:
    """Their addresses hold it: whoever comes with a request that is no good has no cookie yet."""
    walk = walk_in(world.pool(), more={"lang": "ko"})
    walk.browser.cookies.clear()
    page = _error(walk, walk.browser.get("/oauth2/authorize", {**walk.query, "redirect_uri": "https://else.example"}))
    assert (page.language, said("ko", "error.redirect_mismatch") in page.words) == ("ko", True)
    walk.browser.cookies.clear()
    asked = {"client_id": walk.client.client_id, "lang": "ko"}
    page = _error(walk, walk.browser.get("/logout", {**asked, "logout_uri": "https://else.example"}))
    assert page.language == "ko"
    walk.browser.cookies.clear()
    page = _error(walk, walk.browser.get("/logout", asked))
    assert (page.language, said("ko", "sign-out.heading") in page.words) == ("ko", True)
    page = _error(walk, walk.send(page, "/logout/confirm"))
    assert (page.language, said("ko", "signed-out.heading") in page.words) == ("ko", True)


def test_what_cannot_be_read_is_told_in_a_language_that_the_browser_reads(world: World) -> None:
    """There is no place and no query to go by."""
    walk = walk_in(world.pool())
    page = walk.browser.get("/login", "client_id=a&client_id=b", Accept_Language="it")
    assert (page.status, Shown(page).language) == (400, "it")
    assert said("it", "error.invalid_request") in Shown(page).words


def test_a_step_that_is_too_long_for_an_address_has_no_menu(world: World) -> None:
    """Where it would be found again the server would not take it; the page itself is as ever."""
    walk = walk_in(world.pool(), more={"state": "s" * 6_100})
    page = walk.begin()
    assert page.has_form("/login")
    assert b'class="tongues"' not in page.page.body


def test_no_language_becomes_markup(world: World) -> None:
    """Attack row 87: whatever `lang` says, the page has what it has without it, and the cookie is of our own words."""
    walk = walk_in(world.pool())
    plain = walk.begin()
    for payload in PAYLOADS:
        for name in ("lang", "ui_locales"):
            page = walk.begin(**{name: payload})
            assert page.language in OWN_NAMES, payload
            assert page.page.body.count(b"<") == plain.page.body.count(b"<"), payload
            assert payload not in page.page.body.decode(), payload
    assert all(value in OWN_NAMES for name, value in walk.browser.cookies.items() if name.startswith("lang-"))


@pytest.mark.parametrize("language", ["de", "ja"])
def test_a_time_is_written_as_the_language_writes_it(world: World, language: str) -> None:
    """And as machines read it beside that."""
    walk = walk_in(world.pool())
    page = walk.shown(walk.browser.get("/error", {"client_id": walk.client.client_id, "lang": language}))
    moment = world.clock.datetime()
    expected = {"de": f"{moment:%d.%m.%Y, %H:%M:%S} UTC", "ja": f"{moment:%Y年%m月%d日 %H:%M:%S} UTC"}
    assert expected[language] in page.words
    assert f'<time datetime="{moment:%Y-%m-%dT%H:%M:%SZ}">'.encode() in page.page.body


def test_what_is_remembered_of_a_browser_is_no_longer_than_what_is_read() -> None:
    """A stranger's headers of 16 kB each would otherwise be kept whole, 512 of them."""
    tracemalloc.start()
    try:
        for number in range(600):
            assert languages.accepted(f"de;q=0.{number:03},{'x' * 16_000}") == ("de" if number else "")
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 1_000_000
