"""How does somebody go to an identity provider and come back? With a handle that is good in one browser, once.

    state, RelayState   <pool id>.<id>.<sealed errand>     goes to the provider and comes back from it
    a cookie by the id  a secret, of which the errand has a digest     stays in the browser

The errand says from where they left and for which provider (RFC 9700 4.4: no answer is taken to another one); nonce and
verifier are made of the secret, and are nowhere but in the browser. Nothing is stored until somebody comes back.

Source: RFC 6749 10.12, RFC 9700 4.7; attacks.md 85, 102, 131.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass, field

import msgspec
from starlette.responses import Response

from poolkeeper import forms
from poolkeeper.accounts import provider_answers
from poolkeeper.auth.sealed_session import open_state, seal_state
from poolkeeper.client_address import wide_network
from poolkeeper.clock import MINUTE, SECOND
from poolkeeper.crypto import base64url
from poolkeeper.crypto.seal import SealError
from poolkeeper.errors import NotAuthorizedException
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.forms import Form
from poolkeeper.hosted import browser, finding
from poolkeeper.hosted.authorize import AuthorizeRequest, Refused
from poolkeeper.hosted.places import Place
from poolkeeper.hosted.visit import Visit
from poolkeeper.providers import is_loopback

# Cognito's is five minutes; people who look for a telephone to sign in there take longer.
LIFE = 15 * MINUTE
# The most cookies of one browser for sign-ins under way on a host, at all its pools: any page can start some, and a browser that
# sends too many is refused everywhere there.
MOST = 8
# The most of one network in an hour: each leaves a row until its state is too old, whatever comes of it, and strangers come as
# often as they like. Behind one address may be a whole town.
MOST_AN_HOUR = 20_000
# As of other addresses that hold a state of ours (RFC 9112 3: servers and proxies take eight kilobytes of head).
LONGEST = 6_000
_PURPOSE = "federated visit"
_COOKIE = "return"
# Over http on this machine, of whoever comes back by a redirect: without Secure, which Safari takes over https alone.
_PLAIN_COOKIE = "comeback"
_ID_BYTES, _SECRET_BYTES = 16, 32
_ID = r"[A-Za-z0-9_-]{22}"
_RETURN = re.compile(rf"(?:__Host-)?(?:{_COOKIE}|{_PLAIN_COOKIE})-.{{1,64}}?(?P<path>-path)?-{_ID}")
_HANDLE = re.compile(rf"(?P<pool>[^.]{{1,64}})\.(?P<id>{_ID})\.(?P<sealed>[A-Za-z0-9_-]{{1,{2 * LONGEST}}})")


class Stray(Exception):  # noqa: N818 - what is said of a visit
    """Somebody who comes back and never left, not from this browser, too long ago, or came back before.

    Its text says which, for the log. `restart` is the authorize request to begin anew with, empty where none is known
    that this very browser has made.
    """

    def __init__(self, reason: str, restart: str = "") -> None:
        super().__init__(reason)
        self.restart = restart


class Errand(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """From where somebody left for which provider: what a handle holds, sealed. Times are milliseconds.

    `request` is the authorize request as text; `digest` that of the secret in the browser; `detail` what the protocol
    has to know again; `left_with` the id of the browser session that was there, whose cookie a form of the provider's
    does not bring along (SameSite=Lax).
    """

    id: str
    pool_id: str
    provider: str
    request: str
    began_at: int
    digest: bytes
    detail: str = ""
    left_with: str = ""

    @property
    def given(self) -> Form:
        """The authorize request, to be checked anew."""
        return forms.read(self.request.encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """Somebody who is about to leave, or who has come back: the errand, and what only their browser and we can know."""

    errand: Errand
    handle: str
    secret: str = field(repr=False)

    @property
    def nonce(self) -> str:
        """What the provider's ID token must hold (OpenID Connect Core 3.1.2.1)."""
        return self._derived("nonce")

    @property
    def code_verifier(self) -> str:
        """That of PKCE (RFC 7636 4.1)."""
        return self._derived("verifier")

    def _derived(self, purpose: str) -> str:
        key = base64url.decode(self.secret)
        return base64url.encode(hmac.digest(key, f"{_PURPOSE}\x00{purpose}".encode(), hashlib.sha256))


_decode = msgspec.msgpack.Decoder(Errand).decode


async def depart(visit: Visit, request: AuthorizeRequest, *, provider: str, detail: str = "") -> Departure:
    """Return the handle with which somebody leaves for a provider; `keep` must stand on the answer that sends them there.

    Raises Refused where what the app gave along would make it too long.
    """
    call = visit.call
    signed_in = await browser.current(visit)
    secret = base64url.encode(call.entropy.bytes(_SECRET_BYTES))
    errand = Errand(
        id=base64url.encode(call.entropy.bytes(_ID_BYTES)),
        pool_id=visit.place.pool.pool_id,
        provider=provider,
        request=request.query,
        began_at=call.now,
        digest=_digest(secret),
        detail=detail,
        left_with="" if signed_in is None else signed_in.session_id,
    )
    sealed = base64url.encode(seal_state(call, msgspec.msgpack.encode(errand), purpose=_PURPOSE))
    handle = finding.handle(errand.pool_id, f"{errand.id}.{sealed}")
    if len(handle) > LONGEST:
        raise Refused(request.back, "invalid_request", "The request is too long for a sign-in at an identity provider.")
    return Departure(errand=errand, handle=handle, secret=secret)


