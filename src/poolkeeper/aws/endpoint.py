"""What happens to a request to `POST /`? Its row, caller, limits and rights are checked; then its function runs: the hot path."""

import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from time import perf_counter_ns
from typing import Any, Protocol, TypeVar

import msgspec

from poolkeeper import server_words
from poolkeeper.aws import constraints, json_1_1, query_xml
from poolkeeper.aws.caller import JSON_LEEWAY, QUERY_LEEWAY, FindSigner, cached_signing_key, verified
from poolkeeper.aws.misdirected import HINT, OURS, scoped_service
from poolkeeper.aws.naming import named
from poolkeeper.aws.operation import Operation, Run, Service, Who
from poolkeeper.aws.shape import ServiceModel, Shape, given_members
from poolkeeper.aws.signed_request import Request
from poolkeeper.aws.trimmed import trimmed
from poolkeeper.call import Call, Caller, Trace
from poolkeeper.clock import Clock
from poolkeeper.entropy import Entropy
from poolkeeper.errors import (
    InternalErrorException,
    NotImplementedException,
    SerializationException,
    ServiceError,
    UnknownOperationException,
)
from poolkeeper.model.event import Event
from poolkeeper.request_body import read_body

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
T = TypeVar("T", bound=Shape)

Permit = Callable[[Call, Operation, Any], Awaitable[None]]
Admit = Callable[[Request, Caller], None]
"""Raises for a key that may not sign such a request."""
NoteUse = Callable[[Caller, str, int], Awaitable[None]]
"""Keep that a key signed a request of a service at a millisecond."""

SIGNING_KEYS = 1_024

_NO_HEADERS: Mapping[str, str] = {}
_NOTHING_FOUND = Trace()
_CORS = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"),
)
_ALLOWED_HEADERS = (
    "authorization",
    "content-type",
    "x-amz-target",
    "x-amz-user-agent",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-content-sha256",
    "amz-sdk-invocation-id",
    "amz-sdk-request",
    "cache-control",
)
_PREFLIGHT = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"POST"),
    (b"access-control-allow-headers", ",".join(_ALLOWED_HEADERS).encode()),
    (b"access-control-max-age", b"172800"),
    (b"content-length", b"0"),
)

_log = logging.getLogger("poolkeeper.aws")


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What logs say of a request. `operation` and `service` are empty where the request names none.

    `outcome` is the error's name, `told` its name in the answer: iam and sts shorten names. `sentence` is the error message,
    which may repeat values of the request. `caller` is who signed it, None for an unsigned request; `members` are the names of
    the request's members, `named` the things that it names or has made, `resource` is the ARN that policies judged.
    """

    request_id: str
    service: str
    operation: str
    pool_id: str
    outcome: str
    status: int
    microseconds: int
    client_address: str
    detail: str
    events: Sequence[Event] = ()
    caller: Caller | None = None
    user_agent: str = ""
    resource: str = ""
    members: Sequence[str] = ()
    named: Mapping[str, str] = msgspec.field(default_factory=dict)
    told: str = ""
    sentence: str = ""


class Wire(Protocol):
    """A protocol of AWS's: json_1_1 and query_xml are such modules."""

    CONTENT_TYPE: str

    def decode(self, kind: type[T], body: bytes) -> T: ...
    def encode(self, operation: Operation, answer: Shape | None, request_id: str) -> bytes: ...
    def error(
        self, fault: ServiceError, request_id: str, model: ServiceModel | None
    ) -> tuple[int, Mapping[str, str], bytes]: ...
    def name_of(self, fault: ServiceError) -> str: ...


async def forget_uses(_caller: Caller, _service: str, _now: int) -> None:
    """Keep no note of a key's use."""


def admit_all(_request: Request, _caller: Caller) -> None:
    """Let every key sign every request."""


def _peer(scope: Scope) -> str:
    return str((scope.get("client") or ("",))[0])


