"""Credentials of identities: of which role, whom it trusts, what they may do, and for how long."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError

from api.forge import claims_of, forger
from api.principals import ACCOUNT, Holder, allow, role, trust
from api.world import World, refused
from identity.stage import IdentityPoolOfTests, credentials, identity_pool, session_arn, set_roles, trust_for
from poolkeeper.clock import HOUR, SECOND

MISCONFIGURED = (
    "InvalidIdentityPoolConfigurationException",
    "Invalid identity pool configuration. Check assigned IAM roles for this pool.",
)
UNKNOWN, UNKNOWN_ELSEWHERE = f"arn:aws:iam::{ACCOUNT}:role/none-{{}}", "arn:aws:iam::123456789012:role/app/none-{}"
LIST = allow("cognito-idp:ListUserPools", "iam:ListUsers")


def may_list(holder: Holder) -> bool:
    """Say whether credentials may list user pools."""
    try:
        holder.client().list_user_pools(MaxResults=1)
    except ClientError as fault:
        if fault.response["Error"]["Code"] != "AccessDeniedException":
            raise
        return False
    return True


def test_a_member_has_the_rights_of_the_pools_role(world: World) -> None:
    """For an hour, as a session of that role; the role's policy speaks of the identity by a variable."""
    pool = identity_pool(world)
    own = "arn:aws:cognito-identity:*:*:identitypool/${cognito-identity.amazonaws.com:aud}"
    allowed = (LIST, allow("cognito-identity:DescribeIdentityPool", resource=own))
    arn = role(world, trust_for(pool), allows=allowed)
    set_roles(pool, arn)
    logins = pool.logins("ada")
    made = pool.unsigned.get_credentials_for_identity(IdentityId=pool.get_id(logins), Logins=logins)
    assert set(made["Credentials"]) == {"AccessKeyId", "SecretKey", "SessionToken", "Expiration"}
    assert made["Credentials"]["Expiration"].timestamp() * SECOND == world.clock.second() + HOUR
    held = credentials(pool, made["IdentityId"], logins)
    assert held.arn == session_arn(arn)
    assert may_list(held)
    other = identity_pool(world, users=())
    held.client("cognito-identity").describe_identity_pool(IdentityPoolId=pool.pool_id)
    assert refused(lambda: held.client("cognito-identity").describe_identity_pool(IdentityPoolId=other.pool_id))[0] == (
        "AccessDeniedException"
    )
    world.clock.advance(HOUR)
    assert refused(lambda: held.client().list_user_pools(MaxResults=1))[0] == "ExpiredTokenException"


def test_a_guest_may_do_what_the_role_and_the_list_of_services_allow(world: World) -> None:
    """The enhanced flow narrows guests to services that AWS lists; iam is none of them (attacks.md 135)."""
    pool = identity_pool(world, users=())
    assert refused(lambda: credentials(pool, pool.get_id())) == MISCONFIGURED
    arn = role(world, trust_for(pool, amr="unauthenticated"), allows=(LIST,))
    set_roles(pool, unauthenticated=arn)
    guest = credentials(pool, pool.get_id())
    assert guest.arn == session_arn(arn)
    assert may_list(guest)
    code, told = refused(lambda: guest.client("iam").list_users())
    assert code == "AccessDenied"
    assert told.endswith("because no session policy allows the iam:ListUsers action")


def test_a_role_trusts_one_pool_and_one_kind_of_identity(world: World) -> None:
    """Another pool's, or a guest where members are trusted, is a fault of the configuration (attacks.md 136)."""
    pool, other = identity_pool(world), identity_pool(world)
    arn = role(world, trust_for(pool))
    set_roles(pool, arn, unauthenticated=arn)
    set_roles(other, arn)
    logins, others = pool.logins("ada"), other.logins("ada")
    assert credentials(pool, pool.get_id(logins), logins).arn == session_arn(arn)
    assert refused(lambda: credentials(pool, pool.get_id())) == MISCONFIGURED
    assert refused(lambda: credentials(other, other.get_id(others), others)) == MISCONFIGURED


def test_a_role_may_trust_one_identity_or_our_own_name(world: World) -> None:
    """By `sub`; and under the name of the issuer here, as a provider of IAM would be named."""
    pool = identity_pool(world, users=("ada", "alan"))
    ada = pool.logins("ada")
    identity_id, own = pool.get_id(ada), world.url.partition("://")[2]
    conditions = {f"{name}:sub": identity_id for name in ("cognito-identity.amazonaws.com", own)}
    conditions[f"{own}:aud"] = pool.pool_id
    arn = role(
        world,
        trust({"Federated": own}, "sts:AssumeRoleWithWebIdentity", Condition={"StringEquals": conditions}),
    )
    set_roles(pool, arn)
    assert credentials(pool, identity_id, ada).arn == session_arn(arn)
    alan = pool.logins("alan")
    assert refused(lambda: credentials(pool, pool.get_id(alan), alan)) == MISCONFIGURED


