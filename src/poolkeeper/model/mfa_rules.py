"""Which second factors does a pool ask for? What MFA settings may be, and how the two APIs that set them are one."""

import re
from collections.abc import Mapping
from typing import Any

from poolkeeper.errors import InvalidParameterException
from poolkeeper.model.account_recovery import by_older_rule, recovery_ways
from poolkeeper.model.second_factor import MfaPolicy

# What SetUserPoolMfaConfig alone sets, kept in the pool's document beside the members of UpdateUserPool. That SMS is one
# of the factors is told by SmsMfaConfiguration being there; what it holds is the pool's own SmsConfiguration and
# SmsAuthenticationMessage, which verification messages use too.
FACTORS = ("SmsMfaConfiguration", "SoftwareTokenMfaConfiguration", "EmailMfaConfiguration")
_BLOCKS = (*FACTORS, "WebAuthnConfiguration")
_SMS = ("SmsConfiguration", "SmsAuthenticationMessage")

# What AWS says, as public reports of refused deployments have it.
_NEEDS_SMS = "SMS configuration and Auto verification for phone_number are required when MFA is required/optional"
_OFF_WITH_FACTOR = "Invalid MFA configuration given, can't turn off MFA and configure an MFA together."
_NO_FACTOR = "Invalid MFA Configuration given. SMS MFA, Email MFA, or Software Token MFA must be enabled."
_ALL_DISABLED = "Invalid MFA configuration given, can't disable all MFAs with a required or optional configuration."
_ONE_MAILBOX = (
    "Cannot set EmailMfaConfiguration when user pool AccountRecoverySetting is not set or contains only verified_email in "
    "RecoveryMechanisms."
)
_ONE_PHONE = (
    "Invalid account recovery setting parameter. Account Recovery Setting cannot use verified_phone_number as a recovery "
    "mechanism when SMS MFA is configured."
)
_NOT_LATER = "Cannot turn MFA functionality ON, once the user pool has been created."
_SMS_STAYS = "Can't turn off SMS_MFA when SMS configuration is set for the user pool"
_ONE_TIME_CODES = "Only PASSWORD and WEB_AUTHN (if configured) can be enabled as an auth factor if MFA is enabled"
_SINGLE_FACTOR = (
    "Cannot set WebAuthn factor configuration to SINGLE_FACTOR if MFA is required and WebAuthn is an allowed first auth "
    "factor"
)
# The same, where the pool itself is set and not its MFA.
_PASSKEYS_NOT_FOR_MFA = "WEB_AUTHN cannot be used as an auth factor when MFA is enabled if not configured for MFA."
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def with_mfa_config(document: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
    """Return a pool's document with the MFA settings of SetUserPoolMfaConfig, which replaces all of them.

    An omitted MfaConfiguration is OFF. A factor counts as configured when its member is there, whatever it says. SMS can be
    left out for an app that is new, but not while phone numbers are verified by themselves. Raises InvalidParameterException.
    """
    mode = request.get("MfaConfiguration", "OFF")
    given = {name: request[name] for name in _BLOCKS if name in request}
    factors = [name for name in FACTORS if name in given]
    if mode == "OFF" and factors:
        raise InvalidParameterException(_OFF_WITH_FACTOR)
    verified = document.get("AutoVerifiedAttributes", ())
    leaves_sms = factors and "SmsMfaConfiguration" in document and "SmsMfaConfiguration" not in given
    if leaves_sms and ("phone_number" in verified or "SoftwareTokenMfaConfiguration" in document):
        # UNVERIFIED: that phone_number among AutoVerifiedAttributes, or an app beside SMS before, makes the difference
        # (measured.md 12); the same call with and without each in a pool that has SMS would settle it.
        raise InvalidParameterException(_SMS_STAYS)

    changed = {name: value for name, value in document.items() if name not in _BLOCKS} | given
    if "SmsMfaConfiguration" in given:
        changed.pop("SmsAuthenticationMessage", None)
        changed |= {name: given["SmsMfaConfiguration"][name] for name in _SMS if name in given["SmsMfaConfiguration"]}
        changed["SmsMfaConfiguration"] = {}
    changed["MfaConfiguration"] = mode
    check_mfa(changed, passkeys_alone=_SINGLE_FACTOR)
    return changed


def with_pool_mfa(document: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Return a pool's new document with the factors that go with its MfaConfiguration.

    CreateUserPool (`before` is empty) and UpdateUserPool name no factors: those of SetUserPoolMfaConfig stay, and a pool
    without any takes SMS, for which it must have an SmsConfiguration. Raises InvalidParameterException.
    """
    off = document["MfaConfiguration"] == "OFF"
    kept = {name: before[name] for name in _BLOCKS if name in before and not (off and name in FACTORS)}
    if not off and not any(name in kept for name in FACTORS):
        if not document.get("SmsConfiguration"):
            raise InvalidParameterException(_NOT_LATER if before else _NEEDS_SMS)
        kept["SmsMfaConfiguration"] = {}
    changed = {name: value for name, value in document.items() if name not in _BLOCKS} | kept
    check_mfa(changed, passkeys_alone=_PASSKEYS_NOT_FOR_MFA)
    return changed


def mfa_config(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what GetUserPoolMfaConfig answers: the factors that are configured, and no others.

    Of passkeys that are configured it tells what they count for, also where nobody said.
    """
    configured = {name: document[name] for name in _BLOCKS if name in document}
    if "SmsMfaConfiguration" in configured:
        configured["SmsMfaConfiguration"] = {name: document[name] for name in _SMS if name in document}
    if "WebAuthnConfiguration" in configured:
        # UNVERIFIED: that FactorConfiguration is told where it was not set; a set and a get without it would settle it.
        configured["WebAuthnConfiguration"] = {
            "FactorConfiguration": "SINGLE_FACTOR",
            **configured["WebAuthnConfiguration"],
        }
    return {**configured, "MfaConfiguration": document["MfaConfiguration"]}


def check_mfa(document: Mapping[str, Any], *, passkeys_alone: str) -> None:
    """Raise InvalidParameterException for MFA settings that do not go together (userpools.md 1.2).

    `passkeys_alone` is what is said of passkeys that may come first and are one factor, where MFA is required.
    """
    mode = document["MfaConfiguration"]
    if mode != "OFF" and not any(name in document for name in FACTORS):
        raise InvalidParameterException(_NO_FACTOR)
    if mode != "OFF" and not MfaPolicy.of(document).methods:
        raise InvalidParameterException(_ALL_DISABLED)
    if "SmsMfaConfiguration" in document and not document.get("SmsConfiguration"):
        raise InvalidParameterException(_NEEDS_SMS)
    _check_recovery(document)
    passkeys = document.get("WebAuthnConfiguration", {})
    if "RelyingPartyId" in passkeys:
        _check_relying_party(passkeys["RelyingPartyId"])

    if mode != "ON":
        return
    first = document["Policies"]["SignInPolicy"]["AllowedFirstAuthFactors"]
    if "EMAIL_OTP" in first or "SMS_OTP" in first:
        raise InvalidParameterException(_ONE_TIME_CODES)
    if "WEB_AUTHN" in first and passkeys.get("FactorConfiguration") != "MULTI_FACTOR_WITH_USER_VERIFICATION":
        raise InvalidParameterException(passkeys_alone)


def _check_recovery(document: Mapping[str, Any]) -> None:
    """Refuse a second factor that is the only recovery: one mailbox, or one phone, would be both proofs (attacks.md 50).

    E-mail also goes with no pool that recovers by the older rule. The subject of its message is one line, as all in the
    head of a mail are (attacks.md 97).
    """
    ways = recovery_ways(document)
    if "SmsMfaConfiguration" in document and ways == ("phone_number",):
        raise InvalidParameterException(_ONE_PHONE)
    if "EmailMfaConfiguration" not in document:
        return
    if by_older_rule(document) or ways == ("email",):
        raise InvalidParameterException(_ONE_MAILBOX)
    subject = document["EmailMfaConfiguration"].get("Subject")
    if subject is not None and not subject.isprintable():
        # UNVERIFIED: the words; a subject with a line break against AWS would settle them.
        raise InvalidParameterException("EmailMfaConfiguration.Subject must be one line without control characters.")


def _check_relying_party(name: str) -> None:
    """Refuse what no browser takes as a relying party: not a domain, an address, or a name that many share.

    Of the public suffix list only its first rule is known here, that a name of one label is public; `localhost` is the
    developer's own (WebAuthn Level 3, 5.1.2; publicsuffix.org).
    """
    labels = name.split(".")
    domain = all(_LABEL.fullmatch(label) for label in labels) and not labels[-1].isdigit()
    if name != "localhost" and (not domain or len(labels) < 2):
        # UNVERIFIED: the words; a RelyingPartyId of "com" against AWS would settle them.
        raise InvalidParameterException(f"Invalid RelyingPartyId: {name} is not a domain, or is a public suffix.")
