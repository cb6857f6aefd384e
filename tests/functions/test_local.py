"""Do handlers run here as they run on Lambda, in every style, and is nothing left of them? Real processes."""

import asyncio
import contextlib
import logging
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from functions.setting_up import (
    ARN,
    EVENT,
    HANDLERS,
    POOL,
    cannot_invoke,
    dies,
    entry,
    invoke,
    run,
    set_up,
    settings_of,
)
from poolkeeper.function_settings import LocalTransport
from poolkeeper.functions import CannotInvoke, FunctionFailed, Functions
from poolkeeper.functions.call import Invocation
from poolkeeper.functions.local import LocalFunction
from poolkeeper.settings import Settings

TIMED_OUT = "Socket timeout while invoking Lambda function."
SHORT = 0.4


def handled_by(folder: Path, handler: str, **more: Any) -> Settings:
    """Return settings with one function, `py:<name>`, `mjs:<name>` or `cjs:<name>` of the handlers."""
    language, _, name = handler.partition(":")
    spelt = f"python:styles:{name}" if language == "py" else f"node:{HANDLERS}/styles.{language}#{name}"
    own = {"folder": HANDLERS} if language == "py" else {}
    return settings_of(folder, entry(transport="local", handler=spelt, **(own | more)))


def failure(settings: Settings, event: Any = EVENT, **limits: Any) -> str:
    """Return the message of a function that failed."""
    with pytest.raises(FunctionFailed) as caught:
        invoke(settings, event, **limits)
    return caught.value.message


@contextlib.asynccontextmanager
async def short_lived(folder: Path, *, idle_seconds: float) -> AsyncIterator[LocalFunction]:
    """Open a function that answers with the id of its process, which ends after so many seconds without an event."""
    setting = handled_by(folder, "py:process_id_after").functions[0].transport
    assert isinstance(setting, LocalTransport)
    function = LocalFunction(setting, idle_seconds=idle_seconds)
    try:
        yield function
    finally:
        await function.close()


async def process_of(function: LocalFunction, *, after: float = 0) -> Any:
    """Return the id of the process that answers an event which takes `after` seconds."""
    body = b'{"seconds":%g}' % after
    return await function.call(Invocation(arn=ARN, request_id="1", body=body, seconds=5.0, most_bytes=1000))


@pytest.mark.parametrize(
    ("handler", "style"),
    [
        ("py:returning", "python"),
        ("mjs:returning", "async"),
        ("mjs:calling", "callback"),
        ("mjs:succeeding", "succeed"),
        ("mjs:finishing", "done"),
        ("cjs:returning", "CommonJS"),
    ],
)
def test_handlers_of_every_style_answer(tmp_path: Path, handler: str, style: str) -> None:
    """The event comes as it was sent, and the answer as it was returned."""
    assert invoke(handled_by(tmp_path, handler)) == EVENT | {"response": {"style": style}}


def test_commonjs_may_hide_its_names_from_an_importer(tmp_path: Path) -> None:
    """A handler that only the exports object knows is found there."""
    assert invoke(handled_by(tmp_path, "cjs:calling")) == "called back"


@pytest.mark.parametrize(
    ("handler", "message"),
    [
        ("py:raising", "only for members"),
        ("mjs:failing", "no more places"),
        ("mjs:finishingWithError", "only text"),
        ("mjs:callingWithError", "only for members"),
        ("mjs:throwing", "thrown at once"),
        ("mjs:rejecting", "thrown later"),
        ("mjs:crashingLater", "thrown from a timer"),
        ("mjs:rejectingUnseen", "Error: seen by nobody"),
        ("py:raising_odd_text", "no \ufffd for you"),
        ("mjs:throwingOddText", "no \ufffd for you"),
        ("mjs:throwingAnOddName", "only for members"),
    ],
)
def test_an_error_carries_the_message_that_lambda_gives_it(tmp_path: Path, handler: str, message: str) -> None:
    """Thrown, rejected, called back, or thrown where nobody could catch it."""
    assert failure(handled_by(tmp_path, handler)) == message


def test_an_error_is_the_functions_own_and_is_not_tried_again(tmp_path: Path) -> None:
    """The second event meets the process that raised at the first: no fault of the process."""
    settings = handled_by(tmp_path, "py:process_id")

    async def twice(functions: Functions) -> tuple[Any, Any]:
        first = await functions.invoke(ARN, EVENT, pool_id=POOL)
        return first, await functions.invoke(ARN, EVENT, pool_id=POOL)

    first, second = run(settings, twice)
    assert first == second != os.getpid()


