"""Can somebody take more than they were given? Attacks on how calls are judged, each of which must end with what was given."""

from functools import partial
from typing import Any

import pytest

from api.iam import ACCOUNT, client, unique
from api.principals import Holder, allow, deny, document, holder_of, person, pool_arn, role, trust
from api.world import World, refused

LIST = "cognito-idp:ListUserPools"
DENIED = "AccessDeniedException"


def pools(who: Holder) -> Any:
    """Return what lists user pools in somebody's name."""
    return partial(who.client().list_user_pools, MaxResults=1)


def test_a_session_policy_widens_nothing(world: World) -> None:
    """Neither one that allows everything, nor two of them, nor a managed one, along any chain of sessions."""
    ada = person(world, allow("sts:*"))
    inner = role(world, trust({"AWS": ACCOUNT}), allows=(allow("cognito-idp:DescribeUserPool", "sts:AssumeRole"),))
    outer = role(world, trust({"AWS": inner}), allows=(allow(LIST),))
    everything: dict[str, Any] = {
        "Policy": document(allow("*")),
        "PolicyArns": [{"arn": "arn:aws:iam::aws:policy/AdministratorAccess"}],
    }
    wide = ada.assume(inner, **everything)
    assert refused(pools(wide))[0] == DENIED
    assert refused(partial(wide.client("iam").list_users))[0] == "AccessDenied"
    pools(wide.assume(outer, **everything))()

    narrow = ada.assume(inner, Policy=document(allow("cognito-idp:DescribeUserPool")))
    assert refused(partial(narrow.assume, outer))[0] == "AccessDenied"
    vouched = ada.client("sts").get_federation_token
    ada.put(allow("sts:*"), allow(LIST))
    eve = holder_of(world, vouched(Name="Eve", **everything)["Credentials"], "")
    pools(eve)()
    ada.put(allow("sts:*"))
    assert refused(pools(eve))[0] == DENIED


def test_a_boundary_that_must_be_there_stays(world: World) -> None:
    """Who may make users and roles within a boundary alone finds no way around it: not one operation of those they may call."""
    iam = client(world)
    name = unique("bounds")
    bounds = f"arn:aws:iam::{ACCOUNT}:policy/{name}"
    iam.create_policy(PolicyName=name, PolicyDocument=document(allow(LIST)))
    other = iam.create_policy(PolicyName=unique("other"), PolicyDocument=document(allow("*")))["Policy"]["Arn"]
    within = {"StringEquals": {"iam:PermissionsBoundary": bounds}}
    makes = ("Create{}", "Attach{}Policy", "Put{}Policy", "Put{}PermissionsBoundary")
    ada = person(
        world,
        allow(*(f"iam:{one.format(kind)}" for one in makes for kind in ("User", "Role")), Condition=within),
        allow("iam:CreateAccessKey", "iam:UpdateAssumeRolePolicy", "iam:TagUser", "iam:TagRole", "sts:*"),
    )
    free = person(world).name
    trusts = document(trust({"AWS": ACCOUNT}))
    iam.create_role(RoleName=(bare := unique("bare")), AssumeRolePolicyDocument=trusts)
    hers, everything = ada.client("iam"), document(allow("*"))
    admin = "arn:aws:iam::aws:policy/AdministratorAccess"
    for attack in (
        partial(hers.create_user, UserName=unique("eve")),
        partial(hers.create_user, UserName=unique("eve"), PermissionsBoundary=other),
        partial(hers.create_user, UserName=unique("eve"), PermissionsBoundary=bounds.replace(":policy/", ":POLICY/")),
        partial(hers.create_role, RoleName=unique("eve"), AssumeRolePolicyDocument=trusts),
        partial(hers.put_user_policy, UserName=ada.name, PolicyName="own", PolicyDocument=everything),
        partial(hers.put_user_policy, UserName=free, PolicyName="own", PolicyDocument=everything),
        partial(hers.attach_user_policy, UserName=free, PolicyArn=admin),
        partial(hers.put_role_policy, RoleName=bare, PolicyName="own", PolicyDocument=everything),
        partial(hers.attach_role_policy, RoleName=bare, PolicyArn=admin),
        partial(hers.put_user_permissions_boundary, UserName=ada.name, PermissionsBoundary=other),
        partial(hers.create_policy_version, PolicyArn=bounds, PolicyDocument=everything, SetAsDefault=True),
        partial(hers.delete_user_permissions_boundary, UserName=free),
    ):
        assert refused(attack)[0] == "AccessDenied", attack

    hers.create_user(UserName=(made := unique("made")), PermissionsBoundary=bounds)
    hers.attach_user_policy(UserName=made, PolicyArn=admin)
    key = hers.create_access_key(UserName=made)["AccessKey"]
    eve = Holder(world, "", key["AccessKeyId"], key["SecretAccessKey"])
    pools(eve)()
    assert refused(eve.client("iam").list_users)[0] == "AccessDenied"
    assert refused(partial(eve.client("iam").delete_user_permissions_boundary, UserName=made))[0] == "AccessDenied"
    hers.create_role(RoleName=(taken := unique("taken")), AssumeRolePolicyDocument=trusts, PermissionsBoundary=bounds)
    hers.attach_role_policy(RoleName=taken, PolicyArn=admin)
    session = ada.assume(f"arn:aws:iam::{ACCOUNT}:role/{taken}")
    pools(session)()
    assert refused(session.client("iam").list_users)[0] == "AccessDenied"


