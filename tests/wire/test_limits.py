"""What does one connection get away with? Nothing that costs more than it brings: raw sockets against a real server."""

import contextlib
import resource
import select
import socket
from collections import Counter

import pytest

from poolkeeper.aws.operation import Who
from poolkeeper.operations.tables import SERVICES, SIGNED_TARGETS
from poolkeeper.server.body_limits import MAX_UNSIGNED
from poolkeeper.server.http_protocol import FREE_CHUNKS, LimitedProtocol
from poolkeeper.settings import Settings
from wire.raw_sockets import PATIENT, REQUEST, answer_on, answer_to, everything, hasty, one_answer, serving, status

QUICK = Settings(header_seconds=1, body_seconds=1, idle_seconds=1, max_connections_per_address=2_000)


def most_memory() -> int:
    """Return the most memory that this process ever held, in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


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
    """attacks.md F20: a head of ten thousand headers is answered 431."""
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
    """attacks.md F20: Content-Length of a gigabyte is answered 413 at once, before a byte of it came."""
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
    """attacks.md F20: a chunked body that never ends is cut at the limit, and memory stays flat."""
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


def test_who_still_sends_when_refused_reads_why() -> None:
    """A client that sends its whole megabyte before it reads gets the answer, and no reset: a hundred times of a hundred."""
    head = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\n"
    with serving(PATIENT) as address:
        for _ in range(100):
            with socket.create_connection(address, timeout=20) as connection:
                connection.sendall(head)
                for _ in range(1_000):
                    connection.sendall(b"a" * 1_000)
                assert status(everything(connection)) == 413


def test_who_never_stops_sending_is_cut() -> None:
    """What comes after a refusal is thrown away for a while, and no longer."""
    head = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000000\r\n\r\n"
    with serving(PATIENT) as address, socket.create_connection(address, timeout=20) as connection:
        connection.sendall(head)
        with pytest.raises(ConnectionError):
            connection.sendall(b"a" * 100_000_000)


@pytest.mark.parametrize(
    ("beginning", "more"),
    [
        (b"2\r\n{}\r\n0\r\nx-long: ", b"a" * 65_536),
        (b"2\r\n{}\r\n0\r\n", b"x-many: a\r\n" * 6_000),
        (b"2;", b"extension" * 7_000),
        (b"", b"0" * 65_536),
    ],
    ids=["one line of a trailer", "lines of a trailer", "an extension of a chunk", "zeros before the size of a chunk"],
)
def test_what_stands_beside_the_body_ends_soon(monkeypatch: pytest.MonkeyPatch, beginning: bytes, more: bytes) -> None:
    """What the parser glues together, at a cost that grows with its square, is cut off after a few KiB, not at 16 MB."""
    parsed: list[int] = []
    parse = LimitedProtocol._parse

    def counting(protocol: LimitedProtocol, data: bytes) -> None:
        parsed.append(len(data))
        parse(protocol, data)

    monkeypatch.setattr(LimitedProtocol, "_parse", counting)
    head = b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
    with serving(PATIENT) as address:
        said = answer_to(address, head + beginning, *[more] * 256)
    assert sum(parsed) < 2**20  # what one read may bring, and not a second of it
    assert said == b"" or status(said) == 413


def test_a_trailer_of_ordinary_size_passes() -> None:
    """A few KiB behind the last chunk are read and dropped, also where they come byte by byte."""
    head = b"POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
    trailer = b"x-checksum: %s\r\nx-other: b\r\n\r\n" % (b"a" * 3_900)
    with serving(PATIENT) as address:
        assert status(answer_to(address, head, *[trailer[at : at + 500] for at in range(0, len(trailer), 500)])) == 200


OPEN = [one for service in SERVICES for one in service.operations.values() if one.who is not Who.IAM]
OF_A_STYLE = ("CreateManagedLoginBranding", "UpdateManagedLoginBranding")
STYLES = [one for service in SERVICES for name, one in service.operations.items() if name in OF_A_STYLE]
SIGNED = [
    one for service in SERVICES for one in service.operations.values() if one.who is Who.IAM and one not in STYLES
]


def test_what_a_stranger_may_call_takes_128_kib() -> None:
    """By the row of the operation a larger body is refused at its announcement.

    That of a signed call may have 1 MiB, and one that brings the pictures of a style 3.
    """
    head = "POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx-amz-target: {}.{}\r\ncontent-length: {}\r\n\r\n"
    expected = {
        128 * 1024: ({200}, {200}, {200}),
        128 * 1024 + 1: ({413}, {200}, {200}),
        1024 * 1024: ({413}, {200}, {200}),
        1024 * 1024 + 1: ({413}, {413}, {200}),
        3 * 1024 * 1024: ({413}, {413}, {200}),
        3 * 1024 * 1024 + 1: ({413}, {413}, {413}),
    }
    with serving(Settings(), hasty, signed_targets=SIGNED_TARGETS) as address:
        told = {
            length: tuple(
                {
                    status(answer_to(address, head.format(one.model.target_prefix, one.name, length).encode()))
                    for one in ones
                }
                for ones in (OPEN, SIGNED, STYLES)
            )
            for length in expected
        }
    assert told == expected


@pytest.mark.parametrize("target", [b"Signed", b"Open", b""])
def test_a_body_is_counted_while_it_is_read(target: bytes) -> None:
    """Chunks announce nothing: they are cut at the same bounds, and what names no operation is a stranger's."""
    head = b"POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx-amz-target: %b\r\ntransfer-encoding: chunked\r\n\r\n"
    most = 16 if target == b"Signed" else 2
    chunk = b"10000\r\n" + b"a" * 65_536 + b"\r\n"
    with serving(Settings(), signed_targets={b"Signed"}) as address:
        assert status(answer_to(address, head % target, *[chunk] * most, b"0\r\n\r\n")) == 200
        assert status(answer_to(address, head % target, *[chunk] * most, b"1\r\na\r\n")) == 413


