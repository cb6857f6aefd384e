"""What may a user pool be set to? AWS's defaults, and the combinations that it refuses."""

from collections.abc import Mapping, Sequence
from typing import Any

from poolkeeper.errors import InvalidParameterException
from poolkeeper.model.attributes import STANDARD_NAMES, standard_schema

_MOST_CUSTOM = 50
_DEFAULT_POLICY = {
    "MinimumLength": 8,
    "RequireUppercase": True,
    "RequireLowercase": True,
    "RequireNumbers": True,
    "RequireSymbols": True,
    "TemporaryPasswordValidityDays": 7,
}
_DEFAULT_RECOVERY = [
    {"Priority": 1, "Name": "verified_email"},
    {"Priority": 2, "Name": "verified_phone_number"},
]
# Members of a request that are kept elsewhere or under another name.
_NOT_SETTINGS = ("PoolName", "UserPoolId", "Schema")
# What only the creation of a pool decides, so that an update carries it over.
FIXED = ("Name", "SchemaAttributes", "AliasAttributes", "UsernameAttributes", "UsernameConfiguration")


def new_pool_document(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a pool that a creation asks for.

    Raises InvalidParameterException.
    """
    document = {
        "Name": request["PoolName"],
        "SchemaAttributes": merged_schema(request.get("Schema") or ()),
        **_with_defaults(request),
    }
    _check(document)
    return document


def _with_defaults(request: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in what AWS answers for a pool that leaves it out (contract, user pools 1.4; infrastructure 2)."""
    given = {name: value for name, value in request.items() if name not in _NOT_SETTINGS}
    policies = given.get("Policies", {})
    admin = given.get("AdminCreateUserConfig", {})
    policy = _policy(policies.get("PasswordPolicy"), admin)
    filled = {
        "LambdaConfig": {},
        "DeletionProtection": "INACTIVE",
        "MfaConfiguration": "OFF",
        "UserPoolTier": "ESSENTIALS",
        "AccountRecoverySetting": {"RecoveryMechanisms": _DEFAULT_RECOVERY},
        **given,
        "Policies": {
            "PasswordPolicy": policy,
            "SignInPolicy": policies.get("SignInPolicy", {"AllowedFirstAuthFactors": ["PASSWORD"]}),
        },
        "AdminCreateUserConfig": {
            "AllowAdminCreateUserOnly": False,
            **admin,
            "UnusedAccountValidityDays": policy["TemporaryPasswordValidityDays"],
        },
        "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT", **given.get("EmailConfiguration", {})},
        "VerificationMessageTemplate": _mirrored_template(given),
    }
    _mirror_messages(filled)
    return filled


def _policy(given: Mapping[str, Any] | None, admin: Mapping[str, Any]) -> dict[str, Any]:
    """Return the password policy; the days of a temporary password may come by their old name (contract, 1.4)."""
    unused = admin.get("UnusedAccountValidityDays")
    if given is not None and unused is not None and "TemporaryPasswordValidityDays" in given:
        raise InvalidParameterException(
            "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays"
        )
    absent = {"MinimumLength": 8, **{name: False for name in _DEFAULT_POLICY if name.startswith("Require")}}
    policy = dict(_DEFAULT_POLICY) if given is None else {**absent, **given}
    days = policy.get("TemporaryPasswordValidityDays") if given is not None else None
    policy["TemporaryPasswordValidityDays"] = days or unused or 7
    return policy


_MIRRORED = {
    "EmailVerificationMessage": "EmailMessage",
    "EmailVerificationSubject": "EmailSubject",
    "SmsVerificationMessage": "SmsMessage",
}


