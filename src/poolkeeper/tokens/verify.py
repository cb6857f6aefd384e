"""Is this a token of ours, and does it still hold? Signature, kind, issuer, times; then session and user as they are now."""

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

    The issuer leads to the keys before anybody has vouched for it, so it may hold nothing that a database refuses.
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
    """The claims of an ID token that we rely on, where one is shown to end its session, or for another token.

    `azp` is the app client that it was derived for, where it is for the eyes of another audience.
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
    """A token that holds at this moment: its kind, access or id, and everything that it says.

    `client` is the app client that it was made for; `bearer` whose it is, None of a client's that stands for itself.
    """

    kind: str
    claims: Mapping[str, Any]
    client: Client
    bearer: Bearer | None


async def require_bearer(call: Call, access_token: str) -> Bearer:
    """Return whom an access token that is good for one's own profile speaks for, as everything stands at this moment.

    Raises NotAuthorizedException: `Invalid Access Token` for what is none of ours, `Access Token has expired`, and
    `Access Token has been revoked` where the session has ended or anything it hangs on is gone (attacks.md 32, 66).
    """
    found, scopes = await require_bearer_and_scopes(call, access_token)
    if SIGN_IN_SCOPE not in scopes:
        raise refused(Reason.SCOPE_MISSING)
    return found


async def require_signed_here(call: Call, access_token: str) -> None:
    """Pass for a text that is an access token of a pool of ours which has not expired: it costs one signature and no row.

    Whose it is, and whether it still holds, is not looked at. Raises NotAuthorizedException.
    """
    claimed, claims = _read(access_token, _decode_access)
    await _require_ours(call, claimed, claims, "access")


async def require_bearer_and_scopes(call: Call, access_token: str) -> tuple[Bearer, tuple[str, ...]]:
    """Return whom an access token of any scope speaks for, and the scopes, which the caller judges.

    Raises as `require_bearer`.
    """
    claimed, claims = _read(access_token, _decode_access)
    await _require_ours(call, claimed, claims, "access")
    _require_sender(call, claims)
    found = await _standing(call, claims)
    call.trace.known_user = found.user.sub
    return found, tuple(claims.scope.split())


async def require_living(call: Call, pool_id: str, token: str) -> Living:
    """Return what a pool's own access or ID token stands for now, a machine's too.

    Raises NotAuthorizedException for what is none, and for one whose session, user or app client is no longer what it was.
    """
    kind = claimed_kind(token)
    if kind not in {"access", "id"}:
        raise refused(Reason.TOKEN_UNREADABLE, detail="neither an access nor an ID token")
    claimed, claims = _read(token, _decode_id) if kind == "id" else _read(token, _decode_access)
    await _require_ours(call, claimed, claims, kind)
    if claims.iss.rpartition("/")[2] != pool_id:
        raise refused(Reason.TOKEN_OF_ANOTHER_POOL, detail="a token of another pool")
    told = _decode_all(claimed.payload)
    if claims.origin_jti or claims.event_id:
        found = await _standing(call, claims)
        return Living(kind=kind, claims=told, client=found.client, bearer=found)
    pool, client = await _client_of(call, claims)
    if pool.pool_id != pool_id or claims.iss not in accepted_issuers(call.settings, pool):
        raise refused(Reason.TOKEN_OF_ANOTHER_ISSUER, detail="issuer of another form")
    return Living(kind=kind, claims=told, client=client, bearer=None)


async def _standing(call: Call, claims: AccessClaims | IdClaims) -> Bearer:
    """Return whom a token of a session speaks for now, with the app client that it was made for.

    That is the session's, or one that exchanged a token of the session for this one (RFC 8693), as long as it may do so.
    """
    found = await bearer(call, claims.iss.rpartition("/")[2], claims.origin_jti or claims.event_id)
    if found is None or found.session.revoked_at is not None:
        raise refused(Reason.TOKEN_REVOKED)
    if claims.iss not in accepted_issuers(call.settings, found.pool):
        raise refused(Reason.TOKEN_OF_ANOTHER_ISSUER, detail="issuer of another form")
    if claims.sub != found.user.sub:
        raise refused(Reason.TOKEN_OF_ANOTHER_SESSION)
    if claims.client_id != found.client.shown_id:
        pool, client = await _client_of(call, claims)
        if pool.pool_id != found.pool.pool_id or not EXCHANGES & client.flows:
            raise refused(Reason.TOKEN_OF_ANOTHER_SESSION)
        found = replace(found, client=client)
    if not found.user.enabled:
        raise refused(Reason.USER_DISABLED)
    await require_still_allowed(call, found)
    return found


async def _client_of(call: Call, claims: AccessClaims | IdClaims) -> tuple[Pool, Client]:
    """Return the app client that a token names, which was there when the token was made."""
    if not CLIENT_ID.fullmatch(claims.client_id):
        raise refused(Reason.TOKEN_OF_ANOTHER_SESSION, detail="no client id")
    try:
        pool, client = await require_client(call, claims.client_id)
    except ResourceNotFoundException:
        raise refused(Reason.TOKEN_OF_ANOTHER_SESSION, detail="the client is gone") from None
    if client.created_at >= (claims.iat + 1) * SECOND:  # another one that took its id
        raise refused(Reason.TOKEN_OF_ANOTHER_SESSION, detail="from before the client")
    return pool, client


async def scopes_of(call: Call, pool_id: str, token: str) -> tuple[str, ...]:
    """Return the scopes of a pool's own access token, a user's or a machine's, as everything stands at this moment.

    Raises NotAuthorizedException.
    """
    living = await require_living(call, pool_id, token)
    if living.kind != "access":
        raise refused(Reason.TOKEN_OF_ANOTHER_USE, detail=f"a token for {living.kind}")
    _require_sender(call, _read(token, _decode_access)[1])
    return tuple(str(living.claims.get("scope", "")).split())


async def session_of(call: Call, pool_id: str, token: str, kind: str) -> tuple[str, str] | None:
    """Return (session id, client id) that a pool's own token of a `kind`, access or id, stands for; None of a machine's.

    Whether the session is alive is not looked at. Raises NotAuthorizedException for what is none of this pool's, and for
    a token that has expired.
    """
    claimed, claims = _read(token, _decode_id) if kind == "id" else _read(token, _decode_access)
    await _require_ours(call, claimed, claims, kind)
    if claims.iss.rpartition("/")[2] != pool_id:
        raise refused(Reason.TOKEN_OF_ANOTHER_POOL, detail="a token of another pool")
    session_id = claims.origin_jti or claims.event_id
    return (session_id, claims.client_id) if session_id else None


def _require_sender(call: Call, claims: AccessClaims) -> None:
    """Refuse a token that is bound to a key, and comes without it; and one that is bound to none, and comes with a key.

    RFC 9449 sections 7.1 and 7.2.
    """
    bound_to = "" if claims.cnf is None else claims.cnf.jkt
    if bound_to and not call.jkt:
        raise refused(Reason.TOKEN_BOUND)
    if bound_to != call.jkt:
        raise refused(Reason.TOKEN_OF_ANOTHER_KEY)


async def _require_ours(call: Call, claimed: jws.Claimed, claims: AccessClaims | IdClaims, kind: str) -> None:
    """Pass for a token that a pool of ours has signed, of that kind, before its end."""
    await _require_signed(call, claimed, claims.iss.rpartition("/")[2])
    if claims.token_use != kind:
        raise refused(Reason.TOKEN_OF_ANOTHER_USE, detail=f"a token for {claims.token_use}")
    if claims.exp * SECOND <= call.now:
        raise refused(Reason.TOKEN_EXPIRED)


async def require_still(tx: Transaction, found: Bearer) -> User:
    """Return the bearer's user as it is in a writing transaction, of which this is the first statement.

    What was read when the request began may be an ended session's, a disabled user's or a stolen credential's by now:
    hashes and functions take their time. Whoever writes by an access token goes by the user that is returned, whose row
    is held until the commit. Raises NotAuthorizedException where the session has ended, or its user has been deleted,
    disabled, or given another status or credential since.
    """
    row = await sessions.held(tx, pool_id=found.pool.pool_id, session_id=found.session.session_id)
    user = None if row is None else user_of(found.pool.pool_id, row)
    if user is None:
        raise refused(Reason.TOKEN_REVOKED)
    if not user.enabled:
        raise refused(Reason.USER_DISABLED)
    if (user.status, user.credential_version) != (found.user.status, found.user.credential_version):
        raise refused(Reason.CREDENTIAL_CHANGED)
    return user


def claimed_kind(token: str) -> str | None:
    """Return the `token_use` that a text claims as a JWT of ours would, None where it is none; nothing is verified."""
    try:
        return _decode_kind(jws.read(token).payload).token_use
    except (jws.BadToken, msgspec.MsgspecError, RecursionError, UnicodeError):
        return None


def claimed_pool(token: str) -> str | None:
    """Return the pool id at the end of the `iss` that a text claims as a JWT of ours would; nothing is verified."""
    try:
        return _decode_issued(jws.read(token).payload).iss.rpartition("/")[2] or None
    except (jws.BadToken, msgspec.MsgspecError, RecursionError, UnicodeError):
        return None


def _read(token: str, decode: Callable[[bytes], C]) -> tuple[jws.Claimed, C]:
    """Take a token apart, with claims that nobody has vouched for yet: they say whose keys will tell."""
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
