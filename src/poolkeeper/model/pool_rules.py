"""What may a user pool be set to? AWS's defaults, and the combinations that it refuses."""

from collections.abc import Mapping
from typing import Any

from poolkeeper.errors import InvalidParameterException, UserPoolTaggingException
from poolkeeper.model.mfa_rules import with_pool_mfa
from poolkeeper.model.schema_rules import merged_schema
from poolkeeper.model.tags import tags_fault

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
_DEFAULT_LEVELS = {f"Level{number}": f"urn:cognito:loa:{number}" for number in (1, 2, 3, 4)}
# Members of a request that are kept elsewhere or under another name.
_NOT_SETTINGS = ("PoolName", "UserPoolId", "Schema")
# What only the creation of a pool decides, and what an update that leaves it out leaves alone (contract,
# infrastructure 2; AWS: UpdateUserPool). A name has no default to go back to.
_FIXED = ("SchemaAttributes", "AliasAttributes", "UsernameAttributes", "UsernameConfiguration")
_KEPT = ("UserPoolTags", "UserAttributeUpdateSettings", "DcrConfiguration", "SessionConfiguration")
_INSTEAD = "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays"


def new_pool_document(request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a pool that a creation asks for.

    Raises InvalidParameterException, UserPoolTaggingException.
    """
    policies, admin = request.get("Policies", {}), request.get("AdminCreateUserConfig", {})
    if "UnusedAccountValidityDays" in admin and "TemporaryPasswordValidityDays" in policies.get("PasswordPolicy", {}):
        raise InvalidParameterException(_INSTEAD)
    document = {
        "Name": request["PoolName"],
        "SchemaAttributes": merged_schema(request.get("Schema", ())),
        **_with_defaults(request),
    }
    _check(document)
    return with_pool_mfa(document, {})


def updated_pool_document(request: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a pool after an update, which replaces: what it leaves out goes back to its default.

    Schema, sign-in attributes, case rule and name stay; tags, UserAttributeUpdateSettings and DcrConfiguration stay
    where the update leaves them out, and so does what SetUserPoolSessionConfiguration set, which no update can name.
    Raises InvalidParameterException, UserPoolTaggingException.
    """
    # UNVERIFIED: public measurements of 2026 find that Policies, AccountRecoverySetting, EmailConfiguration,
    # SmsConfiguration, MfaConfiguration and UserPoolTier survive an update without them, against what the API
    # reference and the contract say; one UpdateUserPool with nothing but an id would settle each.
    policies, admin = request.get("Policies", {}), request.get("AdminCreateUserConfig", {})
    policy, unused = policies.get("PasswordPolicy"), admin.get("UnusedAccountValidityDays")
    # A description has both, with one value: sent back as it is, it must change nothing.
    if policy is not None and unused is not None and unused != policy.get("TemporaryPasswordValidityDays"):
        raise InvalidParameterException(_INSTEAD)

    kept = {name: before[name] for name in (*_FIXED, *_KEPT) if name in before and name not in request}
    document = {**kept, "Name": request.get("PoolName", before["Name"]), **_with_defaults(request)}
    _check(document)
    return with_pool_mfa(document, before)


def _with_defaults(request: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in what AWS answers for a pool that leaves it out (contract, user pools 1.4; infrastructure 2)."""
    given = {name: value for name, value in request.items() if name not in _NOT_SETTINGS and value not in ([], {})}
    policies, admin = given.get("Policies", {}), given.get("AdminCreateUserConfig", {})
    policy = _policy(policies.get("PasswordPolicy"), admin)
    protection = given.get("UserPoolAddOns", {}).get("AdvancedSecurityMode", "OFF")
    filled = {
        "DeletionProtection": "INACTIVE",
        "MfaConfiguration": "OFF",
        "UserPoolTier": "ESSENTIALS" if protection == "OFF" else "PLUS",
        "AccountRecoverySetting": {"RecoveryMechanisms": _DEFAULT_RECOVERY},
        **given,
        "LambdaConfig": _mirrored_triggers(given.get("LambdaConfig", {})),
        "Policies": {
            "PasswordPolicy": policy,
            "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"], **policies.get("SignInPolicy", {})},
        },
        "AdminCreateUserConfig": {
            "AllowAdminCreateUserOnly": False,
            **admin,
            "UnusedAccountValidityDays": policy["TemporaryPasswordValidityDays"],
        },
        "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT", **given.get("EmailConfiguration", {})},
        "VerificationMessageTemplate": _mirrored_template(given),
        "AcrConfiguration": _levels(given.get("AcrConfiguration", {})),
    }
    _mirror_messages(filled)
    if "UserAttributeUpdateSettings" in request:
        filled["UserAttributeUpdateSettings"] = {
            "AttributesRequireVerificationBeforeUpdate": [],
            **request["UserAttributeUpdateSettings"],
        }
    if "DcrConfiguration" in request:
        filled["DcrConfiguration"] = {"EnableStatus": "Enabled", **request["DcrConfiguration"]}
    return filled


def _policy(given: Mapping[str, Any] | None, admin: Mapping[str, Any]) -> dict[str, Any]:
    """Return the password policy; the days of a temporary password may come by their old name (contract, 1.4)."""
    absent = {"MinimumLength": 8, **{name: False for name in _DEFAULT_POLICY if name.startswith("Require")}}
    policy = dict(_DEFAULT_POLICY) if given is None else {**absent, **given}
    days = policy.get("TemporaryPasswordValidityDays") if given is not None else None
    policy["TemporaryPasswordValidityDays"] = days or admin.get("UnusedAccountValidityDays") or 7
    return policy


def _levels(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the names of all four levels of authentication, the given ones over the default ones."""
    for level, config in given.items():
        if any(name == config["AcrValue"] for other, name in _DEFAULT_LEVELS.items() if other != level):
            raise InvalidParameterException(f"AcrValue {config['AcrValue']} is the default name of another level.")
    merged = {level: {"AcrValue": name} for level, name in _DEFAULT_LEVELS.items()} | dict(given)
    if len({config["AcrValue"] for config in merged.values()}) < len(merged):
        # UNVERIFIED: the words of both refusals; two levels of one name against AWS would settle them.
        raise InvalidParameterException("AcrConfiguration must have a different AcrValue for each level.")
    return merged


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


def _mirrored_triggers(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the triggers, with the one before tokens under both of its names (infrastructure 2)."""
    triggers = dict(given)
    old, config = given.get("PreTokenGeneration"), given.get("PreTokenGenerationConfig")
    if old and not config:
        triggers["PreTokenGenerationConfig"] = {"LambdaVersion": "V1_0", "LambdaArn": old}
    elif config and not old:
        triggers["PreTokenGeneration"] = config["LambdaArn"]
    elif config and old != config["LambdaArn"]:
        # UNVERIFIED: the words; two different functions against AWS would settle them.
        raise InvalidParameterException("PreTokenGeneration and PreTokenGenerationConfig must name the same function.")
    return triggers


def _check(document: Mapping[str, Any]) -> None:
    """Raise for the first combination that AWS refuses; the sentences are AWS's where public reports have them."""
    if document.get("AliasAttributes") and document.get("UsernameAttributes"):
        raise InvalidParameterException(
            "Only one of the aliasAttributes or usernameAttributes can be set in a user pool."
        )
    if "PASSWORD" not in document["Policies"]["SignInPolicy"]["AllowedFirstAuthFactors"]:
        raise InvalidParameterException("Password should be configured as one of the allowed first auth factors.")
    triggers = document["LambdaConfig"]
    if ("CustomSMSSender" in triggers or "CustomEmailSender" in triggers) and "KMSKeyID" not in triggers:
        raise InvalidParameterException("KMSKeyId parameter is required when Custom SMS/Email Lambda trigger is used.")
    key = document.get("KeyConfiguration", {})
    if (key.get("KeyType") == "CUSTOMER_MANAGED_KEY") != ("KmsKeyArn" in key):
        # UNVERIFIED: the words; a CUSTOMER_MANAGED_KEY without an ARN against AWS would settle them.
        raise InvalidParameterException("KmsKeyArn goes with the KeyType CUSTOMER_MANAGED_KEY, and with no other.")
    if (fault := tags_fault(document.get("UserPoolTags", {}))) is not None:
        raise UserPoolTaggingException(fault)
    _check_recovery(document["AccountRecoverySetting"].get("RecoveryMechanisms", []))
    _check_header_values(document)


def _check_header_values(document: Mapping[str, Any]) -> None:
    """Refuse what would be a line of its own in a mail's head (attacks.md 97)."""
    email = document.get("EmailConfiguration", {})
    values = {
        "From": email.get("From"),
        "ReplyToEmailAddress": email.get("ReplyToEmailAddress"),
        "EmailSubject": document["VerificationMessageTemplate"].get("EmailSubject"),
        "EmailSubjectByLink": document["VerificationMessageTemplate"].get("EmailSubjectByLink"),
        "InviteMessageTemplate.EmailSubject": document["AdminCreateUserConfig"]
        .get("InviteMessageTemplate", {})
        .get("EmailSubject"),
    }
    for name, value in values.items():
        if value is not None and not value.isprintable():
            # UNVERIFIED: the words; a subject with a line break against AWS would settle them.
            raise InvalidParameterException(f"{name} must be one line without control characters.")


def _check_recovery(mechanisms: list[dict[str, Any]]) -> None:
    names = [one["Name"] for one in mechanisms]
    if "admin_only" in names and len(names) > 1:
        raise InvalidParameterException("Invalid account recovery setting: admin_only cannot be combined with others.")
    if len({one["Priority"] for one in mechanisms}) != len(mechanisms) or len(set(names)) != len(names):
        raise InvalidParameterException("Invalid account recovery setting: priorities and names must be unique.")
