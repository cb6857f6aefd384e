"""What is a user? One frozen record, and the statuses that it goes through."""

from collections.abc import Mapping
from dataclasses import dataclass

from poolkeeper.model.second_factor import Mfa

UNCONFIRMED = "UNCONFIRMED"
CONFIRMED = "CONFIRMED"
FORCE_CHANGE_PASSWORD = "FORCE_CHANGE_PASSWORD"  # noqa: S105 - a status
RESET_REQUIRED = "RESET_REQUIRED"
EXTERNAL_PROVIDER = "EXTERNAL_PROVIDER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What is kept of a password: its Argon2id hash and, unless the pool's `srp` is off, an SRP verifier.

    `srp_verifier` is sealed; it is g^x in big-endian bytes once opened. `set_at` is when the password was set.
    """

    password_hash: str
    srp_salt: bytes | None
    srp_verifier: bytes | None
    set_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A user of a pool. `sub` is their immutable id; everything about them is keyed by that, never by their name."""

    pool_id: str
    sub: str
    username: str
    status: str
    enabled: bool
    attributes: Mapping[str, str]
    credential: Credential | None
    credential_version: int
    version: int
    created_at: int
    updated_at: int
    mfa: Mfa

    @property
    def confirmed(self) -> bool:
        return self.status == CONFIRMED

    @property
    def awaits_first_password(self) -> bool:
        """Whether somebody came without a password, by an import or a migration, and nothing was set or reset since."""
        return self.status == RESET_REQUIRED and self.credential is None and self.credential_version == 1

    def verified(self, name: str) -> bool:
        """Say whether the address in `email` or `phone_number` has been proved."""
        return bool(self.attributes.get(name)) and self.attributes.get(f"{name}_verified") == "true"

    def proved(self, name: str, address: str) -> bool:
        """Say whether `address` is the one in `email` or `phone_number`, and has been proved."""
        return self.verified(name) and self.attributes[name] == address
