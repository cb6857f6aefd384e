"""What does an exchange of tokens issue? A token of the same user, with its audience and what it may do (RFC 8693)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from poolkeeper.lookup import Bearer


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What the new token is to be. `kind` is `access` or `id`.

    `audience` is whom it is for, empty if nobody was named. `act` is the claim about who acts for the user, None for the user
    themselves (RFC 8693 4.1). `not_after` is the `exp` of the token that was shown, in seconds since the epoch: the new one ends
    no later.
    """

    kind: str
    scopes: tuple[str, ...]
    audience: str
    act: Mapping[str, Any] | None
    not_after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Derivation:
    """What the gate is asked to issue for a token that was shown.

    `bearer` is the bearer of that token, with the app client that asks instead of the one that the token was issued to.
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
