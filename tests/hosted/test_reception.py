"""Is every request received alike? Methods, forms that cannot be read, scripts of other sites, and a line in the log for each."""

import asyncio
import json
from typing import Any

import pytest
from starlette.responses import PlainTextResponse, Response

from api.world import World
from hosted.places_of_tests import Estate, asked, estate
from poolkeeper.call import Call
from poolkeeper.hosted.reception import Reception
from poolkeeper.hosted.visit import Endpoint, Visit

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def juniper(world: World) -> Estate:
    """Make a pool at the development server."""
    return estate(world)


def test_a_method_that_is_not_for_an_address_is_told_which_are(juniper: Estate) -> None:
    """405 names them (RFC 9110 section 15.5.6), and is not kept."""
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        answer = juniper.authorize(*juniper.forms["bare"])
        assert answer.status_code == 303
        answer = juniper.ask("localhost", "/oauth2/authorize", method=method)
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, POST")
        assert answer.headers["cache-control"] == "no-store"
    prefix, _ = juniper.forms["prefix"]
    answer = juniper.ask(prefix, "/.well-known/jwks.json", method="POST")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    ("query", "body", "kind"),
    [
        ("client_id=a&client_id=b", b"", FORM),
        ("a=%00", b"", FORM),
        ("a=%ff", b"", FORM),
        ("&".join(f"a{n}=1" for n in range(51)), b"", FORM),
        ("", b"client_id=a&client_id=b", FORM),
        ("", b"a=%c0%af", FORM),
        ("", b"a=%00", f"{FORM}; charset=UTF-8"),
        ("", b"a=\xff", FORM),
        ("", b'{"client_id": "a"}', "application/json"),
        ("", b"client_id=a", "text/plain"),
        ("", b"client_id=a", ""),
        ("", b"--x\r\n", "multipart/form-data; boundary=x"),
    ],
)
def test_what_cannot_be_read_in_one_way_is_refused(juniper: Estate, query: str, body: bytes, kind: str) -> None:
    """In every form, before anybody is looked for; the answer repeats nothing of it."""
    for host, mount in juniper.forms.values():
        path = f"{mount}/oauth2/authorize" + (f"?{query}" if query else "")
        answer = juniper.ask(host, path, method="POST", content=body, headers={"Content-Type": kind})
        assert answer.status_code == 400, (host, mount)
        assert answer.headers["cache-control"] == "no-store"


def test_a_form_is_read_however_its_type_is_written(juniper: Estate) -> None:
    """Media types know no case, and a charset beside it says nothing new."""
    body = f"client_id={juniper.client.client_id}&response_type=code&redirect_uri=https%3A%2F%2Fapp.example%2Fcallback"
    for kind in (FORM, FORM.upper(), f"{FORM};charset=UTF-8", f" {FORM} ; charset=utf-8"):
        answer = juniper.ask(
            "localhost", "/oauth2/authorize", method="POST", content=body.encode(), headers={"Content-Type": kind}
        )
        assert answer.headers["location"].startswith("/login?"), kind


def test_every_answer_has_an_id_and_a_line_in_the_log(juniper: Estate) -> None:
    """Also what is refused: with the path within the place, and the pool where one was found."""
    pool_id, world = juniper.pool.pool_id, juniper.world
    path, mount = "/oauth2/authorize", f"/_domains/{juniper.prefix}"
    answers = {
        "found": juniper.authorize("localhost", mount),
        "nobodys": juniper.authorize("nobody.auth.localhost", ""),
        "nameless": juniper.ask("localhost", path),
        "method": juniper.ask("localhost", path, method="PUT"),
        "unread": juniper.ask("localhost", f"{path}?a=%00"),
    }
    lines = {line["request_id"]: line for line in map(json.loads, world.log) if "request_id" in line}
    told = {name: lines[answer.headers["x-amz-cognito-request-id"]] for name, answer in answers.items()}
    assert {line["operation"] for line in told.values()} == {path}
    assert {name: line["status"] for name, line in told.items()} == {
        "found": 303,
        "nobodys": 404,
        "nameless": 400,
        "method": 405,
        "unread": 400,
    }
    assert told["found"]["pool"] == pool_id
    assert not any(pool_id in json.dumps(line) for name, line in told.items() if name != "found")


