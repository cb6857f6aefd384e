"""Which second factor is asked for? The decision as a table of cases (userpools.md 3.8), one sentence a row."""

from collections.abc import Collection
from dataclasses import dataclass

import pytest

from poolkeeper.model.factors import (
    CUSTOM,
    DEVICE,
    EMAIL,
    EMAIL_OTP,
    PASSKEY,
    PASSWORD,
    SIGNED_UP,
    SMS,
    SMS_MFA,
    SOFTWARE_TOKEN_MFA,
    TOTP,
    VERIFIED_PASSKEY,
)
from poolkeeper.model.second_factor import Demand, Mfa, MfaPolicy, decide, in_force

MAIL, PHONE = {"email": "ada@lovelace.example"}, {"phone_number": "+15550100"}
BOTH = MAIL | PHONE
ALL = (SMS_MFA, SOFTWARE_TOKEN_MFA, EMAIL_OTP)
APP = Mfa(totp=True)
APP_ON = Mfa(totp=True, enabled=(SOFTWARE_TOKEN_MFA,))


@dataclass(frozen=True)
class Case:
    """One row: what the pool says and what the user has, and the challenge and choices that come of it."""

    mode: str
    methods: Collection[str]
    recovery: str | None
    mfa: Mfa
    attributes: dict[str, str]
    expected: Demand | None


SELECT, SETUP = "SELECT_MFA_TYPE", "MFA_SETUP"
# fmt: off
CASES = {
    # rule 1: OFF asks for nothing, OPTIONAL for what the user has on
    "off, with everything set up":        Case("OFF", ALL, None, APP_ON, BOTH, None),
    "optional, nothing set up":           Case("OPTIONAL", ALL, None, Mfa(), BOTH, None),
    "optional, app verified but not on":  Case("OPTIONAL", ALL, None, APP, BOTH, None),
    "optional, app on":                   Case("OPTIONAL", ALL, None, APP_ON, BOTH, Demand(SOFTWARE_TOKEN_MFA)),
    "optional, mail on":                  Case("OPTIONAL", ALL, "email", Mfa(enabled=(EMAIL_OTP,)), BOTH, Demand(EMAIL_OTP)),
    "optional, two on":                   Case("OPTIONAL", ALL, None, Mfa(enabled=(SMS_MFA, EMAIL_OTP)), BOTH, Demand(SELECT, (SMS_MFA, EMAIL_OTP))),
    "optional, two on, one preferred":    Case("OPTIONAL", ALL, None, Mfa(enabled=(SMS_MFA, EMAIL_OTP), preferred=EMAIL_OTP), BOTH, Demand(EMAIL_OTP)),
    "optional, the phone is gone":        Case("OPTIONAL", ALL, None, Mfa(enabled=(SMS_MFA,), preferred=SMS_MFA), MAIL, None),
    "optional, the pool sends no SMS":    Case("OPTIONAL", (SOFTWARE_TOKEN_MFA,), None, Mfa(enabled=(SMS_MFA,)), BOTH, None),
    "optional, the pool has no apps any more": Case("OPTIONAL", (SMS_MFA,), None, APP_ON, BOTH, Demand(SOFTWARE_TOKEN_MFA)),
    # rule 2: ON, by preference, else the app, alone or beside what else is possible
    "on, the preferred one":              Case("ON", ALL, None, Mfa(enabled=(SMS_MFA, EMAIL_OTP), preferred=SMS_MFA), BOTH, Demand(SMS_MFA)),
    "on, preferred though it recovers":   Case("ON", ALL, "email", Mfa(enabled=(EMAIL_OTP,), preferred=EMAIL_OTP), BOTH, Demand(EMAIL_OTP)),
    "on, app and no address":             Case("ON", ALL, None, APP_ON, {}, Demand(SOFTWARE_TOKEN_MFA)),
    "on, app that was only verified":     Case("ON", ALL, None, APP, {}, Demand(SOFTWARE_TOKEN_MFA)),
    "on, app and a phone":                Case("ON", ALL, "email", APP_ON, BOTH, Demand(SELECT, (SMS_MFA, SOFTWARE_TOKEN_MFA))),
    "on, app and what recovers":          Case("ON", ALL, "email", APP_ON, MAIL, Demand(SOFTWARE_TOKEN_MFA)),
    "on, app and all":                    Case("ON", ALL, None, APP_ON, BOTH, Demand(SELECT, ALL)),
    # rule 3: ON without an app
    "on, one address":                    Case("ON", ALL, "phone_number", Mfa(), MAIL, Demand(EMAIL_OTP)),
    "on, two addresses, one recovers":    Case("ON", ALL, "email", Mfa(), BOTH, Demand(SMS_MFA)),
    "on, two addresses, none recovers":   Case("ON", ALL, None, Mfa(), BOTH, Demand(SELECT, (SMS_MFA, EMAIL_OTP))),
    "on, what recovers alone":            Case("ON", ALL, "email", Mfa(), MAIL, Demand(SETUP, (SOFTWARE_TOKEN_MFA,))),
    "on, what recovers, turned on":       Case("ON", ALL, "email", Mfa(enabled=(EMAIL_OTP,)), MAIL, Demand(EMAIL_OTP)),
    "on, no address":                     Case("ON", ALL, "email", Mfa(), {}, Demand(SETUP, (SMS_MFA, SOFTWARE_TOKEN_MFA))),
    "on, no address, none recovers":      Case("ON", ALL, None, Mfa(), {}, Demand(SETUP, ALL)),
    "on, apps alone":                     Case("ON", (SOFTWARE_TOKEN_MFA,), None, Mfa(), BOTH, Demand(SETUP, (SOFTWARE_TOKEN_MFA,))),
    "on, nothing possible":               Case("ON", (EMAIL_OTP,), "email", Mfa(), MAIL, Demand(SETUP, ())),
}
# fmt: on


