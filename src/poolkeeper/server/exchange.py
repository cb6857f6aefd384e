"""How does a request come to the application, and the head of its answer to the wire? As with uvicorn, by fewer steps.

The scope is uvicorn's, and so is every byte of an answer; lines that every answer has are checked and joined once.
"""

import asyncio
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, cast
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.httptools_impl import (
    HEADER_RE,
    HEADER_VALUE_RE,
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from poolkeeper.server.answer_writer import AnswerWriter

# Names whose lines are remembered: their values are few, and none of them is anybody's secret.
_REMEMBERED = frozenset(
    {
        b"access-control-allow-origin",
        b"access-control-expose-headers",
        b"cache-control",
        b"content-type",
        b"date",
        b"pragma",
        b"referrer-policy",
        b"vary",
        b"x-content-type-options",
    }
)
_MOST_LINES = 256
_LONGEST_REMEMBERED = 256


class Exchange(RequestResponseCycle):
    """One request and its answer, in the place of uvicorn's own cycle."""

    async def send(self, message: Any) -> None:
        """Write the head; what follows it, and what must wait, is written as uvicorn does."""
        waits = self.disconnected or self.flow.write_paused
        if waits or self.response_started or message["type"] != "http.response.start":
            await super().send(message)
            return
        self.response_started = True
        self.waiting_for_100_continue = False
        self.transport.write(self._head(message["status"], message.get("headers", ())))

    def _head(self, status: int, headers: Iterable[tuple[bytes, bytes]]) -> bytes:
        """Return status line and headers, and go by what they say of the body and of the connection.

        Raises RuntimeError for a header that would be read as two.
        """
        lines = [STATUS_LINE[status]]
        closes = False
        for name, value in (*self.default_headers, *headers):
            if name in _REMEMBERED and len(value) <= _LONGEST_REMEMBERED:
                lines.append(_remembered_line(name, value))
                continue
            lines.append(_line(name, value))
            closes = self._heed(name.lower(), value) or closes
        if closes:
            self.keep_alive = False
        elif not self.keep_alive:
            lines.append(b"connection: close\r\n")
        if self.chunked_encoding is None and self.scope["method"] != "HEAD" and status not in {204, 304}:
            self.chunked_encoding = True
            lines.append(b"transfer-encoding: chunked\r\n")
        lines.append(b"\r\n")
        return b"".join(lines)

    def _heed(self, name: bytes, value: bytes) -> bool:
        """Apply a header that frames the body; say whether it is one that ends the connection."""
        if name == b"content-length" and self.chunked_encoding is None:
            self.expected_content_length = int(value)
            self.chunked_encoding = False
        elif name == b"transfer-encoding" and value.lower() == b"chunked":
            self.expected_content_length = 0
            self.chunked_encoding = True
        return name == b"connection" and b"close" in [token.strip() for token in value.lower().split(b",")]


def begin(protocol: HttpToolsProtocol, writer: AnswerWriter, *, version: str) -> None:
    """Hand a request whose head is here to the application: at once, or behind those that are not answered yet.

    Raises httptools' errors for an invalid target.
    """
    parser, scope = protocol.parser, protocol.scope
    target = httptools.parse_url(protocol.url)
    path = target.path.decode("ascii")
    scope["method"] = parser.get_method().decode("ascii")
    scope["http_version"] = version
    scope["path"] = unquote(path) if "%" in path else path
    scope["raw_path"] = target.path
    scope["query_string"] = target.query or b""
    before = protocol.cycle
    protocol.cycle = Exchange(
        scope=scope,
        transport=cast("asyncio.Transport", writer),
        flow=protocol.flow,
        logger=protocol.logger,
        access_logger=protocol.access_logger,
        access_log=False,
        default_headers=protocol.server_state.default_headers,
        message_event=asyncio.Event(),
        expect_100_continue=protocol.expect_100_continue,
        keep_alive=version != "1.0" and parser.should_keep_alive(),
        on_response=protocol.on_response_complete,
    )
    if before is None or before.response_complete:
        protocol._start_asgi_task(protocol.cycle, protocol.app)  # noqa: SLF001 - as our base class does it
    else:
        protocol.flow.pause_reading()
        protocol.pipeline.appendleft((protocol.cycle, protocol.app))


def _line(name: bytes, value: bytes) -> bytes:
    if HEADER_RE.search(name) or HEADER_VALUE_RE.search(value):
        raise RuntimeError("a header that would be read as two")
    return b"%b: %b\r\n" % (name.lower(), value)


_remembered_line = lru_cache(maxsize=_MOST_LINES)(_line)
