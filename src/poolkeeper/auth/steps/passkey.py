"""How does a user sign in with a passkey? By the challenge WEB_AUTHN, or at a page before any name is typed."""

from dataclasses import replace
from typing import Any

from poolkeeper.accounts import passkeys
from poolkeeper.auth import pause, sealed_session
from poolkeeper.auth.challenge import Because, Challenge, PasskeyUse
from poolkeeper.auth.sign_in import Proven, SignIn
from poolkeeper.auth.steps import beginning, step_up
from poolkeeper.call import Call
from poolkeeper.clock import HOUR
from poolkeeper.defences import lockout
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.model.client import Client
from poolkeeper.model.journey import Journey
from poolkeeper.model.passkey import WEB_AUTHN, request_options
from poolkeeper.model.pool import Pool
from poolkeeper.model.second_factor import decide
from poolkeeper.store.db import Transaction

STEP = WEB_AUTHN
# The challenge of a page before there is a name: any passkey of the pool may answer it.
ANYBODY = "WEB_AUTHN_OF_ANYBODY"
_OPEN_FOR = HOUR


def ask_anybody(call: Call, pool: Pool, client: Client) -> tuple[dict[str, Any], str] | None:
    """Return the options by which a browser uses any passkey of the pool, and the Session; None where it allows none.

    Nothing is stored. The page may stand open for a while, so the Session is good for an hour, once.
    """
    policy = passkeys.policy_of(call.settings, pool)
    if not policy.allowed or policy.relying_party is None:
        return None
    challenge = call.entropy.token(passkeys.CHALLENGE_BYTES)
    sealed = sealed_session.ChallengeState(
        pool_id=pool.pool_id,
        client_id=client.client_id,
        name="",
        subject_id="",
        step=ANYBODY,
        factors=(),
        failures=0,
        credential_version=0,
        nonce=call.entropy.token(16),
        expires_at=call.now + _OPEN_FOR,
        journey=Journey(),
        detail=challenge,
    )
    options = request_options(
        relying_party=policy.relying_party,
        user_verification=policy.user_verification,
        challenge=challenge,
        timeout=_OPEN_FOR,
        allowed=(),
    )
    return options, sealed_session.seal_challenge(call, sealed)


async def start_at_pages(sign_in: SignIn) -> Proven:
    """Judge the answer to the challenge that any passkey may answer: USERNAME is the passkey's user.

    Triggers: PreAuthentication.
    """
    attempt = sign_in.attempt
    question = sealed_session.open_challenge(
        attempt.call, attempt.given_session or "", client=attempt.client, step=ANYBODY
    )
    await sealed_session.require_unspent(attempt.call, pool_id=attempt.pool.pool_id, nonce=question.nonce)
    await lockout.require_unlocked(attempt.call, attempt.pool, sign_in.subject)
    aim = await step_up.best_aim_of(sign_in, first=(WEB_AUTHN,))
    sign_in = sign_in if aim is None else aim.sign_in
    await beginning.pre_authentication(sign_in)
    return await answer(replace(sign_in, detail=question.detail, spends=(question.nonce, question.expires_at)))


async def ask(sign_in: SignIn) -> Challenge:
    """Ask for a use of one of the user's passkeys; a ghost has one as well, which is the same at every call.

    Raises NotAuthorizedException.
    """
    attempt = sign_in.attempt
    challenge = attempt.call.entropy.token(passkeys.CHALLENGE_BYTES)
    options = await passkeys.options(
        attempt.call,
        attempt.pool,
        sign_in.subject.subject_id,
        challenge=challenge,
        valid_for=attempt.client.challenge_validity,
    )
    return await pause.ask(
        sign_in, step=STEP, reason=Because.FIRST_FACTOR, facts=PasskeyUse(options=options), detail=challenge
    )


async def answer(sign_in: SignIn) -> Proven:
    """Judge the use of a passkey, and spend the Session together with the count of that use."""
    attempt, user = sign_in.attempt, sign_in.user
    pool = attempt.pool
    judged = await passkeys.judge(attempt.call, pool, user, attempt.require("CREDENTIAL"), challenge=sign_in.detail)
    proven = sign_in.proved(judged.proof)
    if decide(pool.mfa, proven.user.mfa, proven.user.attributes, proven.factors) is not None:
        # No second factor may follow on a passkey that is not two in one (userpools.md 3.6).
        raise refused(Reason.PASSKEY_ALONE)

    async def body(tx: Transaction) -> None:
        await sealed_session.spend(tx, pool_id=pool.pool_id, spends=sign_in.spends)
        await passkeys.keep_use(tx, pool, judged)

    await attempt.call.db.write(body)
    return proven.spent()
