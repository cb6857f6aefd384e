"""What does a logout token say? That a user has signed out; it is for one app client, and valid for two minutes.

Source: OpenID Connect Back-Channel Logout 1.0 section 2.4.
"""

import msgspec

from poolkeeper.call import House
from poolkeeper.clock import MINUTE, SECOND
from poolkeeper.crypto import jws
from poolkeeper.model.pool import Pool
from poolkeeper.model.session_rules import BROWSER, session_name
from poolkeeper.tokens import keys
from poolkeeper.tokens.issuer import issuer_of

_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_TYPE = "logout+jwt"
_LIFE = 2 * MINUTE


def sid(browser_session_id: str) -> str:
    """Return the `sid` by which ID tokens and logout tokens name a browser session: its public name."""
    return session_name(browser_session_id, BROWSER)


async def logout_token(
    house: House, pool: Pool, *, client_id: str, user_id: str, browser_session_id: str
) -> str | None:
    """Sign a logout token for one app client with the key of ID tokens; return None if the pool is gone."""
    pool_keys = await keys.of_pool(house, pool.pool_id)
    if pool_keys is None:
        return None
    now = house.clock.now()
    claims = {
        "iss": issuer_of(house.settings, pool),
        "sub": user_id,
        "aud": client_id,
        "iat": now // SECOND,
        "exp": (now + _LIFE) // SECOND,
        "jti": house.entropy.uuid(),
        "events": {_EVENT: {}},
        "sid": sid(browser_session_id),
    }
    return jws.sign(msgspec.json.encode(claims), kid=pool_keys.id.kid, key=pool_keys.id.private, typ=_TYPE)