def policy(mode: str, methods: Collection[str], recovery: str | None, *, passkey: bool = False) -> MfaPolicy:
    return MfaPolicy(
        mode=mode,
        methods=frozenset(methods),
        recovery=recovery,
        passkey_is_two=passkey,
        device_is_second=True,
    )


@pytest.mark.parametrize("name", CASES)
def test_the_decision_after_a_password(name: str) -> None:
    """Whoever has proved the password is asked as the row says."""
    case = CASES[name]
    pool = policy(case.mode, case.methods, case.recovery)
    assert decide(pool, case.mfa, case.attributes, (PASSWORD,)) == case.expected
    assert in_force(pool, case.mfa, case.attributes) == (case.expected is not None)


@pytest.mark.parametrize("mode", ["ON", "OPTIONAL"])
@pytest.mark.parametrize(
    ("proved", "enough"),
    [
        ((), False),
        ((PASSWORD,), False),
        ((PASSWORD, TOTP), True),
        ((PASSWORD, SMS), True),
        ((PASSWORD, EMAIL), True),
        ((PASSWORD, DEVICE), True),
        ((CUSTOM,), False),
        ((CUSTOM, TOTP), True),
        ((PASSWORD, CUSTOM), False),
        ((SIGNED_UP,), False),
        ((EMAIL,), False),
        ((EMAIL, SMS), False),
        ((SMS, TOTP), False),
        ((TOTP, DEVICE), False),
        ((PASSKEY,), False),
        ((VERIFIED_PASSKEY,), False),
    ],
    ids=lambda proved: " ".join(proved) if isinstance(proved, tuple) else "",
)
def test_two_factors_are_one_that_comes_first_and_one_that_follows(
    mode: str,
    proved: tuple[str, ...],
    enough: bool,  # noqa: FBT001 - a parameter of pytest
) -> None:
    """attacks.md 4: two codes are no two factors, and nothing at all is none."""
    pool = policy(mode, ALL, None)
    assert (decide(pool, APP_ON, {}, proved) is None) == enough


@pytest.mark.parametrize(
    ("pool_says", "user_says", "enough"),
    [(True, None, True), (True, True, True), (True, False, False), (False, True, False), (False, None, False)],
)
def test_a_verified_passkey_is_two_factors_where_pool_and_user_have_it_so(
    pool_says: bool,  # noqa: FBT001 - a parameter of pytest
    user_says: bool | None,  # noqa: FBT001 - a parameter of pytest
    enough: bool,  # noqa: FBT001 - a parameter of pytest
) -> None:
    """userpools.md 3.6: FactorConfiguration lets it count, WebAuthnMfaSettings can say no; one without UV never counts."""
    pool = policy("ON", ALL, None, passkey=pool_says)
    mfa = Mfa(totp=True, enabled=(SOFTWARE_TOKEN_MFA,), passkey=user_says)
    assert (decide(pool, mfa, {}, (VERIFIED_PASSKEY,)) is None) == enough
    assert decide(pool, mfa, {}, (PASSKEY,)) is not None


def test_what_is_kept_of_a_user_reads_back() -> None:
    """The column holds nothing for nothing, and everything for everything."""
    assert (Mfa.of(None), Mfa().text) == (Mfa(), None)
    everything = Mfa(enabled=ALL, preferred=SMS_MFA, totp=True, passkey=False)
    assert Mfa.of(everything.text) == everything
