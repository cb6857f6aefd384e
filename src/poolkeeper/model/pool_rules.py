"""What is a user pool set to? AWS's defaults at its creation, and what an update replaces, keeps or takes back.

What AWS refuses is in pool_checks.py and mfa_rules.py, what a tier does not have in tiers.py.
"""

from collections.abc import Mapping
from typing import Any

from poolkeeper.errors import InvalidParameterException
from poolkeeper.model.mfa_rules import with_pool_mfa
from poolkeeper.model.pool_checks import check_pool, check_texts
from poolkeeper.model.schema_rules import merged_schema

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
# What an update that leaves it out takes back to nothing (measured.md 1). Everything else stays as it is: a
# member that somebody forgot must never weaken a pool.
_TAKEN_BACK = ("AutoVerifiedAttributes", "LambdaConfig", "DeviceConfiguration", "UserPoolAddOns")
_SENDERS = ("CustomEmailSender", "CustomSMSSender")
# An empty one is a setting of its own: the rule from before there was any (measured.md 12).
_MAY_BE_EMPTY = ("AccountRecoverySetting",)
_INSTEAD = "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays"
# What is answered of a pool that was never set to it (measured.md 4.1).
UNSET: Mapping[str, Any] = {
    "UserPoolTags": {},
    "KeyConfiguration": {"KeyType": "AWS_OWNED_KEY"},
    "IssuerConfiguration": {"Type": "ORIGINAL"},
}


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
    return _checked(document, {})


