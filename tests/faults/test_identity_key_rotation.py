"""Whether a new key of the identity pools' issuer costs anybody anything: tokens that are out, and caches (attacks.md 71, F12)."""

import json
import subprocess
import time
from pathlib import Path

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet

from api.world import World
from faults.key_ids import kid_of
from identity.stage import credentials, identity_pool, set_roles
from poolkeeper.clock import DAY, HOUR, MINUTE
from poolkeeper.identities import issuer
from server import program
from server.operating import KEY, client_of

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


def test_a_rotation_that_is_killed_leaves_a_whole_key_or_none(tmp_path: Path) -> None:
    """Whenever it is killed: every key that is published verifies or will, tokens that are out do, and the next one works."""
    where = program.place(tmp_path, **KEY)
    with program.serving(where):
        identity = client_of(where, "cognito-identity")
        place = {
            "IdentityPoolId": identity.create_identity_pool(
                IdentityPoolName="killed", AllowUnauthenticatedIdentities=False, DeveloperProviderName="login.example"
            )["IdentityPoolId"]
        }

        def token() -> str:
            ask = identity.get_open_id_token_for_developer_identity
            return str(ask(**place, Logins={"login.example": "u1"})["Token"])

        before = token()
        begun = time.monotonic()
        program.told(where, "keys", "rotate-identity")
        whole = time.monotonic() - begun
        for share in (0.5, 0.7, 0.8, 0.9, 0.97):
            _killed_after(where, whole * share)
            assert 2 <= len(_published(where)) <= 7
            assert {_verified(where, one)["aud"] for one in (before, token())} == {place["IdentityPoolId"]}
        held = len(_published(where))
        program.told(where, "keys", "rotate-identity")
        assert len(_published(where)) == held + 1
    with program.serving(where):
        assert _verified(where, before)["aud"] == place["IdentityPoolId"]
        assert len(_published(where)) == held + 1


def _killed_after(where: program.Place, seconds: float) -> None:
    """Begin a rotation and kill it after a while, if it has not ended by then."""
    with subprocess.Popen(
        [program.program("poolkeeper"), "keys", "rotate-identity"],
        env=where.environment,
        cwd=where.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()


def _published(where: program.Place) -> list[dict[str, object]]:
    answer = httpx.get(f"{where.endpoint}/.well-known/jwks_uri", trust_env=False).raise_for_status()
    keys: list[dict[str, object]] = answer.json()["keys"]
    assert len({key["kid"] for key in keys}) == len(keys)
    return keys


def _verified(where: program.Place, token: str) -> dict[str, object]:
    """Return the claims of a token, its signature checked by what is published."""
    keys = KeySet.import_key_set({"keys": _published(where)})  # type: ignore[typeddict-item]
    return dict(jwt.decode(token, keys, algorithms=["RS512"]).claims)
