"""What do moto's own tests ask of user pools, their schema and their domains, and is it answered so here? By moto's names.

Source: getmoto/moto, tests/test_cognitoidp (commit 0af643a, August 2026). Where AWS's
contract says otherwise this server keeps to the contract, and the case says what is answered instead (emulators.md 1).
"""

from functools import partial
from typing import Any

import pytest
from botocore.client import BaseClient

from api.world import SMS, PoolOfTests, World, refused

OREGON = "us-west-2"
ACCOUNT = "000000000000"
FUNCTION = f"arn:aws:lambda:{OREGON}:{ACCOUNT}:function:before-sign-up"
CERTIFICATE = f"arn:aws:acm:us-east-1:{ACCOUNT}:certificate/4c6f7665-6c61-4365-8000-000000000000"
LENGTHS = {"MinLength": "10", "MaxLength": "20"}
VALUES = {"MinValue": "10", "MaxValue": "20"}


@pytest.fixture
def oregon(world: World) -> BaseClient:
    """Return a client of moto's region."""
    return world.client(region=OREGON)


def made(client: BaseClient, **settings: Any) -> dict[str, Any]:
    """Make a pool and return its answer."""
    pool: dict[str, Any] = client.create_user_pool(**{"PoolName": "of-moto", **settings})["UserPool"]
    return pool


