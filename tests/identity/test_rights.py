"""Who may administrate identity pools: by ARN, by tag, and by the roles that they may hand on; and what an operator sets."""

from pathlib import Path

import pytest

from api.principals import ACCOUNT, allow, person
from api.world import World, refused
from identity.stage import identity_pool, set_roles
from poolkeeper.broker_settings import BrokerSetting
from poolkeeper.model.identity_pool import IdentityPool
from poolkeeper.policy import Kind, parse
from poolkeeper.rights import guest_scope
from poolkeeper.server.upkeep import examine
from poolkeeper.settings import Settings, SettingsError

ROLE = f"arn:aws:iam::{ACCOUNT}:role/{{}}"


def test_a_policy_can_speak_of_one_pool_or_of_a_tag(world: World) -> None:
    """By its ARN, or by aws:ResourceTag."""
    pool, tagged, other = (identity_pool(world, users=()) for _ in range(3))
    tagged.signed.tag_resource(ResourceArn=tagged.arn, Tags={"team": "engines"})
    condition = {"StringEquals": {"aws:ResourceTag/team": "engines"}}
    action = "cognito-identity:DescribeIdentityPool"
    ada = person(world, allow(action, resource=pool.arn), allow(action, Condition=condition))
    describe = ada.client("cognito-identity").describe_identity_pool
    for one in (pool, tagged):
        describe(IdentityPoolId=one.pool_id)
    sentence = (
        f"User: {ada.arn} is not authorized to perform: {action} on resource: {other.arn} "
        f"because no identity-based policy allows the {action} action"
    )
    assert refused(lambda: describe(IdentityPoolId=other.pool_id)) == ("AccessDeniedException", sentence)


def test_who_sets_roles_must_be_allowed_to_hand_them_on(world: World) -> None:
    """iam:PassRole, of roles and of rules: else whoever may set them could take any role (identity-security.md 1.2)."""
    pool = identity_pool(world, users=())
    may = ROLE.format("may")
    ada = person(world, allow("cognito-identity:SetIdentityPoolRoles"), allow("iam:PassRole", resource=may))
    set_as_ada = ada.client("cognito-identity").set_identity_pool_roles
    set_as_ada(IdentityPoolId=pool.pool_id, Roles={"authenticated": may})
    rules = {"Rules": [{"Claim": "sub", "MatchType": "Equals", "Value": "x", "RoleARN": ROLE.format("admin")}]}
    mapping = {"Type": "Rules", "AmbiguousRoleResolution": "Deny", "RulesConfiguration": rules}
    key = f"{pool.provider}:{pool.client.client_id}"
    for given in (
        {"Roles": {"authenticated": ROLE.format("admin")}},
        {"Roles": {"authenticated": may}, "RoleMappings": {key: mapping}},
    ):
        code, told = refused(lambda: set_as_ada(IdentityPoolId=pool.pool_id, **given))  # noqa: B023 - run at once
        assert (code, "iam:PassRole" in told) == ("AccessDeniedException", True)


def test_what_no_database_holds_is_refused_at_the_border(world: World) -> None:
    """NUL in a back end's name for a user, on both engines."""
    pool = identity_pool(world, users=(), DeveloperProviderName="login.example")
    ask = pool.signed.get_open_id_token_for_developer_identity
    assert refused(lambda: ask(IdentityPoolId=pool.pool_id, Logins={"login.example": "a\x00b"}))[0] in {
        "InvalidParameterException",
        "SerializationException",
    }


def test_the_doctor_names_roles_that_iam_does_not_hold(world: World) -> None:
    """Each with its identity pool; it is no fault, and yet what an operator should know."""
    pool = identity_pool(world, users=())
    arn = ROLE.format(f"absent-{pool.pool_id[-8:]}")
    set_roles(pool, arn)
    findings = [one for one in world.run(lambda: examine(world.house)) if arn in one.text]
    assert [(one.sound, one.note, one.text) for one in findings] == [
        (
            True,
            True,
            f"{pool.pool_id} gives the role {arn}, which IAM here does not hold: its sessions may only ask who they are",
        )
    ]


