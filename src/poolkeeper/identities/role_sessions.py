"""May the bearer of a token take a role? If the role's trust policy allows it; the session that begins is not stored.

A role that IAM does not hold gives a name and no rights here: other systems may trust the name. It can be taken only where an
identity pool itself names it.
"""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from poolkeeper import policy
from poolkeeper.call import Call
from poolkeeper.clock import SECOND
from poolkeeper.entropy import BASE32
from poolkeeper.model.iam import ID_LENGTH, Entity
from poolkeeper.model.iam import Kind as EntityKind
from poolkeeper.model.principal import Claims, Kind, SamlIdentity, WebIdentity, assumed_role_arn
from poolkeeper.policy import PrincipalKind, Request
from poolkeeper.rights import tokens
from poolkeeper.rights.judging import of_call
from poolkeeper.rights.policies import compiled
from poolkeeper.rights.tokens import Temporary

DEFAULT_SECONDS = 3_600
_TAG, _SET_SOURCE = "sts:TagSession", "sts:SetSourceIdentity"
_ROLE_ARN = re.compile(r"arn:aws:iam::(\d{12}):role/(?:[!-~]+/)?([\w+=,.@-]{1,64})", re.ASCII)
_log = logging.getLogger("poolkeeper.identities")


class NotTrusted(Exception):  # noqa: N818 - what is said of the role, not of us
    """A role that may not be taken. The message is for the log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The request for a session, by the bearer of a token or of a SAML response.

    `provider_names` are the names of the issuer in trust policies, AWS's first; `context` are the condition keys that this
    issuer alone gives. `most_seconds` ends the session in any case, however long was asked for. `role` is IAM's role of the
    ARN; where IAM has none, `named` says that the identity pool itself names the role.
    """

    role_arn: str
    role: Entity | None
    session_name: str
    provider_names: tuple[str, ...]
    tags: Mapping[str, str]
    action: str = "sts:AssumeRoleWithWebIdentity"
    web_identity: WebIdentity | None = None
    saml_identity: SamlIdentity | None = None
    context: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    transitive_tag_keys: tuple[str, ...] = ()
    source_identity: str = ""
    seconds: int = DEFAULT_SECONDS
    most_seconds: int | None = None
    policies: tuple[str, ...] = ()
    policy_arns: tuple[str, ...] = ()
    scoped_down: bool = False
    named: bool = False


@dataclass(frozen=True, slots=True)
class Assumed:
    """A session of a role: its credentials, its ARN and its unique id."""

    credentials: Temporary
    arn: str
    unique_id: str


class TooLong(Exception):  # noqa: N818 - what was asked for
    """More seconds than the role's sessions may live."""


def assume(call: Call, asked: Asked) -> Assumed:
    """Begin a session of a role; raises NotTrusted, TooLong, PackedPolicyTooLargeException."""
    role = asked.role
    if role is None:
        owner_id, name, account_id = _unknown(call, asked)
    else:
        _require_trust(call, role, asked)
        if asked.seconds > (role.max_session_seconds or DEFAULT_SECONDS):
            raise TooLong
        owner_id, name, account_id = role.entity_id, role.name, call.settings.account_id
    claims = Claims(
        access_key_id="",
        kind=Kind.ROLE,
        owner_id=owner_id,
        owner_name=name,
        session_name=asked.session_name,
        issued_at=call.now,
        expires_at=call.now + min(asked.seconds, asked.most_seconds or asked.seconds) * SECOND,
        policies=asked.policies,
        policy_arns=asked.policy_arns,
        tags=asked.tags,
        transitive_tag_keys=asked.transitive_tag_keys,
        source_identity=asked.source_identity,
        web_identity=asked.web_identity,
        saml_identity=asked.saml_identity,
        unknown_role_arn="" if role is not None else asked.role_arn,
        scoped_down=asked.scoped_down,
    )
    arn = assumed_role_arn(account_id=account_id, role_name=name, session_name=asked.session_name)
    return Assumed(tokens.issue(call.house, claims), arn, f"{owner_id}:{asked.session_name}")


def _require_trust(call: Call, role: Entity, asked: Asked) -> None:
    """Pass where the trust policy allows the session and its tags; raises NotTrusted."""
    if role.trust_policy is None:
        raise NotTrusted(f"{asked.role_arn} trusts nobody")
    trust = compiled(call.house, role.trust_policy, policy.Kind.TRUST, name=role.name)
    name, *other_names = asked.provider_names
    principal = policy.Principal(PrincipalKind.FEDERATED, name, "", tuple(other_names))
    identity = asked.web_identity or asked.saml_identity
    context: dict[str, str | tuple[str, ...]] = {
        **of_call(call, call.region),
        **({} if identity is None else identity.keys),
        **asked.context,
        "sts:RoleSessionName": asked.session_name,
        **{f"aws:RequestTag/{key}": value for key, value in asked.tags.items()},
    }
    rows = (
        ("aws:TagKeys", tuple(asked.tags)),
        ("sts:TransitiveTagKeys", asked.transitive_tag_keys),
        ("sts:SourceIdentity", asked.source_identity),
    )
    context |= {key: value for key, value in rows if value}
    for action in (asked.action, *([_TAG] if asked.tags else []), *([_SET_SOURCE] if asked.source_identity else [])):
        if not policy.trusts(trust, Request(principal, action, asked.role_arn, context, call.trace.budget)).allowed:
            raise NotTrusted(f"{asked.role_arn} does not allow {action} to {name}")


def _unknown(call: Call, asked: Asked) -> tuple[str, str, str]:
    """Return id, name and account of a role that IAM does not hold; raises NotTrusted where it cannot be taken."""
    role_match = _ROLE_ARN.fullmatch(asked.role_arn)
    if role_match is None or not asked.named or call.settings.unknown_roles == "refuse":
        raise NotTrusted(f"IAM does not hold {asked.role_arn}")
    owner_id = call.house.memory.unknown_roles.get(asked.role_arn)
    if owner_id is None:
        owner_id = _id_of(asked.role_arn)
        call.house.memory.unknown_roles.put(asked.role_arn, owner_id)
        _log.warning("IAM does not hold the role %s: its sessions have no rights here", asked.role_arn)
    return owner_id, role_match[2], role_match[1]


def _id_of(role_arn: str) -> str:
    """Return our unique id for a role that IAM does not hold, the same for each session."""
    digest = sha256(role_arn.encode()).digest()
    return EntityKind.ROLE.id_prefix + "".join(BASE32[byte % len(BASE32)] for byte in digest[:ID_LENGTH])
