"""Whether a key may do what the policies of its user say, and no more, at the very next call."""

import json
import random
import string
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from api.denials import denied, sentence
from api.principals import ACCOUNT, Holder, allow, deny, document, person, pool_arn, role, trust
from api.world import PASSWORD, World, refused
from poolkeeper.clock import HOUR

INVALID = ("UnrecognizedClientException", "The security token included in the request is invalid.")


def describing(who: Holder, pool_id: str) -> Callable[[], Any]:
    return lambda: who.client().describe_user_pool(UserPoolId=pool_id)


def test_a_key_without_a_policy_may_do_nothing(world: World) -> None:
    """In AWS's sentence, by the names of both protocols; who it is it may always know."""
    pool = world.pool()
    ada = person(world)
    expected = sentence(ada, "cognito-idp:DescribeUserPool", pool_arn(pool.pool_id))
    with pytest.raises(ClientError) as caught:
        ada.client().describe_user_pool(UserPoolId=pool.pool_id)
    answer = caught.value.response
    assert answer["Error"] == {"Code": "AccessDeniedException", "Message": expected}
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400

    with pytest.raises(ClientError) as caught:
        ada.client("sts").get_access_key_info(AccessKeyId=ada.access_key_id)
    answer = caught.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == ("AccessDenied", 403)
    assert answer["Error"]["Message"] == sentence(ada, "sts:GetAccessKeyInfo", "*")
    identity = ada.client("sts").get_caller_identity()
    assert (identity["Arn"], identity["Account"]) == (f"arn:aws:iam::{ACCOUNT}:user/{ada.name}", ACCOUNT)
    assert identity["UserId"].startswith("AIDA")


def test_a_policy_speaks_of_one_pool(world: World) -> None:
    """Of the other nothing is allowed; a region in the signature makes no other pool of it."""
    mine, other = world.pool(), world.pool()
    ada = person(world, allow("cognito-idp:Describe*", resource=pool_arn(mine.pool_id)))
    ada.client().describe_user_pool(UserPoolId=mine.pool_id)
    ada.client(region="eu-west-3").describe_user_pool(UserPoolId=mine.pool_id)
    assert denied(describing(ada, other.pool_id)) == sentence(
        ada, "cognito-idp:DescribeUserPool", pool_arn(other.pool_id)
    )
    assert denied(lambda: ada.client().list_user_pools(MaxResults=1)) == sentence(ada, "cognito-idp:ListUserPools", "*")
    assert "AdminGetUser" in denied(lambda: ada.client().admin_get_user(UserPoolId=mine.pool_id, Username="x"))


def test_a_denial_beats_every_permission(world: World) -> None:
    """In AWS's other sentence, also where the region of the signature is another."""
    pool = world.pool()
    ada = person(
        world, deny("cognito-idp:DescribeUserPool", resource=pool_arn(pool.pool_id)), managed="AdministratorAccess"
    )
    expected = sentence(
        ada,
        "cognito-idp:DescribeUserPool",
        pool_arn(pool.pool_id),
        "with an explicit deny in an identity-based policy",
    )
    assert denied(describing(ada, pool.pool_id)) == expected
    assert denied(lambda: ada.client(region="eu-west-3").describe_user_pool(UserPoolId=pool.pool_id)) == expected
    ada.client().list_user_pools(MaxResults=1)


