"""Pools: what one is created with, what an update replaces and what it leaves alone, and what is refused."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from api.listing import eventually
from api.round_trip import FUNCTION, POOL, POOL_AT_CREATION, sent_back, settled, unnamed_members
from api.world import World, refused
from poolkeeper.call import Call
from poolkeeper.clock import MINUTE
from poolkeeper.lookup import require_pool
from poolkeeper.model.pool import Pool
from poolkeeper.operations import pool_documents
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
# What a pool with nothing but a name reads back (infrastructure.md 2, and the defaults of userpools.md 1.4).
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
    "UserPoolTags": {},
    "KeyConfiguration": {"KeyType": "AWS_OWNED_KEY"},
    "IssuerConfiguration": {"Type": "ORIGINAL"},
}
# What an update takes back where it leaves it out (measured.md 1); what needs one of these goes with it.
TAKEN_BACK = {"AutoVerifiedAttributes", "LambdaConfig", "DeviceConfiguration", "UserPoolAddOns"}
NOTHING_FIRST: dict[str, list[str]] = {"AttributesRequireVerificationBeforeUpdate": []}
SMS = {"SnsCallerArn": "arn:aws:iam::000000000000:role/sms", "ExternalId": "ours"}
FIRST = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}}
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


NOT_LATER = "Cannot turn MFA functionality ON, once the user pool has been created."
IDENTITY = "arn:aws:ses:us-east-1:000000000000:identity/pool.example"
NO_INVITATION = (
    "1 validation error detected: Value '{text}' at 'adminCreateUserConfig.inviteMessage.{path}' failed to satisfy "
    "constraint: Member must satisfy regular expression pattern: (?s)(?=.*\\{{username\\}})(?=.*\\{{####\\}}).*"
)


def recovering_by(*names: str) -> dict[str, Any]:
    return {"RecoveryMechanisms": [{"Priority": place, "Name": name} for place, name in enumerate(names, 1)]}


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


def test_a_member_that_an_update_leaves_out_stays(world: World) -> None:
    """One member after the other is left out of a description sent back; four go back to nothing, the rest stay."""
    pool_id = full_pool(world)
    full = describe(world, pool_id)
    everything = sent_back(full, "UpdateUserPoolRequest")

    for name in sorted(POOL):
        update(world, pool_id, **everything)
        # One thing under two names is left out under both.
        gone = MIRRORED if name in MIRRORED else {name}
        if name == "AutoVerifiedAttributes":
            gone, everything = {name}, {**everything, "UserAttributeUpdateSettings": NOTHING_FIRST}
        update(world, pool_id, **{member: value for member, value in everything.items() if member not in gone})
        expected = BARE.get(name) if name in TAKEN_BACK else full[name]
        assert describe(world, pool_id).get(name) == expected, name
        everything = sent_back(full, "UpdateUserPoolRequest")


def test_an_update_of_nothing_but_tags_weakens_nothing(world: World) -> None:
    """MFA, who may sign up, the password policy, the protection and everything else are what they were."""
    pool_id = full_pool(world)
    update(world, pool_id, **{**POOL, "UserAttributeUpdateSettings": NOTHING_FIRST})
    totp = {"SoftwareTokenMfaConfiguration": {"Enabled": True}}
    sms = {"SmsMfaConfiguration": {"SmsConfiguration": SMS}}
    world.signed.set_user_pool_mfa_config(UserPoolId=pool_id, MfaConfiguration="OPTIONAL", **totp, **sms)
    before, mfa = describe(world, pool_id), world.signed.get_user_pool_mfa_config(UserPoolId=pool_id)
    update(world, pool_id, UserPoolTags={"team": "divers"})

    after = describe(world, pool_id)
    expected = {name: value for name, value in settled(before).items() if name not in TAKEN_BACK}
    assert settled(after) == {**expected, "LambdaConfig": {}, "UserPoolTags": {"team": "divers"}}
    assert settled(world.signed.get_user_pool_mfa_config(UserPoolId=pool_id)) == settled(mfa)


def test_each_half_of_the_policies_stays_by_itself(world: World) -> None:
    """A policy that is sent replaces its own half alone, an empty one nothing; days alone change the days alone."""
    policies = {"PasswordPolicy": {**POLICY, "MinimumLength": 12}, **FIRST}
    pool_id = world.pool(Policies=policies).pool_id
    nothing: tuple[dict[str, Any], ...] = ({}, {"SignInPolicy": {}}, FIRST, {"PasswordPolicy": {}})
    for sent in nothing:
        update(world, pool_id, Policies=sent)
        assert describe(world, pool_id)["Policies"] == policies
    update(world, pool_id, Policies={"PasswordPolicy": {"MinimumLength": 20}})
    weak = {name: False for name in POLICY if name.startswith("Require")}
    assert describe(world, pool_id)["Policies"] == {"PasswordPolicy": {**POLICY, **weak, "MinimumLength": 20}, **FIRST}
    update(world, pool_id, Policies={"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]}})
    assert describe(world, pool_id)["Policies"]["PasswordPolicy"]["MinimumLength"] == 20

    update(world, pool_id, AdminCreateUserConfig={"UnusedAccountValidityDays": 3})
    kept = {**POLICY, **weak, "MinimumLength": 20, "TemporaryPasswordValidityDays": 3}
    assert describe(world, pool_id)["Policies"]["PasswordPolicy"] == kept


def test_sign_up_opens_only_where_an_update_says_so(world: World) -> None:
    """An invitation that is sent alone leaves the door as it is, and an explicit word opens it."""
    closed = {"AllowAdminCreateUserOnly": True}
    pool_id = world.pool(AdminCreateUserConfig=closed).pool_id
    invitation = {"EmailSubject": "Come in"}
    update(world, pool_id, AdminCreateUserConfig={"InviteMessageTemplate": invitation})
    admin = {**closed, "InviteMessageTemplate": invitation, "UnusedAccountValidityDays": 7}
    assert describe(world, pool_id)["AdminCreateUserConfig"] == admin
    update(world, pool_id, AdminCreateUserConfig={"AllowAdminCreateUserOnly": False})
    opened = {"AllowAdminCreateUserOnly": False, "UnusedAccountValidityDays": 7}
    assert describe(world, pool_id)["AdminCreateUserConfig"] == opened


def test_triggers_are_replaced_but_for_senders_whose_key_is_sent(world: World) -> None:
    """A LambdaConfig with the key keeps the custom senders that it leaves out; without the key all triggers go."""
    sender = {"LambdaVersion": "V1_0", "LambdaArn": f"{FUNCTION}mail"}
    key = {"KMSKeyID": "arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555"}
    pool_id = world.pool(
        LambdaConfig={"PreSignUp": f"{FUNCTION}pre", "CustomEmailSender": sender, "CustomSMSSender": sender, **key}
    ).pool_id
    update(world, pool_id, LambdaConfig={"PostConfirmation": f"{FUNCTION}post", **key})
    left = {"PostConfirmation": f"{FUNCTION}post", "CustomEmailSender": sender, "CustomSMSSender": sender, **key}
    assert describe(world, pool_id)["LambdaConfig"] == left
    update(world, pool_id, LambdaConfig={"PreSignUp": f"{FUNCTION}pre"})
    assert describe(world, pool_id)["LambdaConfig"] == {"PreSignUp": f"{FUNCTION}pre"}


def test_an_old_name_of_a_message_changes_its_own_message_alone(world: World) -> None:
    """The rest of the template stays; a template that is sent replaces them all, under both names."""
    texts = {"EmailMessage": "mail {####}", "EmailSubject": "old", "SmsMessage": "text {####}"}
    pool_id = world.pool(VerificationMessageTemplate=texts).pool_id
    update(world, pool_id, EmailVerificationSubject="new")
    described = describe(world, pool_id)
    option = {"DefaultEmailOption": "CONFIRM_WITH_CODE"}
    assert described["VerificationMessageTemplate"] == {**texts, **option, "EmailSubject": "new"}
    assert (described["EmailVerificationSubject"], described["SmsVerificationMessage"]) == ("new", "text {####}")


def test_the_older_rule_of_recovery_is_a_setting_of_its_own(world: World) -> None:
    """An empty AccountRecoverySetting is answered as it was given, by Create and Update alike, and stays."""
    assert describe(world, world.pool(AccountRecoverySetting={}).pool_id)["AccountRecoverySetting"] == {}
    pool_id = world.pool().pool_id
    update(world, pool_id, AccountRecoverySetting={})
    assert describe(world, pool_id)["AccountRecoverySetting"] == {}
    update(world, pool_id, UserPoolTags={"a": "b"})
    assert describe(world, pool_id)["AccountRecoverySetting"] == {}


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
    assert after["UserPoolTags"] == {}
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
            {"AccountRecoverySetting": recovering_by("admin_only", "verified_email")},
            "Account Recovery Setting cannot use admin_only setting with any other recovery mechanisms.",
        ),
        (
            {"AccountRecoverySetting": recovering_by("verified_email", "verified_email")},
            "Account Recovery Setting cannot have duplicate priorities or recovery mechanisms.",
        ),
        (
            {"AutoVerifiedAttributes": ["phone_number"]},
            "SMS configuration is required when phone_number is selected for auto verification",
        ),
        (
            {"Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "SMS_OTP"]}}},
            "SMS_OTP can not be configured as AuthFactor as user pool is missing valid SMS configuration",
        ),
        (
            {
                "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email", "phone_number"]},
                "AutoVerifiedAttributes": ["email"],
            },
            "All attributes in AttributesRequireVerificationBeforeUpdate must exist in AutoVerifiedAttributes",
        ),
        (
            {
                "LambdaConfig": {
                    "PreTokenGeneration": f"{FUNCTION}one",
                    "PreTokenGenerationConfig": {"LambdaVersion": "V1_0", "LambdaArn": f"{FUNCTION}other"},
                }
            },
            "Cannot use PreTokenGenerationLambda and PreTokenGeneration with different Lambda function ARN's",
        ),
        (
            {"EmailConfiguration": {"EmailSendingAccount": "DEVELOPER"}},
            "Source ARN is required to use DEVELOPER email sending owner",
        ),
        (
            {"EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT", "SourceArn": IDENTITY}},
            "Cognito is not allowed to use your email identity",
        ),
        (
            {"EmailConfiguration": {"From": "The pool"}},
            "Provided From email address is invalid",
        ),
        (
            {"EmailConfiguration": {"From": "The pool <pool.example>"}},
            "Provided From email address is invalid",
        ),
        (
            {"AdminCreateUserConfig": {"InviteMessageTemplate": {"EmailMessage": "Use {####}"}}},
            NO_INVITATION.format(text="Use {####}", path="emailMessage"),
        ),
        (
            {"AdminCreateUserConfig": {"InviteMessageTemplate": {"SMSMessage": "Come, {username}"}}},
            NO_INVITATION.format(text="Come, {username}", path="smsMessage"),
        ),
        (
            {"KeyConfiguration": {"KeyType": "CUSTOMER_MANAGED_KEY"}},
            "KmsKeyArn goes with the KeyType CUSTOMER_MANAGED_KEY, and with no other.",
        ),
    ],
)
def test_settings_that_do_not_go_together_are_refused(world: World, settings: dict[str, Any], sentence: str) -> None:
    """Nothing is created or changed, not even what else an update asks for, and AWS's sentence says why."""
    assert refused(partial(world.pool, **settings)) == ("InvalidParameterException", sentence)
    if "UsernameAttributes" not in settings:
        pool_id = world.pool().pool_id
        before = describe(world, pool_id)
        words = NOT_LATER if "MfaConfiguration" in settings else sentence
        work = partial(update, world, pool_id, PoolName="half", DeletionProtection="ACTIVE", **settings)
        assert refused(work) == ("InvalidParameterException", words)
        assert describe(world, pool_id) == before


