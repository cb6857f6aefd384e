"""What do all errors for callers have in common? A name, an HTTP status and an error message."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from poolkeeper.errors.refusals import Reason


class ServiceError(Exception):
    """An error that the service documents. Only its subclasses are raised, which have AWS's names.

    `message` is AWS's own error message for the caller. `detail` is for the log and never leaves the server. `reason` is
    what code asks by, None where no `refused()` made the error. `headers` go with the answer. `query_code` and `query_status`
    are name and status in the query protocol (sts, iam), where they differ.
    """

    name: ClassVar[str] = "InternalErrorException"
    status: ClassVar[int] = 400
    query_code: ClassVar[str] = ""
    query_status: ClassVar[int] = 0

    def __init__(self, message: str = "", *, detail: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail
        self.reason: Reason | None = None
        self.headers: Mapping[str, str] = {}
