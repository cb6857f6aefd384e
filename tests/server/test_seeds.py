"""Is everything there that a seed file asks for? With the ids that it chose, once, and told by line where it cannot be."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from botocore.config import Config

from poolkeeper.entropy import Entropy
from poolkeeper.model.job import DELETE_POOL
from poolkeeper.settings import Settings
from poolkeeper.store import due, pools
from poolkeeper.store.db import Database, Transaction
from poolkeeper.store.open import open_database
from poolkeeper.testing import poolkeeper_server
from server import program
from server.operating import KEY, client_of, refused
from server.program import Place, place, serving

SHOP = """
[[user_pools]]
id = "eu-central-1_Shop"
PoolName = "shop"
AutoVerifiedAttributes = ["email"]

[[user_pools.resource_servers]]
Identifier = "orders"
Name = "Orders"
Scopes = [{ScopeName = "read", ScopeDescription = "Read orders"}]

[[user_pools.domains]]
Domain = "shop"

[[user_pools.groups]]
GroupName = "clerks"
Precedence = 1

[[user_pools.clients]]
id = "shopweb"
ClientName = "web"
ClientSecret = "asecretofourown0000000000000"
ExplicitAuthFlows = ["ALLOW_USER_PASSWORD_AUTH"]
AllowedOAuthFlows = ["client_credentials"]
AllowedOAuthFlowsUserPoolClient = true
AllowedOAuthScopes = ["orders/read"]

[[user_pools.clients]]
id = "shopcli"
ClientName = "cli"
ExplicitAuthFlows = ["ALLOW_USER_PASSWORD_AUTH"]

[[user_pools.terms]]
ClientId = "shopweb"
TermsName = "terms-of-use"
TermsSource = "LINK"
Enforcement = "NONE"
Links = {"cognito:default" = "https://shop.example/terms"}

[[user_pools.terms]]
ClientId = "shopcli"
TermsName = "terms-of-use"
TermsSource = "LINK"
Enforcement = "NONE"
Links = {"cognito:default" = "https://shop.example/cli"}

[[user_pools.users]]
Username = "ada"
sub = "11111111-2222-4333-8444-555555555555"
password = "Swim-in-2-pools"
attributes = {email = "ada@lovelace.example", email_verified = true}
groups = ["clerks"]

[[user_pools.users]]
Username = "grace"
TemporaryPassword = "First-Pass-1"

