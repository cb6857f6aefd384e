"""Who may a signature speak for? The account's root, a user, or a session of a role, a user or a federated user."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

IDENTITY_ISSUER = "cognito-identity.amazonaws.com"
"""AWS's name of whoever vouches for identities: ours, whatever its address."""

# What `amr` says of a login by a user pool here (identity-security.md 1.5).
_USER = re.compile(r"[^:]+(?::[0-9]+)?/(?P<pool_id>[\w-]+_[0-9A-Za-z]+):CognitoSignIn:(?P<sub>[^:]+)")


class Kind(StrEnum):
    """What kind of principal calls; the value is that of the condition key aws:PrincipalType."""

    ROOT = "Account"
    USER = "User"
    ROLE = "AssumedRole"
    FEDERATED = "FederatedUser"


class WebIdentity(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """Whom a token vouched for when a session of a role began: condition keys and variables of policies say it again.

    `provider` is the first part of those keys (`cognito-identity.amazonaws.com`, another issuer without its scheme), `alias`
    another name of the same. `methods` are `amr`.
    """

    provider: str
    audience: str
    subject: str
    methods: tuple[str, ...] = ()
    alias: str = ""

    @property
    def keys(self) -> dict[str, str | tuple[str, ...]]:
        """The condition keys, under each name (identity-security.md 2.2)."""
        condition_keys: dict[str, str | tuple[str, ...]] = {"aws:FederatedProvider": self.provider}
        for name in filter(None, (self.provider, self.alias)):
            condition_keys |= {f"{name}:aud": self.audience, f"{name}:sub": self.subject}
            if self.methods:
                condition_keys[f"{name}:amr"] = self.methods
        return condition_keys

    @property
    def identity(self) -> tuple[str, str] | None:
        """The identity pool and the identity of ours that the token was of; None: another issuer vouched."""
        return (self.audience, self.subject) if self.provider == IDENTITY_ISSUER else None

    @property
    def users(self) -> tuple[tuple[str, str], ...]:
        """The users of user pools here by whose logins that identity came in, each as (pool id, sub)."""
        if self.identity is None:
            return ()
        matches = (_USER.fullmatch(method) for method in self.methods)
        return tuple((match["pool_id"], match["sub"]) for match in matches if match is not None)


class SamlIdentity(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """Whom a SAML response vouched for when a session of a role began, by what condition keys of policies say again.

    `name_qualifier` tells apart equal subjects of two providers.
    """

    subject: str
    subject_type: str
    name_qualifier: str

    @property
    def keys(self) -> dict[str, str | tuple[str, ...]]:
        """The condition keys that permissions may ask for, too (IAM User Guide, keys for SAML-based federation)."""
        return {
            "saml:sub": self.subject,
            "saml:sub_type": self.subject_type,
            "saml:namequalifier": self.name_qualifier,
        }


class Claims(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What a session token says, in the hands of its holder: nothing of a session is stored.

    `owner_id` is the unique id (AROA..., AIDA..., of root the account) of the owner whose rights are the upper bound,
    `owner_name` their name. `parent_key_id` is the access key that asked for a user's or a federated user's session.
    `policies` and `policy_arns` narrow the rights, `tags` are the session's. `web_identity` is whom a token vouched for,
    `saml_identity` whom a SAML response did. A role that IAM does not hold is named by its ARN, and the session has no
    rights. `scoped_down`: what the server lets guests do is the most (rights/guest_scope.py). Times are milliseconds.
    """

    access_key_id: str
    kind: Kind
    owner_id: str
    owner_name: str
    issued_at: int
    expires_at: int
    session_name: str = ""
    parent_key_id: str = ""
    policies: tuple[str, ...] = ()
    policy_arns: tuple[str, ...] = ()
    tags: Mapping[str, str] = {}
    transitive_tag_keys: tuple[str, ...] = ()
    source_identity: str = ""
    mfa: bool = False
    web_identity: WebIdentity | None = None
    unknown_role_arn: str = ""
    scoped_down: bool = False
    saml_identity: SamlIdentity | None = None

    @property
    def narrowed(self) -> bool:
        """Whether session policies bound the rights; a federated user without any has none."""
        return self.kind is Kind.FEDERATED or bool(self.policies or self.policy_arns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Whom a verified signature speaks for.

    `arn` and `unique_id` are what GetCallerIdentity answers. `owner_id` is whose policies count, `owner_arn` the ARN that
    aws:PrincipalArn and trust policies know (a role's, not its session's), `owner_name` the name in it, `tags` those of
    both, a session's before its owner's. `changes` is the count of changes of users, roles and policies when the principal
    was read: rights that were read at it still hold.
    """

    kind: Kind
    account_id: str
    arn: str
    unique_id: str
    owner_id: str
    owner_arn: str
    owner_name: str = ""
    root: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)
    changes: int = 0
    session: Claims | None = None

    @property
    def powerless(self) -> bool:
        """Whether nothing but who they are may be asked: a session of a role that IAM does not hold."""
        return self.session is not None and bool(self.session.unknown_role_arn)

    @property
    def unlimited(self) -> bool:
        """Whether no policy has a say: root, in person or by a session of their own."""
        return self.kind is Kind.ROOT

    @property
    def temporary(self) -> bool:
        """Whether a session token came with the signature."""
        return self.session is not None


def root_arn(account_id: str) -> str:
    """Return the ARN of the account's root, which stands for the account in trust policies."""
    return f"arn:aws:iam::{account_id}:root"


def assumed_role_arn(*, account_id: str, role_name: str, session_name: str) -> str:
    """Return the ARN of a session of a role; a role's path is not in it (IAM User Guide, "IAM identifiers")."""
    return f"arn:aws:sts::{account_id}:assumed-role/{role_name}/{session_name}"


def federated_user_arn(*, account_id: str, name: str) -> str:
    """Return the ARN of a federated user (STS API Reference, GetFederationToken)."""
    return f"arn:aws:sts::{account_id}:federated-user/{name}"
