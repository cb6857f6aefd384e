"""Pools: what one is created with, what an update replaces and what it leaves alone, and what is refused."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from api.round_trip import FUNCTION, POOL, POOL_AT_CREATION, sent_back, settled, unnamed_members
from api.world import World, refused
from poolkeeper.call import Call
from poolkeeper.lookup import require_pool
from poolkeeper.model.pool import Pool
from poolkeeper.operations.cognito_idp import pool_settings

POLICY = {
    "MinimumLength": 8,
    "RequireUppercase": True,
    "RequireLowercase": True,
    "RequireNumbers": True,
    "RequireSymbols": True,
    "TemporaryPasswordValidityDays": 7,
}
LEVELS = {f"Level{number}": {"AcrValue": f"urn:cognito:loa:{number}"} for number in (1, 2, 3, 4)}
# What a pool with nothing but a name reads back (contract, infrastructure 2, and the defaults of user pools 1.4).
BARE: dict[str, Any] = {
    "Policies": {"PasswordPolicy": POLICY, "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]}},
    "DeletionProtection": "INACTIVE",
    "LambdaConfig": {},
    "VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM_WITH_CODE"},
    "MfaConfiguration": "OFF",
    "EstimatedNumberOfUsers": 0,
    "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"},
    "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": False, "UnusedAccountValidityDays": 7},
    "AccountRecoverySetting": {
        "RecoveryMechanisms": [
            {"Priority": 1, "Name": "verified_email"},
            {"Priority": 2, "Name": "verified_phone_number"},
        ]
    },
    "UserPoolTier": "ESSENTIALS",
    "AcrConfiguration": LEVELS,
}
PROTECTED = (
    "The user pool cannot be deleted because deletion protection is activated. "
    "Deletion protection must be inactivated first."
)
OF_ITSELF = {"Id", "Name", "Arn", "CreationDate", "LastModifiedDate", "SchemaAttributes"}
MIRRORED = {
    "VerificationMessageTemplate",
    "SmsVerificationMessage",
    "EmailVerificationMessage",
    "EmailVerificationSubject",
}


def describe(world: World, pool_id: str) -> dict[str, Any]:
    described: dict[str, Any] = world.signed.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    return described


def update(world: World, pool_id: str, **settings: Any) -> None:
    world.signed.update_user_pool(UserPoolId=pool_id, **settings)


def full_pool(world: World) -> str:
    return world.pool(PoolName="full", **POOL, **POOL_AT_CREATION).pool_id


def test_a_pool_with_nothing_but_a_name_has_the_documented_defaults(world: World) -> None:
    """What is answered is exactly the documented defaults, and nothing that is unset."""
    described = describe(world, world.pool(PoolName="bare").pool_id)

    assert {name: value for name, value in described.items() if name not in OF_ITSELF} == BARE
    assert described["Arn"] == f"arn:aws:cognito-idp:us-east-1:000000000000:userpool/{described['Id']}"
    assert len(described["SchemaAttributes"]) == 21


def test_the_values_of_the_round_trips_name_every_member_of_the_model() -> None:
    """A member that a newer model brings cannot be forgotten here; one of two exclusive ones is left out."""
    full = {**POOL, **POOL_AT_CREATION}
    assert unnamed_members("CreateUserPoolRequest", full) == {
        "PoolName",
        "UsernameAttributes",
        "AdminCreateUserConfig.UnusedAccountValidityDays",
        "Schema.DeveloperOnlyAttribute",
        "Schema.NumberAttributeConstraints",
    }
    assert unnamed_members("UpdateUserPoolRequest", dict(POOL)) == {
        "UserPoolId",
        "PoolName",
        "AdminCreateUserConfig.UnusedAccountValidityDays",
    }


def test_every_setting_is_kept_and_answered(world: World) -> None:
    """Each member of CreateUserPool comes back as it was given, from Create and from Describe alike."""
    made = world.signed.create_user_pool(PoolName="full", **POOL, **POOL_AT_CREATION)["UserPool"]
    described = describe(world, made["Id"])

    assert described == made
    days = {"UnusedAccountValidityDays": POOL["Policies"]["PasswordPolicy"]["TemporaryPasswordValidityDays"]}
    expected = {**POOL, "AdminCreateUserConfig": {**POOL["AdminCreateUserConfig"], **days}}
    assert {name: described[name] for name in POOL} == expected
    assert described["AliasAttributes"] == POOL_AT_CREATION["AliasAttributes"]
    assert described["UsernameConfiguration"] == {"CaseSensitive": False}
    schema = {one["Name"]: one for one in described["SchemaAttributes"]}
    assert (schema["email"]["Required"], schema["email"]["Mutable"]) == (True, False)
    assert schema["email"]["StringAttributeConstraints"] == {"MinLength": "0", "MaxLength": "2048"}
    assert schema["custom:plan"]["StringAttributeConstraints"] == {"MaxLength": "7"}


def test_a_description_sent_back_changes_nothing(world: World) -> None:
    """Describe, then UpdateUserPool with all that it takes of the answer: the pool is what it was."""
    for pool_id in (world.pool().pool_id, full_pool(world)):
        before = describe(world, pool_id)
        update(world, pool_id, **sent_back(before, "UpdateUserPoolRequest"))
        assert settled(describe(world, pool_id)) == settled(before)


def test_a_member_that_an_update_leaves_out_goes_back_to_its_default(world: World) -> None:
    """One member after the other is left out; a few are known to stay (contract, infrastructure 2)."""
    pool_id = full_pool(world)
    full = describe(world, pool_id)
    everything = sent_back(full, "UpdateUserPoolRequest")
    stays = {"UserPoolTags", "UserAttributeUpdateSettings", "DcrConfiguration"}

    for name in sorted(set(POOL) - MIRRORED - {"SmsConfiguration", "UserPoolTier", "AdminCreateUserConfig"}):
        update(world, pool_id, **everything)
        without = {member: value for member, value in everything.items() if member != name}
        if name == "Policies":
            without["AdminCreateUserConfig"] = {"AllowAdminCreateUserOnly": True}
        update(world, pool_id, **without)
        expected = full[name] if name in stays else BARE.get(name)
        assert describe(world, pool_id).get(name) == expected, name


def test_an_update_of_nothing_leaves_what_only_creation_decides(world: World) -> None:
    """Name, schema, aliases, case rule, tags and the settings that stay are there; everything else is the default."""
    pool_id = full_pool(world)
    before = describe(world, pool_id)
    update(world, pool_id)
    after = describe(world, pool_id)

    kept = OF_ITSELF - {"LastModifiedDate"} | {"AliasAttributes", "UsernameConfiguration", "UserPoolTags"}
    kept |= {"UserAttributeUpdateSettings", "DcrConfiguration"}
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept}
    assert {name: value for name, value in after.items() if name not in kept | {"LastModifiedDate"}} == BARE


def test_an_update_can_switch_off_what_it_would_leave_alone(world: World) -> None:
    """Tags are replaced, an empty list of attributes to verify is answered as one, and the pool gets a new name."""
    pool_id = full_pool(world)
    update(
        world,
        pool_id,
        PoolName="renamed",
        UserPoolTags={},
        UserAttributeUpdateSettings={"AttributesRequireVerificationBeforeUpdate": []},
        DcrConfiguration={},
    )
    after = describe(world, pool_id)
    assert after["Name"] == "renamed"
    assert "UserPoolTags" not in after
    assert after["UserAttributeUpdateSettings"] == {"AttributesRequireVerificationBeforeUpdate": []}
    assert after["DcrConfiguration"] == {"EnableStatus": "Enabled"}
    pages = world.signed.get_paginator("list_user_pools").paginate(MaxResults=60)
    assert {"renamed"} == {one["Name"] for page in pages for one in page["UserPools"] if one["Id"] == pool_id}


def test_one_thing_under_two_names_is_answered_under_both(world: World) -> None:
    """The trigger before tokens and the verification messages mirror each other, whichever name is used."""
    old = f"{FUNCTION}tokens"
    given = world.pool(
        LambdaConfig={"PreTokenGeneration": old}, EmailVerificationMessage="old {####}", EmailVerificationSubject="old"
    )
    described = describe(world, given.pool_id)
    assert described["LambdaConfig"]["PreTokenGenerationConfig"] == {"LambdaVersion": "V1_0", "LambdaArn": old}
    assert described["VerificationMessageTemplate"]["EmailMessage"] == "old {####}"

    config = {"LambdaVersion": "V3_0", "LambdaArn": old}
    update(
        world,
        given.pool_id,
        LambdaConfig={"PreTokenGenerationConfig": config},
        VerificationMessageTemplate={"SmsMessage": "new {####}"},
    )
    described = describe(world, given.pool_id)
    assert described["LambdaConfig"] == {"PreTokenGeneration": old, "PreTokenGenerationConfig": config}
    assert described["SmsVerificationMessage"] == "new {####}"
    assert "EmailVerificationMessage" not in described


def test_the_days_of_a_temporary_password_have_an_old_name(world: World) -> None:
    """Alone it is taken; beside a policy it is refused in AWS's words, unless it says what the policy says."""
    pool_id = world.pool(AdminCreateUserConfig={"UnusedAccountValidityDays": 3}).pool_id
    assert describe(world, pool_id)["Policies"]["PasswordPolicy"]["TemporaryPasswordValidityDays"] == 3

    both = {"Policies": {"PasswordPolicy": POLICY}, "AdminCreateUserConfig": {"UnusedAccountValidityDays": 3}}
    sentence = "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays"
    for work in (partial(world.pool, **both), partial(update, world, pool_id, **both)):
        assert refused(work) == ("InvalidParameterException", sentence)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"AliasAttributes": ["email"], "UsernameAttributes": ["email"]},
            "Only one of the aliasAttributes or usernameAttributes can be set in a user pool.",
        ),
        (
            {"Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["EMAIL_OTP"]}}},
            "Password should be configured as one of the allowed first auth factors.",
        ),
        (
            {"LambdaConfig": {"CustomEmailSender": {"LambdaVersion": "V1_0", "LambdaArn": f"{FUNCTION}mail"}}},
            "KMSKeyId parameter is required when Custom SMS/Email Lambda trigger is used.",
        ),
        (
            {"MfaConfiguration": "OPTIONAL"},
            "SMS configuration and Auto verification for phone_number are required when MFA is required/optional",
        ),
        (
            {"AcrConfiguration": {"Level1": {"AcrValue": "urn:cognito:loa:4"}}},
            "AcrValue urn:cognito:loa:4 is the default name of another level.",
        ),
        (
            {
                "AccountRecoverySetting": {
                    "RecoveryMechanisms": [
                        {"Priority": 1, "Name": "admin_only"},
                        {"Priority": 2, "Name": "verified_email"},
                    ]
                }
            },
            "Invalid account recovery setting: admin_only cannot be combined with others.",
        ),
        (
            {"KeyConfiguration": {"KeyType": "CUSTOMER_MANAGED_KEY"}},
            "KmsKeyArn goes with the KeyType CUSTOMER_MANAGED_KEY, and with no other.",
        ),
    ],
)
def test_settings_that_do_not_go_together_are_refused(world: World, settings: dict[str, Any], sentence: str) -> None:
    """Nothing is created, and AWS's sentence says why."""
    assert refused(partial(world.pool, **settings)) == ("InvalidParameterException", sentence)


