"""How does an authenticator app prove a user while they sign in? The challenge SOFTWARE_TOKEN_MFA and its answer."""

from poolkeeper.accounts import software_tokens
from poolkeeper.auth import pause, sealed_session
from poolkeeper.auth.challenge import AppCode, Because, Challenge
from poolkeeper.auth.sign_in import Proven, SignIn
from poolkeeper.model.factors import SOFTWARE_TOKEN_MFA
from poolkeeper.model.proof import Proof
from poolkeeper.store.db import Transaction

STEP = SOFTWARE_TOKEN_MFA


async def ask(proven: Proven, *, reason: Because) -> Challenge:
    """Ask for a code of the user's authenticator app, by the name that the user gave it."""
    name = await software_tokens.friendly_name(proven.attempt.call, proven.user)
    facts = AppCode(friendly_name=name, shown=proven.user.username)
    return await pause.ask(proven, step=STEP, reason=reason, facts=facts)


async def answer(sign_in: SignIn) -> Proven:
    """Take the code of an authenticator app, in the transaction that spends the Session.

    A wrong code and a used one leave the Session as it was and count towards the lockout. Raises
    CodeMismatchException, ExpiredCodeException, and SoftwareTokenMFANotFoundException where the app was removed since.
    """
    proven = pause.require_proven(sign_in)
    attempt = proven.attempt
    given_code = attempt.require("SOFTWARE_TOKEN_MFA_CODE")

    async def body(tx: Transaction) -> Proof:
        await sealed_session.spend(tx, pool_id=attempt.pool.pool_id, spends=proven.spends)
        return await software_tokens.prove(tx, attempt.call, attempt.pool, proven.user, given_code)

    return proven.proved(await attempt.call.db.write(body)).spent()
