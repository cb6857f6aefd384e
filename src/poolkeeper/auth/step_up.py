"""How does a sign-in reach a level that was asked for by name? TARGET_ACR_VALUES, with or without what a token proved.

The level is reached or there are no tokens: what is missing after a proof is asked for, and the gate looks again. MFA
stays what it is. Source: contract, user pools 3.6 and 4; AWS: Authentication levels with ACR and AMR claims.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

import msgspec

from poolkeeper import lookup
from poolkeeper.auth import one_time_codes, passwords, software_token
from poolkeeper.auth.attempt import Attempt, Challenge, Proven
from poolkeeper.auth.means import available, means_of
from poolkeeper.clock import SECOND
from poolkeeper.errors import InvalidParameterException, NotAuthorizedException
from poolkeeper.lookup import Bearer
from poolkeeper.model import factors, levels
from poolkeeper.model.factors import DEVICE, EMAIL_OTP, PASSWORD, SMS_MFA, SOFTWARE_TOKEN_MFA
from poolkeeper.model.first_factor import Means
from poolkeeper.model.second_factor import ATTRIBUTES, Demand, decide
from poolkeeper.tokens.verify import require_bearer

_LONGEST_AGE = 10**9
# UNVERIFIED: the names and words of all refusals here; calls that ask for levels against AWS would settle them.
_NO_TARGET = "TARGET_ACR_VALUES is required when ACCESS_TOKEN is provided"
_UNKNOWN = "None of the requested TARGET_ACR_VALUES are valid"
_UNREACHABLE = "None of the requested TARGET_ACR_VALUES can be satisfied by the user"
_REACHED = "The access token already satisfies the requested TARGET_ACR_VALUES"
_ANOTHER = "The access token does not belong to the user"
_BAD_AGE = "MAX_AGE must be a number of seconds"


@dataclass(frozen=True, slots=True)
class Aim:
    """A level to be reached: by what it may begin, and what a token has proved of it, if one came.

    `complete` says that nothing but a second factor is missing.
    """

    attempt: Attempt
    begins: tuple[str, ...]
    credit: Proven | None
    complete: bool


async def aim_of(attempt: Attempt) -> Aim | None:
    """Return what a sign-in aims at, None where it asked for no level.

    Raises InvalidParameterException where no level that was named is one, can be reached, or is left to be reached;
    as `require_bearer` does for the token, and NotAuthorizedException for somebody else's.
    """
    named = attempt.given.get("TARGET_ACR_VALUES", "").split()
    token = attempt.given.get("ACCESS_TOKEN")
    if not named:
        if token is not None:
            raise InvalidParameterException(_NO_TARGET)
        return None
    known = levels.levels_of(attempt.pool.document)
    wanted = [known[name] for name in named if name in known]
    if not wanted:
        raise InvalidParameterException(_UNKNOWN)
    age = _age(attempt)
    bearer = None if token is None else await _bearer(attempt, token)

    means = await means_of(attempt)
    level, ways = _reachable(attempt, means, wanted)
    fresh = bearer is not None and (age is None or bearer.session.auth_time + age >= attempt.call.now)
    proved = _lasting(bearer.session.factors) if bearer is not None and fresh else ()
    if factors.level(proved) >= level:
        raise InvalidParameterException(_REACHED)

    target = levels.name_of(attempt.pool.document, level)
    origin = bearer.session.session_id if bearer is not None and proved else ""
    attempt = replace(attempt, journey=msgspec.structs.replace(attempt.journey, target=(target,), origin=origin))
    begins = tuple(one for one in available(attempt, means) if _leads(levels.FIRST[one], ways))
    complete = PASSWORD in proved and any(PASSWORD in way and len(way) > 1 for way in ways)
    return Aim(attempt, begins, _credit(attempt, proved), complete)


async def ask_if_short(attempt: Attempt, proven: Proven) -> Challenge | None:
    """Ask for the second factor that the level takes, where the proofs so far do not reach it.

    Where MFA demands one that reaches it too, MFA asks. What a token proved counts while its session lives.
    """
    if not proven.journey.target:
        return None
    await _require_origin(attempt, proven)
    wanted = levels.target(attempt.pool.document, proven.journey.target)
    if factors.level(proven.factors) >= wanted:
        return None
    pool, user = attempt.pool, proven.user
    held = levels.second_methods(pool.mfa.methods, await means_of(attempt))
    enough = [one for one in held if factors.level({*proven.factors, factors.PROVED_BY[one]}) >= wanted]
    demand = decide(pool.mfa, user.mfa, user.attributes, proven.factors)
    if demand is not None and set(demand.choices or (demand.challenge,)) <= set(enough):
        return None
    if not enough:
        raise NotAuthorizedException(passwords.INCORRECT, detail="the level cannot be reached from here")
    method = user.mfa.preferred if user.mfa.preferred in enough else enough[0]
    return await _ASKS[method](attempt, proven, method)


def _reachable(attempt: Attempt, means: Means, wanted: list[int]) -> tuple[int, tuple[frozenset[str], ...]]:
    """Return the first of the levels, which come best first, that there is a way to, and the ways.

    Raises InvalidParameterException.
    """
    first = available(attempt, means)
    second = levels.second_methods(attempt.pool.mfa.methods, means)
    for level in wanted:
        if ways := levels.ways(level, first=first, second=second):
            return level, ways
    raise InvalidParameterException(_UNREACHABLE)


def _leads(factor: str, ways: tuple[frozenset[str], ...]) -> bool:
    """Say whether a proof of a factor begins one of the ways: alone, or as the password that another follows."""
    return any(factor in way and (factor == PASSWORD or len(way) == 1) for way in ways)


async def _bearer(attempt: Attempt, token: str) -> Bearer:
    """Return whom the token speaks for: it must be of the very user and client that sign in."""
    bearer = await require_bearer(attempt.call, token)
    user = attempt.subject.user
    same_client = (bearer.pool.pool_id, bearer.client.client_id) == (attempt.pool.pool_id, attempt.client.client_id)
    if user is None or bearer.user.sub != user.sub or not same_client:
        raise NotAuthorizedException(_ANOTHER)
    return bearer


async def _require_origin(attempt: Attempt, proven: Proven) -> None:
    """Raise NotAuthorizedException where the session that proofs were taken over from has ended since."""
    origin = proven.journey.origin
    if not origin:
        return
    bearer = await lookup.bearer(attempt.call, attempt.pool.pool_id, origin)
    if bearer is None or bearer.session.revoked_at is not None or bearer.user.sub != proven.user.sub:
        raise NotAuthorizedException("Access Token has been revoked")


def _age(attempt: Attempt) -> int | None:
    """Return MAX_AGE in milliseconds, None where there is none.

    Raises InvalidParameterException.
    """
    text = attempt.given.get("MAX_AGE")
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > len(str(_LONGEST_AGE)):
        raise InvalidParameterException(_BAD_AGE)
    return int(text) * SECOND


def _lasting(proved: tuple[str, ...]) -> tuple[str, ...]:
    """Return what a token proves for another session: not its device, which that one names and asks anew."""
    return tuple(factor for factor in proved if factor != DEVICE)


def _credit(attempt: Attempt, proved: tuple[str, ...]) -> Proven | None:
    user = attempt.subject.user
    if user is None or not proved:
        return None
    return Proven(user=user, factors=proved, memberships=attempt.subject.memberships, journey=attempt.journey)


async def _send(attempt: Attempt, proven: Proven, method: str) -> Challenge:
    address = proven.user.attributes[ATTRIBUTES[method]]
    return await one_time_codes.send(attempt, challenge=method, destination=address, so_far=proven)


async def _ask_token(attempt: Attempt, proven: Proven, method: str) -> Challenge:
    return await software_token.ask(attempt, proven, Demand(method))


_ASKS: Mapping[str, Callable[[Attempt, Proven, str], Awaitable[Challenge]]] = {
    SMS_MFA: _send,
    EMAIL_OTP: _send,
    SOFTWARE_TOKEN_MFA: _ask_token,
}
