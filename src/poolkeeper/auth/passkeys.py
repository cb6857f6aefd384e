"""How does one sign in with a passkey? The challenge WEB_AUTHN, what judges its answer, and which passkeys serve here.

An assertion cannot be guessed, and judging one costs half an RSA signature: wrong ones do not count towards the lockout,
or five junk texts would lock somebody out. A lock that others have earned holds here too (contract, user pools 7.3).
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from poolkeeper.auth import lockout, state, steps
from poolkeeper.auth.attempt import Attempt, Challenge, Proven
from poolkeeper.auth.passwords import INCORRECT
from poolkeeper.call import Call
from poolkeeper.crypto import base64url, webauthn
from poolkeeper.crypto.webauthn_answers import Assertion, BadCredential, Expected, Use, read_assertion
from poolkeeper.errors import NotAuthorizedException
from poolkeeper.model.factors import PASSKEY, VERIFIED_PASSKEY
from poolkeeper.model.passkey import (
    PASSKEYS_OF_A_USER,
    WEB_AUTHN,
    Details,
    Passkey,
    PasskeyPolicy,
    descriptor,
    request_options,
)
from poolkeeper.model.pool import Pool
from poolkeeper.model.second_factor import decide
from poolkeeper.model.user import User
from poolkeeper.store import passkeys
from poolkeeper.store.db import Row, Transaction

STEP = WEB_AUTHN
CHALLENGE_BYTES = 32
# What the passkeys of the common keepers look like: the length of their ids, and how they are reached.
_COMMON: Sequence[tuple[int, tuple[str, ...]]] = (
    (16, ("hybrid", "internal")),
    (20, ("hybrid", "internal")),
    (32, ("internal",)),
    (16, ("internal",)),
)

_decode = msgspec.json.Decoder(Details).decode


def possible(pool: Pool) -> bool:
    """Say whether anybody could sign in to a pool with a passkey: what holds for ghosts as for users."""
    policy = PasskeyPolicy.of(pool.document)
    return policy.allowed and policy.relying_party is not None


async def available(call: Call, pool: Pool, user: User) -> bool:
    """Say whether a user has a passkey to sign in with; whether MFA leaves it to him is not asked here."""
    return possible(pool) and bool(await usable(call, pool, user.sub))


async def usable(call: Call, pool: Pool, user_id: str) -> tuple[Passkey, ...]:
    """Return a user's passkeys, oldest first, but those that were made for another relying party than the present one."""
    relying_party = PasskeyPolicy.of(pool.document).relying_party
    rows = await passkeys.page(call.db, pool_id=pool.pool_id, user_id=user_id, after=(0, ""), limit=PASSKEYS_OF_A_USER)
    return tuple(one for one in map(passkey_of, rows) if one.details.relying_party == relying_party)


def passkey_of(row: Row) -> Passkey:
    """Decode a row of store/passkeys.py."""
    return Passkey(
        credential_id=row[0],
        user_id=row[1],
        public_key=bytes(row[2]),
        sign_count=row[3],
        details=_decode(row[4]),
        created_at=row[5],
    )


async def ask(attempt: Attempt, *, spends: tuple[str, int] | None = None) -> Challenge:
    """Ask for a use of one of the passkeys; a ghost has one as well, which is the same at every call.

    `spends` is the state that the choice of this challenge used up. Raises NotAuthorizedException.
    """
    call, pool, subject = attempt.call, attempt.pool, attempt.subject
    policy, relying_party = _require_possible(pool)
    held = await usable(call, pool, subject.subject_id)
    challenge = call.entropy.token(CHALLENGE_BYTES)
    options = request_options(
        relying_party=relying_party,
        user_verification=policy.user_verification,
        challenge=challenge,
        timeout=attempt.client.challenge_validity,
        allowed=[one.descriptor for one in held] or [_made_up(pool, subject.subject_id)],
    )
    return await steps.ask(
        attempt,
        step=STEP,
        parameters={"CREDENTIAL_REQUEST_OPTIONS": msgspec.json.encode(options).decode()},
        spends=spends,
        detail=challenge,
    )


