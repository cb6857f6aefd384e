"""What Terraform's AWS provider sends, in its order: create, read, plan again, update, import, destroy.

Source of the sequences: hashicorp/terraform-provider-aws, internal/service/cognitoidp (contract, infrastructure 2 to 4).
"""

from typing import Any

from api.round_trip import settled
from api.world import PASSWORD, World, refused

SMS = {"SnsCallerArn": "arn:aws:iam::000000000000:role/sms", "ExternalId": "ours"}
CONFIGURED: dict[str, Any] = {
    "AccountRecoverySetting": {"RecoveryMechanisms": [{"Priority": 1, "Name": "verified_email"}]},
    "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True},
    "AutoVerifiedAttributes": ["email"],
    "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"},
    "Policies": {
        "PasswordPolicy": {
            "MinimumLength": 10,
            "RequireLowercase": True,
            "RequireNumbers": False,
            "RequireSymbols": False,
            "RequireUppercase": True,
            "TemporaryPasswordValidityDays": 7,
        }
    },
    "UserPoolAddOns": {"AdvancedSecurityMode": "OFF"},
    "VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM_WITH_CODE"},
}
SCHEMA = {"Name": "plan", "AttributeDataType": "String", "StringAttributeConstraints": {"MaxLength": "9"}}


def read_pool(world: World, pool_id: str) -> dict[str, Any]:
    """Read a pool as the provider does, which would crash where one of three members were missing."""
    pool = world.signed.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    assert {"Policies", "CreationDate", "LastModifiedDate"} <= pool.keys()
    mfa = world.signed.get_user_pool_mfa_config(UserPoolId=pool_id)
    return {**pool, "Mfa": {name: value for name, value in mfa.items() if name != "ResponseMetadata"}}


def require_empty_plan(before: dict[str, Any], configured: dict[str, Any]) -> None:
    """Fail unless every configured member reads back with what was configured: then a plan is empty."""
    for name, value in configured.items():
        held = {member: before[name].get(member) for member in value} if isinstance(value, dict) else before[name]
        assert held == value, name


def test_the_provider_asks_first_who_it_is(world: World) -> None:
    """sts:GetCallerIdentity, of the same endpoint."""
    identity = world.client("sts").get_caller_identity()
    assert (identity["Account"], identity["Arn"][:13]) == ("000000000000", "arn:aws:iam::")


def test_the_life_of_a_pool(world: World) -> None:
    """Create, read back, an empty second plan, MFA, tags and schema each by its own call, import, destroy."""
    signed = world.signed
    settings = {**CONFIGURED, "UserPoolTags": {"team": "a"}, "UsernameAttributes": ["email"], "Schema": [SCHEMA]}
    created = signed.create_user_pool(PoolName="terraform", **settings)["UserPool"]
    pool_id, arn = created["Id"], created["Arn"]
    first = read_pool(world, pool_id)
    assert first == read_pool(world, pool_id)
    require_empty_plan(first, {**CONFIGURED, "UserPoolTags": {"team": "a"}})
    assert first["Mfa"] == {"MfaConfiguration": "OFF"}
    assert first["SchemaAttributes"][21]["StringAttributeConstraints"] == SCHEMA["StringAttributeConstraints"]

    totp = {"Enabled": True}
    signed.set_user_pool_mfa_config(UserPoolId=pool_id, MfaConfiguration="OPTIONAL", SoftwareTokenMfaConfiguration=totp)
    changed = {**CONFIGURED, "MfaConfiguration": "OPTIONAL", "DeletionProtection": "INACTIVE", "UserPoolTier": "LITE"}
    signed.update_user_pool(UserPoolId=pool_id, **changed)
    signed.add_custom_attributes(UserPoolId=pool_id, CustomAttributes=[{**SCHEMA, "Name": "seat"}])
    signed.untag_resource(ResourceArn=arn, TagKeys=["team"])
    signed.tag_resource(ResourceArn=arn, Tags={"stage": "test"})
    second = read_pool(world, pool_id)
    require_empty_plan(second, {**changed, "UserPoolTags": {"stage": "test"}, "UsernameAttributes": ["email"]})
    assert second["Mfa"] == {"MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": totp}
    assert [one["Name"] for one in second["SchemaAttributes"]][21:] == ["custom:plan", "custom:seat"]

    # Import is a read by the id alone; a plan after it finds what the configuration says.
    assert settled(read_pool(world, pool_id)) == settled(second)
    signed.delete_user_pool(UserPoolId=pool_id)
    assert refused(lambda: read_pool(world, pool_id))[0] == "ResourceNotFoundException"