@pytest.mark.parametrize(
    "other",
    [
        lambda arn: arn.replace("us-east-1:", "eu-west-1:", 1),
        lambda arn: arn.replace(ACCOUNT, "999999999999"),
        lambda arn: arn.replace(":userpool/", ":userpool/x:userpool/"),
        lambda arn: arn.replace("arn:aws:", "arn:aws-cn:"),
        lambda arn: arn.replace(":userpool/", ":userpool//"),
        lambda arn: f"{arn}/",
        lambda arn: arn.upper(),
    ],
)
def test_another_spelling_of_an_arn_reaches_no_denied_pool(world: World, other: Any) -> None:
    """Whoever is denied one pool and allowed all others does not tag it by an ARN that is judged as something else."""
    pool = world.pool()
    arn = pool_arn(pool.pool_id)
    ada = person(world, allow("cognito-idp:*"), deny("cognito-idp:*", resource=arn))
    tag = partial(ada.client().tag_resource, Tags={"team": "divers"})
    assert refused(partial(tag, ResourceArn=arn))[0] == DENIED
    assert refused(partial(tag, ResourceArn=other(arn)))[0] in {
        DENIED,
        "InvalidParameterException",
        "ResourceNotFoundException",
    }
    assert world.signed.list_tags_for_resource(ResourceArn=arn)["Tags"] == {}


def test_a_tag_in_two_spellings_is_no_way_around_a_condition(world: World) -> None:
    """Conditions know tags in any case: two that differ in it are one too many, whichever of them is allowed."""
    condition = {"StringEquals": {"aws:RequestTag/team": "divers"}}
    ada = person(world, allow("cognito-idp:CreateUserPool", "iam:CreateUser", Condition=condition))
    for first, second in (("swimmers", "divers"), ("divers", "swimmers")):
        both = {"team": first, "Team": second}
        call = partial(ada.client().create_user_pool, PoolName="mine", UserPoolTags=both)
        assert refused(call)[0] in {DENIED, "UserPoolTaggingException"}
        listed = [{"Key": key, "Value": value} for key, value in both.items()]
        assert refused(partial(ada.client("iam").create_user, UserName=unique("x"), Tags=listed))[0] in {
            "AccessDenied",
            "InvalidInput",
        }


def test_a_service_is_no_deputy_for_a_stranger(world: World) -> None:
    """A role that asks for an ExternalId is assumed with exactly it: none, another case, or a wildcard are not it."""
    condition = {"StringEquals": {"sts:ExternalId": "Swim-42"}}
    arn = role(world, trust({"AWS": ACCOUNT}, Condition=condition), allows=(allow(LIST),))
    ada = person(world, allow("sts:AssumeRole"))
    for wrong in ({}, {"ExternalId": "swim-42"}, {"ExternalId": "Swim-4"}, {"ExternalId": "Swim-42,Swim-43"}):
        assert refused(partial(ada.assume, arn, **wrong))[0] == "AccessDenied"
    pools(ada.assume(arn, ExternalId="Swim-42"))()


def test_what_is_excluded_is_excluded_in_any_case(world: World) -> None:
    """NotAction and NotResource with Deny leave out what they name, and nothing that is only spelt alike."""
    mine, other = world.pool(), world.pool()
    ada = person(
        world,
        allow("*"),
        {"Effect": "Deny", "NotAction": ["COGNITO-IDP:describe*"], "Resource": "*"},
        {"Effect": "Deny", "Action": "cognito-idp:*", "NotResource": [pool_arn(mine.pool_id)]},
    )
    ada.client().describe_user_pool(UserPoolId=mine.pool_id)
    assert refused(partial(ada.client().describe_user_pool, UserPoolId=other.pool_id))[0] == DENIED
    assert refused(partial(ada.client().list_users, UserPoolId=mine.pool_id))[0] == DENIED
    assert refused(pools(ada))[0] == DENIED
