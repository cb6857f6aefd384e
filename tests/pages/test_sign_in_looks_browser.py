"""Do the sign-in pages work for a person? Chromium: narrow and wide, light and dark, by keyboard, with and without script.

SIGN_IN_SCREENSHOTS names a folder that gets a picture of every page.
"""

import json
import os
from base64 import urlsafe_b64decode
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, expect

from pages.axe import findings_of, load_axe
from pages.hostile import PAYLOADS
from pages.sign_in_samples import CREATION_OPTIONS, SAMPLES, SEALED
from pages.visits import ALL, DIFFERENT, FIRST, SCHEMES, SIZES, authenticator, visiting
from poolkeeper.pages.managed_login import views
from poolkeeper.pages.managed_login.views import View

CROSSED = [(size, scheme) for size in SIZES for scheme in SCHEMES]
# Widths change where things are, schemes their colours: who has seen the first page of a kind in all four looks sees
# each of the others in two that have both widths and both schemes.
PAIRED = list(zip(SIZES, SCHEMES, strict=True))
FOCUSED = """
(element => element === document.body ? null : [element.tagName, element.id, element.textContent.trim().slice(0, 40)])(
  document.activeElement)
"""
IN_ORDER = """
[...document.querySelectorAll("a[href], button, input, summary")]
  .filter(element => element.tabIndex >= 0 && element.checkVisibility())
  .map(element => [element.tagName, element.id, element.textContent.trim().slice(0, 40)])
"""


@pytest.mark.parametrize("half", [0, 1])
def test_every_page_is_accessible_and_fits_at_every_width(browser: Browser, half: int) -> None:
    """Every sample in light and dark: no finding of axe, nothing wider than the window; pictures where a folder is named."""
    folder = os.environ.get("SIGN_IN_SCREENSHOTS")
    findings: list[str] = []
    with visiting(browser) as (page, _):
        load_axe(page)
        for name in DIFFERENT[half::2]:
            page.goto(f"/page/{name}")
            for (width, height), scheme in CROSSED if folder or name in FIRST else PAIRED:
                page.set_viewport_size({"width": width, "height": height})
                page.emulate_media(color_scheme=scheme)
                findings += findings_of(page, f"{name} at {width} {scheme}")
                if folder:
                    page.screenshot(path=Path(folder) / f"{name}-{width}-{scheme}.png", full_page=True)
            findings += page.evaluate("window.violations")

    assert findings == []


def test_a_page_at_work_says_so_once_and_is_accessible(browser: Browser) -> None:
    """Every page with a form: after 400 ms its button says "One moment...", and no second press is sent."""
    findings: list[str] = []
    sent: list[str] = []
    with visiting(browser) as (page, _):
        page.set_viewport_size({"width": 390, "height": 844})
        page.clock.install()
        load_axe(page)
        page.route("**/*", lambda route: _hold(route, sent))
        for name, view in FIRST.items():
            # The browser's own window stands before the pages that ask for a passkey.
            if not SAMPLES[type(view)].works or isinstance(view, views.PasskeyPrompt):
                continue
            sent.clear()
            page.goto(f"/page/{name}")
            button = page.locator("form:not([data-passkey]) button[class]:not([type=button])").first
            button.click(no_wait_after=True)
            page.clock.fast_forward(400)
            expect(button).to_contain_text("One moment\N{HORIZONTAL ELLIPSIS}")
            expect(button).to_have_attribute("aria-disabled", "true")
            button.evaluate("button => button.click()")
            assert len(sent) == 1
            findings += findings_of(page, name)

    assert findings == []


def _hold(route: Route, sent: list[str]) -> None:
    """Let what is asked for come, and what is posted be answered with nothing, so that the page stays as it is."""
    if route.request.method != "POST":
        route.continue_()
        return
    sent.append(route.request.url)
    route.fulfill(status=204)


def test_tab_goes_through_a_page_in_the_order_of_its_words(browser: Browser) -> None:
    """Every sample: what can be used is reached, once, in the order of the source; a code has the focus, or the summary."""
    with visiting(browser) as (page, _):
        # The browser's own window for passkeys would take the keys.
        page.add_init_script("navigator.credentials.get = () => new Promise(() => {});")
        for name, view in ALL.items():
            page.goto(f"/page/{name}")
            # Browsers give the focus of `autofocus` with the first frame, which may be after the load (HTML, "flush autofocus").
            page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
            focused = page.evaluate("document.activeElement.id")
            asks_code = page.locator("input[name=code][autofocus]").count() == 1
            assert focused == ("problem" if view.problems else "f-code" if asks_code else ""), name
            page.evaluate("document.activeElement.blur(); document.body.tabIndex = -1; document.body.focus()")
            order = page.evaluate(IN_ORDER)
            reached: list[list[str]] = []
            # A date is one field with several stops.
            for _ in range(3 * len(order)):
                page.keyboard.press("Tab")
                if (focused := page.evaluate(FOCUSED)) not in reached[-1:]:
                    reached.append(focused)
                if reached == order:
                    break
            assert reached == order, name


