"""Whether a new key of the identity pools' issuer costs anybody anything: tokens that are out, and caches (attacks.md 71, F12)."""

import json

from api.world import World
from faults.test_key_rotation import kid_of
from identity.stage import credentials, identity_pool, set_roles
from poolkeeper.clock import DAY, HOUR, MINUTE
from poolkeeper.identities import issuer

NAME, ROLE = "cognito-identity.amazonaws.com", "arn:aws:iam::000000000000:role/rotation"


def published(world: World) -> list[str]:
    """Return the kids of the issuer's keys as anybody reads them."""
    return [key["kid"] for key in json.loads(world.get("/.well-known/jwks_uri")[2])["keys"]]


def test_a_new_key_is_published_before_it_signs_and_the_old_one_stays(world: World) -> None:
    """Whoever keeps the document for an hour meets no token of an unknown key, and a token of a day verifies to its end."""
    pool = identity_pool(world, users=(), DeveloperProviderName="login.example")
    set_roles(pool, ROLE)

    def token(seconds: int = 600) -> tuple[str, str]:
        made = pool.signed.get_open_id_token_for_developer_identity(
            IdentityPoolId=pool.pool_id, Logins={"login.example": "u1"}, TokenDuration=seconds
        )
        return made["IdentityId"], made["Token"]

    _, before = token()
    new = world.run(lambda: issuer.rotate(world.house)).kid
    assert {new, kid_of(before)} <= set(published(world))

    cached_for = 59 * MINUTE
    world.clock.advance(HOUR + cached_for)
    identity_id, long_lived = token(86_400)
    assert kid_of(long_lived) == kid_of(before) != new
    world.clock.advance(MINUTE)
    assert kid_of(token()[1]) == new

    world.clock.advance(DAY - 2 * MINUTE)
    world.run(lambda: issuer.retire(world.house))
    assert credentials(pool, identity_id, {NAME: long_lived}).arn.endswith("/CognitoIdentityCredentials")
    world.clock.advance(2 * HOUR)
    world.run(lambda: issuer.retire(world.house))
    assert kid_of(before) not in published(world)
    assert new in published(world)
