"""To which key are tokens bound, and who may come with them? The key that a request's DPoP proof shows (RFC 9449).

    Call.key_proof   what a request has shown, None for nearly all of them (oauth/dpop.py reads it)
    require_key      a code or a refresh token comes back, which may be bound already
    claim            tokens are about to be made: the proof is spent, before anything else is changed

A proof is spent by a row that all processes see, and only where something would be answered for it: who has neither a code nor
a token that holds fills no table with proofs.
"""

import hashlib
import hmac
from typing import Any

from poolkeeper.call import Call
from poolkeeper.clock import MINUTE
from poolkeeper.crypto import base64url
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.model.client import Client
from poolkeeper.model.pool import Pool
from poolkeeper.store import nonces
from poolkeeper.store.db import Transaction

# A nonce holds for the slot in which it was given and for the next one: two to four minutes.
SLOT = 2 * MINUTE
_SLOT_BYTES, _MAC = 5, 16


def confirmation(jkt: str) -> dict[str, Any]:
    """Return the claim of an access token that is bound to a key, none where it is bound to none (RFC 9449 6.1)."""
    return {"cnf": {"jkt": jkt}} if jkt else {}


async def claim(call: Call, client: Client) -> str:
    """Return the key to which tokens that are about to be made are bound, empty for none; its proof is spent.

    Raises UnprovedKey for a proof that was used before, and where the client takes no tokens that are not bound.
    """
    require_key(call, client)
    await spend(call, client.pool_id)
    return call.jkt


def require_key(call: Call, client: Client, *, bound_to: str = "") -> None:
    """Refuse a request without the key that it must show: the one that a code or a refresh token is bound to, or any.

    Raises UnprovedKey where no key was shown, NotAuthorizedException for another one.
    """
    if not call.jkt and (bound_to or client.dpop_bound):
        raise refused(Reason.KEY_NOT_SHOWN)
    if bound_to and not hmac.compare_digest(bound_to, call.jkt):
        raise refused(Reason.ANOTHER_KEY)


async def spend(call: Call, pool_id: str) -> None:
    """Spend the proof of a request that has one. Raises UnprovedKey where it was spent before, in any process."""
    if call.key_proof is None:
        return

    async def body(tx: Transaction) -> None:
        await spend_within(tx, call, pool_id)

    await call.db.write(body)


async def spend_within(tx: Transaction, call: Call, pool_id: str) -> None:
    """Spend it in the transaction of what it is shown for, which is taken back where it was spent before. Raises UnprovedKey."""
    proof = call.key_proof
    if proof is None:
        return
    if not await nonces.spend(tx, pool_id=pool_id, nonce=proof.spent_as, expires_at=proof.expires_at):
        raise refused(Reason.KEY_PROOF_USED)


def nonce_of(pool: Pool, now: int) -> str:
    """Return the `DPoP-Nonce` of a pool at a moment: a time that nobody else can write down, and no row (RFC 9449 8)."""
    return _written(pool, now // SLOT)


def is_nonce(pool: Pool, text: str, now: int) -> bool:
    """Say whether a nonce is one of this pool's, and young; the next slot's may come from a process whose clock is ahead."""
    slot = now // SLOT
    return any(hmac.compare_digest(text.encode(), _written(pool, one).encode()) for one in (slot, slot - 1, slot + 1))


def _written(pool: Pool, slot: int) -> str:
    key = hmac.digest(pool.secret, b"dpop nonce", hashlib.sha256)
    body = slot.to_bytes(_SLOT_BYTES)
    return base64url.encode(body + hmac.digest(key, pool.pool_id.encode() + b"\x00" + body, hashlib.sha256)[:_MAC])
