"""Does development go back to its seed? Every table, what the process remembers, and the seed as at a first start."""

from pathlib import Path

import httpx

from poolkeeper.store.tables import TABLES
from server.operating import client_of, refused
from server.program import Place, serving
from waiting import wait_for

SEED = """
[[user_pools]]
id = "us-east-1_Shop"
PoolName = "{name}"
AutoVerifiedAttributes = ["email"]

[[user_pools.clients]]
id = "web"
ClientName = "{name}"
ExplicitAuthFlows = ["ALLOW_USER_PASSWORD_AUTH"]

[[user_pools.users]]
Username = "ada"
password = "Swim-in-2-pools"
"""


def test_every_table_is_emptied_or_kept_on_purpose() -> None:
    """A row without the statement is one of these (what the statements do is tests/jobs/test_rows_that_go.py's)."""
    kept = {table.name for table in TABLES if not table.at_reset}
    assert kept == {"schema_migrations", "key_stock", "identity_keys", "iam_changes", "signing_keys"}


def test_a_reset_leaves_the_seed_and_nothing_else(installed: Place, tmp_path: Path) -> None:
    """Users, roles, messages and codes are gone, what was changed is as it was, and whoever signs goes on."""
    file = tmp_path / "shop.seed.toml"
    file.write_text(SEED.format(name="shop"))
    with serving(installed, "--dev", "--seed", str(file)):
        idp, iam = client_of(installed), client_of(installed, "iam")
        email = [{"Name": "email", "Value": "grace@hopper.example"}]
        idp.sign_up(ClientId="web", Username="grace", Password="Swim-in-2-pools", UserAttributes=email)
        idp.update_user_pool_client(UserPoolId="us-east-1_Shop", ClientId="web", ClientName="other")
        idp.admin_delete_user(UserPoolId="us-east-1_Shop", Username="ada")
        idp.create_user_pool(PoolName="another")
        iam.create_user(UserName="clerk")
        assert httpx.get(f"{installed.endpoint}/_dev/outbox?wait=5").json()

        # As a browser's page of another site would: nothing happens.
        foreign = {"origin": "https://evil.example"}
        assert httpx.post(f"{installed.endpoint}/_dev/reset", headers=foreign).status_code == 403
        assert httpx.post(f"{installed.endpoint}/_dev/reset", headers={"host": "evil.example"}).status_code == 421
        assert httpx.get(f"{installed.endpoint}/_dev/reset").status_code == 405
        assert [one["UserName"] for one in iam.list_users()["Users"]] == ["clerk"]

        assert httpx.post(f"{installed.endpoint}/_dev/reset", timeout=60).status_code == 204
        assert [one["Name"] for one in idp.list_user_pools(MaxResults=10)["UserPools"]] == ["shop"]
        assert [one["Username"] for one in idp.list_users(UserPoolId="us-east-1_Shop")["Users"]] == ["ada"]
        client = idp.describe_user_pool_client(UserPoolId="us-east-1_Shop", ClientId="web")["UserPoolClient"]
        assert (client["ClientName"], client["ExplicitAuthFlows"]) == ("shop", ["ALLOW_USER_PASSWORD_AUTH"])
        assert iam.list_users()["Users"] == []
        assert httpx.get(f"{installed.endpoint}/_dev/outbox").json() == []
        parameters = {"USERNAME": "ada", "PASSWORD": "Swim-in-2-pools"}
        signed_in = idp.initiate_auth(ClientId="web", AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)
        token = signed_in["AuthenticationResult"]["AccessToken"]
        assert idp.get_user(AccessToken=token)["Username"] == "ada"

        # A seed of another kind: the next reset makes it, and one that cannot be read removes nothing.
        file.write_text(SEED.format(name="market"))
        assert httpx.post(f"{installed.endpoint}/_dev/reset", timeout=60).status_code == 204
        described = idp.describe_user_pool(UserPoolId="us-east-1_Shop")["UserPool"]
        assert described["Name"] == "market"
        file.write_text("[[user_pools]]\nColour = 1\n")
        told = httpx.post(f"{installed.endpoint}/_dev/reset", timeout=60)
        assert (told.status_code, f"{file}:1: user_pools does not take Colour" in told.text) == (409, True)
        assert idp.describe_user_pool(UserPoolId="us-east-1_Shop")["UserPool"]["Name"] == "market"
        # The worker that begins anew still sends.
        idp.sign_up(ClientId="web", Username="grace", Password="Swim-in-2-pools", UserAttributes=email)
        sent = httpx.get(f"{installed.endpoint}/_dev/outbox?to=grace&wait=20", timeout=60).json()
        assert [one["kind"] for one in sent] == ["SignUp"]


def test_a_verifier_goes_on_with_the_keys_that_it_knows(installed: Place, tmp_path: Path) -> None:
    """A pool that the seed makes again has its keys again; one that somebody made has none that were there before."""
    file = tmp_path / "shop.seed.toml"
    file.write_text(SEED.format(name="shop"))
    with serving(installed, "--dev", "--seed", str(file)):
        idp = client_of(installed)

        def jwks(pool_id: str) -> list[str]:
            keys = httpx.get(f"{installed.endpoint}/{pool_id}/.well-known/jwks.json").json()["keys"]
            return sorted(key["kid"] for key in keys)

        def sign_in() -> str:
            parameters = {"USERNAME": "ada", "PASSWORD": "Swim-in-2-pools"}
            answer = idp.initiate_auth(ClientId="web", AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)
            return str(answer["AuthenticationResult"]["AccessToken"])

        own = {"PoolName": "own", "UserPoolTags": {"_custom_id_": "us-east-1_Own"}}
        idp.create_user_pool(**own)
        seeded, made, token = jwks("us-east-1_Shop"), jwks("us-east-1_Own"), sign_in()
        assert httpx.post(f"{installed.endpoint}/_dev/reset", timeout=60).status_code == 204
        idp.create_user_pool(**own)
        assert jwks("us-east-1_Shop") == seeded
        assert not set(jwks("us-east-1_Own")) & set(made)
        refused(lambda: idp.get_user(AccessToken=token), "NotAuthorizedException")
        assert idp.get_user(AccessToken=sign_in())["Username"] == "ada"


def test_a_terminal_shows_the_codes_of_messages(installed: Place, tmp_path: Path) -> None:
    """Whoever develops on a terminal reads them there; a log for programs keeps no code."""
    file = tmp_path / "shop.seed.toml"
    file.write_text(SEED.format(name="shop"))
    email = [{"Name": "email", "Value": "grace@hopper.example"}]

    def code_and_log(words: str, *, terminal: bool) -> tuple[str, str]:
        with serving(installed, "--dev", "--seed", str(file), terminal=terminal) as server:
            assert httpx.post(f"{installed.endpoint}/_dev/reset", timeout=60).status_code == 204
            client_of(installed).sign_up(
                ClientId="web", Username="grace", Password="Swim-in-2-pools", UserAttributes=email
            )
            code = httpx.get(f"{installed.endpoint}/_dev/outbox?wait=20", timeout=60).json()[-1]["code"]
            wait_for(lambda: words in server.said(), told=server.said)
        return code, server.said()

    code, said = code_and_log("SignUp to", terminal=True)
    assert f"SignUp to grace@hopper.example: code {code}, {installed.endpoint}/_dev/inbox" in said
    code, said = code_and_log('"operation":"SignUp"', terminal=False)
    assert code not in said
