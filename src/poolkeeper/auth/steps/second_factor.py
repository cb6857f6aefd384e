"""How is a second factor asked for? By the challenge that the MFA decision demands, once the first factor is proved."""

from collections.abc import Awaitable, Callable, Mapping

from poolkeeper.auth import pause, watching
from poolkeeper.auth.challenge import Because, Challenge, Methods
from poolkeeper.auth.sign_in import Proven, SignIn
from poolkeeper.auth.steps import mfa_setup, one_time_code, software_token
from poolkeeper.errors import InvalidParameterException
from poolkeeper.model.factors import EMAIL_OTP, SMS_MFA, SOFTWARE_TOKEN_MFA
from poolkeeper.model.second_factor import ATTRIBUTES, Demand, decide

CHOICE = "SELECT_MFA_TYPE"
# AWS's pages call the choice of e-mail by a name that its own model does not have (userpools.md 3.4).
_SYNONYMS = {"EMAIL_MFA": EMAIL_OTP}


async def ask_if_demanded(proven: Proven) -> Challenge | None:
    """Ask for the factor that pool, user and risk demand, None where nothing is missing. Triggers: CustomMessage."""
    demand = _demand(proven)
    return None if demand is None else await _ASKS[demand.challenge](proven, demand)


async def answer_choice(sign_in: SignIn) -> Challenge:
    """Ask by the chosen method, if it is still among the choices at this moment."""
    proven = pause.require_proven(sign_in)
    answer = proven.attempt.require("ANSWER")
    chosen = _SYNONYMS.get(answer, answer)
    demand = _demand(proven)
    if demand is None or demand.challenge != CHOICE or chosen not in demand.choices:
        # UNVERIFIED: the words; an ANSWER that was not offered would settle them.
        raise InvalidParameterException("Invalid ANSWER: it must be one of MFAS_CAN_CHOOSE.")
    return await _ASKS[chosen](proven, Demand(chosen))


def _demand(proven: Proven) -> Demand | None:
    user = proven.user
    return decide(proven.attempt.pool.mfa, user.mfa, user.attributes, proven.factors) or watching.demand(proven)


async def _send(proven: Proven, demand: Demand) -> Challenge:
    address = proven.user.attributes[ATTRIBUTES[demand.challenge]]
    return await one_time_code.send(
        proven, challenge=demand.challenge, destination=address, reason=Because.SECOND_FACTOR
    )


async def _ask_app(proven: Proven, _demand: Demand) -> Challenge:
    return await software_token.ask(proven, reason=Because.SECOND_FACTOR)


async def _offer(proven: Proven, demand: Demand) -> Challenge:
    facts = Methods(methods=demand.choices, shown=proven.user.username)
    return await pause.ask(proven, step=CHOICE, reason=Because.CHOICE, facts=facts)


_ASKS: Mapping[str, Callable[[Proven, Demand], Awaitable[Challenge]]] = {
    SMS_MFA: _send,
    EMAIL_OTP: _send,
    SOFTWARE_TOKEN_MFA: _ask_app,
    CHOICE: _offer,
    mfa_setup.STEP: mfa_setup.ask,
}
