"""Who is a user at identity providers elsewhere? The `identities` attribute: a JSON text here, an array in a token."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

ATTRIBUTE = "identities"
# UNVERIFIED: from when on AWS refuses a sixth; five links to one user would tell whether its own identity counts.
MOST = 5


class Identity(msgspec.Struct, frozen=True, rename="camel"):
    """One identity of a user, in AWS's order. `primary`: the user was made of it. `date_created` is in milliseconds."""

    user_id: str
    provider_name: str
    provider_type: str
    issuer: str | None
    primary: bool
    date_created: int


_decode = msgspec.json.Decoder(tuple[Identity, ...]).decode


def of_attributes(attributes: Mapping[str, str]) -> tuple[Identity, ...]:
    """Return a user's identities, none of a user who was never linked."""
    value = attributes.get(ATTRIBUTE)
    return _decode(value) if value else ()


def text(identities: Sequence[Identity]) -> str:
    """Return the attribute; empty, which removes it, where there is none."""
    return msgspec.json.encode(identities).decode() if identities else ""


def distinct(identities: Sequence[Identity]) -> list[Identity]:
    """Return each identity once: of two with one id at one provider that which the user was made of, else the older."""
    kept: dict[tuple[str, str], Identity] = {}
    for identity in identities:
        name = identity.provider_name, identity.user_id
        if name not in kept or (identity.primary and not kept[name].primary):
            kept[name] = identity
    return list(kept.values())


def came_from_outside(attributes: Mapping[str, str]) -> bool:
    """Say whether a user was made of an identity elsewhere: they answer to their user name alone, never to an address."""
    return any(identity.primary for identity in of_attributes(attributes))


def claim(value: str) -> list[dict[str, Any]]:
    """Return the attribute as an ID token has it: `primary` and `dateCreated` are texts there (oauth-federation.md 7.2)."""
    return [
        {
            "userId": identity.user_id,
            "providerName": identity.provider_name,
            "providerType": identity.provider_type,
            "issuer": identity.issuer,
            "primary": str(identity.primary).lower(),
            "dateCreated": str(identity.date_created),
        }
        for identity in _decode(value)
    ]
