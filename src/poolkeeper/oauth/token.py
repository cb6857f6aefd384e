"""/oauth2/token: tokens for a code, for a refresh token, or for an app client itself (RFC 6749 4.1.3, 6, 4.4.2), for another token."""

from collections.abc import Awaitable, Callable, Mapping

import msgspec
from starlette.responses import Response

from poolkeeper.auth import gate
from poolkeeper.auth.refresh import exchange, require_device, require_session
from poolkeeper.errors import NotAuthorizedException, ResourceNotFoundException, ServiceError
from poolkeeper.errors.refusals import UnprovedKey
from poolkeeper.hosted import codes
from poolkeeper.hosted.authorize import CODE, MOST_SCOPE_BYTES, MOST_SCOPES
from poolkeeper.hosted.visit import Visit
from poolkeeper.lookup import Bearer
from poolkeeper.model.client_metadata import is_client_url
from poolkeeper.model.machine import CLIENT_CREDENTIALS, MachineRequest
from poolkeeper.model.scopes import all_readable
from poolkeeper.model.tokens import Tokens
from poolkeeper.oauth.answers import Refusal, answer
from poolkeeper.oauth.client_authentication import (
    authenticated,
    claimed,
    require_allowed,
    require_known,
    require_proved,
)
from poolkeeper.oauth.dpop import next_nonce, with_key
from poolkeeper.oauth.token_exchange import GRANT, by_token_exchange

_decode_metadata = msgspec.json.Decoder(dict[str, str]).decode


async def token(visit: Visit) -> Response:
    """Answer a grant; what is given is bound to the key of a DPoP proof, which costs nothing unless a client shows it.

    Raises Refusal, and ServiceError as the gate does.
    """
    grant_type = _required(visit, "grant_type")
    grant = GRANTS.get(grant_type)
    if grant is None:
        claimed(visit)
        raise Refusal("unsupported_grant_type", detail=f"grant_type {grant_type[:64]!r}")
    if visit.proofs:
        await require_known(visit)
        visit = with_key(visit)
    answered = await grant(visit)
    response = answered if isinstance(answered, Response) else _told(answered, visit.call.jkt)
    if visit.call.jkt:
        response.headers.update(next_nonce(visit))
    return response


async def _by_code(visit: Visit) -> Tokens:
    client = await authenticated(visit)
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
    except codes.BadRedirect:  # AWS's words; RFC 6749 section 5.2 would say invalid_grant (oauth-federation.md 3.1)
        raise Refusal("unauthorized_client", "invalid_redirect") from None
    except codes.BadGrant as fault:
        raise Refusal("invalid_grant", detail=str(fault)) from None


async def _by_refresh_token(visit: Visit) -> Tokens:
    """Go on with a session, one of the API's too; a device that is remembered cannot be shown here (oauth-federation.md 3.1)."""
    # UNVERIFIED: that a client need not allow REFRESH_TOKEN_AUTH, nor any flow of OAuth; one of each would settle it.
    session_bearer, generation = await _session(visit)
    require_device(session_bearer, None)
    scopes = _scopes(visit)
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


async def _session(visit: Visit) -> tuple[Bearer, int]:
    """Return what a refresh token leads to, and its generation; client and session are read in one round trip.

    A client that does not prove itself hears of that, whatever its token is (RFC 6749 section 5.2).
    """
    claim = claimed(visit)
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
        await authenticated(visit)
        raise
    if by_url:
        await require_allowed(visit, claim, session_bearer.client)
    else:
        require_proved(visit, claim, session_bearer.client)
    return session_bearer, generation


async def _by_client(visit: Visit) -> Tokens:
    claim = claimed(visit)
    try:
        asked = MachineRequest(
            pool_id=visit.place.pool.pool_id,
            client_id=claim.checked_id,
            secret=claim.secret,
            flow=CLIENT_CREDENTIALS,
            scopes=_scopes(visit),
        )
        return await gate.client_tokens(visit.call, asked, metadata=_metadata(visit))
    except UnprovedKey:
        raise
    except (ResourceNotFoundException, NotAuthorizedException) as fault:
        raise claim.refused(fault.detail or fault.message) from None


GRANTS: Mapping[str, Callable[[Visit], Awaitable[Tokens | Response]]] = {
    "authorization_code": _by_code,
    "refresh_token": _by_refresh_token,
    "client_credentials": _by_client,
    GRANT: by_token_exchange,
}


def _told(tokens: Tokens, jkt: str) -> Response:
    """Return the answer of RFC 6749 section 5.1, in the order of AWS's; `jkt` is the key that the tokens are bound to."""
    fields = {
        "id_token": tokens.id,
        "access_token": tokens.access,
        "refresh_token": tokens.refresh,
        "expires_in": tokens.expires_in,
        "token_type": "DPoP" if jkt else "Bearer",
    }
    return answer({name: value for name, value in fields.items() if value is not None})


def _required(visit: Visit, name: str) -> str:
    """Return a parameter. Raises Refusal where it is missing, or empty, which is the same (RFC 6749 section 3.2)."""
    value = visit.form.get(name)
    if not value:
        raise Refusal("invalid_request", f"{name} is missing")
    return value


def _scopes(visit: Visit) -> tuple[str, ...]:
    """Return the scopes that are asked for, none where none is named; their number is bounded first (attacks.md 98)."""
    text = visit.form.get("scope", "")
    if len(text) > MOST_SCOPE_BYTES or text.count(" ") >= MOST_SCOPES:
        raise Refusal("invalid_scope", detail="too many scopes")
    return tuple(dict.fromkeys(scope for scope in text.split(" ") if scope))


def _metadata(visit: Visit) -> Mapping[str, str]:
    """Return what `aws_client_metadata` has for the trigger: a JSON object of texts. Raises Refusal."""
    text = visit.form.get("aws_client_metadata")
    try:
        return {} if not text else _decode_metadata(text)
    except (msgspec.MsgspecError, RecursionError):
        raise Refusal("invalid_request", "aws_client_metadata is not a JSON object of texts") from None
