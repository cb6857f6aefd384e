"""Does the log say what happened, in whole lines, without anything that could hurt its reader? Lines are compared whole."""

import json
import logging
import os
import pty
import threading
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from poolkeeper.aws.endpoint import Outcome
from poolkeeper.model.event import Event, Kind
from poolkeeper.server import logs
from poolkeeper.server.log_writer import LogWriter
from poolkeeper.server.logs import RequestLog, adopt_logging, open_log
from poolkeeper.settings import Settings

NOON = 1_795_600_867_042
HOSTILE = 'a\nb\r\x1b[31m\x9b\x7f\u2028\u202e\ud800"\\'


class FixedClock:
    def now(self) -> int:
        return NOON


@pytest.fixture
def standard_logging() -> Iterator[None]:
    """Give the standard library's logging back as it was."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


OUTCOME = Outcome(
    request_id="0b5c",
    service="cognito-idp",
    operation="SignUp",
    pool_id="us-east-1_Kx81mQ0zP",
    outcome="Success",
    status=200,
    microseconds=1234,
    client_address="127.0.0.1",
    detail="",
)


def _record(log: RequestLog, **other: Any) -> None:
    log.record(msgspec.structs.replace(OUTCOME, **other))


def test_a_request_is_one_json_line_with_the_named_fields() -> None:
    """What a request leaves behind is exactly this."""
    lines: list[bytes] = []

    _record(RequestLog(lines.append, FixedClock()))

    (line,) = lines
    assert line == (
        b'{"time":"2026-11-25T10:01:07.042Z","level":"info","request_id":"0b5c","service":"cognito-idp",'
        b'"operation":"SignUp","pool":"us-east-1_Kx81mQ0zP","outcome":"Success","status":200,"microseconds":1234,'
        b'"client":"127.0.0.1"}\n'
    )


@pytest.mark.parametrize(("readable", "written"), [(True, b"10:01:07.042  code 123456\n"), (False, b"")])
def test_what_is_for_people_alone_is_not_written_for_programs(*, readable: bool, written: bytes) -> None:
    """A code that a developer reads on a terminal goes into no log that is kept."""
    lines: list[bytes] = []
    RequestLog(lines.append, FixedClock(), readable=readable).tell_people("code 123456")
    assert b"".join(lines) == written


def test_a_request_is_one_readable_line_for_a_person() -> None:
    """The form for a terminal holds the same facts."""
    lines: list[bytes] = []

    _record(RequestLog(lines.append, FixedClock(), readable=True), pool_id="")

    assert lines == [b"10:01:07.042  200  SignUp                               1.2 ms  127.0.0.1  0b5c\n"]


@pytest.mark.parametrize("width", [60, 80, 132])
def test_on_a_terminal_columns_are_aligned_and_every_line_fits(width: int) -> None:
    """Whatever the operation, the pool and the reason; what was refused says why below."""
    lines: list[bytes] = []
    log = RequestLog(lines.append, FixedClock(), readable=True, sentences=True, width=lambda: width)
    sentence = "1 validation error detected: Value at 'password' failed to satisfy constraint: Member must have length"
    _record(log)
    _record(log, service="oauth", operation="/oauth2/token", outcome="invalid_grant", status=400, detail="used up")
    _record(log, outcome="InvalidParameterException", status=400, sentence=sentence, detail="a detail of our own")
    _record(log, service="http", operation="GET /" + "x" * 200, outcome="NotFound", status=404)
    log.event("A sentence of the server's own about itself, which is longer than a narrow window is wide. " * 2)
    event = Event(kind=Kind.ALIAS_TAKEN, pool_id="us-east-1_Kx81mQ0zP", user_id="u" * 36, about={"attribute": "email"})
    log.happened(event, request_id="0b5c", client_address="127.0.0.1")
    rows = b"".join(lines).decode().splitlines()

    assert max(len(row) for row in rows) <= width
    heads = [row for row in rows if row[:2] == "10"]
    assert len(heads) == 6
    assert [row.index(" ms") for row in heads[:3]] == [row.index(" ms") for row in heads[:1]] * 3
    told = " ".join(" ".join(row.split()) for row in rows)
    assert f"InvalidParameterException: {sentence} / a detail of our own (request 0b5c)" in told
    assert "invalid_grant: used up (request 0b5c)" in told


def test_json_has_no_sentence_and_is_nothing_but_json() -> None:
    """What a caller was told may repeat what they gave; a page for people is no line for programs."""
    lines: list[bytes] = []
    log = RequestLog(lines.append, FixedClock())
    _record(log, outcome="InvalidParameterException", status=400, sentence="Value 'ada' at 'username'", detail="why")
    log.show(["A page for people."])

    (line,) = lines
    assert b"ada" not in line
    assert json.loads(line)["detail"] == "why"


def test_a_fact_about_a_user_is_one_line_with_the_named_fields() -> None:
    """What happened, in which pool, to whom, and by which request."""
    event = Event(kind=Kind.ALIAS_TAKEN, pool_id="us-east-1_Kx81mQ0zP", user_id="sub-1", about={"attribute": "email"})
    lines: list[bytes] = []
    for readable in (False, True):
        log = RequestLog(lines.append, FixedClock(), readable=readable)
        log.happened(event, request_id="0b5c", client_address="127.0.0.1")

    facts = (
        b'{"time":"2026-11-25T10:01:07.042Z","level":"info","event":"AliasTaken","pool":"us-east-1_Kx81mQ0zP",'
        b'"user":"sub-1","about":{"attribute":"email"},"request_id":"0b5c","client":"127.0.0.1"}\n'
    )
    assert lines == [
        facts,
        b"10:01:07.042  AliasTaken  sub-1  attribute=email  us-east-1_Kx81mQ0zP  127.0.0.1  0b5c\n",
    ]


def test_an_answer_of_500_is_an_error() -> None:
    """Whoever filters by level finds the server's own faults."""
    lines: list[bytes] = []

    _record(RequestLog(lines.append, FixedClock()), status=500, outcome="InternalErrorException")

    assert json.loads(lines[0])["level"] == "error"


