"""How does a test ask a verifier? A request that botocore signs, told as a proxy tells it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from api.principals import Holder
from api.world import KEY_ID, KEY_SECRET, REGION, World
from poolkeeper.verifier_settings import VerifierSetting, read_verifiers
from ports import free_port

SECRET, FORMER_SECRET = "secret-of-the-proxy", "secret-of-the-proxy-before"
HOST = "files.test"
FRONTS = ("nginx", "caddy", "wsgi", "asgi")


@cache
def port_of(front: str) -> int:
    """Return the port of whatever stands before an application in these tests: free when it was looked for."""
    return free_port()


def host_of(front: str) -> str:
    """Return the host under which it is reached."""
    return f"127.0.0.1:{port_of(front)}"


@cache
def verifiers() -> tuple[VerifierSetting, ...]:
    """Return a verifier for each service and each proxy, as the operator's file names them."""
    hosts = [HOST, *map(host_of, FRONTS)]
    known = {"hosts": hosts, "secrets": [SECRET, FORMER_SECRET]}
    services: Mapping[str, Mapping[str, Any]] = {
        "things": {"service": "things"},
        "api": {"service": "execute-api", "api_id": "shop", "region": "eu-west-1"},
        "s3": {"service": "s3"},
        "buckets": {"service": "s3", "virtual_hosts": True},
    }
    proxies = ("nginx", "caddy", "traefik", "envoy", "python")
    tables = {
        f"{name}-{proxy}": {**known, **one, "proxy": proxy} for name, one in services.items() for proxy in proxies
    }
    found, faults = read_verifiers(tables)
    assert not faults
    return found


@dataclass(frozen=True)
class Answer:
    """What a verifier answers."""

    status: int
    headers: Mapping[str, str]
    body: str

    @property
    def arn(self) -> str:
        return self.headers["x-poolkeeper-principal-arn"]


@dataclass(frozen=True)
class Signed:
    """A request as a client sends it: signed, and then perhaps changed on the way."""

    method: str
    target: str
    headers: Mapping[str, str]
    host: str = HOST
    body: bytes = b""

    def but(self, **changed: Any) -> "Signed":
        """Return the request with something else in it; `headers` are put beside and over its own, None takes one away."""
        headers = {**self.headers, **changed.pop("headers", {})}
        return replace(self, headers={name: value for name, value in headers.items() if value is not None}, **changed)


@dataclass
class Asker:
    """A proxy that asks one verifier."""

    world: World
    name: str = "things"
    proxy: str = "nginx"
    secret: str | None = SECRET
    more: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, signed: Signed, **more: str) -> Answer:
        """Ask about a request; `more` are headers that a client sends beside."""
        told = {
            "nginx": {
                "X-Original-Method": signed.method,
                "X-Original-URI": signed.target,
                "X-Original-Host": signed.host,
            },
            "caddy": {
                "X-Forwarded-Method": signed.method,
                "X-Forwarded-Uri": signed.target,
                "X-Forwarded-Host": signed.host,
            },
            "envoy": {"Host": signed.host},
        }
        told["traefik"], told["python"] = told["caddy"], told["nginx"]
        told["nginx"] = {**told["nginx"], "X-Original-Address": "192.0.2.7"}
        headers = {**signed.headers, **more, **told[self.proxy], **self.more}
        if self.secret is not None:
            headers["X-Poolkeeper-Verifier"] = self.secret
        in_path = self.proxy == "envoy"
        path = f"/verify/{self.name}-{self.proxy}" + (signed.target if in_path else "")
        body = signed.body if self.proxy == "python" and signed.body else None
        method = signed.method if in_path else "POST" if body else "GET"
        status, found, content = self.world.http(method, path, body=body, headers=headers)
        return Answer(status, found, content.decode())


def root(world: World) -> Holder:
    """Return whoever holds the first key."""
    return Holder(world, "arn:aws:iam::000000000000:root", KEY_ID, KEY_SECRET)


def sign(
    holder: Holder,
    method: str = "GET",
    target: str = "/a/b?c=d",
    *,
    service: str = "things",
    host: str = HOST,
    region: str = REGION,
    body: bytes = b"",
    hashed: bool = False,
    expires: int = 0,
    **headers: str,
) -> Signed:
    """Sign a request as botocore does: of S3 its own way; `expires`: in the address; `hashed`: the body's hash is sent too."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = AWSRequest(method, f"http://{host}{target}", headers=named, data=body)
    credentials = Credentials(holder.access_key_id, holder.secret, holder.token)
    if expires:
        botocore.auth.S3SigV4QueryAuth(credentials, service, region, expires=expires).add_auth(request)
    else:
        kind = botocore.auth.S3SigV4Auth if service == "s3" or hashed else botocore.auth.SigV4Auth
        request.context["payload_signing_enabled"] = True
        auth = kind(credentials, service, region)
        if hashed and service != "s3":
            auth = _Hashing(credentials, service, region)
        auth.add_auth(request)
    signed_target = request.url.removeprefix(f"http://{host}")
    return Signed(method, signed_target, {name: str(value) for name, value in request.headers.items()}, host, body)


class _Hashing(botocore.auth.SigV4Auth):  # type: ignore[misc] # botocore has no types
    """Signs as AWS's SDK for JavaScript does, which sends the hash of every body."""

    def _modify_request_before_signing(self, request: AWSRequest) -> None:
        super()._modify_request_before_signing(request)
        request.headers["X-Amz-Content-SHA256"] = self.payload(request)
