"""What is special about Facebook? It has no ID token: the Graph API names the user, if we prove that we have the app's secret.

Source: Facebook's "Manually build a login flow" and "Securing Graph API requests".
"""

import dataclasses
import hmac
from urllib.parse import quote

from poolkeeper.federation.upstream import (
    Endpoints,
    Exchanged,
    Kind,
    Profile,
    Upstream,
    fetch_claims,
    given_endpoints,
    require_subject,
)
from poolkeeper.providers import Providers
from poolkeeper.secret import Secret


async def endpoints(providers: Providers, upstream: Upstream, now: int) -> Endpoints:
    """Return Facebook's endpoints, without PKCE, which it documents only for its OpenID tokens."""
    return dataclasses.replace(await given_endpoints(providers, upstream, now), pkce=False)


async def identify(exchanged: Exchanged) -> Profile:
    """Return who signed in, with the fields that the pool maps. Raises FederationRefused.

    The code was exchanged with our secret, so the access token is our app's and no other's.
    """
    fields = dict.fromkeys(("id", *(name for name in exchanged.wanted if name.replace("_", "").isalnum())))
    proof = appsecret_proof(exchanged.tokens.access_token, exchanged.upstream.client_secret)
    url = f"{exchanged.endpoints.attributes_url}{quote(','.join(fields), safe=',')}&appsecret_proof={proof}"
    user_info = await fetch_claims(exchanged, url)
    return Profile(
        subject=require_subject(user_info, "id"),
        claims=user_info,
        id_token={},
        user_info=user_info,
        token_response=exchanged.tokens.response,
    )


def appsecret_proof(access_token: Secret, app_secret: Secret) -> str:
    """Return the proof that a token is used by the app that it was made for; a thief of the token cannot make it."""
    return hmac.digest(app_secret.reveal().encode(), access_token.reveal().encode(), "sha256").hex()


FACEBOOK = Kind(endpoints=endpoints, identify=identify, nonce=False, hints=False)
