"""How does a request to Cognito look on the wire? Ready bytes for the load client, and single calls for preparations."""

import http.client
import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle, islice
from typing import Any
from urllib.parse import urlencode

import load
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from servers import ACCESS_KEY_ID, SECRET_ACCESS_KEY

REGION = "us-east-1"
# By what a service is called in X-Amz-Target, and in a signature.
TARGETS = {
    "cognito-idp": "AWSCognitoIdentityProviderService",
    "cognito-identity": "AWSCognitoIdentityService",
    "kms": "TrentService",
}
_PREPARING_SECONDS = 120.0
_CREDENTIALS = Credentials(ACCESS_KEY_ID, SECRET_ACCESS_KEY)


class Refused(Exception):  # noqa: N818 - an answer, which a peer may well give
    """A server answered with an error, or not at all. The message is the status and what it said."""


def post(
    port: int,
    operation: str,
    payload: Mapping[str, Any],
    *,
    signed: bool = False,
    service: str = "cognito-idp",
    key: Credentials = _CREDENTIALS,
) -> bytes:
    """Return the bytes of one call of an operation, signed with Signature Version 4 if asked for: by root, or by `key`."""
    body = json.dumps(payload).encode()
    headers = {
        "Host": f"127.0.0.1:{port}",
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": f"{TARGETS[service]}.{operation}",
    }
    if signed:
        request = AWSRequest("POST", f"http://127.0.0.1:{port}/", headers=headers, data=body)
        SigV4Auth(key, service, REGION).add_auth(request)
        headers = dict(request.headers.items())
    return _head("POST", "/", {**headers, "Content-Length": str(len(body))}) + body


def raw(port: int, operation: str, body: bytes) -> bytes:
    """Return the bytes of an unsigned call of cognito-idp with a body as it stands."""
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"{TARGETS['cognito-idp']}.{operation}"}
    return _head("POST", "/", {"Host": f"127.0.0.1:{port}", **headers, "Content-Length": str(len(body))}) + body


def raw_form(port: int, body: bytes) -> bytes:
    """Return the bytes of an unsigned call in AWS's query protocol."""
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))}
    return _head("POST", "/", {"Host": f"127.0.0.1:{port}", **headers}) + body


def form(port: int, path: str, fields: Mapping[str, str], **headers: str) -> bytes:
    """Return the bytes of a form that is posted to a path."""
    body = urlencode(fields).encode()
    own = {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))}
    return _head("POST", path, {"Host": f"127.0.0.1:{port}", **own, **headers}) + body


def get(port: int, path: str, **headers: str) -> bytes:
    """Return the bytes of a GET request."""
    return _head("GET", path, {"Host": f"127.0.0.1:{port}", **headers})


def _head(method: str, path: str, headers: Mapping[str, str]) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode()


def fetch(port: int, path: str) -> Any:
    """Return the JSON behind a path. Raises Refused for any status but 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        text = answer.read()
    finally:
        connection.close()
    if answer.status != 200:
        raise Refused(f"{path}: {answer.status}")
    return json.loads(text)


def call(
    port: int, operation: str, payload: Mapping[str, Any], *, signed: bool = False, service: str = "cognito-idp"
) -> dict[str, Any]:
    """Call an operation once and return its answer. Raises Refused for any status but 200."""
    head, _, body = post(port, operation, payload, signed=signed, service=service).partition(b"\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", "/", body=body, headers=headers)
        answer = connection.getresponse()
        text = answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise Refused(f"{operation}: {error!r}") from error
    finally:
        connection.close()

    if answer.status != 200:
        raise Refused(f"{operation}: {answer.status} {text[:200].decode(errors='replace')}")
    decoded: dict[str, Any] = json.loads(text or b"{}")
    return decoded


def answers(port: int, requests: Sequence[bytes]) -> list[dict[str, Any]]:
    """Send each request once, eight at a time, and return what they were answered. Raises Refused."""
    job = load.Job(
        port=port, requests=list(requests), count=len(requests), seconds=_PREPARING_SECONDS, keep_bodies=True
    )
    found = load.run(job).answers
    for answer in found:
        if answer.status != 200:
            raise Refused(f"{answer.status} {answer.body[:200].decode(errors='replace')}")
    if len(found) < len(requests):
        raise Refused(f"{len(requests) - len(found)} requests were not sent within {_PREPARING_SECONDS} s")
    return [json.loads(answer.body or b"{}") for answer in found]


def cycled(requests: Iterable[bytes], count: int) -> list[bytes]:
    """Return `count` requests: these, again and again."""
    return list(islice(cycle(list(requests)), count))
