"""How does a test visit the sample pages? In a tab that tells of every violation, at two widths, in two schemes."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Literal

from playwright.sync_api import Browser, CDPSession, Page

from pages.serving import serve
from pages.sign_in_samples import samples
from pages.sign_in_server import make_app
from poolkeeper.pages.managed_login.views import View
from poolkeeper.pages.managed_login.words import Speech

ALL = dict(samples())


FIRST = {name: view for name, view in ALL.items() if name.endswith("-empty")}


# The pages of errors differ in one sentence, and what is done is seen by a page that has samples of its own.
DIFFERENT = [name for name in ALL if not name.startswith("error-empty-") and not name.endswith("-done")]


SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


SIZES = ((390, 844), (1280, 800))


VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(event.violatedDirective + " " + event.blockedURI);
});
"""


Posted = list[tuple[str, dict[str, str]]]


@contextlib.contextmanager
def visiting(
    browser: Browser,
    *,
    script: bool = True,
    more: dict[str, View] | None = None,
    words: Mapping[str, Speech] | None = None,
) -> Iterator[tuple[Page, Posted]]:
    """Open a page of its own and demand at its end that no policy was violated, nothing failed, nothing foreign was asked."""
    posted: Posted = []
    faults: list[str] = []
    with serve(make_app(posted, more, words)) as address:
        context = browser.new_context(base_url=address, java_script_enabled=script, reduced_motion="reduce")
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda fault: faults.append(str(fault)))
        page.on("console", lambda line: faults.append(line.text) if line.type in {"error", "warning"} else None)
        page.on("request", lambda one: None if one.url.startswith(address) else faults.append(one.url))
        page.add_init_script(VIOLATIONS)
        yield page, posted
        if script:
            faults += page.evaluate("window.violations")
        context.close()
    assert not faults, faults


@contextlib.contextmanager
def authenticator(page: Page) -> Iterator[tuple[CDPSession, str]]:
    """Give the browser an authenticator of its own making, whose person is there and says yes."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    wanted = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    answer = session.send("WebAuthn.addVirtualAuthenticator", {"options": wanted})
    yield session, str(answer["authenticatorId"])
    session.detach()
