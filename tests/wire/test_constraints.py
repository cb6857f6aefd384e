"""Do violated limits read as AWS's own sentences? Those in public reports, word for word, and the rules behind them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolkeeper.aws import constraints
from poolkeeper.aws.generated import cognito_identity as identity
from poolkeeper.aws.generated import cognito_idp as idp
from poolkeeper.aws.generated import cognito_idp_limits, sts
from poolkeeper.aws.shape import Shape
from poolkeeper.errors import InvalidParameterException, SerializationException, ServiceError, ValidationException

POOL = "us-east-1_Abcdefghi"
USERNAME = r"[\p{L}\p{M}\p{S}\p{N}\p{P}]+"


def sentence(request: Shape, error: type[ServiceError] = InvalidParameterException) -> str:
    with pytest.raises(error) as raised:
        constraints.check(request)
    return raised.value.message


def test_a_missing_member() -> None:
    """A required member that is absent is null to AWS, sensitive or not."""
    assert sentence(idp.InitiateAuthRequest(auth_flow="USER_SRP_AUTH")) == (
        "1 validation error detected: Value null at 'clientId' failed to satisfy constraint: Member must not be null"
    )


def test_a_pattern() -> None:
    """What newcomers see first: a placeholder for the pool id."""
    request = idp.AdminConfirmSignUpRequest(user_pool_id="your-pool-id", username="alice")
    assert sentence(request) == (
        "1 validation error detected: Value 'your-pool-id' at 'userPoolId' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [\w-]+_[0-9a-zA-Z]+"
    )


def test_a_password_is_judged_by_the_pattern_that_the_service_prints() -> None:
    """The value is left out and the pattern is the service's own."""
    request = idp.SignUpRequest(client_id="abc", username="alice", password=" leading blank")
    assert sentence(request) == (
        "1 validation error detected: Value at 'password' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: ^[\S]+.*[\S]+$"
    )


@pytest.mark.parametrize("password", ["", "a", "two words", "Pässwörd 1", "x" * 256])
def test_a_password_that_the_pattern_accepts(password: str) -> None:
    """Inner blanks are legal; one character is the policy's to refuse; none at all means no password."""
    constraints.check(idp.SignUpRequest(client_id="abc", username="alice", password=password))


@pytest.mark.parametrize("password", ["trailing ", "a\nb", "\t", "x" * 257])
def test_a_password_that_the_pattern_refuses(password: str) -> None:
    """Blanks at the ends, lines and more than 256 characters."""
    assert "Value at 'password'" in sentence(idp.SignUpRequest(client_id="a", username="alice", password=password))


def test_several_violations_are_one_sentence() -> None:
    """All faults are told, counted, in the order of the model's members."""
    request = idp.UpdateUserAttributesRequest(
        access_token="abc",
        user_attributes=[idp.AttributeType(name="", value="x"), idp.AttributeType(name="n" * 33, value="v" * 2049)],
    )
    assert sentence(request) == (
        "4 validation errors detected: "
        "Value '' at 'userAttributes.1.member.name' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1; "
        "Value '' at 'userAttributes.1.member.name' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [\p{L}\p{M}\p{S}\p{N}\p{P}\t\n\r ]+; "
        f"Value '{'n' * 33}' at 'userAttributes.2.member.name' failed to satisfy constraint: "
        "Member must have length less than or equal to 32; "
        "Value at 'userAttributes.2.member.value' failed to satisfy constraint: "
        "Member must have length less than or equal to 2048"
    )


def test_an_enumeration_is_listed_as_modelled() -> None:
    """The allowed values are listed, in the model's order."""
    request = idp.CreateUserPoolRequest(pool_name="p", mfa_configuration="MAYBE")
    assert sentence(request) == (
        "1 validation error detected: Value 'MAYBE' at 'mfaConfiguration' failed to satisfy constraint: "
        "Member must satisfy enum value set: [OFF, ON, OPTIONAL]"
    )


