"""Applications of either kind behind the middleware: who signed, whose body it is, and how long a key is good."""

import asyncio
import hashlib
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest

from api.principals import person
from api.world import World
from poolkeeper.verify import Principal, Refused, VerifiedASGI, VerifiedWSGI, Verifier
from poolkeeper.verify.bodies import BodyMismatch, CheckedBody
from verify.stage import SECRET, Signed, sign
from verify.store import verifier

BODY = b"text" * 40_000


@dataclass
class Seen:
    """What an application got: whole bodies, who signed, and what its headers said."""

    bodies: list[bytes] = field(default_factory=list)
    principals: list[Principal] = field(default_factory=list)
    arns: list[str] = field(default_factory=list)


def ask_wsgi(asked: Verifier, signed: Signed, seen: Seen, *, preflight: bool = False, **more: str) -> tuple[int, bytes]:
    """Send a request to a WSGI application behind the middleware."""

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        body = environ["wsgi.input"].read()
        seen.bodies.append(body)
        if "poolkeeper.principal" in environ:
            seen.principals.append(environ["poolkeeper.principal"])
        seen.arns.append(environ.get("HTTP_X_POOLKEEPER_PRINCIPAL_ARN", ""))
        start_response("200 OK", [])
        return [b"served"]

    path, _, query = signed.target.partition("?")
    environ = {
        "REQUEST_METHOD": signed.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "RAW_URI": signed.target,
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(signed.body)),
        "REMOTE_ADDR": "192.0.2.1",
        "wsgi.input": io.BytesIO(signed.body),
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in {**signed.headers, **more}.items()},
        "HTTP_HOST": signed.host,
    }
    statuses: list[int] = []

    def started(status: str, _headers: Any, _exc_info: Any = None) -> None:
        statuses.append(int(status[:3]))

    content = b"".join(VerifiedWSGI(application, asked, preflight=preflight)(environ, started))
    return statuses[-1], content


def ask_asgi(asked: Verifier, signed: Signed, seen: Seen, *, preflight: bool = False, **more: str) -> tuple[int, bytes]:
    """Send a request to an ASGI application behind the middleware, its body in pieces."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        body, more_body = b"", True
        while more_body:
            message = await receive()
            if message["type"] == "http.disconnect":
                break
            body, more_body = body + message["body"], message["more_body"]
        else:
            seen.bodies.append(body)
        if "poolkeeper.principal" in scope.get("state", {}):
            seen.principals.append(scope["state"]["poolkeeper.principal"])
        seen.arns += [value.decode() for name, value in scope["headers"] if name == b"x-poolkeeper-principal-arn"]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"served"})

    path, _, query = signed.target.partition("?")
    headers = {**signed.headers, **more, "Host": signed.host, "Content-Length": str(len(signed.body))}
    scope = {
        "type": "http",
        "method": signed.method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("192.0.2.1", 1),
    }
    pieces = [signed.body[at : at + 65_536] for at in range(0, len(signed.body), 65_536)] or [b""]
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        piece = pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(VerifiedASGI(application, asked, preflight=preflight)(scope, receive, send))
    return sent[0]["status"], b"".join(one.get("body", b"") for one in sent)


KINDS = pytest.mark.parametrize("ask", [ask_wsgi, ask_asgi], ids=["wsgi", "asgi"])


@KINDS
def test_an_application_hears_who_signed(world: World, ask: Any) -> None:
    """In its own words and in headers, over whatever a client says; with the body's hash sent, or not."""
    asked, seen, ada = verifier(world, "things"), Seen(), person(world)
    forged = {"X-Poolkeeper-Principal-Arn": "arn:aws:iam::000000000000:root"}
    for hashed in (True, False):
        signed = sign(ada, "PUT", "/a/b?c=d", body=BODY, hashed=hashed)
        assert ask(asked, signed, seen, **forged) == (200, b"served")
    assert seen.bodies == [BODY, BODY]
    assert seen.arns == [ada.arn, ada.arn]
    assert [one.arn for one in seen.principals] == [ada.arn, ada.arn]
    assert seen.principals[0].content_sha256 == hashlib.sha256(BODY).hexdigest()
    asked.close()


@KINDS
def test_an_application_never_has_another_body_whole(world: World, ask: Any) -> None:
    """Changed, cut, longer or none: 400 where the hash was sent, 403 where it was not."""
    asked, seen, ada = verifier(world, "things"), Seen(), person(world)
    for hashed, status in ((True, 400), (False, 403)):
        signed = sign(ada, "PUT", body=BODY, hashed=hashed)
        for other in (b"T" + BODY[1:], BODY[:-1], BODY + b"t", b""):
            assert ask(asked, signed.but(body=other), seen)[0] == status
    assert seen.bodies == []
    asked.close()


