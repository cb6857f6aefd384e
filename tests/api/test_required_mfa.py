"""Is a second factor demanded wherever the pool demands one? No flow issues tokens without it (attack 4).

No factor can be asked for yet, so every flow that begins a session is refused with an error that says so.
"""

import pytest
from botocore.exceptions import ClientError

from api.signing_in import count_of_sessions
from api.test_sign_in_matrix import FLOWS, Person
from api.world import World

BEGINNING = [flow for flow in FLOWS if "REFRESH" not in flow and flow != "GetTokensFromRefreshToken"]


@pytest.mark.parametrize("flow", BEGINNING)
def test_no_flow_gets_past_required_mfa(world: World, flow: str) -> None:
    """The pool turns MFA on, even between challenge and answer: no tokens, no session, and no password is changed."""
    pool = world.pool()
    client, sub = pool.client(), pool.user("ada")
    held = FLOWS[flow].prepare(Person(client, "ada", sub))
    world.signed.set_user_pool_mfa_config(
        UserPoolId=pool.pool_id, MfaConfiguration="ON", SoftwareTokenMfaConfiguration={"Enabled": True}
    )
    before = world.rows("SELECT credential_version FROM users WHERE pool_id = $1", pool.pool_id)

    with pytest.raises(ClientError) as refusal:
        FLOWS[flow].run(Person(client, "ada", sub, held))

    assert refusal.value.response["Error"]["Code"] == "NotImplementedException"
    assert count_of_sessions(pool) == 0
    assert world.rows("SELECT credential_version FROM users WHERE pool_id = $1", pool.pool_id) == before


def test_a_wrong_password_tells_nothing_of_mfa(world: World) -> None:
    """Whether a second factor would be asked for is told after the first one alone."""
    pool = world.pool()
    client = pool.client()
    pool.user("ada")
    world.signed.set_user_pool_mfa_config(
        UserPoolId=pool.pool_id, MfaConfiguration="ON", SoftwareTokenMfaConfiguration={"Enabled": True}
    )
    with pytest.raises(ClientError) as refusal:
        client.sign_in("ada", "not-the-password")
    assert refusal.value.response["Error"]["Message"] == "Incorrect username or password."
