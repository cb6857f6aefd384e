"""How does a user register a passkey? A browser answers a challenge with a new key, which is judged and stored.

A user has one challenge, the newest, for five minutes; it is bound to the app client of the token and the present credential.
It is a row that one conditional DELETE spends, in the transaction that adds the key (userpools.md 3.6; identity-security.md 5.3).
"""

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from poolkeeper.accounts import mfa_guard
from poolkeeper.accounts.passkeys import CHALLENGE_BYTES, policy_of, usable
from poolkeeper.call import Call
from poolkeeper.clock import MINUTE
from poolkeeper.crypto import base64url, webauthn
from poolkeeper.crypto.webauthn_answers import (
    ALGORITHMS,
    BadCredential,
    Expected,
    Fault,
    Registration,
    read_registration,
)
from poolkeeper.errors import (
    InvalidParameterException,
    LimitExceededException,
    ServiceError,
    WebAuthnChallengeNotFoundException,
    WebAuthnClientMismatchException,
    WebAuthnConfigurationMissingException,
    WebAuthnCredentialNotSupportedException,
    WebAuthnNotEnabledException,
    WebAuthnOriginNotAllowedException,
    WebAuthnRelyingPartyMismatchException,
)
from poolkeeper.lookup import Bearer
from poolkeeper.model.passkey import (
    ATTACHMENTS,
    PASSKEYS_OF_A_USER,
    TRANSPORTS,
    Details,
    PasskeyPolicy,
    creation_options,
)
from poolkeeper.model.pool import Pool
from poolkeeper.model.second_factor import passkey_is_two
from poolkeeper.model.user import User
from poolkeeper.store import passkey_challenges, passkeys
from poolkeeper.store.db import Transaction
from poolkeeper.tokens.verify import require_still


class RegisteredAlready(InvalidParameterException):
    """Raised where the passkey is in the pool by now."""


Still = Callable[[Transaction, Bearer], Awaitable[User]]
"""Returns a bearer's user as of a writing transaction, or raises NotAuthorizedException."""

LIFETIME = 5 * MINUTE

# UNVERIFIED: the words of all refusals here but _UNREADABLE; a registration against AWS for each would settle them.
_NOT_FOUND = "The registration challenge was not found or has expired."
_ANOTHER_PARTY = "The passkey belongs to another relying party."
_UNSUPPORTED = WebAuthnCredentialNotSupportedException, "The passkey is not supported."
_UNREADABLE = InvalidParameterException, "Credential data is not valid"
_REFUSALS: Mapping[Fault, tuple[type[ServiceError], str]] = {
    Fault.CHALLENGE: (WebAuthnChallengeNotFoundException, _NOT_FOUND),
    Fault.ORIGIN: (WebAuthnOriginNotAllowedException, "The origin of the passkey is not allowed."),
    Fault.RELYING_PARTY: (WebAuthnRelyingPartyMismatchException, _ANOTHER_PARTY),
    Fault.USER_NOT_VERIFIED: _UNSUPPORTED,
    Fault.UNSUPPORTED_KEY: _UNSUPPORTED,
}
_CLIENT_MISMATCH = "The registration was started with another app client."
_FULL = f"The user has {PASSKEYS_OF_A_USER} passkeys, which is the limit."


async def begin(call: Call, bearer: Bearer, still: Still = require_still) -> dict[str, Any]:
    """Return the options with which a browser makes a key, and make their challenge the one that counts.

    A writing transaction begins with `still`, which checks that `bearer` is still valid at that moment.

    Raises WebAuthnNotEnabledException, WebAuthnConfigurationMissingException, LimitExceededException.
    """
    pool, user = bearer.pool, bearer.user
    policy = _require_enabled(call, pool)
    _require_proof(call, bearer, user)
    relying_party = policy.relying_party
    if relying_party is None:
        raise WebAuthnConfigurationMissingException("The user pool has neither a relying party id nor a domain.")
    if await passkeys.count(call.db, pool_id=pool.pool_id, user_id=user.sub) >= PASSKEYS_OF_A_USER:
        raise LimitExceededException(_FULL)
    challenge = call.entropy.bytes(CHALLENGE_BYTES)

    async def body(tx: Transaction) -> None:
        fresh = await still(tx, bearer)
        await passkey_challenges.put(
            tx,
            pool_id=pool.pool_id,
            user_id=user.sub,
            digest=_digest(challenge),
            client_id=bearer.client.client_id,
            credential_version=fresh.credential_version,
            expires_at=call.now + LIFETIME,
        )

    await call.db.write(body)
    return creation_options(
        relying_party=relying_party,
        user_verification=policy.user_verification,
        user=user,
        user_handle=base64url.encode(user.sub.encode()),
        shown_name=_shown_name(pool, user),
        challenge=base64url.encode(challenge),
        algorithms=ALGORITHMS,
        held=await usable(call, pool, user.sub),
    )


