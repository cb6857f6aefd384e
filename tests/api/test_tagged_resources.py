"""Does the tagging API find pools by their tags? As Terraform and CDK ask it, by an unmodified client."""

from typing import Any

import pytest
from botocore.client import BaseClient

from api.principals import allow, person
from api.world import REGION, World, refused
from poolkeeper.operations import tagging

ACCOUNT = "000000000000"
ELSEWHERE = "ap-southeast-4"


def user_pool(world: World, region: str = REGION, **tags: str) -> str:
    made = world.client(region=region).create_user_pool(PoolName="tests", UserPoolTags=tags)["UserPool"]
    return str(made["Arn"])


def identity_pool(world: World, region: str = REGION, **tags: str) -> str:
    made = world.client("cognito-identity", region=region).create_identity_pool(
        IdentityPoolName="tests", AllowUnauthenticatedIdentities=False, IdentityPoolTags=tags
    )
    return f"arn:aws:cognito-identity:{region}:{ACCOUNT}:identitypool/{made['IdentityPoolId']}"


@pytest.fixture
def client(world: World) -> BaseClient:
    return world.client("resourcegroupstaggingapi")


def found(client: BaseClient, **asked: Any) -> dict[str, dict[str, str]]:
    """Return the tags of all that is found, by ARN, over all pages."""
    pages = client.get_paginator("get_resources").paginate(**asked)
    listed = [one for page in pages for one in page["ResourceTagMappingList"]]
    held = {one["ResourceARN"]: {tag["Key"]: tag["Value"] for tag in one["Tags"]} for one in listed}
    assert len(held) == len(listed)
    return held


def test_pools_are_found_by_their_tags(world: World, client: BaseClient) -> None:
    """All filters must be met, each by the key and, where values are given, by one of them; what has no tags is not told."""
    mine, other = user_pool(world, team="tagged-1", stage="prod"), user_pool(world, team="tagged-1", stage="test")
    identities = identity_pool(world, team="tagged-1")
    user_pool(world, team="another")
    user_pool(world)

    def by(**filters: list[str]) -> set[str]:
        return set(found(client, TagFilters=[{"Key": key, "Values": values} for key, values in filters.items()]))

    assert by(team=["tagged-1"]) == {mine, other, identities}
    assert by(team=["tagged-1", "nobodys"], stage=[]) == {mine, other}
    assert by(team=["tagged-1"], stage=["prod"]) == {mine}
    assert by(team=["Tagged-1"]) == set()
    assert found(client, TagFilters=[{"Key": "stage", "Values": ["prod"]}])[mine] == {
        "team": "tagged-1",
        "stage": "prod",
    }


def test_types_narrow_what_is_found(world: World, client: BaseClient) -> None:
    """A service, or a service and a kind of it; of other services there is nothing here."""
    pool, identities = user_pool(world, team="tagged-2"), identity_pool(world, team="tagged-2")
    filters = [{"Key": "team", "Values": ["tagged-2"]}]

    def by(*types: str) -> set[str]:
        return set(found(client, TagFilters=filters, ResourceTypeFilters=list(types)))

    assert by("cognito-idp") == by("cognito-idp:userpool") == {pool}
    assert by("cognito-identity:identitypool") == {identities}
    assert by("cognito-idp", "cognito-identity") == {pool, identities}
    assert by("s3", "cognito-idp:group") == set()


def test_arns_are_looked_up(world: World, client: BaseClient) -> None:
    """What is not there, not in this region or has no tags is left out without an error."""
    pool, identities, bare = user_pool(world, team="x"), identity_pool(world, team="x"), user_pool(world)
    far = user_pool(world, ELSEWHERE, team="x")
    gone = f"arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{REGION}_Nobodys00"
    asked = [pool, identities, bare, far, gone, pool, "arn:aws:s3:::bucket", pool.replace(ACCOUNT, "111111111111")]
    held = client.get_resources(ResourceARNList=asked)
    assert {one["ResourceARN"] for one in held["ResourceTagMappingList"]} == {pool, identities}
    assert held["PaginationToken"] == ""


