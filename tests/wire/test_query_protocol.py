"""Does the endpoint speak AWS's query protocol? Forms in, XML out, with the query protocol's own names of errors."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.parsers import QueryParser

from wire.wire_client import POOL, Answer, Api, json_headers

FORM = ("content-type", "application/x-www-form-urlencoded; charset=utf-8")
WHO_AM_I = urlencode({"Action": "GetCallerIdentity", "Version": "2011-06-15"}).encode()


def parsed(answer: Answer, operation: str) -> Any:
    """Return what botocore makes of it."""
    model = ServiceModel(Loader().load_service_model("sts", "service-2"), "sts")
    response = {"status_code": answer.status, "headers": answer.headers, "body": answer.body}
    return QueryParser().parse(response, model.operation_model(operation).output_shape)


def who_am_i(api: Api, **how: Any) -> Answer:
    return api.send(WHO_AM_I, api.sign([FORM], WHO_AM_I, name="sts", **how))


def test_get_caller_identity() -> None:
    """The first call of many tools; what it says is escaped."""
    answer = who_am_i(Api())
    assert (answer.status, answer.headers["content-type"]) == (200, "text/xml")
    told = parsed(answer, "GetCallerIdentity")
    assert (told["UserId"], told["Account"], told["Arn"]) == ("A&B", "1" * 12, "arn:<x>")
    assert told["ResponseMetadata"]["RequestId"] == answer.headers["x-amzn-requestid"]
    assert answer.body.startswith(
        b'<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
    )


def test_structures_times_and_numbers() -> None:
    """Times are ISO 8601 here, not seconds, and whole: what ends is told to end within the second in which it does."""
    api = Api()
    form = {
        "Action": "AssumeRole",
        "Version": "2011-06-15",
        "RoleArn": "arn:aws:iam::1:role/r",
        "RoleSessionName": "session",
        "DurationSeconds": "900",
        "PolicyArns.member.2.arn": "arn:aws:iam::aws:policy/Second",
        "PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/First1",
        "Tags.member.1.Key": "k",
        "Tags.member.1.Value": "",
    }
    answer = api.send(urlencode(form).encode(), [FORM])
    told = parsed(answer, "AssumeRole")
    assert told["Credentials"]["Expiration"].isoformat() == "2023-11-14T22:13:20+00:00"
    assert told["PackedPolicySize"] == 6
    request = api.calls[0][1]
    assert request.duration_seconds == 900
    assert [policy.arn for policy in request.policy_arns] == [
        "arn:aws:iam::aws:policy/First1",
        "arn:aws:iam::aws:policy/Second",
    ]
    assert [(tag.key, tag.value) for tag in request.tags] == [("k", "")]


def error(answer: Answer) -> tuple[int, Mapping[str, str]]:
    told = parsed(answer, "GetCallerIdentity")
    return answer.status, told["Error"]


def test_an_unsigned_call() -> None:
    """403 under the query protocol's own name."""
    status, told = error(Api().send(WHO_AM_I, [FORM]))
    assert (status, told["Code"], told["Type"]) == (403, "MissingAuthenticationToken", "Sender")


def test_an_unknown_key() -> None:
    """InvalidClientTokenId, with the sentence that all services use."""
    status, told = error(who_am_i(Api(), key_id="AKIAIOSFODNN7NOBODYS"))
    assert (status, told["Code"]) == (403, "InvalidClientTokenId")
    assert told["Message"] == "The security token included in the request is invalid."


def test_a_wrong_signature() -> None:
    """SignatureDoesNotMatch."""
    api = Api()
    headers = api.sign([FORM], WHO_AM_I + b"&More=1", name="sts")
    status, told = error(api.send(WHO_AM_I, headers))
    assert (status, told["Code"]) == (403, "SignatureDoesNotMatch")


@pytest.mark.parametrize(("minutes", "expected"), [(14, 200), (-14, 200), (16, 403), (-16, 403)])
def test_a_quarter_of_an_hour_of_skew(minutes: int, expected: int) -> None:
    """STS accepts 15 minutes, both ways, where the JSON services accept 5."""
    api = Api()
    headers = api.sign([FORM], WHO_AM_I, name="sts")
    api.clock.at += minutes * 60_000
    answer = api.send(WHO_AM_I, headers)
    assert answer.status == expected
    assert (b"15 min.)" in answer.body) == (expected == 403)


def test_a_violated_limit() -> None:
    """ValidationError, with all violations."""
    form = {"Action": "AssumeRole", "Version": "2011-06-15", "RoleSessionName": "x"}
    status, told = error(Api().send(urlencode(form).encode(), [FORM]))
    assert (status, told["Code"]) == (400, "ValidationError")
    assert told["Message"].startswith("2 validation errors detected: Value null at 'roleArn'")


