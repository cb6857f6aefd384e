"""Does a service of breached passwords know one? Asked for all whose SHA-1 hash begins as its own does (k-anonymity).

    GET <url>/range/21BD1      Add-Padding: true
    0018A45C4D1DEF81644B54AB7F969B88D65:1     what follows the five digits, and how often it was seen
    00D4F6E8FA6EECAD2A3AA415EEC418D38EC:0     padding, which hides how long the answer is

Five digits are shared by thousands of passwords, so the service never learns which one was meant (identity-security.md 4.4).
"""

import logging
import re
from http import HTTPStatus

from poolkeeper.egress import Egress, EgressFailed, EgressRefused
from poolkeeper.model.finding import Finding

SHOWN = 5
_LINE = re.compile(rb"([0-9A-Fa-f]{35}):([0-9]{1,12})")
_MAX_BYTES = 1_048_576
# What may be under way at once: a service that hangs costs no more than this, and whoever comes then goes on unchecked.
_MOST_AT_ONCE = 64

_log = logging.getLogger("poolkeeper.compromised")


class Ranges:
    """A service that answers ranges, at the address that the operator gave."""

    def __init__(self, url: str, egress: Egress) -> None:
        self._url = url.rstrip("/")
        self._egress = egress
        self._under_way = 0
        self._failing = False

    async def ask(self, digest: str, *, seconds: float) -> Finding:
        """Return what the service knows of a SHA-1 hash (40 hex digits), UNCHECKED where it gives no answer in that time."""
        if self._under_way >= _MOST_AT_ONCE:
            return Finding.UNCHECKED
        self._under_way += 1
        try:
            answer = await self._egress.request(
                "GET",
                f"{self._url}/range/{digest[:SHOWN].upper()}",
                headers={"Add-Padding": "true", "User-Agent": "poolkeeper"},
                timeout_seconds=seconds,
                max_bytes=_MAX_BYTES,
                private=True,  # The operator named it.
                plain_http=True,
            )
        except (EgressRefused, EgressFailed) as fault:
            return self._unchecked(str(fault))
        finally:
            self._under_way -= 1
        if answer.status != HTTPStatus.OK:
            return self._unchecked(f"the service answers {answer.status}")
        found = judge(answer.body, digest[SHOWN:])
        if found is Finding.UNCHECKED:
            return self._unchecked("the service answers something else than a range")
        if self._failing:
            self._failing = False
            _log.warning("compromised_passwords_url answers again")
        return found

    def _unchecked(self, why: str) -> Finding:
        """Say once, until it answers again, that it does not."""
        if not self._failing:
            self._failing = True
            _log.warning("compromised_passwords_url: passwords are not checked there: %s", why)
        return Finding.UNCHECKED


def judge(body: bytes, rest: str) -> Finding:
    """Return what a range says of the hash that ends in `rest`, UNCHECKED for what is no range.

    The range of a list of any use has hundreds of lines, so an empty one is no answer either. What was seen 0 times is padding.
    """
    wanted, found = rest.upper().encode(), Finding.UNCHECKED
    for line in body.split():
        match = _LINE.fullmatch(line)
        if match is None:
            return Finding.UNCHECKED
        if found is Finding.UNCHECKED:
            found = Finding.CLEAN
        if match[1].upper() == wanted and match[2].strip(b"0"):
            found = Finding.COMPROMISED
    return found