def updated_pool_document(request: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a pool after an update: what it leaves out stays, but for `_TAKEN_BACK`.

    Each half of Policies stays by itself, and so do custom senders that a LambdaConfig with their key leaves out.
    Raises InvalidParameterException, UserPoolTaggingException.
    """
    # UNVERIFIED: whether SmsConfiguration, AdminCreateUserConfig, its AllowAdminCreateUserOnly alone and the messages
    # stay where they are left out, as they do here; one UpdateUserPool of a pool that has them would settle each.
    policies, admin = request.get("Policies", {}), request.get("AdminCreateUserConfig", {})
    policy, unused = policies.get("PasswordPolicy"), admin.get("UnusedAccountValidityDays")
    # A description has both, with one value: sent back as it is, it must change nothing.
    if policy is not None and unused is not None and unused != policy.get("TemporaryPasswordValidityDays"):
        raise InvalidParameterException(_INSTEAD)

    # The old members for messages are those of the template under other names, and follow it.
    unchanged = {name: value for name, value in before.items() if name not in (*_TAKEN_BACK, *_MIRRORED)}
    merged = {
        **unchanged,
        **{name: value for name, value in request.items() if name not in _NOT_SETTINGS},
        "Policies": _updated_policies(policies, before["Policies"], unused),
        "AdminCreateUserConfig": _updated_admin_config(admin, before["AdminCreateUserConfig"]),
        "VerificationMessageTemplate": _updated_template(request, before["VerificationMessageTemplate"]),
        "LambdaConfig": _updated_triggers(request.get("LambdaConfig", {}), before.get("LambdaConfig", {})),
    }
    document = {**_with_defaults(merged), "Name": request.get("PoolName", before["Name"])}
    return _checked(document, before)


def _checked(document: dict[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    check_pool(document)
    document = with_pool_mfa(document, before)
    check_texts(document)
    return document


def _updated_policies(given: Mapping[str, Any], before: Mapping[str, Any], unused: int | None) -> dict[str, Any]:
    """Return both policies: one that is sent replaces itself alone, and an empty one nothing (measured.md 1)."""
    halves = {**before, **{half: value for half, value in given.items() if value}}
    if unused is not None and not given.get("PasswordPolicy"):
        halves["PasswordPolicy"] = {**before["PasswordPolicy"], "TemporaryPasswordValidityDays": unused}
    return halves


def _updated_admin_config(given: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Return who creates users: what is sent replaces the invitation, and opens sign-up only where it says so."""
    kept = before if not given else {"AllowAdminCreateUserOnly": before["AllowAdminCreateUserOnly"]}
    # The days are the password policy's, and count by their old name only where they are sent.
    return {name: value for name, value in kept.items() if name != "UnusedAccountValidityDays"} | dict(given)


def _updated_template(request: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the messages: a template that is sent replaces them all, an old member only its own."""
    if "VerificationMessageTemplate" in request:
        return dict(request["VerificationMessageTemplate"])
    return {**before, **{new: request[old] for old, new in _MIRRORED.items() if old in request}}


def _updated_triggers(given: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: before[name] for name in _SENDERS if name in before and "KMSKeyID" in given}
    return {**kept, **given}


def _with_defaults(request: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in what AWS answers for a pool that leaves it out (userpools.md 1.4; infrastructure.md 2)."""
    given = {
        name: value
        for name, value in request.items()
        if name not in _NOT_SETTINGS and (value not in ([], {}) or name in _MAY_BE_EMPTY)
    }
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
    """Return the password policy; the days of a temporary password may come by their old name (userpools.md 1.4)."""
    absent = {"MinimumLength": 8, **{name: False for name in _DEFAULT_POLICY if name.startswith("Require")}}
    policy = dict(_DEFAULT_POLICY) if given is None else {**absent, **given}
    days = policy.get("TemporaryPasswordValidityDays") if given is not None else None
    policy["TemporaryPasswordValidityDays"] = days or admin.get("UnusedAccountValidityDays") or 7
    return policy


def _levels(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the names of all four levels of authentication, the given ones over the default ones."""
    for level, config in given.items():
        if any(name == config["AcrValue"] for other, name in _DEFAULT_LEVELS.items() if other != level):
            # UNVERIFIED: the words about a default name; a level with the default name of another would settle them.
            raise InvalidParameterException(f"AcrValue {config['AcrValue']} is the default name of another level.")
    merged = {level: {"AcrValue": name} for level, name in _DEFAULT_LEVELS.items()} | dict(given)
    if len({config["AcrValue"] for config in merged.values()}) < len(merged):
        # UNVERIFIED: the words "a different AcrValue"; two levels of one name against AWS would settle them.
        raise InvalidParameterException("AcrConfiguration must have a different AcrValue for each level.")
    return merged


_MIRRORED = {
    "EmailVerificationMessage": "EmailMessage",
    "EmailVerificationSubject": "EmailSubject",
    "SmsVerificationMessage": "SmsMessage",
}


def _mirrored_template(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the template, with the old message members put in: one thing under two names (infrastructure.md 2)."""
    template = {"DefaultEmailOption": "CONFIRM_WITH_CODE", **given.get("VerificationMessageTemplate", {})}
    for old, new in _MIRRORED.items():
        if given.get(old) and new not in template:
            template[new] = given[old]
    return template


def _mirror_messages(document: dict[str, Any]) -> None:
    for old, new in _MIRRORED.items():
        if new in document["VerificationMessageTemplate"]:
            document[old] = document["VerificationMessageTemplate"][new]


_TWO_FUNCTIONS = "Cannot use PreTokenGenerationLambda and PreTokenGeneration with different Lambda function ARN's"


def _mirrored_triggers(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the triggers, with the one before tokens under both of its names (infrastructure.md 2)."""
    triggers = dict(given)
    old, config = given.get("PreTokenGeneration"), given.get("PreTokenGenerationConfig")
    if old and not config:
        triggers["PreTokenGenerationConfig"] = {"LambdaVersion": "V1_0", "LambdaArn": old}
    elif config and not old:
        triggers["PreTokenGeneration"] = config["LambdaArn"]
    elif config and old != config["LambdaArn"]:
        raise InvalidParameterException(_TWO_FUNCTIONS)
    return triggers
