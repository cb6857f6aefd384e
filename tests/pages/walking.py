"""How does a test walk through the sign-in pages? As a browser without script does: it reads forms, fills them and sends them."""

from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from api.world import PASSWORD, ClientOfTests, PoolOfTests
from oauth.browsing import CALLBACK, Browser, Page, app_client, request_of

# What the address of a page holds that a form has led to.
_HOLDS_A_PAGE = ("step=", "account=other")


@dataclass
class Form:
    """One form of a page: where it goes, and what it sends if nobody touches it."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Reader(HTMLParser):
    """Reads forms, the words of a page, the links, and the address at which it comes in another language."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.again: list[Form] = []
        self.language = ""
        self.links: list[str] = []
        self.words: list[str] = []
        self.data: dict[str, str] = {}
        self._unseen = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.data |= {name: value for name, value in given.items() if name.startswith("data-")}
        if tag == "html":
            self.language = given["lang"]
        if tag == "form":
            assert given.get("method") in {"post", "get"}
            # What is asked for by GET stands at the end of a page, and is its own address.
            (self.forms if given["method"] == "post" else self.again).append(Form(given["action"]))
        elif tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "input" and "name" in given:
            (self.again or self.forms)[-1].fields[given["name"]] = given.get("value", "")
        elif tag == "button" and "name" in given:
            (self.again or self.forms)[-1].buttons.append((given["name"], given.get("value", "")))
        elif tag in {"script", "style", "title"}:
            self._unseen += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in {"script", "style", "title"}:
            self._unseen -= 1

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.words.append(data)


@dataclass(frozen=True)
class Shown:
    """A page as a person has it in front of them."""

    page: Page

    @property
    def _read(self) -> _Reader:
        return _Reader(self.page.body.decode())

    @property
    def forms(self) -> list[Form]:
        return self._read.forms

    @property
    def language(self) -> str:
        return self._read.language

    @property
    def again(self) -> Form:
        """The form that asks for this page in another language."""
        (form,) = self._read.again
        return form

    @property
    def links(self) -> list[str]:
        return self._read.links

    @property
    def data(self) -> dict[str, str]:
        return self._read.data

    @property
    def words(self) -> str:
        return " ".join(" ".join(self._read.words).split())

    def form(self, path: str) -> Form:
        """Return the form that is sent to a path."""
        return next(one for one in self.forms if urlsplit(one.action).path.endswith(path))

    def has_form(self, path: str) -> bool:
        """Say whether there is a form that is sent to a path."""
        return any(urlsplit(one.action).path.endswith(path) for one in self.forms)


@dataclass
class Walk:
    """One browser on its way to one app."""

    browser: Browser
    client: ClientOfTests
    more: dict[str, str] = field(default_factory=dict)

    @property
    def query(self) -> dict[str, str]:
        return request_of(self.client, **self.more)

    def begin(self, path: str = "/login", **more: str) -> Shown:
        """Open a page with the authorize request in its address."""
        return self.shown(self.browser.get(path, {**self.query, **more}))

    def authorize(self, **more: str) -> Page:
        """Come from the app."""
        return self.browser.get("/oauth2/authorize", {**self.query, **more})

    def follow(self, page: Page) -> Shown:
        """Go where a redirect leads, which is a page of ours."""
        assert page.status == 303, page
        assert page.location.startswith("/"), page.location
        return self.shown(self.browser.get(page.location))

    def shown(self, page: Page) -> Shown:
        """Take a page as one that is shown, by the address of its own to which a form leads."""
        if page.status == 303 and any(mark in page.location for mark in _HOLDS_A_PAGE):
            return self.follow(page)
        assert page.status in {200, 400, 403, 429}, (page.status, page.location, page.body[:500])
        return Shown(page)

    def send(self, shown: Shown, path: str, **filled: str) -> Page:
        """Fill the form that goes to a path, and send it; return what comes back."""
        form = shown.form(path)
        given = {**form.fields, **{name.replace("__", "-"): value for name, value in filled.items()}}
        return self.browser.post(unescape(form.action), given, sec_fetch_site="same-origin")

    def press(self, shown: Shown, path: str, **filled: str) -> Shown:
        """Fill and send a form that leads to a page."""
        return self.shown(self.send(shown, path, **filled))

    def read_in(self, shown: Shown, language: str) -> Shown:
        """Ask for a page in another language, as its menu does."""
        assert ("lang", language) in shown.again.buttons
        return self.shown(self.browser.get(shown.again.action, {**shown.again.fields, "lang": language}))

    def sign_in(self, name: str, password: str = PASSWORD) -> Page:
        """Sign in with name and password at a fresh page."""
        return self.send(self.begin(), "/login", username=name, password=password)


def walk_in(pool: PoolOfTests, *, choice: bool = False, more: dict[str, str] | None = None, **settings: Any) -> Walk:
    """Open a browser for a new app client; `choice`: its page asks for the name first."""
    flows = ["ALLOW_USER_AUTH"] if choice else ["ALLOW_USER_SRP_AUTH"]
    client = app_client(pool, **{"ExplicitAuthFlows": flows, "PreventUserExistenceErrors": "LEGACY", **settings})
    return Walk(Browser(pool), client, more or {})


def arrived(page: Page, **expected: str) -> str:
    """Return the code with which a browser came back to the app."""
    assert page.status == 303, (page.status, page.body[:2000])
    assert page.location.startswith(f"{CALLBACK}?"), page.location
    told = dict(parse_qsl(urlsplit(page.location).query))
    assert told.get("state") == "state-of-the-app", told
    assert expected.items() <= told.items()
    return told["code"]
