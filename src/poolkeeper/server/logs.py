"""What does the server write? One line a request, one a fact about a user, one an event of its own: JSON, or text for people.

Only the fields named here are ever written: no body, no header, no name of a user. A traceback goes into the log and
nowhere else. No value can break a line or steer a terminal: what is not printable is written as its escape.
"""

import logging
import os
import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any, TextIO

import msgspec

from poolkeeper.aws.endpoint import Outcome
from poolkeeper.clock import Clock
from poolkeeper.model.event import Event
from poolkeeper.server.log_lines import (
    DeliveredLine,
    EventLine,
    HappenedLine,
    Level,
    RequestLine,
    delivered_text,
    event_text,
    happened_text,
    request_text,
)
from poolkeeper.server.log_writer import LogWriter
from poolkeeper.settings import Settings

Sink = Callable[[bytes], object]

LONGEST_VALUE = 200
LONGEST_MESSAGE = 2_000
_LAST_WORDS_SECONDS = 2.0
_WARNING = "Warning: "

_encode = msgspec.json.Encoder().encode


class RequestLog:
    """The one log of a process. `sink` takes whole lines; `readable` chooses text for people in place of JSON.

    `sentences`: people read there too what callers were told, which is for developers alone; JSON never has it. `flush`
    waits, at most so many seconds, until all that `sink` took is written. `width` returns how wide the window of a terminal
    is at the moment, 0 where there is none.
    """

    __slots__ = ("_clock", "_flush", "_readable", "_sentences", "_sink", "_width")

    def __init__(
        self,
        sink: Sink,
        clock: Clock,
        *,
        readable: bool = False,
        sentences: bool = False,
        flush: Callable[[float], object] | None = None,
        width: Callable[[], int] = int,
    ) -> None:
        self._sink = sink
        self._flush = flush
        self._clock = clock
        self._readable = readable
        self._sentences = readable and sentences
        self._width = width

    def record(self, outcome: Outcome) -> None:
        """Write the line of one request. What its caller was told may repeat what they gave: see `sentences`."""
        texts = (
            outcome.request_id,
            outcome.service,
            outcome.operation,
            outcome.pool_id,
            outcome.outcome,
            outcome.client_address,
            outcome.detail,
            outcome.sentence if self._sentences else "",
        )
        together = "".join(texts)
        if len(together) > LONGEST_VALUE or not together.isprintable():
            texts = tuple(map(printable, texts))  # type: ignore[assignment] # as many
        line = RequestLine(
            time=timestamp(self._clock.now()),
            level="error" if outcome.status >= 500 else "info",
            request_id=texts[0],
            service=texts[1],
            operation=texts[2],
            pool=texts[3],
            outcome=texts[4],
            status=outcome.status,
            microseconds=outcome.microseconds,
            client=texts[5],
            detail=texts[6],
            sentence=texts[7],
        )
        self._sink(request_text(line, width=self._width()) if self._readable else _encode(line) + b"\n")

    def happened(self, event: Event, *, request_id: str, client_address: str) -> None:
        """Write a fact that has come to stand."""
        line = HappenedLine(
            time=timestamp(self._clock.now()),
            level="info",
            event=event.kind,
            pool=printable(event.pool_id),
            user=printable(event.user_id),
            about={name: printable(value) for name, value in event.about.items()},
            request_id=printable(request_id),
            client=printable(client_address),
        )
        self._sink(happened_text(line, width=self._width()) if self._readable else _encode(line) + b"\n")

    def delivered(self, pool_id: str, log_group: str, level: str, entry: Mapping[str, Any]) -> None:
        """Write an entry that a pool logs to a log group which is this log (log-delivery.md)."""
        line = DeliveredLine(
            time=timestamp(self._clock.now()),
            level="error" if level == "ERROR" else "info",
            log_group=printable(log_group),
            pool=printable(pool_id),
            entry=_printable_values(entry),
        )
        self._sink(delivered_text(line, width=self._width()) if self._readable else _encode(line) + b"\n")

    def event(self, message: str, *, level: Level = "info") -> None:
        """Write one sentence of the server about itself."""
        self._write_event(level, message, request_id="", error=None)

    def tell_people(self, message: str) -> None:
        """Write one sentence where people read the log, and nowhere else."""
        if self._readable:
            self.event(message)

    def fault(self, message: str, *, error: BaseException | None = None, request_id: str = "") -> None:
        """Write what went wrong in the server; the traceback of `error`, without its variables' values, goes with it."""
        self._write_event("error", message, request_id=request_id, error=error)

    def say(self, lines: Sequence[str]) -> None:
        """Write lines for people: as they are, or as one sentence where the log is for programs."""
        if not lines:
            return
        if not self._readable:
            words = " ".join(line.strip() for line in lines)
            self.event(words.removeprefix(_WARNING), level="warning" if words.startswith(_WARNING) else "info")
        else:
            self.show(lines)

    def show(self, lines: Sequence[str]) -> None:
        """Write lines for people as they are; a log for programs has none of them."""
        if lines and self._readable:
            self._sink(("\n".join(lines) + "\n").encode())

    def close(self) -> None:
        """Wait until everything is written; not for long, since nobody may be reading."""
        if self._flush is not None:
            self._flush(_LAST_WORDS_SECONDS)

    def line_about_dropped(self, count: int) -> bytes:
        """Return the line that stands for `count` others which could not be written."""
        subject = "1 line was" if count == 1 else f"{count} lines were"
        message = f"{subject} dropped here: the log was not read, or not written, as fast as it grew"
        return self._event_line("warning", message, request_id="", error=None)

    def _write_event(self, level: Level, message: str, *, request_id: str, error: BaseException | None) -> None:
        self._sink(self._event_line(level, message, request_id=request_id, error=error))

    def _event_line(self, level: Level, message: str, *, request_id: str, error: BaseException | None) -> bytes:
        line = EventLine(
            time=timestamp(self._clock.now()),
            level=level,
            message=printable(message, longest=LONGEST_MESSAGE),
            request_id=printable(request_id),
            traceback=_traceback(error) if error is not None else "",
        )
        return event_text(line, width=self._width()) if self._readable else _encode(line) + b"\n"


