"""What Terraform's AWS provider sends of IAM, in its order: create, read, plan again, update, import, destroy.

Source of the sequences: hashicorp/terraform-provider-aws, internal/service/iam (infrastructure.md 7).
"""

import json
from typing import Any

from api.iam import ACCOUNT, READ_ONLY, TRUST, allowing, client, made, unique
from api.world import World, refused

DOCUMENT = allowing("cognito-idp:AdminGetUser")


def held(role: dict[str, Any]) -> dict[str, Any]:
    """Return what the provider keeps of a role, and what it would miss if it were not there."""
    known = ("Arn", "Description", "MaxSessionDuration", "RoleName", "Path", "RoleId", "CreateDate", "Tags")
    boundary = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    return {**{name: role.get(name) for name in known}, "boundary": boundary, "trust": role["AssumeRolePolicyDocument"]}


def read_role(iam: Any, name: str) -> dict[str, Any]:
    """Read a role as the provider does: with its inline policies and its attached ones."""
    role = iam.get_role(RoleName=name)["Role"]
    assert role["Arn"].startswith("arn:"), "it waits while this is an id"
    names = iam.list_role_policies(RoleName=name)["PolicyNames"]
    inline = {one: iam.get_role_policy(RoleName=name, PolicyName=one)["PolicyDocument"] for one in names}
    attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    return {**held(role), "inline": inline, "attached": {one["PolicyArn"] for one in attached}}


def test_the_life_of_a_role(world: World) -> None:
    """`aws_iam_role` with `inline_policy` and `managed_policy_arns`."""
    iam, name = client(world), unique("terraform")
    tags = [{"Key": "team", "Value": "a"}]
    iam.create_role(
        RoleName=name, Path="/", AssumeRolePolicyDocument=TRUST, Description="made", MaxSessionDuration=3600, Tags=tags
    )
    iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=DOCUMENT)
    iam.attach_role_policy(RoleName=name, PolicyArn=READ_ONLY)
    first = read_role(iam, name)
    assert first == read_role(iam, name)
    assert (
        first
        | {
            "Description": "made",
            "MaxSessionDuration": 3600,
            "Path": "/",
            "Tags": tags,
            "trust": json.loads(TRUST),
            "inline": {"inline": json.loads(DOCUMENT)},
            "attached": {READ_ONLY},
            "boundary": None,
        }
        == first
    )

    trust = TRUST.replace(f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT)
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=trust)
    iam.update_role_description(RoleName=name, Description="")
    iam.update_role(RoleName=name, MaxSessionDuration=7200)
    iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=READ_ONLY)
    iam.delete_role_policy(RoleName=name, PolicyName="inline")
    iam.put_role_policy(RoleName=name, PolicyName="other", PolicyDocument=DOCUMENT)
    iam.untag_role(RoleName=name, TagKeys=["team"])
    iam.tag_role(RoleName=name, Tags=[{"Key": "stage", "Value": "test"}])
    second = read_role(iam, name)
    assert second == {
        **first,
        "Description": "",
        "MaxSessionDuration": 7200,
        "boundary": READ_ONLY,
        "trust": json.loads(trust),
        "inline": {"other": json.loads(DOCUMENT)},
        "Tags": [{"Key": "stage", "Value": "test"}],
    }
    iam.delete_role_permissions_boundary(RoleName=name)
    assert read_role(iam, name)["boundary"] is None

    assert iam.list_instance_profiles_for_role(RoleName=name)["InstanceProfiles"] == []
    for attached in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=attached["PolicyArn"])
    for policy_name in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy_name)
    iam.delete_role(RoleName=name)
    assert refused(lambda: iam.get_role(RoleName=name))[0] == "NoSuchEntity"


def test_a_role_may_be_made_before_whoever_it_trusts(world: World) -> None:
    """The provider tries again for two minutes while the sentence has these words."""
    iam, user, name = client(world), unique("late"), unique("terraform")
    trust = TRUST.replace(":root", f":user/{user}")
    code, sentence = refused(lambda: iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust))
    assert code == "MalformedPolicyDocument"
    assert "Invalid principal in policy" in sentence
    iam.create_user(UserName=user)
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    assert read_role(iam, name)["trust"] == json.loads(trust)


