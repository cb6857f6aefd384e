"""Which proofs does a level of authentication take? The names of the levels, and the ways in which somebody reaches one.

Source: userpools.md 3.6 and 4; AWS: Authentication levels with ACR and AMR claims. Pure.
"""

from collections.abc import Collection, Mapping
from typing import Any

from poolkeeper.model import factors, first_factor
from poolkeeper.model.factors import EMAIL, EMAIL_OTP, PASSKEY, PASSWORD, SMS, SMS_MFA, SOFTWARE_TOKEN_MFA
from poolkeeper.model.first_factor import Means

HIGHEST = 4
# What each challenge that a sign-in may begin with proves, at the least.
FIRST: Mapping[str, str] = {
    first_factor.PASSWORD: PASSWORD,
    first_factor.PASSWORD_SRP: PASSWORD,
    first_factor.EMAIL_OTP: EMAIL,
    first_factor.SMS_OTP: SMS,
    first_factor.WEB_AUTHN: PASSKEY,
}


def levels_of(document: Mapping[str, Any]) -> Mapping[str, int]:
    """Return the levels by the names that a pool has for them."""
    return {config["AcrValue"]: int(key.removeprefix("Level")) for key, config in document["AcrConfiguration"].items()}


def name_of(document: Mapping[str, Any], level: int) -> str:
    """Return the name that a pool has for a level, which is what the `acr` claim says."""
    return str(document["AcrConfiguration"][f"Level{level}"]["AcrValue"])


def target(document: Mapping[str, Any], named: Collection[str]) -> int:
    """Return the level that a sign-in must reach; one whose name is gone meanwhile is above all others."""
    levels = levels_of(document)
    return max((levels.get(name, HIGHEST + 1) for name in named), default=0)


def second_methods(methods: Collection[str], means: Means) -> tuple[str, ...]:
    """Return the methods by which somebody can prove a second factor on top of a password.

    An address counts once it was proved to be its owner's: whoever holds a stolen access token can write another.
    """
    there = {
        SMS_MFA: SMS_MFA in methods and "phone_number" in means.verified,
        SOFTWARE_TOKEN_MFA: means.totp,
        EMAIL_OTP: EMAIL_OTP in methods and "email" in means.verified,
    }
    return tuple(name for name, held in there.items() if held)


def ways(level: int, *, first: Collection[str], second: Collection[str]) -> tuple[frozenset[str], ...]:
    """Return the sets of factors that reach a level, or where none does exactly, the next higher one that is reached.

    `first` are the challenges to begin with, `second` the methods that can follow on a password.
    """
    alone = [frozenset({FIRST[challenge]}) for challenge in first]
    pairs = [frozenset({PASSWORD, factors.PROVED_BY[method]}) for method in second]
    combinations = [*alone, *(pair for pair in pairs if frozenset({PASSWORD}) in alone)]
    for reached in range(level, HIGHEST + 1):
        ways_there = tuple(
            dict.fromkeys(combination for combination in combinations if factors.level(combination) == reached)
        )
        if ways_there:
            return ways_there
    return ()
