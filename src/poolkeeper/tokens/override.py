"""What may PreTokenGeneration change in a token? Claims, scopes and groups, but not what identifies user, client or token.

Source: userpools.md 4.1; Developer guide, "Pre token generation Lambda trigger", claims and scopes reference.
"""

from collections.abc import Mapping
from typing import Any

from poolkeeper.model.token_overrides import TokenOverrides
from poolkeeper.tokens.claims import attribute_claims

# Those that AWS protects, and `cnf`, which names the key to which we have bound a token (RFC 9449 6.1).
_PROTECTED = frozenset(
    {
        "acr",
        "amr",
        "at_hash",
        "aud",
        "auth_time",
        "azp",
        "client_id",
        "cnf",
        "device_key",
        "event_id",
        "exp",
        "iat",
        "identities",
        "iss",
        "jti",
        "nbf",
        "nonce",
        "origin_jti",
        "sub",
        "token_use",
        "username",
        "version",
    }
)
_GROUPS, _ROLES, _PREFERRED_ROLE = "cognito:groups", "cognito:roles", "cognito:preferred_role"
_GROUP_CLAIMS = frozenset({_GROUPS, _ROLES, _PREFERRED_ROLE})


def override(
    access: Mapping[str, Any], identity: Mapping[str, Any], overrides: TokenOverrides
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the claims of access and ID token with the trigger's changes, ignoring those that it may not make."""
    return _override_access(access, overrides), _override_id(identity, overrides)


def _override_access(claims: Mapping[str, Any], overrides: TokenOverrides) -> dict[str, Any]:
    added = {name: value for name, value in overrides.access_claims.items() if name != "scope"}
    suppressed = overrides.access_suppressed
    changed = _changed(_regrouped(claims, overrides), added, suppressed - {"scope"})
    # The client is the only `aud` that a trigger may set, and only if the token is not bound to a resource.
    if "aud" not in claims and "aud" not in suppressed and added.get("aud") == claims["client_id"]:
        changed["aud"] = claims["client_id"]
    return _rescoped(changed, overrides)


def _override_id(claims: Mapping[str, Any], overrides: TokenOverrides) -> dict[str, Any]:
    regrouped = _regrouped(claims, overrides)
    if overrides.roles:
        regrouped[_ROLES] = list(overrides.roles)
    if overrides.preferred_role:
        regrouped[_PREFERRED_ROLE] = overrides.preferred_role
    # UNVERIFIED: that what replaces an attribute takes the attribute's form, email_verified: "true" becoming true.
    strings = {
        name: value for name, value in overrides.id_claims.items() if isinstance(value, str) and not _is_fixed(name)
    }
    added = {**overrides.id_claims, **attribute_claims(strings)}
    return _changed(regrouped, added, overrides.id_suppressed)


def _regrouped(claims: Mapping[str, Any], overrides: TokenOverrides) -> dict[str, Any]:
    """Return claims with the trigger's groups, and without any role, in place of the user's own."""
    if overrides.groups is None:
        return dict(claims)
    others = {name: value for name, value in claims.items() if name not in _GROUP_CLAIMS}
    return {**others, **({_GROUPS: list(overrides.groups)} if overrides.groups else {})}


def _changed(claims: Mapping[str, Any], added: Mapping[str, Any], suppressed: frozenset[str]) -> dict[str, Any]:
    """Return claims with some added and some left out; a name in both is left out."""
    left_out = {name for name in suppressed if not _is_fixed(name)}
    if _GROUPS in suppressed:
        left_out |= _GROUP_CLAIMS
    kept = {name: value for name, value in claims.items() if name not in left_out}
    accepted = {
        name: value
        for name, value in added.items()
        if not _is_fixed(name) and not name.startswith("dev:") and name not in suppressed
    }
    return {**kept, **accepted}


def _is_fixed(name: str) -> bool:
    """Say whether a trigger can neither add nor change nor suppress a claim by its name."""
    return name in _PROTECTED or name.startswith("cognito:")


def _rescoped(claims: dict[str, Any], overrides: TokenOverrides) -> dict[str, Any]:
    """Return the claims of an access token with other scopes: those that it had, then the new ones."""
    if not overrides.scopes_added and not overrides.scopes_suppressed:
        return claims
    scopes = dict.fromkeys((*str(claims.get("scope", "")).split(), *overrides.scopes_added))
    kept = " ".join(scope for scope in scopes if scope not in overrides.scopes_suppressed)
    # UNVERIFIED: that a token without any scope has no such claim; suppressing all of them would settle it.
    others = {name: value for name, value in claims.items() if name != "scope"}
    return {**others, **({"scope": kept} if kept else {})}
