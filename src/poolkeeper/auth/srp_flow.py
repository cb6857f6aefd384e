"""How does one sign in without sending the password? USER_SRP_AUTH and its PASSWORD_VERIFIER (contract 3.3)."""

import hashlib
import hmac
from dataclasses import replace

from poolkeeper.auth import lockout, passwords, srp_exchange, state, steps
from poolkeeper.auth.attempt import Attempt, Challenge, Proven
from poolkeeper.auth.journeys import on_device
from poolkeeper.auth.srp_exchange import GROUP_BYTES, Party
from poolkeeper.call import Call
from poolkeeper.crypto import srp
from poolkeeper.errors import InvalidParameterException, NotAuthorizedException
from poolkeeper.lookup import Subject
from poolkeeper.model.factors import PASSWORD
from poolkeeper.model.pool import Pool

STEP = "PASSWORD_VERIFIER"
_NOT_ENABLED = "USER_SRP_AUTH is not enabled for the client."


async def start(attempt: Attempt) -> Challenge:
    """Ask PreAuthentication, then begin the exchange."""
    _require_enabled(attempt.pool)
    require_unlocked(attempt)
    await steps.pre_authentication(attempt)
    return await exchange(attempt)


async def exchange(attempt: Attempt) -> Challenge:
    """Answer SRP_A with SRP_B and the sealed state of the exchange; nobody can tell a ghost's from a user's.

    Raises InvalidParameterException for a public value that is none (attacks.md 7, 8).
    """
    call, pool, subject = attempt.call, attempt.pool, attempt.subject
    _require_enabled(pool)
    public = srp_exchange.client_public(attempt)
    require_unlocked(attempt)

    party = _party(call, pool, subject)
    begun = srp_exchange.begin(attempt, party, public=public, subject=subject, journey=attempt.journey)
    names = {"USERNAME": party.name, "USER_ID_FOR_SRP": party.name}
    return Challenge(name=STEP, parameters={**begun, **names}, session=None)


async def answer(attempt: Attempt) -> Proven:
    """Check the proof of an exchange, and count it if it is wrong.

    The block says whom the exchange was begun for; pycognito and Amplify send no Session with it (contract 3.5).
    """
    call, pool, subject = attempt.call, attempt.pool, attempt.subject
    claimed = srp_exchange.claim(attempt)
    block, user = claimed.block, subject.user
    if not steps.same_person(pool, subject, subject_id=block.subject_id, shown=block.user_id_for_srp):
        raise NotAuthorizedException(passwords.INCORRECT)
    if user is not None and block.user_id_for_srp != user.username:
        raise NotAuthorizedException(passwords.INCORRECT, detail="the block of a device's exchange")
    await state.require_unspent(call, pool_id=pool.pool_id, nonce=block.nonce)

    begun_for = _begun_for(attempt.pool, block, subject)
    async with lockout.trial(call, pool, begun_for) as trial:
        right = await srp_exchange.is_right(call, _party(call, pool, begun_for), claimed)
        if not right or user is None or user.credential_version != block.credential_version:
            await trial.failed()
            raise NotAuthorizedException(passwords.INCORRECT)

    return Proven(
        user=user,
        factors=(PASSWORD,),
        memberships=subject.memberships,
        failures=trial.failures,
        bucket=begun_for.bucket,
        spends=(block.nonce, block.expires_at),
        journey=on_device(block.journey, attempt.given),  # clients name it here that did not at the beginning
    )


def require_unlocked(attempt: Attempt) -> None:
    """Look at the lock before anything is done; where devices are tracked it waits for the answer.

    Clients name there the device that has a lock of its own (attacks.md 23).
    """
    if attempt.pool.devices is None:
        lockout.require_unlocked_then(attempt.call, attempt.subject)


def _require_enabled(pool: Pool) -> None:
    if not pool.srp:
        raise InvalidParameterException(_NOT_ENABLED)


def _party(call: Call, pool: Pool, subject: Subject) -> Party:
    """Return a user's salt and verifier; a ghost's, and those of a user who has none, are stable over calls."""
    user = subject.user
    verifier = None if user is None else passwords.open_verifier(call, pool, user)
    if user is not None and verifier is not None and user.credential is not None and user.credential.srp_salt:
        salt = bytes(user.credential.srp_salt)
        return Party(group=pool.srp_name, name=user.username, salt=salt, verifier=verifier)
    seed = hmac.digest(pool.secret, b"srp\x00" + subject.subject_id.encode(), hashlib.sha256)
    made_up = int.from_bytes(hashlib.shake_256(seed).digest(GROUP_BYTES)) % srp.N
    name = steps.shown_name(pool, subject)
    return Party(group=pool.srp_name, name=name, salt=seed[: srp.SALT_BYTES], verifier=made_up)


def _begun_for(pool: Pool, block: state.SrpState, subject: Subject) -> Subject:
    """Return whom to count: a ghost by the name that was typed first, whatever it is called by now."""
    bucket = lockout.bucket(pool, subject, block.bucket)
    return replace(subject, name=block.name, subject_id=block.subject_id, bucket=bucket)
