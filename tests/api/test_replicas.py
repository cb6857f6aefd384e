"""Is a pool answered for in another region's name? By a row; no data are copied, and a secondary writes nothing."""

from functools import partial
from typing import Any

import pytest
from botocore.client import BaseClient

from api.importing import create
from api.principals import allow, person, pool_arn
from api.world import PASSWORD, PoolOfTests, World, refused, running, settings_for
from poolkeeper.model.replica import MOST_REPLICAS

ELSEWHERE = "eu-central-1"
NOT_ENABLED = "OperationNotEnabledException"


def arn(pool: PoolOfTests, region: str = ELSEWHERE) -> str:
    return pool_arn(pool.pool_id).replace("us-east-1:", f"{region}:", 1)


@pytest.fixture
def there(world: World) -> BaseClient:
    return world.client(region=ELSEWHERE)


def replicated(world: World, *, active: bool = True, **settings: Any) -> PoolOfTests:
    """Make a pool with a replica."""
    pool = world.pool(**settings)
    world.signed.create_user_pool_replica(UserPoolId=pool.pool_id, RegionName=ELSEWHERE)
    if active:
        world.signed.update_user_pool_replica(UserPoolId=pool.pool_id, RegionName=ELSEWHERE, Status="ACTIVE")
    return pool


def test_a_replica_is_made_changed_listed_and_deleted(world: World) -> None:
    """INACTIVE at first; ListUserPoolReplicas has the primary too; an ACTIVE one is not deleted."""
    pool = world.pool()
    about = {"UserPoolId": pool.pool_id, "RegionName": ELSEWHERE}
    made = world.signed.create_user_pool_replica(**about)["UserPoolReplica"]
    secondary = {"RegionName": ELSEWHERE, "Status": "INACTIVE", "Role": "SECONDARY", "UserPoolArn": arn(pool)}
    assert made == secondary
    primary = {"RegionName": "us-east-1", "Status": "ACTIVE", "Role": "PRIMARY", "UserPoolArn": pool_arn(pool.pool_id)}
    listed = world.signed.list_user_pool_replicas(UserPoolId=pool.pool_id)
    assert (listed["UserPoolReplicas"], listed.get("NextToken")) == ([primary, secondary], None)

    changed = world.signed.update_user_pool_replica(**about, Status="ACTIVE")["UserPoolReplica"]
    assert changed == {**secondary, "Status": "ACTIVE"}
    assert refused(lambda: world.signed.delete_user_pool_replica(**about))[0] == "InvalidParameterException"
    world.signed.update_user_pool_replica(**about, Status="INACTIVE")
    gone = world.signed.delete_user_pool_replica(**about)["UserPoolReplica"]
    assert gone == {**secondary, "Status": "DELETING"}
    assert world.signed.list_user_pool_replicas(UserPoolId=pool.pool_id)["UserPoolReplicas"] == [primary]


def test_what_is_no_replica_is_refused(world: World) -> None:
    """The pool's own region, no region, a second one in a region, one that is not there, more than there may be."""
    pool = replicated(world)
    create = partial(world.signed.create_user_pool_replica, UserPoolId=pool.pool_id)
    update = partial(world.signed.update_user_pool_replica, UserPoolId=pool.pool_id, Status="ACTIVE")
    wrong = ("us-east-1", "nowhere", ELSEWHERE)
    told = [refused(partial(create, RegionName=region))[0] for region in wrong]
    assert told == ["InvalidParameterException"] * 3
    about = {"UserPoolId": pool.pool_id, "RegionName": "eu-west-3"}
    assert refused(lambda: world.signed.delete_user_pool_replica(**about))[0] == "ResourceNotFoundException"
    assert refused(partial(update, RegionName="eu-west-3"))[0] == "ResourceNotFoundException"
    assert refused(partial(update, RegionName="us-east-1"))[0] == "InvalidParameterException"
    tags = {"aws:mine": "x"}
    assert (
        refused(lambda: world.signed.create_user_pool_replica(**about, UserPoolTags=tags))[0]
        == "UserPoolTaggingException"
    )
    for number in range(1, MOST_REPLICAS):
        region = f"xx-{'abcdefghijklmnopqrstuvwxyz'[number]}rea-1"
        world.signed.create_user_pool_replica(UserPoolId=pool.pool_id, RegionName=region)
    assert refused(partial(create, RegionName="eu-west-3"))[0] == "LimitExceededException"
    strange = refused(lambda: world.signed.list_user_pool_replicas(UserPoolId=pool.pool_id, NextToken="x"))
    assert strange[0] == "InvalidParameterException"


