"""The page that has the browser post to a provider: what it holds, how it looks, and that it works without scripts."""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, expect

from pages.axe import findings_of, load_axe
from pages.hostile import PAYLOADS
from pages.rendered import RENDER, Reader
from pages.sign_in_samples import FRAME, filled
from pages.visits import SCHEMES, SIZES, visiting
from poolkeeper.hosted.hand_over import Parcel
from poolkeeper.pages.managed_login.hand_over import Going

FIELDS = (("SAMLRequest", "PHg+" * 900), ("RelayState", "us-east-1_Example.a+b/c= &\"'<é>"))
GOING = Going(parcel=Parcel(name="Corporate & Söhne", address="/at/their/house?a=1&b=2", fields=FIELDS))


def read(view: Going) -> Reader:
    """Read the page as a browser does."""
    return Reader(body(view))


def body(view: Going) -> str:
    """Return the page as hand_over.make has it: without a menu of languages, whose form would lose what is brought."""
    return bytes(RENDER(view, replace(FRAME, here="")).body).decode()


def test_the_form_holds_what_is_brought_and_nothing_of_ours() -> None:
    """No token against forgery, no query; it leaves the house."""
    page = read(GOING)
    ((form, _),) = page.all("form")
    assert (form["method"], form["action"]) == ("post", GOING.parcel.address)
    fields = [(given["name"], given["value"]) for given, _ in page.all("input")]
    assert tuple(fields) == FIELDS
    assert all(given["type"] == "hidden" for given, _ in page.all("input"))
    assert "csrf-token" not in body(GOING)
    assert page.all("a") == []


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_becomes_markup(payload: str) -> None:
    """Whatever a provider is called, and whatever is brought (attacks.md 87)."""
    assert read(filled(GOING, payload)).shape() == read(filled(GOING, "x")).shape()


def test_a_browser_sends_it_by_itself(browser: Browser) -> None:
    """Every field as it is, once; no policy is violated, and Back does not lead here again."""
    with visiting(browser, more={"hand-over": GOING}) as (page, posted):
        page.goto("/page/choose-way-empty")
        page.goto("/page/hand-over", wait_until="commit")
        expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
        page.go_back()
        expect(page).to_have_url(re.compile("/page/choose-way-empty$"))
        assert posted == [("/at/their/house", dict(FIELDS))]


def test_a_person_sends_it_by_the_button(browser: Browser) -> None:
    """Where no scripts run; the page says where they go."""
    with visiting(browser, script=False, more={"hand-over": GOING}) as (page, posted):
        page.goto("/page/hand-over")
        expect(page.get_by_text("You go on to Corporate & Söhne.")).to_be_visible()
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
        assert posted == [("/at/their/house", dict(FIELDS))]


def test_it_is_accessible_and_fits_at_every_width(browser: Browser) -> None:
    """As it is seen where it waits for its button."""
    findings: list[str] = []
    with visiting(browser, more={"hand-over": GOING}) as (page, _):
        load_axe(page)
        page.route("**/hand-over.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
        page.goto("/page/hand-over")
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            for scheme in SCHEMES:
                page.emulate_media(color_scheme=scheme)
                findings += findings_of(page, f"{width} {scheme}")
    assert findings == []
