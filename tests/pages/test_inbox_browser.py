"""Does the inbox work for a person? A real browser: narrow and wide, light and dark, with and without script."""

import pytest
from playwright.sync_api import Browser, Page, expect

from pages.axe import findings_of, load_axe
from pages.inbox_server import MemoryOutbox, mail, serving, text_message
from pages.inbox_window import WIDTHS, visiting

STATES = {
    "list": "/_dev/inbox",
    "mail": "/_dev/inbox/m0004",
    "sms": "/_dev/inbox/m0001",
    "long": "/_dev/inbox/m0000",
    "no fit": "/_dev/inbox?to=nobody&medium=SMS",
    "gone": "/_dev/inbox/m9999",
}


def _messages() -> MemoryOutbox:
    long = mail(
        "a" * 64 + "@" + "b" * 180 + ".example",
        subject="S" * 200,
        code="Vx9!" * 20,
        kind="AdminCreateUser",
        username="u" * 128,
        body="w" * 300,
    )
    return MemoryOutbox(
        [
            long,
            text_message(),
            mail("hedy@lamarr.example", kind="AdminCreateUser", code=None, subject="Your temporary password"),
            mail("grace@hopper.example", kind="SignUp", code="017745"),
            mail(),
        ]
    )


def _settle(page: Page) -> None:
    """Wait until the page listens, which is the last thing that its script does."""
    expect(page.locator("[data-live-state]")).to_have_class("where small quiet live")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_state_is_accessible_and_fits_at_every_width(browser: Browser, scheme: str) -> None:
    """No finding of axe, nothing wider than the window, no report of the policy; the empty inbox as well."""
    findings: list[str] = []
    empty = MemoryOutbox()
    with serving(_messages()) as address, serving(empty) as empty_address, visiting(browser, address) as page:
        page.emulate_media(color_scheme="light" if scheme == "light" else "dark", reduced_motion="reduce")
        load_axe(page)
        places = {**{state: address + path for state, path in STATES.items()}, "empty": f"{empty_address}/_dev/inbox"}
        for state, place in places.items():
            page.goto(place)
            for opened in page.locator("details").all():
                opened.evaluate("element => { element.open = true; }")
            for width in WIDTHS:
                page.set_viewport_size({"width": width, "height": 800})
                findings += findings_of(page, f"{state} at {width}", frames=False)
            findings += [f"{state}: {violation}" for violation in page.evaluate("window.violations")]

    assert findings == []


def test_a_phone_shows_the_list_or_the_letter(browser: Browser) -> None:
    """One of the two, and a way back; a wide window shows both."""
    with serving(_messages()) as address, visiting(browser, address) as page:
        page.set_viewport_size({"width": 390, "height": 800})
        page.goto("/_dev/inbox")
        expect(page.locator(".letter-open")).to_be_hidden()
        page.get_by_role("link", name="ada@lovelace.example").click()
        expect(page.get_by_role("heading", name="Your password reset code")).to_be_visible()
        expect(page.locator(".letters")).to_be_hidden()
        page.get_by_role("link", name="All messages").click()
        expect(page.locator(".letters")).to_be_visible()

        page.set_viewport_size({"width": 1280, "height": 800})
        expect(page.locator(".letters")).to_be_visible()
        expect(page.locator(".letter-open")).to_be_visible()


def test_copy_puts_the_code_on_the_clipboard(browser: Browser) -> None:
    """And says so; without a clipboard there is no button."""
    with serving(_messages()) as address, visiting(browser, address) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
        page.goto("/_dev/inbox/m0004")
        page.get_by_role("button", name="Copy code").click()

        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == "590318"


def test_a_new_message_comes_to_the_top_by_itself(browser: Browser) -> None:
    """Row, title, count and polite words; the open letter stays."""
    outbox = _messages()
    with serving(outbox) as address, visiting(browser, address) as page:
        page.goto("/_dev/inbox/m0004")
        _settle(page)
        outbox.add(mail("radia@perlman.example", code="204813"))

        first = page.locator(".letter").first
        expect(first).to_contain_text("radia@perlman.example")
        expect(first).to_contain_text("204 813")
        expect(page).to_have_title("Inbox (1 new) \N{EN DASH} Poolkeeper development")
        expect(page.locator("[data-live-state]")).to_have_text("Listening, 6 messages")
        expect(page.locator("[data-live-news]")).to_have_text("New message to radia@perlman.example, code 2 0 4 8 1 3")
        first.click()
        expect(page.locator("output#code")).to_have_text("204813")


def test_the_first_message_opens_by_itself(browser: Browser) -> None:
    """An empty inbox becomes one that shows what came."""
    outbox = MemoryOutbox()
    with serving(outbox) as address, visiting(browser, address) as page:
        page.goto("/_dev/inbox")
        _settle(page)
        outbox.add(mail())

        expect(page.locator("output#code")).to_have_text("590318")


def test_everything_but_live_rows_and_copy_works_without_script(browser: Browser) -> None:
    """Read, filter, go back, clear; what only script could do is not offered."""
    with serving(_messages()) as address, visiting(browser, address, script=False) as page:
        page.goto("/_dev/inbox")
        expect(page.locator("[data-copy-from]:visible")).to_have_count(0)
        page.locator("#in-medium").select_option("SMS")
        page.get_by_role("button", name="Filter").click()
        expect(page.locator(".letter")).to_have_count(1)
        page.locator(".letter").click()
        expect(page.locator("output#code")).to_have_text("482016")
        expect(page.locator(".as-sent")).to_have_text("Your code is 482016")
        page.get_by_role("button", name="Clear").click()
        expect(page.get_by_role("heading", name="Nothing yet")).to_be_visible()


def test_choosing_a_medium_filters_at_once(browser: Browser) -> None:
    """With script there is no button to press."""
    with serving(_messages()) as address, visiting(browser, address) as page:
        page.goto("/_dev/inbox")
        expect(page.get_by_role("button", name="Filter")).to_have_count(0)
        page.locator("#in-medium").select_option("SMS")
        expect(page).to_have_url(f"{address}/_dev/inbox?to=&medium=SMS")
        expect(page.locator(".letter")).to_have_count(1)


def test_a_hostile_mail_is_powerless(browser: Browser) -> None:
    """Its script does not run, its form sends nothing, its picture is not fetched, framed or opened by itself."""
    body = (
        "<html><head><title>x</title></head><body><script>document.body.textContent = 'ran';</script>"
        "<img src='/_dev/outbox' onerror=\"document.body.textContent='ran'\"><p>quiet</p>"
        "<form action='/_dev/outbox/clear' method='post'><button>Win</button></form></body></html>"
    )
    outbox = MemoryOutbox([mail(body=body)])
    asked: list[str] = []
    with serving(outbox) as address, visiting(browser, address, hostile=True) as page:
        page.on("response", lambda response: asked.append(response.url))
        page.goto("/_dev/inbox/m0000")
        frame = page.frame_locator("iframe")
        expect(frame.locator("p")).to_have_text("quiet")
        frame.get_by_role("button", name="Win").click()
        expect(frame.locator("p")).to_have_text("quiet")

        assert f"{address}/_dev/inbox/m0000/body" in asked
        assert not any(url.endswith(("/_dev/outbox", "/clear")) for url in asked)
        assert len(outbox.captured) == 1
