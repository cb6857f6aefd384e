"""How much may one connection ask for? Limits on head, body, time and number, which uvicorn's own protocol lacks.

What is refused here never reaches the application. Counters live in the memory of one process. A connection is cut
- when its head is over 16 KiB or 100 headers (431), or not there in `header_seconds` (408, or no word where nothing came);
- when its body is over 128 KiB, that of a form over 64 KiB (of SAML providers 256), that of an operation that is signed over `max_body`
  (of the two that bring pictures of a style over 3 MiB), announced or sent (413), or not there in `body_seconds` (408);
- of the file of an import, when it is over 100 MiB, or comes slower than 16 KiB a second (body_pace.py);
- when what stands beside the body, the lines of chunks or a trailer, is over 4 KiB (413);
- when its body comes in crumbs: in more than 256 chunks and another one for each 64 bytes (413);
- when two readers could see two requests where it is one, or another one (400, 501, 505): RFC 9112 says what is refused.
  An offer to speak another protocol (Upgrade) is passed over, as RFC 9110 7.8 lets a server do;
- when it is idle for `idle_seconds`, or does not take its answer in `body_seconds`;
- when MAX_PIPELINED requests that it sent ahead wait for their turn: what came in one piece is parsed at a stretch;
- when its network has `max_connections_per_address` others open (503), unless that is a trusted proxy;
- when there is no room for another connection or body, and it has waited longest for its client (connections.py).
"""

import asyncio
from collections import deque
from collections.abc import Collection
from http import HTTPStatus
from typing import Any, ClassVar

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from poolkeeper.client_address import plain_address
from poolkeeper.server import exchange, wrong_door
from poolkeeper.server.answer_writer import AnswerWriter
from poolkeeper.server.body_limits import HELD_OF_UPLOAD, MAX_UNSIGNED, is_upload, largest_body
from poolkeeper.server.body_pace import BodyPace
from poolkeeper.server.connections import Connections, Entry
from poolkeeper.server.one_reading import fault_of
from poolkeeper.settings import Settings

MAX_HEAD = 16 * 1024
MAX_PIPELINED = 16
MAX_HEADERS = 100
MAX_BESIDE_BODY = 4 * 1024
# A chunk costs about a microsecond, whatever its size: how many a body may have, and for how many bytes it may have another.
FREE_CHUNKS = 256
BYTES_FOR_A_CHUNK = 64
# A client that is refused while it sends reads the answer when all is sent: for how long we read on, and how many bytes.
LINGER_SECONDS = 2.0
MAX_LINGER = 2 * 1024 * 1024

# What a trailer must not say (RFC 9110 6.5.1); the parser obeys it there too, after the application was told otherwise.
_NOT_IN_TRAILERS = frozenset(
    {b"connection", b"content-length", b"host", b"proxy-connection", b"transfer-encoding", b"upgrade"}
)


class _Refused(Exception):  # noqa: N818 - not an error of ours
    """Raised inside the parser's callbacks to stop it; the parser wraps it, and `data_received` answers."""


