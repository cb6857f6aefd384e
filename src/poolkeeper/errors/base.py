"""What does every error that a caller may see have in common? A name, an HTTP status and a sentence."""

from collections.abc import Mapping
from typing import ClassVar


class ServiceError(Exception):
    """An answer that the service documents. Never raised itself: its subclasses carry AWS's names.

    `message` is what the caller reads (AWS's own sentence). `detail` is for the log and never leaves the house.
    `headers` go with the answer.
    `query_code` and `query_status` are what the query protocol (sts, iam) says where that differs from name and status.
    """

    name: ClassVar[str] = "InternalErrorException"
    status: ClassVar[int] = 400
    query_code: ClassVar[str] = ""
    query_status: ClassVar[int] = 0

    def __init__(self, message: str = "", *, detail: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail
        self.headers: Mapping[str, str] = {}
