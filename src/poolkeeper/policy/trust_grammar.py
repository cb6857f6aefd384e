"""May a document be the trust policy of a role? If it keeps the rules of IAM's parser for AssumeRolePolicyDocument."""

import re
from collections.abc import Mapping
from typing import Any, Final

from poolkeeper.policy import sentences
from poolkeeper.policy.documents import NoDocument, Written, members, statements_of, version_of, written
from poolkeeper.policy.sentences import MalformedPolicy

COGNITO: Final = "cognito-identity.amazonaws.com"
_AUDIENCE: Final = f"{COGNITO}:aud"
_TYPES = frozenset({"AWS", "Federated", "Service"})
_EFFECTS = ("Allow", "Deny")
# Whom a new policy may name: with "AWS" everyone, an account, an ARN, the id of a user or role.
_PRINCIPALS = {
    # No group can be a principal (IAM User Guide, "AWS JSON policy elements: Principal"), nor a policy or a provider.
    "AWS": re.compile(
        r"\*|\d{12}|arn:[a-z-]+:iam::\d{12}:(root|(user|role)/.+)"
        r"|arn:[a-z-]+:sts::\d{12}:(assumed-role/[^/]+/.+|federated-user/.+)|A(IDA|ROA)[A-Z0-9]{16,}",
        re.ASCII,
    ),
    # UNVERIFIED: AWS has a list of services, and others beside these domains may be on it; roles for each would settle it.
    "Service": re.compile(r"([a-z0-9-]+\.)+(amazonaws\.com(\.cn)?|amazon\.com)", re.ASCII),
}
# What may stand with "AWS" in a stored policy.
_NAME = re.compile(r"\*|\d{12}|arn:[a-z-]+:(iam|sts)::\d{12}:[^*?]+|A[A-Z]{3}[A-Z0-9]{16,}", re.ASCII)


def read_trust(text: str) -> tuple[str, list[Written]]:
    """Return the version and the statements of a trust policy; raises MalformedPolicy with AWS's sentence."""
    try:
        document = members(text)
    except NoDocument as error:
        raise MalformedPolicy(sentences.TRUST_JSON) from error
    try:
        version = version_of(document)
    except NoDocument as error:
        raise MalformedPolicy(sentences.TRUST_VERSION) from error
    if document.get("Statement") in (None, []):
        raise MalformedPolicy(sentences.TRUST_STATEMENTS)
    try:
        statements = [_checked(statement) for statement in statements_of(document)]
    except NoDocument as error:
        raise MalformedPolicy(sentences.TRUST_SYNTAX) from error
    sids = [statement.sid for statement in statements if statement.sid]
    if len(set(sids)) < len(sids):
        raise MalformedPolicy(sentences.TRUST_SIDS)
    return version, statements


def require_trustworthy(text: str) -> None:
    """Refuse a readable trust policy whose names are no principals. Call this before a policy is stored.

    Raises MalformedPolicy.
    """
    _, statements = read_trust(text)
    for statement in statements:
        for type_, names in statement.principal.items() if isinstance(statement.principal, Mapping) else ():
            for name in names:
                pattern = _PRINCIPALS.get(type_)
                if pattern is not None and pattern.fullmatch(name) is None:
                    raise MalformedPolicy(sentences.PRINCIPAL_NAME.format(type=type_.upper(), name=name))


def _checked(statement: Mapping[str, Any]) -> Written:
    """Check one statement in AWS's order; raises MalformedPolicy, or NoDocument where a member has a wrong type."""
    _check_effect(statement)
    if "NotPrincipal" in statement:
        allows = statement["Effect"] == "Allow"
        raise MalformedPolicy(sentences.TRUST_ALLOW_NOT_PRINCIPAL if allows else sentences.TRUST_NOT_PRINCIPAL)
    _check_principal(statement)
    checked = written(statement)
    for type_, names in checked.principal.items() if isinstance(checked.principal, Mapping) else ():
        for name in names:
            _check_name(type_, name)
    _check_cognito(checked)
    _check_action(checked)
    if checked.resource is not None:
        raise MalformedPolicy(sentences.TRUST_RESOURCE)
    if checked.not_resource is not None:
        raise MalformedPolicy(sentences.TRUST_NOT_RESOURCE)
    return checked


def _check_effect(statement: Mapping[str, Any]) -> None:
    effect = statement.get("Effect")
    if effect is None:
        raise MalformedPolicy(sentences.TRUST_EFFECT_MISSING)
    if effect not in _EFFECTS:
        raise MalformedPolicy(sentences.TRUST_EFFECT.format(effect=effect))


def _check_principal(statement: Mapping[str, Any]) -> None:
    principal = statement.get("Principal")
    if principal is None:
        raise MalformedPolicy(sentences.TRUST_PRINCIPAL_MISSING)
    if principal in ({}, ""):
        raise MalformedPolicy(sentences.TRUST_PRINCIPAL_EMPTY)
    # UNVERIFIED: that "*" alone is taken as everyone; IAM's answer to such a role would settle it.
    for type_ in principal if isinstance(principal, dict) else ():
        if type_ not in _TYPES:
            raise MalformedPolicy(sentences.TRUST_PRINCIPAL_TYPE.format(type=type_))


def _check_name(type_: str, name: str) -> None:
    """Refuse a name with a wildcard in it: only a lone `*` with "AWS" is allowed."""
    valid = _NAME.fullmatch(name) is not None if type_ == "AWS" else bool(name) and not set("*?") & set(name)
    if not valid:
        raise MalformedPolicy(sentences.PRINCIPAL_NAME.format(type=type_.upper(), name=name))


def _check_cognito(statement: Written) -> None:
    """Refuse a policy that would trust every identity pool."""
    # UNVERIFIED: that the condition has to name the audience; a role with another condition alone would settle it.
    federated = statement.principal.get("Federated", ()) if isinstance(statement.principal, Mapping) else ()
    keys = {key.lower() for block in statement.condition.values() for key in block}
    if statement.effect == "Allow" and COGNITO in federated and _AUDIENCE not in keys:
        raise MalformedPolicy(sentences.TRUST_COGNITO)


def _check_action(statement: Written) -> None:
    actions = statement.action or statement.not_action
    if not actions:
        raise MalformedPolicy(sentences.TRUST_ACTION_MISSING)
    if not all(action.lower().startswith("sts:") and action.count(":") == 1 for action in actions):
        raise MalformedPolicy(sentences.TRUST_ACTION)
