"""What does one connection get away with? Nothing that costs more than it brings: raw sockets against a real server."""

import contextlib
import json
import resource
import socket
import threading
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn

from poolkeeper.http_protocol import limited_protocol
from poolkeeper.settings import Settings

QUICK = Settings(header_seconds=1, body_seconds=1, idle_seconds=1, max_connections_per_address=2_000)
PATIENT = Settings(max_body=100_000)
REQUEST = b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n{}"


async def told(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    """Read the whole body and answer how long it was and which headers came with it."""
    if scope["type"] != "http":
        return
    length, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        length += len(message["body"])
        more = message["more_body"]
    content = json.dumps({"length": length, "headers": [name.decode() for name, _ in scope["headers"]]}).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(content))]})
    await send({"type": "http.response.body", "body": content})


async def hasty(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    """Answer without reading the body."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"{}"})


@contextmanager
def serving(settings: Settings, app: Any = told) -> Iterator[tuple[str, int]]:
    """Run a server with the limits of these settings on a port of the system's choice."""
    config = uvicorn.Config(
        app, http=limited_protocol(settings), port=0, lifespan="off", log_config=None, access_log=False, ws="none"
    )
    server = uvicorn.Server(config)
    listener = config.bind_socket()
    listener.listen(2_048)  # the first client must not be faster than the thread
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    try:
        yield "127.0.0.1", listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def answer_to(address: tuple[str, int], *pieces: bytes) -> bytes:
    """Send the pieces, as far as the server takes them, and return all that it said before it closed."""
    with socket.create_connection(address, timeout=20) as connection:
        with contextlib.suppress(ConnectionError):
            for piece in pieces:
                connection.sendall(piece)
        return everything(connection)


def everything(connection: socket.socket) -> bytes:
    said = b""
    with contextlib.suppress(ConnectionError):
        while piece := connection.recv(65_536):
            said += piece
    return said


def most_memory() -> int:
    """Return the most memory that this process ever held, in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def one_answer(connection: socket.socket) -> bytes:
    connection.sendall(REQUEST)
    return connection.recv(65_536)


def test_an_ordinary_request_passes() -> None:
    """What is inside the limits reaches the application whole, and the connection stays open for the next."""
    with serving(PATIENT) as address, socket.create_connection(address, timeout=20) as connection:
        assert b'"length": 2' in one_answer(connection)
        assert b'"length": 2' in one_answer(connection)


def test_a_head_in_many_small_pieces_passes() -> None:
    """A slow but honest head of nearly the limit is not counted twice."""
    filler = b"".join(b"x-filler-%03d: %s\r\n" % (number, b"a" * 130) for number in range(90))
    head = b"POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: 2\r\n" + filler + b"\r\n{}"
    with serving(PATIENT) as address:
        pieces = [head[at : at + 1000] for at in range(0, len(head), 1000)]
        assert status(answer_to(address, *pieces)) == 200


def test_ten_thousand_headers_are_refused() -> None:
    """F20: a head of ten thousand headers is answered 431."""
    headers = b"".join(b"x-%d: y\r\n" % number for number in range(10_000))
    with serving(PATIENT) as address:
        assert status(answer_to(address, b"POST / HTTP/1.1\r\nhost: a\r\n" + headers + b"\r\n")) == 431


def test_a_hundred_and_one_headers_are_refused() -> None:
    """One header above the limit is one too many, however short."""
    headers = b"".join(b"x-%d: y\r\n" % number for number in range(100))
    with serving(PATIENT) as address:
        assert status(answer_to(address, b"GET / HTTP/1.1\r\nhost: a\r\n" + headers + b"\r\n")) == 431


def test_a_header_without_end_is_refused() -> None:
    """A single header line that never ends is refused at the size limit, not kept."""
    with serving(PATIENT) as address:
        pieces = [b"a" * 4_096] * 64
        assert status(answer_to(address, b"GET / HTTP/1.1\r\nhost: a\r\nx-long: ", *pieces)) == 431


def test_an_address_line_without_end_is_refused() -> None:
    """So is a request line that never ends."""
    with serving(PATIENT) as address:
        assert status(answer_to(address, b"GET /", *[b"a" * 4_096] * 64)) == 431


def test_a_gigabyte_that_is_announced_is_refused_unread() -> None:
    """F20: Content-Length of a gigabyte is answered 413 at once, before a byte of it came."""
    with serving(PATIENT) as address:
        assert status(answer_to(address, b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000000\r\n\r\n")) == 413


@pytest.mark.parametrize(
    ("content_type", "expected"), [("application/x-www-form-urlencoded", 413), ("application/x-amz-json-1.1", 200)]
)
def test_a_form_is_smaller_than_a_document(content_type: str, expected: int) -> None:
    """Above 64 KiB a form is refused, and a JSON body of the same size is not."""
    body = b"a" * (64 * 1024 + 1)
    head = f"POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: {content_type}\r\n"
    with serving(PATIENT) as address:
        pieces = [head.encode() + b"content-length: %d\r\n\r\n" % len(body), body]
        assert status(answer_to(address, *pieces)) == expected


def test_chunks_without_end_are_refused_and_not_kept() -> None:
    """F20: a chunked body that never ends is cut at the limit, and memory stays flat."""
    chunk = b"10000\r\n" + b"a" * 65_536 + b"\r\n"
    head = b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
    with serving(PATIENT) as address:
        before = most_memory()
        for _ in range(5):
            assert status(answer_to(address, head, *[chunk] * 1_000)) == 413
        assert most_memory() - before < 20_000


def test_chunks_are_counted_even_when_nobody_reads_them() -> None:
    """An application that answers without reading does not open a hole: the rest is still counted and cut."""
    chunk = b"10000\r\n" + b"a" * 65_536 + b"\r\n"
    head = b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
    with serving(PATIENT, hasty) as address:
        said = answer_to(address, head, *[chunk] * 1_000)
        assert said.count(b"HTTP/1.1 ") == 1


def test_two_lengths_are_refused() -> None:
    """Content-Length beside Transfer-Encoding, or twice, is malformed: nobody may read it differently than we do."""
    with serving(PATIENT) as address:
        both = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"
        twice = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}"
        assert status(answer_to(address, both)) == 400
        assert status(answer_to(address, twice)) == 400


def test_a_trailer_does_not_pass_for_a_header() -> None:
    """What follows a chunked body is dropped."""
    head = b"POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"
    with serving(PATIENT) as address:
        said = answer_to(address, head + b"2\r\n{}\r\n0\r\nx-amz-target: Evil\r\n\r\n")
        assert status(said) == 200
        assert b"x-amz-target" not in said


def test_a_compressed_body_is_only_bytes() -> None:
    """F20: nothing here inflates: a gzip body arrives as the bytes that were sent."""
    head = b"POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\n"
    with serving(PATIENT) as address:
        assert b'"length": 4' in answer_to(address, head + b"\x1f\x8b\x08\x00")


def test_five_hundred_slow_sockets_are_cut_and_others_served() -> None:
    """F19: sockets that dribble a head, a body or nothing at all are closed; meanwhile requests are answered."""
    room = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4_096, room[1]), room[1]))
    beginnings = (
        b"",
        b"POST / HT",
        REQUEST[:-1],
        b"\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n1",
    )
    try:
        with serving(QUICK) as address, contextlib.ExitStack() as stack:
            slow = [stack.enter_context(socket.create_connection(address, timeout=20)) for _ in range(500)]
            for number, connection in enumerate(slow):
                connection.sendall(beginnings[number % len(beginnings)])
            with socket.create_connection(address, timeout=20) as honest:
                assert b'"length": 2' in one_answer(honest)
            said = {number: everything(connection) for number, connection in enumerate(slow)}
        assert {said[number] for number in range(0, 500, 5)} == {b""}
        assert {status(said[number]) for number in range(500) if number % 5} == {408}
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, room)


def test_more_bytes_do_not_buy_more_time() -> None:
    """A head of which a byte comes now and then is cut like one that stands still."""
    with serving(QUICK) as address, socket.create_connection(address, timeout=0.2) as connection:
        said = b""
        connection.sendall(b"GET / HTTP/1.1\r\nx-slow: ")
        for _ in range(100):
            with contextlib.suppress(TimeoutError, ConnectionError):
                connection.sendall(b"x")
                said = connection.recv(1_000)
                break
        assert status(said) == 408


def test_an_idle_connection_is_closed() -> None:
    """After an answer, a connection without a request is ended when its idle time is over."""
    with serving(QUICK) as address, socket.create_connection(address, timeout=20) as connection:
        assert b'"length": 2' in one_answer(connection)
        assert everything(connection) == b""


def test_an_address_gets_so_many_connections_and_no_more() -> None:
    """The connection above the limit is told 503; when others leave, there is room again."""
    with serving(Settings(max_connections_per_address=2)) as address:
        with (
            socket.create_connection(address, timeout=20) as first,
            socket.create_connection(address, timeout=20) as second,
        ):
            assert b'"length": 2' in one_answer(first)
            assert b'"length": 2' in one_answer(second)
            assert status(answer_to(address)) == 503
            first.shutdown(socket.SHUT_RDWR)
            second.shutdown(socket.SHUT_RDWR)
            assert everything(first) == everything(second) == b""
        with socket.create_connection(address, timeout=20) as third:
            assert b'"length": 2' in one_answer(third)


def test_a_trusted_proxy_is_not_one_address() -> None:
    """All the world comes through a proxy that the operator trusts: its connections are not counted against it."""
    settings = Settings(max_connections_per_address=1, trusted_proxies=("127.0.0.1",))
    with serving(settings) as address, contextlib.ExitStack() as stack:
        for _ in range(3):
            connection = stack.enter_context(socket.create_connection(address, timeout=20))
            assert b'"length": 2' in one_answer(connection)
