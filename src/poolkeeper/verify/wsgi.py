"""A WSGI application that is opened by signed requests alone: Flask, Django, or any other."""

import io
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from poolkeeper.aws.signed_request import Request
from poolkeeper.verify import bodies
from poolkeeper.verify.asking import OWN_PREFIX, Headers, Refused, Verifier, is_signed, overrides, unclear
from poolkeeper.verify.bodies import BodyMismatch, CheckedBody, Way

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

# What may stand in a path as it is (RFC 3986, pchar); a plus is a space to some.
_SAFE = "/~:@!$&'()*,;=-._"
_RAW = ("RAW_URI", "REQUEST_URI")
_OWN = "HTTP_" + OWN_PREFIX.upper().replace("-", "_")


class VerifiedWSGI:
    """The middleware. The application finds who signed in `environ["poolkeeper.principal"]`, and as headers.

    With `preflight` the questions of browsers before a request (OPTIONS, which nobody signs) go through: they are answered
    by the application's own rules of CORS.
    """

    def __init__(self, application: Application, verifier: Verifier, *, preflight: bool = False) -> None:
        self._application, self._verifier, self._preflight = application, verifier, preflight

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request: the application's answer, or why it was not asked."""
        for name in [name for name in environ if name.startswith(_OWN)]:
            del environ[name]
        if self._preflight and _is_preflight(environ) and not overrides(_headers(environ)):
            return self._application(environ, start_response)
        try:
            body = self._admit(environ)
        except Refused as refused:
            return _answer(start_response, refused.status, refused.headers, refused.body)
        if body is None:
            return self._application(environ, start_response)
        return _watched(self._application, environ, start_response, body)

    def _admit(self, environ: Environ) -> CheckedBody | None:
        """Put into the environment who signed, and the body to be read; return it where it is checked on the way."""
        method, target = environ["REQUEST_METHOD"], _target(environ)
        headers = _headers(environ)
        planned = bodies.plan(method, environ.get("QUERY_STRING", ""), headers)
        bodies.require_any(planned, empty=_length(environ) == 0)
        address = environ.get("REMOTE_ADDR", "")
        request = Request(method, environ.get("PATH_INFO", ""), environ.get("QUERY_STRING", ""), headers, b"")
        if planned.way in {Way.HOLD, Way.HAND} and not is_signed(request):
            self._verifier.ask(method, target, headers, address=address)
            raise unclear("Nobody signed this request.")
        body = _held(environ, planned.way)
        given: dict[str, Any] = {"body": body} if planned.way is Way.HAND else {}
        if planned.way is Way.HOLD:
            given = {"body_hash": bodies.hash_of(body)}
        principal = self._verifier.ask(method, target, headers, address=address, **given)
        environ["poolkeeper.principal"] = principal
        for name, value in principal.headers.items():
            environ["HTTP_" + name.upper().replace("-", "_")] = value
        environ |= {name: target for name in _RAW if name in environ}
        if planned.way is Way.CHECK:
            checked = CheckedBody(environ["wsgi.input"].read, _length(environ), planned.expected)
            environ["wsgi.input"] = io.BufferedReader(checked)
            return checked
        if planned.way is not Way.PASS:
            environ["wsgi.input"] = io.BytesIO(body)
        return None


def _target(environ: Environ) -> str:
    """Return path and query as they were sent, where the server tells them and they are what the application reads."""
    path = (environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")).encode("latin-1")
    query = environ.get("QUERY_STRING", "")
    for name in _RAW:
        raw_path, _, raw_query = environ.get(name, "").partition("?")
        if raw_path.startswith("/") and unquote_to_bytes(raw_path) == path and raw_query == query:
            return str(environ[name])
    encoded = quote(path, safe=_SAFE)
    return f"{encoded}?{query}" if query else encoded


def _headers(environ: Environ) -> Headers:
    sent = [
        (name.removeprefix("HTTP_").lower().replace("_", "-"), value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    ]
    more = (("content-type", "CONTENT_TYPE"), ("content-length", "CONTENT_LENGTH"))
    return [*sent, *((name, environ[key]) for name, key in more if environ.get(key))]


def _length(environ: Environ) -> int | None:
    """Return how many bytes the body has; None where it is for the server to end it."""
    if environ.get("CONTENT_LENGTH"):
        return int(environ["CONTENT_LENGTH"])
    return None if environ.get("wsgi.input_terminated") else 0


def _held(environ: Environ, way: Way) -> bytes:
    """Return the body where it is read before the question; raises Refused for one that is too large."""
    most = {Way.HAND: bodies.MOST_HANDED, Way.HOLD: bodies.MOST_HELD}.get(way)
    length = _length(environ)
    if most is None or length == 0:
        return b""
    if length is not None and length > most:
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, bodies.JSON, bodies.TOO_LARGE)
    parts, bytes_left = list[bytes](), most + 1 if length is None else length
    while bytes_left and (piece := environ["wsgi.input"].read(min(bytes_left, 65_536))):
        parts.append(piece)
        bytes_left -= len(piece)
    if length is None and not bytes_left:
        raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, bodies.JSON, bodies.TOO_LARGE)
    return b"".join(parts)


def _is_preflight(environ: Environ) -> bool:
    return environ["REQUEST_METHOD"] == "OPTIONS" and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ


def _answer(start_response: StartResponse, status: int, headers: Any, body: bytes) -> Iterable[bytes]:
    phrase = HTTPStatus(status).phrase
    start_response(f"{status:d} {phrase}", [*headers.items(), ("content-length", str(len(body)))])
    return [body]


def _watched(
    application: Application, environ: Environ, start_response: StartResponse, body: CheckedBody
) -> Iterator[bytes]:
    """Yield the application's answer; where the body turns out to be another, that is the answer while none has begun."""
    begun = False

    def start(status: str, headers: Any, exc_info: Any = None) -> Any:
        nonlocal begun
        if body.failed:
            raise BodyMismatch("no answer to what was not signed")
        begun = True
        return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

    try:
        answer = application(environ, start)
        try:
            yield from answer
        finally:
            getattr(answer, "close", lambda: None)()
    except BodyMismatch:
        if begun:
            raise
        yield from _answer(start_response, bodies.MISMATCH_STATUS, bodies.HEADERS, bodies.MISMATCH)
