"""What may an app client be set to? AWS's defaults, and the combinations that it refuses."""

import re
from collections.abc import Mapping
from typing import Any

from poolkeeper.clock import DAY, HOUR, MINUTE
from poolkeeper.errors import InvalidOAuthFlowException, InvalidParameterException, ScopeDoesNotExistException
from poolkeeper.model.attributes import never_writable
from poolkeeper.model.client import DEFAULT_REFRESH_DAYS, LEGACY_FLOWS, UNITS, Client, allowed_flows, validity
from poolkeeper.model.pool import Pool

# What stands in a request and is no setting, or is kept sealed beside the settings.
_NOT_SETTINGS = ("UserPoolId", "ClientId", "GenerateSecret", "ClientSecret")
# What another call sets and no update names.
_KEPT = ("SessionConfiguration",)
_OIDC_SCOPES = frozenset({"phone", "email", "openid", "profile", "aws.cognito.signin.user.admin"})
# The providers of a pool: its own users, until others can be configured.
_PROVIDERS = frozenset({"COGNITO"})
_LOCAL = re.compile(r"http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?([/?].*)?", re.IGNORECASE | re.DOTALL)
_SCHEMES_REFUSED = frozenset({"javascript", "data", "vbscript", "file", "blob"})
_LIMITS = {
    "AccessToken": (5 * MINUTE, DAY),
    "IdToken": (5 * MINUTE, DAY),
    "RefreshToken": (60 * MINUTE, 3650 * DAY),
}


def new_client_document(request: Mapping[str, Any], pool: Pool) -> dict[str, Any]:
    """Return the settings of a client that a creation asks for, with the documented defaults filled in.

    Raises InvalidParameterException, InvalidOAuthFlowException, ScopeDoesNotExistException.
    """
    if request.get("GenerateSecret") and request.get("ClientSecret"):
        # UNVERIFIED: the words; both members at once against AWS would settle them.
        raise InvalidParameterException("GenerateSecret and ClientSecret cannot be used together.")
    document = _with_defaults(request)
    confidential = bool(request.get("GenerateSecret") or request.get("ClientSecret"))
    _check(document, pool, confidential=confidential, doing="creating")
    return document


def updated_client_document(request: Mapping[str, Any], client: Client, pool: Pool) -> dict[str, Any]:
    """Return the settings of a client after an update, which replaces: what it leaves out goes back to its default.

    Only the name stays, and what SetUserPoolClientSessionConfiguration set, which no update can name; secrets are no
    settings. Raises as `new_client_document`.
    """
    kept = {name: client.document[name] for name in _KEPT if name in client.document}
    document = {**kept, "ClientName": client.name, **_with_defaults(request)}
    _check(document, pool, confidential=client.confidential, doing="updating")
    return document