def test_mfa_by_sms_is_turned_on_and_off_again(world: World) -> None:
    """While MFA is off the provider leaves the SMS settings out of SetUserPoolMfaConfig; the pool keeps them."""
    signed = world.signed
    pool_id = world.pool(SmsConfiguration=SMS).pool_id
    signed.set_user_pool_mfa_config(
        UserPoolId=pool_id, MfaConfiguration="ON", SmsMfaConfiguration={"SmsConfiguration": SMS}
    )
    signed.update_user_pool(UserPoolId=pool_id, MfaConfiguration="ON", SmsConfiguration=SMS)
    held = read_pool(world, pool_id)
    assert held["Mfa"] == {"MfaConfiguration": "ON", "SmsMfaConfiguration": {"SmsConfiguration": SMS}}

    signed.set_user_pool_mfa_config(UserPoolId=pool_id, MfaConfiguration="OFF")
    signed.update_user_pool(UserPoolId=pool_id, MfaConfiguration="OFF", SmsConfiguration=SMS)
    held = read_pool(world, pool_id)
    assert (held["Mfa"], held["SmsConfiguration"]) == ({"MfaConfiguration": "OFF"}, SMS)


def test_old_days_of_validity_are_sent_again_without_them(world: World) -> None:
    """The provider matches the sentence of the refusal and leaves UnusedAccountValidityDays out."""
    pool_id = world.pool(**CONFIGURED).pool_id
    admin = {"AllowAdminCreateUserOnly": True, "UnusedAccountValidityDays": 30}
    settings = {**CONFIGURED, "AdminCreateUserConfig": admin}
    name, sentence = refused(lambda: world.signed.update_user_pool(UserPoolId=pool_id, **settings))
    assert name == "InvalidParameterException"
    assert "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays" in sentence
    world.signed.update_user_pool(UserPoolId=pool_id, **CONFIGURED)
    require_empty_plan(read_pool(world, pool_id), CONFIGURED)


