"""Who takes a role, for how long, with how much of its rights? And when do its sessions end."""

import random
import string
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from api.principals import ACCOUNT, Holder, allow, deny, document, holder_of, person, pool_arn, role, trust
from api.world import World, refused
from poolkeeper.clock import HOUR, SECOND

INVALID = ("UnrecognizedClientException", "The security token included in the request is invalid.")
ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
READ = allow("cognito-idp:List*", "cognito-idp:Describe*")


def listing(who: Holder) -> Callable[[], Any]:
    return lambda: who.client().list_user_pools(MaxResults=1)


def may_not(who: Holder, role_arn: str, action: str = "sts:AssumeRole") -> tuple[str, str]:
    """Return how AssumeRole refuses: one sentence, whatever the reason."""
    return "AccessDenied", f"User: {who.arn} is not authorized to perform: {action} on resource: {role_arn}"


def test_a_session_has_the_rights_of_its_role(world: World) -> None:
    """And none of those of who began it; its name stands in its ARN."""
    ada = person(world, allow("cognito-idp:DeleteUserPool"))
    arn = role(world, trust({"AWS": ada.arn}), allows=(READ,))
    session = ada.assume(arn, "in-the-pool")
    name = arn.rpartition("/")[2]
    assert session.arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/in-the-pool"
    identity = session.client("sts").get_caller_identity()
    assert identity["Arn"] == session.arn
    role_id = world.client("iam").get_role(RoleName=name)["Role"]["RoleId"]
    assert identity["UserId"] == f"{role_id}:in-the-pool"
    listing(session)()
    code, told = refused(lambda: session.client().delete_user_pool(UserPoolId="us-east-1_Nobodys00"))
    assert (code, told.split(" is not", maxsplit=1)[0]) == ("AccessDeniedException", f"User: {session.arn}")


def test_both_sides_have_a_say(world: World) -> None:
    """A role that trusts the account asks for the caller's own policy; a denial there beats a role that trusts the caller."""
    ada, bob = person(world), person(world)
    for_all, for_ada = role(world, trust(ROOT)), role(world, trust({"AWS": ada.arn}))
    nobodys = f"arn:aws:iam::{ACCOUNT}:role/nobodys"
    for who, arn in ((ada, for_all), (bob, for_all), (bob, for_ada), (ada, nobodys)):
        assert refused(partial(who.assume, arn)) == may_not(who, arn)
    ada.assume(for_ada)
    bob.put(allow("sts:AssumeRole"))
    bob.assume(for_all)
    assert refused(lambda: bob.assume(for_ada)) == may_not(bob, for_ada)
    bob.put(allow("sts:AssumeRole", resource=for_ada))
    assert refused(lambda: bob.assume(for_all)) == may_not(bob, for_all)
    ada.put(deny("sts:AssumeRole"))
    assert refused(lambda: ada.assume(for_ada)) == may_not(ada, for_ada)


def test_root_assumes_nothing(world: World) -> None:
    """Root needs no role, and their key is not to be handed on by one."""
    arn = role(world, trust({"AWS": "*"}))
    assume = world.client("sts").assume_role
    assert refused(lambda: assume(RoleArn=arn, RoleSessionName="root")) == (
        "AccessDenied",
        "Roles may not be assumed by root accounts.",
    )


def test_a_confused_deputy_is_refused(world: World) -> None:
    """Whoever does not know the external id of the customer gets no session in the deputy's name."""
    knows = {"StringEquals": {"sts:ExternalId": "customer-7"}}
    deputy = person(world)
    arn = role(world, trust({"AWS": deputy.arn}, Condition=knows))
    deputy.assume(arn, ExternalId="customer-7")
    for more in ({}, {"ExternalId": "customer-8"}, {"ExternalId": "CUSTOMER-7"}):
        assert refused(partial(deputy.assume, arn, **more)) == may_not(deputy, arn)


def test_a_session_is_named_as_the_role_demands(world: World) -> None:
    """sts:RoleSessionName in the trust policy: everybody by their own name."""
    own = {"StringEquals": {"sts:RoleSessionName": "${aws:username}"}}
    ada = person(world, allow("sts:AssumeRole"))
    arn = role(world, trust(ROOT, Condition=own))
    ada.assume(arn, ada.name)
    assert refused(lambda: ada.assume(arn, "somebody-else")) == may_not(ada, arn)
    for name in ("x", "a b", "x" * 65, "é!"):
        assert refused(partial(ada.assume, arn, name))[0] == "ValidationError"


