"""What may an operator's code change in tokens? The one form of what the three versions of PreTokenGeneration say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenOverrides:
    """What PreTokenGeneration changes, as versions 1 to 3 have it in common. Values of claims are JSON."""

    id_claims: Mapping[str, Any] = field(default_factory=dict)
    id_suppressed: frozenset[str] = frozenset()
    access_claims: Mapping[str, Any] = field(default_factory=dict)
    access_suppressed: frozenset[str] = frozenset()
    scopes_added: tuple[str, ...] = ()
    scopes_suppressed: frozenset[str] = frozenset()
    # None leaves the groups alone; an empty one takes them away.
    groups: tuple[str, ...] | None = None
    roles: tuple[str, ...] | None = None
    preferred_role: str | None = None
