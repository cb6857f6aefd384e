"""How does one sign in by challenges of the pool's own? CUSTOM_AUTH: three triggers decide, ask and judge.

    start, right or wrong answer, other proof --> Define --> CUSTOM_CHALLENGE: Create, and its answer goes to Verify
                                                         --> PASSWORD_VERIFIER: SRP, where SRP_A came at the beginning
                                                         --> tokens: a proof like any other, on the way to the gate
                                                         --> failure

Source: userpools.md 3.7; AWS: Custom authentication challenge Lambda triggers. A ghost never gets tokens, whatever the
triggers say.
"""

import msgspec

from poolkeeper import triggers
from poolkeeper.accounts import vouching
from poolkeeper.auth import pause, sealed_session
from poolkeeper.auth.challenge import Because, Challenge, CustomChallenge
from poolkeeper.auth.sign_in import Proven, SignIn
from poolkeeper.auth.steps import beginning, conversation, srp, srp_exchange
from poolkeeper.auth.steps.conversation import Conversation
from poolkeeper.defences import newcomers
from poolkeeper.errors import (
    InvalidLambdaResponseException,
    InvalidParameterException,
)
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.model.factors import DEVICE
from poolkeeper.store.db import Transaction

STEP = "CUSTOM_CHALLENGE"
_WITH_SRP = "SRP_A"


async def start(sign_in: SignIn) -> Challenge | Proven:
    """Begin a conversation, with the password first where the client says so. Triggers: PreAuthentication, Define.

    Raises TooManyRequestsException where too many names were tried from the client's network (newcomers.py).
    """
    attempt = sign_in.attempt
    first = attempt.given.get("CHALLENGE_NAME") or attempt.given.get("ChallengeName") or STEP
    if first not in {_WITH_SRP, STEP}:
        # UNVERIFIED: the words; one call with another CHALLENGE_NAME against AWS would settle them.
        raise InvalidParameterException("Challenge name is not supported")
    talk = Conversation()
    if first == _WITH_SRP:
        # Refused here, whether or not an exchange follows (attacks.md 7, 8).
        srp_exchange.client_public(attempt.require("SRP_A"))
        talk = Conversation(public_value=attempt.require("SRP_A")).answered(_WITH_SRP, right=True)
    srp.require_unlocked(sign_in)
    if not newcomers.has_room(attempt.call, sign_in.subject.subject_id):  # each conversation is a row, a ghost's too
        raise refused(Reason.TOO_MANY_CONVERSATIONS)
    await beginning.pre_authentication(sign_in)
    journey = msgspec.structs.replace(sign_in.journey, conversation=attempt.call.entropy.uuid())
    return await _decide(sign_in.on(journey), talk)


async def answer(sign_in: SignIn) -> Challenge | Proven:
    """Have Verify judge the answer to a custom challenge, and Define decide on its verdict.

    The Session is spent before the answer is judged: a replayed Session with new guesses would hide them from Define,
    which counts them (userpools.md 3.5). Wrong answers do not count towards the lock: the pool's own code counts them.
    """
    attempt = sign_in.attempt
    call, pool = attempt.call, attempt.pool
    if DEVICE not in sign_in.factors:
        sign_in = sign_in.on(sign_in.journey.on_device(attempt.given))

    async def body(tx: Transaction) -> None:
        await sealed_session.spend(tx, pool_id=pool.pool_id, spends=sign_in.spends)

    await call.db.write(body)
    talk = await conversation.read(sign_in)
    right = await triggers.verify_auth_challenge(
        call,
        pool,
        attempt.client,
        subject=sign_in.subject,
        private=talk.private,
        answer=attempt.require("ANSWER"),
        metadata=attempt.metadata,
    )
    return await _decide(sign_in.spent(), talk.answered(STEP, right=right))


async def go_on(proven: Proven) -> Challenge | Proven | None:
    """Tell Define what was proved by other means since its last call, until it consents."""
    if not proven.journey.conversation:
        return None
    talk = await conversation.read(proven)
    return await _decide(proven, talk.proved(proven.factors))


async def _decide(sign_in: SignIn, talk: Conversation) -> Challenge | Proven:
    """Do what DefineAuthChallenge says; a ghost takes the same ways as a user, up to the tokens."""
    attempt = sign_in.attempt
    definition = await triggers.define_auth_challenge(
        attempt.call,
        attempt.pool,
        attempt.client,
        subject=sign_in.subject,
        session=talk.history,
        metadata=attempt.metadata,
    )
    if definition.fail:
        raise refused(Reason.CHALLENGE_FAILED)
    if definition.issue_tokens:
        return _consented(sign_in)
    if definition.challenge_name == STEP:
        return await _ask(sign_in, talk)
    if definition.challenge_name == srp.STEP and talk.public_value:
        return await _exchange(sign_in, talk)
    # UNVERIFIED: what AWS says to a challenge that cannot come here, or to none; one such answer would settle it.
    raise InvalidLambdaResponseException("Unrecognizable lambda output")


async def _ask(sign_in: SignIn, talk: Conversation) -> Challenge:
    """Have a challenge made and ask it; its private parameters stay in the sealed row."""
    attempt = sign_in.attempt
    created = await triggers.create_auth_challenge(
        attempt.call,
        attempt.pool,
        attempt.client,
        subject=sign_in.subject,
        challenge_name=STEP,
        session=talk.history,
        metadata=attempt.metadata,
    )
    waiting = msgspec.structs.replace(talk, private=dict(created.private), metadata=created.metadata)
    document = conversation.sealed(sign_in, waiting)

    async def record(tx: Transaction) -> None:
        await conversation.keep(tx, sign_in, document)

    facts = CustomChallenge(public=created.public, shown=sign_in.journey.shown)
    return await pause.ask(sign_in, step=STEP, reason=Because.CUSTOM, facts=facts, record=record)


async def _exchange(sign_in: SignIn, talk: Conversation) -> Challenge:
    """Go on with SRP and the public value from the beginning; after its answer `go_on` takes over again."""
    challenge = await srp.exchange(sign_in, talk.public_value)
    document = conversation.sealed(sign_in, msgspec.structs.replace(talk, public_value=""))
    pool_id = sign_in.attempt.pool.pool_id

    async def body(tx: Transaction) -> None:
        await sealed_session.spend(tx, pool_id=pool_id, spends=sign_in.spends)
        await conversation.keep(tx, sign_in, document)

    await sign_in.attempt.call.db.write(body)
    return challenge


def _consented(sign_in: SignIn) -> Proven:
    """Return the sign-in proved by the pool's own code, which ends the conversation.

    Raises NotAuthorizedException for a ghost (userpools.md 7.4).
    """
    if sign_in.user is None:
        raise refused(Reason.CHALLENGE_OF_NOBODY)
    journey = msgspec.structs.replace(sign_in.journey, conversation="")
    return sign_in.proved(vouching.by_pools_code(sign_in.user)).on(journey)
