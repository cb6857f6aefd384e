"""Which passkeys does a user have, and what does the use of one prove? Listing them, and judging their assertions.

An assertion cannot be guessed, and judging one costs half an RSA signature: wrong ones do not count towards the lockout,
or five junk texts would lock a user out. A lock from other proofs holds here too (userpools.md 7.3).
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from poolkeeper.call import Call
from poolkeeper.crypto import base64url, webauthn
from poolkeeper.crypto.webauthn_answers import Assertion, BadCredential, Expected, Use, read_assertion
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.hosts import host_in, is_address
from poolkeeper.model.address import main_address
from poolkeeper.model.domain import MEMBERS
from poolkeeper.model.factors import PASSKEY, VERIFIED_PASSKEY
from poolkeeper.model.passkey import PASSKEYS_OF_A_USER, Details, Passkey, PasskeyPolicy, descriptor, request_options
from poolkeeper.model.pool import Pool
from poolkeeper.model.proof import Proof
from poolkeeper.model.user import User
from poolkeeper.settings import Settings
from poolkeeper.store import passkeys
from poolkeeper.store.db import Transaction

CHALLENGE_BYTES = 32
# What passkeys of common authenticators look like: the length of their ids, and their transports.
_COMMON: Sequence[tuple[int, tuple[str, ...]]] = (
    (16, ("hybrid", "internal")),
    (20, ("hybrid", "internal")),
    (32, ("internal",)),
    (16, ("internal",)),
)

_SUB = re.compile(rb"[0-9a-f-]{36}")
_decode = msgspec.json.Decoder(Details).decode


@dataclass(frozen=True, slots=True)
class Judged:
    """A valid use of a passkey: what it proves, the passkey, and the new count of uses."""

    proof: Proof
    passkey: Passkey
    sign_count: int


def policy_of(settings: Settings, pool: Pool) -> PasskeyPolicy:
    """Return a pool's policy for passkeys; its relying party, where it names none, is the host of its main domain.

    An IP address is no relying party (WebAuthn 5.1.3): with one, and without a domain, there is none.
    """
    policy = PasskeyPolicy.of(pool.document)
    if policy.relying_party is not None or not any(map(pool.document.get, MEMBERS.values())):
        return policy
    host = host_in(main_address(settings, pool) or "")
    return policy if not host or is_address(host) else replace(policy, relying_party=host)


def possible(settings: Settings, pool: Pool) -> bool:
    """Say whether anybody could sign in to a pool with a passkey, users and ghosts alike."""
    policy = policy_of(settings, pool)
    return policy.allowed and policy.relying_party is not None


async def available(call: Call, pool: Pool, user_id: str) -> bool:
    """Say whether a user has a passkey to sign in with; MFA, which may forbid it, is not considered here."""
    return possible(call.settings, pool) and bool(await usable(call, pool, user_id))


async def usable(call: Call, pool: Pool, user_id: str) -> tuple[Passkey, ...]:
    """Return a user's passkeys for the present relying party, oldest first."""
    relying_party = policy_of(call.settings, pool).relying_party
    rows = await passkeys.page(call.db, pool_id=pool.pool_id, user_id=user_id, after=(0, ""), limit=PASSKEYS_OF_A_USER)
    return tuple(passkey for passkey in map(passkey_of, rows) if passkey.details.relying_party == relying_party)


def passkey_of(row: passkeys.PasskeyRow) -> Passkey:
    """Decode a row of store/passkeys.py."""
    return Passkey(
        credential_id=row.credential_id,
        user_id=row.user_id,
        public_key=row.public_key,
        sign_count=row.sign_count,
        details=_decode(row.details),
        created_at=row.created_at,
    )


