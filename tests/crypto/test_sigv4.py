"""Whether our SigV4 agrees with AWS's own test suite and with botocore's signer."""

import hashlib
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given, settings
from hypothesis import strategies as st

from poolkeeper.crypto import sigv4

VECTORS = json.loads((Path(__file__).parent / "vectors" / "sigv4.json").read_text())
HEAD = "AWS4-HMAC-SHA256"
CREDENTIAL = "Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request"
SIGNATURE = f"Signature={'0' * 64}"
NAMED = f"{HEAD} {CREDENTIAL}, SignedHeaders=host, {SIGNATURE}"

# What AWS's own files disagree about; each case carries the reason as `quirk`.
QUIRKS = {
    "post-x-www-form-urlencoded": {"canonical_request"},
    "post-x-www-form-urlencoded-parameters": {"string_to_sign", "signature"},
}


def recomputed(request: dict[str, Any], *, secret: str, timestamp: str) -> tuple[dict[str, str], str]:
    """Return what a server computes from a request, and the signature that came with it."""
    claimed = sigv4.parse_authorization(request["authorization"])
    canonical = sigv4.canonical_request(
        method=request["method"],
        path=request["path"],
        query=request["query"],
        headers=[(name, value) for name, value in request["headers"]],
        signed_headers=claimed.signed_headers,
        payload_hash=hashlib.sha256(request["body"].encode()).hexdigest(),
    )
    text = sigv4.string_to_sign(timestamp=timestamp, scope=claimed.scope, canonical_request=canonical)
    key = sigv4.signing_key(secret, date=claimed.date, region=claimed.region, service=claimed.service)
    computed = {"canonical_request": canonical, "string_to_sign": text, "signature": sigv4.sign(key, text)}
    return computed, claimed.signature


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: case["name"])
def test_every_case_of_the_aws_suite_is_recomputed(case: dict[str, Any]) -> None:
    """Canonical request, string to sign and signature are those of the suite, where its files agree."""
    computed, signature = recomputed(case, secret=VECTORS["secret"], timestamp="20150830T123600Z")
    expected = {name: case[name] for name in ("canonical_request", "string_to_sign")} | {"signature": signature}

    differing = {name for name, value in computed.items() if value != expected[name]}

    assert differing == QUIRKS.get(case["name"], set())
    assert ("quirk" in case) == (case["name"] in QUIRKS)


def test_the_signature_in_the_odd_case_is_that_of_its_own_string_to_sign() -> None:
    """Where the suite's string to sign hashes another request, signing that string still gives its signature."""
    case = next(case for case in VECTORS["cases"] if case["name"] == "post-x-www-form-urlencoded-parameters")
    key = sigv4.signing_key(VECTORS["secret"], date="20150830", region="us-east-1", service="service")

    signature = sigv4.sign(key, case["string_to_sign"])

    assert signature == sigv4.parse_authorization(case["authorization"]).signature


segments = st.lists(st.text(st.characters(codec="utf-8", exclude_characters="/"), max_size=6), max_size=4)
pairs = st.lists(st.tuples(st.text(min_size=1, max_size=5), st.text(max_size=5)), max_size=4)
header_values = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
headers = st.lists(
    st.tuples(st.sampled_from(["x-amz-target", "content-type", "x-amz-meta", "accept"]), header_values), max_size=5
)


@settings(max_examples=300, deadline=None)
@given(
    method=st.sampled_from(["GET", "POST", "PUT"]),
    path=segments,
    query=pairs,
    sent=headers,
    body=st.text(max_size=40),
    secret=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40),
)
def test_what_botocore_signs_we_recompute(
    method: str,
    path: list[str],
    query: list[tuple[str, str]],
    sent: list[tuple[str, str]],
    body: str,
    secret: str,
) -> None:
    """Any path, query, header and body that botocore signs gets the same signature from us."""
    target = "/" + "/".join(quote(segment, safe="") for segment in path)
    spelt = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in query)
    request = AWSRequest(method=method, url=f"http://localhost:7665{target}?{spelt}", data=body.encode())
    for name, value in sent:
        request.headers.add_header(name, value)

    SigV4Auth(Credentials("AKIDEXAMPLE", secret), "cognito-idp", "eu-west-1").add_auth(request)
    parts = urlsplit(request.url)
    received = [(name.lower(), value) for name, value in request.headers.items() if name != "Authorization"]
    computed, signature = recomputed(
        {
            "method": method,
            "path": parts.path,
            "query": parts.query,
            "headers": [("host", "localhost:7665"), *received],
            "body": body,
            "authorization": request.headers["Authorization"],
        },
        secret=secret,
        timestamp=request.headers["X-Amz-Date"],
    )

    assert computed["signature"] == signature