def read_policy(iam: Any, arn: str) -> dict[str, Any]:
    """Read a policy as the provider does: with the version that counts."""
    policy = iam.get_policy(PolicyArn=arn)["Policy"]
    version = iam.get_policy_version(PolicyArn=arn, VersionId=policy["DefaultVersionId"])["PolicyVersion"]
    known = ("Arn", "Description", "PolicyName", "Path", "PolicyId", "AttachmentCount", "Tags")
    return {**{name: policy.get(name) for name in known}, "document": version["Document"]}


def test_the_life_of_a_policy(world: World) -> None:
    """`aws_iam_policy`: a changed document is a new version, the oldest of five goes first."""
    iam, name = client(world), unique("terraform")
    arn = iam.create_policy(PolicyName=name, Path="/", Description="", PolicyDocument=DOCUMENT)["Policy"]["Arn"]
    first = read_policy(iam, arn)
    assert first == read_policy(iam, arn)
    assert (first["document"], first["AttachmentCount"], first["Tags"]) == (json.loads(DOCUMENT), 0, [])
    assert first["Description"] in (None, "")

    for number in range(7):
        versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
        if len(versions) >= 5:
            old = min((one for one in versions if not one["IsDefaultVersion"]), key=lambda one: one["CreateDate"])
            iam.delete_policy_version(PolicyArn=arn, VersionId=old["VersionId"])
        changed = allowing(f"cognito-idp:Admin{number}")
        made_now = iam.create_policy_version(PolicyArn=arn, PolicyDocument=changed, SetAsDefault=False)["PolicyVersion"]
        iam.set_default_policy_version(PolicyArn=arn, VersionId=made_now["VersionId"])
        assert read_policy(iam, arn) == {**first, "document": json.loads(changed)}
        world.clock.advance(1_000)
    iam.tag_policy(PolicyArn=arn, Tags=[{"Key": "k", "Value": "v"}])
    assert read_policy(iam, arn)["Tags"] == [{"Key": "k", "Value": "v"}]

    for one in iam.list_policy_versions(PolicyArn=arn)["Versions"]:
        if not one["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=arn, VersionId=one["VersionId"])
    iam.delete_policy(PolicyArn=arn)
    assert refused(lambda: iam.list_policy_versions(PolicyArn=arn))[0] == "NoSuchEntity"
    assert refused(lambda: iam.delete_policy(PolicyArn=arn))[0] == "NoSuchEntity"


def test_the_life_of_an_attachment_and_of_an_inline_policy(world: World) -> None:
    """`aws_iam_role_policy_attachment` and `aws_iam_role_policy`, whose role may be gone before them."""
    iam, role = client(world), made(world, "role")
    arn = iam.create_policy(PolicyName=unique("terraform"), PolicyDocument=DOCUMENT)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=role, PolicyArn=arn)
    listed = iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    assert arn in [one["PolicyArn"] for one in listed]
    assert read_policy(iam, arn)["AttachmentCount"] == 1
    iam.put_role_policy(RoleName=role, PolicyName="own", PolicyDocument=DOCUMENT)
    assert iam.get_role_policy(RoleName=role, PolicyName="own")["PolicyDocument"] == json.loads(DOCUMENT)
    iam.put_role_policy(RoleName=role, PolicyName="own", PolicyDocument=allowing("a:B"))
    assert iam.get_role_policy(RoleName=role, PolicyName="own")["PolicyDocument"] == json.loads(allowing("a:B"))

    iam.detach_role_policy(RoleName=role, PolicyArn=arn)
    iam.delete_role_policy(RoleName=role, PolicyName="own")
    iam.delete_role(RoleName=role)
    for gone in (
        lambda: iam.detach_role_policy(RoleName=role, PolicyArn=arn),
        lambda: iam.delete_role_policy(RoleName=role, PolicyName="own"),
        lambda: iam.list_attached_role_policies(RoleName=role),
        lambda: iam.get_role_policy(RoleName=role, PolicyName="own"),
    ):
        assert refused(gone)[0] == "NoSuchEntity"
    iam.delete_policy(PolicyArn=arn)


