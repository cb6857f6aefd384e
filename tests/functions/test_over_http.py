"""Do functions of other machines hear what they should, and is each answer taken for what it is? Real sockets."""

import asyncio
import dataclasses
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from functions.receiver import Answer, Received, Receiver, receiving
from functions.setting_up import ARN, EVENT, POOL, entry, set_up, settings_of
from poolkeeper.functions import CannotInvoke, FunctionFailed, Functions
from poolkeeper.settings import Settings

TIMED_OUT = "Socket timeout while invoking Lambda function."
SHORT = 0.5
KEY = {"access_key_id": "AKIDEXAMPLE", "secret_access_key": "a/secret+key"}
ECHO = Answer(body=b'{"response": {"autoConfirmUser": true}}')

# An entry of each transport whose function is at a receiver on this machine.
ENTRIES: dict[str, Callable[[str], dict[str, Any]]] = {
    "lambda": lambda url: {"endpoint": url, **KEY},
    "rie": lambda url: {"url": f"{url}/2015-03-31/functions/function/invocations"},
    "webhook": lambda url: {"url": f"{url}/hook?pool=1", "secrets": ["new", "old"]},
}
each_transport = pytest.mark.parametrize("transport", ENTRIES)


def function_at(folder: Path, transport: str, url: str, **more: Any) -> Settings:
    """Return settings with one function at `url`."""
    return settings_of(folder, entry(transport=transport, **(ENTRIES[transport](url) | more)))


def called(
    folder: Path, transport: str, answer: Answer | Callable[[Received], Answer], *, seconds: float = 5.0, **more: Any
) -> tuple[Any, list[Received]]:
    """Return what one call of a function brings, an exception included, and what the receiver was sent."""

    async def call() -> tuple[Any, list[Received]]:
        async with receiving(answer) as receiver:
            settings = function_at(folder, transport, receiver.url, **more)
            async with set_up(settings, seconds=seconds) as functions:
                return await outcome(functions), receiver.received

    return asyncio.run(call())


async def outcome(functions: Functions, pool_id: str = POOL) -> Any:
    """Return an answer, or the exception in its place."""
    try:
        return await functions.invoke(ARN, EVENT, pool_id=pool_id)
    except (FunctionFailed, CannotInvoke) as fault:
        return fault


def reason(fault: Any) -> str:
    """Return why a function gave no answer."""
    assert isinstance(fault, CannotInvoke)
    return fault.reason


def message(fault: Any) -> str:
    """Return what a function said of its failure."""
    assert isinstance(fault, FunctionFailed)
    return fault.message


@each_transport
def test_the_event_is_sent_and_the_answer_returned(tmp_path: Path, transport: str) -> None:
    """One POST with the event's JSON."""
    answer, (request,) = called(tmp_path, transport, ECHO)

    assert answer == {"response": {"autoConfirmUser": True}}
    assert (request.method, json.loads(request.body)) == ("POST", EVENT)
    assert request.headers["content-type"] == "application/json"


@each_transport
def test_an_answer_may_be_anything_that_json_can_say(tmp_path: Path, transport: str) -> None:
    """Whether it is an event is judged by the trigger."""
    assert called(tmp_path, transport, Answer(body=b"null"))[0] is None
    assert called(tmp_path, transport, Answer(body=b"[1, 2]"))[0] == [1, 2]


@each_transport
@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"{", b'"\xff"', b'"\\ud800"', b"[" * 100_000, b'{"a": NaN}', b"{} {}"]
)
def test_an_answer_that_is_not_json_is_refused(tmp_path: Path, transport: str, body: bytes) -> None:
    """At once: the function ran."""
    fault, received = called(tmp_path, transport, Answer(body=body))

    assert reason(fault) == "the function's answer is not JSON"
    assert len(received) == 1


