"""What may a client be asked for next? A challenge: its name, why it is asked, and the facts that come with it.

The facts are typed and have the names of the house; operations/ translates them to AWS's names on the wire.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from poolkeeper.auth.sign_in import Proven, SignIn


class Because(Enum):
    """Why something is asked: a page says so, and a log line can."""

    FIRST_FACTOR = "nothing was proved yet"
    CHOICE = "there are several ways to go on"
    TEMPORARY_PASSWORD = "the password was given by somebody else"  # noqa: S105 - a reason
    SECOND_FACTOR = "one proof is not enough here"
    SET_UP = "the user pool demands a second factor that the user does not have yet"
    LEVEL = "the level that was asked for is not reached"
    DEVICE = "the sign-in says that it comes from a remembered device"
    CUSTOM = "the user pool's own code asks for it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bare:
    """A challenge without any facts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeSent:
    """A code is on its way to `destination`, the value of `attribute`, or seems to be."""

    attribute: str
    destination: str = field(repr=False)
    shown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppCode:
    """A code of the authenticator app that the user calls `friendly_name`."""

    friendly_name: str | None
    shown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Methods:
    """Second factors to choose from, or where `to_set_up` to set one of them up."""

    methods: tuple[str, ...]
    shown: str
    to_set_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPassword:
    """The user must choose a password and give the attributes that are `missing`; `held` are those that may be seen."""

    missing: tuple[str, ...]
    held: Mapping[str, str]
    shown: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstFactors:
    """Challenges to choose from, for the first proof."""

    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """The server's half of an SRP exchange; `device_key` is empty where the exchange proves the password."""

    salt: str
    secret_block: str = field(repr=False)
    server_public: str
    username: str
    device_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceAsked:
    """The device that a sign-in claims to come from must prove itself."""

    device_key: str
    username: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyUse:
    """The options by which a browser uses a passkey (WebAuthn 5.5, in JSON's terms)."""

    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomChallenge:
    """What the pool's own code asks; that code chooses the names in `public`."""

    public: Mapping[str, str]
    shown: str


Facts = (
    Bare
    | CodeSent
    | AppCode
    | Methods
    | NewPassword
    | FirstFactors
    | Exchange
    | DeviceAsked
    | PasskeyUse
    | CustomChallenge
)
BARE = Bare()


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What a client is asked for next, and why. `session` is the sealed state to send back, None where none is needed."""

    name: str
    reason: Because
    facts: Facts
    session: str | None = field(repr=False)


Step = Callable[[SignIn], Awaitable[Challenge | Proven]]
"""What a request does: it asks for something, or it proves something and the flow goes on from there."""
