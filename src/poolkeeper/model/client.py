"""What is an app client? Its settings as AWS names them, and the view of them that behaviour reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from poolkeeper.clock import DAY, HOUR, MINUTE, SECOND
from poolkeeper.secret import Secret

DEFAULT_FLOWS = ("ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH")
# The names from before 2019 and what each of them allows (AWS: CreateUserPoolClient, ExplicitAuthFlows).
LEGACY_FLOWS = {
    "ADMIN_NO_SRP_AUTH": "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "CUSTOM_AUTH_FLOW_ONLY": "ALLOW_CUSTOM_AUTH",
    "USER_PASSWORD_AUTH": "ALLOW_USER_PASSWORD_AUTH",
}
UNITS = {"seconds": SECOND, "minutes": MINUTE, "hours": HOUR, "days": DAY}
DEFAULT_REFRESH_DAYS = 30


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """One of the at most two live secrets of an app client."""

    secret_id: str
    value: Secret
    created_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """An app client, decoded once per (id, version). Durations are milliseconds."""

    client_id: str
    pool_id: str
    version: int
    created_at: int
    updated_at: int
    document: Mapping[str, Any]
    secrets: tuple[ClientSecret, ...]

    name: str
    flows: frozenset[str]
    hides_existence: bool
    access_validity: int
    id_validity: int
    refresh_validity: int
    challenge_validity: int
    revocable: bool
    rotation: bool
    rotation_grace: int
    readable: frozenset[str] | None
    writable: frozenset[str] | None

    @classmethod
    def of(
        cls,
        *,
        client_id: str,
        pool_id: str,
        version: int,
        created_at: int,
        updated_at: int,
        document: Mapping[str, Any],
        secrets: tuple[ClientSecret, ...],
    ) -> "Client":
        """Decode an app client from its stored document."""
        units = document.get("TokenValidityUnits", {})
        rotation = document.get("RefreshTokenRotation", {})
        return cls(
            client_id=client_id,
            pool_id=pool_id,
            version=version,
            created_at=created_at,
            updated_at=updated_at,
            document=document,
            secrets=secrets,
            name=document["ClientName"],
            flows=allowed_flows(document),
            hides_existence=document.get("PreventUserExistenceErrors", "LEGACY") == "ENABLED",
            access_validity=document.get("AccessTokenValidity", 1) * UNITS[units.get("AccessToken", "hours")],
            id_validity=document.get("IdTokenValidity", 1) * UNITS[units.get("IdToken", "hours")],
            refresh_validity=(
                document.get("RefreshTokenValidity", DEFAULT_REFRESH_DAYS) * UNITS[units.get("RefreshToken", "days")]
            ),
            challenge_validity=document.get("AuthSessionValidity", 3) * MINUTE,
            revocable=document.get("EnableTokenRevocation", True),
            rotation=rotation.get("Feature") == "ENABLED",
            rotation_grace=rotation.get("RetryGracePeriodSeconds", 0) * SECOND,
            readable=_names(document.get("ReadAttributes")),
            writable=_names(document.get("WriteAttributes")),
        )

    @property
    def confidential(self) -> bool:
        return bool(self.secrets)


def allowed_flows(document: Mapping[str, Any]) -> frozenset[str]:
    """Return the flows that a client allows, in today's names.

    None named means SRP, custom and refresh; the legacy names imply refresh and, but for CUSTOM_AUTH_FLOW_ONLY, SRP.
    """
    named = document.get("ExplicitAuthFlows")
    if not named:
        return frozenset(DEFAULT_FLOWS)
    if not any(name in LEGACY_FLOWS for name in named):
        return frozenset(named)
    implied = {"ALLOW_REFRESH_TOKEN_AUTH"}
    if "CUSTOM_AUTH_FLOW_ONLY" not in named:
        implied |= {"ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH"}
    return frozenset(implied | {LEGACY_FLOWS[name] for name in named})


def validity(document: Mapping[str, Any], token: str) -> int | None:
    """Return the milliseconds that `document` sets for `AccessToken`, `IdToken` or `RefreshToken`, None where unset."""
    value = document.get(f"{token}Validity")
    default_unit = "days" if token == "RefreshToken" else "hours"  # noqa: S105 - the name of a member
    unit = document.get("TokenValidityUnits", {}).get(token, default_unit)
    return None if value is None else value * UNITS[unit]


def _names(listed: list[str] | None) -> frozenset[str] | None:
    return None if listed is None else frozenset(listed)
