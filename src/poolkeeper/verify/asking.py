"""Who signed this request? The server is asked; where the answer is a name alone, its key is good for a minute more.

The signing key of one day, region and service is all that the server gives, and only where it judges no actions: with it a
signature is compared here, by the rules of the server itself (aws/signed_request.py).
"""

import hmac
import json
import logging
import re
import threading
import time
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus
from urllib.parse import unquote

from poolkeeper.aws.signed_request import Request, check_time, read_header
from poolkeeper.clock import Clock, SystemClock
from poolkeeper.crypto import sigv4
from poolkeeper.errors import ServiceError
from poolkeeper.verify.connection import Connections

Headers = Sequence[tuple[str, str]]

OWN_PREFIX = "x-poolkeeper-"
MOST_SECONDS = 60
_LEEWAY = 5
_MOST_KEYS = 1_024
_OF_NOTHING = sha256(b"").hexdigest()
_HASH = re.compile(r"[0-9a-f]{64}")
_NAME, _CONTROL = re.compile(r"[!#-'*+.^_`|~0-9a-z-]+"), re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
# As the server takes them; anything else it shall refuse itself.
_PLAIN_TARGET = re.compile(r"/[!-\"$-\[\]-~]*")
_SIGNED = re.compile(r"SignedHeaders=([^,&\s]+)")
_ALWAYS = frozenset({"authorization", "origin", "user-agent"})
# How the headers begin by which a request is judged, or told apart from others.
_COUNTS = ("x-amz-", "x-minio-", "x-rgw-", "x-http-method", "authorization", "host", "content-", "transfer-encoding")
_TOLD = ("x-amz-", "x-minio-", "x-rgw-")
# By which some applications take another method or path than those that are judged.
_OVERRIDES = frozenset(
    {
        *("x-http-method-override", "x-method-override", "x-http-method"),
        *("x-original-url", "x-rewrite-url"),
    }
)
_ONCE = frozenset({"authorization", "host", "content-length", "content-type"})
_log = logging.getLogger("poolkeeper.verify")
# With what a verifier refuses, or its server before it; anything else is said by somebody else, to whom the address led.
_REFUSALS = frozenset({400, 401, 403, 413, 431})
_REQUEST_ID = "x-amzn-requestid"
_OF_AWAY: Mapping[str, str] = {"content-type": "application/json"}
_AWAY = json.dumps({"message": "The service is not available for a moment. Try again."}).encode()


@dataclass(frozen=True, slots=True)
class Principal:
    """Who signed: as GetCallerIdentity names them, and of an identity's credentials the identity and its pool.

    `content_sha256` is what was signed of the body: its SHA-256, or a word of S3's that it is not signed.
    """

    arn: str
    account: str
    user_id: str
    access_key_id: str
    identity_id: str
    identity_pool_id: str
    content_sha256: str

    @property
    def headers(self) -> dict[str, str]:
        """What an application may be told in headers, as proxies tell it."""
        return {f"{OWN_PREFIX}{header}": getattr(self, name) for name, header in _IN_HEADERS.items()}


_IN_HEADERS = {
    "arn": "principal-arn",
    "account": "account",
    "user_id": "user-id",
    "access_key_id": "access-key-id",
    "identity_id": "identity-id",
    "identity_pool_id": "identity-pool-id",
    "content_sha256": "content-sha256",
}


