"""What is in the ProviderDetails of an identity provider? By its type, required, defaulted, secret and hidden members.

Source: the model's page of CreateIdentityProvider (docs/cognito/oauth-federation.md 7.1); sentences: measured.md 9.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from poolkeeper.errors import InvalidParameterException
from poolkeeper.federation import google, sign_in_with_apple
from poolkeeper.federation.upstream import Upstream
from poolkeeper.providers import is_loopback, is_web_address
from poolkeeper.secret import Secret

# Secret members: sealed in the database, masked in logs (attacks.md 110). Describe shows the client secret, as at AWS.
SECRET_DETAILS = frozenset({"client_secret", "private_key"})
NOT_SHOWN = frozenset({"private_key"})

_SOCIAL = "clientId, clientSecret and authorizeScopes are all required idp details."
_APPLE = "clientId, privateKey, teamId, and keyId are all required idp details."
_OIDC = "clientId, authorizeScopes, oidcIssuer and attributesRequestMethod are all required idp details."
# UNVERIFIED: whether AWS looks at the key at all, and the words; an Apple provider with a key that is none would tell.
_NO_KEY = "privateKey must be the P-256 key of a .p8 file from Apple, in PKCS #8."
_NOT_HTTPS = "OIDC endpoint must start with https://"
_TWO_METADATA = "Only one of the MetadataURL or MetadataFile should be provided."
_NO_METADATA = "At least one of the MetadataURL or MetadataFile should be provided."

_SWITCHES = ("IDPSignout", "IDPInit", "EncryptedResponses")
_URLS = ("oidc_issuer", "authorize_url", "token_url", "attributes_url", "jwks_uri")
_API_VERSION = re.compile(r"v[0-9]{1,3}\.[0-9]{1,3}")


@dataclass(frozen=True, slots=True)
class _Type:
    """A type of provider: its required details, the error message without them, and the defaults of other details."""

    required: tuple[str, ...]
    sentence: str
    filled: Mapping[str, str] = field(default_factory=dict)
    issuers: tuple[str, ...] = ()
    jwks_uri: str = ""


_TYPES: Mapping[str, _Type] = {
    "Google": _Type(
        required=("client_id", "client_secret", "authorize_scopes"),
        sentence=_SOCIAL,
        filled={
            "attributes_url": "https://people.googleapis.com/v1/people/me?personFields=",
            "attributes_url_add_attributes": "true",
            "authorize_url": "https://accounts.google.com/o/oauth2/v2/auth",
            "oidc_issuer": "https://accounts.google.com",
            "token_request_method": "POST",
            "token_url": "https://www.googleapis.com/oauth2/v4/token",
        },
        issuers=google.ISSUERS,
        jwks_uri=google.JWKS_URI,
    ),
    "Facebook": _Type(
        required=("client_id", "client_secret", "authorize_scopes"),
        sentence=_SOCIAL,
        filled={
            # UNVERIFIED: the version that Cognito takes where none is given; this one is its documentation's example.
            "api_version": "v17.0",
            "attributes_url": "https://graph.facebook.com/{api_version}/me?fields=",
            "attributes_url_add_attributes": "true",
            "authorize_url": "https://www.facebook.com/{api_version}/dialog/oauth",
            # Shown, but not used: a secret in an address would get into logs. Facebook takes POST too.
            "token_request_method": "GET",
            "token_url": "https://graph.facebook.com/{api_version}/oauth/access_token",
        },
    ),
    "LoginWithAmazon": _Type(
        required=("client_id", "client_secret", "authorize_scopes"),
        sentence=_SOCIAL,
        filled={
            "attributes_url": "https://api.amazon.com/user/profile",
            "attributes_url_add_attributes": "false",
            "authorize_url": "https://www.amazon.com/ap/oa",
            "token_request_method": "POST",
            "token_url": "https://api.amazon.com/auth/o2/token",
        },
    ),
    "SignInWithApple": _Type(
        required=("client_id", "private_key", "team_id", "key_id"),
        sentence=_APPLE,
        filled={
            "attributes_url_add_attributes": "false",
            "authorize_url": "https://appleid.apple.com/auth/authorize",
            "oidc_issuer": "https://appleid.apple.com",
            "token_request_method": "POST",
            "token_url": "https://appleid.apple.com/auth/token",
        },
        issuers=sign_in_with_apple.ISSUERS,
        jwks_uri=sign_in_with_apple.JWKS_URI,
    ),
    # UNVERIFIED: whether Describe shows the endpoints that discovery found. Here they are found anew, so a provider may move them.
    "OIDC": _Type(
        required=("client_id", "authorize_scopes", "oidc_issuer", "attributes_request_method"),
        sentence=_OIDC,
        filled={"attributes_url_add_attributes": "false"},
    ),
    "SAML": _Type(required=(), sentence=""),
}
SOCIAL_NAMES = frozenset(_TYPES) - {"OIDC", "SAML"}


def complete(provider_name: str, provider_type: str, given_details: Mapping[str, str], *, dev: bool) -> dict[str, str]:
    """Return the details of a new or changed provider with defaults filled in; unknown keys are kept too.

    With `dev` endpoints on this machine may be plain HTTP. Raises InvalidParameterException.
    """
    # The name of a social provider is its type; UNVERIFIED: whether another type may be called like a social provider.
    if provider_name != provider_type and SOCIAL_NAMES & {provider_name, provider_type}:
        raise InvalidParameterException(f"Provider {provider_name} cannot be of type {provider_type}.")
    kind = _TYPES[provider_type]
    if not all(given_details.get(name) for name in kind.required):
        raise InvalidParameterException(kind.sentence)
    if provider_type == "SignInWithApple":
        _require_key(given_details["private_key"])
    if provider_type == "SAML":
        _require_metadata(given_details)
        _require_words(given_details)
        return dict(given_details)
    details = {**kind.filled, **given_details}
    # UNVERIFIED: the sentence for api_version; CreateIdentityProvider with 17 for it would tell.
    if not _API_VERSION.fullmatch(details.get("api_version", "v1.0")):
        raise InvalidParameterException("api_version must be of the form v17.0.")
    # UNVERIFIED: the sentence for attributes_request_method; CreateIdentityProvider with PUT for it would tell.
    if details.get("attributes_request_method", "GET") not in {"GET", "POST"}:
        raise InvalidParameterException("attributes_request_method must be one of [POST, GET]")
    details = {name: value.replace("{api_version}", details.get("api_version", "")) for name, value in details.items()}
    for name in _URLS:
        if name in details and not is_web_address(details[name], loopback=dev and is_loopback(details[name])):
            raise InvalidParameterException(_NOT_HTTPS, detail=name)
    return details


def shown(details: Mapping[str, str]) -> dict[str, str]:
    """Return the details that Describe shows: all but Apple's private key."""
    return {name: value for name, value in details.items() if name not in NOT_SHOWN}