def test_a_refused_update_changes_nothing(world: World) -> None:
    """The pool is what it was, down to its version."""
    pool_id = full_pool(world)
    before = describe(world, pool_id)
    settings = {"PoolName": "half", "Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["WEB_AUTHN"]}}}
    assert refused(partial(update, world, pool_id, **settings))[0] == "InvalidParameterException"
    assert describe(world, pool_id) == before


def test_threat_protection_without_a_tier_means_plus(world: World) -> None:
    """A tier that is named is kept, whatever it is."""
    watched = {"UserPoolAddOns": {"AdvancedSecurityMode": "ENFORCED"}}
    assert describe(world, world.pool(**watched).pool_id)["UserPoolTier"] == "PLUS"
    assert describe(world, world.pool(**watched, UserPoolTier="LITE").pool_id)["UserPoolTier"] == "LITE"


def test_a_protected_pool_is_not_deleted(world: World) -> None:
    """DeleteUserPool is refused until an update inactivates the protection."""
    pool_id = world.pool(DeletionProtection="ACTIVE").pool_id
    assert refused(lambda: world.signed.delete_user_pool(UserPoolId=pool_id)) == (
        "InvalidParameterException",
        PROTECTED,
    )
    update(world, pool_id, DeletionProtection="INACTIVE")
    world.signed.delete_user_pool(UserPoolId=pool_id)
    gone = ("ResourceNotFoundException", f"User pool {pool_id} does not exist.")
    assert refused(lambda: describe(world, pool_id)) == gone
    assert refused(lambda: update(world, pool_id)) == gone


def test_a_pool_id_begins_with_a_region_that_clients_can_read(world: World) -> None:
    """A signature of a real region makes its pool there; anything else is refused before it gets into an id."""
    made = world.client(region="us-gov-west-1").create_user_pool(PoolName="there")["UserPool"]
    assert made["Id"].startswith("us-gov-west-1_")
    for region in ("here", "US-EAST-1", "us-east-10", "a-" * 20 + "west-1"):
        work = partial(world.client(region=region).create_user_pool, PoolName="nowhere")
        assert refused(work) == ("InvalidParameterException", f"{region} does not have the form of a region's name.")


def test_an_update_that_was_overtaken_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What somebody else stored between the reading and the writing is not lost."""
    pool_id = world.pool().pool_id

    async def overtaken(call: Call, pool_id: str) -> Pool:
        pool = await require_pool(call, pool_id)
        await pool_settings.amend(call, pool_id, lambda document: {**document, "UserPoolTags": {"first": "1"}})
        return pool

    sentence = "The user pool was changed at the same time. Try again."
    with monkeypatch.context() as patched:
        patched.setattr(pool_settings, "require_pool", overtaken)
        for work in (
            partial(update, world, pool_id, PoolName="second"),
            partial(world.signed.set_user_pool_mfa_config, UserPoolId=pool_id),
        ):
            assert refused(work) == ("ConcurrentModificationException", sentence)
    described = describe(world, pool_id)
    assert (described["Name"], described["UserPoolTags"]) == ("tests", {"first": "1"})


def test_updates_at_once_end_in_one_of_them(world: World) -> None:
    """Each update stands as a whole or is told that it lost; the last one that stood is what the pool is."""
    pool_id = world.pool().pool_id

    def attempt(number: int) -> str:
        try:
            update(world, pool_id, PoolName=f"n{number}", UserPoolTags={"number": str(number)})
        except ClientError as fault:
            return str(fault.response["Error"]["Code"])
        return "stood"

    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(attempt, range(24)))
    assert set(outcomes) <= {"stood", "ConcurrentModificationException"}
    described = describe(world, pool_id)
    assert described["Name"] == f"n{described['UserPoolTags']['number']}"
    (version,) = world.rows("SELECT version FROM pools WHERE pool_id = $1", pool_id)[0]
    assert version == 1 + outcomes.count("stood")