def open_to_all(world: World) -> Reception:
    """Return a reception with one endpoint that scripts of any site may call: it says how it was asked."""

    async def told(visit: Visit) -> Response:
        return PlainTextResponse(f"{visit.method} {visit.place.mount} {visit.path} {dict(visit.form)}")

    async def nowhere(_scope: Any, _receive: Any, _send: Any) -> None:
        raise AssertionError("this is for the reception")

    def record(_call: Call, _service: str, _path: str, _status: int, _microseconds: int) -> None:
        """Forget it."""

    def failed(_request_id: str, fault: Exception) -> None:
        raise fault

    def refuse(status: int, text: str, _request_id: str, _language: str) -> Response:
        return PlainTextResponse(text, status)

    return Reception(
        world.house,
        {"/told": Endpoint(service="oauth", refuse=refuse, post=told, cross_origin=True)},
        make_call=world.app._call,
        record=record,
        failed=failed,
        address_of=lambda _scope: "127.0.0.1",
        otherwise=nowhere,
    )


def knocked(
    world: World, method: str, host: str, *messages: dict[str, Any], content_type: str = FORM
) -> list[dict[str, Any]]:
    """Send raw ASGI messages to that reception and return what it sends."""
    sent: list[dict[str, Any]] = []
    waiting = iter(messages)

    async def receive() -> dict[str, Any]:
        return next(waiting)

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "scheme": "http",
        "path": "/told",
        "raw_path": b"/told",
        "query_string": b"",
        "headers": [(b"host", host.encode()), (b"content-type", content_type.encode())],
    }
    work = open_to_all(world)(scope, receive, send)
    asyncio.run_coroutine_threadsafe(work, world.loop).result(30)
    return sent


def test_scripts_of_any_site_are_answered_whatever_the_answer_is(juniper: Estate) -> None:
    """Without cookies; a preflight needs no pool, and a refusal can be read as well (attacks.md 91)."""
    prefix, _ = juniper.forms["prefix"]
    body = {"type": "http.request", "body": b"a=b", "more_body": False}
    for method, host, kind, status in (
        ("POST", prefix, FORM, 200),
        ("POST", prefix, "text/plain", 400),
        ("POST", "nobody.auth.localhost", FORM, 404),
        ("POST", "localhost", FORM, 400),
        ("GET", prefix, FORM, 405),
        ("OPTIONS", prefix, FORM, 204),
        ("OPTIONS", "localhost", FORM, 204),
    ):
        start, *_ = knocked(juniper.world, method, host, body, content_type=kind)
        headers = {name.decode(): value.decode() for name, value in start["headers"]}
        assert start["status"] == status, (method, host)
        assert headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in headers
        assert "WWW-Authenticate" in headers["access-control-expose-headers"]
        if method == "OPTIONS":
            assert "Authorization" in headers["access-control-allow-headers"]


def test_a_client_that_goes_away_while_it_sends_is_no_accident(juniper: Estate) -> None:
    """It is answered nothing, and nothing is logged as a fault."""
    prefix, _ = juniper.forms["prefix"]
    part = {"type": "http.request", "body": b"a=", "more_body": True}
    assert knocked(juniper.world, "POST", prefix, part, {"type": "http.disconnect"}) == []


def test_a_page_below_a_domain_is_not_one_of_the_servers_own(world: World) -> None:
    """What the reception does not know goes on with its path within the place: keys are found, the API is not."""
    one = estate(world)
    host, mount = one.forms["path"]
    assert one.ask(host, f"{mount}/{one.pool.pool_id}/.well-known/jwks.json").status_code == 200
    assert asked(world, host, f"{mount}/", method="POST").status_code == 405
