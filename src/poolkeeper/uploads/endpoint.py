"""What happens to a file that is sent to /imports/<job>? It is cut into parts as it comes, sealed and kept, or refused.

One part is in memory. A file takes the place of the one before when it is whole; of two that come at once the later one counts.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from time import perf_counter_ns
from urllib.parse import parse_qs

from poolkeeper import server_words
from poolkeeper.accounts import upload_urls
from poolkeeper.accounts.upload_urls import PATH, part_key
from poolkeeper.aws.endpoint import Outcome, Receive, Scope, Send
from poolkeeper.call import House
from poolkeeper.model import csv
from poolkeeper.model.imports import MOST_BYTES, MOST_ROWS, PART
from poolkeeper.store import import_parts, imports
from poolkeeper.store.db import Transaction, Unavailable

SERVICE, OPERATION = "http", "PUT /imports"
# At most this much of a body is read before a refusal: else its sender may miss the answer. curl asks before it sends more.
_HEARD_OUT = 1024 * 1024
_RETRY_SECONDS = 5
# At most this much is cut into rows at a stretch: others get a turn in between.
_CUT = 64 * 1024

_TOO_LATE = "The job takes no file any more, or another file came in the place of this one."
_TOO_MANY_ROWS = f"A file may have {MOST_ROWS} users at the most."
_TOO_LARGE = f"A file may have {MOST_BYTES} bytes at the most."
_EMPTY = "The file is empty."
_CODED = "A file is taken as it is: send it without a Content-Encoding."
_PUT_ALONE = "Only PUT is answered here."
_AWAY = "The database takes no file at this moment. Send it again."


class _RefusedError(Exception):
    """What the sender of a file is told; `detail` is for the log."""

    def __init__(self, status: HTTPStatus, sentence: str, detail: str = "") -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.detail = detail


class _GoneError(Exception):
    """The sender went away in the middle of its file."""


@dataclass(slots=True)
class _Upload:
    """A file that comes, and what is told of it; `more` of its body is on the way."""

    pool_id: str = ""
    job_id: str = ""
    upload: str = ""
    number: int = 0
    size: int = 0
    row_count: int = 0
    rows: csv.Rows = field(default_factory=csv.Rows)
    more: bool = True


class Uploads:
    """The files of import jobs as an ASGI application for /imports/<job>. `record`, `failed` and `address_of` are the server's."""

    def __init__(
        self,
        house: House,
        *,
        record: Callable[[Outcome], None],
        failed: Callable[[str, Exception], None],
        address_of: Callable[[Scope], str],
    ) -> None:
        self._house = house
        self._record = record
        self._failed = failed
        self._address_of = address_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take one file; whoever goes away before its end is not answered, and has sent none."""
        begun, upload = perf_counter_ns(), _Upload()
        request_id = self._house.entropy.uuid()
        status, sentence, detail = HTTPStatus.OK, "", ""
        try:
            await self._take(scope, receive, upload)
        except _GoneError:
            return
        except _RefusedError as refusal:
            status, sentence, detail = refusal.status, refusal.sentence, refusal.detail or refusal.sentence
        except Unavailable as fault:
            self._failed(request_id, fault)
            status, sentence = HTTPStatus.SERVICE_UNAVAILABLE, _AWAY
        except Exception as fault:  # noqa: BLE001 - an accident tells its caller the id under which the log tells more
            self._failed(request_id, fault)
            status = HTTPStatus.INTERNAL_SERVER_ERROR
            sentence = server_words.accident(request_id)
        self._tell(scope, upload, request_id, status, detail, (perf_counter_ns() - begun) // 1_000)
        if status != HTTPStatus.OK:
            await _hear_out(scope, receive, upload)
        await _answer(send, status, sentence)

    async def _take(self, scope: Scope, receive: Receive, upload: _Upload) -> None:
        headers = dict(scope["headers"])
        upload.job_id = scope["path"].removeprefix(PATH)
        self._admit(scope, headers, upload)
        upload_key = {"pool_id": upload.pool_id, "job_id": upload.job_id, "upload": upload.upload}
        if not await imports.begin_upload(self._house.db, **upload_key, now=self._house.clock.now()):
            raise _RefusedError(HTTPStatus.CONFLICT, _TOO_LATE)
        await self._drop_others(upload)
        buffer = bytearray()
        while upload.more:
            data = await _next(receive, upload)
            for at in range(0, len(data), _CUT):
                _count(upload, data[at : at + _CUT])
                await asyncio.sleep(0)
            buffer += data
            while len(buffer) >= PART or (buffer and not upload.more):
                await self._keep(upload, bytes(buffer[:PART]))
                del buffer[:PART]
        upload.row_count += len(upload.rows.close())
        _require_size(upload)
        # The first row is the header.
        if not await imports.finish_upload(self._house.db, **upload_key, row_count=upload.row_count - 1):
            raise _RefusedError(HTTPStatus.CONFLICT, _TOO_LATE)
        await self._drop_others(upload)

    def _admit(self, scope: Scope, headers: Mapping[bytes, bytes], upload: _Upload) -> None:
        """Let a file come to an address that is signed; raises _RefusedError."""
        if scope["method"] != "PUT":
            raise _RefusedError(HTTPStatus.METHOD_NOT_ALLOWED, _PUT_ALONE)
        signature = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("signature", [""])[0]
        try:
            upload.pool_id = upload_urls.pool_of(
                self._house, job_id=upload.job_id, signature=signature, now=self._house.clock.now()
            )
        except ValueError as fault:
            # What has expired may be said: whoever has the address was given it.
            sentence = f"The file is not taken: this is {fault}."
            raise _RefusedError(HTTPStatus.FORBIDDEN, sentence, str(fault)) from None
        if headers.get(b"content-encoding", b"identity") != b"identity":
            raise _RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, _CODED)
        upload.upload = self._house.entropy.token(16)

    async def _keep(self, upload: _Upload, part: bytes) -> None:
        """Keep the next part of a file that may still come; raises _RefusedError."""
        upload_key = {"pool_id": upload.pool_id, "job_id": upload.job_id, "upload": upload.upload}
        sealed = self._house.sealer.seal_column(part, **part_key(**upload_key, number=upload.number))

        async def body(tx: Transaction) -> None:
            if not await imports.still_uploading(tx, **upload_key):
                raise _RefusedError(HTTPStatus.CONFLICT, _TOO_LATE)
            await import_parts.add(tx, **upload_key, number=upload.number, payload=sealed)

        await self._house.db.write(body)
        upload.number += 1

    async def _drop_others(self, upload: _Upload) -> None:
        """Remove parts of files that are none of the job's any more."""
        body = partial(import_parts.drop, pool_id=upload.pool_id, job_id=upload.job_id)
        while await self._house.db.write(body):
            await self._house.db.settle()

    def _tell(
        self, scope: Scope, upload: _Upload, request_id: str, status: HTTPStatus, detail: str, microseconds: int
    ) -> None:
        self._record(
            Outcome(
                request_id=request_id,
                service=SERVICE,
                operation=OPERATION,
                pool_id=upload.pool_id,
                outcome="Success" if status == HTTPStatus.OK else status.phrase.replace(" ", ""),
                status=int(status),
                microseconds=microseconds,
                client_address=self._address_of(scope),
                detail=detail,
            )
        )


