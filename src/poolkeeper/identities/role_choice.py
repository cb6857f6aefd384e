"""Which role does an identity get? The pool's, or the role by the rules for its login's provider (identity-security.md 1.4)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from poolkeeper.errors import (
    InvalidIdentityPoolConfigurationException,
    InvalidParameterException,
)
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.identities.login import VerifiedLogin
from poolkeeper.model.identity_pool import AUTHENTICATED, UNAUTHENTICATED, IdentityPool

MISCONFIGURED = "Invalid identity pool configuration. Check assigned IAM roles for this pool."
# UNVERIFIED: the words; a CustomRoleArn that is none of the login's roles would settle them.
NOT_YOURS = "The role is not among those that the login may choose."

# Developer guide, "SAML identity providers": of several roles in the response CustomRoleArn chooses.
# UNVERIFIED: that of several, or of none, the pool's own role is the one where nobody chooses.
_OF_SAML: Mapping[str, Any] = {"Type": "Token", "AmbiguousRoleResolution": "AuthenticatedRole"}
_MATCHES: Mapping[str, Callable[[Any, str], bool]] = {
    "Equals": lambda claim, value: _text(claim) == value,
    "NotEqual": lambda claim, value: _text(claim) != value,
    "StartsWith": lambda claim, value: _text(claim).startswith(value),
    # UNVERIFIED: how AWS reads a list; here a member of it that is the value, as of a text a part that is.
    "Contains": lambda claim, value: value in (claim if isinstance(claim, list) else _text(claim)),
}


def of_guest(pool: IdentityPool, custom_role_arn: str | None) -> str:
    """Return the role of guests; raises InvalidIdentityPoolConfigurationException, InvalidParameterException."""
    if custom_role_arn is not None:
        raise InvalidParameterException(NOT_YOURS)
    return _role(pool, UNAUTHENTICATED)


def of_member(pool: IdentityPool, logins: Sequence[VerifiedLogin], custom_role_arn: str | None) -> str:
    """Return the role of whoever proved these logins; `custom_role_arn` is the role that they ask for.

    The first login whose provider has a mapping decides; a SAML response brings its roles and needs no mapping. Raises
    InvalidParameterException where no mapping grants the role they ask for, NotAuthorizedException where the mapping denies,
    InvalidIdentityPoolConfigurationException where there is no role.
    """
    for login in logins:
        mapping = pool.mappings.get(
            login.mapping_key, _OF_SAML if login.mapping_key in pool.saml_provider_arns else None
        )
        if mapping is not None:
            return _of_mapping(pool, mapping, login.claims, custom_role_arn)
    if custom_role_arn is not None:
        raise InvalidParameterException(NOT_YOURS)
    return _role(pool, AUTHENTICATED)


def named_by(pool: IdentityPool, *, guest: bool) -> Iterable[str]:
    """Return the roles that the pool's own settings name, for guests or for everybody else."""
    if guest:
        return tuple(filter(None, [pool.roles.get(UNAUTHENTICATED)]))
    return (*filter(None, [pool.roles.get(AUTHENTICATED)]), *pool.rule_roles)


def _of_mapping(
    pool: IdentityPool, mapping: Mapping[str, Any], claims: Mapping[str, Any], custom_role_arn: str | None
) -> str:
    granted = _of_rules(mapping, claims) if mapping["Type"] == "Rules" else _listed(claims.get("cognito:roles"))
    if custom_role_arn is not None:
        if custom_role_arn not in granted:
            raise InvalidParameterException(NOT_YOURS)
        return custom_role_arn
    if mapping["Type"] == "Rules" and granted:
        return granted[0]
    preferred = claims.get("cognito:preferred_role")
    if mapping["Type"] == "Token" and isinstance(preferred, str) and preferred:
        return preferred
    if mapping["Type"] == "Token" and len(granted) == 1:
        return granted[0]
    if mapping["AmbiguousRoleResolution"] == "Deny":
        raise refused(Reason.NO_ROLE)
    return _role(pool, AUTHENTICATED)


def _of_rules(mapping: Mapping[str, Any], claims: Mapping[str, Any]) -> list[str]:
    """Return the roles of all rules that match, in their order; no rule matches an absent claim, not even `NotEqual`."""
    return [
        rule["RoleARN"]
        for rule in mapping["RulesConfiguration"]["Rules"]
        if claims.get(rule["Claim"]) is not None and _MATCHES[rule["MatchType"]](claims[rule["Claim"]], rule["Value"])
    ]


def _role(pool: IdentityPool, kind: str) -> str:
    role = pool.roles.get(kind)
    if role is None:
        raise InvalidIdentityPoolConfigurationException(MISCONFIGURED, detail=f"the pool has no {kind} role")
    return role


def _listed(claim: Any) -> list[str]:
    """Return the roles of a claim: tokens have a list, AWS's guide speaks of a text with commas."""
    roles = claim.split(",") if isinstance(claim, str) else claim if isinstance(claim, list) else []
    return [role for role in roles if isinstance(role, str) and role]


def _text(claim: Any) -> str:
    if isinstance(claim, bool):
        return "true" if claim else "false"
    if isinstance(claim, list):
        return ",".join(_text(member) for member in claim)
    return str(claim)