@pytest.mark.parametrize("readable", [False, True])
@pytest.mark.parametrize("name", ["request_id", "service", "operation", "pool_id", "outcome", "client_address"])
def test_no_value_breaks_a_line_or_steers_a_terminal(name: str, *, readable: bool) -> None:
    """Control characters, line separators, direction marks and lone surrogates come out as escapes."""
    lines: list[bytes] = []

    _record(RequestLog(lines.append, FixedClock(), readable=readable), **{name: HOSTILE})

    (line,) = lines
    assert line.endswith(b"\n")
    assert line.decode()[:-1].isprintable()
    assert "u001b[31m" in line.decode()


def test_a_long_value_is_cut() -> None:
    """A target of a megabyte does not become a line of a megabyte."""
    lines: list[bytes] = []

    _record(RequestLog(lines.append, FixedClock()), operation="A" * 1_000_000)

    assert json.loads(lines[0])["operation"] == "A" * 200 + "..."


def _fail() -> None:
    secret = "hunter2"  # noqa: F841 - the value that must not be written
    raise ValueError("no such thing\x1b[0m")


@pytest.mark.parametrize("readable", [False, True])
def test_a_fault_carries_its_traceback_without_values(*, readable: bool) -> None:
    """The traceback is in the log, safe for a terminal, and the variables of its frames are not."""
    lines: list[bytes] = []
    log = RequestLog(lines.append, FixedClock(), readable=readable)

    try:
        _fail()
    except ValueError as fault:
        log.fault("an operation failed", error=fault, request_id="0b5c")

    text = lines[0].decode()
    assert "in _fail" in text
    assert "ValueError: no such thing" in text
    assert "\x1b" not in text
    assert "0b5c" in text
    if not readable:
        assert text.count("\n") == 1
        assert json.loads(text)["traceback"].startswith("Traceback (most recent call last):\n")


def test_lines_of_libraries_go_the_same_way(standard_logging: None) -> None:
    """What uvicorn warns of is a line like any other, once; what it tells of is left out."""
    lines: list[bytes] = []
    adopt_logging(RequestLog(lines.append, FixedClock()))

    logging.getLogger("uvicorn.error").info("Started server process [%d]", 7)
    logging.getLogger("uvicorn.error").warning("Invalid HTTP request\nreceived.")
    try:
        _fail()
    except ValueError:
        logging.getLogger("uvicorn.error").exception("Exception in ASGI application")

    warning, fault = (json.loads(line) for line in lines)
    assert warning["level"] == "warning"
    assert warning["message"] == "uvicorn.error: Invalid HTTP request\\u000areceived."
    assert fault["level"] == "error"
    assert "in _fail" in fault["traceback"]


@pytest.mark.parametrize(
    ("log_format", "on_terminal", "expected"),
    [("auto", True, b"10:01"), ("auto", False, b'{"tim'), ("json", True, b'{"tim'), ("text", False, b"10:01")],
)
def test_the_form_follows_the_setting_and_the_terminal(log_format: str, *, on_terminal: bool, expected: bytes) -> None:
    """`auto` means text on a terminal and JSON elsewhere."""
    reading, writing = pty.openpty() if on_terminal else os.pipe()
    with os.fdopen(writing, "w") as stream:
        open_log(Settings(log_format=log_format), FixedClock(), stream).event("Stopped.")
        first = os.read(reading, 5)
    os.close(reading)

    assert first == expected


