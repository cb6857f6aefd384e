"""Who is signed in at this browser? A row, named by a cookie that holds its id and a secret of which the row has a digest.

Source: oauth-federation.md 4; attacks.md 72.
"""

import hashlib
import hmac
import re
from collections.abc import Collection
from dataclasses import dataclass

from starlette.responses import Response

from poolkeeper.accounts import backchannel
from poolkeeper.call import Call
from poolkeeper.clock import MINUTE, SECOND
from poolkeeper.hosted.places import Place
from poolkeeper.hosted.visit import Visit
from poolkeeper.model.admission import Admitted
from poolkeeper.model.browser_session import BrowserSession
from poolkeeper.model.client import Client
from poolkeeper.model.session import LONGEST_USER_AGENT
from poolkeeper.store import browser_sessions
from poolkeeper.store.browser_sessions import BrowserSessionRow
from poolkeeper.store.db import Transaction

SESSION = "session"
DEFAULT_MINUTES = 60
_SECRET_BYTES = 32
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBrowserSession:
    """A browser session that is about to be kept, and the text of its cookie."""

    row: BrowserSessionRow
    cookie: str


def reuse_minutes(place: Place, client: Client) -> int:
    """Return for how many minutes after a fresh sign-in an app client goes on from a browser session; 0: never.

    Where the pool tracks no sessions it is an hour (AWS: SetUserPoolClientSessionConfiguration).
    """
    if place.pool.tracking is None:
        return DEFAULT_MINUTES
    configured = client.document.get("SessionConfiguration", {}).get("SSOSession", {})
    return int(configured.get("MaxValidityMinutes", DEFAULT_MINUTES))


async def current(visit: Visit) -> BrowserSession | None:
    """Return the browser session of a request's cookie, None where it has none that holds."""
    session_id, _, secret = visit.cookies.get(cookie_name(visit.place, SESSION), "").partition(".")
    if not _ID.fullmatch(session_id):
        return None
    row = await browser_sessions.find(
        visit.call.db, pool_id=visit.place.pool.pool_id, session_id=session_id, now=visit.call.now
    )
    if row is None or not hmac.compare_digest(row.digest, _digest(secret)):
        return None
    return BrowserSession(
        session_id=row.session_id,
        user_id=row.user_id,
        factors=tuple(row.factors.split()),
        began=row.began,
        auth_time=row.auth_time,
        credential_version=row.credential_version,
        opened_at=row.opened_at,
        expires_at=row.expires_at,
        provider_session=row.provider_session,
    )


def usable_for(visit: Visit, client: Client, browser: BrowserSession, *, max_age: int | None = None) -> bool:
    """Say whether a client may go on from a browser session, by its age: of the proofs, which using it does not renew."""
    age = visit.call.now - browser.auth_time
    if max_age is not None and age > max_age * SECOND:
        return False
    return age < reuse_minutes(visit.place, client) * MINUTE


def begin(
    call: Call, place: Place, client: Client, admitted: Admitted, *, began: str, provider_session: str | None = None
) -> NewBrowserSession:
    """Return the browser session of a fresh sign-in: always a new one, whatever the browser had before."""
    secret = call.entropy.token(_SECRET_BYTES)
    minutes = max(reuse_minutes(place, client), place.pool.longest_sso_minutes)
    row = BrowserSessionRow(
        session_id=call.entropy.uuid(),
        digest=_digest(secret),
        user_id=admitted.user_id,
        factors=" ".join(admitted.factors),
        began=began,
        auth_time=admitted.auth_time,
        credential_version=admitted.credential_version,
        opened_at=call.now,
        expires_at=admitted.auth_time + minutes * MINUTE,
        provider_session=provider_session,
    )
    return NewBrowserSession(row=row, cookie=f"{row.session_id}.{secret}")


async def keep(tx: Transaction, visit: Visit, new: NewBrowserSession, *, instead_of: Collection[str]) -> None:
    """Keep a browser session, and end what the browser had before, by their ids: there is one at a time."""
    call, pool_id = visit.call, visit.place.pool.pool_id
    for session_id in instead_of:
        await backchannel.before_browser_ends(
            call, tx, pool_id=pool_id, session_id=session_id, signed_in=new.row.user_id
        )
        await browser_sessions.end(tx, pool_id=pool_id, session_id=session_id, now=call.now)
    await browser_sessions.insert(
        tx, pool_id=pool_id, row=new.row, address=call.client_address, user_agent=call.user_agent[:LONGEST_USER_AGENT]
    )


async def end(visit: Visit) -> None:
    """End the browser session of a request, if it has one."""
    session = await current(visit)
    if session is not None:
        await end_by_id(visit.call, pool_id=visit.place.pool.pool_id, session_id=session.session_id)


async def end_by_id(call: Call, *, pool_id: str, session_id: str) -> int:
    """End a browser session, and let the app clients hear of it that were gone on to from it."""

    async def body(tx: Transaction) -> int:
        await backchannel.before_browser_ends(call, tx, pool_id=pool_id, session_id=session_id)
        return await browser_sessions.end(tx, pool_id=pool_id, session_id=session_id, now=call.now)

    return await call.db.write(body)


def cookie_name(place: Place, name: str) -> str:
    """Return the name of a cookie, which tells pools apart, and the path form from the bare host: they share an origin.

    `__Host-` keeps other hosts from setting it (RFC 6265bis 4.1.3.2); a path of its own and http do without.
    """
    prefix = "__Host-" if place.secure and not place.mount else ""
    return f"{prefix}{name}-{place.pool.pool_id}{'-path' if place.mount else ''}"


def set_cookie(response: Response, place: Place, name: str, value: str, *, seconds: int | None) -> None:
    """Set a cookie of this place: HttpOnly, for this host alone, Secure over TLS; `seconds` None: until the browser ends."""
    response.set_cookie(
        cookie_name(place, name),
        value,
        max_age=seconds,
        path=f"{place.mount}/",
        secure=place.secure,
        httponly=True,
        samesite="lax",
    )


def drop_cookie(response: Response, place: Place, name: str) -> None:
    """Take a cookie of this place away."""
    set_cookie(response, place, name, "", seconds=0)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
