"""Whom does an app mean? The user of an ID token that it shows as a hint: a token of ours, which may have expired since."""

from typing import Any

import msgspec

from poolkeeper.call import Call
from poolkeeper.crypto import jws
from poolkeeper.model.pool import Pool
from poolkeeper.tokens import keys
from poolkeeper.tokens.issuer import accepted_issuers


class Hint(msgspec.Struct, frozen=True):
    """What an ID token says of its user and of the client that it was issued to.

    A token that an exchange issued has `scope` (tokens/issue.py).
    """

    iss: str
    sub: str
    aud: str
    token_use: str
    scope: Any = None

    @property
    def derived(self) -> bool:
        """Whether an exchange may have issued it, to an API that was shown a token and signed nobody in."""
        return self.scope is not None


_decode = msgspec.json.Decoder(Hint).decode


async def read_hint(call: Call, pool: Pool, token: str) -> Hint | None:
    """Return what an `id_token_hint` says, None for anything but an ID token of this pool; it may have expired.

    Source: OpenID Connect RP-Initiated Logout 1.0 section 2, OpenID Connect Core 3.1.2.1.
    """
    try:
        claimed = jws.read(token)
        hint = _decode(claimed.payload)
    except (jws.BadToken, msgspec.MsgspecError, RecursionError, UnicodeError):
        return None
    if hint.token_use != "id" or hint.iss not in accepted_issuers(call.settings, pool):  # noqa: S105 - a kind of token
        return None
    pool_keys = await keys.of_pool(call.house, pool.pool_id)
    if pool_keys is None:
        return None
    try:
        claimed.verify(pool_keys.public)
    except jws.BadToken:
        return None
    return hint
