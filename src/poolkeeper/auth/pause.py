"""How does a sign-in pause and go on? A question is asked with sealed state, and that state is taken up again.

flow.py says what a step is and what judges it; sealed_session.py, how the state is sealed and spent.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from poolkeeper.auth import sealed_session
from poolkeeper.auth.attempt import Attempt
from poolkeeper.auth.challenge import Because, Challenge, Facts
from poolkeeper.auth.sign_in import Proven, SignIn
from poolkeeper.defences import lockout
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.lookup import Subject
from poolkeeper.model.factors import FIRST, MFA_SETUP
from poolkeeper.model.second_factor import decide
from poolkeeper.model.user import User
from poolkeeper.store.db import Transaction

Record = Callable[[Transaction], Awaitable[None]]


async def ask(
    sign_in: SignIn, *, step: str, reason: Because, facts: Facts, detail: str = "", record: Record | None = None
) -> Challenge:
    """Ask for a step, with the state of the sign-in sealed in a Session.

    One transaction spends the state that led here and writes what the step `record`s: a code and its message.
    """
    attempt = sign_in.attempt
    if sign_in.spends is not None or record is not None:

        async def body(tx: Transaction) -> None:
            await sealed_session.spend(tx, pool_id=attempt.pool.pool_id, spends=sign_in.spends)
            if record is not None:
                await record(tx)

        await attempt.call.db.write(body)
    return Challenge(name=step, reason=reason, facts=facts, session=session(sign_in, step=step, detail=detail))


def session(sign_in: SignIn, *, step: str, detail: str = "") -> str:
    """Return the Session with which a step is answered: the state of the sign-in, sealed."""
    attempt, user = sign_in.attempt, sign_in.user
    call = attempt.call
    sealed = sealed_session.ChallengeState(
        pool_id=attempt.pool.pool_id,
        client_id=attempt.client.client_id,
        name=sign_in.subject.name,
        subject_id=sign_in.subject.subject_id,
        step=step,
        factors=sign_in.factors,
        failures=sign_in.failures,
        credential_version=0 if user is None else user.credential_version,
        nonce=call.entropy.token(16),
        expires_at=call.now + attempt.client.challenge_validity,
        journey=sign_in.journey,
        detail=detail,
        bucket=sign_in.subject.bucket,
        folded="" if sign_in.subject.folded == sign_in.subject.name else sign_in.subject.folded,
    )
    return sealed_session.seal_challenge(call, sealed)


async def resume(attempt: Attempt, *, step: str) -> SignIn:
    """Take up the state that came with an answer to `step`: of this client, for this person, not spent, not outdated.

    Whoever has proved something goes on as Proven. Raises NotAuthorizedException with the sentence of userpools.md
    (userpools.md 3.5; attacks.md 6).
    """
    call, pool, subject = attempt.call, attempt.pool, attempt.subject
    sealed = sealed_session.open_challenge(call, attempt.given_session or "", client=attempt.client, step=step)
    await sealed_session.require_unspent(call, pool_id=pool.pool_id, nonce=sealed.nonce)
    if not same_person(subject, subject_id=sealed.subject_id, shown=sealed.journey.shown):
        raise refused(Reason.SESSION_OF_ANOTHER_USER)
    version = 0 if subject.user is None else subject.user.credential_version
    if version != sealed.credential_version:  # the password has changed since, or the user has gone or come
        raise refused(Reason.SESSION_BEFORE_CHANGE)
    bucket = lockout.bucket(pool, subject, sealed.bucket)
    sign_in = SignIn(
        attempt=attempt,
        subject=replace(
            subject, name=sealed.name, folded=sealed.folded or sealed.name, subject_id=sealed.subject_id, bucket=bucket
        ),
        journey=sealed.journey,
        failures=sealed.failures,
        spends=(sealed.nonce, sealed.expires_at),
        detail=sealed.detail,
    )
    if not sealed.factors:
        return sign_in
    if subject.user is None:
        raise refused(Reason.SESSION_OF_ANOTHER_USER)
    return sign_in.carrying(sealed.factors)


def require_proven(sign_in: SignIn) -> Proven:
    """Return a sign-in that has come as far as a first proof.

    Raises NotAuthorizedException.
    """
    if not isinstance(sign_in, Proven):
        raise refused(Reason.SESSION_WITHOUT_PROOF)
    return sign_in


def require_set_up_wanted(user: User, sign_in: SignIn, method: str) -> None:
    """Raise NotAuthorizedException unless this user must still set something up, and may choose `method`.

    The first proof must allow a second factor: a code alone, from before the pool demanded a second one, does not. A user
    who has got another factor since must use that one: otherwise somebody who knows only the password could put a mailbox
    or an app of their own in its place.
    """
    demand = decide(sign_in.attempt.pool.mfa, user.mfa, user.attributes, sign_in.factors)
    if not FIRST.intersection(sign_in.factors):
        raise refused(Reason.SESSION_WITHOUT_PROOF)
    if demand is None or demand.challenge != MFA_SETUP or method not in demand.choices:
        raise refused(Reason.SESSION_NOT_ASKED)


def same_person(subject: Subject, *, subject_id: str, shown: str) -> bool:
    """Say whether USERNAME means the person for whom a sign-in began: by the typed name, or by the id that was shown."""
    if subject.subject_id == subject_id:
        return True
    return subject.user is None and bool(shown) and shown in {subject.name, subject.folded}
