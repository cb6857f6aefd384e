"""Which second factors may a user turn on, off and prefer? What SetUserMFAPreference comes to.

Source: userpools.md 3.8; AWS: SetUserMFAPreference. Pure: its caller asks with what is true now.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from poolkeeper.errors import InvalidParameterException
from poolkeeper.model.factors import SOFTWARE_TOKEN_MFA
from poolkeeper.model.second_factor import ATTRIBUTES, METHODS, Mfa, MfaPolicy

# What AWS says: of a software token that is not there an administrator hears the first, the user one of the others
# (measured.md 7).
_NO_DELIVERY = "User does not have delivery config set to turn on {}"
NOT_SET_UP = "User has not set up software token mfa"
NOT_VERIFIED = "User has not verified software token mfa"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a user wants of one method."""

    enabled: bool
    preferred: bool


def with_wishes(
    policy: MfaPolicy,
    mfa: Mfa,
    attributes: Mapping[str, str],
    wishes: Mapping[str, Wish],
    *,
    tokenless: str = _NO_DELIVERY.format(SOFTWARE_TOKEN_MFA),
) -> Mfa:
    """Return a user's second factors after `wishes`, by method; methods that they do not name stay as they are.

    `tokenless` is the sentence for a software token that does not count yet. Raises InvalidParameterException for a
    method that cannot be asked for, for two that are preferred, and for turning one off where the pool requires MFA.
    """
    preferred = [name for name, wish in wishes.items() if wish.preferred]
    # UNVERIFIED: the words "Only one MFA method"; a call with two preferred methods would settle them.
    if len(preferred) > 1:
        raise InvalidParameterException("Only one MFA method can be set as preferred.")
    # UNVERIFIED: the words "must be enabled"; a call that prefers a method which is off would settle them.
    if any(not wishes[name].enabled for name in preferred):
        raise InvalidParameterException("An MFA method must be enabled to be preferred.")
    for name, wish in wishes.items():
        if wish.enabled:
            _require_available(policy, mfa, attributes, name, tokenless=tokenless)
        elif name in mfa.enabled:
            _require_optional(policy)

    enabled = tuple(name for name in METHODS if (wishes[name].enabled if name in wishes else name in mfa.enabled))
    kept = None if mfa.preferred in wishes else mfa.preferred
    return msgspec.structs.replace(mfa, enabled=enabled, preferred=preferred[0] if preferred else kept)


def with_passkeys(policy: MfaPolicy, mfa: Mfa, *, enabled: bool) -> Mfa:
    """Return a user's second factors with passkeys counting as two, or not.

    Raises InvalidParameterException where the pool counts none as two, or the user has nothing beside them.
    """
    # UNVERIFIED: the words about MULTI_FACTOR_WITH_USER_VERIFICATION; WebAuthnMfaSettings in a SINGLE_FACTOR pool would settle
    # them.
    if enabled and not policy.passkey_is_two:
        raise InvalidParameterException(
            "WebAuthn factor configuration must be MULTI_FACTOR_WITH_USER_VERIFICATION to turn on passkey MFA."
        )
    # UNVERIFIED: the words "needs another MFA method"; WebAuthnMfaSettings alone would settle them.
    if enabled and not mfa.enabled:
        raise InvalidParameterException("Passkey MFA needs another MFA method to be turned on.")
    return msgspec.structs.replace(mfa, passkey=enabled)


def with_token(mfa: Mfa, *, enabled: bool) -> Mfa:
    """Return a user's second factors with a verified software token, turned on at once if `enabled`."""
    on = tuple(name for name in METHODS if name in mfa.enabled or (enabled and name == SOFTWARE_TOKEN_MFA))
    return msgspec.structs.replace(mfa, totp=True, enabled=on)


def without_token(mfa: Mfa) -> Mfa:
    """Return a user's second factors without a software token."""
    return msgspec.structs.replace(
        mfa,
        totp=False,
        enabled=tuple(name for name in mfa.enabled if name != SOFTWARE_TOKEN_MFA),
        preferred=None if mfa.preferred == SOFTWARE_TOKEN_MFA else mfa.preferred,
    )


def _require_available(
    policy: MfaPolicy, mfa: Mfa, attributes: Mapping[str, str], name: str, *, tokenless: str
) -> None:
    """Refuse a method that the user has no way to be asked by. A software token outlives its place in the pool's list."""
    if name == SOFTWARE_TOKEN_MFA:
        if not mfa.totp:
            raise InvalidParameterException(tokenless)
        return
    if name not in policy.methods or not attributes.get(ATTRIBUTES[name]):
        raise InvalidParameterException(_NO_DELIVERY.format(name))


def _require_optional(policy: MfaPolicy) -> None:
    """Refuse to turn a factor off where MFA is required: there users can only prefer one (AWS: SoftwareTokenMfaSettingsType)."""
    if policy.mode == "ON":
        # UNVERIFIED: whether AWS refuses or ignores it, and the words; one call in such a pool would settle both.
        raise InvalidParameterException("MFA cannot be turned off for a user when the user pool requires MFA.")
