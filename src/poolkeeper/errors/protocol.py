"""Which errors does every AWS service answer, though its model does not name them? The classes of this file.

Source: IAM User Guide 'Common errors', and raw answers of the services in public reports.
"""

# ruff: noqa: N818 - the names are AWS's

from typing import ClassVar

from poolkeeper.errors.base import ServiceError


class UnknownOperationException(ServiceError):
    """Raised where the target names no operation of ours."""

    name: ClassVar[str] = "UnknownOperationException"
    query_code: ClassVar[str] = "InvalidAction"


class SerializationException(ServiceError):
    """Raised for a body that is not JSON, is not UTF-8, or has a value of the wrong type."""

    name: ClassVar[str] = "SerializationException"
    query_code: ClassVar[str] = "MalformedInput"


class ValidationException(ServiceError):
    """Raised by the limits walk for services that do not call a violation InvalidParameterException."""

    name: ClassVar[str] = "ValidationException"
    query_code: ClassVar[str] = "ValidationError"


class InvalidParameterValueException(ServiceError):
    """Raised by sts for session tags that contradict each other; its model does not name it."""

    name: ClassVar[str] = "InvalidParameterValueException"
    query_code: ClassVar[str] = "InvalidParameterValue"


class NotImplementedException(ServiceError):
    """Raised for an operation that the model has and Poolkeeper has not built."""

    name: ClassVar[str] = "NotImplementedException"
    status: ClassVar[int] = 501
    query_code: ClassVar[str] = "NotImplemented"


class MissingAuthenticationTokenException(ServiceError):
    """Raised for an unsigned request to an operation that must be signed."""

    name: ClassVar[str] = "MissingAuthenticationTokenException"
    query_code: ClassVar[str] = "MissingAuthenticationToken"
    query_status: ClassVar[int] = 403


class IncompleteSignatureException(ServiceError):
    """Raised for an Authorization header that cannot be read; the message names the missing part."""

    name: ClassVar[str] = "IncompleteSignatureException"
    query_code: ClassVar[str] = "IncompleteSignature"


class UnrecognizedClientException(ServiceError):
    """Raised for an access key that nobody has, that is inactive, or that comes without its session token or with another."""

    name: ClassVar[str] = "UnrecognizedClientException"
    query_code: ClassVar[str] = "InvalidClientTokenId"
    query_status: ClassVar[int] = 403


class ExpiredSecurityTokenException(ServiceError):
    """Raised for an expired session token; sts has another error of this name, for tokens of providers."""

    name: ClassVar[str] = "ExpiredTokenException"
    query_code: ClassVar[str] = "ExpiredToken"
    query_status: ClassVar[int] = 403


class InvalidSignatureException(ServiceError):
    """Raised for a signature that does not match, or was made at another time or for another service."""

    name: ClassVar[str] = "InvalidSignatureException"
    query_code: ClassVar[str] = "SignatureDoesNotMatch"
    query_status: ClassVar[int] = 403
