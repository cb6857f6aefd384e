"""What is a device? What a pool does with devices, and the record of one that was confirmed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class DevicePolicy:
    """That a pool tracks devices. `on_prompt`: a device is remembered only once its user says so."""

    on_prompt: bool

    @classmethod
    def of(cls, document: Mapping[str, Any] | None) -> "DevicePolicy | None":
        """Read `DeviceConfiguration`; that it is there at all turns tracking on (contract, identity 5.1)."""
        return None if document is None else cls(on_prompt=document.get("DeviceOnlyRememberedOnUserPrompt", False))


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A confirmed device of a user. `verifier` is sealed, as a user's own is; times are milliseconds."""

    device_key: str
    name: str
    salt: bytes
    verifier: bytes
    remembered: bool
    address: str
    user_agent: str
    created_at: int
    updated_at: int
    authenticated_at: int
