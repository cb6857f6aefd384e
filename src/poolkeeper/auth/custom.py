"""How does one sign in by challenges of the pool's own? CUSTOM_AUTH: three triggers decide, ask and judge.

    start, right or wrong answer, other proof --> Define --> CUSTOM_CHALLENGE: Create, and its answer goes to Verify
                                                         --> PASSWORD_VERIFIER: SRP, where SRP_A came at the beginning
                                                         --> tokens: a proof like any other, on the way to the gate
                                                         --> failure

Source: contract, user pools 3.7; AWS: Custom authentication challenge Lambda triggers. Nobody who is unknown ever gets
tokens, whatever the triggers say.
"""

from dataclasses import replace

import msgspec

from poolkeeper import triggers
from poolkeeper.auth import conversation, passwords, srp_exchange, srp_flow, state, steps
from poolkeeper.auth.attempt import Attempt, Challenge, Proven
from poolkeeper.auth.conversation import Conversation
from poolkeeper.auth.journeys import taken_up
from poolkeeper.errors import InvalidLambdaResponseException, InvalidParameterException, NotAuthorizedException
from poolkeeper.model.factors import CUSTOM
from poolkeeper.store.db import Transaction

STEP = "CUSTOM_CHALLENGE"
_WITH_SRP = "SRP_A"


async def start(attempt: Attempt) -> Challenge | Proven:
    """Begin a conversation, with the password first where the client says so. Triggers: PreAuthentication, Define."""
    call = attempt.call
    first = attempt.given.get("CHALLENGE_NAME") or attempt.given.get("ChallengeName") or STEP
    if first not in {_WITH_SRP, STEP}:
        # UNVERIFIED: the words; one call with another CHALLENGE_NAME against AWS would settle them.
        raise InvalidParameterException("Challenge name is not supported")
    talk = Conversation()
    if first == _WITH_SRP:
        srp_exchange.client_public(attempt)  # refused here, whether or not an exchange follows (attacks.md 7, 8)
        talk = Conversation(public_value=attempt.require("SRP_A")).answered(_WITH_SRP, right=True)
    srp_flow.require_unlocked(attempt)
    await steps.pre_authentication(attempt)
    journey = msgspec.structs.replace(attempt.journey, conversation=call.entropy.uuid())
    return await _decide(replace(attempt, journey=journey), talk, _nothing_yet(attempt, journey))


async def answer(attempt: Attempt) -> Challenge | Proven:
    """Take the answer to a custom challenge to Verify, and what that says to Define.

    The Session is spent before anybody judges: an old one replayed with new guesses would hide them from Define, which
    counts them (contract, user pools 3.5). Wrong answers do not count towards the lock: the pool's own code counts.
    """
    call, pool = attempt.call, attempt.pool
    resumed = await steps.resume(attempt, step=STEP)
    attempt = taken_up(attempt, resumed)
    so_far = _so_far(resumed, attempt.journey)

    async def body(tx: Transaction) -> None:
        await state.spend(tx, pool_id=pool.pool_id, spends=resumed.spends)

    await call.db.write(body)
    talk = await conversation.read(attempt, attempt.journey.conversation)
    right = await triggers.verify_auth_challenge(
        call,
        pool,
        attempt.client,
        subject=attempt.subject,
        private=talk.private,
        answer=attempt.require("ANSWER"),
        metadata=attempt.metadata,
    )
    return await _decide(attempt, talk.answered(STEP, right=right), so_far)


async def go_on(attempt: Attempt, proven: Proven) -> Challenge | Proven | None:
    """Tell Define what was proved by other means since it was asked last, while it has not given its consent yet."""
    if not proven.journey.conversation:
        return None
    # As the user is now: a password of its own may have confirmed it in between.
    subject = replace(attempt.subject, user=proven.user)
    attempt = replace(attempt, journey=proven.journey, subject=subject)
    talk = await conversation.read(attempt, proven.journey.conversation)
    return await _decide(attempt, talk.proved(proven.factors), proven)


async def _decide(attempt: Attempt, talk: Conversation, so_far: Proven | None) -> Challenge | Proven:
    """Do what DefineAuthChallenge says; `so_far` is None for nobody, who goes the same ways up to the tokens."""
    definition = await triggers.define_auth_challenge(
        attempt.call,
        attempt.pool,
        attempt.client,
        subject=attempt.subject,
        session=talk.history,
        metadata=attempt.metadata,
    )
    if definition.fail:
        raise NotAuthorizedException(passwords.INCORRECT)
    if definition.issue_tokens:
        return _consented(so_far)
    if definition.challenge_name == STEP:
        return await _ask(attempt, talk, so_far)
    if definition.challenge_name == srp_flow.STEP and talk.public_value:
        return await _exchange(attempt, talk, so_far)
    # UNVERIFIED: what AWS says to a challenge that cannot come here, or to none; one such answer would settle it.
    raise InvalidLambdaResponseException("Unrecognizable lambda output")


async def _ask(attempt: Attempt, talk: Conversation, so_far: Proven | None) -> Challenge:
    """Have a challenge made and ask it; what the trigger keeps private stays in the sealed row."""
    created = await triggers.create_auth_challenge(
        attempt.call,
        attempt.pool,
        attempt.client,
        subject=attempt.subject,
        challenge_name=STEP,
        session=talk.history,
        metadata=attempt.metadata,
    )
    waiting = msgspec.structs.replace(talk, private=dict(created.private), metadata=created.metadata)
    kept = conversation.sealed(attempt, waiting)

    async def record(tx: Transaction) -> None:
        await conversation.keep(tx, attempt, kept)

    return await steps.ask(
        attempt,
        step=STEP,
        parameters={**created.public, "USERNAME": attempt.journey.shown},
        so_far=so_far,
        record=record,
    )


async def _exchange(attempt: Attempt, talk: Conversation, so_far: Proven | None) -> Challenge:
    """Go over to SRP with the public value that came at the beginning; its answer comes back to `go_on`."""
    given = {**attempt.given, "SRP_A": talk.public_value}
    challenge = await srp_flow.exchange(replace(attempt, given=given))
    kept = conversation.sealed(attempt, msgspec.structs.replace(talk, public_value=""))

    async def body(tx: Transaction) -> None:
        await state.spend(tx, pool_id=attempt.pool.pool_id, spends=None if so_far is None else so_far.spends)
        await conversation.keep(tx, attempt, kept)

    await attempt.call.db.write(body)
    return challenge


def _consented(so_far: Proven | None) -> Proven:
    """Return the evidence that the pool's own code let somebody in, which ends the conversation.

    Raises NotAuthorizedException for nobody (contract, user pools 7.4).
    """
    if so_far is None:
        raise NotAuthorizedException(passwords.INCORRECT)
    journey = msgspec.structs.replace(so_far.journey, conversation="")
    return replace(so_far.with_factor(CUSTOM), journey=journey)


def _nothing_yet(attempt: Attempt, journey: state.Journey) -> Proven | None:
    """Return the evidence at the beginning: whom it would be about, and nothing proved."""
    user = attempt.subject.user
    if user is None:
        return None
    return Proven(user=user, factors=(), memberships=attempt.subject.memberships, journey=journey)


def _so_far(resumed: steps.Resumed, journey: state.Journey) -> Proven | None:
    user = resumed.subject.user
    return None if user is None else replace(resumed.proven(user), spends=None, journey=journey)
