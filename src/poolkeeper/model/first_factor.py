"""By what may a sign-in begin? The choice of USER_AUTH: what the pool allows, what the user has, what MFA leaves of it.

Source: userpools.md 3.6; AWS: Authentication flows, choice-based sign-in. Pure: whoever asks does so with what is
true now.
"""

from collections.abc import Collection
from dataclasses import dataclass

PASSWORD = "PASSWORD"  # noqa: S105 - the name of a challenge
PASSWORD_SRP = "PASSWORD_SRP"  # noqa: S105 - the name of a challenge
EMAIL_OTP = "EMAIL_OTP"
SMS_OTP = "SMS_OTP"
WEB_AUTHN = "WEB_AUTHN"
# UNVERIFIED: the order of AvailableChallenges; AWS's examples have this one.
CHALLENGES = (EMAIL_OTP, SMS_OTP, PASSWORD, PASSWORD_SRP, WEB_AUTHN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What somebody has to sign in with; `verified` are the addresses of it that were proved.

    `two_factors` says that a second one is in force for them, `passkey_is_two` that a passkey which verified its user
    counts for both.
    """

    password: bool
    email: bool
    phone: bool
    passkey: bool
    totp: bool
    verified: frozenset[str]
    two_factors: bool
    passkey_is_two: bool


def choices(allowed: Collection[str], means: Means, *, srp: bool) -> tuple[str, ...]:
    """Return the challenges that a sign-in may begin with; `allowed` are the pool's AllowedFirstAuthFactors.

    Whoever has nothing that is allowed is offered the password, which fails: the choice is never empty, and tells
    nothing.
    """
    offered = {
        PASSWORD: means.password and PASSWORD in allowed,
        PASSWORD_SRP: means.password and PASSWORD in allowed and srp,
        EMAIL_OTP: means.email and EMAIL_OTP in allowed and not means.two_factors,
        SMS_OTP: means.phone and SMS_OTP in allowed and not means.two_factors,
        WEB_AUTHN: means.passkey and WEB_AUTHN in allowed and (means.passkey_is_two or not means.two_factors),
    }
    offered_names = tuple(name for name in CHALLENGES if offered[name])
    return offered_names or ((PASSWORD, PASSWORD_SRP) if srp else (PASSWORD,))


def configured(allowed: Collection[str], means: Means) -> list[str]:
    """Return what somebody has of the AllowedFirstAuthFactors, whatever MFA leaves of it."""
    # UNVERIFIED: whether TOTP is named here as SOFTWARE_TOKEN, and whether what the pool does not allow is left out; one
    # answer for a user with everything would settle both.
    available = {PASSWORD: means.password, EMAIL_OTP: means.email, SMS_OTP: means.phone, WEB_AUTHN: means.passkey}
    return [name for name, there in available.items() if there and name in allowed]