def upstream(provider_type: str, details: Mapping[str, str]) -> Upstream:
    """Return a provider as its protocol needs it, from details that `complete` returned; not for SAML."""
    kind = _TYPES[provider_type]
    given_issuer = details.get("oidc_issuer", "")
    # A provider with an issuer address of its own is another issuer, with keys elsewhere.
    usual = given_issuer == kind.filled.get("oidc_issuer", "")
    return Upstream(
        client_id=details["client_id"],
        client_secret=Secret(details.get("client_secret", "")),
        scopes=_scopes(provider_type, details.get("authorize_scopes", "")),
        issuers=kind.issuers if usual else (given_issuer,),
        authorize_url=details.get("authorize_url", ""),
        token_url=details.get("token_url", ""),
        attributes_url=details.get("attributes_url", ""),
        jwks_uri=details.get("jwks_uri") or (kind.jwks_uri if usual else ""),
        attributes_by_post=details.get("attributes_request_method") == "POST",
        team_id=details.get("team_id", ""),
        key_id=details.get("key_id", ""),
        private_key=Secret(details.get("private_key", "")),
    )


def _require_key(text: str) -> None:
    """Refuse a text that cannot sign: else the first person to sign in would meet the error, and could do nothing."""
    try:
        sign_in_with_apple.private_key(Secret(text))
    except ValueError as fault:
        raise InvalidParameterException(_NO_KEY, detail=str(fault)) from None


def _require_metadata(given_details: Mapping[str, str]) -> None:
    sources = [name for name in ("MetadataURL", "MetadataFile") if given_details.get(name)]
    if len(sources) != 1:
        raise InvalidParameterException(_TWO_METADATA if sources else _NO_METADATA)


def _require_words(given_details: Mapping[str, str]) -> None:
    """Refuse values that would be ignored: `EncryptedResponses=yes` would let in responses that are not encrypted."""
    # UNVERIFIED: that AWS refuses such values, and the sentences; CreateIdentityProvider with EncryptedResponses=yes would tell.
    for name in _SWITCHES:
        if given_details.get(name, "").lower() not in {"", "true", "false"}:
            raise InvalidParameterException(f"{name} must be one of [true, false]")
    if given_details.get("RequestSigningAlgorithm", "").lower() not in {"", "rsa-sha256"}:
        raise InvalidParameterException("RequestSigningAlgorithm must be rsa-sha256")


def _scopes(provider_type: str, scopes: str) -> str:
    """Return scopes as we send them: with commas for Facebook, as in AWS's examples, and with blanks for all others."""
    return ("," if provider_type == "Facebook" else " ").join(scope for scope in re.split(r"[,\s]+", scopes) if scope)
