"""What does it cost to ask who signed? A question at /verify/s3, and a store with and without the middleware, one at a time.

Usage: python benchmarks/opened.py [requests]
"""

import http.client
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from calls import REGION
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from servers import ACCESS_KEY_ID, SECRET_ACCESS_KEY, Server, a_home, free_port, running
from werkzeug.serving import WSGIRequestHandler, make_server

from poolkeeper.verify import VerifiedWSGI, Verifier

SECRET = "secret-of-the-benchmark"
SMALL, LARGE = b"x" * 1_024, b"x" * 1_048_576


class Quiet(WSGIRequestHandler):
    """Keeps connections and says nothing."""

    protocol_version = "HTTP/1.1"

    def log(self, *_: Any, **__: Any) -> None:
        """Say nothing."""


@contextmanager
def serving(application: Any, port: int) -> Iterator[None]:
    """Serve a WSGI application while the block lasts."""
    server = make_server("127.0.0.1", port, application, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def signed(port: int, method: str, target: str, body: bytes) -> dict[str, str]:
    """Return the headers of a request that root signs."""
    request = AWSRequest(method, f"http://127.0.0.1:{port}{target}", data=body)
    request.context["payload_signing_enabled"] = True
    S3SigV4Auth(Credentials(ACCESS_KEY_ID, SECRET_ACCESS_KEY), "s3", REGION).add_auth(request)
    return {name: str(value) for name, value in request.headers.items()}


def timed(port: int, count: int, method: str, target: str, body: bytes = b"") -> float:
    """Return the median of the milliseconds of a request to a store, over one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    took = []
    for _ in range(count):
        headers = signed(port, method, target, body)
        begun = time.perf_counter()
        connection.request(method, target, body=body, headers=headers)
        answer = connection.getresponse()
        answer.read()
        took.append((time.perf_counter() - begun) * 1_000)
        if answer.status != 200:
            raise SystemExit(f"{method} {target}: {answer.status}")
    connection.close()
    return median(took)


def questions(server: Server, store: int, count: int) -> tuple[float, float]:
    """Return the median milliseconds of a question, and the milliseconds of the server's CPU for each."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    told = {"X-Poolkeeper-Verifier": SECRET, "X-Original-Method": "GET", "X-Original-Host": f"127.0.0.1:{store}"}
    before, took = server.cpu(), []
    for at in range(count):
        target = f"/store/key-{at}"
        headers = {**signed(store, "GET", target, b""), **told, "X-Original-URI": target}
        begun = time.perf_counter()
        connection.request("POST", "/verify/s3", headers=headers)
        answer = connection.getresponse()
        answer.read()
        took.append((time.perf_counter() - begun) * 1_000)
        if answer.status != 200:
            raise SystemExit(f"/verify/s3: {answer.status}")
    connection.close()
    return median(took), (server.cpu() - before) / 1e6 / count


def stores(port: int, count: int) -> dict[str, float]:
    """Return the median milliseconds of each request to a store."""
    timed(port, 1, "PUT", "/store")
    works: dict[str, Callable[[], float]] = {
        "PUT 1 KiB": lambda: timed(port, count, "PUT", "/store/small", SMALL),
        "GET 1 KiB": lambda: timed(port, count, "GET", "/store/small"),
        "PUT 1 MiB": lambda: timed(port, max(1, count // 10), "PUT", "/store/large", LARGE),
    }
    return {name: work() for name, work in works.items()}


def main() -> None:
    """Start a server, ask, and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    port = free_port()
    with a_home("sqlite") as home:
        file = Path(home.folder) / "verifiers.toml"
        hosts = f'hosts = ["127.0.0.1:{port}"]'
        file.write_text(f'[verifiers.s3]\nservice = "s3"\n{hosts}\nsecrets = ["{SECRET}"]\nproxy = "python"\n')
        with running("sqlite", home=home, settings={"POOLKEEPER_CONFIG": str(file)}) as server:
            wall, cpu = questions(server, port, count)
            print(f"/verify/s3: {wall:.2f} ms, of which {cpu:.2f} ms CPU of the server")
            store = DomainDispatcherApplication(create_backend_app)
            with serving(store, port):
                alone = stores(port, count)
            verifier = Verifier(f"http://127.0.0.1:{server.port}/verify/s3", secret=SECRET)
            with serving(VerifiedWSGI(store, verifier), port):
                behind = stores(port, count)
            verifier.close()
    for name, milliseconds in alone.items():
        print(f"{name}: {milliseconds:.2f} ms, behind the middleware {behind[name]:.2f} ms")


if __name__ == "__main__":
    main()
