"""What is an authorization code? A secret for five minutes; the row behind it holds what the person was admitted with."""

import hashlib
import hmac

import msgspec

from poolkeeper.auth import gate
from poolkeeper.auth.return_visit import admission_of
from poolkeeper.call import Call
from poolkeeper.clock import MINUTE
from poolkeeper.crypto import base64url
from poolkeeper.errors import ServiceError
from poolkeeper.errors.refusals import UnprovedKey
from poolkeeper.hosted.authorize import AuthorizeRequest
from poolkeeper.hosted.registered import any_port_of_localhost, is_registered
from poolkeeper.model.admission import Admitted
from poolkeeper.model.client import Client
from poolkeeper.model.pool import Pool
from poolkeeper.model.scopes import all_readable
from poolkeeper.model.tokens import Tokens
from poolkeeper.store import authorization_codes, sessions
from poolkeeper.store.authorization_codes import CodeRow
from poolkeeper.store.db import Transaction
from poolkeeper.tokens import dpop

LIFE = 5 * MINUTE
UNREADABLE = "a scope tells attributes that the client may no longer read"
_SPENT = "the code was spent"
_MOST = 256


class BadGrant(Exception):  # noqa: N818 - what is said of the code
    """A code that gives no tokens: unknown, spent, too old, another's, or its person may have none any more.

    Its text says which, for the log: whoever asks must not hear it.
    """


class BadRedirect(BadGrant):
    """A code that was sent to another address than the one that is named."""


class _Grant(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What lies sealed in a code's row: who was admitted, and what the exchange must bring; `jkt` is the key that it must show."""

    admitted: Admitted
    redirect_uri: str
    challenge: str
    jkt: str = ""


_decode = msgspec.msgpack.Decoder(_Grant).decode


async def make(call: Call, tx: Transaction, pool: Pool, request: AuthorizeRequest, admitted: Admitted) -> str:
    """Keep what a person was admitted with and return the code that leads to it."""
    code = call.entropy.uuid()
    digest = _digest(pool, code)
    grant = _Grant(
        admitted=admitted,
        redirect_uri=request.back.redirect_uri,
        challenge=request.challenge,
        jkt=request.dpop_jkt,
    )
    await authorization_codes.insert(
        tx,
        pool_id=pool.pool_id,
        code=digest,
        document=call.house.sealer.seal_column(msgspec.msgpack.encode(grant), **_sealed_for(pool, digest)),
        user_id=admitted.user_id,
        browser_session_id=admitted.browser_session_id or "",
        expires_at=call.now + LIFE,
    )
    return code


async def redeem(
    call: Call, pool: Pool, client: Client, *, code: str, redirect_uri: str | None, verifier: str | None
) -> Tokens:
    """Exchange a code for tokens, once; whoever brings it again ends what it gave (RFC 6749 section 4.1.2).

    A code that is not this client's, not for this address, or without the right verifier or key stays as it is. Raises BadGrant,
    BadRedirect; UnprovedKey, NotAuthorizedException for the key.
    """
    digest = _digest(pool, code)
    grant = await _grant(call, pool, client, code=code, digest=digest)
    if redirect_uri != grant.redirect_uri:
        raise BadRedirect("the code was sent to another address")
    if not _proves(grant.challenge, verifier):
        raise BadGrant("not the verifier of the code's challenge")
    dpop.require_key(call, client, bound_to=grant.jkt)
    _require_still_had(pool, client, grant)

    async def spend(tx: Transaction, session_id: str) -> None:
        if not await authorization_codes.spend(
            tx, pool_id=pool.pool_id, code=digest, session_id=session_id, now=call.now
        ):
            raise BadGrant(_SPENT)

    try:
        return await gate.issue(call, await admission_of(call, pool, grant.admitted), within=spend)
    except BadGrant:  # somebody else was quicker with it
        await _end_what_it_gave(call, pool, await authorization_codes.find(call.db, pool_id=pool.pool_id, code=digest))
        raise
    except UnprovedKey:
        raise
    except ServiceError as refusal:
        raise BadGrant(f"{refusal.name} {refusal.detail or refusal.message}") from refusal


async def _grant(call: Call, pool: Pool, client: Client, *, code: str, digest: str) -> _Grant:
    """Return what lies behind a code of this client's that is fresh. Raises BadGrant."""
    row = None if len(code) > _MOST else await authorization_codes.find(call.db, pool_id=pool.pool_id, code=digest)
    if row is None:
        raise BadGrant("no such code")
    grant = _decode(call.house.sealer.open_column(row.document, **_sealed_for(pool, digest)))
    if (grant.admitted.client_id, grant.admitted.want.client_url) != (client.client_id, client.url):
        raise BadGrant("the code of another client")
    await _end_what_it_gave(call, pool, row)
    if row.spent_at is not None:
        raise BadGrant(_SPENT)
    if row.expires_at <= call.now or row.expires_at - LIFE < client.created_at:
        raise BadGrant("the code is too old")
    return grant


async def _end_what_it_gave(call: Call, pool: Pool, row: CodeRow | None) -> None:
    if row is not None and row.session_id is not None:
        await sessions.revoke(call.db, pool_id=pool.pool_id, session_id=row.session_id, now=call.now)


def _require_still_had(pool: Pool, client: Client, grant: _Grant) -> None:
    """Refuse where the client has no longer what the code was made for: the address, and the scopes with all they tell."""
    scopes, callbacks = grant.admitted.want.scopes, client.document.get("CallbackURLs", ())
    if not set(scopes) <= set(client.document.get("AllowedOAuthScopes", ())):
        raise BadGrant("a scope was taken off the client")
    if not all_readable(scopes, client.readable):
        raise BadGrant(UNREADABLE)
    if not is_registered(callbacks, grant.redirect_uri, localhost=any_port_of_localhost(pool, client)):
        raise BadGrant("the redirect address was taken off the client")


def _proves(challenge: str, verifier: str | None) -> bool:
    """Say whether a verifier is that of the challenge: both are there, or neither (RFC 7636 section 4.6)."""
    if not challenge or verifier is None:
        return not challenge and verifier is None
    if not (43 <= len(verifier) <= 128 and verifier.isascii()):
        return False
    digest = base64url.encode(hashlib.sha256(verifier.encode()).digest())
    return hmac.compare_digest(digest, challenge)


def _digest(pool: Pool, code: str) -> str:
    return hmac.digest(pool.secret, b"authorization code\x00" + code.encode(), hashlib.sha256).hex()


def _sealed_for(pool: Pool, digest: str) -> dict[str, str]:
    return {"table": "authorization_codes", "key": f"{pool.pool_id}/{digest}", "column": "document"}
