"""A real nginx and a real Caddy let through what our credentials signed, and nothing that was told them otherwise."""

import http.client
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from api.principals import allow, person
from api.world import World, refused
from verify import proxies
from verify.stage import Signed, host_of, root, sign
from verify.store import client, serving, store

FRONTS = {"nginx": proxies.nginx, "caddy": proxies.caddy}


@pytest.fixture(params=list(FRONTS))
def front(request: pytest.FixtureRequest) -> str:
    """Hand out each proxy that this machine has."""
    name = str(request.param)
    if shutil.which(name) is None and not Path(f"/usr/sbin/{name}").exists():
        pytest.skip(f"{name} is not installed here: apt-get install {name}")
    return name


@pytest.fixture
def url(world: World, front: str, tmp_path: Path) -> Iterator[str]:
    """Run an application that tells what it hears, behind a proxy that asks about `things`."""
    with serving(proxies.telling, "wsgi") as upstream, FRONTS[front](world, "things", upstream, tmp_path) as address:
        yield address


def send(signed: Signed, **more: str) -> tuple[int, str]:
    """Send a request as it is; return status and body."""
    connection = http.client.HTTPConnection(signed.host, timeout=30)
    try:
        connection.putrequest(signed.method, signed.target, skip_host=True, skip_accept_encoding=True)
        said = {name.lower() for name in signed.headers}
        length = {"Content-Length": str(len(signed.body))} if signed.body and "content-length" not in said else {}
        for name, value in {"Host": signed.host, **signed.headers, **more, **length}.items():
            connection.putheader(name, value)
        connection.endheaders(signed.body)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_an_application_behind_a_proxy_hears_who_signed(world: World, front: str, url: str) -> None:
    """And nobody else; method, address and host are those that the client sent."""
    ada = person(world)
    for method, target in (("GET", "/a//b/../c%20d?x=1&y=%2F"), ("DELETE", "/"), ("POST", "/x?")):
        signed = sign(ada, method, target, host=host_of(front))
        status, told = send(signed)
        assert status == 200, told
        assert f"HTTP_X_POOLKEEPER_PRINCIPAL_ARN={ada.arn}" in told.splitlines()
        assert "VERIFIER" not in told
        assert send(signed.but(method="PUT"))[0] == 403
        assert send(signed.but(target=f"{target}x"))[0] == 403
    assert send(sign(ada, host=host_of(front)).but(headers={"Authorization": None}))[0] == 401
    assert send(sign(ada, host="elsewhere.test").but(host=host_of(front)))[0] == 403
    assert send(sign(ada, service="s3", host=host_of(front)))[0] == 403
    body = sign(ada, "PUT", "/a", host=host_of(front), body=b"text", hashed=True, content_length="4")
    assert send(body)[0] == 200


@pytest.mark.parametrize(
    "forged",
    [
        {"X-Poolkeeper-Principal-Arn": "arn:aws:iam::000000000000:root"},
        {"X-Poolkeeper-Identity-Id": "us-east-1:forged"},
        {"X-Original-URI": "/a", "X-Original-Method": "GET", "X-Original-Host": "files.test"},
        {"X-Forwarded-Uri": "/a", "X-Forwarded-Method": "GET", "X-Forwarded-Host": "files.test"},
        {"X-Poolkeeper-Verifier": "secret-of-the-proxy"},
        {"X-Poolkeeper-Verifier": "another"},
        {"Connection": "close, X-Poolkeeper-Principal-Arn"},
    ],
    ids=lambda forged: next(iter(forged)),
)
def test_a_client_cannot_speak_for_its_proxy(world: World, front: str, url: str, forged: dict[str, str]) -> None:
    """A request that is right stays what it is, or is refused; one that is wrong does not become right."""
    ada = person(world)
    right = sign(ada, "GET", "/a", host=host_of(front))
    status, told = send(right, **forged)
    assert status in {200, 403}
    if status == 200:
        assert f"HTTP_X_POOLKEEPER_PRINCIPAL_ARN={ada.arn}" in told.splitlines()
        assert "HTTP_X_POOLKEEPER_IDENTITY_ID=us-east-1:forged" not in told
        assert told.startswith("GET /a")
    assert send(right.but(method="PUT", target="/other"), **forged)[0] == 403


def test_a_store_behind_a_proxy_is_open_to_its_part(world: World, front: str, tmp_path: Path) -> None:
    """For unmodified clients; paths that a proxy or a store would read as others are refused."""
    own: Any = person(
        world,
        allow("s3:GetObject", "s3:PutObject", resource="arn:aws:s3:::store/own/*"),
    )
    with serving(store(), "wsgi") as upstream, FRONTS[front](world, "s3", upstream, tmp_path) as url:
        client(root(world), url).create_bucket(Bucket="store")
        client(root(world), url).put_object(Bucket="store", Key="other/secret", Body=b"secret")
        mine = client(own, url)
        mine.put_object(Bucket="store", Key="own/é a", Body=b"text")
        assert mine.get_object(Bucket="store", Key="own/é a")["Body"].read() == b"text"
        # nginx answers 403 in words of its own.
        assert refused(lambda: mine.get_object(Bucket="store", Key="other/secret"))[0] in {"403", "AccessDenied"}
        odd = ("own/../other/secret", "own/%2e%2e/other/secret", "own//../other/secret", "/other/secret")
        for path in (*odd, quote("own/..", safe="") + "/other/secret"):
            signed = sign(own, "GET", f"/store/{path}", service="s3", host=host_of(front))
            assert send(signed)[0] == 403, path


def test_a_client_takes_no_header_of_ours_away(world: World, front: str, url: str) -> None:
    """By Connection, which names headers that are for one hop alone; nor one that it did not sign past the question."""
    ada = person(world)
    right = sign(ada, "GET", "/a", host=host_of(front))
    status, told = send(right, Connection="close, X-Poolkeeper-Principal-Arn")
    assert status == 200
    assert f"HTTP_X_POOLKEEPER_PRINCIPAL_ARN={ada.arn}" in told.splitlines()
    assert send(right, **{"Connection": "close, X-Amz-Acl", "X-Amz-Acl": "public-read"})[0] == 403
