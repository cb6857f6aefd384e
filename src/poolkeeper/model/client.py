"""What is an app client? Its settings as AWS names them, and the view of them that behaviour reads."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from poolkeeper.clock import DAY, HOUR, MINUTE, SECOND
from poolkeeper.model.attributes import STANDARD_NAMES
from poolkeeper.secret import Secret

# What an id can be, ours or one brought along (AWS: ClientIdType).
CLIENT_ID = re.compile(r"[\w+]{1,128}", re.ASCII)
DEFAULT_FLOWS = ("ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH")
# What stands for the pool itself among its identity providers.
COGNITO = "COGNITO"
# The ClientType of those that registered themselves (AWS: ListUserPoolClients).
DCR = "DCR"
# Poolkeeper's own member of the settings: the client takes no tokens but those that are bound to a key (RFC 9449 5.2).
DPOP_BOUND = "DpopBoundAccessTokens"
# The names from before 2019 and what each of them allows (AWS: CreateUserPoolClient, ExplicitAuthFlows).
LEGACY_FLOWS = {
    "ADMIN_NO_SRP_AUTH": "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "CUSTOM_AUTH_FLOW_ONLY": "ALLOW_CUSTOM_AUTH",
    "USER_PASSWORD_AUTH": "ALLOW_USER_PASSWORD_AUTH",
}
UNITS = {"seconds": SECOND, "minutes": MINUTE, "hours": HOUR, "days": DAY}
DEFAULT_REFRESH_DAYS = 30
# What a client without WriteAttributes writes, by the setting `implicit_write`.
_IMPLICITLY = {"all": None, "standard": STANDARD_NAMES}
# How long a secret is that Poolkeeper draws, in characters.
SECRET_LENGTH = 51


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """One of the at most two live secrets of an app client."""

    secret_id: str
    value: Secret
    created_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """An app client, decoded once per (id, version). Durations are milliseconds.

    `readable` and `writable` are attributes by name; None means every one that is open to clients, which a client without
    the list has, and which says nothing of the other list (measured.md 12). `dpop_bound`: it takes no tokens but those that are
    bound to a key.

    `url` is the address by which an app that nobody registered names itself: its settings are then those of the app client
    that a policy gives it, `refreshes` is whether its document asks for refresh tokens, and `claimed_name` what it calls itself
    (model/client_metadata.py).
    """

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
    dpop_bound: bool = False
    url: str = ""
    refreshes: bool = True
    claimed_name: str = ""

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
        implicit_write: str = "all",
    ) -> "Client":
        """Decode an app client from its stored document; `implicit_write` is the setting of that name."""
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
            access_validity=validity(document, "AccessToken") or HOUR,
            id_validity=validity(document, "IdToken") or HOUR,
            refresh_validity=validity(document, "RefreshToken") or DEFAULT_REFRESH_DAYS * DAY,
            challenge_validity=document.get("AuthSessionValidity", 3) * MINUTE,
            revocable=document.get("EnableTokenRevocation", True),
            rotation=rotation.get("Feature") == "ENABLED",
            rotation_grace=rotation.get("RetryGracePeriodSeconds", 0) * SECOND,
            readable=_names(document.get("ReadAttributes")),
            writable=_names(document.get("WriteAttributes")) or _IMPLICITLY[implicit_write],
            dpop_bound=document.get(DPOP_BOUND, False),
        )

    def named_by(self, url: str) -> "Client":
        """Return the client as an app has it that names itself by an address: a public one. Empty: the client itself."""
        return replace(self, url=url, secrets=()) if url else self

    @property
    def shown_id(self) -> str:
        """What tokens and requests call it: its address where it has one, else its id."""
        return self.url or self.client_id

    @property
    def registered_itself(self) -> bool:
        """Whether nobody registered it by hand: it needs PKCE, and any port of this machine is one of its addresses."""
        return bool(self.url) or self.document.get("ClientType") == DCR

    @property
    def lets_choose(self) -> bool:
        """Whether a sign-in, at the pages too, begins with a name and lets its person choose how to go on."""
        return "ALLOW_USER_AUTH" in self.flows

    @property
    def confidential(self) -> bool:
        return bool(self.secrets)

    @property
    def propagates(self) -> bool:
        """Whether a server with the secret is believed when it says where its users are (identity-security.md 4.2)."""
        return self.confidential and bool(self.document.get("EnablePropagateAdditionalUserContextData"))

    @property
    def providers(self) -> tuple[str, ...]:
        """The names of the identity providers at which people of this app sign in, in the order of the client."""
        return tuple(name for name in self.document.get("SupportedIdentityProviders") or () if name != COGNITO)

    @property
    def serves_own_users(self) -> bool:
        """Whether users of the pool itself sign in by the pages: where providers are named, COGNITO is among them."""
        providers = self.document.get("SupportedIdentityProviders")
        return not providers or COGNITO in providers

    def serves(self, provider: str) -> bool:
        """Say whether people of an identity provider sign in here: those alone whose provider is named (attacks.md 101)."""
        return provider in self.document.get("SupportedIdentityProviders", ())

    @property
    def at_pages(self) -> "Client":
        """The client as the pages serve it: whatever its settings, they tell no stranger who exists."""
        return self if self.hides_existence else replace(self, hides_existence=True)


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
    return frozenset(listed) if listed else None