def test_a_session_lasts_as_long_as_the_role_allows(world: World) -> None:
    """An hour unless more is asked for; of a chain never more than an hour."""
    ada = person(world, allow("sts:AssumeRole"))
    short, long = (
        role(world, trust(ROOT)),
        role(world, trust(ROOT), allows=(READ, allow("sts:*")), MaxSessionDuration=43_200),
    )
    sts = ada.client("sts")

    def lasts(arn: str, **more: Any) -> int:
        made = sts.assume_role(RoleArn=arn, RoleSessionName="tests", **more)["Credentials"]
        return int(made["Expiration"].timestamp() * 1000) - world.clock.now()

    assert lasts(short) == lasts(long) == HOUR
    assert lasts(long, DurationSeconds=43_200) == 12 * HOUR
    assert lasts(long, DurationSeconds=900) == 900 * SECOND
    assert refused(lambda: lasts(short, DurationSeconds=3_601)) == (
        "ValidationError",
        "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
    )
    for seconds in (899, 43_201):
        assert refused(partial(lasts, long, DurationSeconds=seconds))[0] == "ValidationError"

    session = ada.assume(long, DurationSeconds=43_200)
    assert refused(lambda: session.assume(long, DurationSeconds=3_601)) == (
        "ValidationError",
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
    )
    chained = session.assume(long, DurationSeconds=3_600)
    listing(chained)()
    world.clock.advance(HOUR)
    assert refused(listing(chained))[0] == "ExpiredTokenException"
    listing(session)()


def test_session_policies_narrow(world: World) -> None:
    """Inline and by ARN: what role and session both allow, and a denial of either."""
    mine, other = world.pool(), world.pool()
    ada = person(world)
    arn = role(world, trust({"AWS": ada.arn}), allows=(READ,))

    def describes(who: Holder, pool_id: str) -> Callable[[], Any]:
        return lambda: who.client().describe_user_pool(UserPoolId=pool_id)

    one_pool = document(allow("cognito-idp:*", resource=pool_arn(mine.pool_id)))
    narrow = ada.assume(arn, Policy=one_pool)
    describes(narrow, mine.pool_id)()
    code, told = refused(describes(narrow, other.pool_id))
    assert code == "AccessDeniedException"
    assert told.endswith("because no session policy allows the cognito-idp:DescribeUserPool action")
    assert refused(lambda: narrow.client().delete_user_pool(UserPoolId=mine.pool_id))[0] == "AccessDeniedException"

    by_arn = ada.assume(arn, PolicyArns=[{"arn": "arn:aws:iam::aws:policy/AmazonCognitoReadOnly"}])
    describes(by_arn, other.pool_id)()
    iam = world.client("iam")
    made = iam.create_policy(PolicyName=f"of-{ada.name}", PolicyDocument=one_pool)["Policy"]["Arn"]
    by_own = ada.assume(arn, PolicyArns=[{"arn": made}])
    describes(by_own, mine.pool_id)()
    assert refused(describes(by_own, other.pool_id))[0] == "AccessDeniedException"
    iam.delete_policy(PolicyArn=made)
    assert refused(describes(by_own, mine.pool_id))[0] == "AccessDeniedException"

    nothing = ada.assume(arn, Policy=document(deny("*")))
    assert refused(describes(nothing, mine.pool_id))[1].endswith("with an explicit deny in a session policy")
    for more in ({"Policy": "{}"}, {"Policy": "nonsense"}, {"PolicyArns": [{"arn": made}]}):
        assert refused(partial(ada.assume, arn, **more))[0] == "MalformedPolicyDocument"


def test_a_session_that_would_be_too_large(world: World) -> None:
    """How much of the room is taken stands in the answer; what does not fit is refused, and heads keep their bound."""
    ada = person(world, allow("sts:*"))
    arn = role(world, trust(ROOT, "sts:AssumeRole", "sts:TagSession"))
    assume = ada.client("sts").assume_role

    small = assume(RoleArn=arn, RoleSessionName="tests", Policy=document(READ))
    assert 0 < small["PackedPolicySize"] < 15
    assert "PackedPolicySize" not in assume(RoleArn=arn, RoleSessionName="tests")
    noise = random.Random(7).choices(string.ascii_letters + string.digits, k=5_000)
    tags = [{"Key": f"key-{n}", "Value": "".join(noise[n * 100 : n * 100 + 100])} for n in range(50)]
    code, told = refused(lambda: assume(RoleArn=arn, RoleSessionName="tests", Tags=tags))
    assert code == "PackedPolicyTooLarge"
    assert told.startswith("Packed policy consumes 2")
    assert told.endswith("% of allotted space, please use smaller policy.")

    blank = document(READ) + " " * 10_240
    assert refused(lambda: assume(RoleArn=arn, RoleSessionName="tests", Policy=blank))[0] == "PackedPolicyTooLarge"

    longest = 1
    while True:
        try:
            made = assume(RoleArn=arn, RoleSessionName="s" * 64, Tags=tags[:longest])
        except ada.client("sts").exceptions.PackedPolicyTooLargeException:
            break
        longest += 1
    assert made["PackedPolicySize"] > 90
    assert 2_000 < len(made["Credentials"]["SessionToken"]) <= 4_096
    session = holder_of(world, made["Credentials"], made["AssumedRoleUser"]["Arn"])
    assert session.client("sts").get_caller_identity()["Arn"] == session.arn


