"""What lies between two steps of a sign-in? Sealed state in the client's hands, bound to one step, spent once.

Source: userpools.md 3.5. Spending inserts the state's nonce in the transaction that records what the step
leads to; a wrong code or a password that the policy refuses spends nothing.
"""

from base64 import b64decode, b64encode

import msgspec

from poolkeeper.call import Call
from poolkeeper.crypto import base64url
from poolkeeper.crypto.seal import SealError
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.model.client import Client
from poolkeeper.model.journey import Journey
from poolkeeper.store import nonces
from poolkeeper.store.db import Transaction

# The first byte of a sealed state is its layout. States of an older Poolkeeper begin with another byte and count as
# expired: a sign-in under way at an upgrade begins anew. The moment of the seal follows, since a restore of the database
# brings back rows by which former states were judged or spent (attacks.md 159).
_LAYOUT = b"\x03"
_MOMENT = 6


class ChallengeState(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """The content of a `Session`: who is in the middle of which step, and what was proved before it.

    `detail` is what the step itself needs: the id of a code, a challenge, the choices. `credential_version` is 0
    for a ghost. `bucket` is where wrong proofs of this sign-in count (Subject), whatever device later answers name.
    `folded` is the form of `name` for comparisons, empty where that is the name itself.
    """

    pool_id: str
    client_id: str
    name: str
    subject_id: str
    step: str
    factors: tuple[str, ...]
    failures: int
    credential_version: int
    nonce: str
    expires_at: int
    journey: Journey
    detail: str
    bucket: str = ""
    folded: str = ""


class SrpState(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """The content of a `SECRET_BLOCK`: the server's half of one SRP exchange, numbers in big-endian bytes.

    `credential_version` is 0 for a ghost. `factors` are what was proved before a device's exchange; `bucket` is as in a
    Session.
    """

    pool_id: str
    client_id: str
    name: str
    subject_id: str
    user_id_for_srp: str
    credential_version: int
    secret_b: bytes
    client_public: bytes
    server_public: bytes
    nonce: str
    expires_at: int
    journey: Journey
    factors: tuple[str, ...] = ()
    bucket: str = ""


_decode_challenge = msgspec.msgpack.Decoder(ChallengeState).decode
_decode_srp = msgspec.msgpack.Decoder(SrpState).decode


def seal_challenge(call: Call, state: ChallengeState) -> str:
    """Return the `Session` text of a state."""
    return base64url.encode(_seal(call, state, "session"))


def open_challenge(call: Call, text: str, *, client: Client, step: str) -> ChallengeState:
    """Return the content of a `Session`, if it is this client's and for this step.

    Raises NotAuthorizedException with the error message for an expired one, or with that for any other that does not
    belong here (attacks.md 6).
    """
    state = open_alone(call, text, since=client.created_at)
    if (state.pool_id, state.client_id, state.step) != (client.pool_id, client.client_id, step):
        raise refused(Reason.SESSION_OF_ANOTHER_STEP)
    if state.expires_at <= call.now:
        raise refused(Reason.SESSION_EXPIRED)
    return state


def open_alone(call: Call, text: str, *, since: int = 0) -> ChallengeState:
    """Return the content of a `Session` that alone says whose it is; one from before `since` has expired.

    Raises NotAuthorizedException.
    """
    try:
        opened = open_state(call, base64url.decode(text), purpose="session", since=since)
    except (ValueError, SealError):
        raise refused(Reason.SESSION_UNREADABLE) from None
    return _decode_challenge(opened)


def seal_srp(call: Call, state: SrpState) -> str:
    """Return the `SECRET_BLOCK` text of a state, in standard base64 as clients decode it."""
    return b64encode(_seal(call, state, "srp")).decode()


def open_srp(call: Call, text: str, *, client: Client) -> SrpState | None:
    """Return the content of a `SECRET_BLOCK`, None where it is not this client's.

    Raises NotAuthorizedException for an expired one.
    """
    try:
        opened = open_state(call, b64decode(text, validate=True), purpose="srp", since=client.created_at)
    except (ValueError, SealError):
        return None
    state = _decode_srp(opened)
    if (state.pool_id, state.client_id) != (client.pool_id, client.client_id):
        return None
    if state.expires_at <= call.now:
        raise refused(Reason.SESSION_EXPIRED)
    return state


async def require_unspent(call: Call, *, pool_id: str, nonce: str) -> None:
    """Raise NotAuthorizedException for a state that has been spent: before any costly work is done on it."""
    if await nonces.spent(call.db, pool_id=pool_id, nonce=nonce):
        raise refused(Reason.SESSION_USED)


async def spend(tx: Transaction, *, pool_id: str, spends: tuple[str, int] | None) -> None:
    """Spend a state, (nonce, expiry), in the transaction of what it leads to.

    Raises NotAuthorizedException when it was spent before.
    """
    if spends is None:
        return
    nonce, expires_at = spends
    if not await nonces.spend(tx, pool_id=pool_id, nonce=nonce, expires_at=expires_at):
        raise refused(Reason.SESSION_USED)


def seal_state(call: Call, state: bytes, *, purpose: str) -> bytes:
    """Seal the state between two steps, for a client or a page to keep."""
    moment = call.now.to_bytes(_MOMENT)
    return call.house.sealer.seal_blob(_LAYOUT + moment + state, purpose=purpose, now=call.now)


def open_state(call: Call, sealed: bytes, *, purpose: str, since: int = 0) -> bytes:
    """Return the state that `seal_state` sealed for this purpose; the caller judges its expiry.

    Raises SealError for anything else, NotAuthorizedException for a state from before an upgrade, from before the
    database was restored, or from before `since`, when its app client was made (a former client had the same id): for
    its holder it is as if the state had expired.
    """
    opened = call.house.sealer.open_blob(sealed, purpose=purpose)
    start = len(_LAYOUT) + _MOMENT
    if not opened.startswith(_LAYOUT) or len(opened) < start:
        raise refused(Reason.SESSION_OUTDATED)
    moment = int.from_bytes(opened[len(_LAYOUT) : start])
    if moment <= call.house.restored_at:
        raise refused(Reason.SESSION_RESTORED)
    if moment < since:
        raise refused(Reason.SESSION_OF_OLD_CLIENT)
    return opened[start:]


def _seal(call: Call, state: msgspec.Struct, purpose: str) -> bytes:
    return seal_state(call, msgspec.msgpack.encode(state), purpose=purpose)
