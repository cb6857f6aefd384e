"""Which cookies does a place set? Its own alone, as safe as its form lets them be."""

from http.cookies import SimpleCookie
from typing import Any

import pytest
from starlette.responses import Response

from hosted.cookie_pool import Pool
from poolkeeper.hosted import browser
from poolkeeper.hosted.places import Place


def place(origin: str, mount: str = "") -> Place:
    """Return a place of the pool."""
    pool: Any = Pool()
    return Place(pool=pool, origin=origin, mount=mount)


FORMS = {
    "bare host over http": (place("http://localhost:7665"), "", "/", False),
    "bare host over TLS": (place("https://localhost:7666"), "__Host-", "/", True),
    "prefix host": (place("https://juniper.auth.id.example.com"), "__Host-", "/", True),
    "custom host": (place("https://login.customer.example"), "__Host-", "/", True),
    "path form over http": (place("http://localhost:7665", "/_domains/juniper"), "", "/_domains/juniper/", False),
    "path form over TLS": (place("https://id.example.com", "/_domains/juniper"), "", "/_domains/juniper/", True),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_cookie_is_as_safe_as_its_form(form: str) -> None:
    """HttpOnly, Lax and for one host everywhere; over TLS Secure, and `__Host-` where it is for the whole host."""
    where, prefix, path, secure = FORMS[form]
    response = Response()
    browser.set_cookie(response, where, browser.SESSION, "value", seconds=60)
    (name, cookie), *others = SimpleCookie(response.headers["set-cookie"]).items()
    assert not others
    assert name.startswith(f"{prefix}session-{Pool.pool_id}")
    assert name.startswith("__Host-") is bool(prefix)
    assert (cookie.value, cookie["path"], bool(cookie["secure"])) == ("value", path, secure)
    assert (cookie["httponly"], cookie["samesite"], cookie["domain"], cookie["max-age"]) == (True, "lax", "", "60")


@pytest.mark.parametrize("form", FORMS)
def test_a_cookie_is_taken_away_where_it_was_set(form: str) -> None:
    """By the same name and path, else the browser keeps it."""
    where, _, path, secure = FORMS[form]
    response = Response()
    browser.drop_cookie(response, where, browser.SESSION)
    ((name, cookie),) = SimpleCookie(response.headers["set-cookie"]).items()
    assert name == browser.cookie_name(where, browser.SESSION)
    assert (cookie["path"], bool(cookie["secure"]), cookie["max-age"]) == (path, secure, "0")


def test_forms_that_share_a_host_share_no_cookie() -> None:
    """A browser sends the cookie of `/` below `/_domains/` too, and of two of one name it is not said which one is meant."""
    names = {browser.cookie_name(where, browser.SESSION) for where, *_ in FORMS.values()}
    bare, by_path = (
        browser.cookie_name(FORMS[f"{form} over http"][0], browser.SESSION) for form in ("bare host", "path form")
    )
    assert bare != by_path
    assert len(names) == 3