def _count(upload: _Upload, data: bytes) -> None:
    """Count the bytes and rows that have come; raises _RefusedError."""
    upload.size += len(data)
    upload.row_count += len(upload.rows.feed(data))
    if upload.size > MOST_BYTES:  # a body without a length: http_protocol.py counts too
        raise _RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _TOO_LARGE)
    if upload.row_count > MOST_ROWS + 1:
        raise _RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _TOO_MANY_ROWS)


def _require_size(upload: _Upload) -> None:
    if not upload.row_count:
        raise _RefusedError(HTTPStatus.BAD_REQUEST, _EMPTY)
    if upload.row_count > MOST_ROWS + 1:
        raise _RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _TOO_MANY_ROWS)


async def _next(receive: Receive, upload: _Upload) -> bytes:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise _GoneError
    upload.more = message.get("more_body", False)
    data: bytes = message.get("body", b"")
    return data


async def _hear_out(scope: Scope, receive: Receive, upload: _Upload) -> None:
    """Read the rest of a small body that is on its way already."""
    headers, bytes_left = dict(scope["headers"]), _HEARD_OUT
    if b"expect" in headers or int(headers.get(b"content-length", b"0")) > _HEARD_OUT:
        return
    while upload.more and bytes_left > 0:
        try:
            bytes_left -= len(await _next(receive, upload))
        except _GoneError:
            return


async def _answer(send: Send, status: HTTPStatus, sentence: str) -> None:
    content = f"{sentence}\n".encode() if sentence else b""
    headers = [
        (b"content-length", str(len(content)).encode()),
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"cache-control", b"no-store"),
    ]
    if status != HTTPStatus.OK:
        headers.append((b"connection", b"close"))
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append((b"retry-after", str(_RETRY_SECONDS).encode()))
    await send({"type": "http.response.start", "status": int(status), "headers": headers})
    await send({"type": "http.response.body", "body": content})
