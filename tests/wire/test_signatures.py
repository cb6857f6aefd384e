"""Who may come in? Requests signed by botocore, and everything that can be wrong with them."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from poolkeeper.aws.generated import cognito_idp
from poolkeeper.aws.operation import Who, service
from poolkeeper.crypto.sigv4 import MalformedAuthorization, parse_authorization
from wire.wire_client import KEY_ID, POOL, Api, at, encoded, json_headers

BODY = encoded({"UserPoolId": POOL})
MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and "
    "signing method. Consult the service documentation for details."
)
REFUSALS = {
    "IncompleteSignatureException",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "UnrecognizedClientException",
    "UnknownOperationException",
}


def signed(api: Api, **how: str) -> list[tuple[str, str]]:
    return api.sign(json_headers("DescribeUserPool"), BODY, **how)


def replaced(headers: list[tuple[str, str]], name: str, value: str) -> list[tuple[str, str]]:
    return [(key, value if key == name else old) for key, old in headers]


def test_a_signed_request_comes_in() -> None:
    """The caller is whose key it was, in the region of the scope."""
    api = Api()
    assert api.send(BODY, signed(api, region="eu-west-3")).status == 200
    call = api.calls[0][0]
    assert (call.caller.access_key_id, call.caller.arn) == (KEY_ID, "arn:aws:iam::1:user/root")
    assert (call.caller.region, call.region) == ("eu-west-3", "eu-west-3")


@pytest.mark.parametrize("name", sorted(cognito_idp.SERVICE.operations))
def test_every_operation_that_the_model_signs_needs_a_signature(name: str) -> None:
    """attacks.md 35: the 107 are refused without one; the 34 do not look at it."""
    answer = Api().ask(name, b"{}")
    who = service(cognito_idp.SERVICE).operations[name].who
    expected = who is Who.IAM and name != "GetClientToken"
    assert (answer.error == "MissingAuthenticationTokenException" if answer.body else False) == expected
    if expected:
        assert (answer.status, answer.json["message"]) == (400, "Missing Authentication Token")


def test_public_operations_do_not_look_at_a_signature() -> None:
    """A signed SignUp, as boto3 with credentials sends it, is SignUp; a wrong signature does not matter either."""
    api = Api()
    body = encoded({"ClientId": "abc", "Username": "alice"})
    headers = api.sign(json_headers("SignUp"), body)
    assert api.send(body, headers).status == 200
    assert api.send(body, replaced(headers, "authorization", "nonsense")).status == 200
    assert [call.caller for call, _ in api.calls] == [None, None]


def test_a_signature_where_a_secret_would_do() -> None:
    """IAM_OR_SECRET: a signature that is sent is verified; without one the operation itself decides."""
    api = Api()
    body = encoded({"ClientId": "abc", "Secret": "s" * 24})
    api.send(body, json_headers("GetClientToken"))
    headers = api.sign(json_headers("GetClientToken"), body)
    api.send(body, headers)
    assert api.send(body + b" ", headers).error == "InvalidSignatureException"
    assert [call.caller is None for call, _ in api.calls] == [True, False]


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("nonsense", "Authorization header requires 'Credential' parameter."),
        ("Bearer eyJ", "'eyJ' not a valid key=value pair (missing equal-sign) in Authorization header"),
        (
            "AWS4-HMAC-SHA256 Credential=a/20260101/r/s/aws4_request, Signature=00",
            "requires 'SignedHeaders' parameter.",
        ),
        ("AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=" + "0" * 64, "5 slash-delimited elements"),
    ],
)
def test_a_header_that_cannot_be_read(header: str, told: str) -> None:
    """IncompleteSignatureException names the part that is missing."""
    api = Api()
    answer = api.send(BODY, replaced(signed(api), "authorization", header))
    assert (answer.status, answer.error) == (400, "IncompleteSignatureException")
    assert told in answer.json["message"]


def test_an_unknown_key() -> None:
    """UnrecognizedClientException, and the same for a key that is off and for a session token."""
    api = Api()
    unknown = api.send(BODY, signed(api, key_id="AKIAIOSFODNN7NOBODYS"))
    api.enabled = False
    off = api.send(BODY, signed(api))
    api.enabled = True
    session = api.send(BODY, api.sign([*json_headers("DescribeUserPool"), ("x-amz-security-token", "abc")], BODY))
    for answer in (unknown, off, session):
        assert (answer.status, answer.error) == (400, "UnrecognizedClientException")
        assert answer.json["message"] == "The security token included in the request is invalid."
    assert api.calls == []


def test_a_body_that_is_not_the_signed_one() -> None:
    """InvalidSignatureException, with AWS's sentence."""
    api = Api()
    answer = api.send(BODY + b" ", signed(api))
    assert (answer.status, answer.error, answer.json["message"]) == (400, "InvalidSignatureException", MISMATCH)