def test_the_life_of_a_user_and_of_its_key(world: World) -> None:
    """`aws_iam_user` and `aws_iam_access_key`, then `force_destroy`, which looks for everything that a user may have."""
    iam, name = client(world), unique("terraform")
    iam.create_user(UserName=name, Path="/", Tags=[{"Key": "team", "Value": "a"}])
    first = iam.get_user(UserName=name)["User"]
    assert first == iam.get_user(UserName=name)["User"]
    key = iam.create_access_key(UserName=name)["AccessKey"]
    assert {"AccessKeyId", "SecretAccessKey", "CreateDate", "Status", "UserName"} == key.keys()
    iam.update_access_key(UserName=name, AccessKeyId=key["AccessKeyId"], Status="Inactive")
    (listed,) = iam.list_access_keys(UserName=name)["AccessKeyMetadata"]
    assert (listed["AccessKeyId"], listed["Status"], listed["CreateDate"]) == (
        key["AccessKeyId"],
        "Inactive",
        key["CreateDate"],
    )
    # Import knows the id alone.
    assert iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["UserName"] == name

    other = unique("terraform")
    iam.update_user(UserName=name, NewUserName=other, NewPath="/moved/")
    iam.put_user_permissions_boundary(UserName=other, PermissionsBoundary=READ_ONLY)
    moved = iam.get_user(UserName=other)["User"]
    assert (moved["UserId"], moved["Path"]) == (first["UserId"], "/moved/")
    assert moved["PermissionsBoundary"]["PermissionsBoundaryArn"] == READ_ONLY
    iam.delete_user_permissions_boundary(UserName=other)

    group = made(world, "group")
    iam.add_user_to_group(GroupName=group, UserName=other)
    for one in iam.list_groups_for_user(UserName=other)["Groups"]:
        iam.remove_user_from_group(GroupName=one["GroupName"], UserName=other)
    for one in iam.list_access_keys(UserName=other)["AccessKeyMetadata"]:
        iam.delete_access_key(UserName=other, AccessKeyId=one["AccessKeyId"])
    assert iam.list_ssh_public_keys(UserName=other)["SSHPublicKeys"] == []
    assert iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"] == []
    assert iam.list_mfa_devices(UserName=other)["MFADevices"] == []
    assert refused(lambda: iam.delete_login_profile(UserName=other))[0] == "NoSuchEntity"
    assert iam.list_signing_certificates(UserName=other)["Certificates"] == []
    assert iam.list_service_specific_credentials(UserName=other)["ServiceSpecificCredentials"] == []
    iam.delete_user(UserName=other)
    assert refused(lambda: iam.get_user(UserName=other))[0] == "NoSuchEntity"


def test_the_life_of_an_openid_connect_provider(world: World) -> None:
    """`aws_iam_openid_connect_provider`: the address is read without its scheme, which the provider takes for the same."""
    iam, host = client(world), f"{unique('terraform')}.example"
    created = iam.create_open_id_connect_provider(Url=f"https://{host}", ClientIDList=["one", "two"], Tags=[])
    named = {"OpenIDConnectProviderArn": created["OpenIDConnectProviderArn"]}

    def read() -> dict[str, Any]:
        got = iam.get_open_id_connect_provider(**named)
        return {name: got[name] for name in ("Url", "ClientIDList", "ThumbprintList", "Tags")}

    assert read() == {"Url": host, "ClientIDList": ["one", "two"], "ThumbprintList": [], "Tags": []}
    iam.update_open_id_connect_provider_thumbprint(**named, ThumbprintList=["b" * 40])
    iam.add_client_id_to_open_id_connect_provider(**named, ClientID="three")
    iam.remove_client_id_from_open_id_connect_provider(**named, ClientID="one")
    iam.tag_open_id_connect_provider(**named, Tags=[{"Key": "k", "Value": "v"}])
    assert read() == {
        "Url": host,
        "ClientIDList": ["two", "three"],
        "ThumbprintList": ["b" * 40],
        "Tags": [{"Key": "k", "Value": "v"}],
    }
    iam.delete_open_id_connect_provider(**named)
    assert refused(read)[0] == "NoSuchEntity"
    assert refused(lambda: iam.delete_open_id_connect_provider(**named))[0] == "NoSuchEntity"
