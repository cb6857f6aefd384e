"""A request that whoever serves it could read otherwise than it was judged is refused, whoever signed it."""

import asyncio
import hashlib
import http.client
import time
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import botocore.auth
import pytest

from api.principals import Holder, allow, person
from api.world import REGION, World, round_to_second, running, settings_for
from poolkeeper.crypto import sigv4
from poolkeeper.verifier_settings import read_verifiers
from poolkeeper.verify import Refused, VerifiedASGI, Verifier
from verify import test_middleware as middleware
from verify.stage import HOST, SECRET, Asker, Signed, sign, verifiers
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
    given: dict[str, Any] = {**but, name.replace("-", "_"): f"{first},{second}"}
    signed = sign(**given)
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
    given: Any = {name.replace("-", "_"): second}
    once = sign(ada, "PUT", "/store/own/a", service="s3", **given)
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
    of_api, of_s3 = Asker(world, name="api"), Asker(world, name="s3")
    told = of_api(sign(ada, target=path, service="execute-api"))
    assert (told.status, "in more than one way" in told.body) == (403, True)
    told = of_s3(sign(ada, target=quote(unquote(path), safe="/"), service="s3"))
    assert (told.status, "in more than one way" in told.body) == (403, True)
    told = of_api(sign(ada, target="/pets/one;a", service="execute-api"))
    assert (told.status, "begin of parameters" in told.body) == (403, True)
    assert of_s3(sign(ada, target="/pets/one%3Ba", service="s3")).status == 200


def test_names_that_are_read_as_others(world: World) -> None:
    """Whatever reads underscores as hyphens would find what nobody judged, or another host than was signed."""
    asked, ada = verifier(world, "s3"), person(world, allow("s3:PutObject", resource=f"{STORE}/own/*"))
    signed = sign(ada, "PUT", "/store/own/a", service="s3")
    assert ask_asgi(asked, signed)[0] == 200
    odd = ("x_amz_copy_source", "x-amz_acl", "authorization_", "content_type", "content_length", "host_", "x_minio_a")
    for line in (*((name, "store/secret/x") for name in odd), ("host", "theirs.test")):
        assert ask_asgi(asked, signed, line) == (403, None), line
        if "_" in line[0]:
            assert ask_server(world, "s3", signed, line) == 403, line
    asked.close()


def presigned(world: World, holder: Holder, method: str, path: str, query: str, payload: str = "") -> Signed:
    """Sign an address of S3 beforehand, by the hash of a body where one is given."""
    stamp = world.clock.datetime().strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/{REGION}/s3/aws4_request"
    headers = {"x-amz-content-sha256": payload} if payload else {}
    names = sorted(["host", *headers])
    more = {
        "Algorithm": "AWS4-HMAC-SHA256",
        "Credential": f"{holder.access_key_id}/{scope}",
        "Date": stamp,
        "Expires": "600",
        "SignedHeaders": ";".join(names),
    }
    query = "&".join([query, *(f"X-Amz-{name}={quote(value, safe='')}" for name, value in more.items())])
    canonical = sigv4.canonical_request(
        method=method,
        path=path,
        query=query,
        headers=[("host", HOST), *headers.items()],
        signed_headers=names,
        payload_hash=payload or "UNSIGNED-PAYLOAD",
        of_s3=True,
    )
    key = sigv4.signing_key(holder.secret, date=stamp[:8], region=REGION, service="s3")
    signature = sigv4.sign(key, sigv4.string_to_sign(timestamp=stamp, scope=scope, canonical_request=canonical))
    return Signed(method, f"{path}?{query}&X-Amz-Signature={signature}", headers)


def test_a_list_of_keys_that_was_signed_is_not_another(world: World) -> None:
    """Whoever holds the address does not choose which objects go."""
    ada = person(world, allow("s3:DeleteObject", resource=f"{STORE}/own/*"))
    one, other = (f"<Delete><Object><Key>own/{key}</Key></Object></Delete>".encode() for key in ("scrap", "precious"))
    signed = presigned(world, ada, "POST", "/store", "delete", hashlib.sha256(one).hexdigest())
    for ask in (middleware.ask_wsgi, middleware.ask_asgi):
        asked, seen = verifier(world, "s3"), middleware.Seen()
        assert ask(asked, signed.but(body=one), seen)[0] == 200
        assert ask(asked, signed.but(body=other), seen)[0] == 403
        assert seen.bodies == [one]
        asked.close()


def test_a_word_in_the_query_leaves_no_body_unread(world: World) -> None:
    """A body is not signed where the signature is in the address, and nowhere else."""
    ada = person(world, allow("execute-api:Invoke"))
    query = "X-Amz-Signature=x&X-Amz-Algorithm=y"
    for name, service in (("things", "things"), ("api", "execute-api")):
        for ask in (middleware.ask_wsgi, middleware.ask_asgi):
            asked, seen = verifier(world, name), middleware.Seen()
            for target in (f"/a?{query}", "/a?X-Amz-Signature=x"):
                signed = sign(ada, "POST", target, service=service)
                assert ask(asked, signed.but(body=b"anything at all"), seen)[0] == 403
            assert seen.bodies == []
            asked.close()