def test_a_list_of_scalars_is_judged_as_a_whole() -> None:
    """A wrong member of a list of words is told of the list, with all that is asked of a member in brackets."""
    request = idp.CreateUserPoolRequest(pool_name="p", alias_attributes=["email", "nickname"])
    assert sentence(request) == (
        "1 validation error detected: Value '[email, nickname]' at 'aliasAttributes' failed to satisfy constraint: "
        "Member must satisfy constraint: [Member must satisfy enum value set: [phone_number, email, preferred_username]]"
    )


def test_keys_and_values_of_maps() -> None:
    """The form of AWS's raw answer to an unknown role type; cognito-identity calls it ValidationException."""
    arn = "arn:aws:iam::187416307283:role/r"
    request = identity.SetIdentityPoolRolesInput(identity_pool_id="us-east-1:0", roles={"invalid": arn})
    assert sentence(request, ValidationException) == (
        f"1 validation error detected: Value '{{invalid={arn}}}' at 'roles' failed to satisfy constraint: "
        "Map keys must satisfy constraint: [Member must have length less than or equal to 128, Member must have length "
        "greater than or equal to 1, Member must satisfy regular expression pattern: (un)?authenticated]"
    )
    request = identity.SetIdentityPoolRolesInput(identity_pool_id="us-east-1:0", roles={"authenticated": "arn"})
    assert sentence(request, ValidationException) == (
        "1 validation error detected: Value '{authenticated=arn}' at 'roles' failed to satisfy constraint: "
        "Map value must satisfy constraint: [Member must have length less than or equal to 2048, "
        "Member must have length greater than or equal to 20]"
    )


def test_numbers_and_sizes() -> None:
    """Numbers have values, lists have lengths."""
    client = idp.CreateUserPoolClientRequest(user_pool_id=POOL, client_name="c", access_token_validity=0)
    assert sentence(client) == (
        "1 validation error detected: Value '0' at 'accessTokenValidity' failed to satisfy constraint: "
        "Member must have value greater than or equal to 1"
    )
    assert sentence(idp.ListUsersRequest(user_pool_id=POOL, limit=61)) == (
        "1 validation error detected: Value '61' at 'limit' failed to satisfy constraint: "
        "Member must have value less than or equal to 60"
    )
    assert sentence(idp.AddCustomAttributesRequest(user_pool_id=POOL, custom_attributes=[])) == (
        "1 validation error detected: Value at 'customAttributes' failed to satisfy constraint: "
        "Member must have length greater than or equal to 1"
    )


def test_structures_inside_structures() -> None:
    """The path leads to the member that is wrong, in lower camel case."""
    policy = idp.PasswordPolicyType(minimum_length=5)
    request = idp.CreateUserPoolRequest(pool_name="p", policies=idp.UserPoolPolicyType(password_policy=policy))
    assert sentence(request) == (
        "1 validation error detected: Value '5' at 'policies.passwordPolicy.minimumLength' failed to satisfy constraint: "
        "Member must have value greater than or equal to 6"
    )


def test_structures_inside_maps() -> None:
    """The key stands in the path."""
    mapping = identity.RoleMapping(type="Rulez")
    request = identity.SetIdentityPoolRolesInput(
        identity_pool_id="us-east-1:0", roles={}, role_mappings={"graph.facebook.com": mapping}
    )
    assert sentence(request, ValidationException) == (
        "1 validation error detected: Value 'Rulez' at 'roleMappings.graph.facebook.com.member.type' failed to satisfy "
        "constraint: Member must satisfy enum value set: [Token, Rules]"
    )


def test_sensitive_maps_are_not_printed() -> None:
    """What stands in authentication parameters is nobody's to read in an error."""
    request = idp.InitiateAuthRequest(
        client_id="a", auth_flow="USER_PASSWORD_AUTH", auth_parameters={"PASSWORD": "p" * 131_073}
    )
    assert sentence(request).startswith("1 validation error detected: Value at 'authParameters' failed to satisfy")


