"""What lies between two steps of a sign-in? Sealed state in the client's hands, bound to one step, spent once.

Source: contract, user pools 3.5. Spending inserts the state's nonce in the transaction that records what the step
leads to; a wrong code or a password that the policy refuses spends nothing.
"""

from base64 import b64decode, b64encode

import msgspec

from poolkeeper.call import Call
from poolkeeper.crypto import base64url
from poolkeeper.crypto.seal import SealError
from poolkeeper.errors import NotAuthorizedException
from poolkeeper.model.client import Client
from poolkeeper.store import sessions
from poolkeeper.store.db import Transaction

INVALID = "Invalid session for the user."
EXPIRED = "Invalid session for the user, session is expired."
USED = "Invalid session for the user, session can only be used once."


class Journey(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What a sign-in said when it began and what the later steps go by; none of it is a proof.

    `device_key` is the device that it claims to come from, `conversation` the row of a CUSTOM_AUTH, `shown` the name by
    which it answers (USER_ID_FOR_SRP), `target` the levels that a step-up asks for and `origin` its session.
    """

    flow: str = ""
    device_key: str = ""
    conversation: str = ""
    shown: str = ""
    target: tuple[str, ...] = ()
    origin: str = ""


class ChallengeState(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What a `Session` says: who is in the middle of which step, and what was proved before it.

    `detail` is what the step itself has to know: the id of a code, a challenge, the choices. `credential_version` is 0
    for a ghost. `bucket` is where wrong proofs of this sign-in count (Subject), whatever device the later answers name.
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


class SrpState(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What a `SECRET_BLOCK` says: the server's half of one SRP exchange, numbers in big-endian bytes.

    `credential_version` is 0 for a ghost. `factors` are what was proved before it, by a device's exchange; `bucket` is as
    in a Session.
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


def seal_challenge(call: Call, state: ChallengeState) -> str:
    """Return the `Session` text of a state."""
    return base64url.encode(_seal(call, state, "session"))


def open_challenge(call: Call, text: str, *, client: Client, step: str) -> ChallengeState:
    """Return what a `Session` says, if it is one of this client for this step.

    Raises NotAuthorizedException with the sentence for an expired one, or for any other that does not belong here
    (attacks.md 6).
    """
    state = open_alone(call, text)
    if (state.pool_id, state.client_id, state.step) != (client.pool_id, client.client_id, step):
        raise NotAuthorizedException(INVALID)
    if state.expires_at <= call.now:
        raise NotAuthorizedException(EXPIRED)
    return state


def open_alone(call: Call, text: str) -> ChallengeState:
    """Return what a `Session` says of itself, where nothing else says whose it is.

    Raises NotAuthorizedException.
    """
    try:
        sealed = base64url.decode(text)
        return msgspec.msgpack.decode(call.house.sealer.open_blob(sealed, purpose="session"), type=ChallengeState)
    except (ValueError, SealError):
        raise NotAuthorizedException(INVALID) from None


def seal_srp(call: Call, state: SrpState) -> str:
    """Return the `SECRET_BLOCK` text of a state, in standard base64 as clients decode it."""
    return b64encode(_seal(call, state, "srp")).decode()


def open_srp(call: Call, text: str, *, client: Client) -> SrpState | None:
    """Return what a `SECRET_BLOCK` says, None where it is none of this client's.

    Raises NotAuthorizedException for an expired one.
    """
    try:
        sealed = b64decode(text, validate=True)
        state = msgspec.msgpack.decode(call.house.sealer.open_blob(sealed, purpose="srp"), type=SrpState)
    except (ValueError, SealError):
        return None
    if (state.pool_id, state.client_id) != (client.pool_id, client.client_id):
        return None
    if state.expires_at <= call.now:
        raise NotAuthorizedException(EXPIRED)
    return state


async def require_unspent(call: Call, *, pool_id: str, nonce: str) -> None:
    """Raise NotAuthorizedException for a state that has been spent: before any costly work is done on it."""
    if await sessions.spent(call.db, pool_id=pool_id, nonce=nonce):
        raise NotAuthorizedException(USED)


async def spend(tx: Transaction, *, pool_id: str, spends: tuple[str, int] | None) -> None:
    """Spend a state, (nonce, expiry), in the transaction of what it leads to.

    Raises NotAuthorizedException when it was spent before.
    """
    if spends is None:
        return
    nonce, expires_at = spends
    if not await sessions.spend(tx, pool_id=pool_id, nonce=nonce, expires_at=expires_at):
        raise NotAuthorizedException(USED)


def _seal(call: Call, state: msgspec.Struct, purpose: str) -> bytes:
    return call.house.sealer.seal_blob(msgspec.msgpack.encode(state), purpose=purpose, now=call.now)