def test_the_pool_is_answered_for_in_that_region(world: World, there: BaseClient) -> None:
    """Its ARN and its list are the region's; users are the same, since nothing is copied."""
    pool = replicated(world)
    pool.user("ada")
    described = there.describe_user_pool(UserPoolId=pool.pool_id)["UserPool"]
    assert (described["Id"], described["Arn"]) == (pool.pool_id, arn(pool))
    assert world.signed.describe_user_pool(UserPoolId=pool.pool_id)["UserPool"]["Arn"] == pool_arn(pool.pool_id)
    assert there.admin_get_user(UserPoolId=pool.pool_id, Username="ada")["Username"] == "ada"


def test_lists_of_both_regions_have_it(world: World, there: BaseClient) -> None:
    """A page at a time, each pool once, with the regions of its replicas."""
    pool, bare = replicated(world), world.pool()
    own = there.create_user_pool(PoolName="theirs")["UserPool"]["Id"]

    def listed(client: BaseClient) -> dict[str, Any]:
        pages = client.get_paginator("list_user_pools").paginate(PaginationConfig={"PageSize": 1})
        rows = [one for page in pages for one in page["UserPools"]]
        assert len({one["Id"] for one in rows}) == len(rows)
        return {one["Id"]: one.get("ReplicaRegions") for one in rows}

    here, over = listed(world.signed), listed(there)
    assert here[pool.pool_id] == over[pool.pool_id] == ["us-east-1", ELSEWHERE]
    assert (here[bare.pool_id], over[own]) == (None, None)
    assert bare.pool_id not in over
    assert own not in here


def test_a_secondary_writes_nothing(world: World, there: BaseClient) -> None:
    """Settings, clients, users and replicas are changed in the primary region alone; other regions reach the pool as ever."""
    pool = replicated(world)
    pool.user("ada")
    user = {"UserPoolId": pool.pool_id, "Username": "ada"}
    writes = (
        lambda: there.update_user_pool(UserPoolId=pool.pool_id),
        lambda: there.delete_user_pool(UserPoolId=pool.pool_id),
        lambda: there.create_user_pool_client(UserPoolId=pool.pool_id, ClientName="x"),
        lambda: there.create_group(UserPoolId=pool.pool_id, GroupName="x"),
        lambda: there.admin_create_user(UserPoolId=pool.pool_id, Username="eve"),
        lambda: there.admin_set_user_password(**user, Password=PASSWORD, Permanent=True),
        lambda: there.admin_delete_user(**user),
        lambda: there.admin_user_global_sign_out(**user),
        lambda: there.create_user_pool_replica(UserPoolId=pool.pool_id, RegionName="eu-west-3"),
        lambda: there.delete_user_pool_replica(UserPoolId=pool.pool_id, RegionName=ELSEWHERE),
    )
    assert [refused(one)[0] for one in writes] == [NOT_ENABLED] * len(writes)
    assert there.update_user_pool_replica(UserPoolId=pool.pool_id, RegionName=ELSEWHERE, Status="ACTIVE")
    world.signed.create_user_pool_replica(UserPoolId=pool.pool_id, RegionName="eu-north-1")
    other = {"UserPoolId": pool.pool_id, "RegionName": "eu-north-1", "Status": "ACTIVE"}
    assert refused(lambda: there.update_user_pool_replica(**other))[0] == NOT_ENABLED
    assert pool.admin("admin_get_user", "ada")["Enabled"]
    world.client(region="eu-west-3").admin_disable_user(**user)
    assert not pool.admin("admin_get_user", "ada")["Enabled"]


def test_users_sign_in_while_a_replica_is_active(world: World, there: BaseClient) -> None:
    """By signed calls, which say a region; an answer that changes the user belongs to the primary."""
    pool = replicated(world, active=False)
    pool.user("ada")
    pool.user("newcomer", permanent=False)
    client = pool.client()

    def begin(name: str, at: BaseClient = there) -> Any:
        return at.admin_initiate_auth(
            UserPoolId=pool.pool_id,
            ClientId=client.client_id,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD},
        )

    assert refused(lambda: begin("ada"))[0] == NOT_ENABLED
    assert "AuthenticationResult" in begin("ada", world.signed)
    world.signed.update_user_pool_replica(UserPoolId=pool.pool_id, RegionName=ELSEWHERE, Status="ACTIVE")
    assert "AuthenticationResult" in begin("ada")

    challenge = begin("newcomer")
    assert challenge["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    answer = {
        "UserPoolId": pool.pool_id,
        "ClientId": client.client_id,
        "ChallengeName": "NEW_PASSWORD_REQUIRED",
        "Session": challenge["Session"],
        "ChallengeResponses": {"USERNAME": "newcomer", "NEW_PASSWORD": f"{PASSWORD}-2"},
    }
    assert refused(lambda: there.admin_respond_to_auth_challenge(**answer))[0] == NOT_ENABLED
    assert "AuthenticationResult" in world.signed.admin_respond_to_auth_challenge(**answer)


