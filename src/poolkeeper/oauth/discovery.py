"""What can a stranger learn about a pool? Its public keys and its metadata (OpenID Connect Discovery 1.0, RFC 8414).

The documents are at the pool's id under any host, and without it on the hosts of the pool's domains: the same bytes, in which
nothing comes from a request.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from poolkeeper.accounts import client_documents
from poolkeeper.call import House
from poolkeeper.crypto.dpop import ALGORITHMS
from poolkeeper.hosted import cross_origin, outcomes
from poolkeeper.hosted.authorize import CODE, IMPLICIT
from poolkeeper.hosted.finding import POOL_PARAMETER
from poolkeeper.hosted.visit import Endpoint, Handler, Visit
from poolkeeper.lookup import find_pool
from poolkeeper.model import languages, levels
from poolkeeper.model.address import main_address, origin
from poolkeeper.model.attributes import STANDARD_NAMES
from poolkeeper.model.pool import POOL_ID, Pool
from poolkeeper.model.registration import is_enabled
from poolkeeper.oauth.token_exchange import GRANT
from poolkeeper.settings import Settings
from poolkeeper.tokens import keys
from poolkeeper.tokens.issuer import issuer_of, own_issuer

# AWS's own addresses, which are in the table of endpoints beside other spellings.
_ENDPOINTS: Mapping[str, str] = {
    "authorization_endpoint": "/oauth2/authorize",
    "end_session_endpoint": "/logout",
    "pushed_authorization_request_endpoint": "/oauth2/par",
    "introspection_endpoint": "/oauth2/introspect",
    "revocation_endpoint": "/oauth2/revoke",
    "token_endpoint": "/oauth2/token",
    "userinfo_endpoint": "/oauth2/userInfo",
}
# How clients show themselves: two ways of confidential ones, none of public ones.
_SECRETS = ["client_secret_basic", "client_secret_post"]
_AUTHENTICATION = [*_SECRETS, "none"]
_GRANTS = ("authorization_code", "implicit", "refresh_token", "client_credentials", GRANT)
# Beside the standard attributes. Custom ones are not told to strangers.
_CLAIMS = ["acr", "amr", "aud", "auth_time", "cognito:groups", "cognito:username", "exp", "iat", "iss", "nonce"]
_HEADERS = {**cross_origin.ANSWER, "x-content-type-options": "nosniff"}
# Keys stay for long, while a document names another address as soon as the pool has a domain.
_KEPT_KEYS, _KEPT_CONFIGURATION = "public, max-age=3600", "public, max-age=300"

Document = Callable[[House, Pool], Awaitable[bytes | None]]


async def jwks(house: House, pool: Pool) -> bytes | None:
    """Return the pool's public keys (RFC 7517); the private halves never come near this document."""
    pool_keys = await keys.of_pool(house, pool.pool_id)
    return None if pool_keys is None else pool_keys.jwks


async def configuration(house: House, pool: Pool) -> bytes:
    """Return the pool's metadata. Endpoints are left out where it has no address at which they are."""
    document = metadata(house.settings, pool)
    if "authorization_endpoint" in document and is_enabled(pool):
        document["registration_endpoint"] = _registration_endpoint(house.settings, pool)
    if "authorization_endpoint" in document and await client_documents.has_policies(house, pool.pool_id):
        document["client_id_metadata_document_supported"] = True
    return msgspec.json.encode(document, order="sorted")


def _registration_endpoint(settings: Settings, pool: Pool) -> str:
    """Return where apps register themselves, which names the pool where the address does not."""
    address = main_address(settings, pool) or ""
    named = f"?{POOL_PARAMETER}={pool.pool_id}" if address == origin(settings, settings.base_host) else ""
    return f"{address}/oauth2/register{named}"


def metadata(settings: Settings, pool: Pool) -> dict[str, Any]:
    """Return what clients configure themselves by (oauth-federation.md 1.1)."""
    address = main_address(settings, pool)
    endpoints = {} if address is None else {name: address + path for name, path in _ENDPOINTS.items()}
    acr = levels.levels_of(pool.document)
    return {
        **endpoints,
        "acr_values_supported": sorted(acr, key=acr.__getitem__),
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_session_supported": True,
        "backchannel_logout_supported": True,
        "claims_parameter_supported": False,
        "claims_supported": sorted({*_CLAIMS, *STANDARD_NAMES}),
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": list(ALGORITHMS),
        "grant_types_supported": [*_GRANTS],
        "id_token_signing_alg_values_supported": ["RS256"],
        "introspection_endpoint_auth_methods_supported": _SECRETS,
        "issuer": issuer_of(settings, pool),
        "jwks_uri": f"{own_issuer(settings, pool.pool_id)}/.well-known/jwks.json",
        "prompt_values_supported": ["none", "login", "select_account"],
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "require_pushed_authorization_requests": pool.pushed_requests_only,
        "response_modes_supported": ["query", "fragment"],
        "response_types_supported": [CODE, IMPLICIT],
        "revocation_endpoint_auth_methods_supported": _AUTHENTICATION,
        "scopes_supported": ["openid", "email", "phone", "profile"],
        "subject_types_supported": ["public"],
        "token_endpoint_auth_methods_supported": _AUTHENTICATION,
        "ui_locales_supported": list(languages.OWN_NAMES),
    }


def routes(house: House) -> list[Route]:
    """Return the routes of the documents whose path names the pool, under any host."""
    return [
        Route(path, _by_id(house, document), methods=["GET", "OPTIONS"])
        for path, document in (
            ("/{pool_id}/.well-known/jwks.json", jwks),
            ("/{pool_id}/.well-known/openid-configuration", configuration),
            ("/{pool_id}/.well-known/oauth-authorization-server", configuration),
            # Where RFC 8414 section 3.1 puts it for an issuer with a path; some clients do so with the other one too.
            ("/.well-known/oauth-authorization-server/{pool_id}", configuration),
            ("/.well-known/openid-configuration/{pool_id}", configuration),
        )
    ]


def _by_id(house: House, document: Document) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=cross_origin.PREFLIGHT)
        pool_id = request.path_params["pool_id"]
        pool = await find_pool(house, pool_id) if POOL_ID.fullmatch(pool_id) else None
        return _answer(document, None if pool is None else await document(house, pool))

    return answer


def _by_place(document: Document) -> Handler:
    async def answer(visit: Visit) -> Response:
        return _answer(document, await document(visit.call.house, visit.place.pool))

    return answer


def _answer(document: Document, body: bytes | None) -> Response:
    if body is None:
        return refuse(404, "Not found")
    kept = _KEPT_KEYS if document is jwks else _KEPT_CONFIGURATION
    return Response(body, 200, {**_HEADERS, "cache-control": kept}, "application/json")


def refuse(status: int, sentence: str, _request_id: str = "", _language: str = "") -> Response:
    """Answer that there is no document, or none for now."""
    headers = {**_HEADERS, "cache-control": "no-store"}
    return Response(msgspec.json.encode({"message": sentence}), status, headers, "application/json")


# The documents of the pool that a place is of, without its id in the path.
WELL_KNOWN: Mapping[str, Endpoint] = {
    path: Endpoint(
        service=outcomes.OAUTH,
        refuse=refuse,
        get=_by_place(document),
        cross_origin=True,
        # There it is of the issuer of identity pools (identity_discovery.py).
        yields=path == "/.well-known/openid-configuration",
    )
    for path, document in (
        ("/.well-known/jwks.json", jwks),
        ("/.well-known/openid-configuration", configuration),
        ("/.well-known/oauth-authorization-server", configuration),
    )
}