def test_tags_of_a_session(world: World) -> None:
    """sts:TagSession on both sides; a session's tags come before its role's, and are what policies know of it."""
    ada = person(world, allow("sts:AssumeRole"))
    by_tag = allow("cognito-idp:ListUserPools", Condition={"StringEquals": {"aws:PrincipalTag/team": "swimmers"}})
    plain = role(world, trust(ROOT), allows=(by_tag,))
    tagging = role(
        world,
        trust(ROOT, "sts:AssumeRole", "sts:TagSession"),
        allows=(by_tag,),
        Tags=[{"Key": "team", "Value": "divers"}],
    )
    swimmers = [{"Key": "team", "Value": "swimmers"}]
    assert refused(lambda: ada.assume(tagging, Tags=swimmers)) == may_not(ada, tagging, "sts:TagSession")
    ada.put(allow("sts:AssumeRole", "sts:TagSession"))
    assert refused(lambda: ada.assume(plain, Tags=swimmers)) == may_not(ada, plain, "sts:TagSession")
    listing(ada.assume(tagging, Tags=swimmers))()
    assert refused(listing(ada.assume(tagging)))[0] == "AccessDeniedException"
    twice = "Duplicate tag keys found. Please note that Tag keys are case insensitive."
    assert refused(partial(ada.assume, tagging, Tags=[*swimmers, {"Key": "Team", "Value": "x"}])) == (
        "InvalidParameterValue",
        twice,
    )
    assert refused(partial(ada.assume, tagging, Tags=[{"Key": "aws:team", "Value": "x"}]))[0] == "ValidationError"


def test_what_goes_with_a_chain(world: World) -> None:
    """Transitive tags and the source identity stay with every session that follows; nobody in the chain changes them."""
    ada = person(world, allow("sts:*"))
    actions = ("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity")
    by_tag = allow("cognito-idp:ListUserPools", Condition={"StringEquals": {"aws:PrincipalTag/team": "swimmers"}})
    by_source = allow("cognito-idp:DescribeUserPool", Condition={"StringEquals": {"aws:SourceIdentity": "ada"}})
    arn = role(world, trust(ROOT, *actions), allows=(by_tag, by_source, allow("sts:*")))
    silent = role(world, trust(ROOT), allows=(READ,))
    tags: dict[str, Any] = {"Tags": [{"Key": "team", "Value": "swimmers"}, {"Key": "stage", "Value": "test"}]}

    first = ada.assume(arn, SourceIdentity="ada", TransitiveTagKeys=["TEAM", "team"], **tags)
    second = first.assume(arn)
    third = second.assume(arn, Tags=[{"Key": "stage", "Value": "live"}])
    pool = world.pool()
    for session in (first, second, third):
        listing(session)()
        session.client().describe_user_pool(UserPoolId=pool.pool_id)
    changing: dict[str, Any] = {"Tags": [{"Key": "Team", "Value": "divers"}]}
    assert refused(lambda: second.assume(arn, **changing)) == (
        "InvalidParameterValue",
        (
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the "
            "calling session."
        ),
    )
    assert refused(lambda: second.assume(arn, SourceIdentity="bob"))[0] == "ValidationError"
    assert refused(lambda: second.assume(silent))[0] == "AccessDenied"
    assert refused(lambda: ada.assume(arn, TransitiveTagKeys=["team"])) == (
        "InvalidParameterValue",
        "The specified transitive tag key must be included in the requested tags.",
    )


@pytest.mark.parametrize(
    "arn", ["nothing-valid-in-here", "arn::b:::something/role", "arn:a::::something/role", "arn:a:::something"]
)
def test_what_is_no_arn_is_invalid(world: World, arn: str) -> None:
    """Said before anybody is judged; the ARN of what is no role is a role that is not there."""
    ada = person(world)
    arn = f"{arn:20}".replace(" ", "x")
    assert refused(lambda: ada.assume(arn)) == ("ValidationError", f"{arn} is invalid")
    assert refused(lambda: ada.assume(f"arn:aws:iam::{ACCOUNT}:user/ada"))[0] == "AccessDenied"