def open_log(
    settings: Settings, clock: Clock, stream: TextIO, *, on_drop: Callable[[], None] | None = None
) -> RequestLog:
    """Return the log that writes to `stream` (standard error), in the form that `settings.log_format` asks for.

    `on_drop` hears of each line that could not be written. A log is closed by what opened it, so that no line is lost.
    """
    readable = is_readable(settings, stream)
    about_dropped = RequestLog(_nowhere, clock, readable=readable).line_about_dropped
    writer = LogWriter(stream.fileno(), tell=about_dropped, on_drop=on_drop, shared=settings.workers > 1)
    return RequestLog(
        writer, clock, readable=readable, sentences=settings.dev, flush=writer.flush, width=partial(_width_of, stream)
    )


def _width_of(stream: TextIO) -> int:
    """Return how many columns a terminal has now; 0 where it is no terminal, or does not say."""
    try:
        return os.get_terminal_size(stream.fileno()).columns
    except OSError:
        return 0


def is_readable(settings: Settings, stream: TextIO) -> bool:
    """Say whether the log is text for people, and not JSON."""
    return settings.log_format == "text" or (settings.log_format == "auto" and stream.isatty())


def adopt_logging(log: RequestLog, *, level: int = logging.WARNING) -> None:
    """Send the lines of uvicorn, asyncio and every other library through `log`, from `level` upward.

    For uvicorn.Config(log_config=None, access_log=False). At INFO uvicorn tells of its start and stop, which
    terminal.py says in better words.
    """
    root = logging.getLogger()
    root.handlers[:] = [_Adopted(log)]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi"):
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
        library.setLevel(logging.NOTSET)


def printable(text: str, *, longest: int = LONGEST_VALUE) -> str:
    """Return `text` in one line without control characters, direction marks or lone surrogates, cut at `longest`."""
    if len(text) > longest:
        text = text[:longest] + "..."
    return text if text.isprintable() else "".join(c if c.isprintable() else _escape(c) for c in text)


def _printable_values(value: Any) -> Any:
    """Return plain data whose texts are in one line each."""
    if isinstance(value, str):
        return printable(value, longest=LONGEST_MESSAGE)
    if isinstance(value, Mapping):
        return {printable(str(name)): _printable_values(item) for name, item in value.items()}
    return [_printable_values(item) for item in value] if isinstance(value, list | tuple) else value


class _Adopted(logging.Handler):
    """Where the standard library's logging ends."""

    def __init__(self, log: RequestLog) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        message = f"{record.name}: {record.getMessage()}"
        if record.levelno >= logging.ERROR:
            self._log.fault(message, error=record.exc_info[1] if record.exc_info else None)
        else:
            self._log.event(message, level="warning" if record.levelno >= logging.WARNING else "info")


def _nowhere(_line: bytes) -> None:
    """Write nothing."""


def timestamp(now: int) -> str:
    """Return a time as every line has it."""
    return f"{_second(now // 1000)}.{now % 1000:03d}Z"


@lru_cache(maxsize=4)  # Many lines share a second, and writing a date costs as much as the rest of the line.
def _second(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}"


def _escape(character: str) -> str:
    point = ord(character)
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"


def _traceback(error: BaseException) -> str:
    lines = "".join(traceback.format_exception(error)).split("\n")
    return "\n".join(printable(line, longest=LONGEST_MESSAGE) for line in lines).rstrip("\n")
