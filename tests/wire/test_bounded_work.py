"""How much work is one request? Violations, members looked at and bytes decoded are counted: none grows without end."""

import contextlib
import json
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from poolkeeper.aws import constraints, json_1_1
from poolkeeper.aws.generated import cognito_identity as identity
from poolkeeper.aws.generated import cognito_idp as idp
from poolkeeper.aws.trimmed import MOST_CHARACTERS, MOST_MEMBERS, trimmed
from poolkeeper.crypto import jws
from poolkeeper.crypto.webauthn_answers import BadCredential, read_registration
from poolkeeper.errors import SerializationException, ServiceError
from poolkeeper.server.body_limits import MAX_UNSIGNED
from poolkeeper.tokens.verify import claimed_kind
from wire.wire_client import Api

SIGN_UP = {"ClientId": "abc", "Username": "alice", "Password": "Passw0rd!"}


class Counted(list[Any]):
    """A list that counts how many of its members are looked at."""

    looked_at = 0

    def __iter__(self) -> Iterator[Any]:
        for member in super().__iter__():
            self.looked_at += 1
            yield member


def sentence(request: Any) -> str:
    with pytest.raises(ServiceError) as raised:
        constraints.check(request)
    return raised.value.message


def filled(beginning: bytes, piece: bytes, end: bytes) -> bytes:
    """Return a body as large as a stranger's may be, full of one piece."""
    return beginning + b",".join([piece] * ((MAX_UNSIGNED - len(beginning) - len(end)) // (len(piece) + 1))) + end


def test_fifty_violations_are_told() -> None:
    """Of a thousand attributes without a name the first fifty are told, and no more of them are looked at."""
    members = Counted([idp.AttributeType()] * 1_000)
    request = idp.SignUpRequest(client_id="abc", username="alice", user_attributes=members)
    said = sentence(request)
    assert said.startswith("50 validation errors detected: Value null at 'userAttributes.1.member.name' failed")
    assert said.count("Member must not be null") == 50
    assert members.looked_at == 50


def test_a_list_longer_than_any_is_told_of_alone() -> None:
    """Where the model has no limit ours is told, in AWS's words, and no member is looked at; at the limit all are."""
    members = Counted([idp.AttributeType()] * 1_001)
    request = idp.SignUpRequest(client_id="abc", username="alice", validation_data=members)
    assert sentence(request) == (
        "1 validation error detected: Value at 'validationData' failed to satisfy constraint: "
        "Member must have length less than or equal to 1000"
    )
    assert members.looked_at == 0

    members = Counted([idp.AttributeType(name="a")] * 1_000)
    constraints.check(idp.SignUpRequest(client_id="abc", username="alice", validation_data=members))
    assert members.looked_at == 1_000


def test_a_map_longer_than_any_is_told_of_alone() -> None:
    """So is a map, of which no key is looked at."""
    request = idp.SignUpRequest(
        client_id="a", username="b", client_metadata={f"{n}": "x" * 200_000 for n in range(1_001)}
    )
    said = sentence(request)
    assert said.startswith("1 validation error detected: Value '{0=xxx")
    assert said.endswith("Member must have length less than or equal to 1000")
    assert len(said) < 1_300


def test_a_sentence_repeats_so_much_of_a_value_and_no_more() -> None:
    """A value is cut, and so is a list of many, of which no more is written down than is shown."""
    request = idp.CreateUserPoolRequest(pool_name="p", mfa_configuration="x" * 1_000_000)
    assert sentence(request) == (
        f"1 validation error detected: Value '{'x' * 1_000}...' at 'mfaConfiguration' failed to satisfy constraint: "
        "Member must satisfy enum value set: [OFF, ON, OPTIONAL]"
    )
    aliases = Counted(["email"] * 999 + ["x"])
    said = sentence(idp.CreateUserPoolRequest(pool_name="p", alias_attributes=aliases))
    assert said.startswith("1 validation error detected: Value '[email, email, ")
    assert len(said) < 1_500
    assert aliases.looked_at < 1_500


def test_a_key_in_a_path_is_cut() -> None:
    """What names a member of a map is as long as a value that is shown."""
    mapping = identity.RoleMapping(type="Rulez")
    said = sentence(
        identity.SetIdentityPoolRolesInput(
            identity_pool_id="us-east-1:0", roles={}, role_mappings={"k" * 9_999: mapping}
        )
    )
    assert f"at 'roleMappings.{'k' * 1_000}....member.type'" in said


@pytest.mark.parametrize("members", [999, 9_999])
@pytest.mark.parametrize("member", [b"{}", b'{"Name":""}', b'{"Name":"' + b"n" * 99 + b'"}'], ids=len)
def test_the_answer_to_a_large_question_is_small(member: bytes, members: int) -> None:
    """However many members of a large request are wrong, and in however many ways."""
    body = json.dumps(SIGN_UP).encode()[:-1] + b',"UserAttributes":[' + b",".join([member] * members) + b"]}"
    answer = Api().ask("SignUp", body)
    assert answer.error == "InvalidParameterException"
    assert len(answer.body) < 20_000


def most_memory(work: Callable[[], object]) -> int:
    """Return how many bytes a piece of work holds at once."""
    tracemalloc.start()
    try:
        with contextlib.suppress(ServiceError, BadCredential):
            work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


MANY = [b"[]", b"[[[]]]", b'{"a":1}', b"1.5e300", b'"a"', b'"\\u0041"']


@pytest.mark.parametrize("token", [b'"\\u0041"', b"null"])
@pytest.mark.parametrize("piece", MANY)
def test_what_nobody_asked_for_is_skipped(monkeypatch: pytest.MonkeyPatch, piece: bytes, token: bytes) -> None:
    """A list of many lists, maps or numbers in an unknown member is read over, and not built, whatever stands beside it."""
    decoded: list[int] = []
    body = filled(b'{"X":[', piece, b'],"AccessToken":' + token + b"}")
    reader, members = json_1_1.decoder(idp.GetUserRequest), json_1_1._members

    class Decoder:
        def decode(self, body: bytes) -> idp.GetUserRequest:
            decoded.append(len(body))
            given: idp.GetUserRequest = reader.decode(body)
            return given

    def counting(text: msgspec.Raw) -> dict[str, msgspec.Raw]:
        decoded.append(len(bytes(text)))
        return members(text)

    monkeypatch.setattr(json_1_1, "decoder", lambda kind: Decoder())
    monkeypatch.setattr(json_1_1, "_members", counting)
    assert most_memory(lambda: json_1_1.decode(idp.GetUserRequest, body)) < 4 * len(body)
    assert sum(decoded) < 2.01 * len(body)


@pytest.mark.parametrize("piece", MANY)
def test_a_document_is_left_as_it_came(piece: bytes) -> None:
    """What is the caller's own is text until somebody reads it, and then only what they ask for is built."""
    body = filled(b'{"AccessToken":"a","Credential":{"authenticatorAttachment":[', piece, b"]}}")

    def work() -> None:
        request = json_1_1.decode(idp.CompleteWebAuthnRegistrationRequest, body)
        read_registration(bytes(request.credential))

    assert most_memory(work) < 4 * len(body)


@pytest.mark.parametrize("document", [b'"Credential":null', b'"Other":{}'])
def test_a_document_that_is_missing_is_told(document: bytes) -> None:
    """Null or absent."""
    request = json_1_1.decode(idp.CompleteWebAuthnRegistrationRequest, b'{"AccessToken":"a",%b}' % document)
    assert sentence(request) == (
        "1 validation error detected: Value null at 'credential' failed to satisfy constraint: Member must not be null"
    )


@pytest.mark.parametrize("piece", MANY)
def test_claims_that_nobody_signed_are_skipped(piece: bytes) -> None:
    """Of a token that a stranger made up one claim is read, and the others are not built."""
    claims = b'{"x":[' + b",".join([piece] * (70_000 // (len(piece) + 1))) + b'],"token_use":"access"}'
    key = jws.generate()
    token = jws.sign(claims, kid=jws.key_id(bytes(32)), key=key)
    assert len(token) > 80_000
    assert claimed_kind(token) == "access"
    # The least of three: the process's other threads hold some memory as well.
    assert min(most_memory(lambda: claimed_kind(token)) for _ in range(3)) < 6 * len(token)


def test_nulls_count_as_absent_wherever_they_stand() -> None:
    """In members, members of members and values of maps, at a second reading of what the types do not fit."""
    body = (
        b'{"ClientId":"abc","Username":null,"UserAttributes":[{"Name":"a","Value":null},{"Name":"b","Value":"c"}],'
        b'"ClientMetadata":{"kept":"null","left":null},"UserContextData":{"EncodedData":null},"Unknown":{"a":null}}'
    )
    assert json_1_1.decode(idp.SignUpRequest, body) == idp.SignUpRequest(
        client_id="abc",
        user_attributes=[idp.AttributeType(name="a"), idp.AttributeType(name="b", value="c")],
        client_metadata={"kept": "null"},
        user_context_data=idp.UserContextDataType(),
    )


@pytest.mark.parametrize(
    "member",
    [
        b'"UserAttributes":null,"ClientMetadata":[null]',
        b'"UserAttributes":{"a":null}',
        b'"UserAttributes":[null]',
        b'"ClientMetadata":{%b}' % b",".join(b'"%d":null' % number for number in range(1_001)),
    ],
)
def test_nulls_where_nothing_may_be_absent_are_refused(member: bytes) -> None:
    """A list has no absent members, another kind of value is none, and a map longer than any is not looked through."""
    with pytest.raises(SerializationException):
        json_1_1.decode(idp.SignUpRequest, b'{"ClientId":null,%b}' % member)


def sizes(value: Any) -> Iterator[int]:
    """Yield the lengths of all texts, lists and maps of a request."""
    if isinstance(value, msgspec.Struct):
        for inner in msgspec.structs.asdict(value).values():
            yield from sizes(inner)
    elif isinstance(value, str | list | dict):
        yield len(value)
        for inner in () if isinstance(value, str) else value:
            yield from sizes(inner)


@pytest.mark.parametrize("denies", [False, True])
@pytest.mark.parametrize("operation", ["DescribeUserPool", "CreateManagedLoginBranding", "CreateUserPoolDomain"])
def test_policies_are_asked_of_so_much_and_no_more(operation: str, denies: bool) -> None:  # noqa: FBT001 - of the table
    """What breaks a limit is refused in any case, and whoever may not call hears of that first; so of what is not built."""
    api = Api(denies=denies)
    body = {"UserPoolId": "x" * 90_000, "Domain": "x" * 90_000, "ClientId": "x" * 90_000}
    answer = api.ask_signed(operation, body)
    expected = "NotImplementedException" if operation == "CreateUserPoolDomain" else "InvalidParameterException"
    assert answer.error == ("AccessDeniedException" if denies else expected)
    (judged,) = api.judged
    assert max(sizes(judged)) <= MOST_CHARACTERS


def test_lists_and_maps_have_an_end_before_policies_are_asked() -> None:
    """Seventy thousand roles are fifty, wherever in a request they stand, and what is within the limits stays whole."""
    many = {f"{number}": f"{number}" for number in range(70_000)}
    rules = [identity.MappingRule(claim="c", match_type="Equals", value="v", role_arn="r")] * 5_000
    mapping = identity.RoleMapping(type="Rules", rules_configuration=identity.RulesConfigurationType(rules=rules))
    request = identity.SetIdentityPoolRolesInput(identity_pool_id="p", roles=many, role_mappings={"k": mapping})
    assert max(sizes(trimmed(request))) == MOST_MEMBERS
    within = identity.SetIdentityPoolRolesInput(identity_pool_id="p", roles={"a": "b"}, role_mappings={"k": mapping})
    assert trimmed(within).roles == {"a": "b"}
