"""Inline and managed policies, their versions and attachments, tags: as an unmodified boto3 keeps them."""

import json
from functools import partial
from typing import Any
from urllib.parse import quote

import pytest

from api.iam import ACCOUNT, NOBODY, OWNERS, READ_ONLY, TRUST, Of, allowing, client, made, policy, unique
from api.principals import allow, person
from api.world import World, refused
from poolkeeper.operations import iam_answers
from poolkeeper.store import iam_changes
from poolkeeper.store.db import Transaction

DOCUMENT = allowing("cognito-idp:*")


@pytest.mark.parametrize("kind", OWNERS)
def test_the_life_of_an_inline_policy(world: World, kind: str) -> None:
    """Put, read, replace, list, delete; what is read is what was put."""
    name = made(world, kind)
    call = Of(world, kind, name)
    call("put_{}_policy", PolicyName="b", PolicyDocument=DOCUMENT)
    call("put_{}_policy", PolicyName="a", PolicyDocument=DOCUMENT)
    call("put_{}_policy", PolicyName="b", PolicyDocument=allowing("iam:*"))
    got = call("get_{}_policy", PolicyName="b")
    assert got["PolicyDocument"] == json.loads(allowing("iam:*"))
    assert (got["PolicyName"], got[f"{kind.capitalize()}Name"]) == ("b", name)
    assert call("list_{}_policies")["PolicyNames"] == ["a", "b"]
    call("delete_{}_policy", PolicyName="a")
    gone = ("NoSuchEntity", f"The {kind} policy with name a cannot be found.")
    assert refused(lambda: call("delete_{}_policy", PolicyName="a")) == gone
    assert refused(lambda: call("get_{}_policy", PolicyName="a")) == gone


@pytest.mark.parametrize(("kind", "most"), [("user", 2048), ("group", 5120), ("role", 10240)])
def test_inline_policies_of_one_owner_have_room_together(world: World, kind: str, most: int) -> None:
    """White space is not counted; a policy that is replaced is not counted twice."""
    name = made(world, kind)
    call = Of(world, kind, name)
    half = allowing("iam:*", pad=most // 2 - len(allowing("iam:*").replace(" ", "")))
    assert len(half.replace(" ", "")) == most // 2
    call("put_{}_policy", PolicyName="a", PolicyDocument=half)
    call("put_{}_policy", PolicyName="b", PolicyDocument=half + " " * 500)
    call("put_{}_policy", PolicyName="b", PolicyDocument=half)
    full = ("LimitExceeded", f"Maximum policy size of {most} bytes exceeded for {kind} {name}")
    assert refused(lambda: call("put_{}_policy", PolicyName="c", PolicyDocument=DOCUMENT)) == full


@pytest.mark.parametrize("version", [{}, {"Version": "2008-10-17"}])
def test_a_managed_policy_of_an_older_version_is_refused(world: World, version: dict[str, str]) -> None:
    """It is an inline policy's to be so old: each is checked as it will be read."""
    iam, arn, name = client(world), policy(world), made(world, "user")
    document = json.dumps({**version, "Statement": {"Effect": "Allow", "Action": "a:B", "Resource": "*"}})
    sentence = ("MalformedPolicyDocument", "Policy document must be version 2012-10-17 or greater.")
    assert refused(lambda: iam.create_policy(PolicyName=unique("p"), PolicyDocument=document)) == sentence
    assert refused(lambda: iam.create_policy_version(PolicyArn=arn, PolicyDocument=document)) == sentence
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)