def test_unicode_classes_are_unicode_and_words_are_ascii() -> None:
    r"""In Java \p{L} is any letter, and \w is ASCII."""
    constraints.check(idp.AdminGetUserRequest(user_pool_id=POOL, username="žofie-女"))
    assert USERNAME in sentence(idp.AdminGetUserRequest(user_pool_id=POOL, username="two words"))
    assert "poolName" in sentence(idp.CreateUserPoolRequest(pool_name="žofie"))


def test_a_pattern_must_match_the_whole_value() -> None:
    """Neither a good beginning nor a line end after it is enough."""
    assert "userPoolId" in sentence(idp.DescribeUserPoolRequest(user_pool_id=POOL + "\n"))
    assert "userPoolId" in sentence(idp.DescribeUserPoolRequest(user_pool_id=POOL + "-"))


def test_a_pattern_with_a_flag_in_front_is_anchored_too() -> None:
    """The one pattern that begins with (?s) matches over lines."""
    matches = constraints.matcher(cognito_idp_limits.LIMITS["SmsInviteMessageType"].pattern or "")
    assert matches("first\nsecond {####}")


def test_dots_in_domains() -> None:
    """Custom domains have dots, which the model's pattern forbids."""
    constraints.check(idp.DescribeUserPoolDomainRequest(domain="auth.example.com"))
    assert "domain" in sentence(idp.DescribeUserPoolDomainRequest(domain="auth..example.com"))
    assert "domain" in sentence(idp.DescribeUserPoolDomainRequest(domain="-auth"))


@pytest.mark.parametrize("number", [2**31, -(2**31) - 1, 10**30])
def test_numbers_that_no_integer_holds(number: int) -> None:
    """AWS reads 32-bit integers: more is not a violated limit but a body that cannot be read."""
    request = idp.CreateGroupRequest(user_pool_id=POOL, group_name="g", precedence=number)
    assert sentence(request, SerializationException) == "A number in the request is out of range."


def test_every_pattern_of_the_models_compiles() -> None:
    """All structures of all services have a walk: an empty one of each is judged without an accident."""
    for module in (idp, identity, sts):
        for facts in module.SERVICE.operations.values():
            try:
                constraints.check(facts.input())
            except (InvalidParameterException, ValidationException) as fault:
                assert "Member must not be null" in fault.message  # noqa: PT017 - most have required members, some none


AMENDED = [name for name, limit in cognito_idp_limits.LIMITS.items() if limit.check and limit.minimum != 0]


@pytest.mark.parametrize("shape", [name for name in AMENDED if name != "DomainType"])
@given(text=st.text(st.sampled_from("ab{#}@ \n\u00a0é*"), max_size=24))
def test_patterns_in_linear_form_mean_the_same(shape: str, text: str) -> None:
    """Where another pattern is matched than printed, to be safe from backtracking, both accept the same texts."""
    limit = cognito_idp_limits.LIMITS[shape]
    assert limit.pattern is not None
    assert limit.check is not None
    assert bool(constraints.matcher(limit.check)(text)) == bool(constraints.matcher(limit.pattern)(text))


@pytest.mark.parametrize(
    "text",
    ["{####}", "a {####} b", "{##c##}", "{##x##} {##y", "a{##}##}", "{##}", "a@b", "@b", "a@", "a@@", "x{####}\n"],
)
@pytest.mark.parametrize("shape", [name for name in AMENDED if name != "DomainType"])
def test_patterns_in_linear_form_mean_the_same_where_it_matters(shape: str, text: str) -> None:
    """As above, for the texts that random ones seldom hit."""
    limit = cognito_idp_limits.LIMITS[shape]
    assert limit.pattern is not None
    assert limit.check is not None
    assert bool(constraints.matcher(limit.check)(text)) == bool(constraints.matcher(limit.pattern)(text))
