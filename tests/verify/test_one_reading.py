"""A request that whoever serves it could read otherwise than it was judged is refused, whoever signed it."""

import asyncio
import http.client
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import botocore.auth
import pytest

from api.principals import allow, person
from api.world import World, round_to_second, running, settings_for
from poolkeeper.verify import VerifiedASGI, Verifier
from verify.stage import SECRET, Asker, Signed, sign, verifiers
from verify.store import verifier

STORE = "arn:aws:s3:::store"
Lines = list[tuple[str, str]]


def ask_server(world: World, name: str, signed: Signed, *more: tuple[str, str]) -> int:
    """Ask as nginx does about a request whose lines may come twice; return the status."""
    told = {"Method": signed.method, "URI": signed.target, "Host": signed.host, "Address": "192.0.2.7"}
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


def test_the_address_of_a_client_is_what_nginx_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never what the client says in X-Forwarded-For, which nginx hands on; a question without it is refused."""
    settings = replace(settings_for(tmp_path), verifiers=verifiers(), trusted_proxies=("127.0.0.1",))
    with running(settings, engine="sqlite", started_at=round_to_second(time.time_ns() // 1_000_000)) as world:
        monkeypatch.setattr(botocore.auth, "get_current_datetime", world.clock.datetime)
        office = {"IpAddress": {"aws:SourceIp": "10.9.8.7/32"}}
        signed = sign(
            person(world, allow("s3:GetObject", resource="*", Condition=office)), target="/store/a", service="s3"
        )
        assert Asker(world, name="s3")(signed, **{"X-Forwarded-For": "10.9.8.7"}).status == 403
        assert Asker(world, name="s3", more={"X-Original-Address": "10.9.8.7"})(signed).status == 200
        assert ask_server(world, "s3", signed, ("X-Original-Address", "10.9.8.7")) == 403


@pytest.mark.parametrize(
    "path", ["/pets/..;/people", "/pets/..;a=b/x", "/pets/;/x", "/pets/%2e%2e%3b/x", "/pets/.;a/x"]
)
def test_parameters_of_a_segment_hide_nothing(world: World, path: str) -> None:
    """Some containers take them away before they resolve a path; an API has none at all."""
    ada = person(world, allow("execute-api:Invoke"), allow("s3:GetObject", resource="*"))
    for name, service in (("api", "execute-api"), ("s3", "s3")):
        assert Asker(world, name=name)(sign(ada, target=path, service=service)).status == 403
    assert Asker(world, name="api")(sign(ada, target="/pets/one;a=b", service="execute-api")).status == 403
    assert Asker(world, name="s3")(sign(ada, target="/pets/one%3Ba=b", service="s3")).status == 200
