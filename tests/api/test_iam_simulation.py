"""What would policies decide? The simulations, as an unmodified boto3 asks for them."""

import json
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import monotonic
from typing import Any
from urllib.request import urlopen

from api.iam import ACCOUNT, READ_ONLY, allowing, client, made, policy, unique
from api.principals import allow, person
from api.world import World, refused

POOL = f"arn:aws:cognito-idp:us-east-1:{ACCOUNT}:userpool/us-east-1_Aaaaaaaaa"
OTHER = POOL.replace("Aaaaaaaaa", "Bbbbbbbbb")


def denying(action: str, **conditions: Any) -> str:
    """Return a policy that denies an action."""
    more = {"Condition": conditions} if conditions else {}
    statement = {"Effect": "Deny", "Action": action, "Resource": "*", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def decisions(answer: dict[str, Any]) -> dict[str, str]:
    """Return the decision on each action."""
    return {one["EvalActionName"]: one["EvalDecision"] for one in answer["EvaluationResults"]}


def test_the_policies_of_a_user_decide_with_those_of_its_groups(world: World) -> None:
    """Inline, attached, by a group and in a boundary; what is given besides counts too."""
    iam, name, group = client(world), made(world, "user"), made(world, "group")
    arn = iam.get_user(UserName=name)["User"]["Arn"]
    iam.attach_user_policy(UserName=name, PolicyArn=READ_ONLY)
    iam.put_user_policy(UserName=name, PolicyName="no-lists", PolicyDocument=denying("cognito-idp:ListUsers"))
    iam.put_group_policy(GroupName=group, PolicyName="write", PolicyDocument=allowing("cognito-idp:AdminDeleteUser"))
    iam.add_user_to_group(GroupName=group, UserName=name)
    actions = [f"cognito-idp:{one}" for one in ("AdminGetUser", "ListUsers", "AdminDeleteUser", "AdminCreateUser")]
    simulate = partial(iam.simulate_principal_policy, PolicySourceArn=arn, ActionNames=actions)
    expected = dict(zip(actions, ["allowed", "explicitDeny", "allowed", "implicitDeny"], strict=True))
    answer = simulate()
    assert decisions(answer) == expected
    matched = [one["MatchedStatements"] for one in answer["EvaluationResults"]]
    assert [[statement["SourcePolicyId"] for statement in found] for found in matched] == [
        ["AmazonCognitoReadOnly"],
        ["no-lists"],
        ["write"],
        [],
    ]
    more = simulate(PolicyInputList=[allowing("cognito-idp:AdminCreateUser")])
    assert decisions(more) == {**expected, actions[3]: "allowed"}
    iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=policy(world, allowing(actions[0])))
    bounded = simulate()
    assert decisions(bounded) == {**expected, actions[2]: "implicitDeny"}
    inside = [
        one["PermissionsBoundaryDecisionDetail"]["AllowedByPermissionsBoundary"] for one in bounded["EvaluationResults"]
    ]
    assert inside == [True, False, False, False]
    assert decisions(simulate(PermissionsBoundaryPolicyInputList=[allowing("*")])) == expected


def test_groups_and_roles_are_sources_too(world: World) -> None:
    """What is no user, group or role is refused."""
    iam = client(world)
    for kind in ("group", "role"):
        name = made(world, kind)
        put = getattr(iam, f"put_{kind}_policy")
        put(**{f"{kind.capitalize()}Name": name}, PolicyName="p", PolicyDocument=allowing("a:B"))
        arn = f"arn:aws:iam::{ACCOUNT}:{kind}/{name}"
        answer = iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=["a:B", "a:C"])
        assert decisions(answer) == {"a:B": "allowed", "a:C": "implicitDeny"}
        nobody = f"arn:aws:iam::{ACCOUNT}:{kind}/{unique('nobody')}"
        ask = partial(iam.simulate_principal_policy, PolicySourceArn=nobody, ActionNames=["a:B"])
        assert refused(ask)[0] == "NoSuchEntity"
    for arn in (f"arn:aws:iam::{ACCOUNT}:root", f"arn:aws:iam::111111111111:role/{name}", READ_ONLY):
        ask = partial(iam.simulate_principal_policy, PolicySourceArn=arn, ActionNames=["a:B"])
        assert refused(ask) == (
            "InvalidInput",
            f"Invalid Entity Arn: {arn} does not clearly define entity type and name.",
        )