@KINDS
def test_nobody_comes_in_unsigned_or_with_too_much(world: World, ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Browsers' questions pass where the operator lets them; a body that must be held has an end."""
    asked, seen = verifier(world, "things"), Seen()
    nobody = sign(person(world)).but(headers={"Authorization": None})
    assert ask(asked, nobody, seen)[0] == 401
    question = Signed("OPTIONS", "/a", {"Access-Control-Request-Method": "PUT"})
    assert ask(asked, question, seen)[0] == 401
    assert ask(asked, question, seen, preflight=True)[0] == 200
    monkeypatch.setattr("poolkeeper.verify.bodies.MOST_HELD", len(BODY) - 1)
    assert ask(asked, sign(person(world), "PUT", body=BODY), seen)[0] == 413
    assert (seen.bodies, seen.principals) == ([b""], [])
    asked.close()


@KINDS
def test_where_nobody_can_be_asked_nobody_comes_in(ask: Any) -> None:
    """503, and no door stands open because the server is away."""
    seen = Seen()
    away = Verifier("http://127.0.0.1:1/verify/things", secret="x" * 16)
    assert ask(away, Signed("GET", "/", {}), seen)[0] == 503
    assert seen.bodies == []


def test_what_is_no_verifier_lets_nobody_in_and_is_told(
    world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page, an address of nothing, a server that is away: 503, and the application's log says so, once until one answers."""
    seen, signed = Seen(), sign(person(world))
    unknown = "it has no verifier of that name with that secret"
    for path, secret, why in (
        ("/health", SECRET, "what answers is no verifier: "),
        ("/nobodys/address", SECRET, "what answers is no verifier: "),
        ("/verify/thinks-python", SECRET, unknown),
        ("/verify/things-python", f"{SECRET}x", unknown),
    ):
        caplog.clear()
        wrong = Verifier(f"{world.url}{path}", secret=secret, clock=world.clock)
        for _ in range(2):
            status, body = ask_wsgi(wrong, signed, seen)
            assert (status, b"not available" in body) == (503, True), path
        (line,) = told(caplog)
        assert f"{world.url}{path} cannot be asked ({why}" in line
        wrong.close()

    caplog.clear()
    asked = verifier(world, "things")
    with monkeypatch.context() as patched:
        patched.setattr(asked._connections, "post", _away)
        assert [ask_wsgi(asked, signed, seen)[0] for _ in range(2)] == [503, 503]
    assert [ask_wsgi(asked, signed, seen)[0] for _ in range(2)] == [200, 200]
    assert [("cannot be asked (nobody is there)" in line, line.endswith("answers again")) for line in told(caplog)] == [
        (True, False),
        (False, True),
    ]
    asked.close()
    for url in (world.url, f"{world.url}/", "127.0.0.1:7665/verify/things"):
        with pytest.raises(ValueError, match="is not the address of a verifier, such as http"):
            Verifier(url, secret=SECRET)


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what an application's log has of its verifiers."""
    return [one.getMessage() for one in caplog.records if one.name == "poolkeeper.verify"]


def _away(*_: Any) -> Any:
    raise OSError("nobody is there")


def test_a_key_is_good_for_its_minute_and_its_scope(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a question; another signature, region, host or time is asked about, and after a minute each one."""
    asked, ada = verifier(world, "things"), person(world)
    questions: list[str] = []
    post = asked._connections.post

    def counted(*given: Any) -> Any:
        questions.append("asked")
        return post(*given)

    monkeypatch.setattr(asked._connections, "post", counted)

    def ask(signed: Signed) -> str:
        headers = [("host", signed.host), *((name.lower(), value) for name, value in signed.headers.items())]
        try:
            return asked.ask(signed.method, signed.target, headers).arn
        except Refused as refused:
            return str(json.loads(refused.body)["message"])

    for target in ("/a", "/b?c=d", "/d"):
        assert ask(sign(ada, target=target)) == ada.arn
    assert len(questions) == 1
    assert "does not match" in ask(sign(ada, target="/a").but(target="/b"))
    assert ask(sign(ada, region="eu-west-1")) == ada.arn
    assert "the host elsewhere.test, which is none" in ask(sign(ada, host="elsewhere.test"))
    assert len(questions) == 4
    world.client("iam").update_access_key(UserName=ada.name, AccessKeyId=ada.access_key_id, Status="Inactive")
    assert ask(sign(ada)) == ada.arn
    known = dict(asked._known)
    asked._known.update({name: one.__class__(one.key, one.principal, 0.0) for name, one in known.items()})
    assert "invalid" in ask(sign(ada))
    asked.close()


def test_a_body_is_given_out_in_pieces_but_for_its_end() -> None:
    """Lines and pieces as of any file; after a failure it stays one."""
    text = b"one\ntwo\n" * 20_000
    expected = hashlib.sha256(text).hexdigest()
    for length in (len(text), None):
        whole = io.BufferedReader(CheckedBody(io.BytesIO(text).read, length, expected))
        assert whole.readline() == b"one\n"
        assert whole.read() == text[4:]
        wrong = io.BufferedReader(CheckedBody(io.BytesIO(text + b"x").read, None, expected))
        pieces: list[bytes] = []
        with pytest.raises(BodyMismatch):
            pieces.extend(iter(lambda: wrong.read(10_000), b""))  # noqa: B023 - run at once
        assert len(b"".join(pieces)) < len(text)
        with pytest.raises(BodyMismatch):
            wrong.read()
