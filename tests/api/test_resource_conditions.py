"""What is known of the thing that a call is about? Its region and its tags decide, and whom a call tells of."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from api.denials import denied, sentence
from api.principals import ACCOUNT, Holder, allow, deny, document, person, role, trust
from api.world import REGION, World, refused
from poolkeeper.operations.permits import PASSES


def test_every_request_that_hands_a_role_on_asks_for_the_right_to(world: World) -> None:
    """Each row of the table: without iam:PassRole it is refused, by the role that it names."""
    ada = person(world, allow("cognito-idp:*", "cognito-identity:*"))
    handed = f"arn:aws:iam::{ACCOUNT}:role/handed-on"
    named = {"UserPoolId": world.pool().pool_id}
    texts = {"SmsConfiguration": {"SnsCallerArn": handed}}
    group, analytics = {**named, "GroupName": "x", "RoleArn": handed}, {"AnalyticsConfiguration": {"RoleArn": handed}}
    identity_pool = {"IdentityPoolId": f"{REGION}:{uuid4()}", "Roles": {"authenticated": handed}}
    cases = {
        "cognito-idp:CreateGroup": group,
        "cognito-idp:UpdateGroup": group,
        "cognito-idp:CreateUserPool": {"PoolName": "x", **texts},
        "cognito-idp:UpdateUserPool": {**named, **texts},
        "cognito-idp:SetUserPoolMfaConfig": {**named, "SmsMfaConfiguration": texts},
        "cognito-idp:CreateUserImportJob": {**named, "JobName": "x", "CloudWatchLogsRoleArn": handed},
        "cognito-idp:CreateUserPoolClient": {**named, "ClientName": "x", **analytics},
        "cognito-idp:UpdateUserPoolClient": {**named, "ClientId": "x", **analytics},
        "cognito-identity:SetIdentityPoolRoles": identity_pool,
    }
    assert cases.keys() == PASSES.keys()
    for action, given in cases.items():
        service, _, operation = action.partition(":")
        told = denied(partial(ada.client(service)._make_api_call, operation, given))
        assert told == sentence(ada, "iam:PassRole", handed), action


@pytest.mark.parametrize("prefix", ["aws", "iam"])
def test_a_role_is_passed_by_its_tags(world: World, prefix: str) -> None:
    """Those of the role, not of the pool that it is handed to."""
    pool = world.pool(UserPoolTags={"level": "low"})
    low, high = (
        role(world, trust({"AWS": ACCOUNT}), Tags=[{"Key": "level", "Value": level}]) for level in ("low", "high")
    )
    guard = {"StringEquals": {f"{prefix}:ResourceTag/level": "high"}}
    ada = person(world, allow("cognito-idp:*", "iam:PassRole"), deny("iam:PassRole", Condition=guard))
    ada.client().create_group(UserPoolId=pool.pool_id, GroupName="low", RoleArn=low)
    told = denied(lambda: ada.client().create_group(UserPoolId=pool.pool_id, GroupName="high", RoleArn=high))
    assert told == sentence(ada, "iam:PassRole", high, "with an explicit deny in an identity-based policy")


@pytest.mark.parametrize("prefix", ["aws", "iam"])
def test_tags_of_an_identity_provider_decide(world: World, prefix: str) -> None:
    """As it is now; the one that is made has none but those of the request."""
    iam = world.client("iam")
    locked, free = [{"Key": "locked", "Value": "yes"}], [{"Key": "locked", "Value": "no"}]
    guard = {"StringEquals": {f"{prefix}:ResourceTag/locked": "yes"}}
    ada = person(world, allow("iam:*"), deny("iam:*", Condition=guard))
    theirs = ada.client("iam")

    def oidc(tags: list[dict[str, str]]) -> str:
        url = f"https://{uuid4().hex}.example"
        return str(iam.create_open_id_connect_provider(Url=url, Tags=tags)["OpenIDConnectProviderArn"])

    def saml(tags: list[dict[str, str]]) -> str:
        made = iam.create_saml_provider(Name=uuid4().hex, SAMLMetadataDocument="<a>" + "x" * 1_000 + "</a>", Tags=tags)
        return str(made["SAMLProviderArn"])

    cases: list[tuple[Callable[[list[dict[str, str]]], str], Callable[[str], Any]]] = [
        (
            oidc,
            lambda arn: theirs.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="x"),
        ),
        (oidc, lambda arn: theirs.untag_open_id_connect_provider(OpenIDConnectProviderArn=arn, TagKeys=["locked"])),
        (saml, lambda arn: theirs.delete_saml_provider(SAMLProviderArn=arn)),
    ]
    for make, changes in cases:
        assert refused(partial(changes, make(locked)))[0] == "AccessDenied"
        changes(make(free))


def test_tags_of_a_policy_are_its_own(world: World) -> None:
    """Not those of another one by that name, such as the account's beside AWS's."""
    name, aws = "AmazonCognitoReadOnly", "arn:aws:iam::aws:policy/AmazonCognitoReadOnly"
    root, tags = world.client("iam"), [{"Key": "team", "Value": "red"}]
    own = root.create_policy(PolicyName=name, PolicyDocument=document(allow("a:B")), Tags=tags)["Policy"]["Arn"]
    by_tag = {"StringEquals": {"aws:ResourceTag/team": "red"}}
    iam = person(world, allow("iam:GetPolicy", Condition=by_tag)).client("iam")
    iam.get_policy(PolicyArn=own)
    assert refused(lambda: iam.get_policy(PolicyArn=aws))[0] == "AccessDenied"
    root.delete_policy(PolicyArn=own)


def test_tags_of_an_identity_pool_decide(world: World) -> None:
    """By its id and by its ARN."""
    root, made = world.client("cognito-identity"), {}
    for locked in ("yes", "no"):
        pool = root.create_identity_pool(
            IdentityPoolName="x", AllowUnauthenticatedIdentities=False, IdentityPoolTags={"locked": locked}
        )
        made[locked] = pool["IdentityPoolId"]
    guard = {"StringEquals": {"aws:ResourceTag/locked": "yes"}}
    ada = person(world, allow("cognito-identity:*"), deny("cognito-identity:*", Condition=guard))
    theirs = ada.client("cognito-identity")

    def tag(locked: str) -> Any:
        arn = f"arn:aws:cognito-identity:{REGION}:{ACCOUNT}:identitypool/{made[locked]}"
        return theirs.tag_resource(ResourceArn=arn, Tags={"a": "b"})

    tag("no")
    theirs.describe_identity_pool(IdentityPoolId=made["no"])
    denied(lambda: tag("yes"))
    denied(lambda: theirs.describe_identity_pool(IdentityPoolId=made["yes"]))


def test_the_region_of_a_request_is_that_of_its_resource(world: World) -> None:
    """Whoever signs for another region reaches the same pool, and the same denial; iam is in us-east-1, as at AWS."""
    away = world.client(region="eu-west-3").create_user_pool(PoolName="away")["UserPool"]["Id"]
    here = world.pool().pool_id
    assert away.startswith("eu-west-3_")
    elsewhere = {"StringNotEquals": {"aws:RequestedRegion": REGION}}
    ada = person(world, allow("*"), deny("*", Condition=elsewhere))
    for region in (REGION, "eu-west-3"):
        denied(partial(ada.client(region=region).describe_user_pool, UserPoolId=away))
        ada.client(region=region).describe_user_pool(UserPoolId=here)
        ada.client("iam", region=region).list_users()
    denied(lambda: ada.client(region="eu-west-3").list_user_pools(MaxResults=1))
    world.signed.delete_user_pool(UserPoolId=away)


def test_what_tells_of_somebody_is_judged_by_them(world: World) -> None:
    """Simulations of their policies, the keys that those need, and when their key was used: as reading the policies is."""
    boss = person(world, allow("cognito-idp:*"), Tags=[{"Key": "level", "Value": "high"}])
    low = person(world, allow("cognito-idp:*"))
    telling = ("iam:SimulatePrincipalPolicy", "iam:GetContextKeysForPrincipalPolicy", "iam:GetAccessKeyLastUsed")
    by_tag = {"StringEquals": {"iam:ResourceTag/level": "high"}}
    clerk = person(world, allow(*telling))
    iam = clerk.client("iam")

    def tried(whom: Holder) -> list[Callable[[], Any]]:
        return [
            partial(iam.simulate_principal_policy, PolicySourceArn=whom.arn, ActionNames=["a:B"]),
            partial(iam.get_context_keys_for_principal_policy, PolicySourceArn=whom.arn),
            partial(iam.get_access_key_last_used, AccessKeyId=whom.access_key_id),
        ]

    for guard in (deny("iam:*", resource=boss.arn), deny("iam:*", Condition=by_tag)):
        clerk.put(allow(*telling), guard)
        for action, call in zip(telling, tried(boss), strict=True):
            code, told = refused(call)
            assert (code, f"perform: {action} on resource: {boss.arn} with" in told) == ("AccessDenied", True), action
        for call in tried(low):
            call()
