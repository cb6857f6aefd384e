"""How does a sign-in reach a level that was asked for by name? By TARGET_ACR_VALUES, and what a token proved before.

The level is reached or there are no tokens: what is missing after a proof is asked for, and the gate checks again. MFA
is not affected. Source: userpools.md 3.6 and 4; AWS: Authentication levels with ACR and AMR claims.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from poolkeeper import lookup
from poolkeeper.auth.attempt import Attempt
from poolkeeper.auth.challenge import Because, Challenge
from poolkeeper.auth.means import available, means_of
from poolkeeper.auth.sign_in import Proven, SignIn
from poolkeeper.auth.steps import one_time_code, software_token
from poolkeeper.clock import SECOND
from poolkeeper.errors import InvalidParameterException
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.lookup import Bearer
from poolkeeper.model import factors, levels
from poolkeeper.model.factors import DEVICE, EMAIL_OTP, PASSWORD, SMS_MFA, SOFTWARE_TOKEN_MFA
from poolkeeper.model.first_factor import Means
from poolkeeper.model.pool import Pool
from poolkeeper.model.second_factor import ATTRIBUTES, decide
from poolkeeper.tokens.verify import require_bearer

_LONGEST_AGE = 10**9
# UNVERIFIED: the names and words of all refusals here; calls that ask for levels against AWS would settle them.
_NO_TARGET = "TARGET_ACR_VALUES is required when ACCESS_TOKEN is provided"
_UNKNOWN = "None of the requested TARGET_ACR_VALUES are valid"
_UNREACHABLE = "None of the requested TARGET_ACR_VALUES can be satisfied by the user"
_REACHED = "The access token already satisfies the requested TARGET_ACR_VALUES"
_BAD_AGE = "MAX_AGE must be a number of seconds"


@dataclass(frozen=True, slots=True)
class Aim:
    """The way to a level: the sign-in with what a token has proved, and the challenges that it may begin with.

    `complete`: only a second factor is missing.
    """

    sign_in: SignIn
    begins: tuple[str, ...]
    complete: bool


async def aim_of(sign_in: SignIn) -> Aim | None:
    """Return what a sign-in aims at, None where it asked for no level.

    Raises InvalidParameterException where no named level exists or can be reached, or the token has reached it already;
    as `require_bearer` does for the token, and NotAuthorizedException for another user's.
    """
    attempt, pool = sign_in.attempt, sign_in.attempt.pool
    named = attempt.given.get("TARGET_ACR_VALUES", "").split()
    token = attempt.given.get("ACCESS_TOKEN")
    if not named:
        if token is not None:
            raise InvalidParameterException(_NO_TARGET)
        return None
    numbers = levels.levels_of(pool.document)
    wanted_levels = [numbers[name] for name in named if name in numbers]
    if not wanted_levels:
        raise InvalidParameterException(_UNKNOWN)
    age = _age(attempt)
    bearer = None if token is None else await _bearer(sign_in, token)

    means = await means_of(sign_in)
    level, ways = _reachable(pool, means, wanted_levels)
    fresh = bearer is not None and (age is None or bearer.session.auth_time + age >= attempt.call.now)
    proved = _lasting(bearer.session.factors) if bearer is not None and fresh else ()
    if factors.level(proved) >= level:
        raise InvalidParameterException(_REACHED)

    target = levels.name_of(pool.document, level)
    origin = bearer.session.session_id if bearer is not None and proved else ""
    sign_in = sign_in.on(msgspec.structs.replace(sign_in.journey, target=(target,), origin=origin))
    begins = tuple(challenge for challenge in available(pool, means) if _leads(levels.FIRST[challenge], ways))
    complete = PASSWORD in proved and any(PASSWORD in way and len(way) > 1 for way in ways)
    return Aim(sign_in.carrying(proved) if proved else sign_in, begins, complete)


async def best_aim_of(sign_in: SignIn, first: tuple[str, ...] | None = None) -> Aim | None:
    """Return what a sign-in at the pages aims at: the first of the named levels that can be reached.

    Where none of them can, it is the highest that can, so that nobody is stuck at a page: the app sees in `acr` what was
    reached (oauth-federation.md 6). `first` are the challenges that the page begins with, None where the person chooses.
    """
    pool = sign_in.attempt.pool
    numbers = levels.levels_of(pool.document)
    named = sign_in.attempt.given.get("TARGET_ACR_VALUES", "").split()
    wanted_levels = [numbers[name] for name in named if name in numbers]
    if not wanted_levels:
        return None
    means = await means_of(sign_in)
    first = available(pool, means) if first is None else first
    reachable = _best_reached(pool, means, wanted_levels, first)
    if reachable is None:
        return None
    level, ways = reachable
    sign_in = sign_in.on(msgspec.structs.replace(sign_in.journey, target=(levels.name_of(pool.document, level),)))
    return Aim(
        sign_in, tuple(challenge for challenge in first if _leads(levels.FIRST[challenge], ways)), complete=False
    )


def level_at_pages(pool: Pool, means: Means, named: Collection[str], first: Collection[str]) -> int:
    """Return the level that `best_aim_of` aims at for a user with these means, 0 for none."""
    numbers = levels.levels_of(pool.document)
    wanted_levels = [numbers[name] for name in named if name in numbers]
    reachable = _best_reached(pool, means, wanted_levels, first) if wanted_levels else None
    return 0 if reachable is None else reachable[0]


async def ask_if_short(proven: Proven) -> Challenge | None:
    """Ask for the second factor that the level needs, where the proofs so far do not reach it.

    Where MFA demands one that reaches the level too, MFA asks. What a token proved counts while its session lives.
    """
    if not proven.journey.target:
        return None
    await _require_origin(proven)
    pool, user = proven.attempt.pool, proven.user
    wanted_level = levels.target(pool.document, proven.journey.target)
    if factors.level(proven.factors) >= wanted_level:
        return None
    methods = levels.second_methods(pool.mfa.methods, await means_of(proven))
    enough_methods = [
        method_name
        for method_name in methods
        if factors.level({*proven.factors, factors.PROVED_BY[method_name]}) >= wanted_level
    ]
    demand = decide(pool.mfa, user.mfa, user.attributes, proven.factors)
    if demand is not None and set(demand.choices or (demand.challenge,)) <= set(enough_methods):
        return None
    if not enough_methods:
        raise refused(Reason.LEVEL_OUT_OF_REACH)
    method = user.mfa.preferred if user.mfa.preferred in enough_methods else enough_methods[0]
    return await _ASKS[method](proven, method)


def _reachable(pool: Pool, means: Means, wanted_levels: list[int]) -> tuple[int, tuple[frozenset[str], ...]]:
    """Return the first level that can be reached, of levels in order of preference, and the ways to it.

    Raises InvalidParameterException.
    """
    reached = _first_reached(pool, means, wanted_levels, available(pool, means))
    if reached is None:
        raise InvalidParameterException(_UNREACHABLE)
    return reached


def _best_reached(
    pool: Pool, means: Means, wanted_levels: Sequence[int], first: Collection[str]
) -> tuple[int, tuple[frozenset[str], ...]] | None:
    # UNVERIFIED: what managed login does for somebody who can reach none of the levels; a sign-in there with a level 4
    # that was asked for, by a user with a password alone, would settle it.
    return _first_reached(pool, means, [*wanted_levels, *range(min(wanted_levels) - 1, 0, -1)], first)


def _first_reached(
    pool: Pool, means: Means, wanted_levels: Sequence[int], first: Collection[str]
) -> tuple[int, tuple[frozenset[str], ...]] | None:
    """Return the first of the levels that can be reached, and the ways to it; None where none can."""
    second = levels.second_methods(pool.mfa.methods, means)
    for level in wanted_levels:
        if ways := levels.ways(level, first=first, second=second):
            return level, ways
    return None


def _leads(factor: str, ways: tuple[frozenset[str], ...]) -> bool:
    """Say whether a proof of a factor begins one of the ways: alone, or as the password that another follows."""
    return any(factor in way and (factor == PASSWORD or len(way) == 1) for way in ways)


async def _bearer(sign_in: SignIn, token: str) -> Bearer:
    """Return the bearer of the token, which must be of the very user and client that sign in."""
    attempt, user = sign_in.attempt, sign_in.user
    bearer = await require_bearer(attempt.call, token)
    same_client = (bearer.pool.pool_id, bearer.client.shown_id) == (attempt.pool.pool_id, attempt.client.client_id)
    if user is None or bearer.user.sub != user.sub or not same_client:
        raise refused(Reason.TOKEN_OF_ANOTHER_USER)
    return bearer


async def _require_origin(proven: Proven) -> None:
    """Raise NotAuthorizedException where the session that proofs were taken over from has ended since."""
    origin = proven.journey.origin
    if not origin:
        return
    bearer = await lookup.bearer(proven.attempt.call, proven.attempt.pool.pool_id, origin)
    if bearer is None or bearer.session.revoked_at is not None or bearer.user.sub != proven.user.sub:
        raise refused(Reason.TOKEN_REVOKED)


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
    """Return what a token proves for another session: all but its device, which the other session must prove anew."""
    return tuple(factor for factor in proved if factor != DEVICE)


async def _send(proven: Proven, method: str) -> Challenge:
    address = proven.user.attributes[ATTRIBUTES[method]]
    return await one_time_code.send(proven, challenge=method, destination=address, reason=Because.LEVEL)


async def _ask_app(proven: Proven, _method: str) -> Challenge:
    return await software_token.ask(proven, reason=Because.LEVEL)


_ASKS: Mapping[str, Callable[[Proven, str], Awaitable[Challenge]]] = {
    SMS_MFA: _send,
    EMAIL_OTP: _send,
    SOFTWARE_TOKEN_MFA: _ask_app,
}