def test_a_change_counts_at_the_next_call(world: World) -> None:
    """Inline, attached, by a group, by a boundary, by another version: given and taken."""
    pool, iam = world.pool(), world.client("iam")
    ada = person(world)
    works, call = describing(ada, pool.pool_id), "cognito-idp:DescribeUserPool"
    denied(works)
    ada.put(allow(call))
    works()
    ada.put()
    denied(works)

    made = iam.create_policy(PolicyName=f"of-{ada.name}", PolicyDocument=document(allow(call)))["Policy"]["Arn"]
    iam.attach_user_policy(UserName=ada.name, PolicyArn=made)
    works()
    iam.create_policy_version(PolicyArn=made, PolicyDocument=document(allow("sts:*")), SetAsDefault=True)
    denied(works)
    iam.set_default_policy_version(PolicyArn=made, VersionId="v1")
    works()
    iam.detach_user_policy(UserName=ada.name, PolicyArn=made)
    denied(works)

    group = f"group-of-{ada.name}"
    iam.create_group(GroupName=group)
    iam.put_group_policy(GroupName=group, PolicyName="own", PolicyDocument=document(allow(call)))
    denied(works)
    iam.add_user_to_group(GroupName=group, UserName=ada.name)
    works()
    iam.put_user_permissions_boundary(
        UserName=ada.name, PermissionsBoundary="arn:aws:iam::aws:policy/AmazonCognitoReadOnly"
    )
    works()
    boundary = iam.create_policy(PolicyName=f"edge-{ada.name}", PolicyDocument=document(allow("sts:*")))["Policy"][
        "Arn"
    ]
    iam.put_user_permissions_boundary(UserName=ada.name, PermissionsBoundary=boundary)
    assert denied(works).endswith(f"because no permissions boundary allows the {call} action")
    iam.delete_user_permissions_boundary(UserName=ada.name)
    works()
    iam.remove_user_from_group(GroupName=group, UserName=ada.name)
    denied(works)


def test_a_user_can_deny_themselves_away(world: World) -> None:
    """What they wrote holds for them at once; only somebody else takes it back."""
    ada = person(world, managed="AdministratorAccess")
    iam = ada.client("iam")
    iam.put_user_policy(UserName=ada.name, PolicyName="own", PolicyDocument=document(deny("*")))
    code, told = refused(lambda: iam.delete_user_policy(UserName=ada.name, PolicyName="own"))
    assert code == "AccessDenied"
    why = "with an explicit deny in an identity-based policy"
    assert told == sentence(ada, "iam:DeleteUserPolicy", f"user {ada.name}", why)
    assert ada.client("sts").get_caller_identity()["Arn"] == ada.arn
    ada.put()
    iam.list_users()


def test_a_key_ends_with_its_user(world: World) -> None:
    """Switched off, deleted, and with whose it was."""
    pool, iam = world.pool(), world.client("iam")
    ada = person(world, managed="AmazonCognitoReadOnly")
    works = describing(ada, pool.pool_id)
    works()
    iam.update_access_key(UserName=ada.name, AccessKeyId=ada.access_key_id, Status="Inactive")
    assert refused(works) == INVALID
    iam.update_access_key(UserName=ada.name, AccessKeyId=ada.access_key_id, Status="Active")
    works()
    iam.delete_access_key(UserName=ada.name, AccessKeyId=ada.access_key_id)
    assert refused(works) == INVALID


def test_the_four_policies_of_aws(world: World) -> None:
    """Whoever may only read changes nothing, and whoever may all of Cognito does nothing with users of the account."""
    pool = world.pool()
    reader, power = person(world, managed="AmazonCognitoReadOnly"), person(world, managed="AmazonCognitoPowerUser")
    reader.client().list_user_pools(MaxResults=1)
    denied(lambda: reader.client().delete_user_pool(UserPoolId=pool.pool_id))
    denied(lambda: reader.client().admin_create_user(UserPoolId=pool.pool_id, Username="x"))
    power.client().admin_create_user(UserPoolId=pool.pool_id, Username="x", MessageAction="SUPPRESS")
    assert refused(lambda: power.client("iam").create_user(UserName="y"))[0] == "AccessDenied"
    power.client().delete_user_pool(UserPoolId=pool.pool_id)


def test_what_nobody_signs_is_not_judged(world: World) -> None:
    """A key without rights in the hands of an application takes nothing from its users."""
    client = world.pool().client()
    client.pool.user("ada")
    nobody = person(world)
    parameters = {"USERNAME": "ada", "PASSWORD": PASSWORD}
    made = nobody.client().initiate_auth(
        ClientId=client.client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
    )
    nobody.client().get_user(AccessToken=made["AuthenticationResult"]["AccessToken"])
    denied(
        lambda: nobody.client().admin_initiate_auth(
            UserPoolId=client.pool.pool_id,
            ClientId=client.client_id,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters=parameters,
        )
    )