def test_a_policy_that_cannot_be_read_any_more_lets_nobody_in(world: World) -> None:
    """Neither by what else allows nor with an accident: it may have denied."""
    ada, iam = person(world, allow("cognito-idp:*")), client(world)
    iam.attach_user_policy(
        UserName=ada.name, PolicyArn=policy(world, allowing("a:B", resource=f"arn:aws:iam::*:user/{ada.name}"))
    )
    ada.client().list_user_pools(MaxResults=1)

    async def spoil(tx: Transaction) -> None:
        await iam_changes.begin(tx)
        sql = "UPDATE iam_policy_versions SET document = $1 WHERE document LIKE $2"
        assert await tx.execute(sql, '{"Statement": []}', f"%user/{ada.name}%") == 1

    world.run(lambda: world.house.db.write(spoil))
    code, told = refused(lambda: ada.client().list_user_pools(MaxResults=1))
    assert code == "AccessDeniedException"
    assert told.endswith("with an explicit deny in an identity-based policy")
    simulated = iam.simulate_principal_policy(PolicySourceArn=ada.arn, ActionNames=["a:B"])
    assert simulated["EvaluationResults"][0]["EvalDecision"] == "explicitDeny"


@pytest.mark.parametrize(
    "document", ["{", "{}", json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow"}})]
)
def test_what_is_no_policy_is_stored_nowhere(world: World, document: str) -> None:
    """MalformedPolicyDocument, with AWS's sentence."""
    iam, role, arn = client(world), made(world, "role"), policy(world)
    for call in (
        partial(iam.create_policy, PolicyName=unique("p"), PolicyDocument=document),
        partial(iam.create_policy_version, PolicyArn=arn, PolicyDocument=document),
        partial(iam.put_role_policy, RoleName=role, PolicyName="p", PolicyDocument=document),
        partial(iam.create_role, RoleName=unique("r"), AssumeRolePolicyDocument=document),
        partial(iam.update_assume_role_policy, RoleName=role, PolicyDocument=document),
        partial(iam.create_role, RoleName=unique("r"), AssumeRolePolicyDocument=DOCUMENT),
        partial(iam.put_role_policy, RoleName=role, PolicyName="p", PolicyDocument=TRUST),
    ):
        code, sentence = refused(call)
        assert (code, bool(sentence)) == ("MalformedPolicyDocument", True)


def test_the_life_of_a_managed_policy(world: World) -> None:
    """Create, read, attach, list who has it, detach, delete."""
    iam, name = client(world), unique("policy")
    created = iam.create_policy(
        PolicyName=name, Path="/app/", PolicyDocument=DOCUMENT, Description="d", Tags=[{"Key": "k", "Value": "v"}]
    )["Policy"]
    arn = created["Arn"]
    assert arn == f"arn:aws:iam::{ACCOUNT}:policy/app/{name}"
    assert (created["PolicyId"][:4], created["DefaultVersionId"], created["AttachmentCount"]) == ("ANPA", "v1", 0)
    assert iam.get_policy(PolicyArn=arn)["Policy"] == created
    exists = ("EntityAlreadyExists", f"A policy called {name} already exists. Duplicate names are not allowed.")
    assert refused(lambda: iam.create_policy(PolicyName=name, PolicyDocument=DOCUMENT)) == exists
    elsewhere = f"arn:aws:iam::{ACCOUNT}:policy/{name}"
    assert refused(lambda: iam.get_policy(PolicyArn=elsewhere)) == (
        "NoSuchEntity",
        f"Policy {elsewhere} was not found.",
    )
    unreadable = ("ValidationError", "Invalid ARN:  Could not be parsed!")
    assert refused(lambda: iam.get_policy(PolicyArn="x" * 20)) == unreadable

    owners = {kind: made(world, kind) for kind in OWNERS}
    for kind, owner in owners.items():
        call = Of(world, kind, owner)
        call("attach_{}_policy", PolicyArn=arn)
        call("attach_{}_policy", PolicyArn=arn)
        assert call("list_attached_{}_policies")["AttachedPolicies"] == [{"PolicyName": name, "PolicyArn": arn}]
        assert call("list_attached_{}_policies", PathPrefix="/other/")["AttachedPolicies"] == []
    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 3
    found = iam.list_entities_for_policy(PolicyArn=arn)
    assert [one["UserName"] for one in found["PolicyUsers"]] == [owners["user"]]
    assert [one["GroupName"] for one in found["PolicyGroups"]] == [owners["group"]]
    assert [one["RoleName"] for one in found["PolicyRoles"]] == [owners["role"]]
    roles = iam.list_entities_for_policy(PolicyArn=arn, EntityFilter="Role")
    assert (roles["PolicyUsers"], len(roles["PolicyRoles"])) == ([], 1)
    attached = ("DeleteConflict", "Cannot delete a policy attached to entities.")
    assert refused(lambda: iam.delete_policy(PolicyArn=arn)) == attached
    for kind, owner in owners.items():
        call = Of(world, kind, owner)
        call("detach_{}_policy", PolicyArn=arn)
        missing = ("NoSuchEntity", f"Policy {arn} was not found.")
        assert refused(partial(call, "detach_{}_policy", PolicyArn=arn)) == missing
    iam.delete_policy(PolicyArn=arn)
    assert refused(lambda: iam.get_policy(PolicyArn=arn)) == ("NoSuchEntity", f"Policy {arn} was not found.")


@pytest.mark.parametrize("kind", OWNERS)
def test_what_attaching_refuses(world: World, kind: str) -> None:
    """A policy that nobody has, what is no policy's ARN, and an eleventh one."""
    call = Of(world, kind, made(world, kind))
    missing = ("NoSuchEntity", f"Policy {NOBODY} does not exist or is not attachable.")
    assert refused(lambda: call("attach_{}_policy", PolicyArn=NOBODY)) == missing
    for arn in ("long-policy-name-but-no-arn", NOBODY.replace(":policy/", ":group/")):
        unreadable = ("ValidationError", "Invalid ARN:  Could not be parsed!")
        assert refused(partial(call, "attach_{}_policy", PolicyArn=arn)) == unreadable
    for _ in range(10):
        call("attach_{}_policy", PolicyArn=policy(world))
    full = ("LimitExceeded", f"Cannot exceed quota for PoliciesPer{kind.capitalize()}: 10")
    assert refused(lambda: call("attach_{}_policy", PolicyArn=READ_ONLY)) == full


def test_the_versions_of_a_policy(world: World) -> None:
    """Five at most; the one that counts stays; numbers are never used again; the rest goes before the policy."""
    iam, arn = client(world), policy(world)
    for gone in (NOBODY, arn):
        missing = ("NoSuchEntity", f"Policy {gone} version v9 does not exist or is not attachable.")
        for call in (iam.get_policy_version, iam.set_default_policy_version, iam.delete_policy_version):
            assert refused(partial(call, PolicyArn=gone, VersionId="v9")) == missing
    made_second = iam.create_policy_version(PolicyArn=arn, PolicyDocument=allowing("iam:*"))["PolicyVersion"]
    assert (made_second["VersionId"], made_second["IsDefaultVersion"], "Document" in made_second) == (
        "v2",
        False,
        False,
    )
    for _ in range(3):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=DOCUMENT)
    assert refused(lambda: iam.create_policy_version(PolicyArn=arn, PolicyDocument=DOCUMENT)) == (
        "LimitExceeded",
        "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.",
    )
    held = ("DeleteConflict", "Cannot delete the default version of a policy.")
    assert refused(lambda: iam.delete_policy_version(PolicyArn=arn, VersionId="v1")) == held
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
    assert iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"] == "v2"
    assert iam.get_policy_version(PolicyArn=arn, VersionId="v2")["PolicyVersion"]["Document"] == json.loads(
        allowing("iam:*")
    )
    iam.delete_policy_version(PolicyArn=arn, VersionId="v5")
    sixth = iam.create_policy_version(PolicyArn=arn, PolicyDocument=DOCUMENT, SetAsDefault=True)["PolicyVersion"]
    assert (sixth["VersionId"], sixth["IsDefaultVersion"]) == ("v6", True)
    listed = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    assert [one["VersionId"] for one in listed] == ["v6", "v4", "v3", "v2", "v1"]
    assert [one["VersionId"] for one in listed if one["IsDefaultVersion"]] == ["v6"]

    missing = ("NoSuchEntity", f"Policy {arn} version v5 does not exist or is not attachable.")
    assert refused(lambda: iam.get_policy_version(PolicyArn=arn, VersionId="v5")) == missing
    assert refused(lambda: iam.set_default_policy_version(PolicyArn=arn, VersionId="v5")) == missing
    more = refused(lambda: iam.delete_policy(PolicyArn=arn))
    assert (more[0], more[1].startswith("This policy has more than one version.")) == ("DeleteConflict", True)
    for version in ("v1", "v2", "v3", "v4"):
        iam.delete_policy_version(PolicyArn=arn, VersionId=version)
    iam.delete_policy(PolicyArn=arn)


