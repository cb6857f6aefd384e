"""What may an app client be set to? AWS's defaults, and the combinations that it refuses."""

import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from poolkeeper.clock import DAY, HOUR, MINUTE
from poolkeeper.errors import InvalidOAuthFlowException, InvalidParameterException, ScopeDoesNotExistException
from poolkeeper.hosts import is_plain
from poolkeeper.model.attributes import never_writable
from poolkeeper.model.client import (
    COGNITO,
    DEFAULT_REFRESH_DAYS,
    DPOP_BOUND,
    LEGACY_FLOWS,
    UNITS,
    Client,
    allowed_flows,
    validity,
)
from poolkeeper.model.pool import Pool

# What stands in a request and is no setting, or is kept sealed beside the settings.
_NOT_SETTINGS = ("UserPoolId", "ClientId", "GenerateSecret", "ClientSecret", "PublishSecretsInAWSSecretsManager")
# What stays where an update leaves it out (measured.md 2), and what another call sets and no update names.
_KEPT = (
    *("ClientName", "RefreshTokenValidity", "EnableTokenRevocation", "AuthSessionValidity"),
    *("SessionConfiguration", "RiskConfiguration", "ClientType", DPOP_BOUND),
)
_OIDC_SCOPES = frozenset({"phone", "email", "openid", "profile", "aws.cognito.signin.user.admin"})
_LOCAL = re.compile(r"http://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?([/?].*)?", re.IGNORECASE | re.DOTALL)
# RFC 3986 section 3.1. Browsers pass over blanks and tabs in a scheme: this takes no scheme that has any.
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*", re.ASCII)
# What runs, shows or opens something by itself, or leaves for something that is no application (attacks.md 75).
_SCHEMES_REFUSED = frozenset(
    {
        *("about", "blob", "content", "data", "file", "filesystem", "ftp", "intent", "jar", "javascript", "livescript"),
        *("mailto", "mhtml", "mocha", "resource", "sms", "tel", "vbscript", "view-source", "ws", "wss"),
    }
)
_WEB = frozenset({"http", "https"})
_LIMITS = {
    "AccessToken": (5 * MINUTE, DAY),
    "IdToken": (5 * MINUTE, DAY),
    "RefreshToken": (60 * MINUTE, 3650 * DAY),
}


def new_client_document(
    request: Mapping[str, Any], pool: Pool, *, custom_scopes: Collection[str] = (), providers: Collection[str] = ()
) -> dict[str, Any]:
    """Return the settings of a client that a creation asks for, with the documented defaults filled in.

    `custom_scopes` are those of the pool's resource servers, `providers` the names of its identity providers. Raises
    InvalidParameterException, InvalidOAuthFlowException, ScopeDoesNotExistException.
    """
    if request.get("GenerateSecret") and request.get("ClientSecret"):
        # UNVERIFIED: the words; both members at once against AWS would settle them.
        raise InvalidParameterException("GenerateSecret and ClientSecret cannot be used together.")
    document = _with_defaults(request)
    confidential = bool(request.get("GenerateSecret") or request.get("ClientSecret"))
    _check(document, pool, confidential=confidential, custom_scopes=custom_scopes, doing="creating")
    _check_providers(document, pool, providers)
    return document


def updated_client_document(
    request: Mapping[str, Any],
    client: Client,
    pool: Pool,
    *,
    custom_scopes: Collection[str] = (),
    providers: Collection[str] = (),
) -> dict[str, Any]:
    """Return the settings of a client after an update, which replaces: what it leaves out goes back to its default.

    The members of `_KEPT` stay, a validity together with its unit; secrets are no settings. Raises as
    `new_client_document`.
    """
    kept = {name: client.document[name] for name in _KEPT if name in client.document and name not in request}
    document = _with_defaults(_with_kept_unit(request, client.document) | kept)
    _check(document, pool, confidential=client.confidential, custom_scopes=custom_scopes, doing="updating")
    _check_providers(document, pool, providers)
    return document


