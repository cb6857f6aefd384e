"""What does an operator's code want in tokens? PreTokenGeneration says so, in three versions (userpools.md 4.1).

tokens/override.py decides which of these changes a token takes.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from poolkeeper.call import Call
from poolkeeper.model.client import Client
from poolkeeper.model.group import Membership, role_claims
from poolkeeper.model.pool import Pool
from poolkeeper.model.token_overrides import TokenOverrides
from poolkeeper.model.user import User
from poolkeeper.triggers.asking import ask, is_set, texts, unrecognizable
from poolkeeper.triggers.events import event_of_call, told_attributes

_NAME = "PreTokenGeneration"
_VERSIONS = {"V1_0": "1", "V2_0": "2", "V3_0": "3"}
# Claims of attributes with a special form, so that an ID token takes only a text for them.
TEXTS_ALONE = frozenset({"email_verified", "phone_number_verified", "updated_at", "address"})
_MOST_CHANGES = 5_000
# Bytes of groups, claims and scopes in an access token: with its other claims the token stays below jws.MAX_TOKEN, as it
# does with all the groups that a user may be in.
_MOST_IN_ACCESS_TOKEN = 70_000
_SCOPE = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+")  # RFC 6749 3.3


class _Groups(msgspec.Struct, frozen=True, rename="camel"):
    groups_to_override: list[str] | None = None
    iam_roles_to_override: list[str] | None = None
    preferred_role: str | None = None


class _Claims(msgspec.Struct, frozen=True, rename="camel"):
    claims_to_add_or_override: dict[str, Any] | None = None
    claims_to_suppress: list[str] | None = None


class _Access(_Claims, frozen=True, rename="camel"):
    scopes_to_add: list[str] | None = None
    scopes_to_suppress: list[str] | None = None


class _DetailsOne(msgspec.Struct, frozen=True, rename="camel"):
    claims_to_add_or_override: dict[str, str | None] | None = None
    claims_to_suppress: list[str] | None = None
    group_override_details: _Groups | UnsetType | None = UNSET


class _DetailsTwo(msgspec.Struct, frozen=True, rename="camel"):
    id_token_generation: _Claims | None = None
    access_token_generation: _Access | None = None
    group_override_details: _Groups | UnsetType | None = UNSET


class _One(msgspec.Struct, frozen=True, rename="camel"):
    claims_override_details: _DetailsOne | None = None


class _Two(msgspec.Struct, frozen=True, rename="camel"):
    claims_and_scope_override_details: _DetailsTwo | None = None


async def pre_token_generation(
    call: Call,
    pool: Pool,
    client: Client,
    *,
    source: str,
    user: User,
    memberships: Sequence[Membership],
    scopes: Sequence[str],
    metadata: Mapping[str, str],
) -> TokenOverrides | None:
    """Ask PreTokenGeneration what to change in the tokens of a user, None where there is no such trigger.

    `source` is TokenGeneration_Authentication or another of its kind. Raises as `ask` does.
    """
    if not is_set(pool, _NAME):
        return None
    request = {"userAttributes": told_attributes(pool, user), "groupConfiguration": _groups_of(memberships)}
    return await _asked(
        call,
        pool,
        client,
        source=source,
        username=user.username,
        request=request,
        groups=[membership.group_name for membership in memberships],
        scopes=scopes,
        metadata=metadata,
    )


async def machine_token_generation(
    call: Call, pool: Pool, client: Client, *, scopes: Sequence[str], metadata: Mapping[str, str]
) -> TokenOverrides | None:
    """Ask PreTokenGeneration what to change in the access token of an app client without a user.

    None where there is no such trigger, or its version is below three. Raises as `ask` does.
    """
    if not is_set(pool, _NAME) or _version(pool) != "3":
        return None
    return await _asked(
        call,
        pool,
        client,
        source="TokenGeneration_ClientCredentials",
        username="ClientCredentials",
        # UNVERIFIED: userAttributes; an event of a client credentials grant would settle it.
        request={"userAttributes": {}, "groupConfiguration": None},
        groups=(),
        scopes=scopes,
        metadata=metadata,
    )


async def _asked(
    call: Call,
    pool: Pool,
    client: Client,
    *,
    source: str,
    username: str,
    request: Mapping[str, Any],
    groups: Sequence[str],
    scopes: Sequence[str],
    metadata: Mapping[str, str],
) -> TokenOverrides:
    version = _version(pool)
    first = version == "1"
    event = event_of_call(
        call,
        pool,
        client,
        source=source,
        username=username,
        request={**request, **({} if first else {"scopes": list(scopes)})},
        response={"claimsOverrideDetails" if first else "claimsAndScopeOverrideDetails": None},
        metadata=metadata,
        version=version,
    )
    if first:
        overrides = _of_version_one(await ask(call, pool, _NAME, event, _One))
    else:
        overrides = _of_version_two(await ask(call, pool, _NAME, event, _Two))
    _check(overrides, groups)
    return overrides


def _version(pool: Pool) -> str:
    config = pool.triggers.get("PreTokenGenerationConfig") or {}
    return _VERSIONS[config.get("LambdaVersion", "V1_0")]


def _groups_of(memberships: Sequence[Membership]) -> dict[str, Any]:
    roles = role_claims(memberships)
    return {
        "groupsToOverride": [membership.group_name for membership in memberships],
        "iamRolesToOverride": roles.get("cognito:roles", []),
        "preferredRole": roles.get("cognito:preferred_role"),
    }


def _of_version_one(answer: _One) -> TokenOverrides:
    """Return the changes of a version one answer: of the ID token, and of the groups in the access token."""
    details = answer.claims_override_details
    if details is None:
        return TokenOverrides()
    return TokenOverrides(
        id_claims=_id_values(details.claims_to_add_or_override),
        id_suppressed=frozenset(details.claims_to_suppress or ()),
        **_group_overrides(details.group_override_details),
    )


def _of_version_two(answer: _Two) -> TokenOverrides:
    details = answer.claims_and_scope_override_details
    if details is None:
        return TokenOverrides()
    identity, access = details.id_token_generation or _Claims(), details.access_token_generation or _Access()
    return TokenOverrides(
        id_claims=_id_values(identity.claims_to_add_or_override),
        id_suppressed=frozenset(identity.claims_to_suppress or ()),
        access_claims=_values(access.claims_to_add_or_override),
        access_suppressed=frozenset(access.claims_to_suppress or ()),
        scopes_added=tuple(access.scopes_to_add or ()),
        scopes_suppressed=frozenset(access.scopes_to_suppress or ()),
        **_group_overrides(details.group_override_details),
    )


def _group_overrides(answered: _Groups | UnsetType | None) -> dict[str, Any]:
    """Return the changes of the groups: they stay without `groupOverrideDetails`, and go where it is null or has no groups."""
    if answered is UNSET:
        return {}
    details = answered if isinstance(answered, _Groups) else _Groups()
    return {
        "groups": tuple(details.groups_to_override or ()),
        "roles": tuple(details.iam_roles_to_override or ()),
        "preferred_role": details.preferred_role,
    }


def _values(claims: Mapping[str, Any] | None) -> dict[str, Any]:
    # UNVERIFIED: that null counts as left out; a handler that returns it for a claim would settle it.
    return {name: value for name, value in (claims or {}).items() if value is not None}


def _id_values(claims: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the claims of an ID token. Raises InvalidLambdaResponseException for a list or map where a text belongs."""
    values = _values(claims)
    return values | texts(_NAME, {name: values[name] for name in TEXTS_ALONE & values.keys()})


