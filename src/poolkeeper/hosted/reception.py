"""How does a request become a visit? Host and path lead to a place, query and form are read strictly, an endpoint answers."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from http import HTTPStatus
from time import perf_counter_ns
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from poolkeeper import forms, server_words
from poolkeeper.call import Call, House
from poolkeeper.errors import TooManyRequestsException
from poolkeeper.hosted import cross_origin, outcomes, places
from poolkeeper.hosted.finding import pool_named
from poolkeeper.hosted.places import Arrival, Doors, Place
from poolkeeper.hosted.visit import Endpoint, Visit
from poolkeeper.model import languages
from poolkeeper.request_body import read_body
from poolkeeper.store.db import Unavailable

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Otherwise = Callable[[Scope, Receive, Send], Awaitable[None]]

RETRY_SECONDS = 5

_CROSS_ORIGIN = tuple((name.encode(), value.encode()) for name, value in cross_origin.ANSWER.items())
_NO_COOKIES: Mapping[str, str] = {}
_FORM = "application/x-www-form-urlencoded"
_NOBODYS = "There is no sign-in page at this address."
_NAMES_NOBODY = "This request names no app client of this server."
_TOO_MANY = "Too many requests. Try again."


class _Sent(msgspec.Struct, frozen=True, kw_only=True):
    """One request as it came: its headers by names in lower case, and its whole body."""

    scope: Scope
    headers: Mapping[str, str]
    body: bytes

    @property
    def method(self) -> str:
        return str(self.scope["method"])


class Reception:
    """The endpoints of every place, by path. What is not theirs goes on to `otherwise`, its path within the place.

    `make_call` makes a Call from keyword arguments: caller, region, client_address, user_agent, request_id, now, language. `record`
    is told of every answer: the call, the service, path, status and microseconds. `failed` is told of every accident: the
    id of the request and the exception.
    """

    def __init__(
        self,
        house: House,
        endpoints: Mapping[str, Endpoint],
        *,
        make_call: Callable[..., Call],
        record: Callable[[Call, str, str, int, int], None],
        failed: Callable[[str, Exception], None],
        address_of: Callable[[Scope], str],
        otherwise: Otherwise,
    ) -> None:
        self._house = house
        self._doors = Doors(house.settings)
        self._serves_by_client = house.settings.serves_by_client
        self._endpoints = endpoints
        self._make_call = make_call
        self._record = record
        self._failed = failed
        self._nobodys = places.nobodys_pool(house.entropy.bytes(32))
        self._address_of = address_of
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; a client that goes away while it sends a form gets no answer."""
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        arrived = self._doors.arrival(
            host=headers.get("host", ""), path=scope["path"], by_dev_tls=scope["scheme"] == "https"
        )
        # None of our addresses needs an escape: a cache in front would take `/log%69n` for another page (attacks.md 99).
        endpoint = None if b"%" in scope.get("raw_path", b"") else self._endpoints.get(arrived.path)
        yielded = (
            endpoint is not None and endpoint.yields and arrived.bare and b"client_id=" not in scope["query_string"]
        )
        if endpoint is None or yielded:
            await self._otherwise({**scope, "path": arrived.path}, receive, send)
            return
        body = await read_body(receive) if scope["method"] == "POST" else b""
        if body is not None:
            response = await self._answer(endpoint, _Sent(scope=scope, headers=headers, body=body), arrived)
            await response(scope, receive, send)

    async def _answer(self, endpoint: Endpoint, sent: _Sent, arrived: Arrival) -> Response:
        started = perf_counter_ns()
        call = self._make_call(
            region=None,
            caller=None,
            client_address=self._address_of(sent.scope),
            user_agent=sent.headers.get("user-agent", ""),
            request_id=self._house.entropy.uuid(),
            now=self._house.clock.now(),
            language=languages.accepted(sent.headers.get("accept-language", "")),
        )
        try:
            response = _by_method(call, endpoint, sent.method)
            response = response or await self._by_place(call, endpoint, sent, arrived)
        except Exception as fault:  # noqa: BLE001 - nothing passes it: whoever called is answered in the endpoint's kind
            response = self._accident(call, endpoint, fault)
        response.raw_headers.append((b"x-amz-cognito-request-id", call.request_id.encode()))
        if endpoint.cross_origin:
            set_headers = {name for name, _ in response.raw_headers}
            response.raw_headers.extend(header for header in _CROSS_ORIGIN if header[0] not in set_headers)
        if response.status_code >= HTTPStatus.BAD_REQUEST and not call.trace.outcome:
            call.trace.refuse(outcomes.INVALID_REQUEST)
        microseconds = (perf_counter_ns() - started) // 1_000
        self._record(call, endpoint.service, arrived.path, response.status_code, microseconds)
        return response

    async def _by_place(self, call: Call, endpoint: Endpoint, sent: _Sent, arrived: Arrival) -> Response:
        """Answer at the place that the address or, on the bare host, the request names."""
        try:
            query = forms.read(sent.scope["query_string"])
            form = forms.NOTHING if endpoint.takes_json else _form(sent, most=endpoint.most_form)
        except forms.BadForm as fault:
            return _refused(call, endpoint, 400, str(fault), outcomes.INVALID_REQUEST)
        by_client = arrived.bare and (self._serves_by_client or endpoint.at_base)
        # Whether a proof needs a nonce is the pool's word at this moment.
        remembered = endpoint.reads_pool and "dpop" not in sent.headers
        place: Place | None
        if by_client:
            pool_id = await pool_named(call, query, form, sent.headers)
            place = await self._place_by_client(
                pool_id, arrived, remembered=remembered, refusing=endpoint.refuses_itself
            )
        elif arrived.bare:
            place = None
        else:
            place = await places.place_of(self._house, arrived, remembered=remembered)
        handler = endpoint.post if sent.method == "POST" else endpoint.get
        if place is None or handler is None:
            status, sentence = (400, _NAMES_NOBODY) if by_client else (404, _NOBODYS)
            return _refused(call, endpoint, status, sentence, outcomes.NOBODYS)
        call.trace.pool_id = place.pool.pool_id
        return await handler(
            Visit(
                call=call,
                place=place,
                method=sent.method,
                path=arrived.path,
                query=query,
                raw_query=sent.scope["query_string"],
                form=form,
                body=sent.body if endpoint.takes_json else b"",
                headers=sent.headers,
                cookies=Request(sent.scope).cookies if "cookie" in sent.headers else _NO_COOKIES,
                proofs=_proofs(sent.scope) if "dpop" in sent.headers else (),
                hand_over=endpoint.hand_over,
            )
        )

    async def _place_by_client(
        self, pool_id: str | None, arrived: Arrival, *, remembered: bool, refusing: bool
    ) -> Place | None:
        """Return the place of a pool on the bare host, which may be nobody's where the endpoint refuses by itself."""
        place = None
        if pool_id is not None:
            place = await places.place_of_pool(self._house, pool_id, origin=arrived.origin, remembered=remembered)
        if place is None and refusing:
            return Place(pool=self._nobodys, origin=arrived.origin)
        return place

    def _accident(self, call: Call, endpoint: Endpoint, fault: Exception) -> Response:
        """Return what is told of an accident, of which the log tells more: the id of the request (attacks.md 156)."""
        if isinstance(fault, Unavailable):
            response = _refused(call, endpoint, 503, server_words.AWAY, outcomes.UNAVAILABLE, detail=repr(fault))
            response.headers["retry-after"] = str(RETRY_SECONDS)
            return response
        if isinstance(fault, TooManyRequestsException):
            return _refused(call, endpoint, 429, _TOO_MANY, outcomes.UNAVAILABLE, detail=fault.name)
        self._failed(call.request_id, fault)
        return _refused(call, endpoint, 500, server_words.accident(call.request_id), outcomes.SERVER_ERROR)


