"""Who calls? Signature Version 4 in the Authorization header, verified against the key that it names.

Rules and sentences: IAM User Guide, "Create a signed AWS API request", and raw answers in public reports. Checked in this
order: the header can be read, the key is known and its session token is its own, the time, the scope, the signature.
"""

import hashlib
import hmac
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache

from poolkeeper.call import Caller, Signer
from poolkeeper.clock import MINUTE
from poolkeeper.crypto import sigv4
from poolkeeper.crypto.sigv4 import Authorization, MalformedAuthorization
from poolkeeper.errors import (
    IncompleteSignatureException,
    InvalidSignatureException,
    MissingAuthenticationTokenException,
)

FindSigner = Callable[[str, str | None, int], Awaitable[Signer]]
"""Says who an access key's id and the session token beside it stand for, at a moment.

Raises UnrecognizedClientException and ExpiredSecurityTokenException.
"""
SigningKey = Callable[[str, str, str, str, str], bytes]

JSON_LEEWAY = 5
QUERY_LEEWAY = 15

_ONCE = ("authorization", "host", "x-amz-date", "x-amz-content-sha256", "x-amz-security-token", "x-amz-target")
# Regions are kept with the keys that were derived for them.
_LONGEST_REGION = 64
_TIMESTAMP = re.compile(r"\d{8}T\d{6}Z", re.ASCII)
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details."
)


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request as it arrived: path and query as in the request line, header names in lower case, in order."""

    method: str
    path: str
    query: str
    headers: Sequence[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the first header of that name (lower case), or None."""
        for given, value in self.headers:
            if given == name:
                return value
        return None


def cached_signing_key(size: int) -> SigningKey:
    """Return a derivation of signing keys that remembers the last `size` of them."""

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
    """Return who signed this request for `service`; the region is the one of the credential scope, any is accepted.

    `leeway` is in minutes, both ways. `public_host` is tried as Host where the received one does not verify: a proxy may
    have rewritten it, and the signature still proves the key. Raises the exceptions imported above, and what
    `find_signer` raises.
    """
    authorization = _readable(request)
    signer = await find_signer(authorization.access_key_id, request.header("x-amz-security-token"), now)
    timestamp = _check_time(request, authorization, leeway, now)
    _check_scope(authorization, service)

    payload_hash = _payload_hash(request)
    key_id, secret = signer.access_key_id, signer.secret.reveal()
    derived = signing_key(key_id, secret, authorization.date, authorization.region, service)
    for variant in _variants(request, public_host):
        expected = _signature(variant, authorization, timestamp, payload_hash, derived)
        if hmac.compare_digest(expected, authorization.signature):
            return Caller(key_id, authorization.region, signer.principal)
    raise InvalidSignatureException(_MISMATCH)


def _readable(request: Request) -> Authorization:
    """Read the Authorization header and refuse what it leaves unsigned."""
    header = request.header("authorization")
    if header is None:
        raise MissingAuthenticationTokenException("Missing Authentication Token")
    names = [name for name, _ in request.headers]
    for name in _ONCE:
        if names.count(name) > 1:
            raise InvalidSignatureException(f"The header '{name}' was sent more than once.")
    try:
        authorization = sigv4.parse_authorization(header)
    except MalformedAuthorization as fault:
        raise IncompleteSignatureException(str(fault)) from None

    signed = frozenset(authorization.signed_headers)
    if "host" not in signed:
        raise InvalidSignatureException("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
    unsigned = sorted({name for name in names if name.startswith("x-amz-") and name not in signed})
    if unsigned:
        raise InvalidSignatureException(
            f"There were headers present in the request which were not signed: {', '.join(unsigned)}"
        )
    return authorization


def _check_time(request: Request, authorization: Authorization, leeway: int, now: int) -> str:
    """Return the request's time as `20150830T123600Z`, within the leeway."""
    timestamp = _timestamp(request)
    try:
        sent = _milliseconds(timestamp)
    except ValueError:
        raise IncompleteSignatureException(f"Date must be in ISO-8601 'basic format'. Got '{timestamp}'.") from None
    if sent < now - leeway * MINUTE:
        raise InvalidSignatureException(
            f"Signature expired: {timestamp} is now earlier than {_basic(now - leeway * MINUTE)} "
            f"({_basic(now)} - {leeway} min.)"
        )
    if sent > now + leeway * MINUTE:
        raise InvalidSignatureException(
            f"Signature not yet current: {timestamp} is still later than {_basic(now + leeway * MINUTE)} "
            f"({_basic(now)} + {leeway} min.)"
        )
    if authorization.date != timestamp[:8]:
        raise InvalidSignatureException(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{authorization.date}' != '{timestamp[:8]}', from '{timestamp}'."
        )
    return timestamp


def _timestamp(request: Request) -> str:
    given = request.header("x-amz-date") or request.header("date")
    if given is None:
        raise IncompleteSignatureException(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
        )
    if _TIMESTAMP.fullmatch(given):
        return given
    try:
        return parsedate_to_datetime(given).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    except (ValueError, TypeError, OverflowError):
        raise IncompleteSignatureException(f"Date must be in ISO-8601 'basic format'. Got '{given}'.") from None


def _check_scope(authorization: Authorization, service: str) -> None:
    if len(authorization.region) > _LONGEST_REGION:
        # UNVERIFIED: AWS's words, which name the region that it expects; here any is taken.
        raise InvalidSignatureException("Credential should be scoped to a valid region. ")
    if authorization.service != service:
        raise InvalidSignatureException(f"Credential should be scoped to correct service: '{service}'. ")


def _payload_hash(request: Request) -> str:
    """Return the SHA-256 of the body; a hash that the caller sent must be that."""
    actual = hashlib.sha256(request.body).hexdigest()
    claimed = request.header("x-amz-content-sha256")
    if claimed is not None and claimed != actual:
        raise InvalidSignatureException(_MISMATCH)
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


def _milliseconds(timestamp: str) -> int:
    """Read `20150830T123600Z` (strptime takes five times as long); raises ValueError for a day that does not exist."""
    day = [int(timestamp[start:end]) for start, end in ((0, 4), (4, 6), (6, 8), (9, 11), (11, 13), (13, 15))]
    year, month, date, hour, minute, second = day
    return int(datetime(year, month, date, hour, minute, second, tzinfo=UTC).timestamp()) * 1000


def _basic(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
