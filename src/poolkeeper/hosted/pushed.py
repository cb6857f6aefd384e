"""What is a pushed authorization request? What an app has sent us itself, sealed into the `request_uri` that its browser brings.

A `request_uri` holds the whole request, so that nobody fills a table by pushing. The first visit spends it, and the pages carry
another one from there, which the authorization endpoint and they take until the person is done. Source: RFC 9126.
"""

import msgspec

from poolkeeper.auth.sealed_session import open_state, seal_state
from poolkeeper.call import Call
from poolkeeper.clock import HOUR, SECOND
from poolkeeper.crypto import base64url
from poolkeeper.crypto.seal import SealError
from poolkeeper.errors import NotAuthorizedException
from poolkeeper.forms import Form
from poolkeeper.store import nonces
from poolkeeper.store.db import Transaction

PREFIX = "urn:ietf:params:oauth:request_uri:"
# How long the browser may take to come with it (RFC 9126 section 2.2: 5 to 600 seconds), and the person from there.
LIFE = 90 * SECOND
_ON_THE_WAY = HOUR
# Of a `request_uri`, which becomes the address of every page on the way.
LONGEST = 8_192
_PURPOSE = "pushed request"


class BadPushed(Exception):  # noqa: N818 - what is said of the request
    """A `request_uri` that is not one of ours, or not this client's. The text says which, for the log."""


class Pushed(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """A request that was pushed. `expires_at` is milliseconds; `came`: a browser has come with it."""

    pool_id: str
    client_id: str
    nonce: str
    expires_at: int
    came: bool
    fields: dict[str, str]
    resources: tuple[str, ...]

    @property
    def form(self) -> Form:
        """The request as it was pushed."""
        return Form(self.fields, self.resources)


_decode = msgspec.msgpack.Decoder(Pushed).decode


def is_pushed(form: Form) -> bool:
    """Say whether an authorize request names a pushed one."""
    return form.get("request_uri", "").startswith(PREFIX)


def push(call: Call, pool_id: str, client_id: str, form: Form) -> str:
    """Return the `request_uri` of a request, which the caller has checked."""
    pushed = Pushed(
        pool_id=pool_id,
        client_id=client_id,
        nonce=call.entropy.uuid(),
        expires_at=call.now + LIFE,
        came=False,
        fields=dict(form.fields),
        resources=form.resources,
    )
    return _sealed(call, pushed)


def opened(call: Call, pool_id: str, form: Form) -> Pushed:
    """Return the request that the `request_uri` of an authorize request holds; its expiry is the caller's to judge.

    Raises BadPushed.
    """
    text = form["request_uri"].removeprefix(PREFIX)
    try:
        state = open_state(call, base64url.decode(text), purpose=_PURPOSE)
        pushed = _decode(state)
    except (ValueError, SealError, NotAuthorizedException):
        raise BadPushed("a request_uri that cannot be opened") from None
    if (pushed.pool_id, pushed.client_id) != (pool_id, form.get("client_id")):
        raise BadPushed("the request_uri of another client")
    return pushed


async def come(call: Call, pushed: Pushed) -> str | None:
    """Spend a request that a browser has come with, once; return the `request_uri` to go on with, None where it was spent."""

    async def body(tx: Transaction) -> bool:
        return await nonces.spend(tx, pool_id=pushed.pool_id, nonce=pushed.nonce, expires_at=pushed.expires_at)

    if not await call.db.write(body):
        return None
    return _sealed(call, msgspec.structs.replace(pushed, came=True, expires_at=call.now + _ON_THE_WAY))


def _sealed(call: Call, pushed: Pushed) -> str:
    return PREFIX + base64url.encode(seal_state(call, msgspec.msgpack.encode(pushed), purpose=_PURPOSE))