def test_a_compressed_body_is_only_bytes() -> None:
    """attacks.md F20: nothing here inflates: a gzip body arrives as the bytes that were sent."""
    head = b"POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\n"
    with serving(PATIENT) as address:
        assert b'"length": 4' in answer_to(address, head + b"\x1f\x8b\x08\x00")


def test_five_hundred_slow_sockets_are_cut_and_others_served() -> None:
    """attacks.md F19: sockets that dribble a head, a body or nothing at all are closed; meanwhile requests are answered."""
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


@pytest.mark.parametrize("before", [b"", REQUEST], ids=["on a new connection", "behind an answer"])
def test_blank_lines_do_not_buy_more_time(before: bytes) -> None:
    """Blank lines before a head are legal, and do not begin its time anew."""
    with serving(QUICK) as address, socket.create_connection(address, timeout=0.2) as connection:
        said = b""
        if before:
            assert b'"length": 2' in one_answer(connection)
        for _ in range(100):
            with contextlib.suppress(TimeoutError, ConnectionError):
                connection.sendall(b"\r\n")
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


def test_the_longest_idle_connection_is_closed_for_a_newcomer() -> None:
    """Where all places are taken everybody who comes is served, and who was idle longest hears of the end."""
    with serving(Settings(max_connections=2)) as address, contextlib.ExitStack() as stack:
        first, second, third = (stack.enter_context(socket.create_connection(address, timeout=20)) for _ in range(3))
        assert b'"length": 2' in one_answer(second)
        assert b'"length": 2' in one_answer(third)
        assert everything(first) == b""

        assert b'"length": 2' in one_answer(second)
        fourth = stack.enter_context(socket.create_connection(address, timeout=20))
        assert b'"length": 2' in one_answer(fourth)
        assert everything(third) == b""
        assert b'"length": 2' in one_answer(second)


