"""What can be proved while signing in? The factors by name, what each counts as, and the level that they reach together.

A factor is what was proved, a challenge is how it was asked for: SMS_MFA and SMS_OTP both prove `sms`.
"""

from collections.abc import Collection, Mapping

PASSWORD = "pwd"  # noqa: S105 - RFC 8176's name of a factor
SMS = "sms"
EMAIL = "email_otp"
TOTP = "otp"
PASSKEY = "swk"
# A passkey whose authenticator also verified its user: two factors in one, where the pool says so.
VERIFIED_PASSKEY = "hwk"
CUSTOM = "custom"
DEVICE = "device"
# The address that was proved by a code of SignUp just now, in the same breath.
SIGNED_UP = "signup"
# The word of an identity provider of the pool, which is the whole proof: whatever else was to be proved, was proved there.
FEDERATED = "fed"
# What it told beside: each of its methods, and the level that the pool takes its `acr` for. Nothing but `amr` and `level`
# looks at them.
_METHOD, _LEVEL = "fed-amr-", "fed-level-"

# The names that UserMFASettingList, preferences and SELECT_MFA_TYPE use, which are those of the challenges.
SMS_MFA = "SMS_MFA"
EMAIL_OTP = "EMAIL_OTP"
MFA_SETUP = "MFA_SETUP"
SOFTWARE_TOKEN_MFA = "SOFTWARE_TOKEN_MFA"  # noqa: S105 - the name of a challenge
PROVED_BY: Mapping[str, str] = {SMS_MFA: SMS, EMAIL_OTP: EMAIL, SOFTWARE_TOKEN_MFA: TOTP}

FIRST = frozenset({PASSWORD, CUSTOM, SIGNED_UP})
SECOND = frozenset({SMS, EMAIL, TOTP})
_AMR = (PASSWORD, TOTP, SMS, EMAIL, PASSKEY, VERIFIED_PASSKEY)


def amr(factors: Collection[str]) -> list[str]:
    """Return the `amr` claim of what was proved (RFC 8176; userpools.md 4)."""
    # UNVERIFIED: the order, and whether a step-up with two factors adds `mfa` to them; one token would settle both.
    vouched = {factor.removeprefix(_METHOD) for factor in factors if factor.startswith(_METHOD)}
    named = [name for name in _AMR if name in factors or name in vouched]
    if FEDERATED in factors and not named:
        return [FEDERATED]
    return [*named, "mfa"] if len(named) > 1 or "mfa" in vouched else named


def federated(methods: Collection[str], reached: int) -> tuple[str, ...]:
    """Return the factors of a sign-in at an identity provider, which told its methods and reached a level.

    Methods that Cognito has no name for are dropped (oauth-federation.md 6).
    """
    named_methods = tuple(f"{_METHOD}{name}" for name in (*_AMR, "mfa") if name in methods)
    return (FEDERATED, *named_methods, *((f"{_LEVEL}{reached}",) if reached > 1 else ()))


def level(factors: Collection[str]) -> int:
    """Return the level of authentication, 1 to 4; 0 where nothing that counts was proved (userpools.md 4).

    1 is a password or the word of a provider, 2 one code, 3 a passkey or a password and a code that was sent, 4 a password
    and TOTP; a provider's word reaches what the pool takes its `acr` for.
    """
    vouched = max((int(factor.removeprefix(_LEVEL)) for factor in factors if factor.startswith(_LEVEL)), default=0)
    return max(vouched, _proved_level(set(factors)))


def _proved_level(proved: set[str]) -> int:
    if {PASSWORD, TOTP} <= proved:
        return 4
    if proved & {PASSKEY, VERIFIED_PASSKEY} or (PASSWORD in proved and proved & {SMS, EMAIL}):
        return 3
    if proved & SECOND:
        return 2
    return 1 if proved & {PASSWORD, FEDERATED} else 0
