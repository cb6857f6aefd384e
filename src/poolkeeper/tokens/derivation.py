"""What does one token become that is exchanged for another? Whose it is, for whom, with what it may do (RFC 8693)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from poolkeeper.lookup import Bearer


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What the new token is to be. `kind` is `access` or `id`.

    `audience` is for whom, empty for nobody named; `act` who acts for the user, None for themselves. `not_after` (seconds) is
    the end of the token that was shown, beyond which this one does not last.
    """

    kind: str
    scopes: tuple[str, ...]
    audience: str
    act: Mapping[str, Any] | None
    not_after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """What the gate is asked to issue for a token that was shown.

    `bearer` is whose that token is, with the app client that asks in the place of the one that it was made for.
    """

    bearer: Bearer
    grant: Grant


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """What was issued: `kind` is `access` or `id`, `expires_in` its life in seconds."""

    token: str
    kind: str
    expires_in: int
    scopes: tuple[str, ...]