def test_half_sent_bodies_are_bounded_in_all() -> None:
    """However many connections send nearly a body each: the oldest are told 503, and others are served meanwhile."""
    settings = Settings(max_body=100_000, max_body_memory=1_000_000)
    half = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 100000\r\n\r\n" + b"a" * 90_000
    with serving(settings) as address, contextlib.ExitStack() as stack:
        half_sent = [stack.enter_context(socket.create_connection(address, timeout=20)) for _ in range(20)]
        for connection in half_sent:
            connection.sendall(half)
        with socket.create_connection(address, timeout=20) as honest:
            assert b'"length": 2' in one_answer(honest)
        # 1,000,000 bytes hold eleven halves, of whichever order they were read in.
        cut = [connection for connection in half_sent if _is_over(connection)]
        assert len(cut) >= 9
        assert {status(everything(connection)) for connection in cut} == {503}
        rest = next(connection for connection in half_sent if connection not in cut)
        rest.sendall(b"a" * 10_000)
        assert b'"length": 100000' in answer_on(rest)


def _is_over(connection: socket.socket) -> bool:
    """Say whether the server has said something or closed, within a moment."""
    readable, _, _ = select.select([connection], [], [], 0.2)
    return bool(readable)


def test_requests_that_do_not_wait_for_their_answers_are_few() -> None:
    """Some may come ahead; thousands in one piece would be parsed at a stretch while everybody else waits."""
    one = b"GET /x HTTP/1.1\r\nhost: a\r\n\r\n"
    with serving(PATIENT) as address:
        few = answer_to(address, one * 8, b"GET /x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        assert few.count(b"HTTP/1.1 200") == 9
        many = answer_to(address, one * 9_500)
        assert many.count(b"HTTP/1.1 200") < 64


@pytest.mark.parametrize(
    ("size", "extension"), [(1, b""), (1, b";a"), (32, b"")], ids=["one byte", "and an extension", "thirty-two bytes"]
)
def test_a_body_in_crumbs_is_cut_after_few_of_them(
    monkeypatch: pytest.MonkeyPatch, size: int, extension: bytes
) -> None:
    """Each chunk is work of its own, which may not be more than its bytes are worth: calls of the parser are counted."""
    calls = Counter[str]()

    def count(name: str) -> None:
        real = getattr(LimitedProtocol, name)

        def counting(self: LimitedProtocol, *args: bytes) -> None:
            calls[name] += 1
            real(self, *args)

        monkeypatch.setattr(LimitedProtocol, name, counting)

    count("on_body")
    count("on_chunk_header")
    head = b"POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"
    crumb = b"%x%b\r\n%b\r\n" % (size, extension, b"a" * size)
    with serving(PATIENT) as address:
        assert status(answer_to(address, head, crumb * (MAX_UNSIGNED // size), b"0\r\n\r\n")) == 413
    assert calls["on_body"] < calls["on_chunk_header"] <= 2 * FREE_CHUNKS + 1


def test_an_upload_in_honest_chunks_passes() -> None:
    """A few hundred bytes each, and some small ones at the beginning, as encoders flush them; signed or not."""
    head = b"POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\nx-amz-target: %b\r\ntransfer-encoding: chunked\r\n\r\n"
    small = b"1\r\na\r\n" * 200
    piece = b"64\r\n" + b"a" * 100 + b"\r\n"
    with serving(Settings(), signed_targets={b"Signed"}) as address:
        for target, most in ((b"Open", MAX_UNSIGNED), (b"Signed", Settings().max_body)):
            body = small + piece * ((most - 200) // 100)
            assert status(answer_to(address, head % target, body, b"0\r\n\r\n")) == 200


def test_the_bytes_of_a_body_without_chunks_may_come_one_by_one() -> None:
    """What a slow line cuts into pieces is no chunk, and each comes in its own turn of the loop."""
    length = 3 * FREE_CHUNKS
    head = b"POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % length
    with serving(PATIENT) as address:
        assert status(answer_to(address, head, *[b"a"] * length)) == 200


def test_each_message_on_a_connection_has_its_own_chunks() -> None:
    """What the one before it used up is not missing to the next."""
    chunked = b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n"
    body = b"1\r\na\r\n" * (FREE_CHUNKS - 1) + b"0\r\n\r\n"
    with serving(PATIENT) as address, socket.create_connection(address, timeout=20) as connection:
        for _ in range(3):
            connection.sendall(chunked + body)
            assert status(answer_on(connection)) == 200
