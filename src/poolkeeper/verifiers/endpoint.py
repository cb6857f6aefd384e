"""What happens to a request to /verify/<name>? Who asks, what about, who signed that, may they; and nothing is kept of it.

The proxy or application that asks is known by its secret. Whoever signed is judged as the API itself judges its callers, by
the policies of that moment; where a service has no actions here, who it is is the whole answer.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from time import perf_counter_ns

import msgspec

from poolkeeper import server_words
from poolkeeper.access_keys import TEST_KEY_ID
from poolkeeper.aws.caller import FindSigner, cached_signing_key
from poolkeeper.aws.endpoint import NoteUse, Outcome, Receive, Scope, Send
from poolkeeper.aws.signed_request import Request
from poolkeeper.call import Call, Caller, House, Trace
from poolkeeper.errors import (
    AccessDeniedException,
    InternalErrorException,
    NotImplementedException,
    ServiceError,
    ValidationException,
)
from poolkeeper.request_body import read_body
from poolkeeper.rights.judging import request_for, require_allowed
from poolkeeper.rights.policies import rights_of
from poolkeeper.store.db import Unavailable
from poolkeeper.verifier_settings import VerifierSetting
from poolkeeper.verifiers import actions, answers, originals, signatures
from poolkeeper.verifiers.asked import Asked, NotNamed
from poolkeeper.verifiers.originals import STRANGER, Unclear
from poolkeeper.verifiers.signatures import Signed

PATH = "/verify/"

_SIGNING_KEYS = 4_096
# Objects of one request are judged in groups of fifty: each group has one budget (policy/budget.py), and other requests run in
# between.
_AT_ONCE = 50

Answer = tuple[int, Mapping[str, str], bytes]


@dataclass(slots=True)
class _Visit:
    """One question, and what is found out about it."""

    setting: VerifierSetting | None
    call: Call
    signed: Signed | None = None
    asked: Sequence[Asked] = field(default_factory=tuple)


class Verifiers:
    """All verifiers as an ASGI application for /verify/<name>, behind which envoy puts the address that it asks about.

    `make_call`, `record`, `failed` and `address_of` are those of the server; `note_use` is told which key signed, and
    `admit` refuses the key that everybody knows.
    """

    def __init__(
        self,
        house: House,
        *,
        find_signer: FindSigner,
        make_call: Callable[..., Call],
        record: Callable[[Outcome], None],
        failed: Callable[[str, Exception], None],
        address_of: Callable[[Scope], str],
        admit: Callable[[Request, Caller], None],
        note_use: NoteUse,
    ) -> None:
        self._house = house
        self._settings = {setting.name: setting for setting in house.settings.verifiers}
        self._find_signer = find_signer
        self._make_call = make_call
        self._record = record
        self._failed = failed
        self._address_of = address_of
        self._admit = admit
        self._note_use = note_use
        self._signing_key = cached_signing_key(_SIGNING_KEYS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one question; a client that goes away while it sends gets none."""
        begun = perf_counter_ns()
        asking, name, rest = _asking(scope)
        setting = self._settings.get(name)
        is_known = originals.shows_secret(setting, asking.headers)
        visit = _Visit(setting if is_known else None, self._call(scope, asking, setting))
        fault: ServiceError | None = None
        try:
            body = await read_body(receive) if is_known and setting is not None and setting.proxy == "python" else b""
            if body is None:
                return
            headers: Mapping[str, str] = await self._answer(visit, replace(asking, body=body), rest)
            status, content = int(HTTPStatus.OK), b""
        except Exception as failure:  # noqa: BLE001 - nothing passes it: a proxy lets through what it is told to
            fault = self._public(failure, visit.call.request_id)
            status, headers, content = self._refused(visit, fault)
        self._tell(visit, fault, status, (perf_counter_ns() - begun) // 1_000)
        await _send(send, status, headers, content)
        if visit.signed is not None:
            await self._note_use(visit.signed.caller, visit.setting.service if visit.setting else "", visit.call.now)

    def _call(self, scope: Scope, asking: Request, setting: VerifierSetting | None) -> Call:
        return self._make_call(
            caller=None,
            region=setting.region if setting is not None else None,
            client_address=self._address_of(scope),
            user_agent=asking.header("user-agent") or "",
            request_id=self._house.entropy.uuid(),
            now=self._house.clock.now(),
        )

    async def _answer(self, visit: _Visit, asking: Request, rest: str) -> dict[str, str]:
        """Return the headers that say who signed; raises whatever refuses them."""
        setting = visit.setting
        if setting is None:
            raise _stranger()
        original = originals.read(setting, asking, rest)
        if original.address:
            visit.call = msgspec.structs.replace(visit.call, client_address=original.address)
        visit.signed = await signatures.prove(
            original.request,
            service=setting.service,
            body_hash=original.body_hash,
            now=visit.call.now,
            find_signer=self._find_signer,
            signing_key=self._signing_key,
        )
        # The host is one that the operator named; whose page made the request is what is judged.
        origins = [header for header in original.request.headers if header[0] == "origin"]
        self._admit(replace(original.request, headers=[("host", "localhost"), *origins]), visit.signed.caller)
        arn_scope = actions.ArnScope(visit.call.settings.account_id, visit.call.region)
        visit.asked = actions.asked(setting, original, visit.signed, arn_scope)
        await _judge(visit.call, visit.signed, visit.asked)
        headers = answers.of_principal(visit.signed)
        if setting.proxy == "python" and not visit.asked and visit.signed.caller.access_key_id != TEST_KEY_ID:
            headers |= answers.of_key(visit.signed, visit.call.now)
        return headers

    def _public(self, fault: Exception, request_id: str) -> ServiceError:
        """Return what the client may read of an exception."""
        if isinstance(fault, ServiceError):
            return fault
        if isinstance(fault, Unclear):
            return ValidationException(str(fault))
        if isinstance(fault, NotNamed):
            return NotImplementedException(str(fault))
        self._failed(request_id, fault)
        if isinstance(fault, Unavailable):
            return InternalErrorException(server_words.AWAY, detail=repr(fault))
        return InternalErrorException(server_words.accident(request_id))

    def _refused(self, visit: _Visit, fault: ServiceError) -> Answer:
        service = visit.setting.service if visit.setting is not None else ""
        status, headers, content = answers.refusal(service, fault, visit.call.request_id)
        away = isinstance(fault, InternalErrorException)
        return (int(HTTPStatus.SERVICE_UNAVAILABLE) if away else status), headers, content

    def _tell(self, visit: _Visit, fault: ServiceError | None, status: int, microseconds: int) -> None:
        """Tell logs and metrics of a question: its service and action, who signed, and how it ended."""
        first = visit.asked[0] if visit.asked else None
        name = (
            f"verifier {visit.setting.name}" if visit.setting is not None else "a verifier that does not know who asks"
        )
        self._record(
            Outcome(
                request_id=visit.call.request_id,
                service=visit.setting.service if visit.setting is not None else "",
                operation=first.action.rpartition(":")[2] if first is not None else "",
                pool_id="",
                outcome=fault.name if fault is not None else "Success",
                status=status,
                microseconds=microseconds,
                client_address=visit.call.client_address,
                detail=": ".join(filter(None, (name, fault.detail))) if fault is not None else "",
                sentence=fault.message if fault is not None else "",
                caller=None if visit.signed is None else visit.signed.caller,
                user_agent=visit.call.user_agent,
                resource=first.resource if first is not None else "",
            )
        )


def _stranger() -> AccessDeniedException:
    """Return the refusal of whoever asks, and not of whom they ask about: poolkeeper.verify tells them apart by the header."""
    fault = AccessDeniedException("Whoever asks is not known to this verifier.")
    fault.headers = {STRANGER: "unknown"}
    return fault


async def _judge(call: Call, signed: Signed, asked: Sequence[Asked]) -> None:
    """Pass where whoever signed may do all that is asked for; raises AccessDeniedException."""
    if signed.caller.principal.unlimited or not asked:
        return
    rights = await rights_of(call.house, signed.caller.principal)
    caller = replace(signed.caller, region=call.region)
    for begin in range(0, len(asked), _AT_ONCE):
        one_call = msgspec.structs.replace(call, trace=Trace())
        for question in asked[begin : begin + _AT_ONCE]:
            require_allowed(
                one_call, request_for(one_call, caller, question.action, question.resource, question.context), rights
            )
        await asyncio.sleep(0)


def _asking(scope: Scope) -> tuple[Request, str, str]:
    """Return the question as it came, the name of the verifier, and what stands behind that."""
    raw = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
    name, slash, rest = raw.removeprefix(PATH).partition("/")
    headers = [(key.decode("latin-1"), value.decode("latin-1")) for key, value in scope["headers"]]
    query = scope.get("query_string", b"").decode("latin-1")
    return Request(scope["method"], raw, query, headers, b""), name, slash + rest


async def _send(send: Send, status: int, headers: Mapping[str, str], content: bytes) -> None:
    lines = {"content-length": str(len(content)), "cache-control": "no-store", **headers}
    encoded = [(name.encode(), value.encode()) for name, value in lines.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": content})
