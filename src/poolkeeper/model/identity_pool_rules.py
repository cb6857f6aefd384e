"""What may an identity pool be set to? Defaults, bounds and what cannot be changed; sentences of AWS's."""

from collections.abc import Mapping, Sequence
from typing import Any

from poolkeeper.errors import InvalidParameterException, LimitExceededException

MOST_USER_POOLS = 50
MOST_RULES = 25
_NOT_OF_THE_DOCUMENT = ("IdentityPoolId", "IdentityPoolTags")


def new_document(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document of a pool from the members of a request; what was not given is left out (full replacement).

    Raises InvalidParameterException, LimitExceededException.
    """
    document = {name: value for name, value in given.items() if name not in _NOT_OF_THE_DOCUMENT}
    providers: Sequence[Mapping[str, Any]] = document.get("CognitoIdentityProviders", ())
    if len(providers) > MOST_USER_POOLS:
        # UNVERIFIED: the words; fifty-one user pools against AWS would settle them.
        raise LimitExceededException(f"An identity pool can have {MOST_USER_POOLS} user pool providers at the most.")
    for provider in providers:
        if not provider.get("ProviderName") or not provider.get("ClientId"):
            # UNVERIFIED: the words; a provider without a client against AWS would settle them.
            raise InvalidParameterException("CognitoIdentityProviders need a ProviderName and a ClientId.")
    if document.get("DeveloperProviderName") == "":
        del document["DeveloperProviderName"]
    return document


def replaced_document(held: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document that takes the place of another: all of it, but a developer provider stays for good.

    Raises InvalidParameterException.
    """
    document = new_document(given)
    name = held.get("DeveloperProviderName")
    if name is not None and document.setdefault("DeveloperProviderName", name) != name:
        # UNVERIFIED: the words, and that leaving it out keeps it; such updates against AWS would settle both.
        raise InvalidParameterException("The developer provider name cannot be changed.")
    return document


def require_mappings(mappings: Mapping[str, Mapping[str, Any]], configured: frozenset[str]) -> None:
    """Refuse role mappings of providers that the pool does not have, without what their type needs, or with too many rules.

    Raises InvalidParameterException.
    """
    for key, mapping in mappings.items():
        if key not in configured:
            raise InvalidParameterException(
                f"({key}) is not a valid RoleMapping ProviderName or is not a configured provider."
            )
        # UNVERIFIED: the words about AmbiguousRoleResolution; a mapping without it against AWS would settle them.
        if "AmbiguousRoleResolution" not in mapping:
            raise InvalidParameterException("AmbiguousRoleResolution is required for each RoleMapping.")
        rules = mapping.get("RulesConfiguration", {}).get("Rules", ())
        # UNVERIFIED: the words about RulesConfiguration; a mapping of type Rules without rules against AWS would settle them.
        if mapping["Type"] == "Rules" and not rules:
            raise InvalidParameterException("RulesConfiguration is required for RoleMappings of type Rules.")
        if len(rules) > MOST_RULES:
            raise InvalidParameterException(f"The number of rules in the request exceeded {MOST_RULES}.")
