"""How does a code that is sent take part in a sign-in? It is asked for, as the first or second factor, and judged.

accounts/one_time_codes.py says what a code is and what a right one proves.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from poolkeeper.accounts import one_time_codes
from poolkeeper.accounts.account_changes import USER, Watch
from poolkeeper.auth import pause, sealed_session
from poolkeeper.auth.attempt import Attempt
from poolkeeper.auth.challenge import Because, Challenge, CodeSent
from poolkeeper.auth.sign_in import Proven, SignIn
from poolkeeper.errors import CodeMismatchException, InvalidParameterException
from poolkeeper.model.factors import EMAIL, SMS
from poolkeeper.model.proof import Proof
from poolkeeper.store.db import Transaction


@dataclass(frozen=True, slots=True)
class Sent:
    """One challenge by a sent code: where it goes, how long it is, what it proves, what the answer is called."""

    attribute: str
    digits: int
    factor: str
    answered_by: tuple[str, ...]


# fmt: off
CHALLENGES: Mapping[str, Sent] = {
    # challenge           to              digits  proves  answered by
    "SMS_MFA":   Sent("phone_number", 6,      SMS,    ("SMS_MFA_CODE",)),
    "SMS_OTP":   Sent("phone_number", 6,      SMS,    ("SMS_OTP_CODE",)),
    # AWS's pages name the answer in both ways where the code is a second factor (userpools.md 3.4).
    "EMAIL_OTP": Sent("email",        8,      EMAIL,  ("EMAIL_OTP_CODE", "EMAIL_MFA_CODE")),
}
# fmt: on


async def send(
    sign_in: SignIn, *, challenge: str, destination: str, reason: Because, setting_up: bool = False
) -> Challenge:
    """Send a code to an address and ask for it; one transaction stores code and message and spends what led here.

    A ghost is asked too. `setting_up`: the address is not the user's yet. Triggers: CustomMessage, called by the worker
    where the code is the first proof and existence is hidden. Raises TooManyRequestsException, and
    CodeDeliveryFailureException where no sender is set up.
    """
    attempt, user, kind = sign_in.attempt, sign_in.user, CHALLENGES[challenge]
    call, pool, client, subject = attempt.call, attempt.pool, attempt.client, sign_in.subject
    code = one_time_codes.draw(
        call,
        digits=kind.digits,
        attribute=kind.attribute,
        destination=destination,
        expires_at=call.now + client.challenge_validity,
        setting_up=setting_up,
    )
    message = await one_time_codes.write(
        call, pool, client, subject, code, proved_before=bool(sign_in.factors), metadata=attempt.metadata
    )

    async def record(tx: Transaction) -> None:
        await one_time_codes.send(tx, call, pool, subject, code, message)

    shown = user.username if user is not None else sign_in.journey.shown
    facts = CodeSent(attribute=kind.attribute, destination=destination, shown=shown)
    return await pause.ask(sign_in, step=challenge, reason=reason, facts=facts, detail=code.purpose, record=record)


async def judge(sign_in: SignIn) -> Proven:
    """Judge the code that answers a challenge: a right one is spent together with its Session, and verifies its address.

    A wrong one leaves the Session as it was and counts (userpools.md 3.6). Raises as `one_time_codes.prove` does, and
    TooManyRequestsException where too many wrong ones have come from the client's network.
    """
    attempt = sign_in.attempt
    call, pool = attempt.call, attempt.pool
    kind = CHALLENGES[attempt.answered]
    given_code = _given(attempt, kind)
    one_time_codes.require_room(call, pool)
    terms = one_time_codes.Terms(
        factor=kind.factor,
        first=not sign_in.factors,
        signed_up_here=sign_in.journey.signed_up,
        watch=Watch(call, pool, sign_in.subject.subject_id, by=USER),
        still_wanted=lambda user: pause.require_set_up_wanted(user, sign_in, attempt.answered),
    )

    async def body(tx: Transaction) -> Proof:
        await sealed_session.spend(tx, pool_id=pool.pool_id, spends=sign_in.spends)
        return await one_time_codes.prove(
            tx, call, pool, sign_in.subject, purpose=sign_in.detail, given=given_code, terms=terms
        )

    try:
        proof = await call.db.write(body)
    except CodeMismatchException:
        one_time_codes.note_wrong(call)
        raise
    terms.watch.tell()
    return sign_in.proved(proof).spent()


def _given(attempt: Attempt, kind: Sent) -> str:
    """Return the code in the answer, under any of its names.

    Raises InvalidParameterException.
    """
    for name in kind.answered_by:
        if name in attempt.given:
            return attempt.given[name]
    raise InvalidParameterException(f"Missing required parameter {kind.answered_by[0]}")
