"""How does a user sign in without sending the password? USER_SRP_AUTH and its PASSWORD_VERIFIER (userpools.md 3.3)."""

import hashlib
from dataclasses import replace

from poolkeeper.accounts import passwords
from poolkeeper.auth import pause, sealed_session, watching
from poolkeeper.auth.attempt import Attempt
from poolkeeper.auth.challenge import Because, Challenge
from poolkeeper.auth.sign_in import Proven, SignIn
from poolkeeper.auth.steps import beginning, srp_exchange
from poolkeeper.defences import ghosts, lockout
from poolkeeper.errors import InvalidParameterException
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.model.journey import Journey
from poolkeeper.model.pool import Pool

STEP = "PASSWORD_VERIFIER"
_FLOW = "USER_SRP_AUTH"
_NOT_ENABLED = "USER_SRP_AUTH is not enabled for the client."


async def start(sign_in: SignIn) -> Challenge:
    """Call PreAuthentication, then begin the exchange."""
    _require_enabled(sign_in.attempt.pool)
    require_unlocked(sign_in)
    await beginning.pre_authentication(sign_in)
    beginning.require_a_password(sign_in)
    return await exchange(sign_in)


async def exchange(sign_in: SignIn, public_value: str | None = None) -> Challenge:
    """Answer SRP_A with SRP_B and the sealed state of the exchange; a ghost's looks like a user's.

    `public_value` is the SRP_A of an earlier request, where this one brings none. The block carries no earlier proofs.
    Raises InvalidParameterException for a bad public value (attacks.md 7, 8).
    """
    attempt = sign_in.attempt
    call, pool = attempt.call, attempt.pool
    _require_enabled(pool)
    public = srp_exchange.client_public(attempt.require("SRP_A") if public_value is None else public_value)
    require_unlocked(sign_in)

    party = passwords.party(call, pool, sign_in.subject, shown=ghosts.shown_name(pool, sign_in.subject))
    bare = SignIn(attempt=attempt, subject=sign_in.subject, journey=sign_in.journey)
    facts = srp_exchange.begin(bare, party, public=public, username=party.name)
    # In CUSTOM_AUTH and USER_AUTH the challenge has a Session (measured.md 12), which only names the block: the state of
    # the sign-in is in the block, which is spent by its own nonce.
    own = bare.journey.flow == _FLOW
    session = None if own else pause.session(bare, step=STEP, detail=_digest(facts.secret_block))
    return Challenge(name=STEP, reason=Because.FIRST_FACTOR, facts=facts, session=session)


async def answer(sign_in: SignIn) -> Challenge | Proven:
    """Check the proof of an exchange, and count it if it is wrong.

    The block says for whom the exchange began. Some clients send its Session back and some do not (userpools.md 3.5): a
    Session that comes must belong to the block.
    """
    attempt = sign_in.attempt
    call, pool, subject = attempt.call, attempt.pool, attempt.subject
    exchange_answer = srp_exchange.read(attempt)
    block, user = exchange_answer.block, subject.user
    _require_own_session(attempt, block.journey)
    if not pause.same_person(subject, subject_id=block.subject_id, shown=block.user_id_for_srp):
        raise refused(Reason.ANOTHERS_BLOCK)
    if user is not None and block.user_id_for_srp != user.username:
        raise refused(Reason.DEVICE_BLOCK)
    await sealed_session.require_unspent(call, pool_id=pool.pool_id, nonce=block.nonce)

    # A ghost counts by the name that was typed first, whatever name this request uses.
    bucket = lockout.bucket(pool, subject, block.bucket)
    begun_for = replace(subject, name=block.name, subject_id=block.subject_id, bucket=bucket)
    party = passwords.party(call, pool, begun_for, shown=block.user_id_for_srp)
    begun = SignIn(
        attempt=attempt,
        subject=begun_for,
        journey=block.journey.on_device(attempt.given),  # some clients name the device only here
        spends=(block.nonce, block.expires_at),
    )

    async def judge(sign_in: SignIn) -> Proven:
        proof = await passwords.prove_exchange(
            call,
            pool,
            begun_for,
            party,
            exchange_answer.claim,
            credential_version=block.credential_version,
            kept_out=watching.keeps_out(sign_in),
        )
        return sign_in.proved(proof)

    return await watching.attempted(watching.answered(begun), judge)


def require_unlocked(sign_in: SignIn) -> None:
    """Refuse a locked subject before anything is done; where devices are tracked, the answer is refused instead.

    In the answer clients name the device, which has a lock of its own (attacks.md 23).
    """
    if sign_in.attempt.pool.devices is None:
        lockout.require_unlocked_then(sign_in.attempt.call, sign_in.subject)


def _require_own_session(attempt: Attempt, journey: Journey) -> None:
    """Refuse a Session that does not belong to this block; USER_SRP_AUTH has no Session and ignores any.

    Raises NotAuthorizedException.
    """
    if attempt.given_session is None or journey.flow == _FLOW:
        return
    sealed = sealed_session.open_challenge(attempt.call, attempt.given_session, client=attempt.client, step=STEP)
    if sealed.detail != _digest(attempt.require("PASSWORD_CLAIM_SECRET_BLOCK")):
        raise refused(Reason.SESSION_OF_ANOTHER_STEP)


def _digest(secret_block: str) -> str:
    return hashlib.sha256(secret_block.encode()).hexdigest()


def _require_enabled(pool: Pool) -> None:
    if not pool.srp:
        raise InvalidParameterException(_NOT_ENABLED)
