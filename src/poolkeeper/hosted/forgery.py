"""Does a form come from a page of ours, shown to this very browser? A token bound to a cookie, and what the browser says.

Sec-Fetch-Site decides where a browser sends it. Origin does not: under Referrer-Policy `no-referrer` our own forms say
`Origin: null` (Fetch standard, "append a request `Origin` header"), as a stranger's sandboxed page does.

Source: attacks.md 72, 83, 84.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from starlette.responses import Response

from poolkeeper.crypto import base64url
from poolkeeper.hosted import browser
from poolkeeper.hosted.places import Place
from poolkeeper.hosted.visit import Visit

FIELD = "_csrf"
COOKIE = "csrf"
_BYTES = 32
_VALUE = re.compile(r"[A-Za-z0-9_-]{43}")
_OUR_OWN = frozenset({"same-origin", "none"})


class Forged(Exception):  # noqa: N818 - what is said of the form
    """A form that no page of ours sent, or not one that this browser was shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What a browser's forms are told by. All tabs of a browser share one; `fresh`: it has no cookie yet.

    `binding` ties what a page carries in hidden fields to the browser that it was shown to.
    """

    token: str = field(repr=False)
    binding: str = field(repr=False)
    value: str = field(repr=False)
    fresh: bool

    def keep(self, response: Response, place: Place) -> None:
        """Set the cookie where the browser has none; it lasts until the browser ends."""
        if self.fresh:
            browser.set_cookie(response, place, COOKIE, self.value, seconds=None)


def guard_of(visit: Visit) -> Guard:
    """Return the guard of a browser: that of its cookie, else a new one."""
    given = visit.cookies.get(browser.cookie_name(visit.place, COOKIE), "")
    fresh = _VALUE.fullmatch(given) is None
    value = visit.call.entropy.token(_BYTES) if fresh else given
    return Guard(
        token=_derived(visit.place, "token", value),
        binding=_derived(visit.place, "page", value),
        value=value,
        fresh=fresh,
    )


def require_ours(visit: Visit, guard: Guard) -> None:
    """Raise Forged unless a form was sent by a page of ours that this browser was shown."""
    right = hmac.compare_digest(visit.form.get(FIELD, "").encode(), guard.token.encode())
    if _comes_from_elsewhere(visit.headers) or not right:
        raise Forged


def _comes_from_elsewhere(headers: Mapping[str, str]) -> bool:
    """Judge by Sec-Fetch-Site, else by an Origin that names somebody; the token is asked for all the same."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in _OUR_OWN
    origin = headers.get("origin", "null")
    return origin != "null" and origin.partition("://")[2] != headers.get("host")


def _derived(place: Place, purpose: str, value: str) -> str:
    message = f"form {purpose}\x00{value}".encode()
    return base64url.encode(hmac.digest(place.pool.secret, message, hashlib.sha256))
