"""GetTokensFromRefreshToken, RevokeToken, GlobalSignOut: how a session goes on, and how it ends."""

from poolkeeper import lookup
from poolkeeper.accounts import backchannel
from poolkeeper.auth.refresh import exchange, require_device, require_session
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
from poolkeeper.defences.client_proof import require_client_secret
from poolkeeper.errors import (
    NotAuthorizedException,
    UnauthorizedException,
    UnsupportedOperationException,
    UnsupportedTokenTypeException,
)
from poolkeeper.lookup import Bearer, require_client, require_pool_and_user
from poolkeeper.operations.shapes import authentication_result
from poolkeeper.store import authorization_codes, browser_sessions, sessions
from poolkeeper.store.db import Transaction
from poolkeeper.tokens import refresh
from poolkeeper.tokens.verify import claimed_kind, require_still


async def get_tokens_from_refresh_token(
    call: Call, req: GetTokensFromRefreshTokenRequest
) -> GetTokensFromRefreshTokenResponse:
    """Exchange a refresh token for new tokens, and with rotation for its successor.

    Triggers: PreTokenGeneration.
    """
    bearer, generation = await require_session(call, client_id=req.client_id, token=req.refresh_token)
    require_client_secret(bearer.client, req.client_secret)
    require_device(bearer, req.device_key)
    tokens = await exchange(call, bearer, generation=generation, metadata=req.client_metadata or {})
    return GetTokensFromRefreshTokenResponse(authentication_result=authentication_result(tokens))


async def revoke_token(call: Call, req: RevokeTokenRequest) -> RevokeTokenResponse:
    """End the session of a refresh token, with every token of that session.

    With RevokeAssociatedSessions LINKED its browser session ends too. An unknown token, or one that has ended already, is a
    success (RFC 7009 section 2.2). Raises UnsupportedTokenTypeException for an ID or access token, UnauthorizedException for
    another client's.
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

    bearer = await lookup.bearer(call, pool.pool_id, token.session_id)
    if bearer is None:
        return RevokeTokenResponse()
    if bearer.client.shown_id != client.client_id:
        raise UnauthorizedException("The token was not issued to this client")
    linked = req.revoke_associated_sessions == "LINKED"

    async def body(tx: Transaction) -> None:
        pool_key = {"pool_id": pool.pool_id}
        await sessions.revoke(tx, **pool_key, session_id=token.session_id, now=call.now)
        if linked:
            await backchannel.before_origin_ends(call, tx, **pool_key, token_session_id=token.session_id)
            await browser_sessions.end_origin(tx, **pool_key, token_session_id=token.session_id, now=call.now)

    await call.db.write(body)
    return RevokeTokenResponse()


async def global_sign_out(call: Call, req: GlobalSignOutRequest, bearer: Bearer) -> GlobalSignOutResponse:  # noqa: ARG001 - its token led to the bearer
    """End every session of the bearer."""

    async def body(tx: Transaction) -> None:
        user = await require_still(tx, bearer)
        await _end_all(call, tx, pool_id=user.pool_id, user_id=user.sub)

    await call.db.write(body)
    return GlobalSignOutResponse()


async def admin_user_global_sign_out(call: Call, req: AdminUserGlobalSignOutRequest) -> AdminUserGlobalSignOutResponse:
    """End every session of a user."""
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)
    of_user = {"pool_id": pool.pool_id, "user_id": user.sub}

    async def body(tx: Transaction) -> None:
        await sessions.hold_user(tx, **of_user)  # other writes by sessions of this user come before or after
        await _end_all(call, tx, **of_user)

    await call.db.write(body)
    return AdminUserGlobalSignOutResponse()


async def _end_all(call: Call, tx: Transaction, *, pool_id: str, user_id: str) -> None:
    """End all sessions and open authorization codes of a user, and their browser sessions if the operator wants that."""
    await sessions.revoke_all(tx, pool_id=pool_id, user_id=user_id, now=call.now)
    await authorization_codes.drop_open(tx, pool_id=pool_id, user_id=user_id)
    if call.settings.global_sign_out_ends_browsers:
        await backchannel.before_all_end(call, tx, pool_id=pool_id, user_id=user_id)
        await browser_sessions.end_all(tx, pool_id=pool_id, user_id=user_id, now=call.now)
