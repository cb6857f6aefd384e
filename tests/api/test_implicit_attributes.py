"""What may an app client without attribute lists read and write? All that is open to clients, custom attributes too.

So it is at AWS, where programs made by CDK, Terraform and Amplify rely on it (measured.md 12).
"""

import json
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import botocore.auth
import pytest

from api.forge import claims_of
from api.people import held, listed, seen, update
from api.world import PASSWORD, ClientOfTests, World, refused, round_to_second, running, settings_for

CLOSED = ("NotAuthorizedException", "A client attempted to write unauthorized attribute")
SCHEMA = [
    {"Name": "plan", "AttributeDataType": "String", "Mutable": True},
    {"Name": "tenant", "AttributeDataType": "String", "Mutable": False},
    {"Name": "note", "AttributeDataType": "String", "Mutable": True, "DeveloperOnlyAttribute": True},
]
NOT_WRITTEN = {"dev:custom:note": "x", "email_verified": "true", "phone_number_verified": "true", "sub": "x"}
# No lists, empty ones, and a list for one direction: it says nothing of the other.
WRITES: dict[str, dict[str, list[str]]] = {
    "none": {},
    "empty": {"ReadAttributes": [], "WriteAttributes": []},
    "reading": {"ReadAttributes": ["email", "custom:plan", "custom:tenant"]},
}
READS: dict[str, dict[str, list[str]]] = {**WRITES, "writing": {"WriteAttributes": ["email"]}}


@pytest.fixture
def standard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Run a server whose operator bars custom attributes from clients that do not list them."""
    started_at = round_to_second(time.time_ns() // 1_000_000)
    settings = settings_for(tmp_path, implicit_write="standard")
    with running(settings, engine="sqlite", started_at=started_at) as world:
        monkeypatch.setattr(botocore.auth, "get_current_datetime", world.clock.datetime)
        yield world


def custom(attributes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if name.startswith(("custom:", "dev:"))}


def client_of(world: World, lists: dict[str, list[str]]) -> ClientOfTests:
    return world.pool(Schema=SCHEMA).client(**lists)


@pytest.mark.parametrize("lists", WRITES.values(), ids=WRITES)
def test_it_writes_custom_attributes_at_every_door(world: World, lists: dict[str, list[str]]) -> None:
    """SignUp, UpdateUserAttributes and DeleteUserAttributes, but nothing that is closed to all clients."""
    client = client_of(world, lists)
    client.sign_up("ida", custom_plan="gold", custom_tenant="t-1")
    client.pool.admin("admin_confirm_sign_up", "ida")
    assert custom(held(client.pool, "ida")) == {"custom:plan": "gold", "custom:tenant": "t-1"}

    token = client.tokens("ida")["AccessToken"]
    update(world, token, {"custom:plan": "silver"})
    assert custom(held(client.pool, "ida"))["custom:plan"] == "silver"
    assert refused(partial(update, world, token, {"custom:tenant": "t-2"}))[0] == "InvalidParameterException"
    for name, value in NOT_WRITTEN.items():
        assert refused(partial(update, world, token, {"custom:plan": "tin", name: value})) == CLOSED
        sign_up = partial(world.unsigned.sign_up, ClientId=client.client_id, Username="eve", Password=PASSWORD)
        assert refused(partial(sign_up, UserAttributes=listed({name: value}))) == CLOSED
    remove = partial(world.unsigned.delete_user_attributes, AccessToken=token)
    assert refused(partial(remove, UserAttributeNames=["custom:plan", "dev:custom:note"])) == CLOSED
    remove(UserAttributeNames=["custom:plan"])
    assert custom(held(client.pool, "ida")) == {"custom:tenant": "t-1"}


@pytest.mark.parametrize("lists", READS.values(), ids=READS)
def test_it_reads_custom_attributes_wherever_they_are_told(world: World, lists: dict[str, list[str]]) -> None:
    """GetUser, the ID token, a refreshed one; what is the developer's alone is told to none of them."""
    client = client_of(world, lists)
    client.pool.user("ida", custom_plan="gold", custom_tenant="t-1")
    client.pool.admin("admin_update_user_attributes", "ida", UserAttributes=listed({"dev:custom:note": "x"}))
    told = {"custom:plan": "gold", "custom:tenant": "t-1"}
    tokens = client.tokens("ida")
    assert custom(seen(world, tokens["AccessToken"])) == told
    assert custom(claims_of(tokens["IdToken"])) == told
    renewed = client.initiate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=tokens["RefreshToken"])["AuthenticationResult"]
    assert custom(claims_of(renewed["IdToken"])) == told


def test_a_list_for_writing_says_nothing_of_reading_and_closes_the_rest(world: World) -> None:
    """Custom attributes are read, and only those of the list are written."""
    client = client_of(world, {"WriteAttributes": ["email"]})
    client.pool.user("ida", custom_plan="gold")
    token = client.tokens("ida")["AccessToken"]
    assert refused(partial(update, world, token, {"custom:plan": "x"})) == CLOSED
    assert seen(world, token) == {"custom:plan": "gold"}


def test_a_first_password_comes_with_custom_attributes(world: World) -> None:
    """NEW_PASSWORD_REQUIRED tells those that are known and takes others; the developer's it neither tells nor takes."""
    client = client_of(world, {})
    client.pool.user("ida", permanent=False, custom_plan="gold")
    client.pool.admin("admin_update_user_attributes", "ida", UserAttributes=listed({"dev:custom:note": "x"}))
    asked = client.sign_in("ida")
    assert json.loads(asked["ChallengeParameters"]["userAttributes"]) == {"custom:plan": "gold"}
    answer = partial(
        client.respond, "NEW_PASSWORD_REQUIRED", asked["Session"], USERNAME="ida", NEW_PASSWORD="Dive-in-3-lakes"
    )
    assert refused(partial(answer, **{"userAttributes.dev:custom:note": "y"})) == CLOSED
    tokens = answer(**{"userAttributes.custom:plan": "silver"})["AuthenticationResult"]
    assert custom(claims_of(tokens["IdToken"])) == {"custom:plan": "silver"}
    assert custom(held(client.pool, "ida")) == {"custom:plan": "silver", "dev:custom:note": "x"}


def test_an_operator_may_bar_custom_attributes_that_no_list_names(standard: World) -> None:
    """With `implicit_write` at standard they are read as ever and written where a client lists them."""
    client = client_of(standard, {})
    client.pool.user("ida", custom_plan="gold")
    token = client.tokens("ida")["AccessToken"]
    assert refused(partial(client.sign_up, "eve", custom_plan="gold")) == CLOSED
    assert refused(partial(update, standard, token, {"custom:plan": "x"})) == CLOSED
    update(standard, token, {"nickname": "i"})
    assert seen(standard, token) == {"custom:plan": "gold", "nickname": "i"}

    other = client.pool.client(WriteAttributes=["custom:plan"])
    update(standard, other.tokens("ida")["AccessToken"], {"custom:plan": "silver"})
    assert custom(held(client.pool, "ida")) == {"custom:plan": "silver"}