@each_transport
def test_an_answer_above_the_limit_is_refused(tmp_path: Path, transport: str) -> None:
    """Ten megabytes are not read (attacks.md 141)."""
    fault, received = called(tmp_path, transport, Answer(body=b'"' + b"x" * 10_000_000 + b'"'))

    assert reason(fault) == "Function.ResponseSizeTooLarge"
    assert len(received) == 1


@each_transport
def test_a_function_that_hangs_is_tried_three_times(tmp_path: Path, transport: str) -> None:
    """Each try has the time limit to itself; the event is the same (attacks.md 141)."""
    begun = time.monotonic()
    fault, received = called(tmp_path, transport, Answer(hang=True), seconds=SHORT)

    assert reason(fault) == TIMED_OUT
    assert f'functions."{ARN}": ' in fault.detail
    assert len({request.body for request in received}) == 1
    assert len(received) == 3
    assert 3 * SHORT <= time.monotonic() - begun < 3 * SHORT + 15


@each_transport
def test_a_connection_that_breaks_is_tried_again(tmp_path: Path, transport: str) -> None:
    """Twice, and the third answer counts."""
    answers = iter([Answer(drop=True), Answer(drop=True), ECHO])

    answer, received = called(tmp_path, transport, lambda _: next(answers))

    assert answer == {"response": {"autoConfirmUser": True}}
    assert len(received) == 3


@each_transport
def test_a_function_that_is_not_there_cannot_be_reached(tmp_path: Path, transport: str) -> None:
    """What is wrong with the connection is for the log."""

    async def call() -> Any:
        async with receiving(ECHO) as receiver:
            gone = receiver.url
        async with set_up(function_at(tmp_path, transport, gone)) as functions:
            return await outcome(functions)

    assert reason(asyncio.run(call())) == "the function cannot be reached"


@each_transport
def test_a_function_that_is_busy_is_tried_again(tmp_path: Path, transport: str) -> None:
    """429, whatever its body says, and no other status."""
    busy = Answer(429, b'{"Reason": "ReservedFunctionConcurrentInvocationLimitExceeded"}')
    answers = iter([busy, busy, ECHO])

    assert called(tmp_path, transport, lambda _: next(answers))[0] == {"response": {"autoConfirmUser": True}}
    assert len(called(tmp_path, transport, busy)[1]) == 3


@each_transport
@pytest.mark.parametrize("status", [301, 307, 400, 404, 500, 502, 503])
def test_another_status_is_not_tried_again(tmp_path: Path, transport: str, status: int) -> None:
    """Nor is a redirect followed, nor does an error page come into the log: it may quote the event's password."""
    fault, received = called(tmp_path, transport, Answer(status, b"you sent: hunter2", {"Location": "/elsewhere"}))

    assert reason(fault) == f"HTTP {status}"
    assert f'functions."{ARN}": HTTP {status}' == fault.detail
    assert len(received) == 1


def test_a_lambda_call_is_signed_with_the_key_of_its_entry(tmp_path: Path) -> None:
    """botocore, given the same request, computes the same signature; the region is the ARN's."""
    _, (request,) = called(tmp_path, "lambda", ECHO, session_token="a-session-token")

    assert request.path == f"/2015-03-31/functions/{quote(ARN, safe='')}/invocations"
    assert request.headers["x-amz-invocation-type"] == "RequestResponse"
    assert request.headers["x-amz-security-token"] == "a-session-token"
    assert request.headers["authorization"] == signed_by_botocore(request)


def signed_by_botocore(request: Received) -> str:
    """Return the Authorization header that botocore gives the same request at the same time."""
    again = AWSRequest("POST", f"http://{request.headers['host']}{request.path}", data=request.body)
    again.headers["X-Amz-Invocation-Type"] = "RequestResponse"
    again.context["timestamp"] = request.headers["x-amz-date"]
    credentials = Credentials(KEY["access_key_id"], KEY["secret_access_key"], "a-session-token")
    signer = SigV4Auth(credentials, "lambda", "us-east-1")
    again.headers["X-Amz-Date"] = request.headers["x-amz-date"]
    again.headers["X-Amz-Security-Token"] = "a-session-token"
    canonical = signer.canonical_request(again)
    signature = signer.signature(signer.string_to_sign(again, canonical), again)
    names = signer.signed_headers(signer.headers_to_sign(again))
    return f"AWS4-HMAC-SHA256 Credential={signer.scope(again)}, SignedHeaders={names}, Signature={signature}"


