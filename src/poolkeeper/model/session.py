"""What is a session? One row that every set of a user's tokens belongs to, read at each call that takes a token."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# As much of a User-Agent as is kept: as long as DeviceType may be (AWS: SessionDescriptionType).
LONGEST_USER_AGENT = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A sign-in that tokens were issued for. `session_id` is their `origin_jti` (userpools.md 3.11).

    `factors` are what was proved, in order, by the names of model/factors.py. `device_key` is the device that it came
    from, in pools that track devices; `acr` the level that was asked for by name, if one was. `auth_time` is when its user
    gave the proofs, `opened_at` when the session began: a browser's sign-in may be older than the session.
    `browser_session_id` is that sign-in, None where the API was signed in to; `resource` is what the access tokens are
    bound to (RFC 8707), empty for nothing. `client_url` is the address by which the app named itself, empty for its id. `jkt` is
    the key that its refresh tokens came to be bound to by a rotation, empty where they say it themselves, or are not.
    """

    session_id: str
    user_id: str
    client_id: str
    event_id: str
    auth_time: int
    expires_at: int
    revoked_at: int | None
    generation: int
    rotated_at: int | None
    factors: tuple[str, ...]
    device_key: str | None
    acr: str | None
    scopes: tuple[str, ...]
    opened_at: int
    browser_session_id: str | None = None
    resource: str = ""
    client_url: str = ""
    jkt: str = ""

    @property
    def by_pages(self) -> bool:
        """Whether it came through the authorization server, and not the API."""
        return self.browser_session_id is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """One use of a session, by a sign-in or a refresh: when (milliseconds), from which address, by which program."""

    at: int
    address: str
    user_agent: str


@dataclass(frozen=True, slots=True)
class Tracking:
    """That a pool tracks sessions, and how many of them a user may have (AWS: SetUserPoolSessionConfiguration)."""

    most: int

    @classmethod
    def of(cls, document: Mapping[str, Any] | None) -> "Tracking | None":
        """Read `SessionConfiguration` of a pool's document, None where tracking is off."""
        if document is None or document["UserSessionTracking"] != "ENABLED":
            return None
        return cls(most=document["TokenSession"]["MaxPerUser"])
