"""What is the store? moto's S3 in memory, opened by Poolkeeper's credentials alone: who signed may do what their role allows."""

import os
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from moto.moto_server.werkzeug_app import create_backend_app
from werkzeug.serving import run_simple
from werkzeug.test import Client

from poolkeeper.verify import VerifiedWSGI, Verifier

PAGE, PORT = f"http://localhost:{os.environ['FRONTEND_PORT']}", int(os.environ["STORE_PORT"])
ORIGIN = ("Access-Control-Allow-Origin", PAGE)
PREFLIGHT = [ORIGIN, ("Access-Control-Allow-Methods", "GET, PUT"), ("Access-Control-Allow-Headers", "*, authorization")]
Application = Callable[..., Iterable[bytes]]


def main() -> None:
    """Make the bucket, and answer signed requests on loopback."""
    s3 = create_backend_app("s3")
    made = Client(s3).put(f"/{os.environ['APP_BUCKET']}", headers={"Host": f"localhost:{PORT}"})
    if made.status_code != HTTPStatus.OK:
        raise SystemExit(made.text)
    verifier = Verifier(f"{os.environ['APP_ENDPOINT']}/verify/store", secret=os.environ["STORE_SECRET"])
    run_simple("localhost", PORT, for_the_page(VerifiedWSGI(s3, verifier)), threaded=True)


def for_the_page(application: Application) -> Application:
    """Tell browsers that the page may ask, and may read refusals too. Nobody signs what a browser asks before."""

    def answered(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            told = {name.lower() for name, _ in headers}
            more = [] if "access-control-allow-origin" in told else [ORIGIN]
            return start_response(status, [*headers, *more], *rest)

        if environ["REQUEST_METHOD"] == "OPTIONS":
            start_response("204 No Content", PREFLIGHT)
            return []
        return application(environ, start)

    return answered


if __name__ == "__main__":
    main()