def test_a_managed_policy_has_6144_characters_without_white_space(world: World) -> None:
    """As a role's trust policy has 2048."""
    iam = client(world)
    long = allowing("iam:*", pad=6144)
    full = ("LimitExceeded", "Cannot exceed quota for PolicySize: 6144")
    assert refused(lambda: iam.create_policy(PolicyName=unique("p"), PolicyDocument=long)) == full
    whole = allowing("iam:*", pad=6144 - len(allowing("iam:*").replace(" ", "")))
    iam.create_policy(PolicyName=unique("p"), PolicyDocument=whole + " " * 1000)
    trust = TRUST.replace('{"Effect"', '{"Sid": "' + "A" * 2048 + '", "Effect"')
    assert refused(lambda: iam.create_role(RoleName=unique("r"), AssumeRolePolicyDocument=trust)) == (
        "LimitExceeded",
        "Cannot exceed quota for ACLSizePerRole: 2048",
    )


def test_aws_s_own_policies_are_read_and_never_changed(world: World) -> None:
    """Their id, version and dates are AWS's; they have no tags of ours."""
    iam = client(world)
    known = iam.get_policy(PolicyArn=READ_ONLY)["Policy"]
    assert (known["PolicyId"], known["DefaultVersionId"], known["Path"]) == ("ANPAJBFTRZD2GQGJHSVQK", "v4", "/")
    version = iam.get_policy_version(PolicyArn=READ_ONLY, VersionId="v4")["PolicyVersion"]
    assert "cognito-idp:List*" in version["Document"]["Statement"][0]["Action"]
    assert [one["VersionId"] for one in iam.list_policy_versions(PolicyArn=READ_ONLY)["Versions"]] == ["v4"]
    assert iam.list_policy_tags(PolicyArn=READ_ONLY)["Tags"] == []
    for call in (
        partial(iam.delete_policy, PolicyArn=READ_ONLY),
        partial(iam.create_policy_version, PolicyArn=READ_ONLY, PolicyDocument=DOCUMENT),
        partial(iam.set_default_policy_version, PolicyArn=READ_ONLY, VersionId="v4"),
        partial(iam.delete_policy_version, PolicyArn=READ_ONLY, VersionId="v4"),
        partial(iam.tag_policy, PolicyArn=READ_ONLY, Tags=[{"Key": "k", "Value": "v"}]),
    ):
        assert refused(call)[0] == "InvalidInput"
    unknown = "arn:aws:iam::aws:policy/PowerUserAccess"
    assert refused(lambda: iam.get_policy(PolicyArn=unknown))[0] == "NoSuchEntity"


