"""Which calls of AWS's clients do not belong here? Those for services that are not ours, and those with a path.

AWS_ENDPOINT_URL in a shell sends every service's calls here, S3's and DynamoDB's too; the answer says what to set instead.
"""

import html
import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from poolkeeper.variables import SERVICES

_SCOPE = re.compile(r"AWS4-[A-Z0-9-]+ .*Credential=[^\s,]*/\d{8}/[^/\s,]*/([a-z0-9-]{1,64})/aws4_request")
OURS = frozenset({"cognito-idp", "cognito-identity", "sts", "iam", "kms", "tagging", "poolkeeper"})
HINT = f"AWS_ENDPOINT_URL sends every service here: set AWS_ENDPOINT_URL_{SERVICES[0]} and its like (_{', _'.join(SERVICES[1:])})."
_CODE = "UnknownOperationException"


def scoped_service(authorization: str) -> str:
    """Return the service that a signature claims to be for; empty for a header without AWS's signature."""
    match = _SCOPE.match(authorization)
    return "" if match is None else match[1]


def sentence(scope: Mapping[str, Any], *, address: str) -> str | None:
    """Return the error message for a request to another path than `/`; None for a request that is not from a client of AWS's.

    `address` is the right address of the endpoint.
    """
    headers = _headers(scope["headers"])
    service, target = scoped_service(headers.get("authorization", "")), headers.get("x-amz-target", "")
    if not service and not target:
        return None
    if service and service not in OURS:
        return f"Poolkeeper does not serve {service}. {HINT}"
    if scope["path"] == "/":
        return f"Poolkeeper takes the calls of {service or target[:200]} by POST alone."
    return f"The endpoint of Poolkeeper is {address}, without the path {scope['path'][:200]}."


def body(scope: Mapping[str, Any], message: str) -> tuple[bytes, str]:
    """Return the body of the error, and its content type: XML for clients like S3's, JSON for all others."""
    headers = _headers(scope["headers"])
    if scoped_service(headers.get("authorization", "")) in {"s3", "s3express", "cloudfront", "route53"}:
        return (
            f"<Error><Code>{_CODE}</Code><Message>{html.escape(message, quote=False)}</Message></Error>".encode(),
            "application/xml",
        )
    return msgspec.json.encode({"__type": _CODE, "message": message}), "application/x-amz-json-1.1"


def _headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    names = (b"authorization", b"x-amz-target")
    return {name.decode(): value.decode("latin-1") for name, value in raw if name in names}
