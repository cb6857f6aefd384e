"""How often is the database asked for an identity that is known? A statement more shows here, before it shows in a latency."""

from collections.abc import Callable
from functools import partial

import pytest

from api.principals import role
from api.quiet import round_trips, worker_at_rest
from api.world import World
from identity.stage import identity_pool, set_roles, trust_for

# A member's read both pools, the login and the pool's own role at once; a guest's the pool, then the guest, then the role.
EXPECTED = {
    "GetId of a member": 1,
    "GetOpenIdToken of a member": 1,
    "GetCredentialsForIdentity of a member": 1,
    "GetOpenIdToken of a guest": 2,
    "GetCredentialsForIdentity of a guest": 3,
}


@pytest.mark.parametrize("step", EXPECTED)
def test_a_call_for_a_known_identity_makes_so_many_round_trips(world: World, step: str) -> None:
    """Of what is remembered (settings, keys, policies) nothing is read again."""
    if world.engine == "sqlite":
        pytest.skip("SQLite is called in the process: there are no round trips to count")
    pool = identity_pool(world)
    set_roles(pool, role(world, trust_for(pool)), role(world, trust_for(pool, amr="unauthenticated")))
    logins = pool.logins("ada")
    member, guest = pool.get_id(logins), pool.get_id()
    acts: dict[str, Callable[[], object]] = {
        "GetId of a member": partial(pool.get_id, logins),
        "GetOpenIdToken of a member": partial(pool.token, member, logins),
        "GetOpenIdToken of a guest": partial(pool.token, guest),
        "GetCredentialsForIdentity of a member": partial(
            pool.unsigned.get_credentials_for_identity, IdentityId=member, Logins=logins
        ),
        "GetCredentialsForIdentity of a guest": partial(pool.unsigned.get_credentials_for_identity, IdentityId=guest),
    }

    def trips() -> int:
        start = round_trips(world)
        acts[step]()
        return round_trips(world) - start

    with worker_at_rest(world):
        counted = [trips() for _ in range(3)]
    assert min(counted) == EXPECTED[step], counted