def keep(visit: Visit, response: Response, departure: Departure, *, by_form: bool) -> None:
    """Set the cookie by which this browser is known when it comes back, `by_form` by a form that the provider posts."""
    crowd = _returns(visit)
    for name, path in crowd[: max(0, len(crowd) + 1 - MOST)]:
        _set(response, visit.place, name, "", seconds=0, path=path)
    cookie = _COOKIE if by_form or not _is_plain(visit.place) else _PLAIN_COOKIE
    name = _name(visit.place, departure.errand.id, cookie)
    _set(response, visit.place, name, departure.secret, seconds=LIFE // SECOND)


def is_handle(text: str) -> bool:
    """Say whether a text has the form of a handle; whose it is, `come_back` says."""
    return _HANDLE.fullmatch(text) is not None


def forget(visit: Visit, response: Response, handle: str) -> None:
    """Take the cookie of a handle away: it has served."""
    match = _HANDLE.fullmatch(handle)
    for name in () if match is None else _names(visit.place, match["id"]):
        if name in visit.cookies:
            _set(response, visit.place, name, "", seconds=0)


async def come_back(visit: Visit, handle: str) -> Departure:
    """Return who has come back to this browser with a handle, once.

    Raises Stray, and TooManyRequestsException where too many of one network come back.
    """
    departure = _opened(visit, handle)
    errand, call = departure.errand, visit.call
    if call.now - errand.began_at > LIFE:
        raise Stray("the state is too old", errand.request)
    _require_room(visit)
    until = errand.began_at + LIFE + MINUTE
    pool, provider = visit.place.pool, errand.provider
    if not await provider_answers.take(call, pool, provider=provider, kind="visit", name=errand.id, expires_at=until):
        raise Stray("the state was used before", errand.request)
    return departure


def _require_room(visit: Visit) -> None:
    call = visit.call
    network = wide_network(call.client_address)
    if call.house.memory.returns_from_providers.count(network, now=call.now) > MOST_AN_HOUR:
        raise refused(Reason.TOO_MANY_RETURNS)


def _opened(visit: Visit, handle: str) -> Departure:
    """Return what a handle holds if this browser has its cookie. Raises Stray."""
    match = _HANDLE.fullmatch(handle)
    if match is None:
        raise Stray("no state of ours" if handle else "no state")
    try:
        opened = open_state(visit.call, base64url.decode(match["sealed"]), purpose=_PURPOSE)
    except (ValueError, SealError):
        raise Stray("a state that we did not make") from None
    except NotAuthorizedException as fault:  # by an older Poolkeeper, or before the database was restored
        raise Stray(fault.detail or fault.message) from None
    errand = _decode(opened)
    if (errand.pool_id, errand.id) != (visit.place.pool.pool_id, match["id"]) or match["pool"] != errand.pool_id:
        raise Stray("a state of another pool")
    names = [name for name in _names(visit.place, errand.id) if name in visit.cookies]
    if not names:
        raise Stray("the state of another browser: its cookie did not come along, it was used before or was not kept")
    secret = visit.cookies[names[0]]
    if not hmac.compare_digest(_digest(secret), errand.digest):
        raise Stray("the state of another browser")
    return Departure(errand=errand, handle=handle, secret=secret)


def _returns(visit: Visit) -> list[tuple[str, str]]:
    """Return name and path of the cookies by which this browser could come back to any pool of the host, the oldest first.

    Those for the whole host come before those for this path, since a browser sends them behind (RFC 6265 5.4).
    """
    matches = [match for match in map(_RETURN.fullmatch, visit.cookies) if match is not None]
    matches.sort(key=lambda match: match["path"] is not None)
    return [(match[0], f"{visit.place.mount}/" if match["path"] else "/") for match in matches]


def _names(place: Place, errand_id: str) -> tuple[str, ...]:
    """Return the cookies that may hold the secret of an errand, of which a browser has one."""
    cookies = (_COOKIE, _PLAIN_COOKIE) if _is_plain(place) else (_COOKIE,)
    return tuple(_name(place, errand_id, cookie) for cookie in cookies)


def _name(place: Place, errand_id: str, cookie: str) -> str:
    return f"{browser.cookie_name(place, cookie)}-{errand_id}"


def _is_plain(place: Place) -> bool:
    """Say whether a place is at http on this machine, where not all browsers take what is Secure."""
    return not place.secure and is_loopback(place.origin)


def _set(response: Response, place: Place, name: str, value: str, *, seconds: int, path: str = "") -> None:
    """Set a cookie that comes along when a provider posts its answer from its own page; `path` is not the place's own.

    Browsers take SameSite=None with Secure alone, and Secure over http from this machine alone, Safari not even there:
    elsewhere over http it is Lax, and a provider that posts cannot be used. So it is where nothing is posted.
    """
    everywhere = place.secure or (is_loopback(place.origin) and not name.startswith(f"{_PLAIN_COOKIE}-"))
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        path=path or f"{place.mount}/",
        secure=everywhere,
        httponly=True,
        samesite="none" if everywhere else "lax",
    )


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