def schema_of(pool: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return a pool's attributes by name."""
    return {one["Name"]: one for one in pool["SchemaAttributes"]}


def wrong_schema(client: BaseClient, *entries: dict[str, Any]) -> str:
    """Return the sentence by which a schema is refused, which must be one about parameters."""
    code, sentence = refused(partial(made, client, Schema=list(entries)))
    assert code == "InvalidParameterException"
    return sentence


def test_a_pool_has_an_arn_of_its_region(oregon: BaseClient) -> None:
    """create_user_pool, describe_user_pool. Otherwise: a function is named by an ARN; moto's is any text."""
    recovery = {"RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]}
    pool = made(oregon, LambdaConfig={"PreSignUp": FUNCTION}, AccountRecoverySetting=recovery)
    assert pool["Arn"] == f"arn:aws:cognito-idp:{OREGON}:{ACCOUNT}:userpool/{pool['Id']}"
    assert pool["Id"].startswith(f"{OREGON}_")
    told = oregon.describe_user_pool(UserPoolId=pool["Id"])["UserPool"]
    for one in (pool, told):
        assert (one["Name"], one["LambdaConfig"]) == ("of-moto", {"PreSignUp": FUNCTION})
        assert one["AccountRecoverySetting"] == recovery
    code, sentence = refused(partial(made, oregon, LambdaConfig={"PreSignUp": "a-text-that-is-no-arn"}))
    assert (code, "'a-text-that-is-no-arn' at 'lambdaConfig.preSignUp'" in sentence) == (
        "InvalidParameterException",
        True,
    )


def test_the_template_says_what_the_older_members_say(oregon: BaseClient) -> None:
    """create_user_pool__overwrite_template_messages."""
    template = {
        "DefaultEmailOption": "CONFIRM_WITH_LINK",
        "EmailMessage": "foo {####} bar",
        "EmailMessageByLink": "{##foobar##}",
        "EmailSubject": "foobar {####}",
        "EmailSubjectByLink": "foobar",
        "SmsMessage": "{####} baz",
    }
    pool = made(oregon, VerificationMessageTemplate=template)
    assert pool["SmsVerificationMessage"] == "{####} baz"
    assert pool["EmailVerificationSubject"] == "foobar {####}"
    assert pool["EmailVerificationMessage"] == "foo {####} bar"


def test_standard_attributes_are_there_with_their_bounds(oregon: BaseClient) -> None:
    """create_user_pool_should_have_all_default_attributes_in_schema."""
    pool = made(oregon)
    told = schema_of(oregon.describe_user_pool(UserPoolId=pool["Id"])["UserPool"])
    assert schema_of(pool) == told
    for name in ("sub", "name", "email", "phone_number", "address", "zoneinfo", "preferred_username"):
        least = "1" if name == "sub" else "0"
        assert told[name]["StringAttributeConstraints"] == {"MinLength": least, "MaxLength": "2048"}
        assert (told[name]["AttributeDataType"], told[name]["DeveloperOnlyAttribute"]) == ("String", False)
        assert (told[name]["Required"], told[name]["Mutable"]) == (name == "sub", name != "sub")
    assert told["birthdate"]["StringAttributeConstraints"] == {"MinLength": "10", "MaxLength": "10"}
    assert told["updated_at"]["NumberAttributeConstraints"] == {"MinValue": "0"}
    assert (
        told["email_verified"]["AttributeDataType"] == told["phone_number_verified"]["AttributeDataType"] == "Boolean"
    )


def test_a_type_is_one_of_four(oregon: BaseClient) -> None:
    """create_user_pool_unknown_attribute_data_type, create_user_pool_custom_attribute_without_data_type.

    Otherwise: the sentence of a value that the model does not have names its place. A type that is left out is String: the
    model does not demand it, and AWS's sentence about it is known of AddCustomAttributes alone.
    """
    assert wrong_schema(oregon, {"Name": "custom", "AttributeDataType": "Banana"}) == (
        "1 validation error detected: Value 'Banana' at 'schema.1.member.attributeDataType' failed to satisfy constraint: "
        "Member must satisfy enum value set: [String, Number, DateTime, Boolean]"
    )
    pool = made(oregon, Schema=[{"Name": "custom"}])
    assert schema_of(pool)["custom:custom"]["AttributeDataType"] == "String"
    work = partial(oregon.add_custom_attributes, UserPoolId=pool["Id"], CustomAttributes=[{"Name": "other"}])
    sentence = "Invalid AttributeDataType input, consider using the provided AttributeDataType enum."
    assert refused(work) == ("InvalidParameterException", sentence)


def test_a_custom_attribute_is_mutable_and_everybodys(oregon: BaseClient) -> None:
    """create_user_pool_custom_attribute_defaults, create_user_pool_custom_attribute_developer_only.

    Otherwise: constraints that nobody named are told as an empty shape, not left out (infrastructure.md 2).
    """
    entries = [{"Name": "string", "AttributeDataType": "String"}, {"Name": "number", "AttributeDataType": "Number"}]
    hidden = {"Name": "banana", "AttributeDataType": "String", "DeveloperOnlyAttribute": True}
    told = schema_of(made(oregon, Schema=[*entries, hidden]))
    for name in ("custom:string", "custom:number"):
        assert (told[name]["DeveloperOnlyAttribute"], told[name]["Mutable"]) == (False, True)
    assert told["custom:number"]["NumberAttributeConstraints"] == {}
    assert "StringAttributeConstraints" not in told["custom:number"]
    assert told["dev:custom:banana"]["DeveloperOnlyAttribute"] is True


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        (
            {"Name": "banana", "AttributeDataType": "String", "Required": True},
            "Required custom attributes are not supported currently.",
        ),
        *(
            (
                {"Name": "email", **wrong},
                "You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute email",
            )
            for wrong in ({"AttributeDataType": "Number"}, {"DeveloperOnlyAttribute": True})
        ),
    ],
)
def test_what_a_schema_cannot_have(oregon: BaseClient, entry: dict[str, Any], sentence: str) -> None:
    """create_user_pool_custom_attribute_required, create_user_pool_standard_attribute_with_changed_data_type_or_developer_only."""
    assert wrong_schema(oregon, entry) == sentence


