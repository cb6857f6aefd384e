"""What are users, groups, roles and policies of the account? Their records, their ARNs, and the limits that AWS sets.

Source of the limits: IAM User Guide, "IAM and AWS STS quotas": those that cannot be raised, and the highest that others can be
raised to.
"""

import re
from enum import Enum
from urllib.parse import urlsplit

import msgspec

# 17 characters of base32 (RFC 4648) behind the prefix of the kind: IAM User Guide, "IAM identifiers".
ID_LENGTH = 17

KEYS_OF_A_USER = 2
GROUPS_OF_A_USER = 10
VERSIONS_OF_A_POLICY = 5
ATTACHMENTS = 10
TAGS = 50
CLIENT_IDS_OF_A_PROVIDER = 100
THUMBPRINTS_OF_A_PROVIDER = 5
MANAGED_POLICY_CHARACTERS = 6_144
TRUST_POLICY_CHARACTERS = 2_048
"""Without white space, as all sizes of policies are counted."""

SHORTEST_SESSION = 3_600
"""The fewest seconds that MaxSessionDuration of a role may be."""

ADMINISTRATOR_ACCESS = "arn:aws:iam::aws:policy/AdministratorAccess"

_WHITE_SPACE = re.compile(r"\s")


class Kind(Enum):
    """What a row is; its value is what the row says."""

    USER = "user"
    GROUP = "group"
    ROLE = "role"
    POLICY = "policy"

    @property
    def id_prefix(self) -> str:
        return _ID_PREFIX[self]

    @property
    def plural(self) -> str:
        """How AWS's sentences about quotas call them."""
        return "Policies" if self is Kind.POLICY else f"{self.value.capitalize()}s"

    @property
    def most(self) -> int:
        """How many of them an account may have."""
        return _MOST[self]

    @property
    def inline_characters(self) -> int:
        """How long all inline policies of one of them may be together."""
        return _INLINE_CHARACTERS[self]


_ID_PREFIX = {Kind.USER: "AIDA", Kind.GROUP: "AGPA", Kind.ROLE: "AROA", Kind.POLICY: "ANPA"}
_MOST = {Kind.USER: 5_000, Kind.GROUP: 500, Kind.ROLE: 5_000, Kind.POLICY: 5_000}
_INLINE_CHARACTERS = {Kind.USER: 2_048, Kind.GROUP: 5_120, Kind.ROLE: 10_240}


class ProviderKind(Enum):
    """What kind of identity provider a row is; its value is what the row and its ARN say."""

    OIDC = "oidc-provider"
    SAML = "saml-provider"

    @property
    def most(self) -> int:
        """How many of them an account may have."""
        return 700 if self is ProviderKind.OIDC else 100


class Entity(msgspec.Struct, frozen=True, kw_only=False, gc=False):
    """A user, group, role or managed policy. `tags` are a JSON object in the order in which they were given.

    `boundary_id` is the policy that bounds a user or role: the id of one of ours, the ARN of one of AWS's. What a kind does
    not have is None.
    """

    kind: str
    name: str
    entity_id: str
    path: str
    created_at: int
    updated_at: int
    tags: str = "{}"
    description: str | None = None
    trust_policy: str | None = None
    max_session_seconds: int | None = None
    boundary_id: str | None = None
    issued_before: int | None = None
    default_version: int | None = None
    newest_version: int | None = None
    last_used_at: int | None = None
    last_used_region: str | None = None


class Provider(msgspec.Struct, frozen=True, gc=False):
    """An OpenID Connect or SAML provider; `client_ids` and `thumbprints` are JSON lists, None for the latter."""

    kind: str
    name: str
    provider_id: str
    created_at: int
    updated_at: int
    tags: str = "{}"
    client_ids: str | None = None
    thumbprints: str | None = None
    metadata: str | None = None


class PolicyVersion(msgspec.Struct, frozen=True, gc=False):
    """One version of a managed policy."""

    policy_id: str
    version: int
    document: str
    created_at: int


def folded(name: str) -> str:
    """Return what makes two names the same: IAM User Guide, "names are not distinguished by case"."""
    return name.casefold()


def entity_arn(account_id: str, kind: Kind, *, path: str, name: str) -> str:
    """Return the ARN of a user, group, role or policy: `arn:aws:iam::000000000000:role/path/name`."""
    return f"arn:aws:iam::{account_id}:{kind.value}{path}{name}"


def provider_arn(account_id: str, kind: ProviderKind, name: str) -> str:
    """Return the ARN of an identity provider."""
    return f"arn:aws:iam::{account_id}:{kind.value}/{name}"


def issuer_name(url: str) -> str | None:
    """Return an OpenID Connect issuer without its scheme: what the ARN of its provider and the keys of conditions call it.

    None for what is not https, or has a query, a fragment, credentials, or characters that no URL has: readers of URLs drop
    some of them, and what is judged must be what is made.
    """
    if not (url.isascii() and url.isprintable()) or any(sign in url for sign in " ?#\\"):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme != "https" or not parts.hostname or "@" in parts.netloc:
        return None
    return (parts.netloc + parts.path).rstrip("/")


def policy_length(document: str) -> int:
    """Return how long AWS takes a policy to be: white space is not counted."""
    return len(_WHITE_SPACE.sub("", document))
