"""What is in a token? The claims of ID and access tokens, as in the table of userpools.md 4."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from poolkeeper.clock import SECOND
from poolkeeper.crypto import base64url
from poolkeeper.model import identities
from poolkeeper.model.attributes import readable
from poolkeeper.model.client import Client
from poolkeeper.model.factors import amr
from poolkeeper.model.group import Membership, group_names, role_claims
from poolkeeper.model.scopes import of_scopes
from poolkeeper.model.user import User

_BOOLEAN_ATTRIBUTES = frozenset({"email_verified", "phone_number_verified"})
# The `version` of tokens that the authorization server issues (measured.md 8).
VERSION = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What the tokens of one answer have in common, and a new `jti` for each. Times are milliseconds since the epoch.

    `acr` is the level that the sign-in asked for by name, `by_pages` whether it came through the authorization server,
    `resource` the `aud` of its access token, empty for none.
    """

    issuer: str
    origin_jti: str
    event_id: str
    auth_time: int
    now: int
    id_jti: str
    access_jti: str
    device_key: str | None = None
    acr: str | None = None
    factors: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    by_pages: bool = False
    resource: str = ""
    nonce: str | None = None


def access_claims(client: Client, user: User, memberships: Sequence[Membership], occasion: Occasion) -> dict[str, Any]:
    """Return the claims of an access token: who may call, not who the user is."""
    return {
        "sub": user.sub,
        **group_names(memberships),
        "iss": occasion.issuer,
        # UNVERIFIED: that an address by which an app names itself stands here and in `aud`; a token of AWS would settle it.
        "client_id": client.shown_id,
        **_session_claims(client, occasion),
        **({"version": VERSION} if occasion.by_pages else {}),
        **({"aud": occasion.resource} if occasion.resource else {}),
        "token_use": "access",
        "scope": " ".join(occasion.scopes),
        "auth_time": occasion.auth_time // SECOND,
        "exp": (occasion.now + client.access_validity) // SECOND,
        "iat": occasion.now // SECOND,
        "jti": occasion.access_jti,
        "username": user.username,
        **({"device_key": occasion.device_key} if occasion.device_key else {}),
        **_level_claims(occasion),
    }


def id_claims(client: Client, user: User, memberships: Sequence[Membership], occasion: Occasion) -> dict[str, Any]:
    """Return the claims of an ID token: the groups and their roles, the attributes that the client may read.

    After a sign-in by the pages, its scopes choose among these attributes too.
    """
    attributes = readable(user.attributes, client.readable)
    return {
        "sub": user.sub,
        **attribute_claims(of_scopes(attributes, occasion.scopes) if occasion.by_pages else attributes),
        **group_names(memberships),
        **role_claims(memberships),
        "iss": occasion.issuer,
        "cognito:username": user.username,
        **_session_claims(client, occasion),
        "aud": client.shown_id,
        "token_use": "id",
        "auth_time": occasion.auth_time // SECOND,
        "exp": (occasion.now + client.id_validity) // SECOND,
        "iat": occasion.now // SECOND,
        **({"jti": occasion.id_jti} if client.revocable or client.rotation else {}),
        **({} if occasion.nonce is None else {"nonce": occasion.nonce}),
        **_level_claims(occasion),
    }


def machine_claims(client: Client, scopes: Sequence[str], *, issuer: str, now: int, jti: str) -> dict[str, Any]:
    """Return the claims of an access token of a client that stands for itself (userpools.md 4, M2M)."""
    return {
        "sub": client.client_id,
        "iss": issuer,
        "client_id": client.client_id,
        "version": VERSION,
        "token_use": "access",
        "scope": " ".join(scopes),
        # UNVERIFIED: auth_time, which is then when the token was issued; one decoded token would settle it.
        "auth_time": now // SECOND,
        "exp": (now + client.access_validity) // SECOND,
        "iat": now // SECOND,
        "jti": jti,
    }


def at_hash(access_token: str) -> dict[str, str]:
    """Return the claim that binds an ID token to the access token beside it (OpenID Connect Core 3.1.3.6)."""
    return {"at_hash": base64url.encode(hashlib.sha256(access_token.encode()).digest()[:16])}


def attribute_claims(attributes: Mapping[str, str]) -> dict[str, Any]:
    """Return attributes as claims: strings, except marks of verification, `updated_at`, `address` and `identities`."""
    return {name: _claim(name, value) for name, value in attributes.items()}


def _claim(name: str, value: str) -> Any:
    if name in _BOOLEAN_ATTRIBUTES:
        return value == "true"
    if name == "address":
        return {"formatted": value}
    if name == "updated_at" and value.isdigit():
        return int(value)
    if name == identities.ATTRIBUTE:
        return identities.claim(value)
    return value


def _level_claims(occasion: Occasion) -> dict[str, Any]:
    """Return `acr` and `amr` if the sign-in asked for a level."""
    # UNVERIFIED: whether a sign-in that asked for no level has them too; public probes of October 2026 found neither.
    return {"acr": occasion.acr, "amr": amr(occasion.factors)} if occasion.acr else {}


def _session_claims(client: Client, occasion: Occasion) -> dict[str, str]:
    """Return the claims that name the session; without revocation that is `event_id` alone (userpools.md 4).

    `event_id` is the session's id then, even if the session began before revocation was turned off.
    """
    if client.revocable or client.rotation:
        return {"origin_jti": occasion.origin_jti, "event_id": occasion.event_id}
    return {"event_id": occasion.origin_jti}