def test_bounds_of_another_type_are_left_out(oregon: BaseClient) -> None:
    """create_user_pool_attribute_with_schema: each type keeps its own, Boolean none."""
    both = {"NumberAttributeConstraints": VALUES, "StringAttributeConstraints": LENGTHS}
    kinds = ("String", "Number", "Boolean")
    entries = [{"Name": kind.lower(), "AttributeDataType": kind, **both} for kind in kinds]
    told = schema_of(made(oregon, Schema=entries))
    kept = {kind: {name for name in both if name in told[f"custom:{kind.lower()}"]} for kind in kinds}
    assert kept == {
        "String": {"StringAttributeConstraints"},
        "Number": {"NumberAttributeConstraints"},
        "Boolean": set(),
    }
    assert told["custom:string"]["StringAttributeConstraints"] == LENGTHS
    assert told["custom:number"]["NumberAttributeConstraints"] == VALUES


@pytest.mark.parametrize("bound", ["MinLength", "MaxLength", "MinValue", "MaxValue"])
def test_one_bound_stays_one(oregon: BaseClient, bound: str) -> None:
    """create_user_pool_attribute_partial_schema."""
    kind = "String" if bound.endswith("Length") else "Number"
    entry = {"Name": "bounded", "AttributeDataType": kind, f"{kind}AttributeConstraints": {bound: "10"}}
    assert schema_of(made(oregon, Schema=[entry]))["custom:bounded"][f"{kind}AttributeConstraints"] == {bound: "10"}


@pytest.mark.parametrize(
    ("name", "bounds", "sentence"),
    [
        ("email", {"MinLength": "invalid_value"}, "Attribute email: MinLength must be a whole number."),
        ("email", {"MaxLength": "invalid_value"}, "Attribute email: MaxLength must be a whole number."),
        ("updated_at", {"MinValue": "invalid_value"}, "Attribute updated_at: MinValue must be a whole number."),
        ("updated_at", {"MaxValue": "invalid_value"}, "Attribute updated_at: MaxValue must be a whole number."),
        ("email", {"MinLength": "2049"}, "Attribute email cannot have a max length shorter than it's min length"),
        ("email", {"MaxLength": "2049"}, "Attribute email: the limits of a standard attribute can only be tightened."),
        (
            "email",
            {"MinLength": "2", "MaxLength": "1"},
            "Attribute email cannot have a max length shorter than it's min length",
        ),
        (
            "updated_at",
            {"MinValue": "2", "MaxValue": "1"},
            "Attribute updated_at cannot have a max value smaller than it's min value",
        ),
    ],
)
def test_bounds_that_bound_nothing(oregon: BaseClient, name: str, bounds: dict[str, str], sentence: str) -> None:
    """Stand for four of moto's cases.

    create_user_pool_invalid_schema_values, create_user_pool_string_schema_max_length_over_2048,
    create_user_pool_string_schema_min_bigger_than_max, create_user_pool_number_schema_min_bigger_than_max.

    Otherwise: the same is refused by the same error in other words; those of bounds the wrong way round were recorded
    on AWS.
    """
    kind = "Number" if name == "updated_at" else "String"
    entry = {"Name": name, "AttributeDataType": kind, f"{kind}AttributeConstraints": bounds}
    assert wrong_schema(oregon, entry) == sentence


@pytest.mark.parametrize("hidden", [False, True])
def test_an_attribute_is_added_once(oregon: BaseClient, *, hidden: bool) -> None:
    """add_custom_attributes, add_custom_attributes_existing_attribute."""
    entry = {"Name": "banana", "AttributeDataType": "String", "DeveloperOnlyAttribute": hidden}
    name = "dev:custom:banana" if hidden else "custom:banana"
    pool_id = made(oregon)["Id"]
    add = partial(oregon.add_custom_attributes, UserPoolId=pool_id, CustomAttributes=[entry])
    assert list(add()) == ["ResponseMetadata"]
    assert name in schema_of(oregon.describe_user_pool(UserPoolId=pool_id)["UserPool"])
    assert refused(add) == ("InvalidParameterException", f"custom:banana: Existing attribute already has name {name}.")