def test_a_payload_hash_must_be_the_bodys() -> None:
    """A hash that is signed but is not the body's is refused, and so is the promise to sign none."""
    api = Api()
    for claimed in ("0" * 64, "UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", ""):
        headers = api.sign([*json_headers("DescribeUserPool"), ("X-Amz-Content-SHA256", claimed)], BODY)
        assert api.send(BODY, headers).error == "InvalidSignatureException"
    assert api.calls == []


@pytest.mark.parametrize("seconds", [0, 299, -299, 300, -300])
def test_clocks_may_differ_by_five_minutes(seconds: int) -> None:
    """Both ways, the fifth minute included."""
    api = Api()
    headers = signed(api)
    api.clock.at += seconds * 1000
    assert api.send(BODY, headers).status == 200


def test_a_signature_from_the_past() -> None:
    """The sentence names the request's time, the limit and the server's time."""
    api = Api()
    headers = signed(api)
    stamp = dict(headers)["x-amz-date"]
    api.clock.at = at("20300102T030405Z")
    answer = api.send(BODY, headers)
    assert answer.error == "InvalidSignatureException"
    assert answer.json["message"] == (
        f"Signature expired: {stamp} is now earlier than 20300102T025905Z (20300102T030405Z - 5 min.)"
    )


def test_a_signature_from_the_future() -> None:
    """The sentence for a clock that is ahead."""
    api = Api()
    headers = signed(api)
    stamp = dict(headers)["x-amz-date"]
    api.clock.at = at("20200102T030405Z")
    answer = api.send(BODY, headers)
    assert answer.error == "InvalidSignatureException"
    assert answer.json["message"] == (
        f"Signature not yet current: {stamp} is still later than 20200102T030905Z (20200102T030405Z + 5 min.)"
    )


def test_the_scope_of_another_service() -> None:
    """A signature for sts does not open cognito-idp."""
    api = Api()
    answer = api.send(BODY, signed(api, name="sts"))
    assert answer.error == "InvalidSignatureException"
    assert "scoped to correct service: 'cognito-idp'" in answer.json["message"]


def test_the_scope_of_a_region_that_is_none() -> None:
    """Any region is taken, but none that is longer than a name: derived keys are kept by it."""
    api = Api()
    assert api.send(BODY, signed(api, region="r" * 64)).status == 200
    answer = api.send(BODY, signed(api, region="r" * 65))
    assert answer.error == "InvalidSignatureException"
    assert "valid region" in answer.json["message"]


def test_the_scope_of_another_day() -> None:
    """The day in the scope is the day of the request."""
    api = Api()
    headers = signed(api)
    day = dict(headers)["x-amz-date"][:8]
    other = replaced(headers, "authorization", dict(headers)["authorization"].replace(f"/{day}/", "/20200101/"))
    answer = api.send(BODY, other)
    assert answer.error == "InvalidSignatureException"
    assert answer.json["message"].startswith("Date in Credential scope does not match YYYYMMDD")


