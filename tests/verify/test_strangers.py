"""Who has signed nothing costs little: no body is read of theirs, nothing of their headers is kept, nobody waits twice."""

import asyncio
import io
import socket
import threading
from typing import Any

import pytest

from api.principals import person
from api.world import World
from poolkeeper.verify import VerifiedASGI, VerifiedWSGI
from poolkeeper.verify.connection import Connections
from verify.stage import HOST, Asker, root, sign
from verify.store import verifier

PIECE = b"x" * 65_536


async def nobody(*_: Any) -> None:
    """Stand for an application that is never asked."""
    raise AssertionError


@pytest.mark.parametrize("authorization", ["", "Bearer abc", "AWS4-HMAC-SHA256 Credential=a"])
@pytest.mark.parametrize("query", ["", "delete"])
def test_no_body_is_read_of_who_signed_nothing(world: World, authorization: str, query: str) -> None:
    """The server says what is missing, and is asked without it."""
    asked, read = verifier(world, "things"), list[int]()
    status = 403 if authorization else 401

    async def receive() -> Any:
        read.append(len(PIECE))
        return {"type": "http.request", "body": PIECE, "more_body": True}

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    lines = [(b"host", HOST.encode()), (b"transfer-encoding", b"chunked")]
    if authorization:
        lines.append((b"authorization", authorization.encode()))
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "path": "/",
        "raw_path": b"/",
        "query_string": query.encode(),
        "client": ("192.0.2.1", 1),
        "headers": lines,
    }
    asyncio.run(VerifiedASGI(nobody, asked)(scope, receive, send))
    assert (sent[0]["status"], read) == (status, [])

    stream, statuses = io.BytesIO(PIECE), list[int]()
    environ = {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/",
        "QUERY_STRING": query,
        "HTTP_HOST": HOST,
        "CONTENT_LENGTH": str(len(PIECE)),
        "wsgi.input": stream,
        **({"HTTP_AUTHORIZATION": authorization} if authorization else {}),
    }
    unasked: Any = nobody
    b"".join(VerifiedWSGI(unasked, asked)(environ, lambda line, *_: statuses.append(int(line[:3]))))
    assert (statuses, stream.tell()) == ([status], 0)
    asked.close()


def test_a_whole_body_is_not_out_before_its_check(world: World) -> None:
    """Some servers hand out the end of a body by itself; an application may count bytes instead of waiting for it."""
    asked, got = verifier(world, "things"), list[bytes]()

    async def counting(_scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while len(body) < 6:
            message = await receive()
            if message["type"] != "http.request":
                return
            body += message["body"]
        got.append(body)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"served"})

    signed = sign(person(world), "PUT", "/a", body=b"pay 10", hashed=True)
    for pieces, status in (((b"pay 10", b""), 200), ((b"pay 99", b""), 400), ((b"pa", b"", b"y 9", b"9", b""), 400)):
        left = [
            {"type": "http.request", "body": one, "more_body": at < len(pieces)} for at, one in enumerate(pieces, 1)
        ]
        sent: list[Any] = []

        async def receive(left: list[Any] = left) -> Any:
            return left.pop(0)

        async def send(message: Any, sent: list[Any] = sent) -> None:
            sent.append(message)

        lines = [("host", HOST), *signed.headers.items(), ("content-length", "6")]
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": "PUT",
            "path": "/a",
            "raw_path": b"/a",
            "query_string": b"",
            "client": ("192.0.2.1", 1),
            "headers": [(name.lower().encode(), value.encode()) for name, value in lines],
        }
        asyncio.run(VerifiedASGI(counting, asked)(scope, receive, send))
        assert sent[0]["status"] == status
    assert got == [b"pay 10"]
    asked.close()


def test_a_server_that_hangs_is_waited_for_once() -> None:
    """However many connections were kept."""
    tries: list[bytes] = []

    def hear(one: socket.socket) -> None:
        with one:
            while said := one.recv(65_536):
                tries.append(said)

    connections = Connections("http://127.0.0.1:1/verify/x", seconds=0.3)
    threads = []
    for _ in range(4):
        near, far = socket.socketpair()
        kept = connections._kind("127.0.0.1", 1)
        kept.sock = near
        connections._idle.append(kept)
        threads.append(threading.Thread(target=hear, args=(far,)))
        threads[-1].start()
    with pytest.raises(TimeoutError):
        connections.post({}, b"")
    assert len(connections._idle) == 3
    connections.close()
    for one in threads:
        one.join(30)
    assert len(tries) <= 2


def test_nothing_of_a_header_is_in_the_log(world: World) -> None:
    """Tokens and passwords come in it, of clients that mean something else."""
    before = len(world.log)
    for header in ("Bearer eyJhbGciOi.of-somebody", "Basic dXNlcjpzZWNyZXRwYXNz"):
        assert Asker(world)(sign(root(world)).but(headers={"Authorization": header})).status == 403
    told = b"".join(world.log[before:])
    assert b"verifier things-nginx" in told
    assert b"of-somebody" not in told
    assert b"dXNlcjpzZWNyZXRwYXNz" not in told
