"""How does a test look at the inbox? In a window of its own, which must not complain."""

import contextlib
from collections.abc import Iterator

from playwright.sync_api import Browser, Page

WIDTHS = (320, 390, 1280)


VIOLATIONS = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(event.violatedDirective + " " + event.blockedURI);
});
"""


@contextlib.contextmanager
def visiting(browser: Browser, address: str, *, script: bool = True, hostile: bool = False) -> Iterator[Page]:
    """Open a page of its own and demand at its end that no policy was violated and nothing failed in it.

    What a `hostile` mail tries in its frame is reported on the console, and must be; the page itself stays clean.
    """
    context = browser.new_context(base_url=address, java_script_enabled=script)
    page = context.new_page()
    page.set_default_timeout(10_000)
    faults: list[str] = []
    page.on("pageerror", lambda fault: faults.append(str(fault)))
    page.on("console", lambda line: faults.append(line.text) if "Content Security Policy" in line.text else None)
    page.add_init_script(VIOLATIONS)
    yield page
    assert bool(faults) is hostile
    if script:
        assert page.evaluate("window.violations") == []
    context.close()
