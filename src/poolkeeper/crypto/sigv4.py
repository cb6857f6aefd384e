"""How is a request signed? AWS Signature Version 4 as pure text: for checking our callers, and for signing calls to AWS.

Source: IAM User Guide, "Create a signed AWS API request"; S3 API Reference, "Authenticating Requests (AWS Signature Version 4)".
"""

import hashlib
import hmac
import posixpath
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

ALGORITHM = "AWS4-HMAC-SHA256"
TERMINATOR = "aws4_request"

_PARTS = ("Credential", "Signature", "SignedHeaders")
_SIGNATURE = re.compile(r"[0-9a-f]{64}")
_DATE = re.compile(r"[0-9]{8}")
_SPACES = re.compile(r"[ \t\r\n]+")


class MalformedAuthorization(Exception):  # noqa: N818 - what is said of the header, not of us
    """An Authorization header that cannot be read as a SigV4 signature. The message is AWS's sentence for the caller."""


@dataclass(frozen=True, slots=True)
class Authorization:
    """What the header claims; nothing of it is verified."""

    access_key_id: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str

    @property
    def scope(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/{TERMINATOR}"


def parse_authorization(header: str) -> Authorization:
    """Read `AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...`; the parts may stand in any order.

    Raises MalformedAuthorization with AWS's sentence for whatever is missing or misshapen. `signed_headers` keeps the
    order received, which the canonical request repeats.
    """
    # UNVERIFIED: AWS's words for a part given twice, a header named twice, and a signature or date of another shape;
    # recorded answers to such headers would settle them. The other sentences are from recorded answers.
    algorithm, _, rest = header.strip().partition(" ")
    parts = _named_parts(header, rest)
    missing = [f"Authorization header requires '{name}' parameter." for name in _PARTS if not parts.get(name)]
    if missing:
        raise MalformedAuthorization(" ".join([*missing, f"Authorization={header}"]))
    if algorithm != ALGORITHM:
        raise MalformedAuthorization(f"Unsupported AWS 'algorithm': '{algorithm}' (only {ALGORITHM} for now). ")

    access_key_id, date, region, service = _scope(parts["Credential"])
    signed_headers = tuple(parts["SignedHeaders"].split(";"))
    if not all(signed_headers) or len(set(signed_headers)) != len(signed_headers):
        raise MalformedAuthorization(f"SignedHeaders must name each header once, got '{parts['SignedHeaders']}'.")
    if not _SIGNATURE.fullmatch(parts["Signature"]):
        raise MalformedAuthorization("Signature must be 64 lower-case hexadecimal digits.")
    return Authorization(access_key_id, date, region, service, signed_headers, parts["Signature"])


def signing_key(secret: str, *, date: str, region: str, service: str) -> bytes:
    """Derive the 32-byte key of one day, region and service; worth caching (four HMACs)."""
    key = b"AWS4" + secret.encode()
    for step in (date, region, service, TERMINATOR):
        key = hmac.digest(key, step.encode(), "sha256")
    return key


def canonical_request(
    *,
    method: str,
    path: str,
    query: str,
    headers: Sequence[tuple[str, str]],
    signed_headers: Sequence[str],
    payload_hash: str,
    of_s3: bool = False,
) -> str:
    """Put a request into the one form that both sides hash.

    `path` and `query` are as they stand in the request line (encoded once), `headers` in the order received with
    lower-case names, `payload_hash` is lower-case hex, or of S3 one of its words. A signed header that was not sent
    counts as empty.
    """
    values: dict[str, list[str]] = {}
    for name, value in headers:
        values.setdefault(name, []).append(_SPACES.sub(" ", value).strip())
    header_lines = "".join(f"{name}:{','.join(values.get(name, ()))}\n" for name in signed_headers)

    canonical_path = once_encoded(path) if of_s3 else _canonical_path(path)
    return "\n".join(
        (method, canonical_path, _canonical_query(query), header_lines, ";".join(signed_headers), payload_hash)
    )


def string_to_sign(*, timestamp: str, scope: str, canonical_request: str) -> str:
    """Name the algorithm, the time (`20150830T123600Z`), the scope and the request's hash, a line each."""
    digest = hashlib.sha256(canonical_request.encode()).hexdigest()
    return f"{ALGORITHM}\n{timestamp}\n{scope}\n{digest}"


def sign(key: bytes, string_to_sign: str) -> str:
    """Return the signature, 64 lower-case hex digits."""
    return hmac.digest(key, string_to_sign.encode(), "sha256").hex()


def authorization_header(
    *,
    access_key_id: str,
    secret: str,
    region: str,
    service: str,
    timestamp: str,
    method: str,
    path: str,
    query: str,
    headers: Sequence[tuple[str, str]],
    payload: bytes,
) -> str:
    """Return the Authorization header of a request of our own; every header given (lower-case names) is signed.

    `headers` must hold `host` and `x-amz-date`, which repeats `timestamp` (`20150830T123600Z`).
    """
    signed_headers = sorted({name for name, _ in headers})
    canonical = canonical_request(
        method=method,
        path=path,
        query=query,
        headers=headers,
        signed_headers=signed_headers,
        payload_hash=hashlib.sha256(payload).hexdigest(),
    )
    scope = f"{timestamp[:8]}/{region}/{service}/{TERMINATOR}"
    key = signing_key(secret, date=timestamp[:8], region=region, service=service)
    signature = sign(key, string_to_sign(timestamp=timestamp, scope=scope, canonical_request=canonical))
    return (
        f"{ALGORITHM} Credential={access_key_id}/{scope}, "
        f"SignedHeaders={';'.join(signed_headers)}, Signature={signature}"
    )


def _named_parts(header: str, rest: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in filter(None, (piece.strip() for piece in rest.split(","))):
        name, equals, value = part.partition("=")
        if not equals:
            raise MalformedAuthorization(
                f"'{part}' not a valid key=value pair (missing equal-sign) in Authorization header: '{header}'."
            )
        if name in parts:
            raise MalformedAuthorization(f"Authorization header gives '{name}' more than once.")
        parts[name] = value
    return parts


def _scope(credential: str) -> tuple[str, str, str, str]:
    pieces = credential.split("/")
    if len(pieces) != 5:
        raise MalformedAuthorization(
            "Credential must have exactly 5 slash-delimited elements, "
            f"e.g. keyid/date/region/service/term, got '{credential}'"
        )
    access_key_id, date, region, service, terminator = pieces
    if terminator != TERMINATOR:
        raise MalformedAuthorization(
            f"Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{terminator}'."
        )
    if not (access_key_id and region and service and _DATE.fullmatch(date)):
        raise MalformedAuthorization(f"Credential must name a key, a day, a region and a service, got '{credential}'.")
    return access_key_id, date, region, service


def once_encoded(path: str) -> str:
    """Return a path as S3 signs it: each byte encoded in one way, nothing normalised, since `..` may be in a key."""
    return quote(unquote_to_bytes(path), safe="/~") or "/"


def _canonical_path(path: str) -> str:
    """Remove `.`, `..` and empty segments, then encode what is encoded already once more (not so for S3)."""
    if path in {"", "/"}:
        return "/"
    normal = posixpath.normpath("/" + path.lstrip("/"))
    if path.endswith("/") and normal != "/":
        normal += "/"
    return quote(normal, safe="/~")


def _canonical_query(query: str) -> str:
    if not query:
        return ""
    pairs = (piece.partition("=") for piece in query.split("&") if piece)
    return "&".join(f"{name}={value}" for name, value in sorted((_encoded(n), _encoded(v)) for n, _, v in pairs))


def _encoded(text: str) -> str:
    return quote(unquote_to_bytes(text), safe="~")