def test_sessions_end_with_their_role(world: World) -> None:
    """Deleted, made again under its name, or its sessions ended by a moment: each at the next call."""
    ada, iam = person(world, allow("sts:AssumeRole")), world.client("iam")
    iam.create_role(RoleName="passing", AssumeRolePolicyDocument=document(trust(ROOT)))
    arn = f"arn:aws:iam::{ACCOUNT}:role/passing"
    iam.put_role_policy(RoleName="passing", PolicyName="own", PolicyDocument=document(READ))
    session = ada.assume(arn)
    listing(session)()

    world.clock.advance(SECOND)
    moment = world.clock.now()
    end = "UPDATE iam_entities SET issued_before = $1 WHERE kind = 'role' AND name = 'passing'"
    world.run(lambda: world.house.db.execute(end, moment))
    assert refused(listing(session)) == INVALID
    later = ada.assume(arn)
    listing(later)()

    iam.delete_role_policy(RoleName="passing", PolicyName="own")
    assert refused(listing(later))[0] == "AccessDeniedException"
    iam.delete_role(RoleName="passing")
    assert refused(listing(later)) == INVALID
    iam.create_role(RoleName="passing", AssumeRolePolicyDocument=document(trust(ROOT)))
    iam.put_role_policy(RoleName="passing", PolicyName="own", PolicyDocument=document(READ))
    assert refused(listing(later)) == INVALID
    iam.delete_role_policy(RoleName="passing", PolicyName="own")
    iam.delete_role(RoleName="passing")


def test_sessions_of_before_can_be_denied(world: World) -> None:
    """As the console of AWS does it: aws:TokenIssueTime in a denial of the role's own."""
    ada = person(world, allow("sts:AssumeRole"))
    arn = role(world, trust(ROOT), allows=(READ,))
    session = ada.assume(arn)
    listing(session)()
    world.clock.advance(2 * SECOND)
    moment = world.clock.datetime().strftime("%Y-%m-%dT%H:%M:%SZ")
    older = deny("*", Condition={"DateLessThan": {"aws:TokenIssueTime": moment}})
    world.client("iam").put_role_policy(
        RoleName=arn.rpartition("/")[2], PolicyName="AWSRevokeOlderSessions", PolicyDocument=document(older)
    )
    assert refused(listing(session))[0] == "AccessDeniedException"
    listing(ada.assume(arn))()


def federated(who: Holder, name: str = "Bob", **more: Any) -> Holder:
    made = who.client("sts").get_federation_token(Name=name, **more)
    return holder_of(who.world, made["Credentials"], made["FederatedUser"]["Arn"])


def test_a_federated_user_has_what_both_allow(world: World) -> None:
    """The policies of the user who vouches, and those that are given; without any nothing. Root vouches too."""
    ada = person(world, allow("sts:GetFederationToken"), READ)
    session = federated(ada, Policy=document(allow("cognito-idp:ListUserPools", "cognito-idp:DeleteUserPool")))
    assert session.arn == f"arn:aws:sts::{ACCOUNT}:federated-user/Bob"
    identity = session.client("sts").get_caller_identity()
    assert (identity["Arn"], identity["UserId"]) == (session.arn, f"{ACCOUNT}:Bob")
    listing(session)()
    for denied in ("describe_user_pool", "delete_user_pool"):
        call = getattr(session.client(), denied)
        assert refused(partial(call, UserPoolId="us-east-1_Nobodys00"))[0] == "AccessDeniedException"
    assert refused(listing(federated(ada)))[0] == "AccessDeniedException"

    assert world.client("sts").get_federation_token(Name="Eve")["PackedPolicySize"] == 0
    root = world.client("sts").get_federation_token(Name="Eve", Policy=document(READ))
    of_root = holder_of(world, root["Credentials"], root["FederatedUser"]["Arn"])
    listing(of_root)()
    assert refused(lambda: of_root.client().create_user_pool(PoolName="x"))[0] == "AccessDeniedException"
    ada.put(READ)
    assert refused(lambda: federated(ada))[0] == "AccessDenied"
    listing(session)()
    ada.put()
    assert refused(listing(session))[0] == "AccessDeniedException"