class Endpoint:
    """The AWS API as an ASGI application for `POST /` and its preflight `OPTIONS /`.

    `make_call` makes an operation's Call from keyword arguments: caller, region (None: the caller signed nothing),
    client_address, user_agent, request_id, now. `record` gets every outcome. Exceptions of the types in `unavailable` become
    an InternalErrorException, 500, that asks to try again: every SDK retries on it. `public_host` is the Host that a proxy
    may have hidden (see caller.verified), `address_of` says where a request comes from. `permit` raises for a caller whom no
    policy allows the call. `check` refuses a request that breaks a limit of its model. `admit` raises for a proved key that
    may not sign such a request. `note_use` gets, after the answer, the key that signed.
    """

    def __init__(
        self,
        *,
        services: Sequence[Service],
        find_signer: FindSigner,
        make_call: Callable[..., Call],
        clock: Clock,
        entropy: Entropy,
        record: Callable[[Outcome], None],
        permit: Permit,
        address_of: Callable[[Scope], str] = _peer,
        unavailable: tuple[type[Exception], ...] = (),
        public_host: str = "",
        check: Callable[[Shape], None] = constraints.check,
        admit: Admit = admit_all,
        note_use: NoteUse = forget_uses,
    ) -> None:
        self._targets = {
            f"{service.model.target_prefix}.{name}": operation
            for service in services
            if service.model.protocol == "json"
            for name, operation in service.operations.items()
        }
        self._forms = {service.model.version: service for service in services if service.model.protocol == "query"}
        self._find_signer = find_signer
        self._make_call = make_call
        self._clock = clock
        self._entropy = entropy
        self._record = record
        self._address_of = address_of
        self._unavailable = unavailable
        self._public_host = public_host
        self._permit = permit
        self._check = check
        self._admit = admit
        self._note_use = note_use
        self._signing_key = cached_signing_key(SIGNING_KEYS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer an HTTP request, unless the client went away while it was sending."""
        if scope["method"] == "OPTIONS":
            await _send(send, 200, _PREFLIGHT, b"")
            return
        body = await read_body(receive)
        if body is not None:
            await self._answer(_request(scope, body), scope, send)

    async def _answer(self, request: Request, scope: Scope, send: Send) -> None:
        began_at = perf_counter_ns()
        now, request_id = self._clock.now(), self._entropy.uuid()
        client_address = self._address_of(scope)
        wire: Wire = query_xml if _is_form(request) else json_1_1
        operation, caller, operation_input, call, answer, fault = None, None, None, None, None, None
        try:
            operation = self._operation(request)
            caller = await self._caller(operation, request, now)
            operation_input = _read_input(wire, operation, request.body)
            call = self._make_call(
                caller=caller,
                region=caller.region if caller else None,
                client_address=client_address,
                user_agent=request.header("user-agent") or "",
                request_id=request_id,
                now=now,
            )
            broken = self._broken_limits(operation, operation_input)
            judged = operation_input if broken is None and operation.run is not None else trimmed(operation_input)
            await self._permit(call, operation, judged)
            answer = await _run(operation, broken)(call, operation_input)
            status, own_headers, content = 200, _NO_HEADERS, wire.encode(operation, answer, request_id)
        except Exception as failure:  # noqa: BLE001 - the only mapper of errors: every error ends here
            fault = self._service_error(failure, request_id)
            status, own_headers, content = wire.error(fault, request_id, operation.model if operation else None)

        microseconds = (perf_counter_ns() - began_at) // 1000
        trace = call.trace if call else _NOTHING_FOUND
        outcome = _outcome(operation, trace, fault, request_id, status, microseconds, client_address)
        if caller is not None:
            error_name = wire.name_of(fault) if fault else outcome.outcome
            names = named(outcome.service, operation_input, answer)
            outcome = msgspec.structs.replace(
                _signed(outcome, caller, request, trace, operation_input), named=names, told=error_name
            )
        # First the log, so that a client with the answer can read its line there.
        self._record(outcome)
        await _send(send, status, _headers(wire, own_headers, content, request_id), content)
        if caller is not None and operation is not None:
            await self._note_use(caller, operation.model.name, now)

    def _operation(self, request: Request) -> Operation:
        """Find the row of the request's operation; raises UnknownOperationException, which names the operation."""
        if _is_form(request):
            return self._operation_of_form(query_xml.form(request.body))
        target = request.header("x-amz-target")
        if target is None:
            service = scoped_service(request.header("authorization") or "")
            if service and service not in OURS:
                raise UnknownOperationException(f"Poolkeeper does not serve {service}. {HINT}")
            raise UnknownOperationException("The request names no operation: it has no X-Amz-Target.")
        operation = self._targets.get(target)
        if operation is None:
            prefix, _, name = target[:200].rpartition(".")
            served = dict.fromkeys(served_target.rpartition(".")[0] for served_target in self._targets)
            if prefix in served:
                raise UnknownOperationException(f"{prefix} has no operation {name}.")
            raise UnknownOperationException(
                f"Poolkeeper does not serve {prefix or name}; it serves {', '.join(served)}. {HINT}"
            )
        return operation

    def _operation_of_form(self, fields: Mapping[str, str]) -> Operation:
        version, action = fields.get("Version", "")[:200], fields.get("Action", "")[:200]
        service = self._forms.get(version)
        if service is None:
            served = ", ".join(
                f"{form_service.model.name} {form_service.model.version}" for form_service in self._forms.values()
            )
            raise UnknownOperationException(
                f"Poolkeeper does not serve the API of Version '{version}', of which Action '{action}' was asked; "
                f"it serves {served or 'no API of this protocol'}. {HINT}"
            )
        if action not in service.operations:
            raise UnknownOperationException(
                f"Could not find operation {action or 'NO_ACTION_SPECIFIED'} for version {version}"
            )
        return service.operations[action]

    async def _caller(self, operation: Operation, request: Request, now: int) -> Caller | None:
        """Return who signed, or None where nobody needs to; the signature of a public operation's request is ignored."""
        signed = operation.who is Who.IAM or (
            operation.who is Who.IAM_OR_SECRET and request.header("authorization") is not None
        )
        if not signed:
            return None
        caller = await verified(
            request,
            service=operation.model.name,
            leeway=QUERY_LEEWAY if operation.model.protocol == "query" else JSON_LEEWAY,
            now=now,
            find_signer=self._find_signer,
            signing_key=self._signing_key,
            public_host=self._public_host,
        )
        self._admit(request, caller)
        return caller

    def _broken_limits(self, operation: Operation, operation_input: Any) -> ServiceError | None:
        """Return the refusal of a request that breaks a limit; it is raised only if policies allow the call."""
        if operation.run is None:
            return None
        try:
            self._check(operation_input)
        except ServiceError as fault:
            return fault
        return None

    def _service_error(self, fault: Exception, request_id: str) -> ServiceError:
        """Return the error that the caller may read for an exception: never a traceback, SQL or another message."""
        if isinstance(fault, ServiceError):
            return fault
        if isinstance(fault, self._unavailable):
            return InternalErrorException(server_words.AWAY, detail=repr(fault))
        _log.error("request %s failed", request_id, exc_info=fault)
        return InternalErrorException(server_words.accident(request_id))


def _read_input(wire: Wire, operation: Operation, body: bytes) -> Any:
    """Return the decoded request. Raises what decoding raises.

    For an operation that is not built, a request that cannot be read is taken as empty: nobody learns what else is wrong.
    """
    if operation.run is not None:
        return wire.decode(operation.input, body)
    if operation.input is not Shape:
        with contextlib.suppress(SerializationException):
            return wire.decode(operation.input, body)
    return operation.input()


def _run(operation: Operation, broken: ServiceError | None) -> Run:
    """Return the function to run; raises the refusals that had to wait for the policies."""
    if operation.run is None:
        raise NotImplementedException(f"Poolkeeper does not have {operation.name} yet.")
    if broken is not None:
        raise broken
    return operation.run


def _is_form(request: Request) -> bool:
    content_type = request.header("content-type") or ""
    return content_type.startswith(query_xml.FORM) and request.header("x-amz-target") is None


def _request(scope: Scope, body: bytes) -> Request:
    return Request(
        method=scope["method"],
        path=(scope.get("raw_path") or b"/").decode("latin-1"),
        query=scope.get("query_string", b"").decode("latin-1"),
        headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]],
        body=body,
    )