def test_hostile_words_run_nowhere(browser: Browser) -> None:
    """Attack row 87: every payload on a few pages, every page with a few payloads; nothing runs, asks or is refused."""
    pages = list(ALL)
    with visiting(browser) as (page, _):
        for number in range(len(PAYLOADS)):
            for turn in range(2):
                page.goto(f"/hostile/{number}/{pages[(2 * number + turn) % len(pages)]}", wait_until="load")
                assert page.evaluate("window.violations") == []


def test_everything_but_passkeys_works_without_script(browser: Browser) -> None:
    """What script would add is not there; forms send what they hold, and pages about passkeys offer another way."""
    with visiting(browser, script=False) as (page, posted):
        page.goto("/page/sign-in-empty")
        expect(page.get_by_role("button")).to_have_text(["Sign in"])
        page.get_by_label("Email address").fill("ada@lovelace.example")
        page.get_by_label("Password", exact=True).fill("Swim-in-2-pools")
        page.get_by_role("button", name="Sign in").click()
        page.goto("/page/choose-way-empty")
        page.get_by_role("button", name="Code by email To a***@l***").click()
        page.goto("/page/passkey-empty")
        expect(page.locator("noscript p")).to_be_visible()
        page.get_by_role("button", name="Use another way").click()
        page.goto("/page/offer-passkey-empty")
        expect(page.locator("noscript p")).to_be_visible()
        expect(page.get_by_role("button")).to_have_text(["Not now"])
        page.get_by_role("button", name="Not now").click()

    token = {"_csrf": "csrf-token"}
    assert posted == [
        ("/login", {**token, "session": "", "username": "ada@lovelace.example", "password": "Swim-in-2-pools"}),
        ("/login/choose", {**token, **SEALED, "asked": "SELECT_CHALLENGE", "challenge": "EMAIL_OTP"}),
        ("/login/another", {**token, **SEALED, "challenge": "WEB_AUTHN"}),
        ("/passkeys/add", {**token, **SEALED, "action": "later"}),
    ]


def test_a_password_can_be_looked_at_and_is_checked_while_it_is_typed(browser: Browser) -> None:
    """Show keeps the caret and is undone before sending; the list follows the typing, and is told when it pauses."""
    with visiting(browser) as (page, posted):
        page.clock.install(time=0)
        page.goto("/page/new-password-empty")
        page.clock.pause_at(3_600)
        password, show = page.get_by_label("New password", exact=True), page.get_by_role("button", name="Show password")
        said = page.locator("[data-checked]")
        password.press_sequentially("swim2")
        met = page.locator(".checks .met")
        assert [one.get_attribute("data-rule") for one in met.all()] == ["rule.lower", "rule.number"]
        expect(page.locator(".checks .unmet")).to_have_count(3)
        expect(said).to_have_text("")
        page.clock.fast_forward(500)
        expect(said).to_have_text("A lower case letter: met. A number: met. 2 of 5 met")
        password.press_sequentially("S")
        page.clock.fast_forward(500)
        expect(said).to_have_text("An upper case letter: met. 3 of 5 met")
        password.press("Backspace")
        page.clock.fast_forward(500)
        expect(said).to_have_text("An upper case letter: not met yet. 2 of 5 met")

        password.evaluate("input => input.setSelectionRange(2, 2)")
        show.click()
        expect(password).to_have_attribute("type", "text")
        expect(show).to_have_attribute("aria-pressed", "true")
        password.focus()
        page.keyboard.type("X")
        expect(password).to_have_value("swXim2")
        page.get_by_role("button", name="Change password and continue").click()
        expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()

    assert posted == [("/changePassword", {"_csrf": "csrf-token", **SEALED, "password": "swXim2"})]


def test_a_passkey_is_made_and_used(browser: Browser) -> None:
    """What the browser gives is posted as JSON: made on a press, used as soon as the page is there, and by its button."""
    with visiting(browser) as (page, posted), authenticator(page):
        page.goto("/page/offer-passkey-empty")
        page.get_by_role("button", name="Create a passkey").click()
        expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
        page.goto("/page/passkey-empty")
        expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
        page.goto("/page/passkey-wrong")
        page.get_by_role("button", name="Try again").click()
        expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()

    credentials = [json.loads(form.pop("credential")) for _, form in posted]
    token = {"_csrf": "csrf-token", **SEALED}
    assert posted == [
        ("/passkeys/add", {**token, "action": "create"}),
        ("/login/passkey", {**token, "challenge": "WEB_AUTHN"}),
        ("/login/passkey", {**token, "challenge": "WEB_AUTHN"}),
    ]
    assert [one["type"] for one in credentials] == ["public-key"] * 3
    assert len({one["id"] for one in credentials}) == 1
    assert {"clientDataJSON", "attestationObject"} <= set(credentials[0]["response"])
    assert {"clientDataJSON", "authenticatorData", "signature", "userHandle"} <= set(credentials[1]["response"])


