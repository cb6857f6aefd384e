"""How does a web server know that a POST is ours, and of now? By a header that signs its time, its id and its body.

    Poolkeeper-Id: <id>                           the same at every try
    Poolkeeper-Signature: t=<unix>,v1=<hex>       HMAC-SHA256 of "<t>.<id>.<body>"; a v1 for each secret

The time stands in the signature so that a recorded request is worth nothing later (attacks.md 146).
"""

import hmac
from collections.abc import Iterable

from poolkeeper.secret import Secret


def headers(secrets: Iterable[Secret], *, request_id: str, seconds: int, body: bytes) -> dict[str, str]:
    """Return the two headers; `seconds` is the Unix time."""
    signed = f"{seconds}.{request_id}.".encode() + body
    marks = [hmac.digest(secret.reveal().encode(), signed, "sha256").hex() for secret in secrets]
    value = ",".join([f"t={seconds}", *(f"v1={mark}" for mark in marks)])
    return {"Poolkeeper-Id": request_id, "Poolkeeper-Signature": value}
