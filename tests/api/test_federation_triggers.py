"""What an operator's code hears and decides when somebody comes from an identity provider (oauth-federation.md 7.2)."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from api.federated_pools import pool_with
from api.federating import Person, supporting
from api.own_code import OwnCode, own_code
from api.world import PoolOfTests, World, refused

ALL = ("InboundFederation", "PreSignUp", "PostConfirmation", "PreAuthentication", "PostAuthentication")


@pytest.fixture
def code(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnCode]:
    """Hand a test a place for the functions of its pool."""
    with own_code(world, tmp_path, monkeypatch) as made:
        yield made


def test_the_order_of_a_first_and_a_second_sign_in(world: World, code: OwnCode) -> None:
    """New: InboundFederation, PreSignUp, PostConfirmation; known: InboundFederation, PreAuthentication, PostAuthentication."""
    pool = pool_with(world, code, *ALL, "PreTokenGeneration")
    person = Person(supporting(pool, "Corporate"), claims={"email": "ada@example.com", "name": "Ada"})
    person.tokens()
    first = code.sources(*ALL, "PreTokenGeneration")
    assert first == [
        "InboundFederation_ExternalProvider",
        "PreSignUp_ExternalProvider",
        "PostConfirmation_ConfirmSignUp",
        "TokenGeneration_HostedAuth",
    ]
    person.tokens()
    assert len(code.told("InboundFederation")) == len(code.told("PreTokenGeneration")) == 2
    assert len(code.told("PreSignUp")) == len(code.told("PostConfirmation")) == 1
    assert code.sources("PreAuthentication", "PostAuthentication") == [
        "PreAuthentication_Authentication",
        "PostAuthentication_Authentication",
    ]
    inbound = code.told("InboundFederation")[0]
    assert (inbound["userName"], inbound["request"]["providerName"]) == ("Corporate_user-1", "Corporate")
    assert inbound["request"]["attributes"]["idToken"]["email"] == "ada@example.com"
    assert inbound["request"]["attributes"]["tokenResponse"]["access_token"] == "an-access-token"
    told = code.told("PreTokenGeneration")[0]["request"]["userAttributes"]
    assert (told["cognito:user_status"], told["name"]) == ("EXTERNAL_PROVIDER", "Ada")
    assert msgspec.json.decode(told["identities"])[0]["userId"] == "user-1"
    assert code.told("PreSignUp")[0]["request"]["userAttributes"] == {
        "email": "ada@example.com",
        "email_verified": "false",
        "name": "Ada",
    }


def test_inbound_federation_rewrites_the_claims(world: World, code: OwnCode) -> None:
    """What it does not return is dropped; whom it is about it does not decide."""
    line = 'response["userAttributesToMap"] = {"email": "new@example.com", "email_verified": "true", "sub": "another"}'
    pool = pool_with(world, code, InboundFederation=line)
    person = Person(supporting(pool, "Corporate"), claims={"email": "ada@example.com", "name": "Ada"})
    claims = person.id_token()
    assert (claims["email"], claims["email_verified"], claims.get("name")) == ("new@example.com", True, None)
    assert claims["cognito:username"] == "Corporate_user-1"


@pytest.mark.parametrize("name", ["InboundFederation", "PreSignUp"])
def test_who_is_refused_is_not_made(world: World, code: OwnCode, name: str) -> None:
    """With the function's own words."""
    pool = pool_with(world, code, **{name: 'raise Exception("not you")'})
    person = Person(supporting(pool, "Corporate"))
    assert person.refused() == ("UserLambdaValidationException", f"{name} failed with error not you.")
    assert refused(lambda: pool.admin("admin_get_user", "Corporate_user-1"))[0] == "UserNotFoundException"


def test_pre_sign_up_vouches_for_an_address(world: World, code: OwnCode) -> None:
    """AutoVerifyEmail marks it, without making it a name."""
    pool = pool_with(world, code, PreSignUp='response["autoVerifyEmail"] = True')
    person = Person(supporting(pool, "Corporate"), claims={"email": "ada@example.com"})
    assert person.id_token()["email_verified"] is True


def test_pre_authentication_refuses_who_comes_again(world: World, code: OwnCode) -> None:
    """The first time it is not asked."""
    pool = pool_with(world, code, PreAuthentication='raise Exception("closed")')
    person = Person(supporting(pool, "Corporate"))
    person.tokens()
    assert person.refused() == ("UserLambdaValidationException", "PreAuthentication failed with error closed.")


def test_a_link_that_pre_sign_up_makes_counts_at_once(
    world: World, code: OwnCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS ends the first attempt and clients try again; here it goes on as the user that was linked."""
    pool = pool_with(world, code, "PreSignUp")
    sub = pool.user("native")
    client = supporting(pool, "Corporate")
    linked, carried = list[bool](), code.carried

    def carrying(invoke: Callable[..., Any]) -> Callable[..., Any]:
        inner = carried(invoke)

        async def linking(arn: str, event: dict[str, Any], *, pool_id: str) -> Any:
            if not linked:
                linked.append(True)
                await asyncio.to_thread(link, pool)
            return await inner(arn, event, pool_id=pool_id)

        return linking

    monkeypatch.setattr(world.house.functions, "invoke", carrying(world.house.functions.invoke))
    assert Person(client).id_token()["sub"] == sub
    assert refused(lambda: pool.admin("admin_get_user", "Corporate_user-1"))[0] == "UserNotFoundException"


def link(pool: PoolOfTests) -> None:
    """Link the person of these tests to the pool's own user."""
    pool.world.signed.admin_link_provider_for_user(
        UserPoolId=pool.pool_id,
        DestinationUser={"ProviderName": "Cognito", "ProviderAttributeValue": "native"},
        SourceUser={
            "ProviderName": "Corporate",
            "ProviderAttributeName": "Cognito_Subject",
            "ProviderAttributeValue": "user-1",
        },
    )
