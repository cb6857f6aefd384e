"""What is special about Login with Amazon? It has no ID token: the last of its three endpoints names the access token's user.

Source: Login with Amazon's "Authorization Code Grant" (with PKCE) and "Obtain Customer Profile Information".
"""

from poolkeeper.federation.upstream import Exchanged, Kind, Profile, fetch_claims, given_endpoints, require_subject


async def identify(exchanged: Exchanged) -> Profile:
    """Return who signed in. Raises FederationRefused.

    The code was exchanged with our secret, so the access token is our client's and no other's.
    """
    user_info = await fetch_claims(exchanged, exchanged.endpoints.attributes_url)
    return Profile(
        subject=require_subject(user_info, "user_id"),
        claims=user_info,
        id_token={},
        user_info=user_info,
        token_response=exchanged.tokens.response,
    )


LOGIN_WITH_AMAZON = Kind(endpoints=given_endpoints, identify=identify, nonce=False, hints=False)
