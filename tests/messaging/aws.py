"""What stands for SES and SNS in the tests? Moto's server, behind a door that checks each signature with botocore's own signer."""

import io
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.client import BaseClient
from botocore.credentials import Credentials
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

from poolkeeper.secret import Secret
from poolkeeper.sender_settings import AwsKey, Endpoint

REGION = "eu-west-1"
ACCOUNT = "123456789012"
KEY_ID, KEY_SECRET, TOKEN = "AKIAIOSFODNN7EXAMPLE", "secret-of-the-sender", "session-of-the-sender"
KEY = AwsKey(access_key_id=KEY_ID, secret_access_key=Secret(KEY_SECRET), session_token=Secret(TOKEN))


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, *_: Any, **__: Any) -> None:
        """Say nothing."""


@dataclass
class Moto:
    """A running server: where it is, and what our senders sent it, as (path, service, body)."""

    url: str = ""
    seen: list[tuple[str, str, bytes]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(url=self.url, private=True, plain_http=True)

    def client(self, service: str) -> BaseClient:
        """Return an unmodified client, for what a test sets up."""
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=self.url,
            aws_access_key_id="setting-up",
            aws_secret_access_key="x",
        )


class _Door:
    """Lets requests through that our key signed rightly, and those of whoever sets up."""

    def __init__(self, application: Callable[..., Iterable[bytes]], moto: Moto) -> None:
        self._application, self._moto = application, moto

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        authorization = environ.get("HTTP_AUTHORIZATION", "")
        if KEY_ID in authorization:
            expected = _signed_by_botocore(environ, body, authorization)
            if expected != authorization:
                self._moto.refused.append(f"{authorization}\n{expected}")
                start("403 Forbidden", [("Content-Type", "text/xml")])
                return [b"<Error><Code>SignatureDoesNotMatch</Code><Message>no</Message></Error>"]
            self._moto.seen.append((environ["PATH_INFO"], authorization.split("/")[3], body))
        return self._application(environ, start)


def _signed_by_botocore(environ: dict[str, Any], body: bytes, authorization: str) -> str:
    """Return the Authorization header that botocore would have sent with the same signed headers."""
    names = authorization.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    held = {"content-type": environ.get("CONTENT_TYPE", "")}
    headers = {
        name: held.get(name) or environ.get(f"HTTP_{name.upper().replace('-', '_')}", "")
        for name in names
        if name not in {"x-amz-security-token", "x-amz-date"}
    }
    url = f"http://{environ['HTTP_HOST']}{environ['PATH_INFO']}"
    request = AWSRequest(method=environ["REQUEST_METHOD"], url=url, data=body, headers=headers)
    service, region = authorization.split("/")[3], authorization.split("/")[2]
    signer = SigV4Auth(Credentials(KEY_ID, KEY_SECRET, TOKEN), service, region)
    signer.add_auth(request)
    assert request.headers["X-Amz-Date"] == environ["HTTP_X_AMZ_DATE"]
    return str(request.headers["Authorization"])


@contextmanager
def moto_server() -> Iterator[Moto]:
    """Run moto on a free port of loopback; botocore's clock must be the senders' (`botocore.auth.get_current_datetime`)."""
    moto = Moto()
    door = _Door(DomainDispatcherApplication(create_backend_app), moto)
    server = make_server("127.0.0.1", 0, door, threaded=True, request_handler=_Quiet)
    moto.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, name="moto-of-tests")
    thread.start()
    try:
        yield moto
    finally:
        server.shutdown()
        thread.join(30)
        server.server_close()
