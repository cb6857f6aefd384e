"""What may a token be used for? The scopes that Cognito itself knows, and the attributes that go with them."""

from collections.abc import Collection, Mapping

# Opens the operations of one's own profile, and is the whole scope of what signing in by the API gives.
SIGN_IN_SCOPE = "aws.cognito.signin.user.admin"
# Asks for an ID token; the three others add to it, and come with it alone (OpenID Connect Core, section 5.4).
OPENID = "openid"
OF_OPENID = frozenset({OPENID, "email", "phone", "profile"})
# The attributes of each (oauth-federation.md 3.2): of `profile` those of OpenID Connect Core 5.4, and all custom ones.
_PAIRS = {
    "email": frozenset({"email", "email_verified"}),
    "phone": frozenset({"phone_number", "phone_number_verified"}),
}
_PROFILE = frozenset(
    {
        "birthdate",
        "family_name",
        "gender",
        "given_name",
        "locale",
        "middle_name",
        "name",
        "nickname",
        "picture",
        "preferred_username",
        "profile",
        "updated_at",
        "website",
        "zoneinfo",
    }
)
_OF_EVERYBODY = frozenset({"sub", "identities"})


def of_scopes(attributes: Mapping[str, str], scopes: Collection[str]) -> dict[str, str]:
    """Return those of some attributes that are told for scopes: all of them for `openid` alone (oauth-federation.md 3.2)."""
    if not OF_OPENID.intersection(scopes) - {OPENID}:
        return dict(attributes)
    # UNVERIFIED: address with profile, which AWS's two pages tell differently; a user with one would settle it.
    readable = _OF_EVERYBODY.union(*(_PAIRS[scope] for scope in scopes if scope in _PAIRS))
    readable |= _PROFILE if "profile" in scopes else frozenset()
    return {
        name: value
        for name, value in attributes.items()
        if name in readable or ("profile" in scopes and name.startswith("custom:"))
    }


def all_readable(scopes: Collection[str], names: Collection[str] | None) -> bool:
    """Say whether an app client that reads the attributes `names` (None: all) reads both of each pair that it asks for.

    A client that reads `email` without `email_verified` gets no tokens for that scope (oauth-federation.md 3.1).
    """
    # UNVERIFIED: that profile demands nothing; a client that reads `name` alone would settle it.
    return names is None or all(_PAIRS[scope].issubset(names) for scope in scopes if scope in _PAIRS)
