"""How does a sign-in pause and go on? A challenge is asked with sealed state, and that state is taken up again.

What a step is and what judges it stands in flow.py; how the state is sealed and spent in state.py.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from poolkeeper import triggers
from poolkeeper.auth import lockout, state
from poolkeeper.auth.attempt import Attempt, Challenge, Proven
from poolkeeper.errors import NotAuthorizedException
from poolkeeper.lookup import Subject
from poolkeeper.model.names import looks_like_email, looks_like_phone
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import User
from poolkeeper.store.db import Transaction

Record = Callable[[Transaction], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """A sign-in that goes on: the state that came back, and whom it was begun for.

    `subject` bears the name that was typed first, so that counters run on the same id whatever it is called by now.
    """

    sealed: state.ChallengeState
    subject: Subject

    @property
    def spends(self) -> tuple[str, int]:
        return self.sealed.nonce, self.sealed.expires_at

    def proven(self, user: User, *factors: str, failures: int | None = None) -> Proven:
        """Return the evidence of everything so far and of what was proved just now."""
        return Proven(
            user=user,
            factors=(*self.sealed.factors, *factors),
            memberships=self.subject.memberships,
            failures=self.sealed.failures if failures is None else max(failures, self.sealed.failures),
            bucket=self.subject.bucket,
            spends=self.spends,
            journey=self.sealed.journey,
        )


async def ask(
    attempt: Attempt,
    *,
    step: str,
    parameters: Mapping[str, str],
    so_far: Proven | None = None,
    spends: tuple[str, int] | None = None,
    detail: str = "",
    record: Record | None = None,
    available: tuple[str, ...] | None = None,
) -> Challenge:
    """Ask for a step, with what was proved `so_far` (nothing, where the first proof is yet to come) sealed in a Session.

    The state that led here is spent in the same transaction as what the step `record`s: a code and its message.
    """
    call, user = attempt.call, attempt.subject.user if so_far is None else so_far.user
    spends = so_far.spends if so_far is not None else spends
    sealed = state.ChallengeState(
        pool_id=attempt.pool.pool_id,
        client_id=attempt.client.client_id,
        name=attempt.subject.name,
        subject_id=attempt.subject.subject_id if user is None else user.sub,
        step=step,
        factors=() if so_far is None else so_far.factors,
        failures=0 if so_far is None else so_far.failures,
        credential_version=0 if user is None else user.credential_version,
        nonce=call.entropy.token(16),
        expires_at=call.now + attempt.client.challenge_validity,
        journey=attempt.journey if so_far is None else so_far.journey,
        detail=detail,
        bucket=attempt.subject.bucket or ("" if so_far is None else so_far.bucket),
    )
    if spends is not None or record is not None:

        async def body(tx: Transaction) -> None:
            await state.spend(tx, pool_id=attempt.pool.pool_id, spends=spends)
            if record is not None:
                await record(tx)

        await call.db.write(body)
    return Challenge(name=step, parameters=parameters, session=state.seal_challenge(call, sealed), available=available)


async def pre_authentication(attempt: Attempt) -> None:
    """Ask PreAuthentication, as every flow does before the first proof."""
    await triggers.pre_authentication(
        attempt.call,
        attempt.pool,
        attempt.client,
        subject=attempt.subject,
        validation_data=attempt.validation_data,
    )


async def resume(attempt: Attempt, *, step: str) -> Resumed:
    """Take up the state that came with an answer to `step`: of this client, for this person, not spent, not outdated.

    Raises NotAuthorizedException with the sentence of the contract (user pools 3.5; attacks.md 6).
    """
    call, pool, subject = attempt.call, attempt.pool, attempt.subject
    sealed = state.open_challenge(call, attempt.given_session or "", client=attempt.client, step=step)
    await state.require_unspent(call, pool_id=pool.pool_id, nonce=sealed.nonce)
    if not same_person(pool, subject, subject_id=sealed.subject_id, shown=sealed.journey.shown):
        raise NotAuthorizedException(state.INVALID)
    version = 0 if subject.user is None else subject.user.credential_version
    if version != sealed.credential_version:  # another password since, or nobody any more, or somebody by now
        raise NotAuthorizedException(state.INVALID)
    bucket = lockout.bucket(pool, subject, sealed.bucket)
    begun_for = replace(subject, name=sealed.name, subject_id=sealed.subject_id, bucket=bucket)
    return Resumed(sealed=sealed, subject=begun_for)


async def never_asked(attempt: Attempt) -> Proven:
    """Refuse the answer to a challenge that no sign-in ever comes to: no Session is of it.

    Raises NotAuthorizedException.
    """
    # UNVERIFIED: that AWS asks for no ADMIN_NO_SRP_AUTH in any flow; one Session that came with it would refute it.
    await resume(attempt, step=attempt.answered)
    raise NotAuthorizedException(state.INVALID)


def same_person(pool: Pool, subject: Subject, *, subject_id: str, shown: str) -> bool:
    """Say whether USERNAME means whom a sign-in was begun for: by the typed name, or by the id that was shown."""
    if subject.subject_id == subject_id:
        return True
    return subject.user is None and bool(shown) and pool.fold(subject.name) == pool.fold(shown)


def shown_name(pool: Pool, subject: Subject) -> str:
    """Return USER_ID_FOR_SRP: a user's stored name, and for a ghost what it would look like (contract 7.4)."""
    if subject.user is not None:
        return subject.user.username
    by_address = looks_like_email(subject.name) or looks_like_phone(subject.name)
    if pool.username_attributes or (pool.alias_attributes and by_address):
        return subject.subject_id
    return subject.name
