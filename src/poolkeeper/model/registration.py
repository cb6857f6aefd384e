"""What may an app ask for that registers itself? The metadata of RFC 7591, within what the pool's DcrConfiguration allows.

Source: oauth-federation.md 3.5, RFC 7591 sections 2 and 3.2; the API reference of DcrConfigurationType.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from poolkeeper.errors import (
    InvalidOAuthFlowException,
    InvalidParameterException,
    ScopeDoesNotExistException,
)
from poolkeeper.model.client import COGNITO, DCR, DPOP_BOUND
from poolkeeper.model.client_rules import new_client_document, require_plain_redirect_address
from poolkeeper.model.pool import Pool

# The scope of access tokens by which an app may register itself, which belongs to no resource server.
REGISTER_SCOPE = "aws.cognito/dcr/register"
_OF_OPENID = ("openid", "email", "phone", "profile")
_CODE, _MACHINE = "code", "client_credentials"
# grant_type of RFC 7591, and the flow that an app client must have for it; a refresh token comes with a code.
_FLOWS = {"authorization_code": _CODE, "refresh_token": _CODE, "client_credentials": _MACHINE}
_METHODS = frozenset({"none", "client_secret_basic", "client_secret_post"})
# AWS: ClientNameType, CallbackURLsListType, RedirectUrlType.
_UNNAMEABLE = re.compile(r"[^\w\s+=,.@-]+")
_LONGEST_NAME, _MOST_ADDRESSES, _LONGEST_ADDRESS = 128, 100, 1_024
# What an app client is called whose app gives it no name.
_UNNAMED = "dynamically registered"
_MOST_SCOPES = 50

# UNVERIFIED: the members that AWS reads and answers, its errors beyond RFC 7591 section 3.2.2, and what it makes of a client
# that names neither grants nor scopes; one registration of each kind against AWS would settle it.


class BadRegistration(Exception):  # noqa: N818 - what is said of the request
    """A registration that is refused, by an error of RFC 7591 section 3.2.2 and a sentence for the app."""

    def __init__(self, error: Literal["invalid_client_metadata", "invalid_redirect_uri"], description: str) -> None:
        super().__init__(f"{error} {description}")
        self.error = error
        self.description = description


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The members of RFC 7591 section 2 that are gone by; others are passed over, as its section 2 has it."""

    redirect_uris: list[str] | None = None
    token_endpoint_auth_method: str | None = None
    grant_types: list[str] | None = None
    response_types: list[str] | None = None
    client_name: str | None = None
    scope: str | None = None
    dpop_bound_access_tokens: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """An app client to make: its document, whether it gets a secret, and the metadata with which the app is answered."""

    document: Mapping[str, Any]
    confidential: bool
    answered_metadata: Mapping[str, Any]


def is_enabled(pool: Pool) -> bool:
    """Say whether apps may register themselves in a pool."""
    return bool(pool.document.get("DcrConfiguration", {}).get("EnableStatus") == "Enabled")


def is_open(pool: Pool) -> bool:
    """Say whether they may do so without a token."""
    return is_enabled(pool) and bool(pool.document["DcrConfiguration"].get("OpenDcrEnabled"))


def claimed_name(client_name: str) -> str:
    """Return what an app that registered itself says it is called, empty where it did not say."""
    return "" if client_name == _UNNAMED else client_name


def system_scopes(pool: Pool) -> frozenset[str]:
    """Return the scopes of a pool that belong to no resource server of its own."""
    return frozenset({REGISTER_SCOPE}) if is_enabled(pool) else frozenset()


def allowed_flows(pool: Pool, *, by_token: bool) -> frozenset[str]:
    """Return the flows that an app may register for, with a token or without; `implicit` is none of them."""
    member, default = ("AuthenticatedGrantTypes", (_CODE, _MACHINE)) if by_token else ("OpenDcrGrantTypes", (_CODE,))
    named = pool.document["DcrConfiguration"].get(member)
    return frozenset(default if named is None else named) & {_CODE, _MACHINE}


