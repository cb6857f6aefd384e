"""/oauth2/token: tokens for a code, a refresh token, an app client itself (RFC 6749 4.1.3, 6, 4.4.2) or another token."""

from collections.abc import Awaitable, Callable, Mapping

import msgspec
from starlette.responses import Response

from poolkeeper.auth import gate
from poolkeeper.auth.refresh import exchange, require_device, require_session
from poolkeeper.errors import NotAuthorizedException, ResourceNotFoundException, ServiceError
from poolkeeper.errors.refusals import UnprovedKey
from poolkeeper.hosted import codes
from poolkeeper.hosted.authorize import CODE
from poolkeeper.hosted.visit import Visit
from poolkeeper.lookup import Bearer
from poolkeeper.model.client_metadata import is_client_url
from poolkeeper.model.machine import CLIENT_CREDENTIALS, MachineRequest
from poolkeeper.model.scopes import all_readable
from poolkeeper.model.tokens import Tokens
from poolkeeper.oauth.answers import Refusal, answer
from poolkeeper.oauth.client_authentication import (
    authenticated_client,
    claimed_client,
    require_allowed_by_policy,
    require_known_client,
    require_proved,
)
from poolkeeper.oauth.dpop import next_nonce_header, with_key_if_shown
from poolkeeper.oauth.requested_scopes import requested_scopes
from poolkeeper.oauth.token_exchange import EXCHANGE_GRANT, by_token_exchange

_decode_metadata = msgspec.json.Decoder(dict[str, str]).decode


async def token(visit: Visit) -> Response:
    """Answer a grant with tokens, bound to the key of a DPoP proof if one came.

    The proof is verified only for a client of this pool: strangers cause no such work. Raises Refusal, and ServiceError as
    the gate does.
    """
    grant_type = _required(visit, "grant_type")
    grant = GRANTS.get(grant_type)
    if grant is None:
        claimed_client(visit)
        raise Refusal("unsupported_grant_type", detail=f"grant_type {grant_type[:64]!r}")
    if visit.proofs:
        await require_known_client(visit)
        visit = with_key_if_shown(visit)
    granted = await grant(visit)
    response = granted if isinstance(granted, Response) else _answer_of_tokens(granted, visit.call.jkt)
    if visit.call.jkt:
        response.headers.update(next_nonce_header(visit))
    return response


async def _by_code(visit: Visit) -> Tokens:
    client = await authenticated_client(visit)
    code = _required(visit, "code")
    document = client.document
    if not document.get("AllowedOAuthFlowsUserPoolClient") or CODE not in document.get("AllowedOAuthFlows", ()):
        raise Refusal("unauthorized_client", detail="the client does not have the code flow")
    try:
        return await codes.redeem(
            visit.call,
            visit.place.pool,
            client,
            code=code,
            redirect_uri=visit.form.get("redirect_uri"),
            verifier=visit.form.get("code_verifier"),
        )
    except codes.BadRedirect:  # AWS's error; RFC 6749 section 5.2 would say invalid_grant (oauth-federation.md 3.1)
        raise Refusal("unauthorized_client", "invalid_redirect") from None
    except codes.BadGrant as fault:
        raise Refusal("invalid_grant", detail=str(fault)) from None


async def _by_refresh_token(visit: Visit) -> Tokens:
    """Refresh a session, also one that the API opened; a device key cannot be shown here (oauth-federation.md 3.1)."""
    # UNVERIFIED: that a client need not allow REFRESH_TOKEN_AUTH, nor any flow of OAuth; one of each would settle it.
    session_bearer, generation = await _require_session(visit)
    require_device(session_bearer, None)
    scopes = requested_scopes(visit)
    if not set(scopes) <= set(session_bearer.session.scopes):
        raise Refusal("invalid_scope", detail="a scope that the session does not have")
    if not all_readable(scopes or session_bearer.session.scopes, session_bearer.client.readable):
        raise Refusal("invalid_grant", detail=codes.UNREADABLE)
    return await exchange(
        visit.call,
        session_bearer,
        generation=generation,
        metadata={},
        source="TokenGeneration_RefreshTokens",
        scopes=scopes or None,
    )


async def _require_session(visit: Visit) -> tuple[Bearer, int]:
    """Return the bearer of a refresh token, and the token's generation; client and session are read in one round trip.

    A client that fails to authenticate gets that error, whatever its token is (RFC 6749 section 5.2). Raises Refusal,
    ServiceError.
    """
    claim = claimed_client(visit)
    try:
        token = _required(visit, "refresh_token")
        by_url = is_client_url(claim.client_id)
        session_bearer, generation = await require_session(
            visit.call,
            client_id=claim.client_id if by_url else claim.checked_id,
            token=token,
            pool=visit.place.pool if by_url else None,
        )
    except (Refusal, ServiceError):
        await authenticated_client(visit)
        raise
    if by_url:
        await require_allowed_by_policy(visit, claim, session_bearer.client)
    else:
        require_proved(visit, claim, session_bearer.client)
    return session_bearer, generation


async def _by_client(visit: Visit) -> Tokens:
    claim = claimed_client(visit)
    try:
        machine_request = MachineRequest(
            pool_id=visit.place.pool.pool_id,
            client_id=claim.checked_id,
            secret=claim.secret,
            flow=CLIENT_CREDENTIALS,
            scopes=requested_scopes(visit),
        )
        return await gate.client_tokens(visit.call, machine_request, metadata=_metadata(visit))
    except UnprovedKey:
        raise
    except (ResourceNotFoundException, NotAuthorizedException) as fault:
        raise claim.refused(fault.detail or fault.message) from None


GRANTS: Mapping[str, Callable[[Visit], Awaitable[Tokens | Response]]] = {
    "authorization_code": _by_code,
    "refresh_token": _by_refresh_token,
    "client_credentials": _by_client,
    EXCHANGE_GRANT: by_token_exchange,
}


def _answer_of_tokens(tokens: Tokens, jkt: str) -> Response:
    """Return the answer of RFC 6749 section 5.1 in AWS's order; `jkt` is the key that binds the tokens, empty for none."""
    fields = {
        "id_token": tokens.id,
        "access_token": tokens.access,
        "refresh_token": tokens.refresh,
        "expires_in": tokens.expires_in,
        "token_type": "DPoP" if jkt else "Bearer",
    }
    return answer({name: value for name, value in fields.items() if value is not None})


def _required(visit: Visit, name: str) -> str:
    """Return a parameter. Raises Refusal if it is missing, or empty, which is the same (RFC 6749 section 3.2)."""
    value = visit.form.get(name)
    if not value:
        raise Refusal("invalid_request", f"{name} is missing")
    return value


def _metadata(visit: Visit) -> Mapping[str, str]:
    """Return `aws_client_metadata`, which is for the trigger: a JSON object of strings. Raises Refusal."""
    text = visit.form.get("aws_client_metadata")
    try:
        return {} if not text else _decode_metadata(text)
    except (msgspec.MsgspecError, RecursionError):
        raise Refusal("invalid_request", "aws_client_metadata is not a JSON object of texts") from None