def test_a_semicolon_parts_no_parameters(world: World) -> None:
    """What was signed as %3B is right as `;` too, which some stores read as `&`."""
    asked, ada = Asker(world, name="s3"), person(world, allow("s3:GetObject", resource=f"{STORE}/own/*"))
    signed = presigned(world, ada, "GET", "/store/own/a", "response-content-disposition=x%3Bacl")
    assert asked(signed).status == 200
    assert asked(signed.but(target=signed.target.replace("x%3Bacl", "x;acl"))).status == 403


def test_a_verifier_is_not_of_the_servers_own_services() -> None:
    """Whoever asks would be given the key with which the account is managed."""
    for service in ("iam", "sts", "cognito-idp", "cognito-identity", "kms"):
        entry = {"service": service, "hosts": [HOST], "secrets": [SECRET], "proxy": "python"}
        found, faults = read_verifiers({"own": entry})
        assert (found, len(faults)) == ((), 1)
        assert "none that this server answers itself" in faults[0]


def test_words_of_stores_are_refused(world: World) -> None:
    """What MinIO and Ceph do beside S3 has no action that a policy could speak of."""
    ada = person(world, allow("s3:*", resource=f"{STORE}/*"))
    asked = verifier(world, "s3")
    signed = sign(ada, "PUT", "/store/own/a", service="s3")
    for name in ("X-Minio-Force-Delete", "X-Rgw-Anything"):
        assert Asker(world, name="s3")(signed, **{name: "true"}).status == 403
        assert ask_asgi(asked, signed, (name, "true")) == (403, None)
    signed = sign(ada, "PUT", "/store/own/a", service="s3", x_amz_meta_snowball_auto_extract="true")
    assert Asker(world, name="s3")(signed).status == 403
    assert ask_asgi(asked, signed) == (403, None)
    asked.close()


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-Method-Override", "X-Original-URL", "X-Rewrite-URL"])
def test_another_method_or_path_must_be_signed(world: World, name: str) -> None:
    """Nor does a browser's question before a request go through with one."""
    asked, ada, seen = verifier(world, "api"), person(world, allow("execute-api:Invoke")), middleware.Seen()
    override: Any = {name: "DELETE"}
    signed = sign(ada, "GET", "/pets/1", service="execute-api")
    question = Signed("OPTIONS", "/pets/1", {"Access-Control-Request-Method": "GET"})
    for ask in (middleware.ask_wsgi, middleware.ask_asgi):
        assert ask(asked, signed, seen)[0] == 200
        assert ask(asked, signed, seen, **override)[0] == 403
        assert ask(asked, question, seen, preflight=True)[0] == 200
        assert ask(asked, question, seen, preflight=True, **override)[0] == 403
    asked.close()


def test_the_path_of_an_application_is_the_one_that_was_judged(world: World) -> None:
    """Where the path as it was sent is another one, the application does not find it."""
    path = "/store/own/\ufffd\ufffd/x"
    ada = person(world, allow("s3:GetObject", resource=f"{STORE}/own/*"))
    asked, signed = verifier(world, "s3"), sign(ada, "GET", quote(path), service="s3")
    status, got = ask_asgi(asked, signed, path=path, raw_path=b"/store/own/%C0%AE/x")
    assert (status, got["raw_path"]) == (200, quote(path).encode())
    asked.close()


def test_a_client_does_not_say_where_it_is(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it signs that: an application on a socket of the machine knows no address to put in its place."""
    asked, told = verifier(world, "things"), list[Any]()
    post = asked._connections.post

    def heard(headers: Any, body: bytes) -> Any:
        told.append(headers)
        return post(headers, body)

    monkeypatch.setattr(asked._connections, "post", heard)
    signed = sign(person(world), x_forwarded_for="10.9.8.7", forwarded="for=10.9.8.7")
    assert ask_asgi(asked, signed, client=None)[0] == 403
    assert not {"x-forwarded-for", "forwarded"} & {name.lower() for name in told[0]}
    asked.close()


@pytest.mark.parametrize(
    ("name", "value"), [("x-amz-a", "a\nb"), ("x-amz-a", "a\r\n b"), ("x-amz-a:", "x"), ("x-amz-\x7f", "x")]
)
def test_a_header_that_is_none_is_refused(world: World, name: str, value: str) -> None:
    """And never an accident of the application's."""
    asked, signed = verifier(world, "things"), sign(person(world))
    lines = [("host", HOST), *((given.lower(), said) for given, said in signed.headers.items()), (name, value)]
    with pytest.raises(Refused) as refused:
        asked.ask("GET", signed.target, lines)
    assert refused.value.status == 403
    asked.close()


def test_the_key_that_everybody_knows_is_for_no_page_of_another_site(world: World) -> None:
    """Nor is its signing key given out, by which an application would go on without a question."""
    known = Holder(world, "", "test", "test")
    for name, service in (("s3", "s3"), ("things", "things")):
        signed = sign(known, target="/store/a", service=service)
        asked = verifier(world, name)
        for origin, status in (("http://localhost:3000", 200), ("https://evil.example", 403), ("null", 403)):
            assert Asker(world, name=name)(signed, Origin=origin).status == status
            assert ask_asgi(asked, signed, ("origin", origin))[0] == status
        asked.close()
