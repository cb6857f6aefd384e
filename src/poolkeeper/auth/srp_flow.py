"""How does one sign in without sending the password? USER_SRP_AUTH and its PASSWORD_VERIFIER (contract 3.3)."""

import hashlib
import hmac
from base64 import b64decode
from dataclasses import dataclass, field, replace

import msgspec

from poolkeeper import triggers
from poolkeeper.auth import lockout, passwords, state, steps
from poolkeeper.auth.attempt import Attempt, Challenge, Proven
from poolkeeper.call import Call
from poolkeeper.crypto import srp
from poolkeeper.errors import InvalidParameterException, NotAuthorizedException
from poolkeeper.lookup import Subject
from poolkeeper.model.factors import PASSWORD
from poolkeeper.model.pool import Pool

STEP = "PASSWORD_VERIFIER"
_BYTES = 384
_NOT_ENABLED = "USER_SRP_AUTH is not enabled for the client."


async def start(attempt: Attempt) -> Challenge:
    """Ask PreAuthentication, then begin the exchange."""
    _require_enabled(attempt.pool)
    await triggers.pre_authentication(
        attempt.call,
        attempt.pool,
        attempt.client,
        subject=attempt.subject,
        validation_data=attempt.validation_data,
    )
    return await exchange(attempt)


async def exchange(attempt: Attempt) -> Challenge:
    """Answer SRP_A with SRP_B and the sealed state of the exchange; nobody can tell a ghost's from a user's.

    Raises InvalidParameterException for a public value that would make every password right, before any arithmetic for
    one that is too long (attacks.md 7, 8).
    """
    call, pool = attempt.call, attempt.pool
    _require_enabled(pool)
    client_public = _client_public(attempt.require("SRP_A"))
    lockout.require_unlocked_then(call, attempt.subject)

    kept = _kept(call, pool, attempt.subject)
    secret_b = int.from_bytes(call.entropy.bytes(srp.SECRET_BITS // 8)) or 1
    # Half an RSA signature by the fixed-base table: a thread would cost as much again.
    server_public = srp.server_public(verifier=kept.verifier, secret_b=secret_b)
    block = state.SrpState(
        pool_id=pool.pool_id,
        client_id=attempt.client.client_id,
        name=attempt.subject.name,
        subject_id=attempt.subject.subject_id,
        user_id_for_srp=kept.user_id,
        credential_version=attempt.subject.user.credential_version if attempt.subject.user else 0,
        secret_b=secret_b.to_bytes(srp.SECRET_BITS // 8),
        client_public=client_public.to_bytes((client_public.bit_length() + 7) // 8),
        server_public=server_public.to_bytes(_BYTES),
        nonce=call.entropy.token(16),
        expires_at=call.now + attempt.client.challenge_validity,
        journey=attempt.journey,
    )
    return Challenge(
        name=STEP,
        parameters={
            "SALT": srp.salt_hex(kept.salt),
            "SECRET_BLOCK": state.seal_srp(call, block),
            "SRP_B": srp.to_hex(server_public),
            "USERNAME": kept.user_id,
            "USER_ID_FOR_SRP": kept.user_id,
        },
        session=None,
    )


async def answer(attempt: Attempt) -> Proven:
    """Check the proof of an exchange, and count it if it is wrong.

    The block says whom the exchange was begun for; pycognito and Amplify send no Session with it (contract 3.5).
    """
    call, pool, subject = attempt.call, attempt.pool, attempt.subject
    timestamp = _timestamp(attempt.require("TIMESTAMP"))
    given_signature = _signature(attempt.require("PASSWORD_CLAIM_SIGNATURE"))
    secret_block = attempt.require("PASSWORD_CLAIM_SECRET_BLOCK")
    block = state.open_srp(call, secret_block, client=attempt.client)
    if block is None or not steps.same_person(pool, subject, subject_id=block.subject_id, shown=block.user_id_for_srp):
        raise NotAuthorizedException(passwords.INCORRECT)
    await state.require_unspent(call, pool_id=pool.pool_id, nonce=block.nonce)

    begun_for = _begun_for(block, subject)
    async with lockout.trial(call, pool, begun_for) as trial:
        verifier = _kept(call, pool, begun_for).verifier
        expected = await call.house.heavy.run(
            _expected_signature, pool, block, verifier, b64decode(secret_block), timestamp
        )
        user = subject.user
        right = hmac.compare_digest(expected, given_signature)
        if not right or user is None or user.credential_version != block.credential_version:
            await trial.failed()
            raise NotAuthorizedException(passwords.INCORRECT)

    return Proven(
        user=user,
        factors=(PASSWORD,),
        memberships=subject.memberships,
        failures=trial.failures,
        spends=(block.nonce, block.expires_at),
        journey=_journey(attempt, block.journey),
    )


def _journey(attempt: Attempt, journey: state.Journey) -> state.Journey:
    """Return the journey, with the device that clients name only here where they did not at the beginning."""
    device_key = attempt.given.get("DEVICE_KEY") or journey.device_key
    return msgspec.structs.replace(journey, device_key=device_key)


def _require_enabled(pool: Pool) -> None:
    if not pool.srp:
        raise InvalidParameterException(_NOT_ENABLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """What the arithmetic needs of a user: kept for a real one, made up by HMAC for everybody else."""

    user_id: str
    salt: bytes = field(repr=False)
    verifier: int = field(repr=False)


def _kept(call: Call, pool: Pool, subject: Subject) -> _Kept:
    """Return a user's salt and verifier; a ghost's, and those of a user who has none, are stable over calls."""
    user = subject.user
    verifier = None if user is None else passwords.open_verifier(call, pool, user)
    if user is not None and verifier is not None and user.credential is not None and user.credential.srp_salt:
        return _Kept(user_id=user.username, salt=bytes(user.credential.srp_salt), verifier=verifier)
    seed = hmac.digest(pool.secret, b"srp\x00" + subject.subject_id.encode(), hashlib.sha256)
    made_up = int.from_bytes(hashlib.shake_256(seed).digest(_BYTES)) % srp.N
    return _Kept(user_id=steps.shown_name(pool, subject), salt=seed[: srp.SALT_BYTES], verifier=made_up)


def _begun_for(block: state.SrpState, subject: Subject) -> Subject:
    """Return whom to count: a ghost by the name that was typed first, whatever it is called by now."""
    return replace(subject, name=block.name, subject_id=block.subject_id)


def _client_public(text: str) -> int:
    try:
        return srp.parse_public(text)
    except srp.BadPublicValue:
        # UNVERIFIED: the words; one call with SRP_A=0 against AWS would settle them.
        raise InvalidParameterException("SRP_A is not a valid public value") from None


def _timestamp(text: str) -> str:
    """Return a time that can be read; the moment is not judged, the exchange has its own end (contract 3.3)."""
    try:
        srp.parse_timestamp(text)
    except ValueError:
        raise NotAuthorizedException(passwords.INCORRECT) from None
    return text


def _signature(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError:
        raise NotAuthorizedException(passwords.INCORRECT) from None


def _expected_signature(pool: Pool, block: state.SrpState, verifier: int, secret_block: bytes, timestamp: str) -> bytes:
    """Do the costly half of `answer`, in a thread: two exponentiations modulo N."""
    key = srp.session_key(
        client_public=int.from_bytes(block.client_public),
        server_public=int.from_bytes(block.server_public),
        verifier=verifier,
        secret_b=int.from_bytes(block.secret_b),
    )
    return srp.claim_signature(
        key=key,
        pool_name=pool.srp_name,
        user_id=block.user_id_for_srp,
        secret_block=secret_block,
        timestamp=timestamp,
    )
