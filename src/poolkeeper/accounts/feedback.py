"""Who may say whether a sign-in was theirs? Whoever has the link of its notice, which names user and event, sealed."""

import msgspec

from poolkeeper.call import Call
from poolkeeper.clock import DAY
from poolkeeper.crypto import base64url
from poolkeeper.crypto.seal import SealError
from poolkeeper.errors.refusals import Reason, refused

_PURPOSE = "feedback"
# A notice that is read later than this tells its reader little.
_GOOD_FOR = 30 * DAY


class _Token(msgspec.Struct, frozen=True, array_like=True):
    pool_id: str
    user_id: str
    event_id: str
    expires_at: int


def token(call: Call, *, pool_id: str, user_id: str, event_id: str) -> str:
    """Return a token whose holder may give feedback on one event."""
    plain = msgspec.msgpack.encode(_Token(pool_id, user_id, event_id, call.now + _GOOD_FOR))
    return base64url.encode(call.house.sealer.seal_blob(plain, purpose=_PURPOSE, now=call.now))


def named(call: Call, given: str, *, pool_id: str) -> tuple[str, str] | None:
    """Return the user's id and the event that a token of a pool names, None for a bad or an old token."""
    try:
        opened = call.house.sealer.open_blob(base64url.decode(given), purpose=_PURPOSE)
        content = msgspec.msgpack.decode(opened, type=_Token)
    except (ValueError, SealError):
        return None
    return None if content.pool_id != pool_id or content.expires_at <= call.now else (content.user_id, content.event_id)


def require_token(call: Call, given: str, *, pool_id: str, user_id: str, event_id: str) -> None:
    """Raise NotAuthorizedException for a token that is not of this event."""
    if named(call, given, pool_id=pool_id) != (user_id, event_id):
        raise refused(Reason.FEEDBACK_TOKEN)