def _with_defaults(request: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in what AWS answers for a client that leaves it out; what is empty is left out (contract, clients 9)."""
    given = {name: value for name, value in request.items() if name not in _NOT_SETTINGS and value not in ("", [], {})}
    document = {
        "RefreshTokenValidity": DEFAULT_REFRESH_DAYS,
        "AuthSessionValidity": 3,
        "EnableTokenRevocation": True,
        "AllowedOAuthFlowsUserPoolClient": False,
        "EnablePropagateAdditionalUserContextData": False,
        **given,
    }
    units = document.get("TokenValidityUnits")
    if document["RefreshTokenValidity"] == 0:
        # Thirty days, whatever the unit (AWS: UpdateUserPoolClient, RefreshTokenValidity).
        unit = (units or {}).get("RefreshToken", "days")
        document["RefreshTokenValidity"] = DEFAULT_REFRESH_DAYS * DAY // UNITS[unit]
    if units is not None:
        document["TokenValidityUnits"] = {"AccessToken": "hours", "IdToken": "hours", "RefreshToken": "days", **units}
    return document


def _check(document: Mapping[str, Any], pool: Pool, *, confidential: bool, doing: str) -> None:
    """Raise for the first setting that AWS refuses; the sentences are AWS's where public reports have them."""
    _check_flows(document)
    _check_validity(document)
    _check_attributes(document, pool, doing)
    _check_oauth(document, confidential=confidential)
    _check_urls(document)
    for name in document.get("SupportedIdentityProviders", ()):
        if name not in _PROVIDERS:
            raise InvalidParameterException(f"The provider {name} does not exist for User Pool {pool.pool_id}.")
    if document["EnablePropagateAdditionalUserContextData"] and not confidential:
        raise InvalidParameterException(
            "Client Secret is required to set EnablePropagateAdditionalUserContextData as true"
        )
    analytics = document.get("AnalyticsConfiguration")
    if analytics is not None and not _names_application(analytics):
        raise InvalidParameterException(
            "Invalid analytics configuration given, either <application arn> or "
            "<application id, role arn, external id> are valid"
        )


def _names_application(analytics: Mapping[str, Any]) -> bool:
    named = {name for name in ("ApplicationArn", "ApplicationId", "RoleArn", "ExternalId") if name in analytics}
    return named in ({"ApplicationArn"}, {"ApplicationId", "RoleArn", "ExternalId"})


def _check_flows(document: Mapping[str, Any]) -> None:
    named = document.get("ExplicitAuthFlows", ())
    legacy = [name for name in named if name in LEGACY_FLOWS]
    if legacy and len(legacy) != len(named):
        raise InvalidParameterException(
            "Auth flow name with prefix 'ALLOW' cannot be used with legacy auth flow names."
        )
    rotation = document.get("RefreshTokenRotation", {}).get("Feature") == "ENABLED"
    if rotation and "ALLOW_REFRESH_TOKEN_AUTH" in allowed_flows(document):
        raise InvalidParameterException(
            "ALLOW_REFRESH_TOKEN_AUTH cannot be set when refresh token rotation is enabled."
        )


def _check_validity(document: Mapping[str, Any]) -> None:
    lasts = {token: validity(document, token) for token in _LIMITS}
    for token, (least, most) in _LIMITS.items():
        if (given := lasts[token]) is not None and not least <= given <= most:
            raise InvalidParameterException("Invalid range for token validity.")
    if max(lasts["AccessToken"] or HOUR, lasts["IdToken"] or HOUR) > (lasts["RefreshToken"] or 0):
        raise InvalidParameterException(
            "Access and Id Token expiration times must be less than or equal to refresh token expiration times."
        )


def _check_attributes(document: Mapping[str, Any], pool: Pool, doing: str) -> None:
    """Refuse names that the pool does not have, and write access to what no client may ever write."""
    for member, word in (("ReadAttributes", "read"), ("WriteAttributes", "write")):
        for name in document.get(member, ()):
            closed = word == "write" and never_writable(name)
            if name not in pool.schema.attributes or closed:
                raise InvalidParameterException(f"Invalid {word} attributes specified while {doing} a client")


def _check_oauth(document: Mapping[str, Any], *, confidential: bool) -> None:
    flows, scopes = set(document.get("AllowedOAuthFlows", ())), set(document.get("AllowedOAuthScopes", ()))
    if (flows or document["AllowedOAuthFlowsUserPoolClient"]) and not (flows and scopes):
        raise InvalidOAuthFlowException(
            "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows."
        )
    unknown = sorted(scopes - _OIDC_SCOPES)
    if unknown:
        raise ScopeDoesNotExistException(f"Invalid scope requested: {unknown[0]}")
    if "client_credentials" in flows:
        _check_machine(flows, scopes, confidential=confidential)
    elif flows and not document.get("CallbackURLs"):
        raise InvalidOAuthFlowException("CallbackUrls can not be empty when code flow or implicit flow is selected")


def _check_machine(flows: set[str], scopes: set[str], *, confidential: bool) -> None:
    if len(flows) > 1:
        raise InvalidOAuthFlowException(
            "client_credentials flow can not be selected along with code flow or implicit flow."
        )
    if not confidential:
        raise InvalidOAuthFlowException(
            "client_credentials flow can not be selected if client does not have a client secret."
        )
    of_users = sorted(scopes & _OIDC_SCOPES)
    if of_users:
        raise InvalidOAuthFlowException(f"{of_users[0]} is not supported with client_credentials flow")


def _check_urls(document: Mapping[str, Any]) -> None:
    callbacks = document.get("CallbackURLs", ())
    for url in (*callbacks, *document.get("LogoutURLs", ())):
        _check_url(url)
    default = document.get("DefaultRedirectURI")
    if default is not None and default not in callbacks:
        raise InvalidParameterException(f"The default redirect URI {default} is not in the callback URIs list.")


def _check_url(url: str) -> None:
    """Refuse what no application can be sent back to safely: plain http off this machine, fragments, script schemes."""
    scheme, colon, rest = url.partition("://")
    if scheme.lower() == "http" and not _LOCAL.fullmatch(url):
        raise InvalidParameterException(f"{url} cannot use the HTTP protocol.")
    if not colon or not rest or "#" in url or url.partition(":")[0].lower() in _SCHEMES_REFUSED:
        # UNVERIFIED: the words; an address with a fragment against AWS would settle them.
        raise InvalidParameterException(
            f"{url} is not a valid redirect address: https, http on localhost, or a scheme of the application's own."
        )
