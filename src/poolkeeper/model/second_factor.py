"""Is a second factor demanded, and which? The MFA decision of a sign-in, from the pool, the user and what was proved.

Source: userpools.md 3.8; AWS: Adding MFA to a user pool. Pure: its caller asks with what is true now.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from poolkeeper.model import factors
from poolkeeper.model.account_recovery import recovery_ways
from poolkeeper.model.attributes import VERIFIED
from poolkeeper.model.factors import EMAIL_OTP, MFA_SETUP, SMS_MFA, SOFTWARE_TOKEN_MFA

# In the order in which lists and choices name them.
METHODS = (SMS_MFA, SOFTWARE_TOKEN_MFA, EMAIL_OTP)
ATTRIBUTES: Mapping[str, str] = {SMS_MFA: "phone_number", EMAIL_OTP: "email"}


class Mfa(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a user set up: the methods that are on, the preferred one, and whether a software token was verified.

    `passkey` says whether a verified passkey counts as two factors where the pool lets it; None: as the pool has it.
    """

    enabled: tuple[str, ...] = ()
    preferred: str | None = None
    totp: bool = False
    passkey: bool | None = None

    @classmethod
    def of(cls, text: str | None) -> "Mfa":
        """Read the column `users.mfa`, null where nothing was ever set up."""
        return NOTHING if text is None else _decode(text)

    @property
    def text(self) -> str | None:
        """What the column holds."""
        return None if self == NOTHING else msgspec.json.encode(self).decode()


_decode = msgspec.json.Decoder(Mfa).decode
NOTHING = Mfa()


@dataclass(frozen=True, slots=True, kw_only=True)
class MfaPolicy:
    """What a pool demands, and by which methods.

    `recovery` is the attribute that it recovers accounts by first and that is then no second factor; None where it is
    administrators, or the older rule, by which one phone may be both (measured.md 12).
    """

    mode: str
    methods: frozenset[str]
    recovery: str | None
    passkey_is_two: bool
    device_is_second: bool

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "MfaPolicy":
        """Read a pool's document."""
        configured = {
            SMS_MFA: "SmsMfaConfiguration" in document,
            EMAIL_OTP: "EmailMfaConfiguration" in document,
            SOFTWARE_TOKEN_MFA: document.get("SoftwareTokenMfaConfiguration", {}).get("Enabled", False),
        }
        passkeys = document.get("WebAuthnConfiguration", {}).get("FactorConfiguration")
        return cls(
            mode=document.get("MfaConfiguration", "OFF"),
            methods=frozenset(name for name, there in configured.items() if there),
            recovery=next(iter(recovery_ways(document)), None),
            passkey_is_two=passkeys == "MULTI_FACTOR_WITH_USER_VERIFICATION",
            device_is_second=document.get("DeviceConfiguration", {}).get("ChallengeRequiredOnNewDevice", False),
        )


@dataclass(frozen=True, slots=True)
class Demand:
    """The challenge that must come next; `choices` are the methods to select from or to set up.

    A demand for MFA_SETUP without choices cannot be met by anybody: the pool is set to what its user has no way to do.
    """

    challenge: str
    choices: tuple[str, ...] = field(default=())


def decide(policy: MfaPolicy, mfa: Mfa, attributes: Mapping[str, str], proved: Collection[str]) -> Demand | None:
    """Return the challenge that is missing before tokens, None where nothing is."""
    usable = _usable(policy, mfa, attributes)
    required = policy.mode == "ON" or (policy.mode == "OPTIONAL" and bool(usable))
    if not required or _satisfied(policy, mfa, proved):
        return None
    if mfa.preferred in usable:
        return Demand(str(mfa.preferred))
    if policy.mode == "OPTIONAL":
        return _one_of(usable)
    return _required_without_preference(policy, mfa, attributes)


def decide_at_risk(
    policy: MfaPolicy, mfa: Mfa, attributes: Mapping[str, str], proved: Collection[str]
) -> Demand | None:
    """Return the challenge that a risky sign-in is asked, None where it has proved two factors or its user has no more.

    It asks for methods that a user has even where the preference turned them off. A passkey that verified its user is
    both factors.
    """
    if two_at_risk(policy, proved):
        return None
    unproved = tuple(name for name in held(policy, mfa, attributes) if factors.PROVED_BY[name] not in proved)
    if not unproved:
        return None
    return Demand(str(mfa.preferred)) if mfa.preferred in unproved else _one_of(unproved)


def two_at_risk(policy: MfaPolicy, proved: Collection[str]) -> bool:
    """Say whether so much was proved that a risky sign-in is asked no more."""
    if factors.VERIFIED_PASSKEY in proved or (policy.device_is_second and factors.DEVICE in proved):
        return True
    first, second = (factors.FIRST | {factors.PASSKEY}).intersection(proved), factors.SECOND.intersection(proved)
    return len(second) + bool(first) > 1