async def options(call: Call, pool: Pool, subject_id: str, *, challenge: str, valid_for: int) -> dict[str, Any]:
    """Return the options by which a browser uses one of the passkeys; a ghost has one too, the same at every call.

    `valid_for` is in milliseconds. Raises NotAuthorizedException where the pool takes no passkeys.
    """
    policy, relying_party = _require_possible(call.settings, pool)
    user_passkeys = await usable(call, pool, subject_id)
    return request_options(
        relying_party=relying_party,
        user_verification=policy.user_verification,
        challenge=challenge,
        timeout=valid_for,
        allowed=[passkey.descriptor for passkey in user_passkeys] or [_made_up(pool, subject_id)],
    )


async def judge(call: Call, pool: Pool, user: User | None, credential: str, *, challenge: str) -> Judged:
    """Judge the use of a passkey of `user`; the result counts once `keep_use` has stored it.

    Every fault raises the same NotAuthorizedException: the API has no other for it. The log says which fault it was, above
    all a count that did not grow, which may mean that a key was copied (attacks.md 51).
    """
    assertion, passkey, use = await _judged(call, pool, credential, challenge=challenge)
    if user is None or passkey is None or passkey.user_id != user.sub:
        raise refused(Reason.ANOTHERS_PASSKEY)
    if assertion.user_handle is not None and assertion.user_handle != user.sub.encode():
        raise refused(Reason.WRONG_USER_HANDLE)
    factor = VERIFIED_PASSKEY if use.user_verified else PASSKEY
    return Judged(Proof(user=user, factor=factor), passkey, use.sign_count)


def claimed_owner(credential: str) -> str:
    """Return the sub of the user that an assertion claims, empty where it claims none; nothing is judged."""
    try:
        handle = read_assertion(credential).user_handle or b""
    except BadCredential:
        return ""
    return handle.decode() if _SUB.fullmatch(handle) else ""


async def keep_use(tx: Transaction, pool: Pool, judged: Judged) -> None:
    """Store the count of a use.

    Raises NotAuthorizedException where the passkey went, or was used, at the same moment.
    """
    passkey_key = {
        "pool_id": pool.pool_id,
        "credential_id": judged.passkey.credential_id,
        "user_id": judged.passkey.user_id,
    }
    if await passkeys.use(tx, **passkey_key, sign_count=judged.sign_count) != 1:
        raise refused(Reason.PASSKEY_CHANGED)


async def _judged(call: Call, pool: Pool, credential: str, *, challenge: str) -> tuple[Assertion, Passkey | None, Use]:
    """Return the assertion, its passkey, None where it is unknown, and what the use proves.

    For an unknown passkey a decoy key is judged: the arithmetic is the same for a ghost.
    """
    policy, relying_party = _require_possible(call.settings, pool)
    expected = Expected(
        challenge=base64url.decode(challenge), relying_party=relying_party, user_verified=policy.user_verified
    )
    try:
        assertion = read_assertion(credential)
        credential_id = base64url.encode(assertion.credential_id)
        row = await passkeys.find(call.db, pool_id=pool.pool_id, credential_id=credential_id)
        passkey = None if row is None else passkey_of(row)
        use = webauthn.judge_assertion(
            assertion,
            expected,
            public_key=webauthn.DECOY_KEY if passkey is None else passkey.public_key,
            sign_count=0 if passkey is None else passkey.sign_count,
        )
    except BadCredential as fault:
        raise refused(Reason.BAD_PASSKEY, detail=f"{fault.fault.name}: {fault}") from None
    return assertion, passkey, use


def _require_possible(settings: Settings, pool: Pool) -> tuple[PasskeyPolicy, str]:
    policy = policy_of(settings, pool)
    if not policy.allowed or policy.relying_party is None:
        raise refused(Reason.PASSKEYS_OFF)
    return policy, policy.relying_party


def _made_up(pool: Pool, subject_id: str) -> Mapping[str, Any]:
    """Return a ghost's passkey, which looks like a user's."""
    seed = hmac.digest(pool.secret, b"passkey\x00" + subject_id.encode(), hashlib.sha256)
    length, transports = _COMMON[seed[0] % len(_COMMON)]
    return descriptor(base64url.encode(hashlib.shake_256(seed).digest(length)), transports)