def _check(overrides: TokenOverrides, groups: Sequence[str]) -> None:
    """Raise InvalidLambdaResponseException for too many changes, claims that no token could hold, or an invalid scope.

    `groups` are the user's, which an access token carries where the trigger names no other groups.
    """
    changes = (
        overrides.id_claims,
        overrides.id_suppressed,
        overrides.access_claims,
        overrides.access_suppressed,
        overrides.scopes_added,
        overrides.scopes_suppressed,
    )
    if sum(map(len, changes)) > _MOST_CHANGES:
        raise unrecognizable(_NAME, f"more than {_MOST_CHANGES} claims and scopes")
    carried = groups if overrides.groups is None else overrides.groups
    try:
        msgspec.json.encode(overrides.id_claims)
        size = len(msgspec.json.encode((overrides.access_claims, overrides.scopes_added, carried)))
    except RecursionError:
        raise unrecognizable(_NAME, "claims that are nested too deeply") from None
    if size > _MOST_IN_ACCESS_TOKEN:
        # UNVERIFIED: what AWS answers; a function that adds a hundred thousand bytes to an access token would settle it.
        raise unrecognizable(_NAME, f"an access token with more than {_MOST_IN_ACCESS_TOKEN} bytes of claims")
    for scope in overrides.scopes_added:
        if not _SCOPE.fullmatch(scope):
            raise unrecognizable(_NAME, f"{scope!r} is not one scope")