@pytest.mark.parametrize(
    ("headers", "body", "name"),
    [
        ({"x-amzn-ErrorType": "AccessDeniedException"}, b'{"Message": "not yours"}', "AccessDeniedException"),
        ({"x-amzn-ErrorType": "ResourceNotFoundException:http://x/"}, b"{}", "ResourceNotFoundException"),
        ({"x-amzn-ErrorType": "<script>"}, b"{}", "HTTP 403"),
        ({}, b'{"errorMessage": "a proxy said so"}', "HTTP 403"),
    ],
)
def test_what_lambda_refuses_is_named_as_lambda_names_it(
    tmp_path: Path, headers: dict[str, str], body: bytes, name: str
) -> None:
    """The error's name goes to the caller, its text to the log; without a name it is not Lambda that speaks."""
    fault, received = called(tmp_path, "lambda", Answer(403, body, headers))

    assert reason(fault) == name
    assert (body.decode() in fault.detail) == (name != "HTTP 403")
    assert len(received) == 1


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"errorMessage": "only for members", "errorType": "Error"}', "only for members"),
        (b'{"errorMessage": "", "errorType": "Error"}', ""),
        (b'{"errorMessage": null}', "null"),
        (b"[]", "null"),
    ],
)
def test_lambda_says_in_a_header_that_a_function_failed(tmp_path: Path, body: bytes, expected: str) -> None:
    """And not in the status."""
    fault, received = called(tmp_path, "lambda", Answer(200, body, {"X-Amz-Function-Error": "Unhandled"}))

    assert message(fault) == expected
    assert len(received) == 1


def test_without_that_header_an_answer_of_lambda_is_an_answer(tmp_path: Path) -> None:
    """Whatever it looks like."""
    answer, _ = called(tmp_path, "lambda", Answer(200, b'{"errorMessage": "mine"}'))

    assert answer == {"errorMessage": "mine"}


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:lambda:evil.example/:123456789012:function:f",
        "arn:aws:lambda:evil.example@x:123456789012:function:f",
        "arn:aws:lambda:us-east-1.evil.example:123456789012:function:f",
        "arn:aws:lambda::123456789012:function:f",
        "arn:aws:s3:us-east-1:123456789012:function:f",
        "arn:aws:lambda:us-east-1:123456789012:function:../../f",
    ],
)
def test_an_arn_cannot_choose_the_host_that_is_called(tmp_path: Path, arn: str) -> None:
    """The region goes into the host's name, and an ARN comes by the API."""
    settings = settings_of(tmp_path, entry("*", transport="lambda", **KEY))

    async def call() -> Any:
        async with set_up(settings) as functions:
            with pytest.raises(CannotInvoke) as caught:
                await functions.invoke(arn, EVENT, pool_id=POOL)
            return caught.value

    fault = asyncio.run(call())
    assert (reason(fault), "no ARN of a Lambda function" in fault.detail) == ("ResourceNotFoundException", True)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(200, b'{"errorMessage": "only for members", "errorType": "Error"}'), "only for members"),
        (
            Answer(502, b'{"errorMessage": "Error: exit status 1", "errorType": "Runtime.ExitError"}'),
            "Error: exit status 1",
        ),
        (Answer(200, b"Task timed out after 3.00 seconds"), "Task timed out after 3.00 seconds"),
    ],
)
def test_the_emulator_says_in_its_body_that_a_function_failed(tmp_path: Path, answer: Answer, expected: str) -> None:
    """Status 200 and no header; the function's own time-out is a line of text."""
    fault, received = called(tmp_path, "rie", answer)

    assert message(fault) == expected
    assert len(received) == 1