@settings(max_examples=200, deadline=None)
@given(path=segments, query=pairs, body=st.binary(max_size=40))
def test_what_we_sign_botocore_signs_the_same(path: list[str], query: list[tuple[str, str]], body: bytes) -> None:
    """Our Authorization header is the one that botocore gives the same request at the same time."""
    target = "/" + "/".join(quote(segment, safe="") for segment in path)
    spelt = "&".join(f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in query)
    request = AWSRequest(method="POST", url=f"http://localhost:7665{target}?{spelt}", data=body)
    request.headers.add_header("X-Amz-Invocation-Type", "RequestResponse")

    SigV4Auth(Credentials("AKIDEXAMPLE", "a/secret+key"), "lambda", "eu-west-1").add_auth(request)
    timestamp = request.headers["X-Amz-Date"]
    ours = sigv4.authorization_header(
        access_key_id="AKIDEXAMPLE",
        secret="a/secret+key",
        region="eu-west-1",
        service="lambda",
        timestamp=timestamp,
        method="POST",
        path=urlsplit(request.url).path,
        query=spelt,
        headers=[
            ("x-amz-date", timestamp),
            ("x-amz-invocation-type", "RequestResponse"),
            ("host", "localhost:7665"),
        ],
        payload=body,
    )

    assert ours == request.headers["Authorization"]


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        (
            HEAD,
            f"Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization={HEAD}",
        ),
        (
            f"{HEAD} {CREDENTIAL}, {SIGNATURE}",
            f"Authorization header requires 'SignedHeaders' parameter. Authorization={HEAD} {CREDENTIAL}, {SIGNATURE}",
        ),
        ("Bearer abc", "'abc' not a valid key=value pair (missing equal-sign) in Authorization header: 'Bearer abc'."),
        (
            NAMED.replace("SHA256 ", "SHA1 "),
            "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA1' (only AWS4-HMAC-SHA256 for now). ",
        ),
        (
            NAMED.replace("/us-east-1", ""),
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'AKIDEXAMPLE/20150830/service/aws4_request'",
        ),
        (
            NAMED.replace("aws4_request", "aws5_request"),
            "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'.",
        ),
    ],
)
def test_a_malformed_header_is_refused_in_aws_words(header: str, sentence: str) -> None:
    """Each missing or misshapen part is named by AWS's sentence."""
    with pytest.raises(sigv4.MalformedAuthorization) as refusal:
        sigv4.parse_authorization(header)

    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    "header",
    [
        "",
        f"{NAMED}, {SIGNATURE}",
        NAMED.replace("SignedHeaders=host", "SignedHeaders=host;host"),
        NAMED.replace("SignedHeaders=host", "SignedHeaders=host;"),
        NAMED.replace("0" * 64, "0" * 63),
        NAMED.replace("0" * 64, "A" * 64),
        NAMED.replace("20150830", "2015083"),
        NAMED.replace("AKIDEXAMPLE", ""),
        NAMED.replace("us-east-1", ""),
    ],
)
def test_a_header_with_a_bent_part_is_refused(header: str) -> None:
    """Doubled parts, empty names, and signatures or dates of another shape are refused before any look-up."""
    with pytest.raises(sigv4.MalformedAuthorization):
        sigv4.parse_authorization(header)


@pytest.mark.parametrize("separator", [", ", ","])
def test_parts_are_separated_by_a_comma_with_or_without_a_blank(separator: str) -> None:
    """Both spellings that clients use are read alike, in any order of the parts."""
    read = sigv4.parse_authorization(
        f"{HEAD} {separator.join([SIGNATURE, 'SignedHeaders=host;x-amz-date', CREDENTIAL])}"
    )

    assert read == sigv4.Authorization(
        "AKIDEXAMPLE", "20150830", "us-east-1", "service", ("host", "x-amz-date"), "0" * 64
    )