def test_a_region_has_its_own_and_its_replicas(world: World) -> None:
    """A replica has tags of its own, under the ARN of its region."""
    there = world.client("resourcegroupstaggingapi", region=ELSEWHERE)
    far = user_pool(world, ELSEWHERE, team="tagged-3")
    pool_id = user_pool(world, team="tagged-3").rpartition("/")[2]
    world.signed.create_user_pool_replica(
        UserPoolId=pool_id, RegionName=ELSEWHERE, UserPoolTags={"team": "tagged-3", "copy": "yes"}
    )
    replica = f"arn:aws:cognito-idp:{ELSEWHERE}:{ACCOUNT}:userpool/{pool_id}"
    held = found(there, TagFilters=[{"Key": "team", "Values": ["tagged-3"]}])
    assert held == {far: {"team": "tagged-3"}, replica: {"team": "tagged-3", "copy": "yes"}}
    assert found(there, TagFilters=[{"Key": "copy"}], ResourcesPerPage=1) == {replica: held[replica]}
    listed = there.get_resources(ResourceARNList=[replica])["ResourceTagMappingList"]
    assert [one["ResourceARN"] for one in listed] == [replica]


def test_pages_follow_each_other(world: World, client: BaseClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """By resources or by tags, however few are looked at in one go; each comes once, and a token is of its question alone."""
    expected = {user_pool(world, team="tagged-4", number=str(number)) for number in range(4)}
    expected |= {identity_pool(world, team="tagged-4") for _ in range(3)}
    filters = [{"Key": "team", "Values": ["tagged-4"]}]
    for size in ({"ResourcesPerPage": 1}, {"ResourcesPerPage": 3}, {"TagsPerPage": 100}):
        assert set(found(client, TagFilters=filters, **size)) == expected
    monkeypatch.setattr(tagging, "MOST_LOOKED_AT", 2)
    assert set(found(client, TagFilters=filters)) == expected

    token = client.get_resources(TagFilters=filters, ResourcesPerPage=1)["PaginationToken"]
    other = [{"Key": "team"}]
    assert (
        refused(lambda: client.get_resources(TagFilters=other, PaginationToken=token))[0] == "InvalidParameterException"
    )


WRONG: dict[str, dict[str, Any]] = {
    "a list beside filters": {"ResourceARNList": ["arn:x"], "TagFilters": [{"Key": "a"}]},
    "a list beside types": {"ResourceARNList": ["arn:x"], "ResourceTypeFilters": ["cognito-idp"]},
    "a list beside a page": {"ResourceARNList": ["arn:x"], "ResourcesPerPage": 10},
    "a page of none": {"ResourcesPerPage": 0},
    "a page of too many": {"ResourcesPerPage": 101},
    "tags that are no hundreds": {"TagsPerPage": 150},
    "two sizes": {"TagsPerPage": 100, "ResourcesPerPage": 10},
    "a filter without a key": {"TagFilters": [{"Values": ["a"]}]},
    "an exclusion alone": {"ExcludeCompliantResources": True},
    "a token of nobody": {"PaginationToken": "x"},
}


@pytest.mark.parametrize("asked", WRONG.values(), ids=list(WRONG))
def test_what_does_not_go_together_is_refused(client: BaseClient, asked: dict[str, Any]) -> None:
    """With the service's own name for it."""
    assert refused(lambda: client.get_resources(**asked))[0] == "InvalidParameterException"


def test_nothing_breaks_a_tag_policy(world: World, client: BaseClient) -> None:
    """There are none here: everything complies, and whoever asks for the rest gets nothing."""
    pool = user_pool(world, team="tagged-5")
    asked = {"TagFilters": [{"Key": "team", "Values": ["tagged-5"]}], "IncludeComplianceDetails": True}
    pages = client.get_paginator("get_resources")  # among many pools the first one may be empty
    (one,) = (one for page in pages.paginate(**asked) for one in page["ResourceTagMappingList"])
    assert (one["ResourceARN"], one["ComplianceDetails"]) == (pool, {"ComplianceStatus": True})
    for page in pages.paginate(**asked, ExcludeCompliantResources=True):
        assert page["ResourceTagMappingList"] == []


def test_policies_call_it_tag(world: World) -> None:
    """`tag:GetResources`, though signatures say `tagging`; what else the service has is not built."""
    ada = person(world, allow("tagging:*"))
    mine = ada.client("resourcegroupstaggingapi")
    name, told = refused(mine.get_resources)
    assert name == "AccessDeniedException"
    assert "tag:GetResources" in told
    ada.put(allow("tag:GetResources"))
    assert "ResourceTagMappingList" in mine.get_resources()
    assert refused(lambda: world.client("resourcegroupstaggingapi").get_tag_keys())[0] == "NotImplementedException"