def test_the_life_of_an_app_client(world: World) -> None:
    """State is taken from the answers of Create and Update themselves; import is by pool and client."""
    signed, pool_id = world.signed, world.pool().pool_id
    flows = {"ClientName": "web", "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]}
    state = signed.create_user_pool_client(UserPoolId=pool_id, **flows)["UserPoolClient"]
    named = {"UserPoolId": pool_id, "ClientId": state["ClientId"]}
    assert signed.describe_user_pool_client(**named)["UserPoolClient"] == state
    times = {"CreationDate": state["CreationDate"], "LastModifiedDate": state["LastModifiedDate"]}
    defaults = {
        "RefreshTokenValidity": 30,
        "AuthSessionValidity": 3,
        "AllowedOAuthFlowsUserPoolClient": False,
        "EnableTokenRevocation": True,
        "EnablePropagateAdditionalUserContextData": False,
    }
    assert state == {**named, **times, **flows, **defaults}

    planned = {
        **defaults,
        **flows,
        "AccessTokenValidity": 30,
        "TokenValidityUnits": {"AccessToken": "minutes"},
        "CallbackURLs": ["https://app.example/in"],
        "PreventUserExistenceErrors": "ENABLED",
    }
    state = signed.update_user_pool_client(**named, **planned)["UserPoolClient"]
    assert signed.describe_user_pool_client(**named)["UserPoolClient"] == state
    assert state["TokenValidityUnits"] == {"AccessToken": "minutes", "IdToken": "hours", "RefreshToken": "days"}
    assert state["CallbackURLs"] == planned["CallbackURLs"]

    # The block of units taken away is sent as hours, hours, days, and empty lists take away what they held.
    units = {"AccessToken": "hours", "IdToken": "hours", "RefreshToken": "days"}
    planned = {**defaults, **flows, "AccessTokenValidity": 1, "TokenValidityUnits": units, "CallbackURLs": []}
    state = signed.update_user_pool_client(**named, **planned)["UserPoolClient"]
    assert state["TokenValidityUnits"] == units
    assert "CallbackURLs" not in state
    assert "PreventUserExistenceErrors" not in state

    signed.delete_user_pool_client(**named)
    assert refused(lambda: signed.delete_user_pool_client(**named))[0] == "ResourceNotFoundException"
    assert refused(lambda: signed.describe_user_pool_client(**named))[0] == "ResourceNotFoundException"


def test_the_life_of_a_group(world: World) -> None:
    """CreateGroup, GetGroup, UpdateGroup, DeleteGroup."""
    signed, pool_id = world.signed, world.pool().pool_id
    named = {"UserPoolId": pool_id, "GroupName": "swimmers"}
    configured = {"Description": "all wet", "Precedence": 3, "RoleArn": "arn:aws:iam::000000000000:role/swimmers"}
    signed.create_group(**named, **configured)
    require_empty_plan(signed.get_group(**named)["Group"], configured)
    changed = {**configured, "Precedence": 1}
    signed.update_group(**named, **changed)
    require_empty_plan(signed.get_group(**named)["Group"], changed)
    signed.delete_group(**named)
    assert refused(lambda: signed.get_group(**named))[0] == "ResourceNotFoundException"


def test_the_life_of_a_user_and_of_a_membership(world: World) -> None:
    """AdminCreateUser with what follows it, attributes changed and removed, in and out of a group, gone."""
    signed = world.signed
    pool = world.pool(Schema=[SCHEMA])
    given = [{"Name": "email", "Value": "uwe@pool.example"}, {"Name": "custom:plan", "Value": "gold"}]
    named = {"UserPoolId": pool.pool_id, "Username": "uwe"}
    signed.admin_create_user(**named, UserAttributes=given, MessageAction="SUPPRESS")
    signed.admin_disable_user(**named)
    signed.admin_set_user_password(**named, Password=PASSWORD, Permanent=True)
    user = signed.admin_get_user(**named)
    assert {"UserCreateDate", "UserLastModifiedDate"} <= user.keys()
    assert (user["Enabled"], user["UserStatus"]) == (False, "CONFIRMED")

    signed.admin_update_user_attributes(**named, UserAttributes=[{"Name": "email", "Value": "uwe@else.example"}])
    signed.admin_delete_user_attributes(**named, UserAttributeNames=["custom:plan"])
    signed.admin_enable_user(**named)
    user = signed.admin_get_user(**named)
    held = {one["Name"]: one["Value"] for one in user["UserAttributes"]}
    assert (user["Enabled"], held["email"], "custom:plan" in held) == (True, "uwe@else.example", False)

    member = {**named, "GroupName": "swimmers"}
    signed.create_group(UserPoolId=pool.pool_id, GroupName="swimmers")
    signed.admin_add_user_to_group(**member)
    assert groups_of(world, named) == ["swimmers"]
    signed.admin_remove_user_from_group(**member)
    assert groups_of(world, named) == []

    signed.admin_delete_user(**named)
    assert refused(lambda: signed.admin_get_user(**named))[0] == "UserNotFoundException"


def groups_of(world: World, named: dict[str, str]) -> list[str]:
    pages = world.signed.get_paginator("admin_list_groups_for_user").paginate(**named)
    return [group["GroupName"] for page in pages for group in page["Groups"]]