class Refused(Exception):  # noqa: N818 - what is said of the request, not of us
    """A request that must not be served, and what its client is answered."""

    def __init__(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        super().__init__(f"refused: {status}")
        self.status, self.headers, self.body = status, headers, body


@dataclass(frozen=True, slots=True)
class _Known:
    """Whose key signs, until a moment of the monotonic clock."""

    key: bytes = field(repr=False)
    principal: Principal
    until: float


class Verifier:
    """One verifier of the server, as an application asks it; many threads may.

    `seconds` are how long an answer may take. `clock` is the machine's where none is given. That the server cannot be asked is
    told once, and once that it can be again, to the logger `poolkeeper.verify`.
    """

    def __init__(self, url: str, *, secret: str, seconds: float = 10.0, clock: Clock | None = None) -> None:
        self._connections = Connections(url, seconds=seconds)
        self._url, self._secret = url, secret
        self._clock = clock or SystemClock()
        self._answered = True
        self._known: dict[tuple[str, ...], _Known] = {}
        self._lock = threading.Lock()

    def ask(
        self,
        method: str,
        target: str,
        headers: Headers,
        *,
        body: bytes = b"",
        body_hash: str = "",
        address: str = "",
    ) -> Principal:
        """Return who signed a request; raises Refused, with 503 where the server cannot be asked.

        `target` is path and query as in the request line, `headers` have lower-case names, `body_hash` is the SHA-256 of a
        body whose hash the client does not send; `body` is handed on where the server must read it, `address` is the client's.
        """
        path, _, query = target.partition("?")
        request = Request(method, path, query, headers, body)
        require_one_reading(request)
        known = self._by_known_key(request, target, body_hash)
        if known is not None:
            return known
        try:
            status, answered, content = self._connections.post(
                self._question_headers(request, target, body_hash, address), body
            )
        except OSError as fault:
            raise self._away(str(fault)) from None
        if answered.get(f"{OWN_PREFIX}asker") == "unknown":
            raise self._away("it has no verifier of that name with that secret")
        if status in _REFUSALS:
            self._note_answer()
            raise Refused(status, _kept(answered), content)
        if status == HTTPStatus.SERVICE_UNAVAILABLE and _REQUEST_ID in answered:
            raise self._away("its database is away", _kept(answered), content)
        named = {name: answered.get(f"{OWN_PREFIX}{header}") for name, header in _IN_HEADERS.items()}
        if status != HTTPStatus.OK or None in named.values():
            raise self._away(f"what answers is no verifier: {status}")
        self._note_answer()
        principal = Principal(**{name: value or "" for name, value in named.items()})
        if f"{OWN_PREFIX}signing-key" in answered:
            self._keep(request, principal, answered)
        return principal

    def close(self) -> None:
        """Close the connections that nobody uses, and forget all keys."""
        self._connections.close()
        self._known.clear()

    def _away(self, why: str, headers: Mapping[str, str] = _OF_AWAY, body: bytes = _AWAY) -> Refused:
        """Return the refusal of a request about which nobody could be asked, of which the log has the first."""
        if self._answered:
            self._answered = False
            _log.warning("nobody comes in: %s cannot be asked (%s)", self._url, why)
        return Refused(HTTPStatus.SERVICE_UNAVAILABLE, {**headers, "retry-after": "5"}, body)

    def _note_answer(self) -> None:
        if not self._answered:
            self._answered = True
            _log.warning("%s answers again", self._url)

    def _question_headers(self, request: Request, target: str, body_hash: str, address: str) -> dict[str, str]:
        """Return the headers of a question: those that can have been signed, and what was asked of the application."""
        wanted_names = _ALWAYS | _signed_names(request)
        headers = {name: value for name, value in request.headers if name in wanted_names or name.startswith(_TOLD)}
        for name in ("host", "content-length", "connection", "transfer-encoding", "forwarded", "x-forwarded-for"):
            headers.pop(name, None)
        headers = {name: value for name, value in headers.items() if not name.startswith((OWN_PREFIX, "x-original-"))}
        headers |= {
            "X-Poolkeeper-Verifier": self._secret,
            "X-Original-Method": request.method,
            "X-Original-URI": target,
            "X-Original-Host": request.header("host") or "",
        }
        more = {
            "X-Original-Content-Length": request.header("content-length") or "",
            "X-Original-Content-Sha256": body_hash,
            "X-Original-Address": address,
        }
        return headers | {name: value for name, value in more.items() if value}

    def _by_known_key(self, request: Request, target: str, body_hash: str) -> Principal | None:
        """Return who signed where the key is known and the signature is right; None: the server shall say."""
        if not self._known or not _PLAIN_TARGET.fullmatch(target):
            return None
        try:
            authorization = read_header(request)
            known_key = self._known.get(_name(authorization, request))
            if known_key is None or known_key.until < time.monotonic():
                return None
            timestamp = check_time(request, authorization, _LEEWAY, self._clock.now())
        except ServiceError:
            return None
        payload = request.header("x-amz-content-sha256") or body_hash or _OF_NOTHING
        if not _HASH.fullmatch(payload) or (body_hash and payload != body_hash):
            return None
        canonical = sigv4.canonical_request(
            method=request.method,
            path=request.path,
            query=request.query,
            headers=request.headers,
            signed_headers=authorization.signed_headers,
            payload_hash=payload,
        )
        text = sigv4.string_to_sign(timestamp=timestamp, scope=authorization.scope, canonical_request=canonical)
        if not hmac.compare_digest(sigv4.sign(known_key.key, text), authorization.signature):
            return None
        return Principal(
            **{**{name: getattr(known_key.principal, name) for name in _IN_HEADERS}, "content_sha256": payload}
        )

    def _keep(self, request: Request, principal: Principal, answered: Mapping[str, str]) -> None:
        seconds = min(MOST_SECONDS, int(answered[f"{OWN_PREFIX}key-seconds"]))
        key = b64decode(answered[f"{OWN_PREFIX}signing-key"])
        name = _name(read_header(request), request)
        with self._lock:
            while len(self._known) >= _MOST_KEYS:
                self._known.pop(next(iter(self._known)))
            self._known[name] = _Known(key, principal, time.monotonic() + seconds)


def require_one_reading(request: Request) -> None:
    """Pass where nothing that counts was sent twice: an application may read another of the values than was judged.

    Nor in a name that some read as another's, which the underscores of CGI do. Raises Refused.
    """
    signed, names = _signed_names(request), set[str]()
    counts = _ONCE | signed
    for name, value in request.headers:
        if name in _OVERRIDES and name not in signed:
            raise unclear(f"The header {name} must be signed.")
        if _CONTROL.search(value):
            raise unclear(f"The header {name[:64]} can be read in more than one way.")
        alike = "_" in name and name.replace("_", "-").startswith(_COUNTS)
        if alike or not _NAME.fullmatch(name):
            raise unclear(f"The header {name[:64]} can be read as another one.")
        if name in names:
            raise unclear(f"The header {name[:64]} was sent more than once.")
        if name in counts or name.startswith("x-amz-"):
            names.add(name)


def overrides(headers: Headers) -> bool:
    """Say whether a request asks for another method or path than its own, as some applications take them."""
    return any(name.replace("_", "-") in _OVERRIDES for name, _ in headers)


def is_signed(request: Request) -> bool:
    """Say whether a request looks signed: of one that does not no body is read, and the server says what it lacks."""
    if request.header("authorization") is None:
        names = {unquote(parameter.partition("=")[0]) for parameter in request.query.split("&")}
        return {"X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature"} <= names
    try:
        read_header(request)
    except ServiceError:
        return False
    return True


def unclear(message: str) -> Refused:
    """Return the refusal of a request that could be read in two ways."""
    return Refused(403, {"content-type": "application/json"}, json.dumps({"message": message}).encode())


def _kept(answered: Mapping[str, str]) -> dict[str, str]:
    """Return the headers of a refusal that its client may have."""
    return {name: answered[name] for name in ("content-type", "x-amzn-errortype", _REQUEST_ID) if name in answered}


def _signed_names(request: Request) -> frozenset[str]:
    """Return the headers that a request says are signed, in its header or in its address."""
    matches = _SIGNED.search(unquote(request.query)), _SIGNED.search(request.header("authorization") or "")
    return frozenset(name for match in matches if match for name in match[1].split(";"))


def _name(authorization: sigv4.Authorization, request: Request) -> tuple[str, ...]:
    """Return what a key is known by: the whole scope, the session token, and the host that it was right for."""
    token, host = request.header("x-amz-security-token") or "", request.header("host") or ""
    return authorization.access_key_id, authorization.scope, token, host