@pytest.mark.parametrize("extra", ["x-amz-user-agent", "x-amz-anything"])
def test_an_amz_header_that_is_not_signed(extra: str) -> None:
    """What begins with x-amz- must be signed, or somebody on the way may add it."""
    api = Api()
    answer = api.send(BODY, [*signed(api), (extra, "evil")])
    assert answer.error == "InvalidSignatureException"
    assert extra in answer.json["message"]


@pytest.mark.parametrize("name", ["authorization", "x-amz-date", "x-amz-target", "host"])
def test_a_header_sent_twice(name: str) -> None:
    """Two readers could each take another one."""
    api = Api()
    headers = signed(api)
    for doubled in ([*headers, (name, dict(headers)[name])], [(name, "other"), *headers]):
        assert api.send(BODY, doubled).status == 400
    assert api.calls == []


@pytest.mark.parametrize("name", ["host", "x-amz-date", "x-amz-target", "content-type"])
def test_a_signed_header_that_is_missing(name: str) -> None:
    """What was signed must be there."""
    api = Api()
    assert api.send(BODY, [(key, value) for key, value in signed(api) if key != name]).error in REFUSALS
    assert api.calls == []


def test_host_must_be_signed() -> None:
    """A signature without Host would be good for another server."""
    api = Api()
    headers = signed(api)
    without = dict(headers)["authorization"].replace("content-type;host;", "content-type;")
    assert "'Host'" in api.send(BODY, replaced(headers, "authorization", without)).json["message"]


@pytest.mark.parametrize(("method", "path", "query"), [("PUT", "/", ""), ("POST", "/other", ""), ("POST", "/", "a=b")])
def test_method_path_and_query_are_signed(method: str, path: str, query: str) -> None:
    """They are part of what is signed."""
    api = Api()
    assert api.send(BODY, signed(api), method=method, path=path, query=query).error == "InvalidSignatureException"


def test_a_host_that_a_proxy_rewrote() -> None:
    """The public host is tried where the received one does not fit; a third one is not."""
    api = Api(public_host="localhost:7665")
    assert api.send(BODY, replaced(signed(api), "host", "10.0.0.7:8080")).status == 200
    assert Api().send(BODY, replaced(signed(api), "host", "10.0.0.7:8080")).status == 400


def test_the_date_header_will_do() -> None:
    """Without x-amz-date the time is the Date header's, in either form."""
    api = Api()
    headers = [pair for pair in signed(api) if pair[0] != "x-amz-date"]
    for date in ("Mon, 02 Jan 2006 15:04:05 GMT", "20060102T150405Z"):
        answer = api.send(BODY, [*headers, ("date", date)])
        assert "Signature expired: 20060102T150405Z" in answer.json["message"]
    for date in ("yesterday", "20061399T150405Z", ""):
        assert api.send(BODY, [*headers, ("date", date)]).error == "IncompleteSignatureException"


PARTS = ("authorization", "content-type", "host", "x-amz-date", "x-amz-target", "body")


@settings(max_examples=400, deadline=None)
@given(
    part=st.sampled_from(PARTS),
    position=st.integers(0, 400),
    character=st.characters(codec="ascii", categories=("L", "N", "P", "S")),
)
def test_no_byte_can_be_changed(part: str, position: int, character: str) -> None:
    """attacks.md 36: change any one byte of what is signed, or of the signature, and the request is refused."""
    api = Api()
    headers = signed(api)
    original = BODY.decode() if part == "body" else dict(headers)[part]
    position %= len(original)
    changed = original[:position] + character + original[position + 1 :]
    assume(changed != original)
    assume(part != "authorization" or read(changed) != read(original))

    sent = changed.encode() if part == "body" else BODY
    answer = api.send(sent, headers if part == "body" else replaced(headers, part, changed))
    assert (answer.status, api.calls) == (400, [])
    assert answer.error in REFUSALS


def read(header: str) -> object:
    """Return what a header says: a comma more or less between its parts says nothing."""
    try:
        return parse_authorization(header)
    except MalformedAuthorization:
        return None