def test_tags_need_the_trust_to_bring_them(world: World) -> None:
    """sts:TagSession; then policies read them as aws:PrincipalTag."""
    pool = identity_pool(world)
    logins = pool.logins("ada")
    tagged = {"StringEquals": {"aws:PrincipalTag/user": claims_of(logins[pool.provider])["sub"]}}
    rights = (allow("cognito-idp:ListUserPools", Condition=tagged),)
    without, with_tags = (
        role(world, trust_for(pool, *actions), allows=rights)
        for actions in (
            ("sts:AssumeRoleWithWebIdentity",),
            ("sts:AssumeRoleWithWebIdentity", "sts:TagSession"),
        )
    )
    pool.signed.set_principal_tag_attribute_map(
        IdentityPoolId=pool.pool_id, IdentityProviderName=pool.provider, PrincipalTags={"user": "sub"}
    )
    identity_id = pool.get_id(logins)
    set_roles(pool, without)
    assert refused(lambda: credentials(pool, identity_id, logins)) == MISCONFIGURED
    set_roles(pool, with_tags)
    assert may_list(credentials(pool, identity_id, logins))


def mapped(pool: IdentityPoolOfTests, fallback: str, authenticated: str = "", **mapping: Any) -> None:
    """Set one role mapping for the app client of an identity pool."""
    key = f"{pool.provider}:{pool.client.client_id}"
    set_roles(pool, authenticated, RoleMappings={key: {"AmbiguousRoleResolution": fallback, **mapping}})


def in_groups(pool: IdentityPoolOfTests, groups: Mapping[str, tuple[str, int]], *names: str) -> None:
    """Make groups with roles and precedences, and put `ada` into some."""
    users = pool.client.pool
    for name, (arn, precedence) in groups.items():
        pool.world.signed.create_group(UserPoolId=users.pool_id, GroupName=name, RoleArn=arn, Precedence=precedence)
    for name in names:
        users.admin("admin_add_user_to_group", "ada", GroupName=name)


def test_the_token_says_which_role(world: World) -> None:
    """The preferred one, or one that the user chooses among theirs; any other is refused (attacks.md 136)."""
    pool = identity_pool(world)
    first, second, foreign = (role(world, trust_for(pool)) for _ in range(3))
    in_groups(pool, {"a": (second, 2), "b": (first, 1), "c": (foreign, 3)}, "a", "b")
    mapped(pool, "Deny", Type="Token")
    logins = pool.logins("ada")
    identity_id = pool.get_id(logins)
    assert credentials(pool, identity_id, logins).arn == session_arn(first)
    assert credentials(pool, identity_id, logins, CustomRoleArn=second).arn == session_arn(second)
    for wrong in (foreign, UNKNOWN.format("x")):
        assert refused(lambda: credentials(pool, identity_id, logins, CustomRoleArn=wrong))[0] == (  # noqa: B023
            "InvalidParameterException"
        )


@pytest.mark.parametrize("fallback", ["AuthenticatedRole", "Deny"])
def test_a_token_without_a_role_is_ambiguous(world: World, fallback: str) -> None:
    """Two roles of one precedence, or none: the pool's role, or nobody is let in."""
    pool = identity_pool(world)
    arn, one, other = (role(world, trust_for(pool)) for _ in range(3))
    mapped(pool, fallback, arn, Type="Token")
    for groups in ({}, {"a": (one, 1), "b": (other, 1)}):
        in_groups(pool, groups, *groups)
        logins = pool.logins("ada")
        identity_id = pool.get_id(logins)
        if fallback == "Deny":
            assert refused(lambda: credentials(pool, identity_id, logins))[0] == "NotAuthorizedException"  # noqa: B023
        else:
            assert credentials(pool, identity_id, logins).arn == session_arn(arn)


def rule(claim: str, match: str, value: str, arn: str) -> dict[str, str]:
    """Return one rule of a mapping."""
    return {"Claim": claim, "MatchType": match, "Value": value, "RoleARN": arn}


