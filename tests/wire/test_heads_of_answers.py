"""What does the head of an answer say? What the application told, each line one line, and how the body is written."""

from collections.abc import MutableMapping
from typing import Any

import pytest

from wire.raw_sockets import PATIENT, answer_to, serving

_GET = b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"


def answering(*headers: tuple[bytes, bytes], status: int = 200, body: bytes = b"") -> Any:
    """Return an application that answers with these headers and this body."""

    async def application(scope: MutableMapping[str, Any], _receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    return application


def head_and_body(application: Any, request: bytes = _GET) -> bytes:
    """Return all that is said to a request."""
    with serving(PATIENT, application) as address:
        return answer_to(address, request)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (b"cache-control", b"no-store\r\nset-cookie: a=b"),
        (b"location", b"/\r\nset-cookie: a=b"),
        (b"x-odd\r\nset-cookie", b"a=b"),
        (b"x-odd", b"a\nb"),
        (b"x-odd", b"a\0b"),
    ],
)
def test_a_header_that_would_be_read_as_two_is_not_sent(name: bytes, value: bytes) -> None:
    """The connection ends without an answer, of lines that are remembered too."""
    for _ in range(2):
        assert head_and_body(answering((name, value), (b"content-length", b"0"))) == b""


def test_a_remembered_line_is_of_the_value_that_was_told() -> None:
    """One name with two values, one after the other and in one answer, is told with each of them."""
    for value in (b"no-store", b"max-age=60", b"no-store"):
        said = head_and_body(answering((b"Cache-Control", value), (b"content-length", b"0")))
        assert b"\r\ncache-control: %b\r\n" % value in said
    both = head_and_body(answering((b"vary", b"origin"), (b"vary", b"cookie"), (b"content-length", b"0")))
    assert b"\r\nvary: origin\r\nvary: cookie\r\n" in both


def test_a_body_without_a_length_comes_in_chunks() -> None:
    """Its end is told by the last chunk, unless there is no body at all."""
    said = head_and_body(answering(body=b"abc"))
    assert b"\r\ntransfer-encoding: chunked\r\n" in said
    assert said.endswith(b"\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
    assert b"transfer-encoding" not in head_and_body(answering(status=204))


def test_an_answer_may_end_the_connection() -> None:
    """The client has not asked for it, and is told."""
    kept = _GET.replace(b"connection: close\r\n", b"")
    said = head_and_body(answering((b"Connection", b"Keep-Alive, Close"), (b"content-length", b"0")), kept)
    assert said.count(b"\r\nconnection: ") == 1