def test_an_unknown_action() -> None:
    """InvalidAction names what was asked."""
    status, told = error(Api().send(b"Action=Nothing&Version=2011-06-15", [FORM]))
    assert (status, told["Code"]) == (400, "InvalidAction")
    assert told["Message"] == "Could not find operation Nothing for version 2011-06-15"


def test_another_service_of_this_protocol() -> None:
    """A form of a service that is not here is told so by name and version."""
    status, told = error(Api().send(b"Action=ListQueues&Version=2012-11-05", [FORM]))
    assert (status, told["Code"]) == (400, "InvalidAction")
    assert "ListQueues" in told["Message"]
    assert "2012-11-05" in told["Message"]


def test_a_target_beats_a_form() -> None:
    """A request with a target is JSON whatever it says of its content."""
    answer = Api().send(b"{}", [FORM, json_headers("DescribeUserPool")[1]])
    assert answer.error == "MissingAuthenticationTokenException"


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe",
        b"RoleArn=%FF",
        b"RoleArn=a%00b",
        b"RoleArn=%ED%A0%80",
        b"DurationSeconds=soon",
        b"DurationSeconds=" + b"9" * 5_000,
        b"Tags=1&Tags.member.1.Key=x",
        b"Tags.member.1.Key=x&Tags=1&Tags.member=2",
        b"Tags.member.one.Key=x",
        b"RoleArn.deep=1",
        b"A." * 20_000 + b"=1",
        b"&".join(b"f%d=1" % number for number in range(3_000)),
    ],
)
def test_malformed_forms_are_refused(body: bytes) -> None:
    """Whatever is wrong with a form, the answer is 400 and the operation never runs."""
    api = Api()
    answer = api.send(b"Action=AssumeRole&Version=2011-06-15&RoleSessionName=session&" + body, [FORM])
    assert answer.status == 400
    assert api.calls == []


ROLE = b"Action=AssumeRole&Version=2011-06-15&RoleSessionName=session&RoleArn=arn:aws:iam::1:role/role-that-is-there"
NARROW = b"arn:aws:iam::aws:policy/Narrow"


@pytest.mark.parametrize(
    "body",
    [
        b"PolicyArns=" + NARROW,
        b"PolicyArns.1.arn=" + NARROW,
        b"PolicyArns.arn=" + NARROW,
        b"PolicyArns.member=" + NARROW,
        b"PolicyArns.member=",
        b"PolicyArns.member.1=" + NARROW,
        b"PolicyArns.member.1=",
        b"PolicyArns.member.1.Arn=" + NARROW,
        b"PolicyArns.member.1.PolicyArn=" + NARROW,
        b"PolicyArns.member.1.arn=" + NARROW + b"&PolicyArns.2.arn=" + NARROW,
        b"PolicyArns.member.1.arn=" + NARROW + b"&PolicyArns.Member.2.arn=" + NARROW,
        b"PolicyArns.member.1.arn=" + NARROW + b"&PolicyArns.member.-1.arn=" + NARROW,
        b"PolicyArns.member.1.arn=" + NARROW + b"&PolicyArns.member.01.arn=" + NARROW,
        b"PolicyArns.member.%D9%A1.arn=" + NARROW,
        b"PolicyArns.member.1.arn.deep=" + NARROW,
        b"TransitiveTagKeys.1=team",
        b"TransitiveTagKeys=team",
        b"Tags.member.1.Key=team&Tags.member.1.Value=red&Tags.member.1.value=blue",
    ],
)
def test_what_is_in_a_list_and_cannot_be_read_is_refused(body: bytes) -> None:
    """Never silently empty: policies that were to narrow a session would narrow nothing."""
    api = Api()
    status, told = error(api.send(ROLE + b"&" + body, [FORM]))
    assert (status, told["Code"], api.calls) == (400, "MalformedInput", [])


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"PolicyArns=", []),  # what botocore sends of an empty list
        (b"PolicyArns.member.3.arn=" + NARROW, [NARROW.decode()]),
        (b"SomethingNew=x&SignatureVersion=4", None),
    ],
)
def test_what_can_be_read_goes_on(body: bytes, expected: list[str] | None) -> None:
    """An empty list, gaps in one, and what a request has beside its members."""
    api = Api()
    assert api.send(ROLE + b"&" + body, [FORM]).status == 200
    given = api.calls[0][1].policy_arns
    assert (given if given is None else [one.arn for one in given]) == expected


def test_text_that_xml_cannot_hold_is_replaced() -> None:
    """A control character in an echoed value does not make the answer unreadable."""
    form = {"Action": "AssumeRole", "Version": "2011-06-15", "RoleArn": "\x01\x02<&", "RoleSessionName": POOL}
    status, told = error(Api().send(urlencode(form).encode(), [FORM]))
    assert status == 400
    assert "Value '\ufffd\ufffd<&' at 'roleArn'" in told["Message"]