def test_policies_are_listed_by_scope_path_and_use(world: World) -> None:
    """AWS's four and the account's own."""
    iam, user = client(world), made(world, "user")
    path = f"/{unique('path')}/"
    used, unused, bounding = (policy(world, Path=path) for _ in range(3))
    iam.attach_user_policy(UserName=user, PolicyArn=used)
    iam.put_user_permissions_boundary(UserName=user, PermissionsBoundary=bounding)

    def arns(**asked: Any) -> set[str]:
        return {one["Arn"] for one in iam.list_policies(MaxItems=1000, **asked)["Policies"]}

    own = {used, unused, bounding}
    assert arns(PathPrefix=path) == own
    assert arns(PathPrefix=path, OnlyAttached=True) == {used}
    assert arns(PathPrefix=path, PolicyUsageFilter="PermissionsBoundary") == {bounding}
    assert arns(PathPrefix=path, PolicyUsageFilter="PermissionsPolicy") == {used}
    assert {arn.rpartition("/")[2] for arn in arns(Scope="AWS")} == {
        "AdministratorAccess",
        "AmazonCognitoDeveloperAuthenticatedIdentities",
        "AmazonCognitoPowerUser",
        "AmazonCognitoReadOnly",
    }
    assert own <= arns(Scope="Local")
    assert own | {READ_ONLY} <= arns()
    assert READ_ONLY not in arns(Scope="Local")


