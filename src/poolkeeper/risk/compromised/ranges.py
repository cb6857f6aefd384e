"""Does a service know a breached password? It returns all SHA-1 hashes with the same beginning (k-anonymity); we compare.

    GET <url>/range/21BD1      Add-Padding: true
    0018A45C4D1DEF81644B54AB7F969B88D65:1     the rest of a hash, and how often it was seen
    00D4F6E8FA6EECAD2A3AA415EEC418D38EC:0     padding, which hides the length of the answer

Thousands of passwords share five digits, so the service never learns which password was meant (identity-security.md 4.4).
"""

import logging
import re
from http import HTTPStatus

from poolkeeper.egress import Egress, EgressFailed, EgressRefused
from poolkeeper.model.finding import Finding

SHOWN = 5
_LINE = re.compile(rb"([0-9A-Fa-f]{35}):([0-9]{1,12})")
_MAX_BYTES = 1_048_576
# How many questions may be under way: a service that hangs holds up no more than these; further passwords go unchecked.
_MOST_AT_ONCE = 64

_log = logging.getLogger("poolkeeper.compromised")


class Ranges:
    """A service of ranges, at the operator's address."""

    def __init__(self, url: str, egress: Egress) -> None:
        self._url = url.rstrip("/")
        self._egress = egress
        self._under_way = 0
        self._failing = False

    async def ask(self, digest: str, *, seconds: float) -> Finding:
        """Return what the service knows of a SHA-1 hash (40 hex digits), UNCHECKED where it does not answer in time."""
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
        finding = judge(answer.body, digest[SHOWN:])
        if finding is Finding.UNCHECKED:
            return self._unchecked("the service answers something else than a range")
        if self._failing:
            self._failing = False
            _log.warning("compromised_passwords_url answers again")
        return finding

    def _unchecked(self, why: str) -> Finding:
        """Log that the service does not answer, once until it answers again."""
        if not self._failing:
            self._failing = True
            _log.warning("compromised_passwords_url: passwords are not checked there: %s", why)
        return Finding.UNCHECKED


def judge(body: bytes, rest: str) -> Finding:
    """Return what a range says of the hash that ends in `rest`, UNCHECKED for a body that is no range.

    The range of any useful list has hundreds of lines, so an empty body is no range either. A hash seen 0 times is padding.
    """
    suffix, finding = rest.upper().encode(), Finding.UNCHECKED
    for line in body.split():
        match = _LINE.fullmatch(line)
        if match is None:
            return Finding.UNCHECKED
        if finding is Finding.UNCHECKED:
            finding = Finding.CLEAN
        if match[1].upper() == suffix and match[2].strip(b"0"):
            finding = Finding.COMPROMISED
    return finding
