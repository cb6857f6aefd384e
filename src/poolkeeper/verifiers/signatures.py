"""Who signed the request that a verifier is asked about? By header, or of S3 by its address too.

Sources: IAM User Guide, "Create a signed AWS API request"; S3 API Reference, "Authenticating Requests (AWS Signature
Version 4)". The key is known and its token its own, the time, the scope, the signature: in the order of aws/caller.py.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from poolkeeper.aws.caller import FindSigner, SigningKey
from poolkeeper.aws.signed_request import (
    MISMATCH,
    Request,
    check_scope,
    check_time,
    milliseconds,
    read_header,
    require_once,
    require_signed,
)
from poolkeeper.call import Caller
from poolkeeper.clock import MINUTE, SECOND
from poolkeeper.crypto import sigv4
from poolkeeper.crypto.sigv4 import Authorization, MalformedAuthorization
from poolkeeper.errors import IncompleteSignatureException, InvalidSignatureException, ValidationException
from poolkeeper.verifier_settings import S3

LEEWAY = 5
"""Minutes between the clocks, of S3 too, where AWS takes fifteen: as long a request that was overheard can be sent again."""

UNSIGNED = "UNSIGNED-PAYLOAD"
# What stands for the hash of a body that S3's clients do not sign; a body in signed chunks is checked by nobody here.
_UNSIGNED_BODIES = frozenset({UNSIGNED, "STREAMING-UNSIGNED-PAYLOAD-TRAILER"})
_HASH = re.compile(r"[0-9a-f]{64}")
_OF_NOTHING = hashlib.sha256(b"").hexdigest()
_LONGEST_LIFE = 604_800
# S3 API Reference, "Error responses": InvalidRequest of a region that has no other.
_NO_VERSION_2 = "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
_IN_ADDRESS = ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature")
_TOKEN = "X-Amz-Security-Token"  # noqa: S105 - the name of a parameter


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signed, and what their signature says of the body: its SHA-256, or one of S3's words that it is not signed.

    `key` is the signing key of this day, region and service. `by_address`: the signature stood in the query. `age` is in
    milliseconds.
    """

    caller: Caller
    payload: str
    key: bytes
    by_address: bool
    age: int


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a request claims of its signature. `query` is what was signed of the query, `token` the session token."""

    authorization: Authorization
    timestamp: str
    token: str | None
    query: str
    payload: str


async def prove(
    request: Request, *, service: str, body_hash: str, now: int, find_signer: FindSigner, signing_key: SigningKey
) -> Signed:
    """Return who signed a request for a service; `body_hash` is the SHA-256 of its body where it is known, or empty.

    Raises what caller.verified does, and ValidationException for Signature Version 2.
    """
    given = parameters(request) if service == S3 else {}
    _refuse_version_2(request, given)
    by_address = "X-Amz-Algorithm" in given or "X-Amz-Signature" in given
    claim = _by_address(request, given, body_hash, now) if by_address else _by_header(request, service, body_hash)
    authorization = claim.authorization
    signer = await find_signer(authorization.access_key_id, claim.token, now)
    timestamp = claim.timestamp or check_time(request, authorization, LEEWAY, now)
    check_scope(authorization, service)

    key_id = signer.access_key_id
    key = signing_key(key_id, signer.secret.reveal(), authorization.date, authorization.region, service)
    canonical = sigv4.canonical_request(
        method=request.method,
        path=request.path,
        query=claim.query,
        headers=request.headers,
        signed_headers=authorization.signed_headers,
        payload_hash=claim.payload,
        of_s3=service == S3,
    )
    text = sigv4.string_to_sign(timestamp=timestamp, scope=authorization.scope, canonical_request=canonical)
    if not hmac.compare_digest(sigv4.sign(key, text), authorization.signature):
        raise InvalidSignatureException(MISMATCH)
    caller = Caller(key_id, authorization.region, signer.principal)
    return Signed(caller, claim.payload, key, by_address, max(0, now - milliseconds(timestamp)))


def _refuse_version_2(request: Request, parameters: Mapping[str, str]) -> None:
    """Refuse Signature Version 2 by its name, of which some clients make addresses where nothing else is said."""
    in_header = (request.header("authorization") or "").startswith("AWS ")
    if in_header or {"AWSAccessKeyId", "Signature"} <= parameters.keys():
        raise ValidationException(_NO_VERSION_2)


def _by_header(request: Request, service: str, body_hash: str) -> _Claim:
    authorization = read_header(request)
    claimed = request.header("x-amz-content-sha256")
    payload = claimed or body_hash or _OF_NOTHING
    if service == S3:
        if claimed is None:
            raise InvalidSignatureException("Missing required header for this request: x-amz-content-sha256")
        if claimed not in _UNSIGNED_BODIES and not _HASH.fullmatch(claimed):
            raise InvalidSignatureException(
                "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, or a valid sha256 value."
            )
    elif not _HASH.fullmatch(payload):
        raise InvalidSignatureException(MISMATCH)
    if body_hash and _HASH.fullmatch(payload) and body_hash != payload:
        raise InvalidSignatureException(MISMATCH)
    return _Claim(authorization, "", request.header("x-amz-security-token"), request.query, payload)


def _by_address(request: Request, parameters: Mapping[str, str], body_hash: str, now: int) -> _Claim:
    """Return what an address claims that was signed beforehand; it holds until its own end and not a moment longer."""
    if request.header("authorization") is not None:
        raise InvalidSignatureException(
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or "
            "the Authorization header should be specified"
        )
    require_once(request)
    given = {name: parameters.get(f"X-Amz-{name}", "") for name in _IN_ADDRESS}
    if not all(given.values()):
        raise IncompleteSignatureException(
            "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, "
            "X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
        )
    header = (
        f"{given['Algorithm']} Credential={given['Credential']}, "
        f"SignedHeaders={given['SignedHeaders']}, Signature={given['Signature']}"
    )
    try:
        authorization = sigv4.parse_authorization(header)
    except MalformedAuthorization as fault:
        raise IncompleteSignatureException(str(fault)) from None
    require_signed(request, authorization.signed_headers)
    timestamp = _require_life(given["Date"], given["Expires"], authorization, now)
    pieces = [piece for piece in request.query.split("&") if unquote(piece.partition("=")[0]) != "X-Amz-Signature"]
    payload = request.header("x-amz-content-sha256") or UNSIGNED
    if payload not in _UNSIGNED_BODIES and not _HASH.fullmatch(payload):
        raise InvalidSignatureException(MISMATCH)
    if body_hash and _HASH.fullmatch(payload) and body_hash != payload:
        raise InvalidSignatureException(MISMATCH)
    return _Claim(authorization, timestamp, parameters.get(_TOKEN), "&".join(pieces), payload)


def _require_life(date: str, expires: str, authorization: Authorization, now: int) -> str:
    """Return when an address was signed, which has begun to hold and not ended; raises what `prove` does."""
    if not (re.fullmatch(r"\d{8}T\d{6}Z", date, re.ASCII) and date[:8] == authorization.date):
        raise IncompleteSignatureException("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
    if not (re.fullmatch(r"[0-9]{1,6}", expires) and 1 <= int(expires) <= _LONGEST_LIFE):
        raise IncompleteSignatureException("X-Amz-Expires must be a number of seconds, less than a week (in seconds)")
    try:
        signed_at = milliseconds(date)
    except ValueError:
        raise IncompleteSignatureException(
            "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\""
        ) from None
    if signed_at > now + LEEWAY * MINUTE:
        raise InvalidSignatureException("Request is not valid yet")
    if signed_at + int(expires) * SECOND <= now:
        raise InvalidSignatureException("Request has expired")
    return date


def parameters(request: Request) -> dict[str, str]:
    """Return the parameters of a query by name; one that comes twice could be read in two ways, and is refused."""
    by_name: dict[str, str] = {}
    if "+" in request.query:
        raise InvalidSignatureException("A '+' in the query can be a space as well: it is sent as %2B or as %20.")
    if ";" in request.query:
        raise InvalidSignatureException("A ';' in the query can part parameters as well: it is sent as %3B.")
    for piece in filter(None, request.query.split("&")):
        name, _, value = piece.partition("=")
        if unquote(name) in by_name:
            raise InvalidSignatureException(f"The parameter '{unquote(name)[:64]}' was sent more than once.")
        by_name[unquote(name)] = unquote(value)
    return by_name