def test_the_doctor_names_app_clients_that_are_gone(world: World) -> None:
    """A user pool that was made anew has another id, and the identity pool still names the one before."""
    pool = identity_pool(world, users=())
    world.signed.delete_user_pool_client(UserPoolId=pool.client.pool.pool_id, ClientId=pool.client.client_id)
    elsewhere = {"ProviderName": "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Elsewhere", "ClientId": "c1"}
    other = identity_pool(world, users=(), CognitoIdentityProviders=[elsewhere])
    kept = identity_pool(world, users=())
    findings = world.run(lambda: examine(world.house))
    told = [(one.sound, one.note, one.text) for one in findings if "takes ID tokens" in one.text]
    ends = "which is not there: nobody comes in by it"
    gone = {pool.pool_id: (pool.client.client_id, pool.provider), other.pool_id: ("c1", elsewhere["ProviderName"])}
    for identity_pool_id, (client, name) in gone.items():
        text = f"{identity_pool_id} takes ID tokens of the app client {client} of {name}, {ends}"
        assert (True, True, text) in told
    assert not [text for *_, text in told if kept.pool_id in text]


def test_the_doctor_says_who_makes_whose_credentials(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A role of an endpoint's is no role that lacks here; an entry of a pool that is not there is a fault."""
    pool = identity_pool(world, users=())
    arn = ROLE.format(f"elsewhere-{pool.pool_id[-8:]}")
    set_roles(pool, arn)
    gone = "eu-central-1:00000000-0000-4000-8000-000000000000"
    entries = (
        BrokerSetting(identity_pool_id=pool.pool_id, kind="sts", endpoint="https://store.example.com"),
        BrokerSetting(identity_pool_id=gone, kind="aws"),
        BrokerSetting(identity_pool_id="*", kind="own"),
    )
    monkeypatch.setattr(type(world.house.settings), "brokers", entries)
    findings = world.run(lambda: examine(world.house))
    assert not [one for one in findings if arn in one.text]
    assert [(one.sound, one.text) for one in findings if "credentials of" in one.text or gone in one.text] == [
        (True, f"credentials of {pool.pool_id} are made by https://store.example.com"),
        (False, f'brokers."{gone}": there is no such identity pool'),
    ]


def test_what_guests_may_is_the_operators_to_say(tmp_path: Path) -> None:
    """AWS's list by default, none, or a policy of a file; a file that is no policy stops the start."""
    default = guest_scope.load(Settings())
    assert default is not None
    assert (default.kind, guest_scope.load(Settings(guest_policy="none"))) == (Kind.SESSION, None)
    file = tmp_path / "guests.json"
    text = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}'
    file.write_text(text)
    assert guest_scope.load(Settings(guest_policy=str(file))) == parse(text, Kind.SESSION, name="guest_policy")
    file.write_text("{}")
    for wrong in (str(file), str(tmp_path / "absent.json")):
        with pytest.raises(SettingsError, match=r"guest_policy: .* is no policy"):
            guest_scope.load(Settings(guest_policy=wrong))


def test_a_pool_names_its_providers_as_they_are_configured() -> None:
    """Whatever spelling a login came by, and a provider that is configured no more by its own one."""
    document = {
        "AllowUnauthenticatedIdentities": False,
        "CognitoIdentityProviders": [{"ProviderName": "id.example.com/eu-west-1_Abc", "ClientId": "a"}],
    }
    pool = IdentityPool.of(
        identity_pool_id="x", region="eu-west-1", version=1, document=document, tags={}, roles={}, principal_tags={}
    )
    assert pool.name_of("cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Abc") == "id.example.com/eu-west-1_Abc"
    gone = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Xyz"
    assert pool.name_of(gone) == gone
