"""Is this a token of ours, and still valid? Signature, kind, issuer and times say so, then session and user as they are now."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, TypeVar

import msgspec

from poolkeeper.call import Call
from poolkeeper.clock import SECOND
from poolkeeper.crypto import jws
from poolkeeper.decoding import user_of
from poolkeeper.errors import ResourceNotFoundException
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.lookup import Bearer, bearer, require_client
from poolkeeper.model.client import CLIENT_ID, Client
from poolkeeper.model.exchange import EXCHANGES
from poolkeeper.model.pool import Pool
from poolkeeper.model.scopes import SIGN_IN_SCOPE
from poolkeeper.model.user import User
from poolkeeper.store import sessions
from poolkeeper.store.db import Transaction
from poolkeeper.tokens import keys
from poolkeeper.tokens.issuer import accepted_issuers
from poolkeeper.tokens.url_clients import require_still_allowed

C = TypeVar("C")


Issuer = Annotated[str, msgspec.Meta(pattern=r"\A[^\x00]*\Z")]
Time = Annotated[int, msgspec.Meta(ge=0, lt=2**53)]


class Confirmation(msgspec.Struct, frozen=True):
    """The key that a token is bound to (RFC 9449 6.1)."""

    jkt: str


class AccessClaims(msgspec.Struct, frozen=True, kw_only=True):
    """The claims of an access token that we rely on; `msgspec` refuses numbers that are no integers (attacks.md 60).

    `iss` leads to the keys before it is verified, so it may contain nothing that a database refuses.
    """

    iss: Issuer
    sub: str
    client_id: str
    token_use: str
    exp: Time
    iat: Time
    event_id: str = ""
    origin_jti: str = ""
    scope: str = ""
    cnf: Confirmation | None = None


class IdClaims(msgspec.Struct, frozen=True, kw_only=True):
    """The claims that we rely on if an ID token is shown to end its session, or in exchange for another token.

    `azp` is the app client that a derived token was issued to, if `aud` names another audience.
    """

    iss: Issuer
    sub: str
    aud: str
    token_use: str
    exp: Time
    iat: Time
    event_id: str = ""
    origin_jti: str = ""
    azp: str = ""

    @property
    def client_id(self) -> str:
        return self.azp or self.aud


class _Kind(msgspec.Struct, frozen=True):
    token_use: str


class _Issued(msgspec.Struct, frozen=True):
    iss: Issuer


_decode_issued = msgspec.json.Decoder(_Issued).decode
_decode_access = msgspec.json.Decoder(AccessClaims).decode
_decode_id = msgspec.json.Decoder(IdClaims).decode
_decode_kind = msgspec.json.Decoder(_Kind).decode
_decode_all = msgspec.json.Decoder(dict[str, Any]).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class Living:
    """A token that is valid at this moment: its kind, access or id, and all its claims.

    `client` is the app client that it was issued to; `bearer` is None if that client stands for itself.
    """

    kind: str
    claims: Mapping[str, Any]
    client: Client
    bearer: Bearer | None


async def require_bearer(call: Call, access_token: str) -> Bearer:
    """Return the bearer, as it is at this moment, of an access token with the scope for one's own profile.

    Raises NotAuthorizedException: `Invalid Access Token` for anything but a token of ours, `Access Token has expired`, and
    `Access Token has been revoked` if the session has ended or anything that it depends on is gone (attacks.md 32, 66).
    """
    token_bearer, scopes = await require_bearer_and_scopes(call, access_token)
    if SIGN_IN_SCOPE not in scopes:
        raise refused(Reason.SCOPE_MISSING)
    return token_bearer


async def require_signed_here(call: Call, access_token: str) -> None:
    """Pass for an access token that a pool of ours has signed and that has not expired. Raises NotAuthorizedException.

    This costs one signature and no row: neither its bearer nor its session is looked at.
    """
    claimed, claims = _read(access_token, _decode_access)
    await _require_ours(call, claimed, claims, "access")


async def require_bearer_and_scopes(call: Call, access_token: str) -> tuple[Bearer, tuple[str, ...]]:
    """Return the bearer of an access token of any scope, and the scopes, which the caller judges.

    Raises NotAuthorizedException as `require_bearer` does.
    """
    claimed, claims = _read(access_token, _decode_access)
    await _require_ours(call, claimed, claims, "access")
    _require_sender(call, claims)
    token_bearer = await _bearer_now(call, claims)
    call.trace.known_user = token_bearer.user.sub
    return token_bearer, tuple(claims.scope.split())


async def require_living(call: Call, pool_id: str, token: str) -> Living:
    """Return what a pool's own access or ID token, also a machine's, stands for at this moment.

    Raises NotAuthorizedException for anything else, and if session, user or app client are no longer what they were.
    """
    kind = claimed_kind(token)
    if kind not in {"access", "id"}:
        raise refused(Reason.TOKEN_UNREADABLE, detail="neither an access nor an ID token")
    claimed, claims = _read(token, _decode_id) if kind == "id" else _read(token, _decode_access)
    await _require_ours(call, claimed, claims, kind)
    if claims.iss.rpartition("/")[2] != pool_id:
        raise refused(Reason.TOKEN_OF_ANOTHER_POOL, detail="a token of another pool")
    all_claims = _decode_all(claimed.payload)
    if claims.origin_jti or claims.event_id:
        token_bearer = await _bearer_now(call, claims)
        return Living(kind=kind, claims=all_claims, client=token_bearer.client, bearer=token_bearer)
    pool, client = await _client_of(call, claims)
    if pool.pool_id != pool_id or claims.iss not in accepted_issuers(call.settings, pool):
        raise refused(Reason.TOKEN_OF_ANOTHER_ISSUER, detail="issuer of another form")
    return Living(kind=kind, claims=all_claims, client=client, bearer=None)


async def _bearer_now(call: Call, claims: AccessClaims | IdClaims) -> Bearer:
    """Return the bearer of a session's token, as it is now, with the app client that the token was issued to.

    That client is the session's, or one that exchanged a token of the session for this one (RFC 8693) and may still do so.
    Raises NotAuthorizedException.
    """
    session_bearer = await bearer(call, claims.iss.rpartition("/")[2], claims.origin_jti or claims.event_id)
    if session_bearer is None or session_bearer.session.revoked_at is not None:
        raise refused(Reason.TOKEN_REVOKED)
    if claims.iss not in accepted_issuers(call.settings, session_bearer.pool):
        raise refused(Reason.TOKEN_OF_ANOTHER_ISSUER, detail="issuer of another form")
    if claims.sub != session_bearer.user.sub:
        raise refused(Reason.TOKEN_OF_ANOTHER_SESSION)
    if claims.client_id != session_bearer.client.shown_id:
        pool, client = await _client_of(call, claims)
        if pool.pool_id != session_bearer.pool.pool_id or not EXCHANGES & client.flows:
            raise refused(Reason.TOKEN_OF_ANOTHER_SESSION)
        session_bearer = replace(session_bearer, client=client)
    if not session_bearer.user.enabled:
        raise refused(Reason.USER_DISABLED)
    await require_still_allowed(call, session_bearer)
    return session_bearer


async def _client_of(call: Call, claims: AccessClaims | IdClaims) -> tuple[Pool, Client]:
    """Return the app client that a token names, with its pool. Raises NotAuthorizedException if it is newer than the token."""
    if not CLIENT_ID.fullmatch(claims.client_id):
        raise refused(Reason.TOKEN_OF_ANOTHER_SESSION, detail="no client id")
    try:
        pool, client = await require_client(call, claims.client_id)
    except ResourceNotFoundException:
        raise refused(Reason.TOKEN_OF_ANOTHER_SESSION, detail="the client is gone") from None
    if client.created_at >= (claims.iat + 1) * SECOND:  # another client that took its id
        raise refused(Reason.TOKEN_OF_ANOTHER_SESSION, detail="from before the client")
    return pool, client


async def scopes_of(call: Call, pool_id: str, token: str) -> tuple[str, ...]:
    """Return the scopes of a pool's own access token, a user's or a machine's, if it is valid at this moment.

    Raises NotAuthorizedException.
    """
    living = await require_living(call, pool_id, token)
    if living.kind != "access":
        raise refused(Reason.TOKEN_OF_ANOTHER_USE, detail=f"a token for {living.kind}")
    _require_sender(call, _read(token, _decode_access)[1])
    return tuple(str(living.claims.get("scope", "")).split())


async def session_and_client_of(call: Call, pool_id: str, token: str, kind: str) -> tuple[str, str] | None:
    """Return the (session id, client id) in a pool's own token of a `kind`, access or id; None for a machine's token.

    The session may have ended. Raises NotAuthorizedException for anything but a token of this pool, and for one that has expired.
    """
    claimed, claims = _read(token, _decode_id) if kind == "id" else _read(token, _decode_access)
    await _require_ours(call, claimed, claims, kind)
    if claims.iss.rpartition("/")[2] != pool_id:
        raise refused(Reason.TOKEN_OF_ANOTHER_POOL, detail="a token of another pool")
    session_id = claims.origin_jti or claims.event_id
    return (session_id, claims.client_id) if session_id else None


def _require_sender(call: Call, claims: AccessClaims) -> None:
    """Refuse a token that is bound to a key but comes without it, and one that is bound to none but comes with a key.

    Raises NotAuthorizedException (RFC 9449 sections 7.1 and 7.2).
    """
    bound_to = "" if claims.cnf is None else claims.cnf.jkt
    if bound_to and not call.jkt:
        raise refused(Reason.TOKEN_BOUND)
    if bound_to != call.jkt:
        raise refused(Reason.TOKEN_OF_ANOTHER_KEY)


async def _require_ours(call: Call, claimed: jws.Claimed, claims: AccessClaims | IdClaims, kind: str) -> None:
    """Pass for a token of that kind that a pool of ours has signed and that has not expired."""
    await _require_signed(call, claimed, claims.iss.rpartition("/")[2])
    if claims.token_use != kind:
        raise refused(Reason.TOKEN_OF_ANOTHER_USE, detail=f"a token for {claims.token_use}")
    if claims.exp * SECOND <= call.now:
        raise refused(Reason.TOKEN_EXPIRED)


async def require_still(tx: Transaction, token_bearer: Bearer) -> User:
    """Return the bearer's user as they are in a writing transaction, of which this is the first statement.

    Hashes and functions take their time: since the request began, the session may have ended, the user may have been disabled
    or may have replaced a stolen credential. Whoever writes by an access token uses the user that is returned, whose row is
    held until the commit. Raises NotAuthorizedException if the session has ended, or its user has been deleted, disabled, or
    given another status or credential since.
    """
    pool_id = token_bearer.pool.pool_id
    row = await sessions.held(tx, pool_id=pool_id, session_id=token_bearer.session.session_id)
    user = None if row is None else user_of(pool_id, row)
    if user is None:
        raise refused(Reason.TOKEN_REVOKED)
    if not user.enabled:
        raise refused(Reason.USER_DISABLED)
    if (user.status, user.credential_version) != (token_bearer.user.status, token_bearer.user.credential_version):
        raise refused(Reason.CREDENTIAL_CHANGED)
    return user


def claimed_kind(token: str) -> str | None:
    """Return the `token_use` of a text that reads like a JWT of ours, None if it does not; nothing is verified."""
    try:
        return _decode_kind(jws.read(token).payload).token_use
    except (jws.BadToken, msgspec.MsgspecError, RecursionError, UnicodeError):
        return None


def claimed_pool_id(token: str) -> str | None:
    """Return the pool id in the `iss` of a text that reads like a JWT of ours, None if it does not; nothing is verified."""
    try:
        return _decode_issued(jws.read(token).payload).iss.rpartition("/")[2] or None
    except (jws.BadToken, msgspec.MsgspecError, RecursionError, UnicodeError):
        return None


def _read(token: str, decode: Callable[[bytes], C]) -> tuple[jws.Claimed, C]:
    """Return a token and its claims, not verified yet: they say whose keys must verify it. Raises NotAuthorizedException."""
    try:
        claimed = jws.read(token)
        return claimed, decode(claimed.payload)
    except (jws.BadToken, msgspec.MsgspecError, RecursionError, UnicodeError) as fault:
        raise refused(Reason.TOKEN_UNREADABLE, detail=str(fault)) from None


async def _require_signed(call: Call, claimed: jws.Claimed, pool_id: str) -> None:
    pool_keys = await keys.of_pool(call.house, pool_id)
    if pool_keys is not None and claimed.kid not in pool_keys.public:
        pool_keys = await keys.reload(call.house, pool_id)
    if pool_keys is None:
        raise refused(Reason.TOKEN_OF_NO_POOL)
    try:
        claimed.verify(pool_keys.public)
    except jws.BadToken as fault:
        raise refused(Reason.TOKEN_UNSIGNED, detail=str(fault)) from None
