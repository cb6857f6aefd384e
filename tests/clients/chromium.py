"""How does a person of these tests browse? In Chromium without a window, with an authenticator where a test wants one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, CDPSession, Page, expect, sync_playwright

# The same engine twice: without the window's own pages it needs two thirds of the time.
_PROGRAMS = ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium")
_SWITCHES = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def program() -> str:
    """Return the browser of this machine, or the one that CHROMIUM names."""
    names = [os.environ["CHROMIUM"]] if "CHROMIUM" in os.environ else list(_PROGRAMS)
    there = next((name for name in names if Path(name).exists()), "")
    assert there, (
        f"there is no browser at {' or '.join(names)}: install chromium-headless-shell, or name one in CHROMIUM"
    )
    return there


@contextmanager
def running(*switches: str) -> Iterator[Browser]:
    """Run the machine's Chromium until the block ends; `switches` are further ones."""
    expect.set_options(timeout=15_000)  # as long as a busy machine may take for a page
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program(), args=[*_SWITCHES, *switches])
        try:
            yield launched
        finally:
            launched.close()


def authenticator(page: Page) -> tuple[CDPSession, dict[str, str]]:
    """Give a page an authenticator of the machine's own; return the way to it, and its name there."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    return session, session.send("WebAuthn.addVirtualAuthenticator", {"options": _AUTHENTICATOR})


def be_idle(session: CDPSession, device: dict[str, str]) -> None:
    """Let an authenticator wait for a touch, which does not come: a page that asks by itself waits for its person."""
    session.send("WebAuthn.setAutomaticPresenceSimulation", {**device, "enabled": False})


def be_touched(session: CDPSession, device: dict[str, str]) -> None:
    """Let an authenticator agree to whatever it is asked for from now on."""
    session.send("WebAuthn.setAutomaticPresenceSimulation", {**device, "enabled": True})
