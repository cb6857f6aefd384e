"""Who calls? The owner of the key that the Authorization header names, if its Signature Version 4 is right.

Rules and sentences: IAM User Guide, "Create a signed AWS API request", and raw answers in public reports. Checked in this
order: the header can be read, the key is known and its session token is its own, the time, the scope, the signature.
"""

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import lru_cache

from poolkeeper.aws.signed_request import MISMATCH, Request, check_scope, check_time, read_header
from poolkeeper.call import Caller, Signer
from poolkeeper.crypto import sigv4
from poolkeeper.crypto.sigv4 import Authorization
from poolkeeper.errors import InvalidSignatureException

FindSigner = Callable[[str, str | None, int], Awaitable[Signer]]
"""Return who an access key's id and its session token stand for, at a moment.

Raises UnrecognizedClientException and ExpiredSecurityTokenException.
"""
SigningKey = Callable[[str, str, str, str, str], bytes]

JSON_LEEWAY = 5
QUERY_LEEWAY = 15


def cached_signing_key(size: int) -> SigningKey:
    """Return a function that derives signing keys and remembers the last `size` of them."""

    @lru_cache(maxsize=size)
    def signing_key(key_id: str, secret: str, date: str, region: str, service: str) -> bytes:  # noqa: ARG001 - tells keys apart
        return sigv4.signing_key(secret, date=date, region=region, service=service)

    return signing_key


async def verified(
    request: Request,
    *,
    service: str,
    leeway: int,
    now: int,
    find_signer: FindSigner,
    signing_key: SigningKey,
    public_host: str = "",
) -> Caller:
    """Return who signed this request for `service`; the region is that of the credential scope, and any is accepted.

    `leeway` is in minutes, both ways. `public_host` is tried as Host where the received Host does not verify: a proxy may
    have rewritten it, and the signature still proves the key. Raises as signed_request.py and `find_signer` do.
    """
    authorization = read_header(request)
    signer = await find_signer(authorization.access_key_id, request.header("x-amz-security-token"), now)
    timestamp = check_time(request, authorization, leeway, now)
    check_scope(authorization, service)

    payload_hash = _payload_hash(request)
    key_id, secret = signer.access_key_id, signer.secret.reveal()
    derived = signing_key(key_id, secret, authorization.date, authorization.region, service)
    for variant in _variants(request, public_host):
        expected = _signature(variant, authorization, timestamp, payload_hash, derived)
        if hmac.compare_digest(expected, authorization.signature):
            return Caller(key_id, authorization.region, signer.principal)
    raise InvalidSignatureException(MISMATCH)


def _payload_hash(request: Request) -> str:
    """Return the SHA-256 of the body; a hash in the request must be the same."""
    actual = hashlib.sha256(request.body).hexdigest()
    claimed = request.header("x-amz-content-sha256")
    if claimed is not None and claimed != actual:
        raise InvalidSignatureException(MISMATCH)
    return actual


def _variants(request: Request, public_host: str) -> Sequence[Request]:
    if not public_host or request.header("host") == public_host:
        return (request,)
    headers = [(name, public_host if name == "host" else value) for name, value in request.headers]
    return (request, replace(request, headers=headers))


def _signature(request: Request, claimed: Authorization, timestamp: str, payload_hash: str, key: bytes) -> str:
    canonical = sigv4.canonical_request(
        method=request.method,
        path=request.path,
        query=request.query,
        headers=request.headers,
        signed_headers=claimed.signed_headers,
        payload_hash=payload_hash,
    )
    return sigv4.sign(key, sigv4.string_to_sign(timestamp=timestamp, scope=claimed.scope, canonical_request=canonical))
