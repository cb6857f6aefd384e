"""Who signs by the key that everybody knows? Whoever develops on this machine, and no page of another site (attacks.md 157)."""

import contextlib
import datetime as dt
import http.client
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.auth
import pytest
from botocore.config import Config
from playwright.sync_api import Browser
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from api.world import REGION, World, refused, round_to_second, running, settings_for
from clients import chromium
from pages.serving import serve
from poolkeeper.crypto import sigv4
from poolkeeper.settings import SettingsError, load

INVALID = ("UnrecognizedClientException", "The security token included in the request is invalid.")


@contextlib.contextmanager
def _running(folder: Path, **settings: Any) -> Iterator[World]:
    known = replace(settings_for(folder), **settings)
    with running(known, engine="sqlite", started_at=round_to_second(time.time_ns() // 1_000_000)) as world:
        yield world


@pytest.fixture
def development(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Run a server in development mode on loopback."""
    with _running(tmp_path) as world:
        monkeypatch.setattr(botocore.auth, "get_current_datetime", world.clock.datetime)
        yield world


@pytest.fixture(scope="module")
def visitor() -> Iterator[Browser]:
    """Run a Chromium for which evil.example is on this machine."""
    with chromium.running("--host-resolver-rules=MAP evil.example 127.0.0.1") as launched:
        yield launched


def _client(world: World, service: str = "cognito-idp", secret: str = "test", **more: Any) -> Any:
    return boto3.client(
        service,
        region_name=REGION,
        endpoint_url=world.url,
        aws_access_key_id=more.pop("key", "test"),
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}),
        **more,
    )


BODY = b'{"MaxResults":1}'


def _headers(world: World, host: str) -> dict[str, str]:
    """Return the headers of a ListUserPools that `test` has signed for a Host, as whoever is at that name would."""
    moment = dt.datetime.fromtimestamp(world.clock.now() / 1000, dt.UTC).strftime("%Y%m%dT%H%M%SZ")
    headers = {
        "host": host,
        "content-type": "application/x-amz-json-1.1",
        "x-amz-date": moment,
        "x-amz-target": "AWSCognitoIdentityProviderService.ListUserPools",
    }
    authorization = sigv4.authorization_header(
        access_key_id="test",
        secret="test",
        region=REGION,
        service="cognito-idp",
        timestamp=moment,
        method="POST",
        path="/",
        query="",
        headers=list(headers.items()),
        payload=BODY,
    )
    return {**headers, "authorization": authorization}


def _signed(world: World, host: str, **others: str) -> tuple[int, dict[str, Any]]:
    return _post(world, "/", BODY, {**_headers(world, host), **others})


def _post(
    world: World, path: str, body: bytes, headers: Mapping[str, str], method: str = "POST"
) -> tuple[int, dict[str, Any]]:
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(world.url).port or 0, timeout=30)
    try:
        connection.request(method, path, body=body, headers=dict(headers))
        answer = connection.getresponse()
        read = answer.read()
    finally:
        connection.close()
    return answer.status, json.loads(read) if read.startswith(b"{") else {}


def test_who_develops_needs_no_key_of_their_own(development: World) -> None:
    """By test / test they are the account's root, whose signatures are checked, and whose sessions last like others."""
    caller = _client(development, "sts").get_caller_identity()
    assert caller["Arn"] == "arn:aws:iam::000000000000:root"
    made = _client(development).create_user_pool(PoolName="by-test")["UserPool"]
    assert made["Name"] == "by-test"
    code, _ = refused(lambda: _client(development, secret="tset").list_user_pools(MaxResults=1))
    assert code == "InvalidSignatureException"
    given = _client(development, "sts").get_session_token()["Credentials"]
    session = _client(
        development, "sts", given["SecretAccessKey"], key=given["AccessKeyId"], aws_session_token=given["SessionToken"]
    )
    assert session.get_caller_identity()["Arn"] == "arn:aws:iam::000000000000:root"


def test_the_log_names_the_ways_out_for_a_key_that_is_not_there(development: World) -> None:
    """Whoever reads it knows what to do; the caller is told no more than by AWS."""
    assert refused(lambda: _client(development, key="AKIANOBODYSKEY").list_user_pools(MaxResults=1)) == INVALID
    line = next(line for line in map(json.loads, development.log) if "detail" in line)
    assert line["detail"] == (
        "no access key AKIANOBODYSKEY: test / test signs here; poolkeeper keys create makes one, poolkeeper status says more"
    )


@pytest.mark.parametrize(
    ("host", "others", "status"),
    [
        ("localhost:7665", {}, 200),
        ("127.0.0.1:7665", {"Origin": "http://localhost:3000"}, 200),
        ("[::1]:7665", {"Origin": "https://app.localhost"}, 200),
        ("evil.example", {}, 400),
        ("localhost.evil.example:7665", {}, 400),
        ("192.0.2.7:7665", {}, 400),
        ("localhost:7665", {"x-forwarded-host": "tunnel.example"}, 400),
        ("localhost:7665", {"x-forwarded-host": "localhost, tunnel.example"}, 400),
        ("localhost:7665", {"forwarded": "host=localhost"}, 200),
        ("localhost:7665", {"forwarded": 'for=192.0.2.1; Host="tunnel.example:443"'}, 400),
        ("localhost:7665", {"forwarded": "host=localhost, for=192.0.2.1;host=tunnel.example"}, 400),
        ("localhost:7665", {"Origin": "https://evil.example"}, 400),
        ("localhost:7665", {"Origin": "http://localhost.evil.example"}, 400),
        ("localhost:7665", {"Origin": "http://[::1"}, 400),
        ("localhost:7665", {"origin": "null"}, 400),
    ],
)
def test_the_key_signs_under_names_of_this_machine(
    development: World, host: str, others: dict[str, str], status: int
) -> None:
    """attacks.md 157: a name that was made to lead here (DNS rebinding), a tunnel, a page of another site: refused."""
    answered, body = _signed(development, host, **others)
    assert (answered, body.get("__type", "")) == (status, "" if status == 200 else INVALID[0])


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/_dev/outbox"), ("POST", "/_dev/outbox/clear")])
@pytest.mark.parametrize("host", ["evil.example", "192.0.2.7:7665", "localhost.evil.example"])
def test_what_changes_something_is_not_there_under_other_names(
    development: World, method: str, path: str, host: str
) -> None:
    """attacks.md 157: also where the page is same-origin with us by a name that was made to lead here."""
    headers = {"host": host, "origin": f"http://{host}", "sec-fetch-site": "same-origin"}
    assert _post(development, path, b"", headers, method)[0] == 421
    own = {"host": "localhost:1", "Origin": "https://evil.example"}
    assert _post(development, path, b"", own, method)[0] == 403


def test_beyond_loopback_the_key_wants_a_flag_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """attacks.md 157: --dev-anywhere alone lets nobody in by it, and outside development nothing does."""
    for folder, told, code in (("a", False, INVALID), ("b", True, None)):
        with _running(
            tmp_path / folder, host="0.0.0.0", dev_anywhere=True, dev_key=told, dev_hosts=("pools",)
        ) as world:
            monkeypatch.setattr(botocore.auth, "get_current_datetime", world.clock.datetime)
            if code is None:
                assert _client(world).list_user_pools(MaxResults=1)["UserPools"] == []
                assert [_signed(world, host)[0] for host in ("pools:7665", "192.0.2.7", "evil.example")] == [
                    200,
                    200,
                    400,
                ]
            else:
                assert refused(lambda: _client(world).list_user_pools(MaxResults=1)) == code
            answers = {host: _post(world, "/_dev/outbox", b"", {"host": host}, "GET")[0] for host in ("pools", "evil")}
            assert answers == {"pools": 200, "evil": 421}
    with pytest.raises(SettingsError, match="dev_key: a key that everybody knows signs in development mode alone"):
        load({"dev": False, "dev_key": True}, {})
    with pytest.raises(SettingsError, match="dev_hosts: host names alone"):
        load({"dev": True, "dev_hosts": "http://pools"}, {})


TRIES = """async ([target, headers, body]) => {
    const tried = async (path, init) => {
        try { return (await fetch(target + path, init)).status } catch { return "no answer" }
    };
    return [
        await tried("/", {method: "POST", headers, body}),
        await tried("/_dev/outbox"),
        await tried("/_dev/outbox", {method: "DELETE"}),
        await tried("/_dev/outbox/clear", {method: "POST", mode: "no-cors"}),
    ];
}"""


def test_a_page_of_another_site_opens_nothing(development: World, visitor: Browser) -> None:
    """attacks.md 157, in Chromium: another origin that signs by the key, and a name that was made to lead here."""
    pool = development.pool(AutoVerifiedAttributes=["email"])
    pool.client().sign_up("ada", email="ada@lovelace.example")
    port = urlsplit(development.url).port

    def tried(page: str, target: str) -> list[Any]:
        context = visitor.new_context()
        tab = context.new_page()
        tab.goto(page)
        headers = _headers(development, urlsplit(target).netloc)
        del headers["host"]  # The browser's own.
        answers: list[Any] = tab.evaluate(TRIES, [target, headers, BODY.decode()])
        context.close()
        return answers

    async def empty(_request: Any) -> Response:
        return HTMLResponse("<!doctype html><title>elsewhere</title>")

    sent = development.outbox()
    assert sent
    with serve(Starlette(routes=[Route("/", empty)])) as there:
        elsewhere = there.replace("localhost", "evil.example")
        assert tried(elsewhere, development.url) == [400, "no answer", "no answer", "no answer"]
        rebound = f"http://evil.example:{port}"
        assert tried(f"{rebound}/health", rebound) == [400, 421, 421, 421]
        assert development.outbox() == sent
        assert tried(there, development.url)[0] == 200
        assert development.outbox() == sent
