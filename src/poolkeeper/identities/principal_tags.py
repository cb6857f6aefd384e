"""Which session tags does a login give? The claims that the identity pool maps, as texts that IAM takes (attacks.md 140)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import regex

from poolkeeper.errors import InvalidParameterException
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.identities.login import VerifiedLogin
from poolkeeper.model.identity_pool import IdentityPool

# UNVERIFIED: the keys, made of the model's text ("username and clientID") and the guide's table; a token with the default
# mapping would settle them.
DEFAULTS: Mapping[str, str] = {"username": "sub", "client": "aud"}
MOST_BYTES = 460
"""The limit for all values of a session together (identity-security.md 1.1)."""

_LONGEST_VALUE = 256
# IAM User Guide, "Pass session tags in AWS STS".
_VALUE = regex.compile(r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*")


def tags_of(pool: IdentityPool, logins: Sequence[VerifiedLogin]) -> dict[str, str]:
    """Return the session tags of a request's logins; a claim that is absent, a list or an object gives no tag.

    Raises NotAuthorizedException for values that cannot be tags: without such a tag, a policy that asks for it would judge by
    a wrong value.
    """
    tags: dict[str, str] = {}
    for login in logins:
        mapping = pool.principal_tags.get(login.name) or pool.principal_tags.get(login.mapping_key)
        if mapping is not None:
            # UNVERIFIED: that tags which are given beside UseDefaults count too; a token of such a pool would settle it.
            names = {**(DEFAULTS if mapping["UseDefaults"] else {}), **mapping["PrincipalTags"]}
            tags |= {
                key: value for key, claim in names.items() if (value := _text(login.claims.get(claim))) is not None
            }
    require_tags(tags)
    return tags


def require_keys(keys: Iterable[str]) -> None:
    """Raise InvalidParameterException for tag keys that are reserved, that IAM does not take, or that IAM takes for the same."""
    # UNVERIFIED: the words; such maps against AWS would settle them.
    checked = list(keys)
    for key in checked:
        if key.lower().startswith("aws:") or not is_tag_text(key):
            raise InvalidParameterException(f"{key} is no valid key of a principal tag.")
    if len({key.lower() for key in checked}) < len(checked):
        raise InvalidParameterException("Keys of principal tags are compared without regard to case.")


def require_tags(tags: Mapping[str, str]) -> None:
    """Raise NotAuthorizedException for tags whose values IAM does not take, InvalidParameterException for keys."""
    require_keys(tags)
    # UNVERIFIED: the words, and that AWS refuses; a claim of 300 characters that is mapped would settle it.
    for key, value in tags.items():
        if len(value) > _LONGEST_VALUE or not is_tag_text(value):
            raise refused(Reason.TAG_VALUE, key=key)
    if sum(len(value.encode()) for value in tags.values()) > MOST_BYTES:
        raise refused(Reason.TAGS_TOO_LARGE, most=MOST_BYTES)


def is_tag_text(text: str) -> bool:
    """Say whether IAM takes all characters of a text in keys and values of tags."""
    return _VALUE.fullmatch(text) is not None


def _text(claim: Any) -> str | None:
    if isinstance(claim, bool):
        return "true" if claim else "false"
    return str(claim) if isinstance(claim, str | int | float) else None