@pytest.mark.parametrize("kind", ["user", "role", "policy"])
def test_tags(world: World, kind: str) -> None:
    """A key in another case takes the place of the one before; fifty at most; none of AWS's own."""
    iam = client(world)
    arn = policy(world) if kind == "policy" else ""
    named = {"PolicyArn": arn} if arn else {f"{kind.capitalize()}Name": made(world, kind)}

    def tag(*pairs: tuple[str, str]) -> None:
        tags = [{"Key": key, "Value": value} for key, value in pairs]
        getattr(iam, f"tag_{kind}")(**named, Tags=tags)

    def held() -> dict[str, str]:
        return {one["Key"]: one["Value"] for one in getattr(iam, f"list_{kind}_tags")(**named)["Tags"]}

    tag(("Team", "a"), ("stage", ""))
    assert held() == {"Team": "a", "stage": ""}
    tag(("team", "b"))
    assert held() == {"team": "b", "stage": ""}
    getattr(iam, f"untag_{kind}")(**named, TagKeys=["STAGE", "nothing"])
    assert held() == {"team": "b"}
    assert refused(lambda: tag(("a", "1"), ("A", "2")))[0] == "InvalidInput"
    assert refused(lambda: tag(("aws:x", "1")))[0] == "InvalidInput"
    tag(*((f"k{number}", "v") for number in range(49)))
    assert refused(lambda: tag(("one-too-many", "v")))[0] == "LimitExceeded"
    tag(("k0", "w"))
    assert held()["k0"] == "w"


def test_documents_are_percent_encoded_on_the_wire(world: World) -> None:
    """By RFC 3986, whatever is in them: a plus is no blank."""
    document = '{"Version":"2012-10-17",\n\t"Statement":{"Effect":"Deny","Action":"a:B","Resource":"*+~é/"}}'
    assert iam_answers.encoded(document) == quote(document, safe="-._~")
    assert not set(iam_answers.encoded(document)) & set(' +"{}\n\t:/,é')


def test_long_lists_come_in_pages(world: World) -> None:
    """Marker and IsTruncated, through boto3's paginator, for lists of rows and of what hangs on one thing."""
    iam = client(world)
    path = f"/{unique('pages')}/"
    names = sorted(unique("user") for _ in range(5))
    for name in names:
        iam.create_user(UserName=name, Path=path)
        iam.put_user_policy(UserName=names[0], PolicyName=name, PolicyDocument=allowing("a:B"))
    for operation, asked, member in (
        ("list_users", {"PathPrefix": path}, "Users"),
        ("list_user_policies", {"UserName": names[0]}, "PolicyNames"),
    ):
        pages = list(iam.get_paginator(operation).paginate(**asked, PaginationConfig={"PageSize": 2}))
        assert [page["IsTruncated"] for page in pages] == [True, True, False]
        items = [item for page in pages for item in page[member]]
        assert [item["UserName"] if isinstance(item, dict) else item for item in items] == names
        assert ["Marker" in page for page in pages] == [True, True, False]

    marker = iam.list_users(PathPrefix=path, MaxItems=2)["Marker"]
    assert len(marker) <= 320
    assert refused(lambda: iam.list_users(PathPrefix="/", Marker=marker)) == ("ValidationError", "Invalid Marker.")
    assert refused(lambda: iam.list_roles(PathPrefix=path, Marker=marker))[0] == "ValidationError"
    assert refused(lambda: iam.list_users(PathPrefix=path, Marker=marker[:-4] + "AAAA"))[0] == "ValidationError"


