"""An S3 store that checks no signature, behind the middleware that does; and an application that only wants to be asked."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.client import BaseClient
from botocore.config import Config
from moto.backends import get_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

from api.principals import Holder
from api.world import REGION, World
from poolkeeper.verify import VerifiedWSGI, Verifier
from verify.stage import SECRET, port_of

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class _Quiet(WSGIRequestHandler):
    """Answers without a word on the terminal; a client that keeps its connection gets the next answer there."""

    protocol_version = "HTTP/1.1"

    def log(self, *_: Any, **__: Any) -> None:
        """Say nothing."""


@contextmanager
def serving(application: Application, front: str) -> Iterator[str]:
    """Serve a WSGI application at the port of a front; hand out its address."""
    server = make_server("127.0.0.1", port_of(front), application, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, name="store-of-tests")
    thread.start()
    try:
        yield f"http://127.0.0.1:{port_of(front)}"
    finally:
        server.shutdown()
        thread.join(30)
        server.server_close()


def store() -> Application:
    """Return moto's S3, empty, which keeps what it is sent and asks nobody."""
    get_backend("s3").reset()
    made: Application = DomainDispatcherApplication(create_backend_app)
    return made


def verifier(world: World, name: str) -> Verifier:
    """Return who asks a verifier of the server, by its clock."""
    return Verifier(f"{world.url}/verify/{name}-python", secret=SECRET, clock=world.clock)


@contextmanager
def guarding(world: World, application: Application, front: str, name: str = "s3") -> Iterator[str]:
    """Serve an application behind the middleware; hand out its address."""
    asked = verifier(world, name)
    try:
        with serving(VerifiedWSGI(application, asked), front) as url:
            yield url
    finally:
        asked.close()


def client(holder: Holder, url: str) -> BaseClient:
    """Return an unmodified client of S3 with these credentials."""
    return boto3.client(
        "s3",
        region_name=REGION,
        endpoint_url=url,
        aws_access_key_id=holder.access_key_id,
        aws_secret_access_key=holder.secret,
        aws_session_token=holder.token,
        # boto3 makes presigned addresses of Signature Version 2 where nothing is said, in some regions.
        config=Config(retries={"max_attempts": 0}, s3={"addressing_style": "path"}, signature_version="s3v4"),
    )