def test_rules_are_tried_in_their_order(world: World) -> None:
    """The first that matches; a claim that is absent matches none, not even NotEqual; a wish picks among those that match."""
    pool = identity_pool(world)
    first, second, third = (role(world, trust_for(pool)) for _ in range(3))
    in_groups(pool, {"swimmers": (first, 1)}, "swimmers")
    pool.client.pool.admin(
        "admin_update_user_attributes", "ada", UserAttributes=[{"Name": "nickname", "Value": "Lovelace"}]
    )
    logins = pool.logins("ada")
    identity_id = pool.get_id(logins)

    def arns(*rules: dict[str, str]) -> str:
        mapped(pool, "Deny", Type="Rules", RulesConfiguration={"Rules": list(rules)})
        return credentials(pool, identity_id, logins).arn

    no = rule("nowhere", "NotEqual", "x", third)
    for match, value in (("Equals", "Lovelace"), ("Contains", "vela"), ("StartsWith", "Love"), ("NotEqual", "Byron")):
        assert arns(no, rule("nickname", match, value, first), rule("nickname", "StartsWith", "L", second)) == (
            session_arn(first)
        )
    for match, value in (("Equals", "lovelace"), ("Contains", "x"), ("StartsWith", "ove"), ("NotEqual", "Lovelace")):
        assert arns(no, rule("nickname", match, value, third), rule("nickname", "StartsWith", "L", second)) == (
            session_arn(second)
        )
    assert arns(
        rule("cognito:groups", "Contains", "swimmer", third), rule("cognito:groups", "Contains", "swimmers", first)
    ) == (session_arn(first))
    arns(rule("nickname", "StartsWith", "L", first), rule("token_use", "Equals", "id", second), no)
    assert credentials(pool, identity_id, logins, CustomRoleArn=second).arn == session_arn(second)
    assert (
        refused(lambda: credentials(pool, identity_id, logins, CustomRoleArn=third))[0] == "InvalidParameterException"
    )
    mapped(pool, "Deny", Type="Rules", RulesConfiguration={"Rules": [no]})
    assert refused(lambda: credentials(pool, identity_id, logins))[0] == "NotAuthorizedException"


def test_a_rule_reads_true_and_false_as_words(world: World) -> None:
    """As JSON has them; `email_verified` is no text in an ID token."""
    pool = identity_pool(world)
    arn, other = (role(world, trust_for(pool)) for _ in range(2))
    verified = {"email": "ada@example.com", "email_verified": "true"}
    listed = [{"Name": name, "Value": value} for name, value in verified.items()]
    pool.client.pool.admin("admin_update_user_attributes", "ada", UserAttributes=listed)
    logins = pool.logins("ada")
    assert claims_of(logins[pool.provider])["email_verified"] is True
    rules = [rule("email_verified", "Equals", "false", other), rule("email_verified", "Equals", "true", arn)]
    mapped(pool, "Deny", Type="Rules", RulesConfiguration={"Rules": rules})
    assert credentials(pool, pool.get_id(logins), logins).arn == session_arn(arn)


def test_a_wish_counts_for_nobody_without_a_mapping(world: World) -> None:
    """Neither for guests nor for members, and not for the very role that they would get (attacks.md 136)."""
    pool = identity_pool(world)
    arn, guests = role(world, trust_for(pool)), role(world, trust_for(pool, amr="unauthenticated"))
    set_roles(pool, arn, guests)
    logins = pool.logins("ada")
    guest = pool.get_id()
    for who, given, wish in ((guest, None, arn), (guest, None, guests), (pool.get_id(logins), logins, guests)):
        assert refused(lambda: credentials(pool, who, given, CustomRoleArn=wish))[0] == "InvalidParameterException"  # noqa: B023


@pytest.mark.parametrize("arn", [UNKNOWN, UNKNOWN_ELSEWHERE], ids=["here", "elsewhere"])
def test_a_role_that_iam_does_not_hold_gives_a_name_and_no_rights(world: World, arn: str) -> None:
    """It is taken where the pool names it; its holder may ask who they are and nothing else, whoever trusts the name."""
    pool = identity_pool(world)
    arn = arn.format(pool.pool_id[-12:])
    set_roles(pool, arn, arn)
    trusting = role(world, trust({"AWS": "*"}), allows=(LIST,))
    for logins in (pool.logins("ada"), None):
        held = credentials(pool, pool.get_id(logins), logins)
        assert held.arn == session_arn(arn)
        assert held.client("sts").get_caller_identity()["Account"] == arn.split(":")[4]
        assert not may_list(held)
        assert refused(lambda: held.assume(trusting))[0] == "AccessDenied"  # noqa: B023 - run at once
        assert refused(lambda: held.client("sts").get_session_token())[0] == "AccessDenied"  # noqa: B023
    role_of_groups = UNKNOWN.format(f"g{pool.pool_id[-8:]}")
    mapped(pool, "Deny", Type="Token")
    in_groups(pool, {"a": (role_of_groups, 1)}, "a")
    logins = pool.logins("ada")
    assert credentials(pool, pool.get_id(logins), logins).arn == session_arn(role_of_groups)


