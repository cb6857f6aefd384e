"""What is a device? What a pool does about devices, and one that a user confirmed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

REMEMBERED, NOT_REMEMBERED = "remembered", "not_remembered"
LONGEST_KEY = 55  # AWS: DeviceKeyType


@dataclass(frozen=True, slots=True)
class DevicePolicy:
    """That a pool tracks devices. `on_prompt`: a device is remembered only once its user says so."""

    on_prompt: bool

    @classmethod
    def of(cls, document: Mapping[str, Any] | None) -> "DevicePolicy | None":
        """Read `DeviceConfiguration`; that it is there at all turns tracking on (identity-security.md 5.1)."""
        return None if document is None else cls(on_prompt=document.get("DeviceOnlyRememberedOnUserPrompt", False))


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A confirmed device of a user. `verifier` is sealed, as a user's own is; times are milliseconds.

    `address` and `user_agent` are those of the request by which it confirmed or proved itself last.
    """

    device_key: str
    name: str
    salt: bytes = field(repr=False)
    verifier: bytes = field(repr=False)
    remembered: bool
    address: str
    user_agent: str
    created_at: int
    updated_at: int
    authenticated_at: int

    @property
    def remembered_status(self) -> str:
        """What `DeviceRememberedStatus` says."""
        return REMEMBERED if self.remembered else NOT_REMEMBERED
