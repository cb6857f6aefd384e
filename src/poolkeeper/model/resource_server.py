"""What is a resource server? An API that a pool's tokens may be meant for, and the scopes that it tells apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import msgspec

from poolkeeper.errors import InvalidParameterException

SERVERS_OF_A_POOL = 25


class Scope(msgspec.Struct, frozen=True, array_like=True):
    """One thing that a token may be good for at a resource server."""

    name: str
    description: str


_decode = msgspec.json.Decoder(tuple[Scope, ...]).decode


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceServer:
    """A resource server of a pool. Its scopes are asked for as `identifier/name`."""

    identifier: str
    name: str
    scopes: tuple[Scope, ...]

    @classmethod
    def of(cls, *, identifier: str, scopes: str, name: str = "") -> "ResourceServer":
        """Decode a resource server, whose scopes are JSON."""
        return cls(identifier=identifier, name=name, scopes=_decode(scopes))

    @property
    def scope_names(self) -> frozenset[str]:
        """The scopes as clients and tokens name them."""
        return frozenset(f"{self.identifier}/{scope.name}" for scope in self.scopes)


@lru_cache(maxsize=256)
def scope_names(identifier: str, scopes: str) -> frozenset[str]:
    """Return the scopes of a resource server as clients and tokens name them, from their JSON.

    Every request for a token reads them with its client, and they are the same each time.
    """
    return ResourceServer.of(identifier=identifier, scopes=scopes).scope_names


def scopes_in_order(given: Sequence[Scope]) -> tuple[Scope, ...]:
    """Return scopes by name, as AWS answers them.

    Raises InvalidParameterException for a name that stands twice.
    """
    ordered = sorted(given, key=lambda scope: scope.name)
    for before, after in pairwise(ordered):
        if before.name == after.name:
            # UNVERIFIED: the words; a resource server with one scope twice against AWS would settle them.
            raise InvalidParameterException(f"Scope {after.name} is given more than once.")
    return tuple(ordered)
