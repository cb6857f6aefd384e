"""An ASGI application that is opened by signed requests alone: Starlette, FastAPI, Django, or any other."""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from hashlib import sha256
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from poolkeeper.aws.signed_request import Request
from poolkeeper.verify import bodies
from poolkeeper.verify.asking import OWN_PREFIX, Headers, Principal, Refused, Verifier, is_signed, overrides, unclear
from poolkeeper.verify.bodies import BodyMismatch, Plan, Way

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_SAFE = "/~:@!$&'()*,;=-._"
_REFUSED_SOCKET = 1008


class VerifiedASGI:
    """The middleware. The application finds who signed in `scope["state"]["poolkeeper.principal"]`, and as headers.

    `preflight` as of VerifiedWSGI. A web socket, which nobody signs here, is refused.
    """

    def __init__(self, application: Application, verifier: Verifier, *, preflight: bool = False) -> None:
        self._application, self._verifier, self._preflight = application, verifier, preflight

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request: the application's answer, or why it was not asked."""
        if scope["type"] == "lifespan":
            await self._application(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": _REFUSED_SOCKET})
            return
        own = OWN_PREFIX.encode()
        kept_headers = [header for header in scope["headers"] if not header[0].replace(b"_", b"-").startswith(own)]
        scope = {**scope, "headers": kept_headers}
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in kept_headers]
        if self._preflight and _is_preflight(scope) and not overrides(headers):
            await self._application(scope, receive, send)
            return
        query = scope.get("query_string", b"").decode("latin-1")
        planned = bodies.plan(scope["method"], query, headers)
        request = Request(scope["method"], scope["path"], query, headers, b"")
        try:
            bodies.require_any(planned, empty=_is_empty(scope, headers))
            if planned.way in {Way.HOLD, Way.HAND} and not is_signed(request):
                await self._ask(scope, headers, Plan(Way.PASS), b"")
                raise unclear("Nobody signed this request.")
            body = await _held(receive, planned.way)
            if body is None:
                return
            principal = await self._ask(scope, headers, planned, body)
        except Refused as refused:
            await _answer(send, refused.status, refused.headers, refused.body)
            return
        await self._serve(_named(scope, principal), receive, send, planned, body)

    async def _ask(self, scope: Scope, headers: Headers, planned: Plan, body: bytes) -> Principal:
        given: dict[str, Any] = {"body": body} if planned.way is Way.HAND else {}
        if planned.way is Way.HOLD:
            given = {"body_hash": bodies.hash_of(body)}
        address = (scope.get("client") or ("",))[0]
        target = _target(scope)
        return await asyncio.to_thread(self._verifier.ask, scope["method"], target, headers, address=address, **given)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, planned: Plan, body: bytes) -> None:
        if planned.way is Way.CHECK:
            await _watched(self._application, scope, _Checked(receive, planned.expected), send)
        elif planned.way is Way.PASS:
            await self._application(scope, receive, send)
        else:
            await self._application(scope, _again(body, receive), send)


class _Checked:
    """A body whose end is not given out before it is known to be the one that was signed."""

    def __init__(self, receive: Receive, expected: str) -> None:
        self._receive, self._expected = receive, expected
        self._hash = sha256()
        self._kept = b""
        self._whole = False
        self.failed = False

    async def __call__(self) -> Message:
        """Return the next message; where the body is another the client is gone, for the application.

        A piece is kept until bytes follow it or the end is known to be right: the end may come by itself, without any.
        """
        if self.failed:
            return {"type": "http.disconnect"}
        while True:
            message = await self._receive()
            if self._whole or message["type"] != "http.request":
                return message
            piece = message.get("body", b"")
            self._hash.update(piece)
            if not message.get("more_body", False):
                return self._end(piece)
            if piece:
                before, self._kept = self._kept, piece
                if before:
                    return {"type": "http.request", "body": before, "more_body": True}

    def _end(self, piece: bytes) -> Message:
        self._whole = True
        if self._hash.hexdigest() != self._expected:
            self.failed = True
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": self._kept + piece, "more_body": False}


async def _watched(application: Application, scope: Scope, checked: _Checked, send: Send) -> None:
    """Let the application answer; where the body turns out to be another, that is the answer while none has begun."""
    begun = False

    async def watched(message: Message) -> None:
        nonlocal begun
        if checked.failed and not begun:
            raise BodyMismatch("no answer to what was not signed")
        begun = True
        await send(message)

    try:
        await application(scope, checked, watched)
    except Exception:
        if begun or not checked.failed:
            raise
    if checked.failed and not begun:
        await _answer(send, bodies.MISMATCH_STATUS, bodies.HEADERS, bodies.MISMATCH)


def _named(scope: Scope, principal: Principal) -> Scope:
    """Return the scope with who signed in it."""
    named_headers = [(name.encode(), value.encode()) for name, value in principal.headers.items()]
    state = {**scope.get("state", {}), "poolkeeper.principal": principal}
    raw = _target(scope).partition("?")[0].encode("latin-1")
    return {**scope, "headers": [*scope["headers"], *named_headers], "state": state, "raw_path": raw}


def _target(scope: Scope) -> str:
    """Return path and query as they were sent, where the server tells them and they are what the application reads."""
    path = scope["path"].encode("utf-8", "surrogateescape")
    raw: bytes = scope.get("raw_path") or b""
    encoded = raw.decode("latin-1") if raw and unquote_to_bytes(raw) == path else quote(path, safe=_SAFE)
    query = scope.get("query_string", b"").decode("latin-1")
    return f"{encoded}?{query}" if query else encoded


async def _held(receive: Receive, way: Way) -> bytes | None:
    """Return the body where it is read before the question, None where the client went away; raises Refused."""
    most = {Way.HAND: bodies.MOST_HANDED, Way.HOLD: bodies.MOST_HELD}.get(way)
    if most is None:
        return b""
    parts, size, more = list[bytes](), 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > most:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, bodies.JSON, bodies.TOO_LARGE)
        more = message.get("more_body", False)
    return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    """Return what gives out a body that was read before, and then whatever comes."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _is_empty(scope: Scope, headers: Headers) -> bool:
    """Say whether there is no body, as HTTP/1 tells; later versions need not say how long one is."""
    given = dict(headers)
    return (
        scope.get("http_version", "1.1").startswith("1")
        and "transfer-encoding" not in given
        and given.get("content-length", "0") == "0"
    )


def _is_preflight(scope: Scope) -> bool:
    return scope["method"] == "OPTIONS" and any(
        name == b"access-control-request-method" for name, _ in scope["headers"]
    )


async def _answer(send: Send, status: int, headers: Any, body: bytes) -> None:
    lines = [
        *((name.encode(), value.encode()) for name, value in headers.items()),
        (b"content-length", b"%d" % len(body)),
    ]
    await send({"type": "http.response.start", "status": int(status), "headers": lines})
    await send({"type": "http.response.body", "body": body})
