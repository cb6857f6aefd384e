"""How does a batch of entries reach a collector, a bucket or a web server? One POST or PUT, and what the answer means.

Source: otlp.py; Amazon S3 API Reference, "PutObject"; Amazon Data Firehose Developer Guide, "HTTP endpoint delivery request and
response specifications"; and for the signature of a sink crypto/webhook_signature.py.
"""

import base64
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from urllib.parse import urlsplit

import msgspec

from poolkeeper import otlp
from poolkeeper.batches import Fate
from poolkeeper.clock import SECOND, Clock
from poolkeeper.crypto import sigv4, webhook_signature
from poolkeeper.egress import Egress, EgressFailed, EgressRefused, Response
from poolkeeper.log_delivery_settings import (
    HttpAddress,
    LogTransport,
    OtlpTransport,
    S3Transport,
    SinkTransport,
    Transport,
)
from poolkeeper.model.log_configuration import bucket_of

_SECONDS = 10.0
_LONGEST_ANSWER = 65_536
_JSON = "application/json"
_PROTOCOL = "1.0"
_SEVERITY = {"INFO": otlp.INFO, "ERROR": otlp.ERROR}
# What an endpoint says that may be otherwise in a minute. A bucket or a key that is not right yet is mended by an operator.
_AGAIN = otlp.AGAIN | {
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.INTERNAL_SERVER_ERROR,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One way: a pool's events of one source, to one ARN."""

    arn: str
    pool_id: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry, written; `at` is its millisecond."""

    at: int
    level: str
    text: bytes


Send = Callable[[Sequence[Entry], str], Awaitable[Fate]]


def sender_of(transport: Transport, lane: Lane, egress: Egress, clock: Clock) -> Send:
    """Return what sends a batch of a way and says what became of it."""
    match transport:
        case OtlpTransport():
            return partial(_to_collector, transport, lane, egress)
        case S3Transport():
            return partial(_to_bucket, transport, lane, egress, clock)
        case SinkTransport():
            return partial(_to_sink, transport, lane, egress, clock)
        case LogTransport():
            raise AssertionError("the server's own log takes each entry at once")


async def _to_collector(
    transport: OtlpTransport, lane: Lane, egress: Egress, batch: Sequence[Entry], _batch_id: str
) -> Fate:
    records = [
        otlp.record(
            entry.at,
            _SEVERITY[entry.level],
            entry.text.decode(),
            {"event_source": lane.source, "user_pool_id": lane.pool_id, "aws.log.group.arns": (lane.arn,)},
        )
        for entry in batch
    ]
    headers = {"content-type": _JSON}
    if transport.authorization:
        headers["authorization"] = transport.authorization.reveal()
    body = otlp.logs("poolkeeper.log_delivery", records)
    return await _sent(egress, "POST", transport.address, transport.address.url, headers, body)


async def _to_bucket(
    transport: S3Transport, lane: Lane, egress: Egress, clock: Clock, batch: Sequence[Entry], batch_id: str
) -> Fate:
    """Put the batch as one object, an entry a line. At another try it has the same name, and is the same object."""
    began = datetime.fromtimestamp(batch[0].at / SECOND, UTC)
    name = f"{transport.prefix}{lane.pool_id}/{lane.source}/{began:%Y/%m/%d/%H%M%S}-{batch_id}.json"
    body = b"".join(entry.text + b"\n" for entry in batch)
    url = f"{transport.address.url.rstrip('/')}/{bucket_of(lane.arn)}/{name}"
    parts = urlsplit(url)
    timestamp = f"{datetime.fromtimestamp(clock.now() / SECOND, UTC):%Y%m%dT%H%M%SZ}"
    headers = {
        "content-type": "application/x-ndjson",
        "x-amz-date": timestamp,
        "x-amz-content-sha256": hashlib.sha256(body).hexdigest(),
    }
    if transport.session_token:
        headers["x-amz-security-token"] = transport.session_token.reveal()
    headers["authorization"] = sigv4.authorization_header(
        access_key_id=transport.access_key_id,
        secret=transport.secret_access_key.reveal(),
        region=transport.region,
        service="s3",
        timestamp=timestamp,
        method="PUT",
        path=parts.path,
        query="",
        headers=[("host", parts.netloc), *headers.items()],
        payload=body,
    )
    return await _sent(egress, "PUT", transport.address, url, headers, body)


async def _to_sink(
    transport: SinkTransport, lane: Lane, egress: Egress, clock: Clock, batch: Sequence[Entry], batch_id: str
) -> Fate:
    """Post the batch as Firehose would, signed with the time of this try: a recorded one is worth nothing later (attacks.md 146)."""
    now = clock.now()
    records = [{"data": base64.b64encode(entry.text).decode()} for entry in batch]
    body = msgspec.json.encode({"requestId": batch_id, "timestamp": now, "records": records})
    signed = webhook_signature.headers(transport.secrets, request_id=batch_id, seconds=now // SECOND, body=body)
    headers = {
        "content-type": _JSON,
        "x-amz-firehose-protocol-version": _PROTOCOL,
        "x-amz-firehose-request-id": batch_id,
        "x-amz-firehose-source-arn": lane.arn,
        **signed,
    }
    if transport.access_key:
        headers["x-amz-firehose-access-key"] = transport.access_key.reveal()
    return await _sent(egress, "POST", transport.address, transport.address.url, headers, body)


async def _sent(
    egress: Egress, method: str, address: HttpAddress, url: str, headers: Mapping[str, str], body: bytes
) -> Fate:
    try:
        answer = await egress.request(
            method,
            url,
            headers=headers,
            body=body,
            timeout_seconds=_SECONDS,
            max_bytes=_LONGEST_ANSWER,
            private=address.private,
            plain_http=address.plain_http,
        )
    except EgressFailed:
        return Fate.AGAIN
    except EgressRefused:
        return Fate.REFUSED
    return _fate(answer)


def _fate(answer: Response) -> Fate:
    if HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        return Fate.TAKEN
    return Fate.AGAIN if answer.status in _AGAIN else Fate.REFUSED