async def answer(attempt: Attempt) -> Proven:
    """Judge the use of a passkey, and spend the Session together with the count of that use.

    Everything that is wrong is one and the same NotAuthorizedException: the API has no other for it. The log says what
    it was, a count that did not grow above all, which may mean that a key was copied (attacks.md 51).
    """
    call, pool, user = attempt.call, attempt.pool, attempt.subject.user
    resumed = await steps.resume(attempt, step=STEP)
    failures = await lockout.require_unlocked(call, pool, resumed.subject)
    given, passkey, use = await _judged(attempt, challenge=resumed.sealed.detail)
    if user is None or passkey is None or passkey.user_id != user.sub:
        raise NotAuthorizedException(INCORRECT, detail="a passkey of somebody else, or of nobody")
    if given.user_handle is not None and given.user_handle != user.sub.encode():
        raise NotAuthorizedException(INCORRECT, detail="a passkey that was made for another user")
    factor = VERIFIED_PASSKEY if use.user_verified else PASSKEY
    proven = resumed.proven(user, factor, failures=failures)
    if decide(pool.mfa, user.mfa, user.attributes, proven.factors) is not None:
        # No second factor may follow on a passkey that is not two in one (contract, user pools 3.6).
        raise NotAuthorizedException(INCORRECT, detail="a passkey alone, where two factors are asked for")

    async def body(tx: Transaction) -> None:
        await state.spend(tx, pool_id=pool.pool_id, spends=resumed.spends)
        place = {"pool_id": pool.pool_id, "credential_id": passkey.credential_id, "user_id": user.sub}
        if await passkeys.use(tx, **place, sign_count=use.sign_count) != 1:
            raise NotAuthorizedException(INCORRECT, detail="the passkey went, or was used, at the same moment")

    await call.db.write(body)
    return replace(proven, spends=None)


async def _judged(attempt: Attempt, *, challenge: str) -> tuple[Assertion, Passkey | None, Use]:
    """Return what was sent, the passkey that it is about and what its use proves, if it is one.

    For a passkey that nobody has a key is taken that serves no one: the arithmetic is the same for a ghost.
    """
    call, pool = attempt.call, attempt.pool
    policy, relying_party = _require_possible(pool)
    expected = Expected(
        challenge=base64url.decode(challenge), relying_party=relying_party, user_verified=policy.user_verified
    )
    try:
        given = read_assertion(attempt.require("CREDENTIAL"))
        credential_id = base64url.encode(given.credential_id)
        row = await passkeys.find(call.db, pool_id=pool.pool_id, credential_id=credential_id)
        passkey = None if row is None else passkey_of(row)
        use = webauthn.judge_assertion(
            given,
            expected,
            public_key=webauthn.DECOY_KEY if passkey is None else passkey.public_key,
            sign_count=0 if passkey is None else passkey.sign_count,
        )
    except BadCredential as fault:
        raise NotAuthorizedException(INCORRECT, detail=f"{fault.fault.name}: {fault}") from None
    return given, passkey, use


def _require_possible(pool: Pool) -> tuple[PasskeyPolicy, str]:
    policy = PasskeyPolicy.of(pool.document)
    if not policy.allowed or policy.relying_party is None:
        raise NotAuthorizedException(INCORRECT, detail="the pool takes no passkeys")
    return policy, policy.relying_party


def _made_up(pool: Pool, subject_id: str) -> Mapping[str, Any]:
    """Return a passkey that nobody has, of a form that somebody's might have."""
    seed = hmac.digest(pool.secret, b"passkey\x00" + subject_id.encode(), hashlib.sha256)
    length, transports = _COMMON[seed[0] % len(_COMMON)]
    return descriptor(base64url.encode(hashlib.shake_256(seed).digest(length)), transports)