def test_a_role_is_passed_by_who_may_pass_it(world: World) -> None:
    """Else whoever may change a group takes any role by becoming a member (iam:PassRole)."""
    pool = world.pool()
    mine, other = (f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("mine", "other"))
    ada = person(world, allow("cognito-idp:*"))

    def group(name: str, role_arn: str) -> Callable[[], Any]:
        return lambda: ada.client().create_group(UserPoolId=pool.pool_id, GroupName=name, RoleArn=role_arn)

    assert denied(group("a", mine)) == sentence(ada, "iam:PassRole", mine)
    ada.client().create_group(UserPoolId=pool.pool_id, GroupName="plain")
    passing = {"StringEquals": {"iam:PassedToService": "cognito-identity.amazonaws.com"}}
    ada.put(allow("cognito-idp:*"), allow("iam:PassRole", resource=mine, Condition=passing))
    group("b", mine)()
    assert denied(group("c", other)) == sentence(ada, "iam:PassRole", other)
    texts = {"SnsCallerArn": mine, "ExternalId": "x"}
    change = lambda: ada.client().set_user_pool_mfa_config(  # noqa: E731 - as the others
        UserPoolId=pool.pool_id, SmsMfaConfiguration={"SmsConfiguration": texts}
    )
    assert denied(change) == sentence(ada, "iam:PassRole", mine)


def test_tags_of_a_pool_decide(world: World) -> None:
    """aws:ResourceTag of the pool as it is now, aws:RequestTag and aws:TagKeys of the request."""
    mine, other = world.pool(UserPoolTags={"team": "swimmers"}), world.pool(UserPoolTags={"team": "divers"})
    by_tag = {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}
    ada = person(
        world,
        allow("cognito-idp:DescribeUserPool", "cognito-idp:DeleteUserPool", Condition=by_tag),
        allow("cognito-idp:CreateUserPool", Condition={"StringEquals": {"aws:RequestTag/team": "swimmers"}}),
        allow("cognito-idp:TagResource", Condition={"ForAllValues:StringEquals": {"aws:TagKeys": ["stage"]}}),
        Tags=[{"Key": "team", "Value": "swimmers"}],
    )
    describing(ada, mine.pool_id)()
    denied(describing(ada, other.pool_id))
    denied(lambda: ada.client().create_user_pool(PoolName="x"))
    denied(lambda: ada.client().create_user_pool(PoolName="x", UserPoolTags={"team": "divers"}))
    made = ada.client().create_user_pool(PoolName="x", UserPoolTags={"team": "swimmers"})["UserPool"]["Id"]
    ada.client().delete_user_pool(UserPoolId=made)
    arn = pool_arn(mine.pool_id)
    ada.client().tag_resource(ResourceArn=arn, Tags={"stage": "test"})
    denied(lambda: ada.client().tag_resource(ResourceArn=arn, Tags={"stage": "test", "team": "divers"}))
    world.signed.tag_resource(ResourceArn=arn, Tags={"team": "divers"})
    denied(describing(ada, mine.pool_id))


@pytest.mark.parametrize(
    ("operator", "key", "holds", "fails"),
    [
        ("IpAddress", "aws:SourceIp", "127.0.0.0/8", "192.0.2.0/24"),
        ("StringLike", "aws:UserAgent", "Boto3/*", "curl/*"),
        ("StringEquals", "aws:RequestedRegion", "us-east-1", "eu-west-3"),
        ("StringEquals", "aws:username", "${aws:username}", "somebody-else"),
        ("StringEquals", "aws:PrincipalAccount", ACCOUNT, "111111111111"),
        ("StringEquals", "aws:PrincipalType", "User", "AssumedRole"),
        ("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:user/*", f"arn:aws:iam::{ACCOUNT}:role/*"),
        ("StringLike", "aws:userid", "AIDA*", "AROA*"),
        ("Bool", "aws:SecureTransport", "false", "true"),
        ("Null", "aws:TokenIssueTime", "true", "false"),
        ("Null", "aws:MultiFactorAuthPresent", "true", "false"),
        ("DateGreaterThan", "aws:CurrentTime", "2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z"),
        ("NumericLessThan", "aws:EpochTime", "4102444800", "1577836800"),
    ],
)
def test_conditions_of_a_call(world: World, operator: str, key: str, holds: str, fails: str) -> None:
    """What is known of every call, as a policy asks for it."""
    ada = person(world, allow("cognito-idp:ListUserPools", Condition={operator: {key: holds}}))
    ada.client().list_user_pools(MaxResults=1)
    ada.put(allow("cognito-idp:ListUserPools", Condition={operator: {key: fails}}))
    denied(lambda: ada.client().list_user_pools(MaxResults=1))


