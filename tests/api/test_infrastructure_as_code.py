"""What Terraform's AWS provider sends, in its order: create, read, plan again, update, import, destroy.

Source of the sequences: hashicorp/terraform-provider-aws, internal/service/cognitoidp (infrastructure.md 2 to 4);
what CDK's constructs and Amplify Gen 2's auth make is in infrastructure.md 5 and 6.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from pycognito.aws_srp import AWSSRP

from api.federating import metadata
from api.forge import claims_of
from api.people import held, listed, seen, update
from api.round_trip import settled
from api.world import PASSWORD, SMS, ClientOfTests, World, refused

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


PROVIDERS: dict[str, dict[str, Any]] = {
    "Google": {
        "ProviderType": "Google",
        "ProviderDetails": {"client_id": "app", "client_secret": "secret", "authorize_scopes": "email"},
        "AttributeMapping": {"email": "email", "username": "sub"},
    },
    "Corporate": {
        "ProviderType": "SAML",
        "ProviderDetails": {
            "MetadataFile": metadata(),
            "IDPSignout": "true",
            "EncryptedResponses": "true",
            "RequestSigningAlgorithm": "rsa-sha256",
        },
        "AttributeMapping": {"email": "mail"},
        "IdpIdentifiers": ["corporate.example"],
    },
}


@pytest.mark.parametrize("name", PROVIDERS)
def test_the_life_of_an_identity_provider(world: World, name: str) -> None:
    """Create, Describe, a second plan that is empty, Update with details as they were read, Delete, gone."""
    signed, configured = world.signed, PROVIDERS[name]
    place = {"UserPoolId": world.pool().pool_id, "ProviderName": name}

    def read() -> dict[str, Any]:
        return dict(signed.describe_identity_provider(**place)["IdentityProvider"])

    signed.create_identity_provider(**place, **configured)
    first = read()
    require_empty_plan(first, configured)
    assert read() == first

    # The provider leaves the certificate out of what it read, and sends the rest with its changes.
    known = {key: value for key, value in first["ProviderDetails"].items() if key != "ActiveEncryptionCertificate"}
    mapping = {**configured["AttributeMapping"], "name": "displayName"}
    signed.update_identity_provider(**place, ProviderDetails=known, AttributeMapping=mapping, IdpIdentifiers=[])
    second = read()
    assert second["ProviderDetails"] == first["ProviderDetails"]
    assert (second["AttributeMapping"], second["IdpIdentifiers"]) == (mapping, [])

    signed.delete_identity_provider(**place)
    assert refused(read)[0] == "ResourceNotFoundException"


def test_the_life_of_a_terms_document(world: World) -> None:
    """AWS::Cognito::Terms: create, read, an empty second plan, update with all members, import by its id, destroy, gone."""
    signed, pool = world.signed, world.pool()
    client = pool.client()
    settings: dict[str, Any] = {
        "TermsName": "terms-of-use",
        "TermsSource": "LINK",
        "Enforcement": "NONE",
        "Links": {"cognito:default": "https://example.com/terms/"},
    }
    made = signed.create_terms(UserPoolId=pool.pool_id, ClientId=client.client_id, **settings)["Terms"]
    named = {"UserPoolId": pool.pool_id, "TermsId": made["TermsId"]}
    read = signed.describe_terms(**named)["Terms"]
    assert read == signed.describe_terms(**named)["Terms"] == made
    require_empty_plan(read, {**settings, "UserPoolId": pool.pool_id, "ClientId": client.client_id})

    changed = {
        **settings,
        "Links": {"cognito:default": "https://example.com/t/", "cognito:dutch": "https://example.com/nl/"},
    }
    signed.update_terms(**named, **changed)
    require_empty_plan(signed.describe_terms(**named)["Terms"], changed)
    imported = [one["TermsId"] for one in signed.list_terms(UserPoolId=pool.pool_id)["Terms"]]
    assert imported == [made["TermsId"]]

    signed.delete_terms(**named)
    assert refused(lambda: signed.describe_terms(**named))[0] == "ResourceNotFoundException"
    assert refused(lambda: signed.delete_terms(**named))[0] == "ResourceNotFoundException"


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


_CODE = "The verification code to your new account is {####}"
# CDK: new UserPool(), with people who sign up by themselves and one custom attribute.
CDK: dict[str, Any] = {
    "AccountRecoverySetting": {
        "RecoveryMechanisms": [
            {"Name": "verified_phone_number", "Priority": 1},
            {"Name": "verified_email", "Priority": 2},
        ]
    },
    "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": False},
    "EmailVerificationMessage": _CODE,
    "EmailVerificationSubject": "Verify your new account",
    "SmsVerificationMessage": _CODE,
    "VerificationMessageTemplate": {
        "DefaultEmailOption": "CONFIRM_WITH_CODE",
        "EmailMessage": _CODE,
        "EmailSubject": "Verify your new account",
        "SmsMessage": _CODE,
    },
}
# Its UserPoolClient, which is always one of OAuth too.
CDK_CLIENT: dict[str, Any] = {
    "AllowedOAuthFlows": ["implicit", "code"],
    "AllowedOAuthFlowsUserPoolClient": True,
    "AllowedOAuthScopes": ["profile", "phone", "email", "openid", "aws.cognito.signin.user.admin"],
    "CallbackURLs": ["https://example.com"],
    "SupportedIdentityProviders": ["COGNITO"],
}
# Amplify Gen 2: defineAuth({ loginWith: { email: true }, userAttributes: { "custom:plan": ... } }).
AMPLIFY: dict[str, Any] = {
    **CDK,
    "AccountRecoverySetting": {"RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]},
    "AutoVerifiedAttributes": ["email"],
    "Policies": {
        "PasswordPolicy": {
            "MinimumLength": 8,
            "RequireLowercase": True,
            "RequireNumbers": True,
            "RequireSymbols": True,
            "RequireUppercase": True,
        }
    },
    "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]},
}
AMPLIFY_CLIENT: dict[str, Any] = {
    **CDK_CLIENT,
    "AllowedOAuthFlows": ["code"],
    "ExplicitAuthFlows": ["ALLOW_CUSTOM_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    "PreventUserExistenceErrors": "ENABLED",
}
TERRAFORM_CLIENT: dict[str, Any] = {"ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]}
PLAN = {"Name": "plan", "AttributeDataType": "String", "Mutable": True}
REQUIRED_EMAIL = {"Name": "email", "Mutable": True, "Required": True}


@dataclass(frozen=True)
class Program:
    """What a program makes of its user's few lines: settings that an update repeats, and those of creation alone."""

    pool: dict[str, Any]
    creation: dict[str, Any]
    client: dict[str, Any]
    signs_in_by_email: bool


