"""What may an app client be set to? AWS's defaults, and the combinations that it refuses."""

from collections.abc import Mapping
from typing import Any

from poolkeeper.clock import DAY, MINUTE
from poolkeeper.errors import InvalidOAuthFlowException, InvalidParameterException, ScopeDoesNotExistException
from poolkeeper.model.client import DEFAULT_REFRESH_DAYS, LEGACY_FLOWS, allowed_flows, validity
from poolkeeper.model.pool import Pool

# What stands in a request and is no setting, or is kept sealed beside the settings.
_NOT_SETTINGS = ("UserPoolId", "ClientId", "GenerateSecret", "ClientSecret")
_OIDC_SCOPES = frozenset({"phone", "email", "openid", "profile", "aws.cognito.signin.user.admin"})
_OAUTH = ("AllowedOAuthFlows", "AllowedOAuthScopes", "CallbackURLs", "LogoutURLs", "DefaultRedirectURI")
_LOCAL = ("http://localhost", "http://127.0.0.1", "http://[::1]")
_SCHEMES_REFUSED = frozenset({"javascript", "data", "vbscript", "file", "blob"})
_LIMITS = {
    "AccessToken": (5 * MINUTE, DAY, "between 5 minutes and 1 day"),
    "IdToken": (5 * MINUTE, DAY, "between 5 minutes and 1 day"),
    "RefreshToken": (60 * MINUTE, 3650 * DAY, "between 60 minutes and 10 years"),
}


def client_document(request: Mapping[str, Any], pool: Pool) -> dict[str, Any]:
    """Return the settings of a client that a create or update asks for, with the documented defaults filled in.

    An update replaces: what it leaves out goes back to its default. Raises InvalidParameterException,
    InvalidOAuthFlowException, ScopeDoesNotExistException.
    """
    given = {name: value for name, value in request.items() if name not in _NOT_SETTINGS and value not in ("", [])}
    document = {
        "RefreshTokenValidity": DEFAULT_REFRESH_DAYS,
        "AuthSessionValidity": 3,
        "EnableTokenRevocation": True,
        "AllowedOAuthFlowsUserPoolClient": False,
        "EnablePropagateAdditionalUserContextData": False,
        **given,
    }
    if document["RefreshTokenValidity"] == 0:
        document["RefreshTokenValidity"] = DEFAULT_REFRESH_DAYS
    if document.get("TokenValidityUnits") is not None:
        units = {"AccessToken": "hours", "IdToken": "hours", "RefreshToken": "days"}
        document["TokenValidityUnits"] = units | document["TokenValidityUnits"]

    _refuse_two_secrets(request)
    _check_flows(document)
    _check_validity(document)
    _check_attributes(document, pool)
    _check_oauth(document, confidential=bool(request.get("GenerateSecret") or request.get("ClientSecret")))
    return document


def _refuse_two_secrets(request: Mapping[str, Any]) -> None:
    if request.get("GenerateSecret") and request.get("ClientSecret"):
        raise InvalidParameterException("GenerateSecret and ClientSecret cannot be used together.")


def _check_flows(document: Mapping[str, Any]) -> None:
    named = document.get("ExplicitAuthFlows") or ()
    legacy = [name for name in named if name in LEGACY_FLOWS]
    if legacy and len(legacy) != len(named):
        raise InvalidParameterException(
            "You can't set ExplicitAuthFlows values without the ALLOW_ prefix beside values with it."
        )
    rotation = document.get("RefreshTokenRotation", {}).get("Feature") == "ENABLED"
    if rotation and "ALLOW_REFRESH_TOKEN_AUTH" in allowed_flows(document):
        raise InvalidParameterException(
            "ALLOW_REFRESH_TOKEN_AUTH cannot be set when refresh token rotation is enabled."
        )


def _check_validity(document: Mapping[str, Any]) -> None:
    for token, (least, most, words) in _LIMITS.items():
        lasts = validity(document, token)
        if lasts is not None and not least <= lasts <= most:
            raise InvalidParameterException(f"Invalid range for token validity: {token} must be {words}.")
    refresh = validity(document, "RefreshToken") or DEFAULT_REFRESH_DAYS * DAY
    for token in ("AccessToken", "IdToken"):
        if (validity(document, token) or 0) > refresh:
            raise InvalidParameterException(f"{token} validity cannot be greater than RefreshToken validity.")


def _check_attributes(document: Mapping[str, Any], pool: Pool) -> None:
    for member in ("ReadAttributes", "WriteAttributes"):
        for name in document.get(member) or ():
            if name not in pool.schema.attributes:
                raise InvalidParameterException(
                    f"Invalid {'read' if member[0] == 'R' else 'write'} attributes specified while creating a client"
                )


def _check_oauth(document: Mapping[str, Any], *, confidential: bool) -> None:
    flows = set(document.get("AllowedOAuthFlows") or ())
    scopes = set(document.get("AllowedOAuthScopes") or ())
    # UNVERIFIED: the sentences of this function; each combination once against AWS would settle them.
    if flows and not scopes:
        raise InvalidOAuthFlowException(
            "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows."
        )
    if "client_credentials" in flows:
        if len(flows) > 1:
            raise InvalidOAuthFlowException(
                "client_credentials flow can not be selected along with code flow or implicit flow."
            )
        if not confidential:
            raise InvalidOAuthFlowException(
                "client_credentials flow can not be selected if client does not have a client secret."
            )
    elif flows and not document.get("CallbackURLs"):
        raise InvalidOAuthFlowException("CallbackURLs are required for the code and implicit flows.")
    unknown = sorted(scope for scope in scopes if scope not in _OIDC_SCOPES)
    if unknown:
        raise ScopeDoesNotExistException(f"Invalid scope requested: {unknown[0]}")
    for url in (*document.get("CallbackURLs", ()), *document.get("LogoutURLs", ())):
        _check_url(url)
    default = document.get("DefaultRedirectURI")
    if default is not None and default not in document.get("CallbackURLs", ()):
        raise InvalidParameterException("DefaultRedirectURI must be one of the CallbackURLs.")


def _check_url(url: str) -> None:
    """Refuse what no application can be sent back to safely: plain http off this machine, fragments, script schemes."""
    scheme, colon, rest = url.partition("://")
    bare_scheme = url.partition(":")[0].lower()
    plain = scheme.lower() == "http" and not url.startswith(_LOCAL)
    if not colon or not rest or "#" in url or plain or bare_scheme in _SCHEMES_REFUSED:
        raise InvalidParameterException(
            f"{url} is not a valid redirect address: https, http on localhost, or a scheme of the application's own."
        )
