"""What must be true of a signed request before its signature is compared? Its headers, time and scope must be right.

The form is that of Signature Version 4 in a header, the error messages are AWS's. Both the server and applications on their own
(poolkeeper.verify) use this; nothing here knows keys.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from poolkeeper.clock import MINUTE
from poolkeeper.crypto import sigv4
from poolkeeper.crypto.sigv4 import Authorization, MalformedAuthorization
from poolkeeper.errors import (
    IncompleteSignatureException,
    InvalidSignatureException,
    MissingAuthenticationTokenException,
)

_ONCE = frozenset({"authorization", "host", "content-type"})
# Regions are remembered with the keys that were derived for them.
_LONGEST_REGION = 64
_TIMESTAMP = re.compile(r"\d{8}T\d{6}Z", re.ASCII)
MISMATCH = (
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
        for header_name, value in self.headers:
            if header_name == name:
                return value
        return None


def read_header(request: Request) -> Authorization:
    """Read the Authorization header and refuse headers that it must sign and does not.

    Raises MissingAuthenticationTokenException, IncompleteSignatureException, InvalidSignatureException.
    """
    header = request.header("authorization")
    if header is None:
        raise MissingAuthenticationTokenException("Missing Authentication Token")
    require_once(request)
    try:
        authorization = sigv4.parse_authorization(header)
    except MalformedAuthorization as fault:
        raise IncompleteSignatureException(str(fault)) from None
    require_signed(request, authorization.signed_headers)
    return authorization


def require_once(request: Request) -> None:
    """Pass where the headers of the signature, and every x-amz- header, come once; raises InvalidSignatureException.

    A signature covers all values of a header, joined; whoever serves the request may read the first or the last of them.
    """
    seen: set[str] = set()
    for name, _ in request.headers:
        if name in seen:
            raise InvalidSignatureException(f"The header '{name[:64]}' was sent more than once.")
        if name in _ONCE or name.startswith("x-amz-"):
            seen.add(name)


def require_signed(request: Request, signed_headers: Sequence[str]) -> None:
    """Pass where a signature covers all headers that it must; raises InvalidSignatureException."""
    names = [name for name, _ in request.headers]
    signed = frozenset(signed_headers)
    if "host" not in signed:
        raise InvalidSignatureException("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
    unsigned = sorted({name for name in names if name.startswith("x-amz-") and name not in signed})
    if unsigned:
        raise InvalidSignatureException(
            f"There were headers present in the request which were not signed: {', '.join(unsigned)}"
        )


def check_time(request: Request, authorization: Authorization, leeway: int, now: int) -> str:
    """Return the request's time as `20150830T123600Z`, within `leeway` minutes; raises what `verified` does."""
    timestamp = _timestamp(request)
    try:
        sent = milliseconds(timestamp)
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
    date = request.header("x-amz-date") or request.header("date")
    if date is None:
        raise IncompleteSignatureException(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
        )
    if _TIMESTAMP.fullmatch(date):
        return date
    try:
        return parsedate_to_datetime(date).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    except (ValueError, TypeError, OverflowError):
        raise IncompleteSignatureException(f"Date must be in ISO-8601 'basic format'. Got '{date}'.") from None


def check_scope(authorization: Authorization, service: str) -> None:
    """Pass where a signature was made for a service; raises InvalidSignatureException."""
    if len(authorization.region) > _LONGEST_REGION:
        # UNVERIFIED: AWS's words, which name the region that it expects; here any is taken.
        raise InvalidSignatureException("Credential should be scoped to a valid region. ")
    if authorization.service != service:
        raise InvalidSignatureException(f"Credential should be scoped to correct service: '{service}'. ")


def milliseconds(timestamp: str) -> int:
    """Read `20150830T123600Z` (strptime takes five times as long); raises ValueError for a day that does not exist."""
    parts = [int(timestamp[start:end]) for start, end in ((0, 4), (4, 6), (6, 8), (9, 11), (11, 13), (13, 15))]
    year, month, day, hour, minute, second = parts
    return int(datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp()) * 1000


def _basic(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")
