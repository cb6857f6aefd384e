"""What does a client tell of itself? UserContextData, ContextData and EncodedData, for the judge of risk."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientContext:
    """What came beside a sign-in; nothing of it is believed.

    `encoded_data` is the fingerprint that AWS's libraries collect. A back end that signs in for its users says in
    `address` where they are, and by which server, path and headers they came (AWS: ContextDataType).
    """

    encoded_data: str | None = None
    address: str | None = None
    server_name: str | None = None
    server_path: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


NO_CONTEXT = ClientContext()
