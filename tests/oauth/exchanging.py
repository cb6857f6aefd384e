"""How does a test exchange tokens? As the app client of an API, at /oauth2/token and by GetDerivedToken."""

from typing import Any

from api.world import ClientOfTests, PoolOfTests
from oauth.hosted import Answer, of_client, post
from oauth.machines import READ

TYPE = "urn:ietf:params:oauth:token-type:"
GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"
BOTH = ["ALLOW_TOKEN_EXCHANGE_IMPERSONATION", "ALLOW_TOKEN_EXCHANGE_DELEGATION"]


def service_of(pool: PoolOfTests, **settings: Any) -> ClientOfTests:
    """Make the app client of an API, which exchanges what it is shown."""
    known = {
        "GenerateSecret": True,
        "ExplicitAuthFlows": BOTH,
        "AllowedOAuthFlowsUserPoolClient": True,
        "AllowedOAuthFlows": ["code"],
        "CallbackURLs": ["https://service.example"],
        "SupportedIdentityProviders": ["COGNITO"],
        "AllowedOAuthScopes": ["openid", "email", READ],
        **settings,
    }
    return pool.client(**known)


def exchange(service: ClientOfTests, token: str, **more: str) -> Answer:
    """Exchange a token at the token endpoint, an access token unless another type is named; an empty field is left out."""
    fields = {
        "grant_type": GRANT,
        **of_client(service),
        "subject_token": token,
        "subject_token_type": f"{TYPE}access_token",
        **more,
    }
    return post(service.world, "/oauth2/token", {name: value for name, value in fields.items() if value})


def derive(service: ClientOfTests, token: str, **more: Any) -> dict[str, Any]:
    """Exchange a token by the operation, an access token unless another type is named."""
    given = {"ClientId": service.client_id, "SubjectToken": token, "SubjectTokenType": "ACCESS_TOKEN", **more}
    secret = {} if service.secret is None else {"ClientSecret": service.secret}
    answer: dict[str, Any] = service.world.unsigned.get_derived_token(**given, **secret)
    return answer
