"""How does an application come to be known? App clients for the authorization server, otherwise with AWS's defaults."""

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
from playwright.sync_api import Page

from clients.serving import Server, service

SCOPES = ["openid", "email", "aws.cognito.signin.user.admin"]


def oauth_client(server: Server, pool_id: str, *homes: str, **options: Any) -> dict[str, Any]:
    """Create an app client that may use the code flow and come back to some addresses; the rest is AWS's defaults.

    ExplicitAuthFlows are not among what is said: by the API such a client's people cannot sign in with a bare password.
    """
    settings = {
        "ClientName": "application",
        "AllowedOAuthFlowsUserPoolClient": True,
        "AllowedOAuthFlows": ["code"],
        "AllowedOAuthScopes": SCOPES,
        "CallbackURLs": list(homes),
        "LogoutURLs": list(homes),
        "SupportedIdentityProviders": ["COGNITO"],
    }
    created = service(server).create_user_pool_client(UserPoolId=pool_id, **(settings | options))
    description: dict[str, Any] = created["UserPoolClient"]
    return description


def discovered(server: Server, pool_id: str) -> dict[str, Any]:
    """Return a pool's discovery document."""
    answer = httpx.get(f"{server.endpoint}/{pool_id}/.well-known/openid-configuration", trust_env=False)
    document: dict[str, Any] = answer.raise_for_status().json()
    return document


def silently(page: Page, server: Server, pool_id: str, client_id: str, home: str) -> dict[str, str]:
    """Ask with prompt=none and the cookies of a browser; return what the app is told: a code, or an error."""
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": home,
        "scope": "openid",
        "prompt": "none",
    }
    address = f"{discovered(server, pool_id)['authorization_endpoint']}?{urlencode(query)}"
    answer = page.request.get(address, max_redirects=0)
    location = answer.headers["location"]
    assert location.startswith(home), location
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