def _mirrored_template(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the template, with the old message members put in: one thing under two names (infrastructure 2)."""
    template = {"DefaultEmailOption": "CONFIRM_WITH_CODE", **given.get("VerificationMessageTemplate", {})}
    for old, new in _MIRRORED.items():
        if given.get(old) and new not in template:
            template[new] = given[old]
    return template


def _mirror_messages(document: dict[str, Any]) -> None:
    for old, new in _MIRRORED.items():
        if new in document["VerificationMessageTemplate"]:
            document[old] = document["VerificationMessageTemplate"][new]


def merged_schema(given: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the whole schema: the standard attributes as asked for, then the custom ones with their prefix.

    Raises InvalidParameterException.
    """
    schema = {entry["Name"]: entry for entry in standard_schema()}
    seen: set[str] = set()
    for entry in given:
        name = entry.get("Name")
        if not name:
            raise InvalidParameterException("Attribute name is required in the schema.")
        if name in seen:
            raise InvalidParameterException(f"{name}: Attribute is defined twice.")
        seen.add(name)
        full = _standard(schema[name], entry) if name in STANDARD_NAMES else custom_attribute(entry)
        schema[full["Name"]] = full
    if len(schema) - len(STANDARD_NAMES) > _MOST_CUSTOM:
        raise InvalidParameterException(f"A user pool can have {_MOST_CUSTOM} custom attributes at the most.")
    return list(schema.values())


def _standard(known: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return a standard attribute, required or with tighter limits; its type and visibility are fixed."""
    if entry.get("AttributeDataType", known["AttributeDataType"]) != known["AttributeDataType"]:
        raise InvalidParameterException(
            f"You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute {known['Name']}"
        )
    if entry.get("DeveloperOnlyAttribute"):
        raise InvalidParameterException(
            f"You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute {known['Name']}"
        )
    if known["Name"] == "sub":
        return dict(known)
    return {**known, **entry}


def custom_attribute(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return a custom attribute as Describe answers it: `custom:x`, or `dev:x` where only developers see it.

    Raises InvalidParameterException.
    """
    name = entry["Name"]
    if len(name) > 20:
        raise InvalidParameterException(f"{name}: a custom attribute's name has 20 characters at the most.")
    if entry.get("Required"):
        raise InvalidParameterException("Required custom attributes are not supported currently.")
    developer = bool(entry.get("DeveloperOnlyAttribute"))
    kind = entry.get("AttributeDataType", "String")
    full: dict[str, Any] = {
        "Name": f"{'dev' if developer else 'custom'}:{name}",
        "AttributeDataType": kind,
        "DeveloperOnlyAttribute": developer,
        "Mutable": entry.get("Mutable", True),
        "Required": False,
    }
    constraints = f"{kind}AttributeConstraints"
    if kind in {"String", "Number"}:
        full[constraints] = dict(entry.get(constraints) or {})
    return full


def _check(document: Mapping[str, Any]) -> None:
    """Raise InvalidParameterException for the first combination that AWS refuses."""
    if document.get("AliasAttributes") and document.get("UsernameAttributes"):
        raise InvalidParameterException(
            "Only one of the aliasAttributes or usernameAttributes can be set in a user pool."
        )
    if document["MfaConfiguration"] != "OFF" and not document.get("SmsConfiguration"):
        raise InvalidParameterException(
            "SMS configuration and Auto verification for phone_number are required when MFA is required/optional"
        )
    mechanisms = document["AccountRecoverySetting"].get("RecoveryMechanisms", [])
    names = [one["Name"] for one in mechanisms]
    if "admin_only" in names and len(names) > 1:
        raise InvalidParameterException("Invalid account recovery setting: admin_only cannot be combined with others.")
    if len({one["Priority"] for one in mechanisms}) != len(mechanisms) or len(set(names)) != len(names):
        raise InvalidParameterException("Invalid account recovery setting: priorities and names must be unique.")
    factors = document["Policies"]["SignInPolicy"].get("AllowedFirstAuthFactors") or []
    if "PASSWORD" not in factors:
        raise InvalidParameterException("PASSWORD must be one of AllowedFirstAuthFactors.")
    template = document["VerificationMessageTemplate"]
    for member in ("EmailMessage", "SmsMessage"):
        if template.get(member) and "{####}" not in template[member]:
            raise InvalidParameterException(f"{member} must contain the placeholder {{####}}.")
