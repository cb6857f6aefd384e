"""Identity pools: made, described, replaced, listed, tagged, deleted."""

import re
from typing import Any

import pytest

from api.world import REGION, World, refused
from identity.pool_answers import PLAIN, without_metadata
from identity.stage import ACCOUNT, identity_pool
from poolkeeper.clock import MINUTE

FULL: dict[str, Any] = {
    "IdentityPoolName": "Full pool",
    "AllowUnauthenticatedIdentities": False,
    "AllowClassicFlow": True,
    "SupportedLoginProviders": {
        "accounts.google.com": "123-abc.apps.googleusercontent.com",
        "graph.facebook.com": "42",
    },
    "DeveloperProviderName": "login.example",
    "OpenIdConnectProviderARNs": [f"arn:aws:iam::{ACCOUNT}:oidc-provider/id.example.com"],
    "CognitoIdentityProviders": [
        {
            "ProviderName": f"cognito-idp.{REGION}.amazonaws.com/{REGION}_abc",
            "ClientId": "a1",
            "ServerSideTokenCheck": True,
        }
    ],
    "SamlProviderARNs": [f"arn:aws:iam::{ACCOUNT}:saml-provider/idp"],
    "IdentityPoolTags": {"team": "engines"},
}


def test_a_pool_comes_back_as_it_was_made(world: World) -> None:
    """Create and Describe answer the same; what was not given is left out."""
    client = world.client("cognito-identity")
    for given in (PLAIN, FULL, {**PLAIN, "AllowClassicFlow": False}):
        made = without_metadata(client.create_identity_pool(**given))
        assert re.fullmatch(rf"{REGION}:[0-9a-f]{{8}}(-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}", made["IdentityPoolId"])
        assert made == {**given, "IdentityPoolId": made["IdentityPoolId"]}
        assert without_metadata(client.describe_identity_pool(IdentityPoolId=made["IdentityPoolId"])) == made


def test_an_update_replaces_everything_but_tags_and_the_developer_provider(world: World) -> None:
    """What is left out goes back to its default (identity-security.md 1.2)."""
    client = world.client("cognito-identity")
    pool_id = client.create_identity_pool(**FULL)["IdentityPoolId"]
    changed = without_metadata(client.update_identity_pool(IdentityPoolId=pool_id, **PLAIN))
    kept = {name: FULL[name] for name in ("IdentityPoolTags", "DeveloperProviderName")}
    assert changed == {**PLAIN, **kept, "IdentityPoolId": pool_id}
    assert without_metadata(client.describe_identity_pool(IdentityPoolId=pool_id)) == changed
    assert refused(
        lambda: client.update_identity_pool(IdentityPoolId=pool_id, **PLAIN, DeveloperProviderName="other")
    ) == ("InvalidParameterException", "The developer provider name cannot be changed.")


def test_pools_are_listed_by_region_and_page(world: World) -> None:
    """Every pool of the region once, in pages; none of another region."""
    here, there = (
        world.client("cognito-identity", region="eu-west-3"),
        world.client("cognito-identity", region="eu-west-1"),
    )
    made = {
        here.create_identity_pool(**{**PLAIN, "IdentityPoolName": f"p{n}"})["IdentityPoolId"]: f"p{n}" for n in range(5)
    }
    elsewhere = there.create_identity_pool(**PLAIN)["IdentityPoolId"]
    found, token = dict[str, str](), dict[str, str]()
    while True:
        page = here.list_identity_pools(MaxResults=2, **token)
        assert len(page["IdentityPools"]) <= 2
        found |= {one["IdentityPoolId"]: one["IdentityPoolName"] for one in page["IdentityPools"]}
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert made.items() <= found.items()
    assert elsewhere not in found


