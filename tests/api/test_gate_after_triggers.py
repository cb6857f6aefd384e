"""Does the gate look again after the last trigger? What a function changed while it ran counts, for the pool and the user."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from api.forge import claims_of
from api.second_factors import TOTP, demand
from api.signing_in import INCORRECT, count_of_sessions
from api.world import PASSWORD, ClientOfTests, World, refused

AFTER = {"PostAuthentication": "arn:aws:lambda:us-east-1:000000000000:function:after"}
Change = Callable[[ClientOfTests], object]


def signing_in_while(world: World, patched: pytest.MonkeyPatch, change: Change) -> ClientOfTests:
    """Make a pool whose PostAuthentication changes something by the API before it answers."""
    client = world.pool(LambdaConfig=AFTER).client()
    client.pool.user("ada")

    async def invoke(_arn: str, event: Mapping[str, Any], *, pool_id: str) -> Any:
        assert pool_id == client.pool.pool_id
        await asyncio.to_thread(change, client)
        return event

    patched.setattr(world.house.functions, "invoke", invoke)
    return client


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda client: demand(client.pool, TOTP), INCORRECT),
        (
            lambda client: client.pool.admin("admin_disable_user", "ada"),
            ("NotAuthorizedException", "User is disabled."),
        ),
        (
            lambda client: client.pool.admin(
                "admin_set_user_password", "ada", Password=f"{PASSWORD}-2", Permanent=True
            ),
            INCORRECT,
        ),
    ],
    ids=["the pool demands a second factor", "the user is disabled", "the password is another"],
)
def test_what_a_function_changed_keeps_its_user_out(world: World, change: Change, told: tuple[str, str]) -> None:
    """The proofs are judged by what is true when the session would be opened: no tokens, no session."""
    with pytest.MonkeyPatch.context() as patched:
        client = signing_in_while(world, patched, change)
        assert refused(lambda: client.sign_in("ada")) == told
    assert count_of_sessions(client.pool) == 0


def test_a_group_that_a_function_added_is_in_the_tokens(world: World) -> None:
    """Functions put users into groups as they sign in, and applications look for it at once."""

    def join(client: ClientOfTests) -> None:
        client.world.signed.create_group(UserPoolId=client.pool.pool_id, GroupName="late")
        client.pool.admin("admin_add_user_to_group", "ada", GroupName="late")

    with pytest.MonkeyPatch.context() as patched:
        tokens = signing_in_while(world, patched, join).tokens("ada")
    assert claims_of(tokens["AccessToken"])["cognito:groups"] == ["late"]
