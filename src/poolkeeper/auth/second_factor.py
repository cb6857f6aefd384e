"""How is a second factor asked for? The challenge that the MFA decision calls for, once the first factor is proved."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

import msgspec

from poolkeeper.auth import gate, lockout, mfa_setup, one_time_codes, software_token, state, steps
from poolkeeper.auth.attempt import Attempt, Challenge, Proven
from poolkeeper.errors import InvalidParameterException, NotAuthorizedException
from poolkeeper.model.factors import EMAIL_OTP, SMS_MFA, SOFTWARE_TOKEN_MFA
from poolkeeper.model.second_factor import ATTRIBUTES, Demand, decide

CHOICE = "SELECT_MFA_TYPE"
# AWS's pages call the choice of e-mail by a name that its own model does not have (contract, user pools 3.4).
_SYNONYMS = {"EMAIL_MFA": EMAIL_OTP}


async def ask_if_demanded(attempt: Attempt, proven: Proven) -> Challenge | None:
    """Ask for the factor that pool and user demand, None where nothing is missing. Triggers: CustomMessage."""
    demand = _demand(attempt, proven)
    return None if demand is None else await _ASKS[demand.challenge](attempt, proven, demand)


async def answer_choice(attempt: Attempt) -> Challenge:
    """Ask by the method that was chosen, one of those that there are to choose from at this moment."""
    call, pool = attempt.call, attempt.pool
    resumed = await steps.resume(attempt, step=CHOICE)
    await lockout.require_unlocked(call, pool, resumed.subject)
    user = resumed.subject.user
    if user is None:
        raise NotAuthorizedException(state.INVALID)
    gate.require_good_standing(user)

    so_far = resumed.proven(user)
    answer = attempt.require("ANSWER")
    chosen = _SYNONYMS.get(answer, answer)
    demand = _demand(attempt, so_far)
    if demand is None or demand.challenge != CHOICE or chosen not in demand.choices:
        # UNVERIFIED: the words; an ANSWER that was not offered would settle them.
        raise InvalidParameterException("Invalid ANSWER: it must be one of MFAS_CAN_CHOOSE.")
    return await _ASKS[chosen](replace(attempt, subject=resumed.subject), so_far, Demand(chosen))


def _demand(attempt: Attempt, proven: Proven) -> Demand | None:
    user = proven.user
    return decide(attempt.pool.mfa, user.mfa, user.attributes, proven.factors)


async def _send(attempt: Attempt, proven: Proven, demand: Demand) -> Challenge:
    address = proven.user.attributes[ATTRIBUTES[demand.challenge]]
    return await one_time_codes.send(attempt, challenge=demand.challenge, destination=address, so_far=proven)


async def _offer(attempt: Attempt, proven: Proven, demand: Demand) -> Challenge:
    parameters = {
        "MFAS_CAN_CHOOSE": msgspec.json.encode(demand.choices).decode(),
        "USER_ID_FOR_SRP": proven.user.username,
    }
    return await steps.ask(attempt, step=CHOICE, parameters=parameters, so_far=proven)


_ASKS: Mapping[str, Callable[[Attempt, Proven, Demand], Awaitable[Challenge]]] = {
    SMS_MFA: _send,
    EMAIL_OTP: _send,
    SOFTWARE_TOKEN_MFA: software_token.ask,
    CHOICE: _offer,
    mfa_setup.STEP: mfa_setup.ask,
}