def test_pools_of_one_name_are_two(oregon: BaseClient) -> None:
    """Stand for four of moto's cases.

    create_user_pool_default_id_strategy; create_user_pool_hash_id_strategy_with_equal_pool_name,
    create_user_pool_hash_id_strategy_with_different_pool_name,
    create_user_pool_hash_id_strategy_with_different_attributes.

    Otherwise: a variable lets moto make ids of what a pool is made with; AWS's are random. Here the tag `_custom_id_`
    chooses.
    """
    more: list[dict[str, Any]] = [{}, {}, {"Schema": [{"Name": "first", "AttributeDataType": "String"}]}]
    ids = {made(oregon, PoolName=name, **one)["Id"] for name in ("equal", "other") for one in more}
    assert len(ids) == 6
    chosen = f"{OREGON}_OfMoto001"
    assert made(oregon, UserPoolTags={"_custom_id_": chosen})["Id"] == chosen


def test_a_factor_is_configured_with_what_it_needs(world: World) -> None:
    """set_user_pool_mfa_config. Otherwise: sentences of AWS's where moto has its own; SMS needs an ARN of a role."""
    client, pool_id = world.signed, world.pool().pool_id
    configure = partial(client.set_user_pool_mfa_config, UserPoolId=pool_id)
    app: dict[str, Any] = {"SoftwareTokenMfaConfiguration": {"Enabled": True}}
    no_factor = "Invalid MFA Configuration given. SMS MFA, Email MFA, or Software Token MFA must be enabled."
    assert refused(partial(configure, MfaConfiguration="ON")) == ("InvalidParameterException", no_factor)
    no_sms = "SMS configuration and Auto verification for phone_number are required when MFA is required/optional"
    asked = partial(configure, SmsMfaConfiguration={}, MfaConfiguration="ON")
    assert refused(asked) == ("InvalidParameterException", no_sms)
    code, sentence = refused(partial(configure, MfaConfiguration="Invalid", **app))
    assert (code, sentence.endswith("Member must satisfy enum value set: [OFF, ON, OPTIONAL]")) == (
        "InvalidParameterException",
        True,
    )

    sms = {"SmsMfaConfiguration": {"SmsConfiguration": SMS}}
    steps: list[tuple[str, dict[str, Any]]] = [("ON", app), ("OFF", {}), ("ON", sms)]
    for mode, factors in steps:
        told = configure(MfaConfiguration=mode, **factors)
        told.pop("ResponseMetadata")
        assert told == {"MfaConfiguration": mode, **factors}
        assert client.describe_user_pool(UserPoolId=pool_id)["UserPool"]["MfaConfiguration"] == mode
    text = {"SmsMfaConfiguration": {"SmsConfiguration": {"SnsCallerArn": "01234567890123456789"}}}
    assert (
        "at 'smsMfaConfiguration.smsConfiguration.snsCallerArn'"
        in refused(partial(configure, MfaConfiguration="ON", **text))[1]
    )


def test_a_pool_counts_its_users(world: World) -> None:
    """describe_user_pool_estimated_number_of_users."""
    pool = world.pool()
    for users in range(4):
        told = world.signed.describe_user_pool(UserPoolId=pool.pool_id)["UserPool"]
        assert told["EstimatedNumberOfUsers"] == users
        pool.user(f"user{users}", permanent=False)


def test_a_pool_that_is_none_is_named(world: World) -> None:
    """describe_user_pool_resource_not_found."""
    asked = partial(world.signed.describe_user_pool, UserPoolId="us-east-1_FooBar123")
    assert refused(asked) == ("ResourceNotFoundException", "User pool us-east-1_FooBar123 does not exist.")


