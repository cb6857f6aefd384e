"""What may PreTokenGeneration change in a token? Claims, scopes and groups, but for what identifies anybody or anything."""

from collections.abc import Mapping
from typing import Any

from poolkeeper.triggers import TokenOverrides


def override(
    access: Mapping[str, Any], identity: Mapping[str, Any], overrides: TokenOverrides
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the claims of access and ID token as the trigger wants them (contract, user pools 4.1)."""
    raise NotImplementedError