def test_tags_of_a_federated_user_are_an_action_of_their_own(world: World) -> None:
    """sts:TagSession, as by AssumeRole: else whom tags keep out gives themselves other ones. Conditions on tags count."""
    ada = person(world, allow("sts:GetFederationToken"), READ, Tags=[{"Key": "team", "Value": "blue"}])
    bob = f"arn:aws:sts::{ACCOUNT}:federated-user/Bob"
    red: dict[str, Any] = {"Policy": document(allow("*")), "Tags": [{"Key": "team", "Value": "red"}]}
    code, told = refused(lambda: federated(ada, **red))
    assert code == "AccessDenied"
    assert told.startswith(
        f"User: {ada.arn} is not authorized to perform: sts:TagSession on resource: {bob} because no "
    )
    of_blue = {"StringEquals": {"aws:RequestTag/team": "blue"}}
    for denied in (deny("sts:TagSession"), deny("sts:TagSession", resource=bob), deny("sts:Tag*", resource=ada.arn)):
        ada.put(allow("sts:*"), denied)
        assert refused(lambda: federated(ada, **red))[0] == "AccessDenied"
        federated(ada)
    ada.put(allow("sts:GetFederationToken"), allow("sts:TagSession", resource=bob, Condition=of_blue))
    assert refused(lambda: federated(ada, **red))[0] == "AccessDenied"
    federated(ada, Tags=[{"Key": "team", "Value": "blue"}])


def test_a_denial_on_the_user_who_vouches_counts(world: World) -> None:
    """The Service Authorization Reference puts GetFederationToken on the user: by their ARN, and by their tags."""
    ada = person(world, Tags=[{"Key": "team", "Value": "blue"}])
    tagged = {"StringEquals": {"aws:ResourceTag/team": "blue"}}
    for denied in (deny("sts:*", resource=ada.arn), deny("sts:GetFederationToken", Condition=tagged)):
        ada.put(allow("sts:*"), denied)
        code, told = refused(lambda: federated(ada))
        assert (code, f"sts:GetFederationToken on resource: {ada.arn} with an explicit deny" in told) == (
            "AccessDenied",
            True,
        )
    ada.put(allow("sts:*"), deny("sts:*", resource=f"{ada.arn}x"))
    federated(ada)


def test_what_sessions_of_users_cannot_ask(world: World) -> None:
    """They are nobody to iam, since there is no MFA here, and they make no further sessions; a role they may assume."""
    ada = person(world, managed="AdministratorAccess")
    made = ada.client("sts").get_session_token()["Credentials"]
    session, bob = holder_of(world, made, ada.arn), federated(ada, Policy=document(allow("*")))
    listing(session)()
    listing(bob)()
    for who in (session, bob):
        assert refused(who.client("iam").list_users) == ("InvalidClientTokenId", INVALID[1])
        for name in ("get_session_token", "get_federation_token"):
            call = getattr(who.client("sts"), name)
            asked = {} if name == "get_session_token" else {"Name": "Eve"}
            code, told = refused(partial(call, **asked))
            assert (code, told.endswith("with session credentials")) == ("AccessDenied", True)
        denied = refused(partial(who.client("sts").decode_authorization_message, EncodedMessage="x"))
        assert denied[0] == "AccessDenied"
    arn = role(world, trust(ROOT), allows=(READ,))
    listing(session.assume(arn))()
    assert refused(lambda: bob.assume(arn))[0] == "AccessDenied"


@pytest.mark.parametrize("end", ["off", "deleted"])
def test_sessions_end_with_the_key_that_began_them(world: World, end: str) -> None:
    """A user's own and a federated user's: AWS lets them live on, which is no good to whoever takes a stolen key away."""
    ada, iam = person(world, managed="AdministratorAccess"), world.client("iam")
    made = ada.client("sts").get_session_token()["Credentials"]
    sessions = holder_of(world, made, ada.arn), federated(ada, Policy=document(allow("*")))
    for session in sessions:
        listing(session)()
    if end == "off":
        iam.update_access_key(UserName=ada.name, AccessKeyId=ada.access_key_id, Status="Inactive")
    else:
        iam.delete_access_key(UserName=ada.name, AccessKeyId=ada.access_key_id)
    for session in sessions:
        assert refused(listing(session)) == INVALID


def test_a_token_widens_nothing(world: World) -> None:
    """A session's own policies are in its sealed token: the token of a wider session does not go with its key."""
    ada = person(world)
    arn = role(world, trust({"AWS": ada.arn}), allows=(READ,))
    wide, narrow = ada.assume(arn), ada.assume(arn, Policy=document(deny("*")))
    mixed = Holder(world, narrow.arn, narrow.access_key_id, narrow.secret, wide.token)
    assert refused(listing(mixed)) == INVALID
