"""A request that whoever serves it could read otherwise than it was judged is refused, whoever signed it."""

import asyncio
import http.client
from typing import Any

import pytest

from api.principals import allow, person
from api.world import World
from poolkeeper.verify import VerifiedASGI, Verifier
from verify.stage import HOST, SECRET, Signed, sign
from verify.store import verifier

STORE = "arn:aws:s3:::store"
Lines = list[tuple[str, str]]


def ask_server(world: World, name: str, signed: Signed, *more: tuple[str, str]) -> int:
    """Ask as nginx does about a request whose lines may come twice; return the status."""
    told = {"Method": signed.method, "URI": signed.target, "Host": signed.host}
    connection = http.client.HTTPConnection(world.url.partition("://")[2], timeout=30)
    try:
        connection.putrequest("GET", f"/verify/{name}-nginx", skip_accept_encoding=True)
        own = [*((f"X-Original-{one}", value) for one, value in told.items()), ("X-Poolkeeper-Verifier", SECRET)]
        for line in (*own, *signed.headers.items(), *more):
            connection.putheader(*line)
        connection.endheaders()
        return connection.getresponse().status
    finally:
        connection.close()


def ask_asgi(asked: Verifier, signed: Signed, *more: tuple[str, str], messages: Any = None, **scope: Any) -> Any:
    """Ask an ASGI application behind the middleware; return the status and the scope that the application got, or None."""
    path, _, query = signed.target.partition("?")
    lines = [("host", signed.host), *signed.headers.items(), *more]
    told = {
        "type": "http",
        "http_version": "1.1",
        "method": signed.method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "client": ("192.0.2.1", 1),
        "headers": [(name.lower().encode(), value.encode()) for name, value in lines],
        **scope,
    }
    left = messages or [{"type": "http.request", "body": signed.body, "more_body": False}]
    sent: list[Any] = []
    got: list[Any] = []

    async def application(given: Any, _receive: Any, send: Any) -> None:
        got.append(given)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"served"})

    async def receive() -> Any:
        return left.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(VerifiedASGI(application, asked)(told, receive, send))
    return sent[0]["status"], got[0] if got else None


def twice(name: str, first: str, second: str, **but: Any) -> tuple[Signed, tuple[str, str]]:
    """Return what is signed with two values of a header, as they are joined, and the line that is the second of them."""
    signed = sign(**but, **{name.replace("-", "_"): f"{first},{second}"})
    said = {given: first if given.lower() == name else value for given, value in signed.headers.items()}
    return Signed(signed.method, signed.target, said), (name, second)


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("x-amz-copy-source", "store/secret/x", "store/free/a"),
        ("x-amz-acl", "public-read", "private"),
        ("x-amz-meta-color", "red", "blue"),
        ("content-type", "text/html", "text/plain"),
    ],
)
def test_a_header_that_was_sent_twice(world: World, name: str, first: str, second: str) -> None:
    """Signed are both values, joined; a store reads the first or the last of them."""
    put = allow("s3:PutObject", "s3:PutObjectAcl", resource=f"{STORE}/own/*")
    ada = person(world, put, allow("s3:GetObject", resource=f"{STORE}/*"))
    signed, line = twice(name, first, second, holder=ada, method="PUT", target="/store/own/a", service="s3")
    once = sign(ada, "PUT", "/store/own/a", service="s3", **{name.replace("-", "_"): second})
    asked = verifier(world, "s3")
    assert (ask_server(world, "s3", once), ask_asgi(asked, once)[0]) == (200, 200)
    assert ask_server(world, "s3", signed, line) == (400 if name == "content-type" else 403)
    assert ask_asgi(asked, signed, line)[0] == 403
    asked.close()