def held(policy: MfaPolicy, mfa: Mfa, attributes: Mapping[str, str]) -> tuple[str, ...]:
    """Return the methods by which a user could prove a second factor, whether or not they are turned on."""
    if policy.mode == "OFF":
        return ()
    usable = _usable(policy, mfa, attributes)
    by_message = [
        name for name in _by_message(policy, attributes) if attributes.get(VERIFIED[ATTRIBUTES[name]]) == "true"
    ]
    there = {*usable, *by_message, *((SOFTWARE_TOKEN_MFA,) if mfa.totp else ())}
    return tuple(name for name in METHODS if name in there)


def in_force(policy: MfaPolicy, mfa: Mfa, attributes: Mapping[str, str]) -> bool:
    """Say whether a user signs in with two factors here: then codes alone are no first factor (userpools.md 3.6)."""
    return policy.mode == "ON" or (policy.mode == "OPTIONAL" and bool(_usable(policy, mfa, attributes)))


def ways(policy: MfaPolicy, mfa: Mfa, attributes: Mapping[str, str]) -> dict[str, str]:
    """Return the methods by which a user can be asked for a second factor, each with the address that its code goes to.

    Empty where the code comes from an app. Where the pool demands MFA that is more than what was turned on.
    """
    names = set(_usable(policy, mfa, attributes))
    if policy.mode == "ON":
        names |= {*_by_message(policy, attributes), *((SOFTWARE_TOKEN_MFA,) if mfa.totp else ())}
    return {name: attributes.get(ATTRIBUTES.get(name, ""), "") for name in METHODS if name in names}


def passkey_is_two(policy: MfaPolicy, mfa: Mfa) -> bool:
    """Say whether a passkey that verified its user is two factors: the pool lets it, and the user has not said no."""
    return policy.passkey_is_two and mfa.passkey is not False


def _satisfied(policy: MfaPolicy, mfa: Mfa, proved: Collection[str]) -> bool:
    """Say whether two factors were proved; a code that came first is not a second one too."""
    if factors.VERIFIED_PASSKEY in proved and passkey_is_two(policy, mfa):
        return True
    second = factors.SECOND | ({factors.DEVICE} if policy.device_is_second else frozenset())
    return bool(factors.FIRST.intersection(proved)) and bool(second.intersection(proved))


def _usable(policy: MfaPolicy, mfa: Mfa, attributes: Mapping[str, str]) -> tuple[str, ...]:
    """Return the methods that a user has on and can be asked by. A software token outlives its place in the pool's list.

    Users who enrolled go on with it after the pool turned it off (identity-security.md 5.2).
    """
    return tuple(
        name
        for name in METHODS
        if name in mfa.enabled and (mfa.totp if name == SOFTWARE_TOKEN_MFA else _reachable(policy, attributes, name))
    )


def _reachable(policy: MfaPolicy, attributes: Mapping[str, str], method: str) -> bool:
    return method in policy.methods and bool(attributes.get(ATTRIBUTES[method]))


def _required_without_preference(policy: MfaPolicy, mfa: Mfa, attributes: Mapping[str, str]) -> Demand:
    """Decide for a pool that demands MFA and a user who prefers nothing."""
    by_message = _by_message(policy, attributes)
    if mfa.totp:
        return _one_of(tuple(name for name in METHODS if name in by_message or name == SOFTWARE_TOKEN_MFA))
    if by_message:
        return _one_of(by_message)
    # What was turned on by hand is asked for even where the account is recovered by it: there is nothing else.
    if usable := _usable(policy, mfa, attributes):
        return _one_of(usable)
    return Demand(MFA_SETUP, _to_set_up(policy, attributes))


def _by_message(policy: MfaPolicy, attributes: Mapping[str, str]) -> tuple[str, ...]:
    """Return the methods that a message carries to an address by which the account is not recovered."""
    return tuple(
        name
        for name in (SMS_MFA, EMAIL_OTP)
        if _reachable(policy, attributes, name) and ATTRIBUTES[name] != policy.recovery
    )


def _one_of(methods: tuple[str, ...]) -> Demand:
    return Demand(methods[0]) if len(methods) == 1 else Demand("SELECT_MFA_TYPE", methods)


def _to_set_up(policy: MfaPolicy, attributes: Mapping[str, str]) -> tuple[str, ...]:
    """Return the methods to set up: TOTP; with no address at all also messages, but not to where accounts recover."""
    without_address = not any(attributes.get(attribute) for attribute in ATTRIBUTES.values())
    return tuple(
        name
        for name in METHODS
        if name in policy.methods
        and (name == SOFTWARE_TOKEN_MFA or (without_address and ATTRIBUTES[name] != policy.recovery))
    )