def test_each_resource_is_told_and_the_strictest_decides(world: World) -> None:
    """One result an action; beside it that of each resource."""
    iam = client(world)
    answer = iam.simulate_custom_policy(
        PolicyInputList=[allowing("cognito-idp:AdminGetUser", resource=POOL)],
        ActionNames=["cognito-idp:AdminGetUser"],
        ResourceArns=[POOL, OTHER],
    )
    (result,) = answer["EvaluationResults"]
    assert result["EvalDecision"] == "implicitDeny"
    each = {one["EvalResourceName"]: one["EvalResourceDecision"] for one in result["ResourceSpecificResults"]}
    assert each == {POOL: "allowed", OTHER: "implicitDeny"}


def test_keys_of_conditions_are_given_or_missed(world: World) -> None:
    """A key that a policy needs and nobody gave is told."""
    iam = client(world)
    document = denying("a:B", IpAddress={"aws:SourceIp": "10.0.0.0/8"})
    ask = partial(iam.simulate_custom_policy, PolicyInputList=[allowing("a:*"), document], ActionNames=["a:B"])
    (without,) = ask()["EvaluationResults"]
    assert (without["EvalDecision"], without["MissingContextValues"]) == ("allowed", ["aws:SourceIp"])
    entry = {"ContextKeyName": "aws:SourceIp", "ContextKeyValues": ["10.1.2.3"], "ContextKeyType": "ip"}
    (inside,) = ask(ContextEntries=[entry])["EvaluationResults"]
    assert (inside["EvalDecision"], inside["MissingContextValues"]) == ("explicitDeny", [])
    (statement,) = inside["MatchedStatements"]
    assert (statement["SourcePolicyId"], statement["StartPosition"]["Line"]) == ("PolicyInputList.2", 1)

    listed = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Action": "a:B",
                    "Resource": "*",
                    "Condition": {"ForAllValues:StringEquals": {"aws:TagKeys": ["one", "two"]}},
                }
            ],
        }
    )
    for values, decision in ((["one", "two"], "allowed"), (["one", "three"], "implicitDeny")):
        tags = {"ContextKeyName": "aws:TagKeys", "ContextKeyValues": values, "ContextKeyType": "stringList"}
        answer = iam.simulate_custom_policy(PolicyInputList=[listed], ActionNames=["a:B"], ContextEntries=[tags])
        assert decisions(answer) == {"a:B": decision}


def test_the_policy_of_a_resource_and_its_owner(world: World) -> None:
    """Within one account either side allows; where the resource is another account's both must."""
    iam, ada = client(world), f"arn:aws:iam::{ACCOUNT}:user/ada"
    statement = {"Effect": "Allow", "Principal": {"AWS": ada}, "Action": "a:B", "Resource": "*"}
    own = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    ask = partial(iam.simulate_custom_policy, ActionNames=["a:B"], ResourcePolicy=own)
    silent = [allowing("a:C")]
    assert decisions(ask(PolicyInputList=silent, CallerArn=ada)) == {"a:B": "allowed"}
    foreign = partial(ask, CallerArn=ada, ResourceOwner="arn:aws:iam::111111111111:root")
    assert decisions(foreign(PolicyInputList=silent)) == {"a:B": "implicitDeny"}
    both = foreign(PolicyInputList=[allowing("a:B")])
    assert decisions(both) == {"a:B": "allowed"}
    assert set(both["EvaluationResults"][0]["EvalDecisionDetails"].values()) == {"allowed"}
    assert refused(lambda: ask(PolicyInputList=silent))[0] == "InvalidInput"


