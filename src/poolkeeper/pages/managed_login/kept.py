"""What does a page hand to the next one? The Session of the API and what the page itself showed, sealed in a hidden field.

It is in the page's own address as well (stepping.py). So nothing is stored until somebody is signed in: Back, reload, a
second tab and a restart find everything in the page. A page is good for the browser that it was shown to and the app client
that it was for alone (attacks.md 72, 83).
"""

import msgspec

from poolkeeper.auth.sealed_session import open_state, seal_state
from poolkeeper.call import Call
from poolkeeper.clock import HOUR
from poolkeeper.crypto import base64url
from poolkeeper.crypto.seal import SealError
from poolkeeper.errors import NotAuthorizedException

_PURPOSE = "sign-in page"
_MOMENT = 8
# As long as a sign-up waits for its code here; an older page begins anew.
LIFE = HOUR
FIELD = "session"


class TooOld(Exception):  # noqa: N818 - what is said of the page
    """A page whose state is of no use any more: too old, answered already, or shown to another browser."""


class Kept(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What a page asked, and what it takes to ask it again.

    `page` is which: one of asking.SHOWS, what came of a link, or the first page where it asks for anybody's passkey; empty
    before the first question. `session` is the API's, for the question `challenge`; `username` as it was typed. `choices`
    are what can be chosen on it; `chosen`: there was a choice before it; `first`: nothing was proved before it. `attribute`
    and `destination`: where a code went, masked; `address`: the same in full, where a person typed it. `text` is the page's
    own: a secret, options in JSON, or the answer to the app that waits; `options`: those by which a passkey is made, in
    JSON. `binding` is the browser's (hosted/forgery.py). Times are milliseconds.
    """

    client_id: str
    page: str
    session: str
    challenge: str
    username: str
    choices: tuple[str, ...] = ()
    chosen: bool = False
    first: bool = False
    attribute: str = ""
    destination: str = ""
    address: str = ""
    text: str = ""
    sent_at: int = 0
    binding: str = ""
    options: str = ""


_decode = msgspec.msgpack.Decoder(Kept).decode


def seal(call: Call, kept: Kept) -> str:
    """Return what a page carries in its hidden field."""
    state = call.now.to_bytes(_MOMENT) + msgspec.msgpack.encode(kept)
    return base64url.encode(seal_state(call, state, purpose=_PURPOSE))


def take_up(call: Call, text: str, *, client_id: str, binding: str, pages: frozenset[str]) -> Kept:
    """Return what one of the `pages` carried.

    Raises TooOld.
    """
    try:
        opened = open_state(call, base64url.decode(text), purpose=_PURPOSE)
    except (ValueError, SealError, NotAuthorizedException):
        raise TooOld from None
    if call.now - int.from_bytes(opened[:_MOMENT]) > LIFE:
        raise TooOld
    kept = _decode(opened[_MOMENT:])
    if (kept.client_id, kept.binding) != (client_id, binding) or kept.page not in pages:
        raise TooOld
    return kept