def test_an_update_keeps_what_a_pool_must_have(world: World) -> None:
    """Stand for one of moto's cases.

    update_user_pool.

    Otherwise: the policies tell the defaults beside what was sent, and a recovery setting is always told
    (infrastructure.md 2); moto says that AWS tells none, which Terraform's tests on AWS refute.
    """
    loose = {
        "MinimumLength": 12,
        **{f"Require{one}": False for one in ("Uppercase", "Lowercase", "Numbers", "Symbols")},
    }
    strict = {"MinimumLength": 16, **{member: True for member in loose if member != "MinimumLength"}}
    pool_id = world.pool(Policies={"PasswordPolicy": loose}).pool_id
    world.signed.update_user_pool(UserPoolId=pool_id, Policies={"PasswordPolicy": strict})
    told = world.signed.describe_user_pool(UserPoolId=pool_id)["UserPool"]
    assert told["Policies"] == {
        "PasswordPolicy": {**strict, "TemporaryPasswordValidityDays": 7},
        "SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD"]},
    }
    for member in (
        "AdminCreateUserConfig",
        "EmailConfiguration",
        "VerificationMessageTemplate",
        "AccountRecoverySetting",
    ):
        assert told[member]


def test_a_deleted_pool_is_in_no_list(world: World) -> None:
    """delete_user_pool, list_user_pools."""
    client = world.client(region="ap-southeast-2")
    pool_id = made(client)["Id"]
    assert [one["Name"] for one in client.list_user_pools(MaxResults=10)["UserPools"]] == ["of-moto"]
    client.delete_user_pool(UserPoolId=pool_id)
    assert client.list_user_pools(MaxResults=10)["UserPools"] == []


def prefix_of(pool: PoolOfTests) -> str:
    """Return a prefix that no other test uses."""
    return f"moto-{pool.pool_id[-9:].lower()}"


def test_a_domain_is_described_until_it_is_taken_back(world: World) -> None:
    """create_user_pool_domain, describe_user_pool_domain, delete_user_pool_domain.

    Otherwise: CloudFrontDomain is the target for a customer's own name, and is told with one alone.
    """
    pool = world.pool()
    domain = {"UserPoolId": pool.pool_id, "Domain": prefix_of(pool)}
    given = world.signed.create_user_pool_domain(**domain)
    assert "CloudFrontDomain" not in given
    told = world.signed.describe_user_pool_domain(Domain=domain["Domain"])["DomainDescription"]
    assert (told["Domain"], told["UserPoolId"], told["AWSAccountId"]) == (domain["Domain"], pool.pool_id, ACCOUNT)
    assert world.signed.describe_user_pool(UserPoolId=pool.pool_id)["UserPool"]["Domain"] == domain["Domain"]
    world.signed.delete_user_pool_domain(**domain)
    assert world.signed.describe_user_pool_domain(Domain=domain["Domain"])["DomainDescription"] == {}


def test_a_certificate_goes_with_a_host_name(world: World) -> None:
    """create_user_pool_domain_custom_domain_config, update_user_pool_domain.

    Otherwise: a name without a dot is a prefix, which has no certificate; a new one may take the place of a host's.
    """
    pool = world.pool()
    name, certificate = prefix_of(pool), {"CertificateArn": CERTIFICATE}
    create = partial(world.signed.create_user_pool_domain, UserPoolId=pool.pool_id, CustomDomainConfig=certificate)
    update = partial(world.signed.update_user_pool_domain, UserPoolId=pool.pool_id, CustomDomainConfig=certificate)
    assert refused(partial(create, Domain=name)) == (
        "InvalidParameterException",
        "Custom domain is not a valid subdomain",
    )
    world.signed.create_user_pool_domain(UserPoolId=pool.pool_id, Domain=name)
    assert refused(partial(update, Domain=name))[0] == "InvalidParameterException"
    host = f"login.{name}.example"
    assert create(Domain=host)["CloudFrontDomain"]
    assert update(Domain=host)["CloudFrontDomain"]