def test_the_keys_that_policies_ask_for(world: World) -> None:
    """Of policies that are given, and of those that a user has."""
    iam, name = client(world), made(world, "user")
    document = denying("a:B", StringEquals={"aws:username": "ada"}, Bool={"aws:SecureTransport": "true"})
    given = iam.get_context_keys_for_custom_policy(PolicyInputList=[document])["ContextKeyNames"]
    assert sorted(given) == ["aws:SecureTransport", "aws:username"]
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
    more = denying("a:B", NumericLessThan={"aws:MultiFactorAuthAge": "5"})
    arn = iam.get_user(UserName=name)["User"]["Arn"]
    own = iam.get_context_keys_for_principal_policy(PolicySourceArn=arn, PolicyInputList=[more])["ContextKeyNames"]
    assert sorted(own) == ["aws:MultiFactorAuthAge", "aws:SecureTransport", "aws:username"]


def test_results_come_in_pages_and_what_cannot_be_simulated_is_refused(world: World) -> None:
    """An action a result; policies that cannot be read; what is not built."""
    iam = client(world)
    actions = [f"a:B{number}" for number in range(5)]
    ask = partial(iam.simulate_custom_policy, PolicyInputList=[allowing("a:*")], ActionNames=actions)
    first = ask(MaxItems=3)
    second = ask(MaxItems=3, Marker=first["Marker"])
    assert [*decisions(first), *decisions(second)] == actions
    assert (first["IsTruncated"], second["IsTruncated"]) == (True, False)
    assert refused(lambda: ask(PolicyInputList=["{"]))[0] == "InvalidInput"
    assert refused(lambda: ask(PermissionsBoundaryPolicyInputList=[allowing("a:*")] * 2))[0] == "InvalidInput"
    for unbuilt in (
        {"ResourceHandlingOption": "EC2-VPC-InstanceStore"},
        {"OrderedOrganizationPolicyInputList": [{"ServiceControlPolicyInputList": [allowing("a:*")]}]},
    ):
        assert refused(partial(ask, **unbuilt))[0] == "NotImplemented"


def test_a_large_simulation_comes_in_pages_and_lets_others_go_on(world: World) -> None:
    """However many actions, resources and statements: an answer has an end, goes on at its marker, and nobody waits for it."""
    iam = client(world)
    actions, resources = [f"s3:Get{n}" for n in range(128)], [f"arn:aws:s3:::b{n}" for n in range(900)]
    ask = partial(
        iam.simulate_custom_policy,
        PolicyInputList=[allowing("*")],
        ActionNames=actions,
        ResourceArns=resources,
        MaxItems=1000,
    )
    with ThreadPoolExecutor(1) as others:
        asked = others.submit(ask)
        waited = []
        while not asked.done():
            begun = monotonic()
            urlopen(f"{world.url}/health").read()
            waited.append(monotonic() - begun)
        first = asked.result()
    assert first["IsTruncated"]
    assert 1 <= len(first["EvaluationResults"]) <= 5
    assert len(waited) > 3
    second = ask(Marker=first["Marker"])
    told = [one["EvalActionName"] for one in (*first["EvaluationResults"], *second["EvaluationResults"])]
    assert told == actions[: len(told)]
    assert all(len(one["ResourceSpecificResults"]) == 900 for one in second["EvaluationResults"])


def test_an_action_that_is_too_much_by_itself_is_refused(world: World) -> None:
    """Hundreds of resources against hundreds of statements that all apply would be a large answer to a small question."""
    statements = [{"Effect": "Allow", "Action": "*", "Resource": "*"}] * 200
    many = json.dumps({"Version": "2012-10-17", "Statement": statements})
    resources = [f"arn:aws:s3:::b{n}" for n in range(300)]
    ask = partial(client(world).simulate_custom_policy, PolicyInputList=[many], ActionNames=["a:B"])
    assert refused(partial(ask, ResourceArns=resources)) == (
        "InvalidInput",
        "The simulation takes too long. Ask for fewer resources at once.",
    )
    (alone,) = ask()["EvaluationResults"]
    assert len(alone["MatchedStatements"]) == 200


