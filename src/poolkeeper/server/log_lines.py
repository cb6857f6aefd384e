"""What is a line of the log? Its fields, which JSON has as they are, and the same facts as text for people.

On a terminal a line is as wide as its window, and columns stand below each other; more about a refused request stands
below it. Elsewhere each fact is one line of text, for programs that look for lines.
"""

import textwrap
from http import HTTPStatus
from typing import Any, Literal

import msgspec

from poolkeeper.hosted.outcomes import SUCCESS

Level = Literal["info", "warning", "error"]

_NARROWEST = 40
_OPERATION = 32
_BELOW = 15


class RequestLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one answered request leaves behind. `microseconds` is the time from the first byte to the answer.

    `sentence` is empty in JSON.
    """

    time: str
    level: Level
    request_id: str
    service: str
    operation: str
    pool: str = ""
    outcome: str
    status: int
    microseconds: int
    client: str
    detail: str = ""
    sentence: str = ""


class EventLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the server says of itself: a start, a stop, a warning, a fault with its traceback."""

    time: str
    level: Level
    message: str
    request_id: str = ""
    traceback: str = ""


class HappenedLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A fact about a user: what happened, in which pool, to whom (the sub) and at whose request."""

    time: str
    level: Level
    event: str
    pool: str
    user: str = ""
    about: dict[str, str] = {}
    request_id: str
    client: str


class DeliveredLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An entry that a pool logs to this log: plain data."""

    time: str
    level: Level
    log_group: str
    pool: str
    entry: dict[str, Any]


def request_text(line: RequestLine, *, width: int) -> bytes:
    """Return a request as text; `width` is a terminal's, 0 where there is none."""
    operation = line.operation if line.service in _SPOKEN_BY_NAME else f"{line.service}.{line.operation}"
    head = f"{_clock(line.time, width)}  {line.status}  {operation:<{_OPERATION}}  {line.microseconds / 1000:6.1f} ms"
    refused = line.outcome != SUCCESS or line.status >= HTTPStatus.BAD_REQUEST
    reason = _reason(line) if refused else ""
    if not width:
        return _words(head, reason, line.pool, line.client, line.request_id)
    line_text = f"{head}  {line.pool}".rstrip()
    first, *rest = _fitting(line_text, width)
    below = f"{reason} (request {line.request_id})" if refused else ""
    return _lines(first, *rest, *_fitting(below, width, indent=_BELOW))


def happened_text(line: HappenedLine, *, width: int) -> bytes:
    """Return a fact about a user as text."""
    about = " ".join(f"{name}={value}" for name, value in line.about.items())
    if not width:
        return _words(_clock(line.time, width), line.event, line.user, about, line.pool, line.client, line.request_id)
    facts = "  ".join(word for word in (about, line.user and f"user {line.user}", line.pool) if word)
    return _lines(*_fitting(f"{_clock(line.time, width)}       {line.event:<{_OPERATION}}  {facts}", width))


def delivered_text(line: DeliveredLine, *, width: int) -> bytes:
    """Return an entry that a pool logs as text."""
    entry = msgspec.json.encode(line.entry).decode()
    if not width:
        return _words(_clock(line.time, width), line.log_group, line.pool, entry)
    return _lines(*_fitting(f"{_clock(line.time, width)}       {line.log_group:<{_OPERATION}}  {entry}", width))


def event_text(line: EventLine, *, width: int) -> bytes:
    """Return what the server says of itself as text."""
    mark = "" if line.level == "info" else f"{line.level}: "
    message = "  ".join(word for word in (mark + line.message, line.request_id) if word)
    head = _fitting(f"{_clock(line.time, width)}  {message}", width)
    below = [f"    {row}" for row in line.traceback.split("\n")] if line.traceback else []
    return _lines(*head, *below)


# Of these a reader knows the service by the operation: one is what the server is for, the others are paths.
_SPOKEN_BY_NAME = frozenset({"", "cognito-idp", "oauth", "pages", "http"})


def _clock(time: str, width: int) -> str:
    return time[11:19] if width else time[11:23]


def _reason(line: RequestLine) -> str:
    """Return why a request was refused: the name, what the caller was told, and what only the log is told."""
    reasons = [part for part in (line.sentence, line.detail) if part]
    return f"{line.outcome}: {' / '.join(dict.fromkeys(reasons))}" if reasons else line.outcome


def _fitting(text: str, width: int, *, indent: int = 0) -> list[str]:
    """Return text in lines that a window shows whole, those behind the first under the third column."""
    first = " " * indent + text
    if width < _NARROWEST or len(first) <= width:
        return [first] if text else []
    return textwrap.wrap(
        first,
        width,
        subsequent_indent=" " * _BELOW,
        break_on_hyphens=False,
        drop_whitespace=True,
        replace_whitespace=False,
    )


def _words(*words: str) -> bytes:
    return _lines("  ".join(word for word in words if word))


def _lines(*lines: str) -> bytes:
    return ("\n".join(line.rstrip() for line in lines) + "\n").encode()