def test_a_replica_shows_no_address_for_a_file_of_users(world: World, there: BaseClient) -> None:
    """Sending one there would bring users in."""
    pool = replicated(world)
    job = {"UserPoolId": pool.pool_id, "JobId": create(pool)["JobId"]}
    assert "PreSignedUrl" not in there.describe_user_import_job(**job)["UserImportJob"]
    assert "PreSignedUrl" in world.signed.describe_user_import_job(**job)["UserImportJob"]


def test_tags_of_a_replica_are_its_own(world: World, there: BaseClient) -> None:
    """By the ARN of its region; the pool's stay as they are."""
    pool = world.pool(UserPoolTags={"team": "swimmers"})
    about = {"UserPoolId": pool.pool_id, "RegionName": ELSEWHERE}
    world.signed.create_user_pool_replica(**about, UserPoolTags={"team": "divers"})
    there.tag_resource(ResourceArn=arn(pool), Tags={"stage": "x"})
    assert there.list_tags_for_resource(ResourceArn=arn(pool))["Tags"] == {"team": "divers", "stage": "x"}
    there.untag_resource(ResourceArn=arn(pool), TagKeys=["team"])
    assert there.list_tags_for_resource(ResourceArn=arn(pool))["Tags"] == {"stage": "x"}
    own = world.signed.list_tags_for_resource(ResourceArn=pool_arn(pool.pool_id))["Tags"]
    assert own == {"team": "swimmers"}
    for change in (
        lambda: there.tag_resource(ResourceArn=pool_arn(pool.pool_id), Tags={"team": "divers"}),
        lambda: there.untag_resource(ResourceArn=pool_arn(pool.pool_id), TagKeys=["team"]),
    ):
        assert refused(change)[0] == NOT_ENABLED
    assert world.signed.list_tags_for_resource(ResourceArn=pool_arn(pool.pool_id))["Tags"] == own
    nowhere = refused(lambda: there.list_tags_for_resource(ResourceArn=arn(pool, "eu-west-3")))
    assert nowhere[0] == "ResourceNotFoundException"


def test_a_replica_gives_nobody_other_rights(world: World) -> None:
    """Policies are about the pool's own ARN: what is denied there is denied in every region, and nothing is told of replicas."""
    pool = replicated(world)
    ada = person(world, allow("cognito-idp:*", resource=arn(pool)))
    there = ada.client("cognito-idp", region=ELSEWHERE)
    assert refused(lambda: there.describe_user_pool(UserPoolId=pool.pool_id))[0] == "AccessDeniedException"
    assert refused(lambda: there.delete_user_pool(UserPoolId=pool.pool_id))[0] == "AccessDeniedException"
    ada.put(allow("cognito-idp:DescribeUserPool", resource=pool_arn(pool.pool_id)))
    assert there.describe_user_pool(UserPoolId=pool.pool_id)["UserPool"]["Arn"] == arn(pool)


def test_rows_go_with_their_pool(world: World) -> None:
    """At once out of every list, and by the worker out of the table."""
    pool = replicated(world)
    world.signed.delete_user_pool(UserPoolId=pool.pool_id)
    there = world.client(region=ELSEWHERE)
    assert pool.pool_id not in {one["Id"] for one in there.list_user_pools(MaxResults=60)["UserPools"]}
    create = partial(world.signed.create_user_pool_replica, UserPoolId=pool.pool_id, RegionName="eu-west-3")
    assert refused(create)[0] == "ResourceNotFoundException"


def test_strict_tiers_keep_replicas_from_lite(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the operator asks for tiers."""
    known = settings_for(tmp_path, strict_tiers=True)
    with running(known, engine="sqlite", started_at=1_900_000_000_000) as world:
        monkeypatch.setattr("botocore.auth.get_current_datetime", world.clock.datetime)
        policies = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]}}
        lite = world.pool(UserPoolTier="LITE", Policies=policies)
        create = partial(world.signed.create_user_pool_replica, UserPoolId=lite.pool_id, RegionName=ELSEWHERE)
        assert refused(create)[0] == "FeatureUnavailableInTierException"
        replicated(world)