@pytest.mark.parametrize("handler", ["py:nothing", "mjs:silent", "mjs:returningNothing"])
def test_a_handler_that_says_nothing_answers_null(tmp_path: Path, handler: str) -> None:
    """As on Lambda: no result and a callback that is never called are null."""
    assert invoke(handled_by(tmp_path, handler)) is None


def test_a_callback_waits_for_the_event_loop_to_be_empty(tmp_path: Path) -> None:
    """Unless callbackWaitsForEmptyEventLoop is off: then a timer of a minute holds nothing up."""
    assert invoke(handled_by(tmp_path, "mjs:lateCallback")) == ["timer"]
    assert invoke(handled_by(tmp_path, "mjs:hastyCallback")) == "hasty"


def test_a_promise_that_nothing_can_settle_is_an_error(tmp_path: Path) -> None:
    """It is told at once and not when the time is up."""
    assert failure(handled_by(tmp_path, "mjs:neverSettling")) == "the promise of the handler was never settled"


def test_the_context_says_what_lambdas_says(tmp_path: Path) -> None:
    """Names, the request's id, and the time that is left, in both languages."""
    node = invoke(handled_by(tmp_path, "mjs:context"))
    python = invoke(handled_by(tmp_path, "py:describe"))

    assert node["functionName"] == python["function_name"] == "pre-sign-up"
    assert node["invokedFunctionArn"] == python["invoked_function_arn"] == ARN
    assert re.fullmatch("[0-9a-f-]{36}", node["awsRequestId"])
    assert re.fullmatch("[0-9a-f-]{36}", python["aws_request_id"])
    assert 0 < node["remaining"] <= 5000
    assert 0 < python["remaining"] <= 5000
    assert node["callbackWaitsForEmptyEventLoop"] is True


@pytest.mark.parametrize(
    ("handler", "message"),
    [
        ("python:absent:handler", "Unable to import module 'absent': No module named 'absent'"),
        ("python:styles:absent", "Handler 'absent' missing on module 'styles'"),
        (f"node:{HANDLERS}/styles.mjs#absent", "absent is undefined or not exported"),
        (f"node:{HANDLERS}/absent.mjs#handler", "Error: Cannot find module"),
    ],
)
def test_a_handler_that_is_not_there_is_told_in_lambdas_words(tmp_path: Path, handler: str, message: str) -> None:
    """Runtime.ImportModuleError and Runtime.HandlerNotFound."""
    settings = settings_of(tmp_path, entry(transport="local", handler=handler, folder=HANDLERS))

    assert failure(settings).startswith(message)


def test_a_python_handler_is_found_beside_poolkeeper_toml(tmp_path: Path) -> None:
    """Where no folder is named it is that of the file, and the handler's own imports work there."""
    (tmp_path / "neighbour.py").write_text("WORD = 'from the neighbour'\n")
    (tmp_path / "mine.py").write_text("import neighbour\n\ndef handler(event, context):\n    return neighbour.WORD\n")
    settings = settings_of(tmp_path, entry(transport="local", handler="python:mine:handler"))

    assert invoke(settings) == "from the neighbour"


def test_the_path_of_a_node_handler_is_taken_from_poolkeeper_toml(tmp_path: Path) -> None:
    """Wherever the server was started."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "mine.js").write_text("exports.handler = async () => process.cwd();\n")
    settings = settings_of(tmp_path, entry(transport="local", handler="node:./own/mine.js#handler"))

    assert invoke(settings) == str(tmp_path / "own")


@pytest.mark.parametrize("handler", ["py:printing", "mjs:printing"])
def test_what_a_handler_prints_goes_to_the_log_and_not_into_its_answer(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, handler: str
) -> None:
    """Standard output and standard error, a line each, at info, under the function's name."""
    assert invoke(handled_by(tmp_path, handler)) == "printed"

    assert [record.levelno for record in caplog.records if record.name == "poolkeeper.functions"] == [logging.INFO] * 2
    assert "pre-sign-up: hello from" in caplog.text
    assert 'pre-sign-up: {"answer":"from standard error"}' in caplog.text


