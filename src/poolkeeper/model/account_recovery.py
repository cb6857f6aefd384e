"""By what does a pool let users recover their accounts? AccountRecoverySetting, read once for all who ask."""

from collections.abc import Mapping
from typing import Any

_ATTRIBUTES = {"verified_email": "email", "verified_phone_number": "phone_number"}
# The order of pools from before there was a setting: phone, then mail (userpools.md 1.4).
_OLDER_RULE = ("phone_number", "email")


def recovery_ways(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the attributes that a pool's setting names, best first; none for administrators and for the older rule."""
    return tuple(_ATTRIBUTES[name] for name in _named(document) if name in _ATTRIBUTES)


def by_older_rule(document: Mapping[str, Any]) -> bool:
    """Say whether a pool recovers accounts as all did before it could be set: its setting names no mechanisms."""
    return not _named(document)


def recovery_order(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the attributes that a pool recovers by, best first; none where only administrators may reset."""
    return _OLDER_RULE if by_older_rule(document) else recovery_ways(document)


def _named(document: Mapping[str, Any]) -> list[str]:
    mechanisms = document.get("AccountRecoverySetting", {}).get("RecoveryMechanisms", ())
    return [mechanism["Name"] for mechanism in sorted(mechanisms, key=lambda mechanism: mechanism["Priority"])]