def test_the_emulator_is_asked_one_thing_at_a_time(tmp_path: Path) -> None:
    """It answers 400 to a second event; five at once all come through."""

    async def calls() -> tuple[int, list[Any]]:
        async with receiving(ECHO) as receiver, set_up(function_at(tmp_path, "rie", receiver.url)) as functions:
            answers = await asyncio.gather(*(outcome(functions) for _ in range(5)))
            return receiver.connections, answers

    assert asyncio.run(calls()) == (1, [{"response": {"autoConfirmUser": True}}] * 5)


@pytest.mark.parametrize("status", [400, 403, 500])
def test_a_webhook_says_by_its_status_that_it_failed(tmp_path: Path, status: int) -> None:
    """With an errorMessage it is the receiver's own error, which its user is to see."""
    fault, received = called(tmp_path, "webhook", Answer(status, b'{"errorMessage": "only for members"}'))

    assert message(fault) == "only for members"
    assert len(received) == 1


def test_a_webhook_answers_with_200_and_nothing_else(tmp_path: Path) -> None:
    """204 has no body, and an answer with status 200 may look as it likes."""
    assert reason(called(tmp_path, "webhook", Answer(204, b""))[0]) == "HTTP 204"
    assert called(tmp_path, "webhook", Answer(200, b'{"errorMessage": "mine"}'))[0] == {"errorMessage": "mine"}


def test_a_webhook_of_a_private_network_wants_a_word_of_its_own(tmp_path: Path) -> None:
    """A name that leads to this machine or to a private network is not called otherwise (attacks.md 107)."""
    hook: dict[str, Any] = {"transport": "webhook", "url": "https://127.0.0.1:1/", "secrets": ["s"]}

    async def detail(settings: Settings) -> str:
        async with set_up(settings) as functions:
            fault = await outcome(functions)
            assert reason(fault) == "the function cannot be reached"
            return str(fault.detail)

    assert "not to be reached" in asyncio.run(detail(settings_of(tmp_path, entry(**hook))))
    opened = settings_of(tmp_path, entry(**hook, private_addresses=True))
    assert "not to be reached" not in asyncio.run(detail(opened))


def test_a_hanging_function_of_one_pool_slows_no_other(tmp_path: Path) -> None:
    """The seventeenth event of a pool is refused at once, that of another pool is answered (attacks.md 141)."""
    arn_of_others = "arn:aws:lambda:us-east-1:123456789012:function:post-confirmation"

    async def crowd(receiver: Receiver) -> tuple[Any, Any, list[Any]]:
        settings = settings_of(
            tmp_path,
            "function_calls_per_pool = 16",
            entry(transport="webhook", url=f"{receiver.url}/hang", secrets=["s"]),
            entry(arn_of_others, transport="webhook", url=f"{receiver.url}/answer", secrets=["s"]),
        )
        async with set_up(settings, seconds=2.0, tries=1) as functions:
            waiting = [asyncio.create_task(outcome(functions)) for _ in range(16)]
            while len(receiver.received) < 16:  # noqa: ASYNC110 - the receiver tells by a list
                await asyncio.sleep(0.005)
            refused = await outcome(functions)
            other = await functions.invoke(arn_of_others, EVENT, pool_id="us-east-1_other")
            assert not any(task.done() for task in waiting)
            return refused, other, await asyncio.gather(*waiting)

    async def all_of_it() -> tuple[Any, Any, list[Any]]:
        async with receiving(lambda request: dataclasses.replace(ECHO, hang=request.path == "/hang")) as receiver:
            return await crowd(receiver)

    refused, other, waited = asyncio.run(all_of_it())
    assert reason(refused) == "TooManyRequestsException"
    assert "function_calls_per_pool" in refused.detail
    assert other == {"response": {"autoConfirmUser": True}}
    assert [reason(fault) for fault in waited] == [TIMED_OUT] * 16
