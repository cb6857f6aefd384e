"""What is a person told who comes back with something wrong? A page, with a reason in the log."""

import re

from federation.partner import (
    Journey,
)
from hosted.log_lines import line_of
from oauth.browsing import Page

STRAY = "unknown_state"


def shown(walk: Journey, page: Page) -> str:
    """Follow to the page of an error, which must not lead to an app; return its words."""
    assert page.status in {303, 400}, page
    if page.status == 303:
        assert page.location.startswith("/error?"), page.location
        page = walk.browser.get(page.location)
    assert page.status == 400
    words = page.body.decode()
    # The menu of languages holds the request, and leads to this page again.
    without_menu = re.sub(r'<input type="hidden" name="redirect_uri" value="[^"]*">', "", words)
    assert "app.example" not in without_menu.replace("https%3A%2F%2Fapp.example", "")
    assert re.findall(r'<form method="get" action="([^"]*)"', words) in ([], ["/error"])
    return words


def refused(walk: Journey, page: Page, reason: str) -> str:
    """Expect that somebody is shown a page, that the log says why and the page does not, and that nobody is signed in."""
    line = line_of(walk.world, page.headers)
    assert (line["outcome"], reason in line["detail"]) == (STRAY, True), line
    words = shown(walk, page)
    assert STRAY in words
    assert reason not in words
    assert not [name for name in walk.browser.cookies if name.startswith("session-")]
    return words
