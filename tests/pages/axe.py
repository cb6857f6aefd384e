"""What does axe find on a page? Its rules with the size of targets, without what costs time and finds nothing here."""

from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

_OPTIONS = {
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
    # axe would fetch and parse each style sheet once more, which is half of its time, for one rule alone
    # (css-orientation-lock); no sheet of ours asks for the orientation (tests/pages/test_brand_css.py, the allow-list).
    "preload": False,
}
# What passed is not brought over: to read it would take as long as to find it.
_RUN = "options => axe.run(document, options).then(results => results.violations)"


def load_axe(page: Page) -> None:
    """Hand axe to whatever is opened in this tab from now on."""
    page.add_init_script(AXE_SCRIPT)


def violations(page: Page, *, frames: bool = True) -> list[dict[str, Any]]:
    """Return what axe finds on the open page; without `frames` it does not wait for those that run no script."""
    found: list[dict[str, Any]] = page.evaluate(_RUN, _OPTIONS | {"iframes": frames})
    return found


def findings_of(page: Page, what: str, *, frames: bool = True) -> list[str]:
    """Return what axe finds, in words, and whether the page is wider than its window."""
    found = [
        f"{what}: {one['id']} {[node['html'][:160] for node in one['nodes']]}"
        for one in violations(page, frames=frames)
    ]
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append(f"{what}: wider than the window")
    return found
