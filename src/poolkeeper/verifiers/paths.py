"""What does a path name? Decoded once, and only where whoever stands behind the proxy cannot read another path in it.

Proxies and applications normalise: they take `..` and `//` away, and decode what was encoded twice. What is judged must be
what is served, so a path that any of them would change is refused.
"""

import re
from urllib.parse import unquote, unquote_to_bytes

from poolkeeper.verifiers.originals import Unclear

_ODD = re.compile(r"[\x00-\x1f\x7f\\]")
_ENCODED = re.compile(r"%[0-9A-Fa-f]{2}")
# As often as anybody may decode what was encoded again.
_TIMES = 4
_TWO_WAYS = "The path of the request can be read in more than one way."


def plain(path: str, *, encoded_again: bool = False) -> str:
    """Return a path decoded, without its first slash; with `encoded_again` an escape may still be in it (a key with `%`).

    Raises Unclear for `.`, `..` and empty segments, with parameters or without (one slash at the end is none), for control
    characters, backslashes and what is not UTF-8.
    """
    try:
        text = unquote_to_bytes(path).decode("utf-8").removeprefix("/")
    except UnicodeDecodeError:
        raise Unclear(_TWO_WAYS) from None
    if not encoded_again and _ENCODED.search(text):
        raise Unclear(_TWO_WAYS)
    return key(text)


def key(text: str) -> str:
    """Return a text that is a path already, as it is; raises Unclear as `plain`."""
    again = text
    for _ in range(_TIMES):
        # Some servlet containers take the parameters of a segment away before they resolve it: `..;a=b` is `..` to them.
        segments = [segment.partition(";")[0] for segment in again.removesuffix("/").split("/")]
        odd = any(segment in {".", ".."} for segment in segments) or (again != "" and "" in segments)
        if odd or _ODD.search(again):
            raise Unclear(_TWO_WAYS)
        before, again = again, unquote(again)
        if again == before:
            return text
    raise Unclear(_TWO_WAYS)
