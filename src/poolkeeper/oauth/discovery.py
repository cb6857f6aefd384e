"""What can a stranger learn about a pool? Its public keys and its discovery document (OpenID Connect Discovery 1.0)."""

import re
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from poolkeeper.call import House
from poolkeeper.lookup import find_pool
from poolkeeper.model.pool import Pool
from poolkeeper.tokens import keys
from poolkeeper.tokens.issuer import issuer_of, own_issuer

_POOL_ID = re.compile(r"[\w-]{1,55}", re.ASCII)
_HEADERS = {
    "Cache-Control": "public, max-age=3600",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "*",
    "X-Content-Type-Options": "nosniff",
}


class Discovery:
    """The well-known documents of every pool, the same under any host: nothing in them comes from a request."""

    def __init__(self, house: House) -> None:
        self._house = house

    def routes(self) -> list[Route]:
        """Return the routes to mount."""
        methods = ["GET", "OPTIONS"]
        return [
            Route("/{pool_id}/.well-known/jwks.json", self.jwks, methods=methods),
            Route("/{pool_id}/.well-known/openid-configuration", self.configuration, methods=methods),
        ]

    async def jwks(self, request: Request) -> Response:
        """Answer the pool's public keys (RFC 7517); the private halves never come near this document."""
        pool = await self._pool(request)
        pool_keys = None if pool is None else await keys.of_pool(self._house, pool.pool_id)
        return _document(None if pool_keys is None else pool_keys.jwks)

    async def configuration(self, request: Request) -> Response:
        """Answer the discovery document. Endpoints are left out while the pool has no domain that serves them."""
        pool = await self._pool(request)
        return _document(None if pool is None else msgspec.json.encode(self._configuration(pool)))

    async def _pool(self, request: Request) -> Pool | None:
        """Return the pool of the path. What cannot be a pool's id is not looked for: no database takes NUL."""
        pool_id = request.path_params["pool_id"]
        return await find_pool(self._house, pool_id) if _POOL_ID.fullmatch(pool_id) else None

    def _configuration(self, pool: Pool) -> dict[str, Any]:
        settings = self._house.settings
        return {
            "claims_parameter_supported": False,
            "id_token_signing_alg_values_supported": ["RS256"],
            "issuer": issuer_of(settings, pool),
            "jwks_uri": f"{own_issuer(settings, pool.pool_id)}/.well-known/jwks.json",
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
            "response_types_supported": ["code", "token"],
            "scopes_supported": ["openid", "email", "phone", "profile"],
            "subject_types_supported": ["public"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        }


def _document(body: bytes | None) -> Response:
    if body is None:
        return Response(b'{"message":"Not found"}', 404, {**_HEADERS, "Cache-Control": "no-store"}, "application/json")
    return Response(body, 200, _HEADERS, "application/json")
