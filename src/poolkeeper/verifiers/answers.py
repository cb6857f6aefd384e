"""What is a proxy answered? 200 with who signed, or a refusal that its client can read: 401 and 403, which all proxies know.

The refusal is as the service would say it: XML with S3's codes, else JSON as the API Gateway has it.
"""

from base64 import b64encode
from collections.abc import Mapping
from html import escape
from http import HTTPStatus

import msgspec

from poolkeeper.call import Caller
from poolkeeper.clock import SECOND
from poolkeeper.errors import (
    AccessDeniedException,
    ExpiredSecurityTokenException,
    IncompleteSignatureException,
    InvalidSignatureException,
    MissingAuthenticationTokenException,
    NotImplementedException,
    ServiceError,
    UnrecognizedClientException,
    ValidationException,
)
from poolkeeper.verifier_settings import S3
from poolkeeper.verifiers.originals import OWN_PREFIX
from poolkeeper.verifiers.signatures import Signed

KEY_SECONDS = 60
"""How long an application may go on with a signing key that it was given."""

# S3's code, and its sentence where ours is another's (S3 API Reference, "Error responses").
_OF_S3: Mapping[type[ServiceError], tuple[str, str]] = {
    MissingAuthenticationTokenException: ("AccessDenied", "Access Denied"),
    IncompleteSignatureException: ("AuthorizationHeaderMalformed", ""),
    InvalidSignatureException: ("SignatureDoesNotMatch", ""),
    UnrecognizedClientException: (
        "InvalidAccessKeyId",
        "The AWS Access Key Id you provided does not exist in our records.",
    ),
    ExpiredSecurityTokenException: ("ExpiredToken", "The provided token has expired."),
    AccessDeniedException: ("AccessDenied", ""),
    NotImplementedException: ("NotImplemented", ""),
    ValidationException: ("InvalidRequest", ""),
}


def of_principal(signed: Signed) -> dict[str, str]:
    """Return the headers that name who signed; each is always there, empty or not, so that a proxy overwrites a client's."""
    principal = signed.caller.principal
    claims = principal.session
    vouched = None if claims is None or claims.web_identity is None else claims.web_identity
    identity_pool_id, identity_id = (None if vouched is None else vouched.identity) or ("", "")
    return {
        f"{OWN_PREFIX}principal-arn": principal.arn,
        f"{OWN_PREFIX}account": principal.account_id,
        f"{OWN_PREFIX}user-id": principal.unique_id,
        f"{OWN_PREFIX}access-key-id": signed.caller.access_key_id,
        f"{OWN_PREFIX}identity-id": identity_id,
        f"{OWN_PREFIX}identity-pool-id": identity_pool_id,
        f"{OWN_PREFIX}content-sha256": signed.payload,
    }


def of_key(signed: Signed, now: int) -> dict[str, str]:
    """Return the headers that give an application the signing key of a day, a region and a service, for a minute at most."""
    return {
        f"{OWN_PREFIX}signing-key": b64encode(signed.key).decode(),
        f"{OWN_PREFIX}key-seconds": str(min(KEY_SECONDS, _seconds_left(signed.caller, now))),
    }


def refusal(service: str, fault: ServiceError, request_id: str) -> tuple[int, dict[str, str], bytes]:
    """Return status, headers and body of a refusal."""
    missing = isinstance(fault, MissingAuthenticationTokenException)
    status = HTTPStatus.UNAUTHORIZED if missing else HTTPStatus.FORBIDDEN
    headers = {"x-amzn-requestid": request_id, **fault.headers}
    if service == S3:
        code, sentence = _OF_S3.get(type(fault), (fault.name, ""))
        body = (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code>'
            f"<Message>{escape(sentence or fault.message)}</Message><RequestId>{request_id}</RequestId></Error>"
        )
        return status, {"content-type": "application/xml", **headers}, body.encode()
    content = msgspec.json.encode({"message": fault.message})
    return status, {"content-type": "application/json", "x-amzn-errortype": fault.name, **headers}, content


def _seconds_left(caller: Caller, now: int) -> int:
    session = caller.principal.session
    return KEY_SECONDS if session is None else max(0, (session.expires_at - now) // SECOND)