def _with_kept_unit(request: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request with the unit of a refresh token's validity that stays: ninety minutes never become ninety days."""
    # UNVERIFIED: whether AWS keeps the unit with the number; an update without both would settle it.
    unit = before.get("TokenValidityUnits", {}).get("RefreshToken", "days")
    units = request.get("TokenValidityUnits", {})
    if "RefreshTokenValidity" in request or "RefreshToken" in units or unit == "days":
        return dict(request)
    return {**request, "TokenValidityUnits": {**units, "RefreshToken": unit}}


def _with_defaults(request: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in what AWS answers for a client that leaves it out; what is empty is left out (clients.md 9).

    Raises InvalidParameterException where the secret is to be kept by a service that is not here (measured.md 10).
    """
    if request.get("PublishSecretsInAWSSecretsManager"):
        raise InvalidParameterException(
            "PublishSecretsInAWSSecretsManager cannot be true: there is no AWS Secrets Manager here."
        )
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


def _check(
    document: Mapping[str, Any], pool: Pool, *, confidential: bool, custom_scopes: Collection[str], doing: str
) -> None:
    """Raise for the first setting that AWS refuses; the sentences are AWS's where public reports have them."""
    _check_flows(document)
    _check_validity(document)
    _check_attributes(document, pool, doing)
    _check_oauth(document, confidential=confidential, custom_scopes=custom_scopes)
    _check_urls(document)
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


def _check_providers(document: Mapping[str, Any], pool: Pool, providers: Collection[str]) -> None:
    for name in document.get("SupportedIdentityProviders", ()):
        if name != COGNITO and name not in providers:
            raise InvalidParameterException(f"The provider {name} does not exist for User Pool {pool.pool_id}.")


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


def _check_oauth(document: Mapping[str, Any], *, confidential: bool, custom_scopes: Collection[str]) -> None:
    flows, scopes = set(document.get("AllowedOAuthFlows", ())), set(document.get("AllowedOAuthScopes", ()))
    if (flows or document["AllowedOAuthFlowsUserPoolClient"]) and not (flows and scopes):
        raise InvalidOAuthFlowException(
            "AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows."
        )
    unknown = sorted(scopes - _OIDC_SCOPES - set(custom_scopes))
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
        require_redirect_address(url)
    default = document.get("DefaultRedirectURI")
    if default is not None and default not in callbacks:
        raise InvalidParameterException(f"The default redirect URI {default} is not in the callback URIs list.")


def require_redirect_address(url: str) -> None:
    """Refuse what no application can be sent back to safely: plain http off this machine, fragments, script schemes.

    An application's own scheme comes with one slash (RFC 8252 section 7.1) or, as Cognito's page has it, with two.
    """
    scheme_as_written, _, rest = url.partition(":")
    scheme = scheme_as_written.lower()
    if scheme == "http" and rest.startswith("//") and not _LOCAL.fullmatch(url):
        raise InvalidParameterException(f"{url} cannot use the HTTP protocol.")
    if "#" in url:
        raise InvalidParameterException(f"{url} cannot use fragment")
    leads = len(rest) > 2 and rest.startswith("//") if scheme in _WEB else rest.startswith("/") and rest != "//"
    if not leads or not _SCHEME.fullmatch(scheme_as_written) or scheme in _SCHEMES_REFUSED:
        # UNVERIFIED: the words; an address without a scheme against AWS would settle them.
        raise InvalidParameterException(
            f"{url} is not a valid redirect address: https, http on localhost, or a scheme of the application's own."
        )


def require_plain_redirect_address(url: str) -> None:
    """Refuse, of an app that nobody registered by hand, also what two readers could take for two addresses.

    Its host is what people are shown of the app, and the browser must go to no other.
    """
    require_redirect_address(url)
    try:
        parts = urlsplit(url)
        plain = parts.scheme not in _WEB or (is_plain(parts.netloc) and parts.port != 0)
    except ValueError:
        plain = False
    if not plain or not url.isascii() or not url.isprintable() or any(sign in url for sign in ' "\\<>^`{|}'):
        raise InvalidParameterException(f"{url} is not a plain address.")
