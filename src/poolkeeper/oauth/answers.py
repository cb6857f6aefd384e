"""How do the OAuth endpoints answer? With JSON that no cache keeps; our errors become those of RFC 6749 section 5.2."""

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

from poolkeeper.errors import (
    InvalidLambdaResponseException,
    InvalidOAuthFlowException,
    NotAuthorizedException,
    PasswordResetRequiredException,
    RefreshTokenReuseException,
    ResourceNotFoundException,
    ScopeDoesNotExistException,
    ServiceError,
    TooManyRequestsException,
    UnexpectedLambdaException,
    UserLambdaValidationException,
    UserNotConfirmedException,
    UserNotFoundException,
)
from poolkeeper.errors.refusals import UnprovedKey
from poolkeeper.hosted.redirects import NOT_KEPT
from poolkeeper.hosted.visit import Handler, Visit

_encode = msgspec.json.Encoder().encode
_NOT_KEPT = tuple((name.encode(), value.encode()) for name, value in NOT_KEPT.items())
# Error, status, and whether the client reads our error message too: that of our own refusals says no more than the error.
# UNVERIFIED: what AWS answers where a function fails or there is too much to do; one of each at /oauth2/token.
_ERRORS: Mapping[type[ServiceError], tuple[str, int, bool]] = {
    ResourceNotFoundException: ("invalid_client", 400, False),
    InvalidOAuthFlowException: ("unauthorized_client", 400, False),
    ScopeDoesNotExistException: ("invalid_scope", 400, False),
    NotAuthorizedException: ("invalid_grant", 400, False),
    RefreshTokenReuseException: ("invalid_grant", 400, False),
    PasswordResetRequiredException: ("invalid_grant", 400, False),
    UserNotConfirmedException: ("invalid_grant", 400, False),
    UserNotFoundException: ("invalid_grant", 400, False),
    UnprovedKey: ("invalid_dpop_proof", 400, True),
    UserLambdaValidationException: ("invalid_request", 400, True),
    UnexpectedLambdaException: ("invalid_request", 400, True),
    InvalidLambdaResponseException: ("invalid_request", 400, True),
    TooManyRequestsException: ("temporarily_unavailable", 429, True),
}


class Refusal(Exception):  # noqa: N818 - what is said of the request
    """An error response of RFC 6749 section 5.2. `headers` are added to those of every answer.

    `detail` gives the reason to the log, where the client must not learn it.
    """

    def __init__(
        self,
        error: str,
        description: str = "",
        *,
        detail: str = "",
        status: int = 400,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{error} {description or detail}")
        self.error = error
        self.description = description
        self.detail = detail or description
        self.status = status
        self.headers = headers or {}

    def response(self) -> Response:
        """Return the answer that the client reads."""
        members = {"error": self.error, "error_description": self.description}
        return answer({name: text for name, text in members.items() if text}, status=self.status, headers=self.headers)


def answer(fields: Mapping[str, Any], *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return JSON that neither browsers nor proxies store (RFC 6749 section 5.1)."""
    response = Response(_encode(fields), status, headers, "application/json;charset=UTF-8")
    response.raw_headers[:0] = _NOT_KEPT
    return response


def refusal_of(fault: ServiceError) -> Refusal:
    """Return what a client reads of an error of ours. Raises the error itself if the table does not have it."""
    row = _ERRORS.get(type(fault))
    if row is None:
        raise fault
    error, status, shows_message = row
    return Refusal(error, fault.message if shows_message else "", status=status)


def answering(handler: Handler) -> Handler:
    """Return a handler that answers with its refusals instead of raising them, and puts them into the log."""

    async def answered(visit: Visit) -> Response:
        try:
            return await handler(visit)
        except Refusal as fault:
            refusal, detail = fault, fault.detail
        except ServiceError as fault:
            refusal, detail = refusal_of(fault), f"{fault.name} {fault.detail or ''}".strip()
        visit.call.trace.refuse(refusal.error, detail)
        return refusal.response()

    return answered