def test_an_hour_that_ends(world: World) -> None:
    """aws:CurrentTime is the server's clock."""
    ends = world.clock.datetime().timestamp() + HOUR / 1000
    ada = person(world, allow("cognito-idp:*", Condition={"NumericLessThan": {"aws:EpochTime": str(int(ends))}}))
    ada.client().list_user_pools(MaxResults=1)
    world.clock.advance(HOUR)
    denied(lambda: ada.client().list_user_pools(MaxResults=1))


def test_whoever_may_reads_why_somebody_was_refused(world: World) -> None:
    """The sealed record goes with the refusal, in a header: the sentence stays AWS's."""
    pool = world.pool()
    ada = person(world)
    with pytest.raises(ClientError) as caught:
        describing(ada, pool.pool_id)()
    headers = caught.value.response["ResponseMetadata"]["HTTPHeaders"]
    message = headers["x-amzn-encoded-authorization-message"]
    assert len(message) <= 2_048
    decode = world.client("sts").decode_authorization_message
    record = json.loads(decode(EncodedMessage=message)["DecodedMessage"])
    assert (record["allowed"], record["explicitDeny"]) == (False, False)
    assert record["context"]["principal"]["arn"] == ada.arn
    assert record["context"]["action"] == "cognito-idp:DescribeUserPool"
    assert record["context"]["resource"] == pool_arn(pool.pool_id)
    known = {one["key"]: one["values"]["items"][0]["value"] for one in record["context"]["conditions"]["items"]}
    assert known["aws:username"] == ada.name

    assert refused(lambda: ada.client("sts").decode_authorization_message(EncodedMessage=message))[0] == "AccessDenied"
    for other in (message[:-8], "x", f"{message}AAAA"):
        code, _ = refused(partial(decode, EncodedMessage=other))
        assert code == "InvalidAuthorizationMessageException"


def test_what_is_not_asked_for_is_not_told(world: World) -> None:
    """Whoever may not call hears neither what is wrong with the request nor whether its pool is there."""
    ada = person(world)
    denied(describing(ada, "us-east-1_Nobodys00"))
    denied(describing(ada, "!"))
    denied(lambda: ada.client().admin_create_user(UserPoolId="us-east-1_Nobodys00", Username=""))
    assert len(denied(describing(ada, "x" * 100_000))) < 1_000


def test_a_refusal_of_iam_names_what_was_asked(world: World) -> None:
    """As AWS does, a user, group or role by the name that was given: the ARN of one that is there tells its path."""
    ada, iam = person(world), world.client("iam")
    path = "/board/merger/"
    iam.create_user(UserName="hidden", Path=path)
    iam.create_group(GroupName="hidden", Path=path)
    iam.create_role(RoleName="hidden", Path=path, AssumeRolePolicyDocument=document(trust("*")))
    asker = ada.client("iam")
    for kind, call in (("User", asker.get_user), ("Group", asker.get_group), ("Role", asker.get_role)):
        for name in ("hidden", "absent"):
            told = refused(partial(call, **{f"{kind}Name": name}))
            assert told == ("AccessDenied", sentence(ada, f"iam:Get{kind}", f"{kind.lower()} {name}"))
    ada.put(deny("iam:*"))
    told = refused(lambda: asker.delete_user(UserName="hidden"))
    why = "with an explicit deny in an identity-based policy"
    assert told == ("AccessDenied", sentence(ada, "iam:DeleteUser", "user hidden", why))
    assert refused(asker.get_user)[1] == sentence(ada, "iam:GetUser", f"user {ada.name}", why)
    new = f"arn:aws:iam::{ACCOUNT}:user/new"
    assert refused(lambda: asker.create_user(UserName="new"))[1] == sentence(ada, "iam:CreateUser", new, why)
    assert len(refused(lambda: asker.get_user(UserName="x" * 10_000))[1]) < 1_000


