"""To which key are tokens bound, and who may use them? The key in the request's DPoP proof, and its holder (RFC 9449).

    Call.key_proof   what a request has shown, None for nearly all of them (oauth/dpop.py reads it)
    require_key      a code or a refresh token comes back, which may be bound already
    take_key         tokens are about to be made: the proof is spent, before anything else is changed

A proof is spent by a row that all processes see, and only where it earns an answer: whoever has neither a code nor a valid
token fills no table with proofs.
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
    """Return the claim that binds an access token to a key, no claim if `jkt` is empty (RFC 9449 6.1)."""
    return {"cnf": {"jkt": jkt}} if jkt else {}


async def take_key(call: Call, client: Client) -> str:
    """Spend the request's proof, and return the thumbprint of the key that will bind its tokens, empty for none.

    Raises UnprovedKey for a proof that was used before, and if the client demands bound tokens and no proof came.
    """
    require_key(call, client)
    await spend(call, client.pool_id)
    return call.jkt


def require_key(call: Call, client: Client, *, bound_to: str = "") -> None:
    """Refuse a request without the key that it must show: the one that its code or refresh token is bound to.

    If it is bound to none, any key will do for a client that demands one. Raises UnprovedKey if no key was shown,
    NotAuthorizedException for another key.
    """
    if not call.jkt and (bound_to or client.dpop_bound):
        raise refused(Reason.KEY_NOT_SHOWN)
    if bound_to and not hmac.compare_digest(bound_to, call.jkt):
        raise refused(Reason.ANOTHER_KEY)


async def spend(call: Call, pool_id: str) -> None:
    """Spend the proof of a request that has one. Raises UnprovedKey if any process spent it before."""
    if call.key_proof is None:
        return

    async def body(tx: Transaction) -> None:
        await spend_within(tx, call, pool_id)

    await call.db.write(body)


async def spend_within(tx: Transaction, call: Call, pool_id: str) -> None:
    """Spend the proof in the transaction that it is shown for. Raises UnprovedKey, which rolls that back, if it was spent before."""
    proof = call.key_proof
    if proof is None:
        return
    if not await nonces.spend(tx, pool_id=pool_id, nonce=proof.spent_as, expires_at=proof.expires_at):
        raise refused(Reason.KEY_PROOF_USED)


def nonce_of(pool: Pool, now: int) -> str:
    """Return the `DPoP-Nonce` of a pool at a moment: the time, under a MAC of ours, so that no row is kept (RFC 9449 8)."""
    return _nonce_of_slot(pool, now // SLOT)


def is_nonce(pool: Pool, text: str, now: int) -> bool:
    """Say whether a nonce is a recent one of this pool; the next slot's may come from a process whose clock is ahead."""
    now_slot = now // SLOT
    slots = now_slot, now_slot - 1, now_slot + 1
    return any(hmac.compare_digest(text.encode(), _nonce_of_slot(pool, slot).encode()) for slot in slots)


def _nonce_of_slot(pool: Pool, slot: int) -> str:
    key = hmac.digest(pool.secret, b"dpop nonce", hashlib.sha256)
    body = slot.to_bytes(_SLOT_BYTES)
    return base64url.encode(body + hmac.digest(key, pool.pool_id.encode() + b"\x00" + body, hashlib.sha256)[:_MAC])