def test_a_pool_that_is_not_there_is_told(world: World) -> None:
    """Describe, Update, Delete and GetId all say so."""
    client, gone = world.client("cognito-identity"), f"{REGION}:00000000-0000-4000-8000-000000000000"
    unknown = ("ResourceNotFoundException", f"IdentityPool '{gone}' not found.")
    assert refused(lambda: client.describe_identity_pool(IdentityPoolId=gone)) == unknown
    assert refused(lambda: client.update_identity_pool(IdentityPoolId=gone, **PLAIN)) == unknown
    assert refused(lambda: client.delete_identity_pool(IdentityPoolId=gone)) == unknown
    assert refused(lambda: client.get_id(IdentityPoolId=gone)) == unknown


def test_tags_are_changed_one_by_one(world: World) -> None:
    """TagResource adds, UntagResource removes, DescribeIdentityPool tells them too."""
    pool = identity_pool(world, users=())
    pool.signed.tag_resource(ResourceArn=pool.arn, Tags={"a": "1", "b": "2"})
    pool.signed.tag_resource(ResourceArn=pool.arn, Tags={"b": "3"})
    pool.signed.untag_resource(ResourceArn=pool.arn, TagKeys=["a", "never"])
    assert pool.signed.list_tags_for_resource(ResourceArn=pool.arn)["Tags"] == {"b": "3"}
    assert pool.signed.describe_identity_pool(IdentityPoolId=pool.pool_id)["IdentityPoolTags"] == {"b": "3"}
    for wrong in (pool.arn.replace("identitypool", "userpool"), pool.arn.replace(ACCOUNT, "1" * 12)):
        assert refused(lambda arn=wrong: pool.signed.list_tags_for_resource(ResourceArn=arn))[0] in {  # type: ignore[misc]
            "InvalidParameterException",
            "ResourceNotFoundException",
        }


def test_two_spellings_of_one_tag_key_are_refused(world: World) -> None:
    """As of user pools: at creation, in an update, and beside a tag that is there."""
    both = {"team": "blue", "Team": "red"}
    pool = identity_pool(world, users=(), IdentityPoolTags={"team": "blue"})
    for call in (
        lambda: identity_pool(world, users=(), IdentityPoolTags=both),
        lambda: pool.signed.tag_resource(ResourceArn=pool.arn, Tags={"Team": "red"}),
        lambda: pool.signed.update_identity_pool(IdentityPoolId=pool.pool_id, **PLAIN, IdentityPoolTags=both),
    ):
        assert refused(call)[0] == "InvalidParameterException"
    assert pool.signed.list_tags_for_resource(ResourceArn=pool.arn)["Tags"] == {"team": "blue"}


@pytest.mark.parametrize("wrong", [{"ProviderName": "a/b"}, {"ClientId": "a"}])
def test_a_user_pool_needs_name_and_client(world: World, wrong: dict[str, str]) -> None:
    """Half a provider would let nobody in."""
    client = world.client("cognito-identity")
    assert refused(lambda: client.create_identity_pool(**PLAIN, CognitoIdentityProviders=[wrong])) == (
        "InvalidParameterException",
        "CognitoIdentityProviders need a ProviderName and a ClientId.",
    )


def test_a_deleted_pool_lets_nobody_in_and_its_rows_go(world: World) -> None:
    """At once out of reach, then row by row in batches."""
    pool = identity_pool(world)
    member, guest = pool.get_id(pool.logins("ada")), pool.get_id()
    pool.signed.delete_identity_pool(IdentityPoolId=pool.pool_id)
    assert refused(pool.get_id)[0] == "ResourceNotFoundException"
    for identity_id in (member, guest):
        assert refused(lambda one=identity_id: pool.token(one))[0] == "ResourceNotFoundException"  # type: ignore[misc]
    world.run(lambda: _work(world))
    for table in ("identity_pools", "identities", "logins"):
        assert world.rows(f"SELECT 1 FROM {table} WHERE identity_pool_id = $1", pool.pool_id) == []
    assert world.rows("SELECT 1 FROM directory WHERE pool_id = $1", pool.pool_id) == []


async def _work(world: World) -> None:
    """Work as the worker does, who looks again a minute later for what was under way (jobs/deletions.py)."""
    for _ in range(5):
        await world.app.worker.round(messages=False)
        world.clock.advance(MINUTE)