def test_a_line_without_end_is_not_kept(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What comes after it is logged as ever."""
    assert invoke(handled_by(tmp_path, "py:printing_much")) == "printed"

    assert max(len(message) for message in caplog.messages) < 100
    assert "and then a word" in caplog.text


@pytest.mark.parametrize("handler", ["py:environment", "mjs:environment"])
def test_a_handler_sees_no_secret_of_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, handler: str) -> None:
    """Its environment is an allow-list and what the entry gives, AWS's names included."""
    for name in ("POOLKEEPER_ROOT_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY", "PGPASSWORD", "PYTHONPATH"):
        monkeypatch.setenv(name, "not for handlers")
    monkeypatch.setenv("TZ", "Europe/Berlin")

    seen = invoke(handled_by(tmp_path, handler, environment={"AWS_REGION": "eu-west-1", "TABLE": "users"}))

    assert seen.keys() <= {"PATH", "HOME", "LANG", "LC_CTYPE", "TZ", "TMPDIR", "AWS_REGION", "TABLE"}
    assert (seen["TZ"], seen["AWS_REGION"], seen["TABLE"]) == ("Europe/Berlin", "eu-west-1", "users")


@pytest.mark.parametrize("handler", ["py:sleeping", "mjs:sleeping"])
def test_a_handler_that_sleeps_is_cut_off_and_tried_three_times(tmp_path: Path, handler: str) -> None:
    """The time limit holds for each try."""
    settings = handled_by(tmp_path, handler)

    async def timed(functions: Functions) -> float:
        begun = asyncio.get_running_loop().time()
        with pytest.raises(CannotInvoke) as caught:
            await functions.invoke(ARN, EVENT, pool_id=POOL)
        assert caught.value.reason == TIMED_OUT
        return asyncio.get_running_loop().time() - begun

    assert 3 * SHORT <= run(settings, timed, seconds=SHORT) < 3 * SHORT + 3


def test_a_second_try_meets_a_fresh_process(tmp_path: Path) -> None:
    """What hung once may answer then; the event is the same."""
    event = {"mark": str(tmp_path / "mark")}

    assert invoke(handled_by(tmp_path, "py:sleeping_once"), event, seconds=1.5) == "awake"


@pytest.mark.parametrize(
    ("handler", "event", "how"),
    [
        ("py:exiting", {"status": 7}, "Runtime exited with error: exit status 7"),
        ("py:exiting", {"status": 0}, "Runtime exited without providing a reason"),
        ("py:dying", {}, "Runtime exited with error: signal: killed"),
        ("mjs:crashing", {}, "Runtime exited with error: exit status 3"),
    ],
)
def test_a_process_that_ends_is_an_error_of_that_call(
    tmp_path: Path, handler: str, event: dict[str, Any], how: str
) -> None:
    """In the words of Lambda, and not tried again: the function ran."""
    assert re.fullmatch(f"RequestId: [0-9a-f-]{{36}} Error: {how}", failure(handled_by(tmp_path, handler), event))


def test_the_call_after_a_crash_meets_a_fresh_process(tmp_path: Path) -> None:
    """Whichever way the process went."""
    entries = [
        entry("arn:crash", transport="local", handler=f"node:{HANDLERS}/styles.mjs#crashing"),
        entry("arn:later", transport="local", handler=f"node:{HANDLERS}/styles.mjs#crashingLater"),
    ]

    async def twice_each(functions: Functions) -> list[str]:
        messages = []
        for arn in ("arn:crash", "arn:crash", "arn:later", "arn:later"):
            with pytest.raises(FunctionFailed) as caught:
                await functions.invoke(arn, EVENT, pool_id=POOL)
            messages.append(caught.value.message)
        return messages

    messages = run(settings_of(tmp_path, *entries), twice_each)
    assert [message.endswith("exit status 3") for message in messages[:2]] == [True, True]
    assert messages[2:] == ["thrown from a timer"] * 2


@pytest.mark.parametrize("handler", ["py:spawning", "mjs:spawning"])
def test_what_a_handler_started_is_dead_after_the_time_limit(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, handler: str
) -> None:
    """The whole process group ends."""
    assert cannot_invoke(handled_by(tmp_path, handler), seconds=1.5, tries=1).reason == TIMED_OUT

    (child,) = re.findall(r"child (\d+)", caplog.text)
    assert dies(int(child))


def test_what_a_handler_left_behind_is_dead_when_it_ends(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A child that holds the pipe of the log does not keep the call from ending either."""
    assert "exit status 5" in failure(handled_by(tmp_path, "py:leaving_a_child"))

    (child,) = re.findall(r"child (\d+)", caplog.text)
    assert dies(int(child))


def test_processes_end_with_the_server(tmp_path: Path) -> None:
    """Close ends the warm process."""
    process = invoke(handled_by(tmp_path, "mjs:processId"))

    assert dies(process)


def test_a_process_without_events_ends(tmp_path: Path) -> None:
    """The event after that is answered by another one."""

    async def two_events() -> tuple[int, int]:
        async with short_lived(tmp_path, idle_seconds=0.05) as function:
            first = await process_of(function)
            assert await asyncio.to_thread(dies, first)
            return first, await process_of(function)

    first, second = asyncio.run(two_events())
    assert first != second


def test_a_process_that_is_at_work_is_not_idle(tmp_path: Path) -> None:
    """An event that takes longer than an idle process lives is answered."""

    async def two_events() -> tuple[int, int]:
        async with short_lived(tmp_path, idle_seconds=0.1) as function:
            return await process_of(function), await process_of(function, after=0.5)

    first, second = asyncio.run(two_events())
    assert first == second


def test_no_event_is_lost_to_a_process_that_is_ending(tmp_path: Path) -> None:
    """At whatever moment of the end it comes: a fresh process answers it, and the first one waits for nobody."""

    async def around_the_end() -> list[int]:
        processes = []
        async with short_lived(tmp_path, idle_seconds=0) as function:
            for turns_of_the_loop in range(6):
                processes.append(await process_of(function))
                for _ in range(turns_of_the_loop):
                    await asyncio.sleep(0)
        return processes

    processes = asyncio.run(around_the_end())
    assert processes[0] == processes[1]
    assert len(set(processes[1:])) >= 4


def test_a_process_that_is_ending_ends_before_the_server_does(tmp_path: Path) -> None:
    """Close waits for it, and nothing of it is left in the loop."""

    async def closed_at_the_end() -> int:
        async with short_lived(tmp_path, idle_seconds=0) as function:
            process: int = await process_of(function)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return process

    process = asyncio.run(closed_at_the_end())
    assert not Path(f"/proc/{process}").exists()


@pytest.mark.parametrize("handler", ["py:large", "mjs:large"])
def test_an_answer_above_the_limit_is_refused(tmp_path: Path, handler: str) -> None:
    """A mebibyte comes through, ten do not."""
    settings = handled_by(tmp_path, handler)

    assert len(invoke(settings, {"bytes": 1_048_576 - 2})) == 1_048_576 - 2
    assert cannot_invoke(settings, {"bytes": 10_000_000}).reason == "Function.ResponseSizeTooLarge"


@pytest.mark.parametrize("handler", ["py:not_a_number", "py:unspeakable", "mjs:circular"])
def test_an_answer_that_json_has_no_word_for_is_the_functions_error(tmp_path: Path, handler: str) -> None:
    """As Lambda's runtimes have it."""
    assert re.match("Unable to (marshal response|stringify response body): ", failure(handled_by(tmp_path, handler)))


def test_an_answer_that_is_no_text_is_refused(tmp_path: Path) -> None:
    """A lone surrogate is no JSON that anybody could pass on."""
    assert cannot_invoke(handled_by(tmp_path, "py:odd_text")).reason == "the function's answer is not JSON"


def test_events_of_one_function_wait_for_each_other(tmp_path: Path) -> None:
    """Ten at once are answered by one process, each with its own answer."""
    settings = handled_by(tmp_path, "mjs:returning")

    async def at_once(functions: Functions) -> list[Any]:
        calls = (functions.invoke(ARN, {"number": number}, pool_id=POOL) for number in range(10))
        return [answer["number"] for answer in await asyncio.gather(*calls)]

    assert run(settings, at_once) == list(range(10))


def test_an_answer_that_comes_late_is_never_that_of_the_next_event(tmp_path: Path) -> None:
    """A caller that gives up takes the process with it."""

    async def given_up() -> Any:
        async with set_up(handled_by(tmp_path, "mjs:returning")) as functions:
            call = asyncio.create_task(functions.invoke(ARN, {"number": 1}, pool_id=POOL))
            await asyncio.sleep(0)
            await asyncio.sleep(0.002)
            call.cancel()
            await asyncio.wait([call])
            return await functions.invoke(ARN, {"number": 2}, pool_id=POOL)

    assert asyncio.run(given_up())["number"] == 2


def test_a_second_answer_to_one_event_is_never_that_of_the_next(tmp_path: Path) -> None:
    """A handler that forks comes back twice; the next event is answered by a fresh process."""

    async def twice(functions: Functions) -> list[Any]:
        first = await functions.invoke(ARN, {"number": 1}, pool_id=POOL)
        await asyncio.sleep(0.6)
        return [first, await functions.invoke(ARN, {"number": 2}, pool_id=POOL)]

    assert run(handled_by(tmp_path, "py:forking"), twice) == [1, 2]


def test_a_language_that_is_not_installed_is_told_in_the_log(tmp_path: Path) -> None:
    """The caller learns that the function cannot be reached, the log why."""
    refusal = cannot_invoke(handled_by(tmp_path, "mjs:returning", environment={"PATH": str(tmp_path)}))

    assert refusal.reason == "the function cannot be reached"
    assert f'functions."{ARN}": node cannot be run' in refusal.detail
