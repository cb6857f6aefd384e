"""What can a stranger learn about a pool? Its public keys and its metadata (OpenID Connect Discovery 1.0, RFC 8414).

A document's path names the pool on any host, and need not do so on the hosts of the pool's domains. The bytes are the same:
nothing in them comes from a request.
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
from poolkeeper.oauth.token_exchange import EXCHANGE_GRANT
from poolkeeper.settings import Settings
from poolkeeper.tokens import keys
from poolkeeper.tokens.issuer import issuer_of, own_issuer

# AWS's own paths; the table of endpoints has other spellings too.
_ENDPOINTS: Mapping[str, str] = {
    "authorization_endpoint": "/oauth2/authorize",
    "end_session_endpoint": "/logout",
    "pushed_authorization_request_endpoint": "/oauth2/par",
    "introspection_endpoint": "/oauth2/introspect",
    "revocation_endpoint": "/oauth2/revoke",
    "token_endpoint": "/oauth2/token",
    "userinfo_endpoint": "/oauth2/userInfo",
}
# How clients authenticate: confidential ones in two ways, public ones not at all.
_SECRET_METHODS = ["client_secret_basic", "client_secret_post"]
_AUTH_METHODS = [*_SECRET_METHODS, "none"]
_GRANTS = ("authorization_code", "implicit", "refresh_token", "client_credentials", EXCHANGE_GRANT)
# Claims beside the standard attributes. Strangers do not learn the custom ones.
_CLAIMS = ["acr", "amr", "aud", "auth_time", "cognito:groups", "cognito:username", "exp", "iat", "iss", "nonce"]
_HEADERS = {**cross_origin.ANSWER, "x-content-type-options": "nosniff"}
# Keys rarely change, while the configuration names other addresses as soon as the pool has a domain.
_CACHE_KEYS, _CACHE_CONFIGURATION = "public, max-age=3600", "public, max-age=300"

Document = Callable[[House, Pool], Awaitable[bytes | None]]


async def jwks(house: House, pool: Pool) -> bytes | None:
    """Return the pool's public keys (RFC 7517), None if the pool is gone. The document is made of public columns alone."""
    pool_keys = await keys.of_pool(house, pool.pool_id)
    return None if pool_keys is None else pool_keys.jwks


async def configuration(house: House, pool: Pool) -> bytes:
    """Return the pool's metadata as JSON, without endpoints if the pool has no address for them."""
    document = metadata(house.settings, pool)
    if "authorization_endpoint" in document and is_enabled(pool):
        document["registration_endpoint"] = _registration_endpoint(house.settings, pool)
    if "authorization_endpoint" in document and await client_documents.has_policies(house, pool.pool_id):
        document["client_id_metadata_document_supported"] = True
    return msgspec.json.encode(document, order="sorted")


def _registration_endpoint(settings: Settings, pool: Pool) -> str:
    """Return the address at which apps register themselves; its query names the pool if its host does not."""
    address = main_address(settings, pool) or ""
    query = f"?{POOL_PARAMETER}={pool.pool_id}" if address == origin(settings, settings.base_host) else ""
    return f"{address}/oauth2/register{query}"


def metadata(settings: Settings, pool: Pool) -> dict[str, Any]:
    """Return the metadata for which the pool itself is enough: no database is asked (oauth-federation.md 1.1)."""
    address = main_address(settings, pool)
    endpoints = {} if address is None else {name: address + path for name, path in _ENDPOINTS.items()}
    level_of_acr = levels.levels_of(pool.document)
    return {
        **endpoints,
        "acr_values_supported": sorted(level_of_acr, key=level_of_acr.__getitem__),
        "authorization_response_iss_parameter_supported": True,
        "backchannel_logout_session_supported": True,
        "backchannel_logout_supported": True,
        "claims_parameter_supported": False,
        "claims_supported": sorted({*_CLAIMS, *STANDARD_NAMES}),
        "code_challenge_methods_supported": ["S256"],
        "dpop_signing_alg_values_supported": list(ALGORITHMS),
        "grant_types_supported": [*_GRANTS],
        "id_token_signing_alg_values_supported": ["RS256"],
        "introspection_endpoint_auth_methods_supported": _SECRET_METHODS,
        "issuer": issuer_of(settings, pool),
        "jwks_uri": f"{own_issuer(settings, pool.pool_id)}/.well-known/jwks.json",
        "prompt_values_supported": ["none", "login", "select_account"],
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "require_pushed_authorization_requests": pool.pushed_requests_only,
        "response_modes_supported": ["query", "fragment"],
        "response_types_supported": [CODE, IMPLICIT],
        "revocation_endpoint_auth_methods_supported": _AUTH_METHODS,
        "scopes_supported": ["openid", "email", "phone", "profile"],
        "subject_types_supported": ["public"],
        "token_endpoint_auth_methods_supported": _AUTH_METHODS,
        "ui_locales_supported": list(languages.OWN_NAMES),
    }


def routes(house: House) -> list[Route]:
    """Return the routes of the documents whose path names the pool, under any host."""
    return [
        Route(path, _by_pool_id(house, document), methods=["GET", "OPTIONS"])
        for path, document in (
            ("/{pool_id}/.well-known/jwks.json", jwks),
            ("/{pool_id}/.well-known/openid-configuration", configuration),
            ("/{pool_id}/.well-known/oauth-authorization-server", configuration),
            # RFC 8414 section 3.1 puts it here if the issuer has a path; some clients look here for the other document too.
            ("/.well-known/oauth-authorization-server/{pool_id}", configuration),
            ("/.well-known/openid-configuration/{pool_id}", configuration),
        )
    ]


def _by_pool_id(house: House, document: Document) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=cross_origin.PREFLIGHT)
        pool_id = request.path_params["pool_id"]
        pool = await find_pool(house, pool_id) if POOL_ID.fullmatch(pool_id) else None
        return _answer(document, None if pool is None else await document(house, pool))

    return answer


def _by_host(document: Document) -> Handler:
    async def answer(visit: Visit) -> Response:
        return _answer(document, await document(visit.call.house, visit.place.pool))

    return answer


def _answer(document: Document, body: bytes | None) -> Response:
    if body is None:
        return refuse(404, "Not found")
    cache_control = _CACHE_KEYS if document is jwks else _CACHE_CONFIGURATION
    return Response(body, 200, {**_HEADERS, "cache-control": cache_control}, "application/json")


def refuse(status: int, sentence: str, _request_id: str = "", _language: str = "") -> Response:
    """Answer that there is no document, or none for now."""
    headers = {**_HEADERS, "cache-control": "no-store"}
    return Response(msgspec.json.encode({"message": sentence}), status, headers, "application/json")


# The documents of the pool to which the host belongs: the path does not name it.
WELL_KNOWN: Mapping[str, Endpoint] = {
    path: Endpoint(
        service=outcomes.OAUTH,
        refuse=refuse,
        get=_by_host(document),
        cross_origin=True,
        # On the bare host the path belongs to the issuer of identity pools (identity_discovery.py).
        yields=path == "/.well-known/openid-configuration",
    )
    for path, document in (
        ("/.well-known/jwks.json", jwks),
        ("/.well-known/openid-configuration", configuration),
        ("/.well-known/oauth-authorization-server", configuration),
    )
}