def test_the_marker_of_the_longest_name_fits(world: World) -> None:
    """A marker has 320 characters at the most."""
    iam = client(world)
    user = made(world, "user")
    for letter in "ab":
        name = letter * 128
        iam.put_user_policy(UserName=user, PolicyName=name, PolicyDocument=allowing("a:B"))
    first = iam.list_user_policies(UserName=user, MaxItems=1)
    assert len(first["Marker"]) <= 320
    second = iam.list_user_policies(UserName=user, MaxItems=1, Marker=first["Marker"])
    assert (second["PolicyNames"], second["IsTruncated"]) == (["b" * 128], False)


@pytest.mark.parametrize("version", ["", '"Version":"2008-10-17",'])
def test_a_managed_policy_is_of_the_newest_version(world: World, version: str) -> None:
    """It is refused when it is made, and when a version is added: not at the calls of those who hold it."""
    iam = client(world)
    old = f'{{{version}"Statement":[{{"Effect":"Allow","Action":"cognito-idp:ListUserPools","Resource":"*"}}]}}'
    told = ("MalformedPolicyDocument", "Policy document must be version 2012-10-17 or greater.")
    assert refused(partial(iam.create_policy, PolicyName=unique("old"), PolicyDocument=old)) == told
    arn = policy(world)
    assert refused(partial(iam.create_policy_version, PolicyArn=arn, PolicyDocument=old)) == told


def test_a_stored_policy_that_cannot_be_read_is_a_refusal(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it may have said: its holders are denied, simulations say so, and a role trusts nobody. The rest goes on."""
    iam = client(world)
    old = '{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
    trust = old.replace('"Action":"*"', '"Action":"sts:AssumeRole","Principal":{"AWS":"*"}')
    with monkeypatch.context() as before:
        before.setattr("poolkeeper.operations.iam_documents._check", lambda *_: None)
        arn = policy(world, old)
        role_name = unique("role")
        iam.create_role(RoleName=role_name, AssumeRolePolicyDocument=trust)
    ada, bob = person(world, allow("*")), person(world, allow("*"))
    for attach in (
        partial(iam.attach_user_policy, UserName=ada.name, PolicyArn=arn),
        partial(iam.put_user_permissions_boundary, UserName=bob.name, PermissionsBoundary=arn),
    ):
        attach()
    for who in (ada, bob):
        assert refused(partial(who.client().list_user_pools, MaxResults=1))[0] == "AccessDeniedException"
        answer = iam.simulate_principal_policy(PolicySourceArn=who.arn, ActionNames=["a:B"])
        assert [one["EvalDecision"] for one in answer["EvaluationResults"]] == ["explicitDeny"]
    iam.detach_user_policy(UserName=ada.name, PolicyArn=arn)
    ada.client().list_user_pools(MaxResults=1)
    assume = partial(
        ada.client("sts").assume_role, RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{role_name}", RoleSessionName="xx"
    )
    assert refused(assume)[0] == "AccessDenied"


def test_a_policy_that_is_too_long_is_not_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading costs as much as a document is long, so its length comes first."""
    iam, name = client(world), made(world, "user")
    long = allowing("a:B", pad=20_000)
    monkeypatch.setattr("poolkeeper.policy.parse", None)
    for call in (
        partial(iam.put_user_policy, UserName=name, PolicyName="p", PolicyDocument=long),
        partial(iam.create_policy, PolicyName=unique("long"), PolicyDocument=long),
        partial(iam.create_role, RoleName=unique("long"), AssumeRolePolicyDocument=long),
    ):
        assert refused(call)[0] == "LimitExceeded"
