"""May a document be a policy of an identity or of a resource? If it keeps AWS's rules; else it is refused in AWS's words.

The order of the checks is AWS's, as its answers to documents with two faults show. Another parser reads trust policies:
trust_grammar.py.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from poolkeeper.policy import sentences
from poolkeeper.policy.arns import completed
from poolkeeper.policy.documents import VERSIONS, NoDocument, Written, members, statements_of, version_of, written
from poolkeeper.policy.sentences import MalformedPolicy
from poolkeeper.policy.templates import has_variable, tokens

_EFFECTS = ("Allow", "Deny")
_SID = re.compile(r"[0-9A-Za-z]*", re.ASCII)
_VENDOR = re.compile(r"[A-Za-z0-9.-]+|\*", re.ASCII)
_PARTITIONS = frozenset(
    {"aws", "aws-cn", "aws-us-gov", "aws-eusc", "aws-iso", "aws-iso-b", "aws-iso-e", "aws-iso-f", "*"}
)
_OF_IAM: Final = (
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
)


def read(text: str, *, newest: bool, names_principals: bool) -> tuple[str, list[Written]]:
    """Return the version and the statements of a document; raises MalformedPolicy with AWS's sentence.

    `newest` demands Version 2012-10-17, as for a managed policy; with `names_principals` the policy must name principals, as
    a resource's must, and without it must not, like an identity's.
    """
    try:
        document = members(text)
        version = version_of(document)
        statements = [_well_formed(statement) for statement in statements_of(document)]
    except NoDocument as error:
        raise MalformedPolicy(sentences.SYNTAX) from error
    if newest and version != VERSIONS[-1]:
        raise MalformedPolicy(sentences.VERSION)
    _must(all(statement.effect in _EFFECTS for statement in statements), sentences.LEGACY)
    for resource in _resources(statements):
        _check_legacy_parts(resource, variables=version == VERSIONS[-1])
    _check_sids(statements)
    _check_members(statements, names_principals=names_principals)
    for resource in _resources(statements):
        _check_resource(resource)
    for statement in statements:
        for action in statement.action or statement.not_action or ():
            check_action(action)
    return version, statements


def check_action(action: str) -> None:
    """Check `service:Name`; raises MalformedPolicy. An unknown name is no fault."""
    if action == "*":
        return
    vendor, colon, name = action.partition(":")
    _must(bool(colon), sentences.VENDOR_MISSING)
    _must(":" not in name, sentences.COLONS)
    # UNVERIFIED: that `*:*` is read as `*`; a policy with it would settle it.
    _must(_VENDOR.fullmatch(vendor) is not None, sentences.VENDOR.format(vendor=vendor))


def _must(holds: bool, sentence: str) -> None:  # noqa: FBT001 - reads as "must this, or say that"
    if not holds:
        raise MalformedPolicy(sentence)


def _well_formed(statement: Any) -> Written:
    read_statement = written(statement)
    if read_statement.effect.capitalize() not in _EFFECTS:
        raise NoDocument
    return read_statement


def _resources(statements: Iterable[Written]) -> list[str]:
    return [
        resource
        for statement in statements
        for resource in (*(statement.resource or ()), *(statement.not_resource or ()))
        if resource != "*"
    ]


def _check_legacy_parts(resource: str, *, variables: bool) -> None:
    """Refuse what AWS's older parser cannot read: a short ARN with gaps, or a variable before an ARN's last part."""
    if resource.startswith("arn:"):
        parts = resource.split(":")
        _must(len(parts) > 5 or "::" not in resource, sentences.LEGACY)
        _must(len(parts) < 3 or parts[2] != "", sentences.LEGACY)
    if variables:
        *before, _ = completed(tokens(resource, wildcards=True, variables=True))
        _must(not any(has_variable(part) for part in before), sentences.LEGACY)


def _check_sids(statements: Sequence[Written]) -> None:
    sids = [statement.sid for statement in statements if statement.sid]
    _must(all(_SID.fullmatch(sid) for sid in sids), sentences.SID)
    _must(len(set(sids)) == len(sids), sentences.SIDS)


def _check_members(statements: Sequence[Written], *, names_principals: bool) -> None:
    for statement in statements:
        _must(bool(statement.action or statement.not_action), sentences.ACTIONS)
    for statement in statements:
        # UNVERIFIED: where among the checks a principal is refused; a document with a second fault would settle it.
        has_principal = statement.principal is not None or statement.not_principal is not None
        _must(has_principal == names_principals, sentences.SYNTAX if names_principals else sentences.PRINCIPAL)
        _check_names(statement)
        # The policy of a resource may leave out its resource.
        absent = statement.resource is None and statement.not_resource is None
        _must(bool(statement.resource or statement.not_resource) or (names_principals and absent), sentences.RESOURCES)


def _check_names(statement: Written) -> None:
    """Refuse a name with a wildcard in it: only a lone `*` with "AWS" is allowed, and means everyone."""
    for element in (statement.principal, statement.not_principal):
        for type_, names in element.items() if isinstance(element, Mapping) else ():
            for name in names:
                valid = (type_ == "AWS" and name == "*") or not set("*?") & set(name)
                _must(valid, sentences.PRINCIPAL_NAME.format(type=type_.upper(), name=name))


def _check_resource(resource: str) -> None:
    _must(":" in resource, sentences.NO_ARN.format(resource=resource))
    first, *parts = resource.split(":", 5)
    if parts[0] not in _PARTITIONS:
        full_resource = ":".join(["arn", *parts, *["*"] * (5 - len(parts))])
        raise MalformedPolicy(sentences.PARTITION.format(partition=parts[0], resource=full_resource))
    _must(first == "arn", sentences.NO_ARN.format(resource=resource))
    _must(len(parts) > 1 and not set("*?") & set(parts[1]), sentences.RESOURCE_VENDOR)
    if parts[1] == "iam":
        _check_resource_of_iam(resource, [*parts, *["*"] * (5 - len(parts))])


def _check_resource_of_iam(resource: str, parts: Sequence[str]) -> None:
    _must(parts[2] in ("", "*"), f"IAM resource {resource} cannot contain region information.")
    _must(
        parts[4] == "*" or parts[4].startswith(_OF_IAM),
        f'IAM resource path must either be "*" or start with {", ".join(_OF_IAM)}.',
    )