def test_an_older_browser_writes_the_same_json(browser: Browser) -> None:
    """Without the JSON of WebAuthn Level 3 the script reads and writes it itself, and gives what the browser would."""
    older = """
    delete PublicKeyCredential.parseRequestOptionsFromJSON;
    delete PublicKeyCredential.parseCreationOptionsFromJSON;
    delete PublicKeyCredential.prototype.toJSON;
    """
    with visiting(browser) as (page, posted), authenticator(page):
        page.add_init_script(older)
        page.goto("/page/offer-passkey-empty")
        page.get_by_role("button", name="Create a passkey").click()
        expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
        page.goto("/page/passkey-empty")
        expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()

    made, used = (json.loads(form["credential"]) for _, form in posted)
    assert made["id"] == made["rawId"] == used["id"] == used["rawId"]
    assert json.loads(_decoded(made["response"]["clientDataJSON"]))["type"] == "webauthn.create"
    assert json.loads(_decoded(used["response"]["clientDataJSON"]))["type"] == "webauthn.get"
    assert made["response"]["transports"] == ["internal"]
    assert _decoded(used["response"]["userHandle"]) == b"\0\0\0"


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_a_passkey_that_was_not_used_or_is_there_already_is_said(browser: Browser) -> None:
    """Cancel and failure are the same to us; a device that has one says so. Nothing is posted, the page stays of use."""
    # No authenticator: the browser gives up after the options' own time, which is short here.
    quick = json.dumps({"challenge": "AAAA", "rpId": "elsewhere.example"})
    more: dict[str, View] = {"none": views.PasskeyPrompt(options=quick, another_way=True, **SEALED)}
    with visiting(browser, more=more) as (page, posted), authenticator(page):
        page.goto("/page/none")
        expect(page.get_by_role("alert")).to_have_text("No passkey was used. Try again, or use another way.")
        expect(page.get_by_role("button", name="Try again")).to_be_visible()

        page.goto("/page/offer-passkey-empty")
        page.get_by_role("button", name="Create a passkey").click()
        expect(page.get_by_role("heading", name="You are signed out")).to_be_visible()
        made = json.loads(posted.pop()[1]["credential"])["id"]
        options = json.loads(CREATION_OPTIONS)
        options["excludeCredentials"] = [{"type": "public-key", "id": made}]
        more["again"] = views.OfferPasskey(options=json.dumps(options), **SEALED)
    with visiting(browser, more=more) as (page, posted):
        page.add_init_script("""
        navigator.credentials.create = async () => { throw new DOMException("there", "InvalidStateError"); };
        """)
        page.goto("/page/again")
        page.get_by_role("button", name="Create a passkey").click()
        expect(page.get_by_role("alert")).to_have_text("This device has a passkey here already.")
        page.get_by_role("button", name="Not now").click()

    assert [path for path, _ in posted] == ["/passkeys/add"]


def test_a_browser_without_passkeys_says_so(browser: Browser) -> None:
    """And offers what it can do; the sign-in page just has no such button."""
    with visiting(browser) as (page, _):
        page.add_init_script("delete window.PublicKeyCredential;")
        page.goto("/page/passkey-empty")
        expect(page.get_by_text("This browser cannot use passkeys here.")).to_be_visible()
        expect(page.get_by_role("button")).to_have_text(["Use another way"])
        page.goto("/page/offer-passkey-empty")
        expect(page.get_by_text("This browser cannot make a passkey here.")).to_be_visible()
        page.goto("/page/sign-in-empty-3")
        expect(page.get_by_role("button")).to_have_text(["Show", "Sign in"])


def test_the_name_field_offers_passkeys_by_itself(browser: Browser) -> None:
    """Conditional mediation begins with the page and gives way to the button, whose answer is posted."""
    with visiting(browser) as (page, posted):
        page.add_init_script("""
        window.asked = [];
        PublicKeyCredential.isConditionalMediationAvailable = async () => true;
        navigator.credentials.get = ({ mediation, signal }) => new Promise((resolve, reject) => {
          window.asked.push(mediation ?? "modal");
          signal.addEventListener("abort", () => { window.asked.push("aborted"); reject(signal.reason); });
          if (!mediation) resolve({ toJSON: () => ({ id: "chosen" }) });
        });
        """)
        page.goto("/page/sign-in-empty-3")
        expect(page.locator("#f-username")).to_have_attribute("autocomplete", "username webauthn")
        page.wait_for_function("window.asked.length === 1")
        page.route("**/login/passkey*", lambda route: route.fulfill(status=204))
        page.get_by_role("button", name="Sign in with a passkey").click(no_wait_after=True)
        page.wait_for_function("window.asked.length === 3")
        assert page.evaluate("window.asked") == ["conditional", "aborted", "modal"]
        assert page.evaluate("document.querySelector('[name=credential]').value") == '{"id":"chosen"}'
        expect(page.get_by_role("alert")).to_be_hidden()

    assert posted == []