def registration_of(
    body: bytes, pool: Pool, *, by_token: bool, of_servers: Collection[str], providers: Collection[str]
) -> Registration:
    """Return the app client that a request asks for. Raises BadRegistration."""
    try:
        asked = msgspec.json.decode(body, type=Asked)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        raise BadRegistration("invalid_client_metadata", "The body is not client metadata in JSON") from None
    flow = _flow(asked, allowed_flows(pool, by_token=by_token))
    method = asked.token_endpoint_auth_method or "client_secret_basic"
    if method not in _METHODS:
        raise BadRegistration("invalid_client_metadata", "token_endpoint_auth_method is not supported")
    scopes = _scopes(asked, flow, pool, of_servers)
    request: dict[str, Any] = {
        "ClientName": _name(asked.client_name),
        "AllowedOAuthFlowsUserPoolClient": True,
        "AllowedOAuthFlows": [flow],
        "AllowedOAuthScopes": list(scopes),
        "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"],
        "PreventUserExistenceErrors": "ENABLED",
        "GenerateSecret": method != "none",
    }
    if flow == _CODE:
        request |= {"CallbackURLs": _addresses(asked), "SupportedIdentityProviders": [COGNITO, *sorted(providers)]}
    try:
        document = new_client_document(request, pool, custom_scopes=of_servers, providers=providers)
    except (InvalidParameterException, InvalidOAuthFlowException, ScopeDoesNotExistException) as fault:
        raise BadRegistration("invalid_client_metadata", fault.message) from None
    dpop_bound = asked.dpop_bound_access_tokens  # RFC 9449 5.2
    return Registration(
        document={**document, "ClientType": DCR, **({DPOP_BOUND: True} if dpop_bound else {})},
        confidential=method != "none",
        answered_metadata={
            **_answer(flow, method, document),
            **({"dpop_bound_access_tokens": True} if dpop_bound else {}),
        },
    )


def _answer(flow: str, method: str, document: Mapping[str, Any]) -> dict[str, Any]:
    of_code = flow == _CODE
    return {
        "client_name": document["ClientName"],
        "grant_types": ["authorization_code", "refresh_token"] if of_code else ["client_credentials"],
        "response_types": ["code"] if of_code else [],
        "redirect_uris": document.get("CallbackURLs", []),
        "token_endpoint_auth_method": method,
        "scope": " ".join(document["AllowedOAuthScopes"]),
    }


def _flow(asked: Asked, allowed: frozenset[str]) -> str:
    """Return the one flow that an app asks for: that of codes, where it names none."""
    grants = asked.grant_types if asked.grant_types is not None else ["authorization_code"]
    flows = {_FLOWS.get(grant, "") for grant in grants}
    if len(flows) != 1 or "" in flows or set(grants) == {"refresh_token"}:
        raise BadRegistration(
            "invalid_client_metadata",
            "grant_types must be authorization_code, with refresh_token, or client_credentials",
        )
    (flow,) = flows
    if flow not in allowed:
        raise BadRegistration("invalid_client_metadata", "grant_types are not allowed")
    if asked.response_types is not None and set(asked.response_types) != ({"code"} if flow == _CODE else set()):
        raise BadRegistration("invalid_client_metadata", "response_types do not go with grant_types")
    return flow


def _scopes(asked: Asked, flow: str, pool: Pool, of_servers: Collection[str]) -> tuple[str, ...]:
    listed = pool.document["DcrConfiguration"].get("AllowedScopes", ())
    known_scopes = {"aws.cognito.signin.user.admin", *of_servers}
    allowed = tuple(
        scope for scope in dict.fromkeys((*_OF_OPENID, *listed)) if scope in _OF_OPENID or scope in known_scopes
    )
    allowed = tuple(scope for scope in allowed if scope != REGISTER_SCOPE and (flow == _CODE or "/" in scope))
    named = tuple(dict.fromkeys((asked.scope or "").split()))
    if len(named) > _MOST_SCOPES or not set(named) <= set(allowed) or not (named or allowed):
        raise BadRegistration("invalid_client_metadata", "scope is not allowed")
    return named or allowed[:_MOST_SCOPES]


def _addresses(asked: Asked) -> list[str]:
    listed = list(dict.fromkeys(asked.redirect_uris or ()))
    if not 0 < len(listed) <= _MOST_ADDRESSES:
        raise BadRegistration("invalid_redirect_uri", "redirect_uris must have one to 100 addresses")
    for address in listed:
        if not 0 < len(address) <= _LONGEST_ADDRESS:
            raise BadRegistration("invalid_redirect_uri", "An address is too long")
        try:
            require_plain_redirect_address(address)
        except InvalidParameterException as fault:
            raise BadRegistration("invalid_redirect_uri", fault.message) from None
    return listed


def _name(name: str | None) -> str:
    """Return a name as an app client may have it: what AWS allows in none becomes a blank."""
    kept = " ".join(_UNNAMEABLE.sub(" ", name or "").split())[:_LONGEST_NAME].strip()
    return kept if kept.isprintable() and kept else _UNNAMED
