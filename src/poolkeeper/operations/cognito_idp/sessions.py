"""GetTokensFromRefreshToken, RevokeToken, GlobalSignOut: how a session goes on, and how it ends."""

from poolkeeper.auth.refresh_flow import exchange, require_device, require_session
from poolkeeper.auth.secret_hash import require_client_secret
from poolkeeper.aws.generated.cognito_idp import (
    AdminUserGlobalSignOutRequest,
    AdminUserGlobalSignOutResponse,
    GetTokensFromRefreshTokenRequest,
    GetTokensFromRefreshTokenResponse,
    GlobalSignOutRequest,
    GlobalSignOutResponse,
    RevokeTokenRequest,
    RevokeTokenResponse,
)
from poolkeeper.call import Call
from poolkeeper.errors import (
    NotAuthorizedException,
    UnauthorizedException,
    UnsupportedOperationException,
    UnsupportedTokenTypeException,
    UserNotFoundException,
)
from poolkeeper.lookup import Bearer, bearer, require_client, require_pool_and_subject
from poolkeeper.operations.shapes import authentication_result
from poolkeeper.store import sessions
from poolkeeper.tokens import refresh
from poolkeeper.tokens.verify import claimed_kind


async def get_tokens_from_refresh_token(
    call: Call, req: GetTokensFromRefreshTokenRequest
) -> GetTokensFromRefreshTokenResponse:
    """Exchange a refresh token for new tokens, and with rotation for its successor.

    Triggers: PreTokenGeneration.
    """
    found = await require_session(call, client_id=req.client_id, token=req.refresh_token)
    require_client_secret(found.client, req.client_secret)
    require_device(found, req.device_key)
    generation = refresh.read(found.pool, req.refresh_token).generation
    tokens = await exchange(call, found, generation=generation, metadata=req.client_metadata or {})
    return GetTokensFromRefreshTokenResponse(authentication_result=authentication_result(tokens))


async def revoke_token(call: Call, req: RevokeTokenRequest) -> RevokeTokenResponse:
    """End the session of a refresh token, with every token that came of it.

    A token that is unknown, or ended already, is a success (RFC 7009 section 2.2). Raises
    UnsupportedTokenTypeException for an ID or access token, UnauthorizedException for another client's.
    """
    pool, client = await require_client(call, req.client_id)
    try:
        require_client_secret(client, req.client_secret)
    except NotAuthorizedException as refusal:
        raise UnauthorizedException(refusal.message) from None
    if not client.revocable:
        raise UnsupportedOperationException("Token revocation is not enabled for this client")
    if claimed_kind(req.token) is not None:
        raise UnsupportedTokenTypeException("Unsupported token type")
    try:
        token = refresh.read(pool, req.token)
    except refresh.BadRefreshToken:
        return RevokeTokenResponse()

    found = await bearer(call, pool.pool_id, token.session_id)
    if found is None:
        return RevokeTokenResponse()
    if found.client.client_id != client.client_id:
        raise UnauthorizedException("The token was not issued to this client")
    await sessions.revoke(call.db, pool_id=pool.pool_id, session_id=token.session_id, now=call.now)
    return RevokeTokenResponse()


async def global_sign_out(call: Call, req: GlobalSignOutRequest, found: Bearer) -> GlobalSignOutResponse:  # noqa: ARG001 - the token in it is what `found` was found by
    """End every session of the bearer."""
    await sessions.revoke_all(call.db, pool_id=found.pool.pool_id, user_id=found.user.sub, now=call.now)
    return GlobalSignOutResponse()


async def admin_user_global_sign_out(call: Call, req: AdminUserGlobalSignOutRequest) -> AdminUserGlobalSignOutResponse:
    """End every session of a user."""
    pool, subject = await require_pool_and_subject(call, req.user_pool_id, req.username)
    if subject.user is None:
        raise UserNotFoundException("User does not exist.")
    await sessions.revoke_all(call.db, pool_id=pool.pool_id, user_id=subject.user.sub, now=call.now)
    return AdminUserGlobalSignOutResponse()