def _refused(
    call: Call, endpoint: Endpoint, status: int, sentence: str, outcome: str, *, detail: str | None = None
) -> Response:
    call.trace.refuse(outcome, detail)
    return endpoint.refuse(status, sentence, call.request_id, call.language)


def _by_method(call: Call, endpoint: Endpoint, method: str) -> Response | None:
    """Return the answer that the method alone decides, None where an endpoint has to answer."""
    handlers = {"GET": endpoint.get, "HEAD": endpoint.get, "POST": endpoint.post}
    if handlers.get(method) is not None:
        return None
    if method == "OPTIONS" and endpoint.cross_origin:
        return Response(status_code=204, headers=cross_origin.PREFLIGHT)
    sentence = f"{method} is not for this address."
    response = _refused(call, endpoint, 405, sentence, outcomes.INVALID_REQUEST)
    response.headers["allow"] = ", ".join(name for name, handler in handlers.items() if handler is not None)
    return response


def _proofs(scope: Scope) -> tuple[str, ...]:
    """Return what stands in each DPoP header: a request has one, and who judges must see another (RFC 9449 4.3)."""
    # Blanks around a value are none of it (RFC 9110 section 5.5).
    return tuple(value.decode("latin-1").strip(" \t") for name, value in scope["headers"] if name == b"dpop")


def _form(sent: _Sent, *, most: int) -> forms.Form:
    """Return what was posted. Raises BadForm for anything but a form."""
    if not sent.body:
        return forms.NOTHING
    if sent.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise forms.BadForm(f"The request is not {_FORM}.")
    return forms.read(sent.body, most=most)