[[user_pools]]
id = "{region}_Other"
PoolName = "other"
"""


@pytest.fixture
def seed(tmp_path: Path) -> Path:
    """Write the seed of a shop."""
    file = tmp_path / "shop.seed.toml"
    file.write_text(SHOP)
    return file


def signed_in(where: Place, name: str, password: str) -> dict[str, object]:
    parameters = {"USERNAME": name, "PASSWORD": password}
    answer: dict[str, object] = client_of(where).initiate_auth(
        ClientId="shopcli", AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
    )
    return answer


def test_a_seed_file_makes_everything_once(installed: Place, seed: Path) -> None:
    """A second start with it changes nothing: what somebody has changed since stays changed."""
    with serving(installed, "--dev", "--seed", str(seed)):
        idp = client_of(installed)
        pool = idp.describe_user_pool(UserPoolId="eu-central-1_Shop")["UserPool"]
        assert (pool["Name"], pool["Domain"]) == ("shop", "shop")
        assert pool["Arn"].split(":")[3] == "eu-central-1"
        assert idp.describe_user_pool(UserPoolId="us-east-1_Other")["UserPool"]["Name"] == "other"
        web = idp.describe_user_pool_client(UserPoolId="eu-central-1_Shop", ClientId="shopweb")["UserPoolClient"]
        assert (web["ClientSecret"], web["AllowedOAuthScopes"]) == ("asecretofourown0000000000000", ["orders/read"])
        ada = idp.admin_get_user(UserPoolId="eu-central-1_Shop", Username="ada")
        told = {one["Name"]: one["Value"] for one in ada["UserAttributes"]}
        assert told["sub"] == "11111111-2222-4333-8444-555555555555"
        assert (told["email_verified"], ada["UserStatus"]) == ("true", "CONFIRMED")
        groups = idp.admin_list_groups_for_user(UserPoolId="eu-central-1_Shop", Username="ada")["Groups"]
        assert [one["GroupName"] for one in groups] == ["clerks"]
        terms = [one["TermsId"] for one in idp.list_terms(UserPoolId="eu-central-1_Shop")["Terms"]]
        assert len(terms) == 2  # of two app clients, under one name
        assert "AuthenticationResult" in signed_in(installed, "ada", "Swim-in-2-pools")
        assert signed_in(installed, "grace", "First-Pass-1")["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
        idp.admin_set_user_password(
            UserPoolId="eu-central-1_Shop", Username="ada", Password="Another-Pass-3", Permanent=True
        )
        idp.admin_remove_user_from_group(UserPoolId="eu-central-1_Shop", Username="ada", GroupName="clerks")
    with serving(installed, "--dev", "--seed", str(seed)) as server:
        left = client_of(installed).admin_list_groups_for_user(UserPoolId="eu-central-1_Shop", Username="ada")
        assert left["Groups"] == []
        listed = client_of(installed).list_terms(UserPoolId="eu-central-1_Shop")["Terms"]
        assert [one["TermsId"] for one in listed] == terms
        assert "AuthenticationResult" in signed_in(installed, "ada", "Another-Pass-3")
        assert len(client_of(installed).list_users(UserPoolId="eu-central-1_Shop")["Users"]) == 2
        stays = f"Of {seed} 11 entries are there already and left as before, whatever the file says of it now."
        assert f"{stays} To begin anew" in server.said()
        assert f"curl -X POST {installed.endpoint}/_dev/reset" in server.said()


def test_the_file_in_the_data_folder_is_read_once(tmp_path: Path) -> None:
    """In the place of the demo pool; what is deleted later stays deleted, and a file with a fault is read again."""
    where = place(tmp_path, **KEY)
    where.data.mkdir()
    file = where.data / "poolkeeper.seed.toml"
    file.write_text(SHOP.replace('PoolName = "shop"', 'PoolNames = "shop"'))
    told = program.run(where, "serve", "--dev")
    assert told.returncode == 2
    assert f"{file}:2: user_pools does not take PoolNames" in told.stderr

    file.write_text(SHOP)
    with serving(where, "--dev"):
        idp = client_of(where)
        assert {one["Name"] for one in idp.list_user_pools(MaxResults=10)["UserPools"]} == {"other"}
        idp.delete_user_pool(UserPoolId="us-east-1_Other")
    with serving(where, "--dev"):
        assert client_of(where).list_user_pools(MaxResults=10)["UserPools"] == []


@pytest.mark.parametrize("by", ["flag", "data folder"])
def test_what_is_still_being_deleted_waits_for_the_next_start(installed: Place, seed: Path, by: str) -> None:
    """The worker that removes it starts after the seed: the server starts without it, says so, and makes it next time."""
    with serving(installed, "--dev", "--seed", str(seed)):
        pass
    _delete(installed, "us-east-1_Other")
    flags: tuple[str, ...] = ("--dev", "--seed", str(seed))
    if by == "data folder":
        flags = ("--dev",)
        (installed.data / "poolkeeper.seed.toml").write_text(SHOP)
    with serving(installed, *flags) as server:
        assert "pool us-east-1_Other will be made by the next start" in server.said()
        assert client_of(installed).describe_user_pool(UserPoolId="eu-central-1_Shop")
    _finish(installed, "us-east-1_Other")
    with serving(installed, *flags) as server:
        assert "will be made" not in server.said()
        assert client_of(installed).describe_user_pool(UserPoolId="us-east-1_Other")


def test_a_client_id_of_a_pool_that_goes_waits_as_well(installed: Place, tmp_path: Path) -> None:
    """Also in another pool."""
    file = tmp_path / "moved.toml"
    text = (
        '[[user_pools]]\nid = "us-east-1_{}"\nPoolName = "a"\n[[user_pools.clients]]\nid = "web"\nClientName = "web"\n'
    )
    file.write_text(text.format("Old"))
    with serving(installed, "--dev", "--seed", str(file)):
        pass
    _delete(installed, "us-east-1_Old")
    file.write_text(text.format("New"))
    with serving(installed, "--dev", "--seed", str(file)) as server:
        assert f"{file}:4: app client web will be made by the next start" in server.said()


def test_all_that_is_wrong_with_a_user_is_told_and_nothing_of_them_is_made(tmp_path: Path) -> None:
    """A user who was half made would be there at the next start, and stay so."""
    where = place(tmp_path, **KEY)
    file = tmp_path / "half.toml"
    text = (
        '[[user_pools]]\nid = "us-east-1_Good"\nPoolName = "b"\n[[user_pools.groups]]\nGroupName = "clerks"\n'
        '[[user_pools.users]]\nUsername = "ada"\npassword = "{}"\ngroups = ["{}"]\n'
    )
    file.write_text(text.format("weak", "none"))
    told = program.run(where, "serve", "--dev", "--tls-port", str(where.tls_port), "--seed", str(file))
    assert told.returncode == 2
    assert f"{file}:6: Password did not conform with policy" in told.stderr
    assert f"{file}:6: group none: " in told.stderr
    file.write_text(text.format("Swim-in-2-pools", "clerks"))
    with serving(where, "--dev", "--seed", str(file)):
        ada = client_of(where).admin_get_user(UserPoolId="us-east-1_Good", Username="ada")
        assert ada["UserStatus"] == "CONFIRMED"
        groups = client_of(where).admin_list_groups_for_user(UserPoolId="us-east-1_Good", Username="ada")["Groups"]
        assert [one["GroupName"] for one in groups] == ["clerks"]


def test_what_the_server_refuses_is_told_with_its_line_and_the_rest_is_made(tmp_path: Path) -> None:
    """An id that is no region's, a group that is not there."""
    where = place(tmp_path, **KEY)
    file = tmp_path / "half.toml"
    file.write_text(
        '[[user_pools]]\nid = "books"\nPoolName = "a"\n'
        '[[user_pools]]\nid = "us-east-1_Good"\nPoolName = "b"\n'
        '[[user_pools.users]]\nUsername = "ada"\ngroups = ["none"]\n'
    )
    told = program.run(where, "serve", "--dev", "--seed", str(file))
    assert told.returncode == 2
    assert f"{file}:1: The id of a pool is a region, _ and letters and digits" in told.stderr
    assert f"{file}:7: " in told.stderr
    assert "Traceback" not in told.stderr
    with serving(where, "--dev"):
        assert client_of(where).describe_user_pool(UserPoolId="us-east-1_Good")


