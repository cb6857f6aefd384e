"""What may a sign-in begin with? The choice of USER_AUTH as a table of cases (userpools.md 3.6)."""

from dataclasses import replace

import pytest

from poolkeeper.model.first_factor import Means, choices, configured

ALL = ("PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN")
EVERYTHING = Means(
    password=True,
    email=True,
    phone=True,
    passkey=True,
    totp=True,
    verified=frozenset(),
    two_factors=False,
    passkey_is_two=False,
)
NOTHING = Means(
    password=False,
    email=False,
    phone=False,
    passkey=False,
    totp=False,
    verified=frozenset(),
    two_factors=False,
    passkey_is_two=False,
)
TWO = replace(EVERYTHING, two_factors=True)

# fmt: off
CASES = [
    # what is held                                        allowed          SRP    offered
    (EVERYTHING,                                          ALL,              True,  ("EMAIL_OTP", "SMS_OTP", "PASSWORD", "PASSWORD_SRP", "WEB_AUTHN")),
    (EVERYTHING,                                          ("PASSWORD",),    True,  ("PASSWORD", "PASSWORD_SRP")),
    (EVERYTHING,                                          ("PASSWORD",),    False, ("PASSWORD",)),
    (EVERYTHING,                                          ("EMAIL_OTP",),  True,  ("EMAIL_OTP",)),
    (EVERYTHING,                                          ("SMS_OTP",),    True,  ("SMS_OTP",)),
    (EVERYTHING,                                          ("WEB_AUTHN",),  True,  ("WEB_AUTHN",)),
    (replace(EVERYTHING, phone=False),                    ALL,              True,  ("EMAIL_OTP", "PASSWORD", "PASSWORD_SRP", "WEB_AUTHN")),
    (replace(EVERYTHING, password=False, passkey=False),  ALL,              True,  ("EMAIL_OTP", "SMS_OTP")),
    (replace(NOTHING, passkey=True),                      ALL,              True,  ("WEB_AUTHN",)),
    # A second factor leaves no code to begin with, and a passkey only where it is two factors in one.
    (TWO,                                                 ALL,              True,  ("PASSWORD", "PASSWORD_SRP")),
    (replace(TWO, passkey_is_two=True),                   ALL,              True,  ("PASSWORD", "PASSWORD_SRP", "WEB_AUTHN")),
    # Who has nothing that is allowed is offered what fails.
    (NOTHING,                                             ALL,              True,  ("PASSWORD", "PASSWORD_SRP")),
    (replace(NOTHING, password=True),                     ("EMAIL_OTP",),   False, ("PASSWORD",)),
    (replace(TWO, password=False),                        ALL,              False, ("PASSWORD",)),
]
# fmt: on


@pytest.mark.parametrize(("means", "allowed", "srp", "expected"), CASES)
def test_the_choice_is_the_table(
    means: Means,
    allowed: tuple[str, ...],
    srp: bool,  # noqa: FBT001 - a parameter of pytest's
    expected: tuple[str, ...],
) -> None:
    """What the pool allows, what the user has, and what MFA leaves of it."""
    assert choices(allowed, means, srp=srp) == expected


@pytest.mark.parametrize(
    ("means", "allowed", "expected"),
    [
        (EVERYTHING, ALL, ["PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"]),
        (EVERYTHING, ("EMAIL_OTP",), ["EMAIL_OTP"]),
        (replace(TWO, passkey=False), ALL, ["PASSWORD", "EMAIL_OTP", "SMS_OTP"]),
        (NOTHING, ALL, []),
    ],
)
def test_what_is_configured_is_held_and_allowed(means: Means, allowed: tuple[str, ...], expected: list[str]) -> None:
    """Whatever MFA leaves of it."""
    assert configured(allowed, means) == expected