def _require_proof(call: Call, bearer: Bearer, user: User) -> None:
    """Raise NotAuthorizedException as mfa_guard does, where the passkey would count as two factors of the user."""
    if passkey_is_two(bearer.pool.mfa, user.mfa):
        mfa_guard.require_proof_for_factor(call, bearer, user)


async def complete(call: Call, bearer: Bearer, document: bytes, still: Still = require_still) -> None:
    """Store the key that a browser made; a wrong answer leaves the challenge as it was.

    Raises WebAuthnNotEnabledException, WebAuthnRelyingPartyMismatchException (also where the pool has no relying party
    any more), WebAuthnChallengeNotFoundException, WebAuthnClientMismatchException, InvalidParameterException,
    WebAuthnOriginNotAllowedException, WebAuthnCredentialNotSupportedException, LimitExceededException.
    """
    pool, user = bearer.pool, bearer.user
    policy = _require_enabled(call, pool)
    _require_proof(call, bearer, user)
    relying_party = policy.relying_party
    if relying_party is None:
        raise WebAuthnRelyingPartyMismatchException(_ANOTHER_PARTY)
    digest = await _awaited_digest(call, bearer)
    try:
        registration = read_registration(document)
        challenge = _require_challenge(registration, digest)
        expected = Expected(challenge=challenge, relying_party=relying_party, user_verified=policy.user_verified)
        key = webauthn.judge_registration(registration, expected)
    except BadCredential as fault:
        error, words = _REFUSALS.get(fault.fault, _UNREADABLE)
        raise error(words, detail=f"{fault.fault.name}: {fault}") from None
    details = _details(registration, relying_party)

    async def body(tx: Transaction) -> None:
        # Other registrations of this user wait for the user's row, so that the count below is right.
        fresh = await still(tx, bearer)
        _require_proof(call, bearer, fresh)
        spent = await passkey_challenges.spend(
            tx,
            pool_id=pool.pool_id,
            user_id=user.sub,
            digest=digest,
            credential_version=fresh.credential_version,
            now=call.now,
        )
        if spent != 1:
            raise WebAuthnChallengeNotFoundException(_NOT_FOUND)
        if await passkeys.count(tx, pool_id=pool.pool_id, user_id=user.sub) >= PASSKEYS_OF_A_USER:
            raise LimitExceededException(_FULL)
        added = await passkeys.insert(
            tx,
            pool_id=pool.pool_id,
            credential_id=base64url.encode(key.credential_id),
            user_id=user.sub,
            public_key=key.public_key,
            sign_count=key.sign_count,
            details=details,
            now=call.now,
        )
        if not added:
            raise RegisteredAlready("The passkey is registered already.")

    await call.db.write(body)


def _require_enabled(call: Call, pool: Pool) -> PasskeyPolicy:
    policy = policy_of(call.settings, pool)
    if not policy.allowed:
        raise WebAuthnNotEnabledException("Passkeys are not enabled for the user pool.")
    return policy


async def _awaited_digest(call: Call, bearer: Bearer) -> bytes:
    """Return the digest of the challenge that a user's browser must answer, through the client that began."""
    row = await passkey_challenges.find(call.db, pool_id=bearer.pool.pool_id, user_id=bearer.user.sub)
    current = bearer.user.credential_version
    if row is None or row.expires_at <= call.now or row.credential_version != current:
        raise WebAuthnChallengeNotFoundException(_NOT_FOUND)
    if row.client_id != bearer.client.client_id:
        raise WebAuthnClientMismatchException(_CLIENT_MISMATCH)
    return row.digest


def _require_challenge(registration: Registration, digest: bytes) -> bytes:
    """Return the challenge that was answered; only its digest was stored."""
    if not hmac.compare_digest(_digest(registration.claimed_challenge), digest):
        raise BadCredential(Fault.CHALLENGE, "another challenge")
    return registration.claimed_challenge


def _details(registration: Registration, relying_party: str) -> str:
    """Return the details that lists will show; unknown values from newer browsers are left out."""
    details = Details(
        relying_party=relying_party,
        attachment=registration.attachment if registration.attachment in ATTACHMENTS else None,
        transports=tuple(dict.fromkeys(transport for transport in registration.transports if transport in TRANSPORTS)),
    )
    return msgspec.json.encode(details).decode()


def _shown_name(pool: Pool, user: User) -> str:
    """Return the name by which people choose the passkey: their sign-in name."""
    # UNVERIFIED: what AWS shows in pools whose usernames are ids; a StartWebAuthnRegistration there would settle it.
    addresses = [user.attributes.get(name) for name in sorted(pool.username_attributes)]
    return next((address for address in addresses if address), user.username)


def _digest(challenge: bytes) -> bytes:
    return hashlib.sha256(challenge).digest()
