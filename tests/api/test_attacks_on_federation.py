"""Can somebody become another by a provider's word? Marks without addresses, addresses that nobody proved, what is taken away."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from api.federated_pools import pool_with
from api.federating import Person, add_oidc, supporting
from api.own_code import OwnCode, own_code
from api.provider_links import disable, link, sub_of
from api.world import ClientOfTests, PoolOfTests, World, refused

VICTIM, OWN = "victim@example.com", "mallory@evil.example"
NATIVE = "native@example.com"


@pytest.fixture
def code(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnCode]:
    with own_code(world, tmp_path, monkeypatch) as made:
        yield made


def test_a_mark_without_its_address_verifies_nothing(world: World) -> None:
    """An app client that may not write the address does not let the provider verify the one that its user claimed."""
    pool = world.pool(AliasAttributes=["email"], AutoVerifiedAttributes=["email"])
    add_oidc(pool)
    both = supporting(pool, "COGNITO", "Corporate")
    narrow = supporting(pool, "COGNITO", "Corporate", WriteAttributes=["name"])
    pool.user("mallory", email=OWN, email_verified="true")
    link(pool, to="mallory")
    token = both.tokens("mallory")["AccessToken"]
    claimed = [{"Name": "email", "Value": VICTIM}]
    world.unsigned.update_user_attributes(AccessToken=token, UserAttributes=claimed)
    Person(narrow, claims={"email": OWN, "email_verified": True}).tokens()
    held = {one["Name"]: one["Value"] for one in pool.admin("admin_get_user", "mallory")["UserAttributes"]}
    assert (held.get("email"), held.get("email_verified")) != (VICTIM, "true")
    assert refused(lambda: pool.admin("admin_get_user", VICTIM))[0] == "UserNotFoundException"


def test_an_address_that_is_not_verified_there_leads_to_nobody(world: World) -> None:
    """Anybody can claim it at the provider: they become a user of their own."""
    pool, client = linked_by_address(world)
    said = {"email": NATIVE, "email_verified": False}
    claims = Person(client, subject="stranger", claims=said).id_token()
    assert claims["sub"] != sub_of(pool)
    assert Person(client, claims={"email": NATIVE, "email_verified": True}).id_token()["sub"] == sub_of(pool)


def test_a_link_is_found_by_what_the_app_client_may_not_write(world: World) -> None:
    """Whose an account is does not hang on the app client by which its person comes first."""
    pool, _ = linked_by_address(world)
    narrow = supporting(pool, "Corporate", WriteAttributes=["name"])
    claims = Person(narrow, claims={"email": NATIVE, "email_verified": True}).id_token()
    assert claims["sub"] == sub_of(pool)


def linked_by_address(world: World) -> tuple[PoolOfTests, ClientOfTests]:
    """Make a pool whose user is linked by an address at the provider, and an app client of both."""
    pool = world.pool()
    add_oidc(pool)
    pool.user("native", email=NATIVE, email_verified="true")
    link(pool, NATIVE, by="email")
    return pool, supporting(pool, "COGNITO", "Corporate")


@pytest.mark.parametrize("what", ["link", "provider", "of the client"])
def test_what_is_taken_away_while_a_function_runs_keeps_its_user_out(
    world: World, code: OwnCode, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """The last function is asked, and then the provider, the link and the app client are looked at again."""
    pool = pool_with(world, code, "PreTokenGeneration")
    pool.user("native")
    link(pool)
    client = supporting(pool, "Corporate")
    calls = world.signed
    take: Callable[[], object] = {
        "link": lambda: disable(pool, "Corporate", "user-1"),
        "provider": lambda: calls.delete_identity_provider(UserPoolId=pool.pool_id, ProviderName="Corporate"),
        "of the client": lambda: calls.update_user_pool_client(
            UserPoolId=pool.pool_id, ClientId=client.client_id, SupportedIdentityProviders=["COGNITO"]
        ),
    }[what]
    inner, taken = world.house.functions.invoke, list[bool]()

    async def racing(arn: str, event: dict[str, Any], *, pool_id: str) -> Any:
        if not taken:
            taken.append(True)
            await asyncio.to_thread(take)
        return await inner(arn, event, pool_id=pool_id)

    monkeypatch.setattr(world.house.functions, "invoke", racing)
    assert Person(client).refused()[0] == "NotAuthorizedException"
    assert taken
