"""What can a stranger learn about the issuer of identity pools? Its metadata, and its keys with their certificates.

AWS has both at the root of the issuer (identity-security.md 1.5). At the root of our public address, user pools are found by
a client id too: a request for metadata that names a client means that client's pool.
"""

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from poolkeeper.call import House
from poolkeeper.hosted import cross_origin
from poolkeeper.identities import issuer
from poolkeeper.oauth.discovery import refuse
from poolkeeper.settings import Settings

# UNVERIFIED: the path, AWS's as public reports have it; a request to AWS would settle it.
_JWKS = "/.well-known/jwks_uri"
_CONFIGURATION = "/.well-known/openid-configuration"
_HEADERS = {**cross_origin.ANSWER, "x-content-type-options": "nosniff", "cache-control": "public, max-age=3600"}
_CLAIMS = ["sub", "aud", "amr", "iss", "exp", "iat"]


def routes(house: House) -> list[Route]:
    """Return the routes of both documents: at the root and, if the issuer's address has a path, below that too."""
    issuer_path = urlsplit(issuer.issuer_of(house.settings)).path
    return [
        Route(prefix + path, _serving(house, document), methods=["GET", "OPTIONS"])
        for prefix in dict.fromkeys(("", issuer_path))
        for path, document in ((_JWKS, issuer.jwks), (_CONFIGURATION, configuration))
    ]


async def configuration(house: House) -> bytes:
    """Return the issuer's metadata as JSON (OpenID Connect Discovery 1.0), without endpoints: nobody signs in at it."""
    settings = house.settings
    return msgspec.json.encode(
        {
            "claims_supported": _CLAIMS,
            "id_token_signing_alg_values_supported": [settings.identity_token_algorithm],
            "issuer": issuer.issuer_of(settings),
            "jwks_uri": _base_of_keys(settings) + _JWKS,
            "response_types_supported": ["none"],
            "subject_types_supported": ["public"],
        }
    )


def _base_of_keys(settings: Settings) -> str:
    """Return the address below which the keys are: the issuer's, but ours if the issuer has AWS's name."""
    issuer_url = issuer.issuer_of(settings)
    return settings.issuer_base if issuer_url == issuer.AWS_ISSUER else issuer_url


def _serving(house: House, document: Callable[[House], Awaitable[bytes]]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=cross_origin.PREFLIGHT)
        # Caches would keep an escaped spelling as a document of its own (attacks.md 99).
        if b"%" in request.scope.get("raw_path", b""):
            return refuse(404, "Not found")
        return Response(await document(house), 200, _HEADERS, "application/json")

    return answer
