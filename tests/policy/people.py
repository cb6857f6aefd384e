"""Who asks in these tests? A user, a role's session, a federated user, and others, by short names."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from poolkeeper.policy import Kind, Policy, Principal, PrincipalKind, parse

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/team/examplerole"
POOL = f"arn:aws:cognito-idp:eu-west-1:{ACCOUNT}:userpool/eu-west-1_AbCdEfGhI"

PEOPLE: Mapping[str, Principal] = {
    "bob": Principal(
        PrincipalKind.USER, f"arn:aws:iam::{ACCOUNT}:user/bob", ACCOUNT, aliases=("AIDAAAAAAAAAAAAAAAAAA",)
    ),
    "carlos": Principal(PrincipalKind.USER, f"arn:aws:iam::{ACCOUNT}:user/carlossalazar", ACCOUNT),
    "session": Principal(
        PrincipalKind.ROLE_SESSION,
        f"arn:aws:sts::{ACCOUNT}:assumed-role/examplerole/one",
        ACCOUNT,
        behind=(ROLE, "AROAAAAAAAAAAAAAAAAAA"),
    ),
    "federated": Principal(
        PrincipalKind.FEDERATED_USER,
        f"arn:aws:sts::{ACCOUNT}:federated-user/bob",
        ACCOUNT,
        behind=(f"arn:aws:iam::{ACCOUNT}:user/bob",),
    ),
    "root": Principal(PrincipalKind.ROOT, f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT),
    "stranger": Principal(PrincipalKind.USER, "arn:aws:iam::999999999999:user/eve", "999999999999"),
    "web identity": Principal(
        PrincipalKind.FEDERATED,
        "cognito-identity.amazonaws.com",
        aliases=(f"arn:aws:iam::{ACCOUNT}:oidc-provider/auth.example.com/eu-west-1_AbCdEfGhI",),
    ),
    "lambda": Principal(PrincipalKind.SERVICE, "lambda.amazonaws.com"),
    "anonymous": Principal(PrincipalKind.ANONYMOUS, "anonymous"),
}


def statement(effect: str = "Allow", **members: Any) -> dict[str, Any]:
    """Return a statement about everything, with other members than these where they are given; None takes one out."""
    whole = {"Effect": effect, "Action": "*", "Resource": "*", **members}
    return {name: value for name, value in whole.items() if value is not None}


def document(*statements: Mapping[str, Any], version: str = "2012-10-17") -> dict[str, Any]:
    """Return a document of these statements."""
    return {"Version": version, "Statement": list(statements)}


def policy(*statements: Mapping[str, Any], kind: Kind = Kind.IDENTITY, name: str = "") -> Policy:
    """Return a policy of these statements."""
    return parse(json.dumps(document(*statements)), kind, name=name)


def context(given: Mapping[str, str | Sequence[str]]) -> dict[str, str | tuple[str, ...]]:
    """Return condition keys as a request holds them, out of JSON, where a list is a multivalued key."""
    return {name: value if isinstance(value, str) else tuple(value) for name, value in given.items()}
