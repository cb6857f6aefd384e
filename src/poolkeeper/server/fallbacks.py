"""What is answered where no endpoint answers? To an address that nobody serves, and after an accident."""

from http import HTTPStatus

from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from poolkeeper import server_words
from poolkeeper.hosted.reception import RETRY_SECONDS
from poolkeeper.oauth import discovery
from poolkeeper.store.db import Unavailable


async def nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request for what nobody serves; it may be served tomorrow, so no cache keeps the answer."""
    await PlainTextResponse("Not Found", 404, {"cache-control": "no-store"})(scope, receive, send)


def accident(path: str, request_id: str, fault: Exception) -> Response:
    """Return the answer to a request that reached no endpoint: in JSON for a pool's documents, else in plain text."""
    status = 503 if isinstance(fault, Unavailable) else 500
    sentence = server_words.accident(request_id)
    if "/.well-known/" in path:
        response = discovery.refuse(status, sentence)
    else:
        response = PlainTextResponse(f"{sentence}\n", status, {"cache-control": "no-store"})
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["retry-after"] = str(RETRY_SECONDS)
    return response