def test_a_log_that_nobody_reads_does_not_fail_the_request() -> None:
    """A closed pipe loses lines and nothing else."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stream:
        log = open_log(Settings(log_format="json"), FixedClock(), stream)
        with pytest.raises(BrokenPipeError):
            os.write(stream.fileno(), b"the pipe is broken indeed")

        log.event("nobody hears this")
        log.close()


@pytest.mark.parametrize("readable", [False, True])
def test_nothing_but_the_named_fields_is_written(*, readable: bool) -> None:
    """What else is known of a request is for others: names of members, things that it speaks of, the words of its answer."""
    lines: list[bytes] = []
    log = RequestLog(lines.append, FixedClock(), readable=readable)
    secret = "hunter2"

    _record(
        log, user_agent=secret, resource=secret, members=[secret], named={secret: secret}, told=secret, sentence=secret
    )

    assert secret.encode() not in b"".join(lines)


class Unread:
    """A pipe that nobody reads, until a test does, with a writer before it that keeps 50,000 bytes."""

    def __init__(self) -> None:
        self.reading, self._writing = os.pipe()
        self.heard = 0
        tell = RequestLog(print, FixedClock()).line_about_dropped
        self.writer = LogWriter(self._writing, tell=tell, on_drop=self._hear, most_bytes=50_000)

    def _hear(self) -> None:
        self.heard += 1

    def read(self) -> list[bytes]:
        """Read all that is written, to its end, and close both ends."""
        read: list[bytes] = []
        thread = threading.Thread(target=lambda: read.extend(_pieces_of(self.reading)))
        thread.start()
        assert self.writer.flush(10)
        os.close(self._writing)
        thread.join(10)
        os.close(self.reading)
        return b"".join(read).splitlines(keepends=True)


def _pieces_of(descriptor: int) -> Iterator[bytes]:
    while piece := os.read(descriptor, 65_536):
        yield piece


def test_a_reader_that_stands_still_costs_lines_and_no_time() -> None:
    """Whoever writes returns; what fits is written in its order, and one line in its place tells how many are missing."""
    pipe = Unread()
    for number in range(3_000):
        pipe.writer(b"%099d\n" % number)
    assert not pipe.writer.flush(0)
    lines = pipe.read()

    numbers = [int(line) for line in lines if line.startswith(b"0")]
    assert numbers == sorted(set(numbers))
    assert 500 <= len(numbers) < 3_000
    assert pipe.heard == _told_of(lines) == 3_000 - len(numbers)
    assert {json.loads(line)["level"] for line in lines if line.startswith(b"{")} == {"warning"}


def _told_of(lines: list[bytes]) -> int:
    """Return how many dropped lines the log tells of."""
    told = [json.loads(line)["message"] for line in lines if line.startswith(b"{")]
    assert all("dropped here" in message for message in told)
    return sum(int(message.split(" ", 1)[0]) for message in told)


def test_a_log_that_is_read_again_goes_on() -> None:
    """Beside the line that tells of the gap the next ones are there, none of them dropped."""
    pipe = Unread()
    for number in range(3_000):
        pipe.writer(b"%099d\n" % number)
    lost = pipe.heard
    assert os.read(pipe.reading, 10) == b"0" * 10
    while pipe.writer._size > 20_000:
        os.read(pipe.reading, 4_096)
    pipe.writer(b"and again\n")
    lines = pipe.read()
    assert b"and again\n" in lines[-2:]  # The gap is told of behind what was taken together with it.
    assert _told_of(lines) == pipe.heard == lost > 0


def test_a_descriptor_that_does_not_wait_loses_nothing() -> None:
    """Where somebody else made standard error non-blocking, a full pipe is waited for, and no line is cut in two."""
    pipe = Unread()
    os.set_blocking(pipe._writing, False)
    for number in range(1_000):
        pipe.writer(b"%099d\n" % number)
    lines = pipe.read()
    assert [len(line) for line in lines if not line.startswith(b"{")] == [100] * (1_000 - pipe.heard)
    assert _told_of(lines) == pipe.heard


def test_a_log_is_whole_when_it_is_closed() -> None:
    """Nothing is lost at a clean stop: closing waits for the last line."""
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as stream:
        log = open_log(Settings(log_format="json"), FixedClock(), stream)
        for number in range(200):
            log.event(f"event {number}")
        log.say(["Stopped."])
        log.close()
        said = os.read(reading, 65_536)
    os.close(reading)
    assert said.count(b"\n") == 201
    assert json.loads(said.splitlines()[-1])["message"] == "Stopped."


def test_closing_does_not_wait_for_a_reader_who_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stop is not held up by whoever should read of it."""
    monkeypatch.setattr(logs, "_LAST_WORDS_SECONDS", 0.05)
    reading, writing = os.pipe()
    with os.fdopen(writing, "w") as stream:
        log = open_log(Settings(log_format="json"), FixedClock(), stream)
        for number in range(2_000):
            log.event(f"event {number}")
        log.close()
        assert os.read(reading, 65_536).count(b"\n") < 2_000
        os.close(reading)