PROGRAMS = {
    "terraform": Program(
        pool={**CONFIGURED, "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": False}},
        creation={"UsernameAttributes": ["email"], "Schema": [{**PLAN, "StringAttributeConstraints": {}}]},
        client=TERRAFORM_CLIENT,
        signs_in_by_email=True,
    ),
    "cdk": Program(pool=CDK, creation={"Schema": [PLAN]}, client=CDK_CLIENT, signs_in_by_email=False),
    "amplify": Program(
        pool=AMPLIFY,
        creation={
            "UsernameAttributes": ["email"],
            "UsernameConfiguration": {"CaseSensitive": False},
            "Schema": [REQUIRED_EMAIL, {**PLAN, "StringAttributeConstraints": {}}],
        },
        client=AMPLIFY_CLIENT,
        signs_in_by_email=True,
    ),
}


def by_srp(client: ClientOfTests, name: str) -> dict[str, Any]:
    """Sign in as an unmodified client of AWS does."""
    proof = AWSSRP(name, PASSWORD, client.pool.pool_id, client.client_id, client=client.world.unsigned)
    result: dict[str, Any] = proof.authenticate_user()["AuthenticationResult"]
    return result


@pytest.mark.parametrize("whole", [True, False], ids=["everything sent again", "one setting alone"])
@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_a_pool_of_a_program_changes_in_what_is_changed_and_in_nothing_else(
    world: World, program: Program, *, whole: bool
) -> None:
    """A user signs up with a custom attribute and in; one setting changes, of the pool and of its client; all else stays."""
    pool = world.pool(**program.pool, **program.creation)
    named = {"UserPoolId": pool.pool_id, "ClientName": "of the program"}
    made = world.signed.create_user_pool_client(**named, **program.client)["UserPoolClient"]
    client = ClientOfTests(world, pool, made["ClientId"], None)
    name = f"ida@{pool.pool_id.partition('_')[2].lower()}.example" if program.signs_in_by_email else "ida"
    client.sign_up(name, custom_plan="gold", **({"email": name} if program.signs_in_by_email else {}))
    pool.admin("admin_confirm_sign_up", name)
    tokens = by_srp(client, name)
    assert claims_of(tokens["IdToken"])["custom:plan"] == "gold"

    before, user = read_pool(world, pool.pool_id), held(pool, name)
    taken_back = {member: program.pool[member] for member in ("AutoVerifiedAttributes",) if member in program.pool}
    sent = program.pool if whole else taken_back
    gone = () if whole else ("UserPoolAddOns",)
    world.signed.update_user_pool(UserPoolId=pool.pool_id, **sent, DeletionProtection="ACTIVE")
    assert settled(read_pool(world, pool.pool_id)) == {
        **{member: value for member, value in settled(before).items() if member not in gone},
        "DeletionProtection": "ACTIVE",
    }

    named = {"UserPoolId": pool.pool_id, "ClientId": client.client_id}
    world.signed.update_user_pool_client(**named, **program.client, RefreshTokenValidity=7)
    again = world.signed.update_user_pool_client(**named, **program.client)["UserPoolClient"]
    assert settled(again) == {**settled(made), "RefreshTokenValidity": 7}

    assert held(pool, name) == user
    token = by_srp(client, name)["AccessToken"]
    update(world, token, {"custom:plan": "silver"})
    assert seen(world, token)["custom:plan"] == "silver"


def test_nobody_signs_up_in_a_pool_of_cdk_that_does_not_say_so(world: World) -> None:
    """The construct's own default, which an update of something else does not open."""
    pool = world.pool(**{**CDK, "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True}}, Schema=[PLAN])
    client = pool.client(**CDK_CLIENT)
    world.signed.update_user_pool(UserPoolId=pool.pool_id, UserPoolTags={"team": "a"})
    work = partial(client.sign_up, "eve", custom_plan="gold")
    assert refused(work) == ("NotAuthorizedException", "SignUp is not permitted for this user pool")
    pool.admin("admin_create_user", "ida", UserAttributes=listed({"custom:plan": "gold"}), MessageAction="SUPPRESS")
    assert held(pool, "ida") == {"custom:plan": "gold"}