def _headers(wire: Wire, own_headers: Mapping[str, str], content: bytes, request_id: str) -> list[tuple[bytes, bytes]]:
    return [
        (b"content-type", wire.CONTENT_TYPE.encode()),
        (b"content-length", str(len(content)).encode()),
        (b"x-amzn-requestid", request_id.encode()),
        *_CORS,
        *((name.encode(), value.encode()) for name, value in own_headers.items()),
    ]


async def _send(send: Send, status: int, headers: Sequence[tuple[bytes, bytes]], content: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content})


def _signed(outcome: Outcome, caller: Caller, request: Request, trace: Trace, operation_input: Any) -> Outcome:
    """Add to the outcome of a signed request the fields for the audit log."""
    return msgspec.structs.replace(
        outcome,
        caller=caller,
        user_agent=request.header("user-agent") or "",
        resource=trace.resource,
        members=() if operation_input is None else given_members(operation_input),
    )


def _outcome(
    operation: Operation | None,
    trace: Trace,
    fault: ServiceError | None,
    request_id: str,
    status: int,
    microseconds: int,
    client_address: str,
) -> Outcome:
    return Outcome(
        request_id=request_id,
        service=operation.model.name if operation else "",
        operation=operation.name if operation else "",
        pool_id=trace.pool_id,
        outcome=fault.name if fault else "Success",
        status=status,
        microseconds=microseconds,
        client_address=client_address,
        detail=(fault.detail or "") if fault else "",
        events=trace.events,
        sentence=fault.message if fault else "",
    )
