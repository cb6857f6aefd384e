"""Do the pages work in every form of a pool's address? From authorize to the app, with links that stay where they are."""

from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

import httpx
import pytest

from api.world import PASSWORD, World
from hosted.places_of_tests import Estate, asked, estate
from oauth.browsing import CALLBACK, Page, request_of
from pages.walking import Shown

FORMS = ["bare", "prefix", "custom", "path", "path of the custom domain"]


class Visitor:
    """A browser at one host, over TLS or not."""

    def __init__(self, at: Estate, form: str, *, tls: bool) -> None:
        self.at, self.tls = at, tls
        self.host, self.mount = at.forms[form]
        self.cookies: dict[str, SimpleCookie] = {}

    def ask(self, address: str, *, method: str = "GET", form: dict[str, str] | None = None) -> httpx.Response:
        """Send a request to an address of this host."""
        parts = urlsplit(address)
        assert not parts.netloc, "a redirect between our pages is relative"
        cookie = "; ".join(f"{name}={one[name].value}" for name, one in self.cookies.items())
        headers = {"Cookie": cookie, "Sec-Fetch-Site": "same-origin"}
        more = {} if form is None else {"data": form}
        answer = self.at.ask(self.host, address, method=method, tls=self.tls, headers=headers, **more)
        for line in answer.headers.get_list("set-cookie"):
            kept = SimpleCookie(line)
            self.cookies |= dict.fromkeys(kept, kept)
        return answer


@pytest.mark.parametrize("tls", [False, True], ids=["http", "TLS"])
@pytest.mark.parametrize("form", FORMS)
def test_a_person_signs_in_in_every_form(world: World, form: str, tls: bool) -> None:  # noqa: FBT001 - pytest's
    """Relative redirects, addresses below the mount, cookies as safe as the form lets them be (attacks.md 72, 95)."""
    at = estate(world)
    at.pool.user("ada")
    visitor = Visitor(at, form, tls=tls)
    query = urlencode(request_of(at.client))

    answer = visitor.ask(f"{visitor.mount}/oauth2/authorize?{query}")
    assert answer.headers["location"].startswith(f"{visitor.mount}/login?")
    page = Shown(Page(200, {}, visitor.ask(answer.headers["location"]).content))
    assert all(one.action.startswith(f"{visitor.mount}/login") for one in page.forms)
    assert all(link.startswith(visitor.mount) for link in page.links if link.startswith("/"))
    sent = page.form("/login")
    answer = visitor.ask(sent.action, method="POST", form={**sent.fields, "username": "ada", "password": PASSWORD})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{CALLBACK}?")

    prefix = "__Host-" if tls and not visitor.mount else ""
    assert {name.startswith(prefix) for name in visitor.cookies} == {True}
    for name, cookie in visitor.cookies.items():
        assert bool(cookie[name]["secure"]) is tls
        assert cookie[name]["path"] == f"{visitor.mount}/"
        assert cookie[name]["domain"] == ""


def test_nobodys_address_is_a_page_that_names_nobody(world: World) -> None:
    """No pool behind a name: 404; the bare host without a client: 400. Neither tells of any pool."""
    estate(world)
    domain_host = world.house.settings.domain_host
    for host, path, status in (
        (f"nobody.{domain_host}", "/login", 404),
        (world.house.settings.base_host, "/login", 400),
        (world.house.settings.base_host, "/_domains/nobody/login", 404),
    ):
        answer = asked(world, host, path)
        assert answer.status_code == status
        assert "We cannot sign you in from here" in answer.text


def test_signing_out_asks_and_says_that_it_is_done(world: World) -> None:
    """The pages of /logout: the question keeps what the app asked for; the last page needs no pool."""
    at = estate(world)
    at.pool.user("ada")
    for form in ("bare", "prefix"):
        visitor = Visitor(at, form, tls=False)
        query = urlencode(request_of(at.client))
        page = Shown(Page(200, {}, visitor.ask(f"/login?{query}").content))
        sent = page.form("/login")
        visitor.ask(sent.action, method="POST", form={**sent.fields, "username": "ada", "password": PASSWORD})

        asks = visitor.ask(f"/logout?{urlencode({'client_id': at.client.client_id})}")
        assert asks.headers["location"].startswith("/logout/confirm?")
        page = Shown(Page(200, {}, visitor.ask(asks.headers["location"]).content))
        assert "Sign out?" in page.words
        assert visitor.ask(f"/oauth2/authorize?{query}").headers["location"].startswith(CALLBACK)
        sent = page.form("/logout/confirm")
        assert at.client.client_id in sent.action
        done = visitor.ask(sent.action, method="POST", form=sent.fields)
        assert done.status_code == 303
        last = visitor.ask(done.headers["location"])
        assert last.status_code == 200
        assert "You are signed out" in last.text
        assert visitor.ask(f"/oauth2/authorize?{query}").headers["location"].startswith("/login?")
