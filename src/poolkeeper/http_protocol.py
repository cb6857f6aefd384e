"""How much may one connection ask for? Limits on head, body, time and number, which uvicorn's own protocol lacks.

What is refused here never reaches the application. Counters live in the memory of one process. A connection is cut
- when its head is over 16 KiB or 100 headers (431), or not there in `header_seconds` (408, or no word where nothing came);
- when its body is over `max_body`, or that of a form over 64 KiB, announced or sent (413), or not there in
  `body_seconds` (408);
- when it is idle for `idle_seconds`, or does not take its answer in `body_seconds`;
- when its address has `max_connections_per_address` others open (503), unless that is a trusted proxy.
"""

import asyncio
from collections import Counter
from http import HTTPStatus
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from poolkeeper.settings import Settings

MAX_HEAD = 16 * 1024
MAX_HEADERS = 100
MAX_FORM = 64 * 1024


class _Refused(Exception):  # noqa: N818 - not an error of ours
    """Raised inside the parser's callbacks to stop it; the parser wraps it and uvicorn answers."""


class LimitedProtocol(HttpToolsProtocol):
    """One connection. `limited_protocol` makes the class that uvicorn is given."""

    settings: ClassVar[Settings]
    open_connections: ClassVar[Counter[str]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.timeout_keep_alive = self.settings.idle_seconds
        self._deadline: asyncio.TimerHandle | None = None
        self._write_deadline: asyncio.TimerHandle | None = None
        self._refusal = HTTPStatus.BAD_REQUEST
        self._address = ""
        self._heard = False
        self._in_message = False
        self._in_head = True
        self._cycle_is_ours = False
        self._raw_head_bytes = 0
        self._head_bytes = 0
        self._body_bytes = 0
        self._max_body = self.settings.max_body

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn declares it
        """Count the connection, refuse one too many, and give it time for a head."""
        super().connection_made(transport)
        self._address = self.client[0] if self.client else ""
        self.open_connections[self._address] += 1
        crowded = self.open_connections[self._address] > self.settings.max_connections_per_address
        if crowded and self._address not in self.settings.trusted_proxies:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE)
        else:
            self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection and its timers."""
        self._disarm()
        self.resume_writing()
        self.open_connections[self._address] -= 1
        if self.open_connections[self._address] <= 0:
            del self.open_connections[self._address]
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came, and look whether the head is still growing or the line is only kept busy."""
        if self.transport.is_closing():
            return
        self._heard = True
        if self._in_message and self._in_head:
            self._raw_head_bytes += len(data)
        super().data_received(data)

        if self.transport.is_closing():
            return
        if self._in_head and self._raw_head_bytes > MAX_HEAD:
            # The parser tells of a header when it is complete; this is one without an end.
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif not self._in_message and (self.cycle is None or self.cycle.response_complete):
            # Blank lines before a request are legal (RFC 9112 2.2) and end uvicorn's idle time: they get no more of it.
            self._expect_head()

    def on_message_begin(self) -> None:
        """Start counting: a head must come in time, from the first byte on."""
        super().on_message_begin()
        self._in_message = True
        self._in_head = True
        self._cycle_is_ours = False
        self._raw_head_bytes = 0
        self._head_bytes = 0
        self._body_bytes = 0
        self._expect_head()

    def on_url(self, url: bytes) -> None:
        """Count the request line."""
        self._count_head(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a header line, and drop what comes after the body: a trailer must not pass for a header."""
        self._count_head(len(name) + len(value) + 4)
        if self._in_head:
            super().on_header(name, value)
        if len(self.headers) > MAX_HEADERS:
            self._stop(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_headers_complete(self) -> None:
        """Refuse a body that announces itself as too large, before the application starts."""
        self._disarm()
        known = dict(self.headers)
        form = known.get(b"content-type", b"").startswith(b"application/x-www-form-urlencoded")
        self._max_body = min(MAX_FORM, self.settings.max_body) if form else self.settings.max_body
        if int(known.get(b"content-length", b"0")) > self._max_body:
            self._stop(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        self._deadline = self.loop.call_later(self.settings.body_seconds, self._late)
        super().on_headers_complete()
        self._in_head = False
        self._cycle_is_ours = True

    def on_body(self, body: bytes) -> None:
        """Count what really comes, whatever was announced."""
        self._body_bytes += len(body)
        if self._body_bytes > self._max_body:
            self._stop(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Let the application take its time: the request is here."""
        self._disarm()
        self._in_message = False
        self._in_head = True
        self._cycle_is_ours = False
        self._raw_head_bytes = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's signature
        """Answer what stopped the parser: our refusal, or (uvicorn's reason for the name) a malformed request."""
        self._refuse(self._refusal)

    def pause_writing(self) -> None:
        """Give a client that does not read its answer a last chance."""
        super().pause_writing()
        self._write_deadline = self.loop.call_later(self.settings.body_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on: the client reads."""
        super().resume_writing()
        if self._write_deadline is not None:
            self._write_deadline.cancel()
            self._write_deadline = None

    def timeout_keep_alive_handler(self) -> None:
        """End an idle connection, even one whose last answer nobody took."""
        self._close()

    def _count_head(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > MAX_HEAD:
            self._stop(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def _expect_head(self) -> None:
        """Start the time for a head, unless it runs already: more bytes do not buy more time."""
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.settings.header_seconds, self._late)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _late(self) -> None:
        self._deadline = None
        if self._heard:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        else:
            self._close()

    def _stop(self, status: HTTPStatus) -> None:
        self._refusal = status
        raise _Refused

    def _refuse(self, status: HTTPStatus) -> None:
        """Say why, unless another answer is under way on this connection, and end it without reading on."""
        self._disarm()
        answering = self.cycle is not None and not self.cycle.response_complete
        spoken = (self.cycle.response_started or self.pipeline) if self._cycle_is_ours else answering
        if not spoken:
            phrase = status.phrase.encode()
            self.transport.write(
                b"HTTP/1.1 %d %b\r\ncontent-type: text/plain\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%b"
                % (status.value, phrase, len(phrase), phrase)
            )
        if answering:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self._close()

    def _close(self) -> None:
        """Close when what was written is sent, and in any case soon."""
        if not self.transport.is_closing():
            self.transport.close()
            self.loop.call_later(self.settings.body_seconds, self.transport.abort)


def limited_protocol(settings: Settings) -> type[LimitedProtocol]:
    """Make the protocol class of one server: `uvicorn.Config(app, http=limited_protocol(settings))`."""
    members = {"settings": settings, "open_connections": Counter[str]()}
    return type("PoolkeeperProtocol", (LimitedProtocol,), members)