def test_a_policy_of_ones_own_does_not_hold_up_the_others(world: World) -> None:
    """What patterns times text would cost is bounded, for a header, a member and many members: over it a call is denied."""
    slow = [f"*?{number}x" for number in range(500)]
    arn = role(world, trust({"AWS": ACCOUNT}), allows=(allow("*"),))
    ada = person(world, allow("sts:AssumeRole"))

    def narrowed(operator: str, key: str) -> Holder:
        return ada.assume(arn, Policy=document(allow("*"), deny("*", Condition={operator: {key: slow}})))

    by_agent, by_tags = narrowed("StringLike", "aws:UserAgent"), narrowed("ForAnyValue:StringLike", "aws:TagKeys")
    agent = by_agent.client()
    agent.list_user_pools(MaxResults=1)

    def lengthen(request: Any, **_: Any) -> None:
        request.headers["User-Agent"] = "a" * 9_000

    agent.meta.events.register("before-send", lengthen)
    denied(lambda: agent.list_user_pools(MaxResults=1))

    pool = pool_arn("us-east-1_Nobodys00")
    few = refused(partial(by_tags.client().untag_resource, ResourceArn=pool, TagKeys=["team"]))
    assert few[0] == "ResourceNotFoundException"
    many = [f"{number:0128}" for number in range(900)]
    denied(partial(by_tags.client().untag_resource, ResourceArn=pool, TagKeys=many))


def test_the_record_of_a_refusal_fits_into_a_header(world: World) -> None:
    """However many tags there are: what has no room is left out, and the rest can still be read."""
    noise = random.Random(7)
    tags = [
        {"Key": f"key-{number:02}", "Value": "".join(noise.choices(string.ascii_letters, k=200))}
        for number in range(50)
    ]
    ada = person(world, Tags=tags)
    with pytest.raises(ClientError) as caught:
        describing(ada, "us-east-1_Nobodys00")()
    message = caught.value.response["ResponseMetadata"]["HTTPHeaders"]["x-amzn-encoded-authorization-message"]
    assert len(message) <= 2_048
    record = json.loads(world.client("sts").decode_authorization_message(EncodedMessage=message)["DecodedMessage"])
    assert record["context"]["action"] == "cognito-idp:DescribeUserPool"

    sid = "".join(noise.choices(string.ascii_letters, k=1_800))
    ada.put(deny("cognito-idp:*", Sid=sid))
    assert length_of_record(describing(ada, "us-east-1_Nobodys00")) == len(message)


def length_of_record(call: Callable[[], Any]) -> int:
    """Return how many characters the sealed record of a refusal has."""
    with pytest.raises(ClientError) as caught:
        call()
    return len(caught.value.response["ResponseMetadata"]["HTTPHeaders"]["x-amzn-encoded-authorization-message"])


def test_the_record_of_a_refusal_has_one_length(world: World) -> None:
    """Else whom nothing is allowed measures whether a role is there and has tags, at whatever length of their own."""
    nobody = person(world)
    tagged, plain = (role(world, trust("*", Condition={"Bool": {"aws:ViaAWSService": "true"}})) for _ in range(2))
    tags = [{"Key": f"owner-{number}", "Value": "board-of-directors"} for number in range(9)]
    world.client("iam").tag_role(RoleName=tagged.rpartition("/")[2], Tags=tags)
    random_text = "".join(random.Random(5).choices(string.ascii_letters, k=1_224))
    lengths = {
        length_of_record(partial(nobody.client("sts").assume_role, RoleArn=arn, RoleSessionName="ada", **more))
        for arn in (tagged, plain, f"{plain}-absent")
        for more in ({}, {"ExternalId": random_text})
    }
    assert lengths == {2_048}