def test_a_token_names_no_unknown_role_by_itself(world: World) -> None:
    """A role that no group names any more is not taken, though the token still has it."""
    pool = identity_pool(world)
    arn = UNKNOWN.format(f"gone{pool.pool_id[-8:]}")
    mapped(pool, "Deny", Type="Token")
    in_groups(pool, {"a": (arn, 1)}, "a")
    logins = pool.logins("ada")
    identity_id = pool.get_id(logins)
    world.signed.delete_group(UserPoolId=pool.client.pool.pool_id, GroupName="a")
    assert refused(lambda: credentials(pool, identity_id, logins)) == MISCONFIGURED


def test_unknown_roles_can_be_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the operator says so."""
    pool = identity_pool(world, users=())
    set_roles(pool, unauthenticated=UNKNOWN.format("refused"))
    monkeypatch.setattr(type(world.house.settings), "unknown_roles", "refuse")
    assert refused(lambda: credentials(pool, pool.get_id())) == MISCONFIGURED


def test_a_role_that_is_deleted_or_ended_ends_its_sessions(world: World) -> None:
    """At the next call."""
    pool = identity_pool(world, users=())
    arn = role(world, trust_for(pool, amr="unauthenticated"))
    set_roles(pool, unauthenticated=arn)
    held = credentials(pool, pool.get_id())
    world.client("iam").delete_role(RoleName=arn.rpartition("/")[2])
    assert refused(lambda: held.client("sts").get_caller_identity())[0] == "InvalidClientTokenId"


def test_a_back_ends_token_gives_credentials(world: World) -> None:
    """Under AWS's name of the issuer or ours, once or often; not another identity's, nor another pool's, nor late."""
    pool = identity_pool(world, users=(), DeveloperProviderName="login.example")
    other = identity_pool(world, users=(), DeveloperProviderName="login.example")
    arn = role(world, trust_for(pool, amr="login.example:*:u1"), allows=(LIST,))
    for one in (pool, other):
        set_roles(one, arn)

    def token_for(one: IdentityPoolOfTests, user: str) -> tuple[str, str]:
        made = one.signed.get_open_id_token_for_developer_identity(
            IdentityPoolId=one.pool_id, Logins={"login.example": user}
        )
        return made["IdentityId"], made["Token"]

    identity_id, token = token_for(pool, "u1")
    for name in ("cognito-identity.amazonaws.com", world.url.partition("://")[2]):
        assert credentials(pool, identity_id, {name: token}).arn == session_arn(arn)
    name = "cognito-identity.amazonaws.com"
    second, _ = token_for(pool, "u2")
    elsewhere, foreign = token_for(other, "u1")
    for who, given in ((second, token), (identity_id, foreign), (pool.get_id(), token)):
        assert refused(lambda: credentials(pool, who, {name: given})) == (  # noqa: B023 - run at once
            "NotAuthorizedException",
            f"Access to Identity '{who}' is forbidden.",
        )
    assert refused(lambda: credentials(other, elsewhere, {name: foreign})) == MISCONFIGURED
    unlinked, gone = token_for(pool, "u3")
    pool.signed.unlink_developer_identity(
        IdentityPoolId=pool.pool_id,
        IdentityId=unlinked,
        DeveloperProviderName="login.example",
        DeveloperUserIdentifier="u3",
    )
    assert refused(lambda: credentials(pool, unlinked, {name: gone}))[0] == "NotAuthorizedException"
    guest = pool.get_id()
    assert refused(lambda: credentials(pool, guest, {name: pool.token(guest)["Token"]}))[0] == "NotAuthorizedException"
    forged = forger(world, world.pool().pool_id).sign(claims_of(token))
    assert refused(lambda: credentials(pool, identity_id, {name: forged}))[0] == "NotAuthorizedException"
    world.clock.advance(900 * SECOND)
    assert refused(lambda: credentials(pool, identity_id, {name: token}))[0] == "NotAuthorizedException"


def test_the_log_names_a_role_that_iam_does_not_hold_once(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """So that the operator can make it."""
    pool = identity_pool(world, users=())
    arn = UNKNOWN.format(f"log{pool.pool_id[-8:]}")
    set_roles(pool, unauthenticated=arn)
    for _ in range(2):
        credentials(pool, pool.get_id())
    assert [one.getMessage() for one in caplog.records if arn in one.getMessage()] == [
        f"IAM does not hold the role {arn}: its sessions have no rights here"
    ]


def test_no_secret_of_a_session_is_in_the_log(world: World) -> None:
    """Neither the credentials nor the logins."""
    pool = identity_pool(world)
    arn = role(world, trust_for(pool))
    set_roles(pool, arn)
    logins = pool.logins("ada")
    held = credentials(pool, pool.get_id(logins), logins)
    told = b"\n".join(world.log)
    for secret in (held.secret, held.token, *logins.values()):
        assert secret is not None
        assert json.dumps(secret)[1:-1].encode() not in told