def test_what_is_too_costly_to_decide_is_denied_in_simulations_too(world: World) -> None:
    """As in a call: nothing is allowed, and no statement is named."""
    slow = denying("*", StringLike={"aws:UserAgent": [f"*?{number}x" for number in range(800)]})
    entry = {"ContextKeyName": "aws:UserAgent", "ContextKeyValues": ["a" * 2000], "ContextKeyType": "string"}
    answer = client(world).simulate_custom_policy(
        PolicyInputList=[allowing("*"), slow], ActionNames=["a:B"], ContextEntries=[entry]
    )
    assert decisions(answer) == {"a:B": "implicitDeny"}
    assert answer["EvaluationResults"][0]["MatchedStatements"] == []


def test_what_is_known_of_the_principal_needs_no_entry(world: World) -> None:
    """Name, id, ARN and tags of a user; those of a role but for its session's; what is given beats what is known."""
    iam = client(world)
    user, role = made(world, "user", Tags=[{"Key": "Team", "Value": "blue"}]), made(world, "role")
    own = iam.get_user(UserName=user)["User"]
    arns = {"user": own["Arn"], "role": iam.get_role(RoleName=role)["Role"]["Arn"]}
    conditions: dict[str, Any] = {
        "aws:username": user,
        "AWS:UserId": own["UserId"],
        "aws:PrincipalArn": arns["user"],
        "aws:PrincipalTag/team": "blue",
    }
    statement = {"Effect": "Allow", "Action": "a:B", "Resource": "*", "Condition": {"StringEquals": conditions}}
    document = json.dumps({"Version": "2012-10-17", "Statement": statement})
    iam.put_user_policy(UserName=user, PolicyName="own", PolicyDocument=document)
    simulate = partial(iam.simulate_principal_policy, PolicySourceArn=arns["user"], ActionNames=["a:B"])
    (result,) = simulate()["EvaluationResults"]
    assert (result["EvalDecision"], result["MissingContextValues"]) == ("allowed", [])
    other = {"ContextKeyName": "AWS:USERNAME", "ContextKeyType": "string", "ContextKeyValues": ["bob"]}
    assert decisions(simulate(ContextEntries=[other])) == {"a:B": "implicitDeny"}
    assert decisions(simulate(CallerArn=f"arn:aws:iam::{ACCOUNT}:user/somebody-else")) == {"a:B": "implicitDeny"}

    iam.put_role_policy(RoleName=role, PolicyName="own", PolicyDocument=document.replace(arns["user"], arns["role"]))
    answer = iam.simulate_principal_policy(PolicySourceArn=arns["role"], ActionNames=["a:B"])
    (result,) = answer["EvaluationResults"]
    assert sorted(result["MissingContextValues"]) == ["AWS:UserId", "aws:PrincipalTag/team", "aws:username"]


def test_a_simulation_tells_nothing_of_anybody_else(world: World) -> None:
    """Whoever may try their own policies guesses no tag of another user, by taking them for the caller."""
    iam, ada = client(world), person(world)
    ada.put(allow("iam:SimulatePrincipalPolicy", resource=ada.arn))
    bob = iam.create_user(UserName=unique("bob"), Tags=[{"Key": "salary", "Value": "9000"}])["User"]
    guess = json.loads(allowing("a:B"))
    guess["Statement"][0]["Condition"] = {"StringEquals": {"aws:PrincipalTag/salary": "9000"}}
    answers = [
        ada.client("iam").simulate_principal_policy(
            PolicySourceArn=ada.arn, CallerArn=arn, ActionNames=["a:B"], PolicyInputList=[json.dumps(guess)]
        )["EvaluationResults"][0]
        for arn in (bob["Arn"], bob["Arn"].replace("bob-", "nobody-"))
    ]
    assert [one["EvalDecision"] for one in answers] == ["implicitDeny"] * 2
    assert [one["MissingContextValues"] for one in answers] == [["aws:PrincipalTag/salary"]] * 2