class LimitedProtocol(HttpToolsProtocol):
    """One connection. `limited_protocol` makes the class that uvicorn is given.

    `entry` is there before the connection is made where it was counted already (tls_door.py).
    """

    settings: ClassVar[Settings]
    connections_of_all: ClassVar[Connections]
    signed_targets: ClassVar[Collection[bytes]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.timeout_keep_alive = self.settings.idle_seconds
        self._deadline: asyncio.TimerHandle | None = None
        self._write_deadline: asyncio.TimerHandle | None = None
        self._refusal = HTTPStatus.BAD_REQUEST
        self.entry: Entry | None = None
        self._heard = False
        self._in_message = False
        self._in_head = True
        self._cycle_is_ours = False
        self._raw_head_bytes = 0
        self._head_bytes = 0
        self._clear_host: bytes | None = None
        self._body_bytes = 0
        self._bytes_to_hold = 0
        # Of the request that comes, and of those behind it in line for their answers, the oldest first.
        self._held_of_message = 0
        self._held_of_waiting: deque[int] = deque()
        self._answered_early = False
        self._max_body = MAX_UNSIGNED
        self._pace: BodyPace | None = None
        self._beside_body_bytes = 0
        self._chunks = 0
        self._left_to_discard: int | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn declares it
        """Count the connection, refuse one too many, and give it time for a head."""
        super().connection_made(transport)
        self._writer = AnswerWriter(transport, self.loop)
        if self.client is not None:
            self.client = (plain_address(self.client[0]), self.client[1])
        if self.entry is None:
            self.entry = self.connections_of_all.enter(self.client[0] if self.client else "", self._give_way)
        if self.entry is None:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE)
        else:
            self.entry.give_way = self._give_way
            self._expect(self.settings.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection and its timers."""
        self._disarm()
        self.resume_writing()
        if self.entry is not None:
            self.connections_of_all.leave(self.entry)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came, unless the connection is at its end: what a refused client still sends is thrown away."""
        if self.transport.is_closing():
            return
        if self._left_to_discard is not None:
            self._left_to_discard -= len(data)
            if self._left_to_discard < 0:
                self.transport.abort()
            return
        self._heard = True
        self._unset_keepalive_if_required()
        self._parse(data)

    def _parse(self, data: bytes) -> None:
        if self._in_message and self._in_head:
            self._raw_head_bytes += len(data)
        elif self._in_message:
            self._beside_body_bytes += len(data)
        try:
            try:
                self.parser.feed_data(data)
            except httptools.HttpParserUpgrade as stopped:
                self._go_on_without_upgrade(memoryview(data)[stopped.args[0] :])
        except httptools.HttpParserError:
            self.logger.warning(wrong_door.fault_of(data))
            self._refuse(self._refusal, linger=True)

        if not (self.transport.is_closing() or self._left_to_discard is not None):
            self._expect_more()

    def _expect_more(self) -> None:
        """Look whether the head is still growing or the line is only kept busy, and set a time for what is not here yet.

        Most requests come in one piece, and have nothing to be timed.
        """
        if self._in_message and not self._in_head:
            if self._beside_body_bytes > MAX_BESIDE_BODY:
                self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, linger=True)
            elif not self._may_hold():
                self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, linger=True)
            else:
                self._expect(self.settings.body_seconds)
        elif self._in_message:
            # The parser tells of a header, in a trailer too, when it is complete: this is for one without an end.
            if self._raw_head_bytes > MAX_HEAD:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, linger=True)
            else:
                self._expect(self.settings.header_seconds)
        elif self.cycle is None or self.cycle.response_complete:
            # Blank lines before a request are legal (RFC 9112 2.2) and end uvicorn's idle time: they get no more of it.
            self._expect(self.settings.header_seconds)

    def on_message_begin(self) -> None:
        """Start counting."""
        super().on_message_begin()
        self._in_message = True
        self._in_head = True
        self._cycle_is_ours = False
        self._raw_head_bytes = 0
        self._head_bytes = 0
        self._body_bytes = 0
        self._chunks = 0

    def on_url(self, url: bytes) -> None:
        """Count the request line."""
        self._count_head(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Count a header line, and drop what comes after the body: a trailer must not pass for a header."""
        if not self._in_head:
            if name.lower() in _NOT_IN_TRAILERS:
                self._stop(HTTPStatus.BAD_REQUEST)
            return
        self._count_head(len(name) + len(value) + 4)
        super().on_header(name, value)
        if len(self.headers) > MAX_HEADERS:
            self._stop(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def on_headers_complete(self) -> None:
        """Refuse what is unclear, and a body that announces itself as too large, before the application starts."""
        if self.parser.should_upgrade():
            if self.parser.get_method() == b"CONNECT":
                self._stop(HTTPStatus.BAD_REQUEST)
            return  # The parser stops here, and `_go_on_without_upgrade` begins the head anew.
        if len(self.pipeline) >= MAX_PIPELINED:
            self._stop(HTTPStatus.SERVICE_UNAVAILABLE)
        self._disarm()
        by_name = dict(self.headers)
        version = self.parser.get_http_version()
        fault = fault_of(self.headers, by_name, url=self.url, version=version, clear_host=self._clear_host)
        if fault is not None:
            self._stop(fault)
        self._clear_host = by_name.get(b"host")
        method = self.parser.get_method()
        self._pace = BodyPace() if is_upload(method, self.url) else None
        self._max_body = largest_body(
            self.settings, by_name, method=method, url=self.url, signed_targets=self.signed_targets
        )
        if int(by_name.get(b"content-length", b"0")) > self._max_body:
            self._stop(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        exchange.begin(self, self._writer, version=version)
        self._in_head = False
        self._cycle_is_ours = True

    def on_body(self, body: bytes) -> None:
        """Count what really comes, whatever was announced."""
        self._beside_body_bytes = 0
        self._body_bytes += len(body)
        if self._body_bytes > self._max_body:
            self._stop(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if not self.cycle.response_complete:
            self._bytes_to_hold += len(body)
        super().on_body(body)

    def on_chunk_header(self) -> None:
        """Count a chunk, before its bytes come: a read full of crumbs would hold up every other connection."""
        self._chunks += 1
        if self._chunks > FREE_CHUNKS + self._body_bytes // BYTES_FOR_A_CHUNK:
            self._stop(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)

    def on_message_complete(self) -> None:
        """Let the application take its time: the request is here."""
        if self.parser.should_upgrade():
            return
        if not self._may_hold():
            self._stop(HTTPStatus.SERVICE_UNAVAILABLE)
        self._disarm()
        self._in_message = False
        self._in_head = True
        self._cycle_is_ours = False
        self._raw_head_bytes = 0
        self._beside_body_bytes = 0
        if not self._answered_early:
            self._held_of_waiting.append(self._held_of_message)
        self._held_of_message, self._answered_early = 0, False
        if self.entry is not None and not self.cycle.response_complete:
            self.connections_of_all.work(self.entry)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Go on to the next request, or wait for it; what was kept of the one that is answered goes, and no other's."""
        if self._held_of_waiting:
            answered = self._held_of_waiting.popleft()
        else:
            answered, self._held_of_message, self._answered_early = self._held_of_message, 0, True
        super().on_response_complete()
        if self.entry is None:
            return
        if self.entry.inside:
            self.connections_of_all.release(self.entry, answered)
        if self.cycle.response_complete or (self._in_message and not self.pipeline):
            self.connections_of_all.wait(self.entry)

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

    def _may_hold(self) -> bool:
        """Count what came of a body since the last time, and say whether it may be kept."""
        size, self._bytes_to_hold = self._bytes_to_hold, 0
        if self._pace is not None:
            size = min(size, HELD_OF_UPLOAD - self._held_of_message)
        if not size or self.entry is None:
            return True
        self._held_of_message += size
        return self.connections_of_all.hold(self.entry, size)

    def _give_way(self) -> None:
        """End at once, for a connection or a body that there is no room for; half a request is told so."""
        self._disarm()
        if self._in_message and self._left_to_discard is None:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE)
        else:
            self.transport.abort()

    def _go_on_without_upgrade(self, rest: memoryview) -> None:
        """Parse what follows the offer to speak another protocol: the body behind it is a body, not that protocol.

        At such an offer the parser stops behind the head, takes no body, and cannot be told to go on. What it has read
        of the head is written down again without the offer, and read by another one, which goes on with the rest.
        """
        while True:
            line = (self.parser.get_method(), self.url, self.parser.get_http_version().encode())
            header_lines = b"".join(b"%b: %b\r\n" % header for header in self.headers if header[0] != b"upgrade")
            self.parser = httptools.HttpRequestParser(self)
            self.parser.set_dangerous_leniencies(lenient_data_after_close=True)  # As uvicorn sets it for its own.
            self.parser.feed_data(b"%b %b HTTP/%b\r\n%b\r\n" % (*line, header_lines))
            try:
                self.parser.feed_data(rest)
            except httptools.HttpParserUpgrade as stopped:
                rest = rest[stopped.args[0] :]
            else:
                return

    def _count_head(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > MAX_HEAD:
            self._stop(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def _expect(self, seconds: float) -> None:
        """Start the time for what is not here yet, unless it runs already: more bytes do not buy more time."""
        if self._deadline is None:
            self._deadline = self.loop.call_later(seconds, self._late)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _late(self) -> None:
        self._deadline = None
        if self._pace is not None and self._in_message and not self._in_head and self._keeps_up(self._pace):
            self._expect(self.settings.body_seconds)
        elif self._heard:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        else:
            self._close()

    def _keeps_up(self, pace: BodyPace) -> bool:
        seconds = self.settings.body_seconds
        return pace.keeps_up(self._body_bytes, seconds=seconds, paused=self.flow.read_paused)

    def _stop(self, status: HTTPStatus) -> None:
        self._refusal = status
        raise _Refused

    def _refuse(self, status: HTTPStatus, *, linger: bool = False) -> None:
        """Say why, unless another answer is under way on this connection, and end it without parsing on.

        With `linger` what is still on its way is read and thrown away for a while: an end with unread bytes is a reset,
        which takes the answer from a client that has not read it yet (RFC 9112 9.6).
        """
        self._disarm()
        answering = self.cycle is not None and not self.cycle.response_complete
        spoken = (self.cycle.response_started or self.pipeline) if self._cycle_is_ours else answering
        if not spoken:
            phrase = status.phrase.encode()
            self._writer.write(
                b"HTTP/1.1 %d %b\r\ncontent-type: text/plain\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%b"
                % (status.value, phrase, len(phrase), phrase)
            )
            self._writer.flush()
        if answering:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if linger and not spoken:
            self._left_to_discard = MAX_LINGER
            self.flow.resume_reading()
            if self.transport.can_write_eof():
                self.transport.write_eof()
            self.loop.call_later(LINGER_SECONDS, self._close)
        else:
            self._close()

    def _close(self) -> None:
        """Close when what was written is sent, and in any case soon."""
        if not self.transport.is_closing():
            self.transport.close()
            self.loop.call_later(self.settings.body_seconds, self.transport.abort)


def limited_protocol(
    settings: Settings, connections: Connections | None = None, *, signed_targets: Collection[bytes] = ()
) -> type[LimitedProtocol]:
    """Make the protocol class of one server: `uvicorn.Config(app, http=limited_protocol(settings, ...))`.

    `connections` are those of the process, where several servers share it. `signed_targets` are the X-Amz-Target of
    operations that must be signed, whose bodies may be larger (body_limits.py).
    """
    shared = Connections(settings) if connections is None else connections  # an empty Connections is false
    members = {"settings": settings, "connections_of_all": shared, "signed_targets": signed_targets}
    return type("PoolkeeperProtocol", (LimitedProtocol,), members)