def test_what_the_server_refuses_of_an_inline_table_is_told_without_a_line(tmp_path: Path) -> None:
    """Which line it is nobody knows."""
    where = place(tmp_path, **KEY)
    file = tmp_path / "inline.toml"
    file.write_text('user_pools = [{ id = "books", PoolName = "a" }]\n')
    told = program.run(where, "serve", "--dev", "--seed", str(file))
    assert told.returncode == 2
    assert f"{file}: The id of a pool is a region, _ and letters and digits" in told.stderr


def test_ids_are_chosen_in_development_as_users_of_emulators_write_them(tmp_path: Path) -> None:
    """A tag of the pool, a prefix of the client's name; taken ones and hopeless ones are refused, in words."""
    where = place(tmp_path, **KEY)
    with serving(where, "--dev"):
        idp = client_of(where)
        made = idp.create_user_pool(PoolName="x", UserPoolTags={"_custom_id_": "us-east-1_mine"})["UserPool"]
        assert made["Id"] == "us-east-1_mine"
        client = idp.create_user_pool_client(UserPoolId=made["Id"], ClientName="_custom_id_:web")["UserPoolClient"]
        assert client["ClientId"] == "web"
        again = {"PoolName": "x", "UserPoolTags": {"_custom_id_": "us-east-1_mine"}}
        refused(lambda: idp.create_user_pool(**again), "InvalidParameterException")
        refused(
            lambda: idp.create_user_pool_client(UserPoolId=made["Id"], ClientName="_custom_id_:web"),
            "InvalidParameterException",
        )
        for chosen in ("mine", "eu-west-1_mine", "us-east-1_", "us-east-1_a b"):
            with pytest.raises(idp.exceptions.InvalidParameterException):
                idp.create_user_pool(PoolName="x", UserPoolTags={"_custom_id_": chosen})
    with serving(where):
        idp = client_of(where)
        made = idp.create_user_pool(PoolName="y", UserPoolTags={"_custom_id_": "us-east-1_other"})["UserPool"]
        assert made["Id"] != "us-east-1_other"


def test_the_demo_pool_has_the_same_ids_everywhere() -> None:
    """So that what is written about it can be pasted."""
    with poolkeeper_server() as server:
        (pool,) = server.client().list_user_pools(MaxResults=10)["UserPools"]
        assert pool["Id"] == "us-east-1_PoolDemo1"
        assert server.client().create_user_pool(PoolName="own")["UserPool"]["Id"] != pool["Id"]


def test_a_client_without_a_name_is_refused_as_ever() -> None:
    """In development too, where names are looked at for an id."""
    with poolkeeper_server() as server:
        idp = server.client(config=Config(parameter_validation=False))
        refused(lambda: idp.create_user_pool_client(UserPoolId="us-east-1_PoolDemo1"), "InvalidParameterException")


def _delete(where: Place, pool_id: str) -> None:
    """Leave a pool as DeleteUserPool does, with all its rows: no worker removes them until the next start."""

    async def mark(database: Database) -> bool:
        async def body(tx: Transaction) -> None:
            await tx.execute("UPDATE pools SET state = 'DELETED' WHERE pool_id = $1", pool_id)
            await due.add(tx, job_id=f"{DELETE_POOL}-{pool_id}", kind=DELETE_POOL, pool_id=pool_id, now=1)

        await database.write(body)
        return await pools.was_ever(database, pool_id)

    assert asyncio.run(_in_database(where, mark))


def _finish(where: Place, pool_id: str) -> None:
    """Remove the rows of a pool without users, as the worker does within minutes."""

    async def remove(database: Database) -> bool:
        await database.execute("DELETE FROM signing_keys WHERE pool_id = $1", pool_id)
        await database.execute("DELETE FROM due WHERE pool_id = $1", pool_id)
        return await database.write(lambda tx: pools.forget(tx, pool_id)) == 1

    assert asyncio.run(_in_database(where, remove))


async def _in_database(where: Place, body: Callable[[Database], Awaitable[bool]]) -> bool:
    settings = Settings(data=where.data, database=where.environment.get("POOLKEEPER_DATABASE", ""))
    database = await open_database(settings, Entropy(), exclusive=False)
    try:
        return await body(database)
    finally:
        await database.close()