def test_what_would_strand_users_is_refused_whichever_setting_comes_last(world: World) -> None:
    """A pool that proves addresses first keeps doing so, and an update that would stop to send the codes is refused."""
    first = {"AttributesRequireVerificationBeforeUpdate": ["email"]}
    pool_id = world.pool(AutoVerifiedAttributes=["email"], UserAttributeUpdateSettings=first).pool_id
    sentence = "All attributes in AttributesRequireVerificationBeforeUpdate must exist in AutoVerifiedAttributes"
    assert refused(partial(update, world, pool_id, UserPoolTags={})) == ("InvalidParameterException", sentence)
    assert describe(world, pool_id)["AutoVerifiedAttributes"] == ["email"]
    update(world, pool_id, AutoVerifiedAttributes=["email"], UserPoolTags={"a": "b"})
    assert describe(world, pool_id)["UserAttributeUpdateSettings"] == first


@pytest.mark.parametrize("sender", ["pool@pool.example", "Pool <pool@pool.example>", '"Pool, the" <pool@pool.example>'])
def test_a_sender_is_an_address_with_or_without_a_name(world: World, sender: str) -> None:
    """Both forms are answered as they were given."""
    email = {"EmailSendingAccount": "DEVELOPER", "SourceArn": IDENTITY, "From": sender}
    assert describe(world, world.pool(EmailConfiguration=email).pool_id)["EmailConfiguration"] == email


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


def test_the_rows_of_a_deleted_pool_go(world: World) -> None:
    """By the worker's hand, and the pool's own row a minute after the others."""
    pool = world.pool()
    pool.client().pool.user("ada", email="ada@x.example")
    world.signed.delete_user_pool(UserPoolId=pool.pool_id)
    eventually(world, "SELECT user_id FROM users WHERE pool_id = $1", pool.pool_id)
    eventually(world, "SELECT job_id FROM due WHERE pool_id = $1 AND due_at <= $2", pool.pool_id, world.clock.now())
    assert world.rows("SELECT value FROM directory WHERE pool_id = $1", pool.pool_id) == []
    assert world.rows("SELECT state FROM pools WHERE pool_id = $1", pool.pool_id) == [("DELETED",)]
    world.clock.advance(MINUTE)
    eventually(world, "SELECT pool_id FROM pools WHERE pool_id = $1", pool.pool_id)


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
        await pool_documents.amend(call, pool_id, lambda document: {**document, "UserPoolTags": {"first": "1"}})
        return pool

    sentence = "Only one request to update user pool can be processed at a time."
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
    (first,) = world.rows("SELECT version FROM pools WHERE pool_id = $1", pool_id)[0]

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
    assert version == first + outcomes.count("stood")
