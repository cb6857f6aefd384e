"""Which second factors does a pool ask for? What MFA settings may be, and how the two APIs that set them are one."""

import re
from collections.abc import Mapping
from typing import Any

from poolkeeper.errors import InvalidParameterException
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
# UNVERIFIED: the words, made after those that public reports have for SMS; a pool with e-mail MFA that recovers by e-mail
# alone would settle them. That AWS refuses it is reported (terraform-provider-aws 41049).
_ONE_MAILBOX = (
    "Invalid account recovery setting parameter. Account Recovery Setting cannot use verified_email as the only recovery "
    "mechanism when Email MFA is configured."
)
_ONE_TIME_CODES = "Only PASSWORD and WEB_AUTHN (if configured) can be enabled as an auth factor if MFA is enabled"
_SINGLE_FACTOR = (
    "Cannot set WebAuthn factor configuration to SINGLE_FACTOR if MFA is required and WebAuthn is an allowed first auth "
    "factor"
)
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def with_mfa_config(document: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
    """Return a pool's document with the MFA settings of SetUserPoolMfaConfig, which replaces all of them.

    An omitted MfaConfiguration is OFF. A factor counts as configured when its member is there, whatever it says.
    Raises InvalidParameterException.
    """
    mode = request.get("MfaConfiguration", "OFF")
    given = {name: request[name] for name in _BLOCKS if name in request}
    factors = [name for name in FACTORS if name in given]
    if mode == "OFF" and factors:
        raise InvalidParameterException(_OFF_WITH_FACTOR)

    changed = {name: value for name, value in document.items() if name not in _BLOCKS} | given
    if "SmsMfaConfiguration" in given:
        changed.pop("SmsAuthenticationMessage", None)
        changed |= {name: given["SmsMfaConfiguration"][name] for name in _SMS if name in given["SmsMfaConfiguration"]}
        changed["SmsMfaConfiguration"] = {}
    elif mode != "OFF" and not factors and document.get("SmsConfiguration"):
        changed["SmsMfaConfiguration"] = {}
    changed["MfaConfiguration"] = mode
    check_mfa(changed)
    return changed


def with_pool_mfa(document: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Return a pool's new document with the factors that go with its MfaConfiguration.

    CreateUserPool (`before` is empty) and UpdateUserPool name no factors: those of SetUserPoolMfaConfig stay, and a pool
    without any takes SMS, for which it must have an SmsConfiguration. Raises InvalidParameterException.
    """
    kept = {name: before[name] for name in _BLOCKS if name in before}
    if document["MfaConfiguration"] == "OFF":
        kept = {name: value for name, value in kept.items() if name not in FACTORS}
    elif not document.get("SmsConfiguration"):
        kept.pop("SmsMfaConfiguration", None)
        if not any(name in kept for name in FACTORS):
            raise InvalidParameterException(_NEEDS_SMS)
    elif not any(name in kept for name in FACTORS):
        kept["SmsMfaConfiguration"] = {}
    changed = {**document, **kept}
    check_mfa(changed)
    return changed


def mfa_config(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what GetUserPoolMfaConfig answers: the factors that are configured, and no others."""
    shown = {name: document[name] for name in _BLOCKS if name in document}
    if "SmsMfaConfiguration" in shown:
        shown["SmsMfaConfiguration"] = {name: document[name] for name in _SMS if name in document}
    return {**shown, "MfaConfiguration": document["MfaConfiguration"]}


def check_mfa(document: Mapping[str, Any]) -> None:
    """Raise InvalidParameterException for MFA settings that do not go together (contract, user pools 1.2)."""
    mode = document["MfaConfiguration"]
    if mode != "OFF" and not any(name in document for name in FACTORS):
        raise InvalidParameterException(_NO_FACTOR)
    if mode != "OFF" and not MfaPolicy.of(document).methods:
        raise InvalidParameterException(_ALL_DISABLED)
    if "SmsMfaConfiguration" in document and not document.get("SmsConfiguration"):
        raise InvalidParameterException(_NEEDS_SMS)
    _check_mail(document)
    passkeys = document.get("WebAuthnConfiguration", {})
    if "RelyingPartyId" in passkeys:
        _check_relying_party(passkeys["RelyingPartyId"])

    if mode != "ON":
        return
    first = document["Policies"]["SignInPolicy"]["AllowedFirstAuthFactors"]
    if "EMAIL_OTP" in first or "SMS_OTP" in first:
        raise InvalidParameterException(_ONE_TIME_CODES)
    if "WEB_AUTHN" in first and passkeys.get("FactorConfiguration") != "MULTI_FACTOR_WITH_USER_VERIFICATION":
        raise InvalidParameterException(_SINGLE_FACTOR)


def _check_mail(document: Mapping[str, Any]) -> None:
    """Refuse e-mail as second factor and only recovery: one mailbox would be both proofs (attacks.md 50).

    Its subject is one line, as all in the head of a mail are (attacks.md 97).
    """
    if "EmailMfaConfiguration" not in document:
        return
    mechanisms = document.get("AccountRecoverySetting", {}).get("RecoveryMechanisms", ())
    if [one["Name"] for one in mechanisms] == ["verified_email"]:
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
