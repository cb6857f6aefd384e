"""What a request of S3 asks for: each row of the table, and everything that could be read in two ways."""

from typing import Any

import boto3
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from api.principals import Holder, allow, deny, person
from api.world import REGION, World
from poolkeeper.clock import MINUTE, SECOND
from poolkeeper.verifiers.s3_table import ROWS, Level
from verify.stage import HOST, Asker, Signed, root, sign

B = "arn:aws:s3:::store"
OWN = f"{B}/own/*"


def asking(world: World, name: str = "s3", proxy: str = "nginx") -> Asker:
    """Return who asks about S3."""
    return Asker(world, name=name, proxy=proxy)


def s3(holder: Holder, method: str, target: str, **more: Any) -> Signed:
    """Sign a request as S3's clients do."""
    return sign(holder, method, target, service="s3", **more)


CASES = [
    ("GET", "/", ["ListAllMyBuckets"], "*"),
    ("GET", "/store", ["ListBucket"], B),
    ("GET", "/store/?list-type=2&prefix=own%2F&delimiter=%2F&max-keys=5", ["ListBucket"], B),
    ("HEAD", "/store", ["ListBucket"], B),
    ("PUT", "/store", ["CreateBucket"], B),
    ("DELETE", "/store", ["DeleteBucket"], B),
    ("GET", "/store?versions=&prefix=own", ["ListBucketVersions"], B),
    ("GET", "/store?uploads", ["ListBucketMultipartUploads"], B),
    ("GET", "/store?location", ["GetBucketLocation"], B),
    ("PUT", "/store?policy", ["PutBucketPolicy"], B),
    ("DELETE", "/store?policy", ["DeleteBucketPolicy"], B),
    ("GET", "/store/own/a%20b?partNumber=1&response-content-type=x", ["GetObject"], f"{B}/own/a b"),
    ("GET", "/store/own/a?versionId=1", ["GetObjectVersion"], f"{B}/own/a"),
    ("HEAD", "/store/own/a", ["GetObject"], f"{B}/own/a"),
    ("PUT", "/store/own/%C3%A9?x-id=PutObject", ["PutObject"], f"{B}/own/é"),
    ("DELETE", "/store/own/100%25", ["DeleteObject"], f"{B}/own/100%"),
    ("DELETE", "/store/own/a?versionId=1", ["DeleteObjectVersion"], f"{B}/own/a"),
    ("POST", "/store/own/a?uploads", ["PutObject"], f"{B}/own/a"),
    ("PUT", "/store/own/a?partNumber=1&uploadId=u", ["PutObject"], f"{B}/own/a"),
    ("POST", "/store/own/a?uploadId=u", ["PutObject"], f"{B}/own/a"),
    ("DELETE", "/store/own/a?uploadId=u", ["AbortMultipartUpload"], f"{B}/own/a"),
    ("GET", "/store/own/a?uploadId=u", ["ListMultipartUploadParts"], f"{B}/own/a"),
    ("GET", "/store/own/a?acl", ["GetObjectAcl"], f"{B}/own/a"),
    ("PUT", "/store/own/a?tagging&versionId=1", ["PutObjectVersionTagging"], f"{B}/own/a"),
    ("GET", "/store/own/a?attributes", ["GetObject", "GetObjectAttributes"], f"{B}/own/a"),
]


def test_a_request_asks_for_what_the_table_says(world: World) -> None:
    """That action on that resource is enough; without one of the actions it is refused."""
    ada, asked = person(world), asking(world)
    for method, target, actions, resource in CASES:
        needed = [f"s3:{action}" for action in actions]
        ada.put(allow(*needed, resource=resource))
        assert asked(s3(ada, method, target)).status == 200, (method, target)
        ada.put(allow("s3:*"), deny(needed[-1], resource=resource))
        told = asked(s3(ada, method, target))
        assert (told.status, f"perform: {needed[-1]} on resource: {resource}" in told.body) == (403, True), told.body
        assert "<Code>AccessDenied</Code>" in told.body


def test_every_row_is_a_request_that_is_known(world: World) -> None:
    """By method, level and parameter; as anybody who may do nothing they are refused for the right of it alone."""
    nobody, asked = person(world), asking(world)
    for (method, level, part), row in ROWS.items():
        path = {Level.SERVICE: "/", Level.BUCKET: "/store", Level.OBJECT: "/store/own/a"}[level]
        told = asked(s3(nobody, method, f"{path}?{part}" if part else path))
        expected = "NotImplemented" if row.keys else "AccessDenied"
        assert (told.status, f"<Code>{expected}</Code>" in told.body) == (403, True), (method, level, part)


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("POST", "/store"),
        ("PATCH", "/store/a"),
        ("GET", "/store?inventory&id=1"),
        ("GET", "/store/a?torrent"),
        ("PUT", "/store/a?renameObject"),
        ("GET", "/store?acl&policy"),
        ("GET", "/store/a?acl&tagging"),
        ("PUT", "/store/a?partNumber=1"),
        ("GET", "/store?prefix=own/&prefix=other/"),
        ("GET", "/store?pre%66ix=own/&prefix=other/"),
        ("GET", "/store?prefix=a+b"),
        ("DELETE", "/"),
        ("GET", "//store/own/a"),
        ("GET", "/store/own/../other/a"),
        ("GET", "/store/own/%2E%2E/other/a"),
        ("GET", "/store/own/..%2Fother/a"),
        ("GET", "/store/own/%252e%252e/other/a"),
        ("GET", "/store/own/%25252e%25252e/other/a"),
        ("GET", "/store/own//a"),
        ("GET", "/store/./a"),
        ("GET", "/store/own/a%00"),
        ("GET", "/store/own/a%5C..%5Cb"),
        ("GET", "/store/own/%FF"),
        ("GET", "/store/own/a+b"),
        ("GET", "/.."),
        ("GET", "/st/a"),
        ("GET", "/st:re/a"),
    ],
)
def test_what_is_not_known_or_has_two_readings_is_refused(world: World, method: str, target: str) -> None:
    """Whoever asks, root too."""
    assert asking(world)(s3(root(world), method, target)).status == 403


def test_a_list_is_judged_by_its_prefix(world: World) -> None:
    """s3:prefix and s3:delimiter; without a prefix there is no such key."""
    own = {"StringLike": {"s3:prefix": ["own/*"]}, "StringEquals": {"s3:delimiter": "/"}}
    ada, asked = person(world, allow("s3:ListBucket", resource=B, Condition=own)), asking(world)
    assert asked(s3(ada, "GET", "/store?prefix=own%2Fx&delimiter=%2F")).status == 200
    for query in ("", "?delimiter=%2F", "?prefix=other%2F&delimiter=%2F", "?prefix=own%2Fx", "?prefix=&delimiter=%2F"):
        assert asked(s3(ada, "GET", f"/store{query}")).status == 403


def test_a_copy_asks_for_source_and_target(world: World) -> None:
    """Both; a source that can be read in two ways is none, and neither is one that was not signed."""
    ada = person(world, allow("s3:PutObject", resource=OWN), allow("s3:GetObject", resource=f"{B}/free/*"))
    asked = asking(world)

    def copied(source: str, target: str = "/store/own/a") -> int:
        return asked(s3(ada, "PUT", target, x_amz_copy_source=source)).status

    assert copied("/store/free/a") == 200
    assert copied("store/free/a%20b") == 200
    assert copied("store/free/a", "/store/own/a?partNumber=1&uploadId=u") == 200
    for source in (
        "store/secret/a",
        "store/free/a?versionId=1",
        "store/free/../secret/a",
        "store/free/%2e%2e/secret/a",
    ):
        assert copied(source) == 403
    for odd in ("store", "/store/free/a+b", "arn:aws:s3:::x/y", "store/free/a?x=1", "store/free/a?versionId=1&x=2"):
        assert copied(odd) == 403
    assert copied("store/free/a", "/store/other/a") == 403
    unsigned = s3(ada, "PUT", "/store/own/a").but(headers={"x-amz-copy-source": "store/free/a"})
    assert asked(unsigned).status == 403
    assert asked(s3(root(world), "GET", "/store/own/a", x_amz_copy_source="store/free/a")).status == 403


def test_headers_of_a_write_ask_for_more(world: World) -> None:
    """An ACL, tags, a retention, its bypass, the ACL of a bucket."""
    ada, asked = person(world, allow("s3:PutObject", "s3:DeleteObject", "s3:CreateBucket")), asking(world)
    cases = [
        ("PUT", "/store/own/a", {"x_amz_acl": "public-read"}, "s3:PutObjectAcl"),
        ("PUT", "/store/own/a", {"x_amz_grant_read": "id=x"}, "s3:PutObjectAcl"),
        ("POST", "/store/own/a?uploads", {"x_amz_tagging": "a=b"}, "s3:PutObjectTagging"),
        ("PUT", "/store/own/a", {"x_amz_object_lock_legal_hold": "ON"}, "s3:PutObjectLegalHold"),
        ("DELETE", "/store/own/a", {"x_amz_bypass_governance_retention": "true"}, "s3:BypassGovernanceRetention"),
        ("PUT", "/store", {"x_amz_acl": "public-read"}, "s3:PutBucketAcl"),
    ]
    for method, target, headers, action in cases:
        told = asked(s3(ada, method, target, **headers))
        assert (told.status, f"perform: {action}" in told.body) == (403, True), told.body
    tagged = {"StringEquals": {"s3:RequestObjectTag/team": "red"}}
    ada.put(allow("s3:PutObject", "s3:PutObjectTagging", Condition=tagged))
    assert asked(s3(ada, "PUT", "/store/own/a", x_amz_tagging="team=red")).status == 200
    assert asked(s3(ada, "PUT", "/store/own/a", x_amz_tagging="team=blue")).status == 403
    assert asked(s3(ada, "PUT", "/store/own/a", x_amz_tagging="team=red&team=blue")).status == 403


def test_deleting_many_asks_for_every_key(world: World) -> None:
    """By the body, which is hashed here; where it is not handed on, or could be read in two ways, it is refused."""
    ada = person(world, allow("s3:DeleteObject", resource=OWN))
    asked = asking(world, proxy="python")

    def deleted(objects: str, **more: Any) -> int:
        body = f"<Delete>{objects}</Delete>".encode()
        return asked(s3(ada, "POST", "/store?delete", body=body, **more)).status

    own = "<Object><Key>own/a</Key></Object>"
    assert deleted(own) == 200
    assert deleted(own * 1_000 + "<Quiet>true</Quiet>") == 200
    assert deleted(own + "<Object><Key>other/a</Key></Object>") == 403
    assert deleted("<Object><Key>own/a</Key><VersionId>1</VersionId></Object>") == 403
    for odd in (
        "",
        own * 1_001,
        "<Object><Key>own/a</Key><Key>other/a</Key></Object>",
        "<Object><Key>own/../other/a</Key></Object>",
        "<Object><Key> own/a</Key></Object>",
        "<Object><Key>own/<!-- -->a</Key></Object>",
        "<Object><Key>own/<b>a</b></Key></Object>",
        "<!-- --><Object><Key>own/a</Key></Object>",
        f"<Other/>{own}",
        "<Object><Key></Key></Object>",
        "<Object/>",
        "<Object>",
    ):
        assert deleted(odd) == 403, odd
    signed = s3(ada, "POST", "/store?delete", body=f"<Delete>{own}</Delete>".encode())
    assert asked(signed).status == 200
    assert asked(signed.but(body=signed.body.replace(b"own/a", b"own/b"))).status == 403
    assert asked(signed.but(body=b"")).status == 403
    assert asking(world)(signed).status == 403


def test_an_address_that_was_signed_holds_until_its_end(world: World) -> None:
    """As AWS's presigned URLs; changed, beside a header, not yet, too long or too late it is refused."""
    ada, asked = person(world, allow("s3:GetObject", resource=OWN)), asking(world)
    signed = s3(ada, "GET", "/store/own/a?response-content-type=text%2Fplain", expires=600)
    assert "X-Amz-Signature" in signed.target
    assert asked(signed).status == 200
    assert asked(signed).headers["x-poolkeeper-content-sha256"] == "UNSIGNED-PAYLOAD"
    for before, after in (
        ("/own/a", "/own/b"),
        ("text%2Fplain", "text%2Fhtml"),
        ("X-Amz-Expires=600", "X-Amz-Expires=604800"),
        ("X-Amz-Expires=600", "X-Amz-Expires=604801"),
        ("X-Amz-Expires=600", "X-Amz-Expires=-1"),
        ("X-Amz-Expires=600", "X-Amz-Expires=600&X-Amz-Expires=700"),
        ("&X-Amz-Expires=600", ""),
        ("X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders="),
        ("X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Algorithm=AWS4-HMAC-SHA1"),
        ("X-Amz-Algorithm=AWS4-HMAC-SHA256&", ""),
    ):
        changed = signed.but(target=signed.target.replace(before, after))
        assert changed.target != signed.target
        assert asked(changed).status == 403, after
    assert asked(signed.but(method="PUT")).status == 403
    assert asked(signed.but(headers={"x-amz-acl": "public-read"})).status == 403
    header = s3(ada, "GET", "/store/own/a").headers["Authorization"]
    assert asked(signed.but(headers={"Authorization": header})).status == 403
    assert asked(s3(ada, "GET", "/store/other/a", expires=600)).status == 403
    world.clock.advance(599 * SECOND)
    assert asked(signed).status == 200
    world.clock.advance(1 * SECOND)
    told = asked(signed)
    assert (told.status, "Request has expired" in told.body) == (403, True)
    future = s3(ada, "GET", "/store/own/a", expires=600)
    world.clock.time -= 6 * MINUTE
    told = asked(future)
    world.clock.time += 6 * MINUTE
    assert (told.status, "Request is not valid yet" in told.body) == (403, True)


def test_signature_version_2_is_refused_by_its_name(world: World) -> None:
    """The AWS CLI and boto3 make such addresses in some regions; `Access Denied` would send people to their policies."""
    told = "<Code>InvalidRequest</Code><Message>The authorization mechanism you have provided is not supported."
    asked, held = asking(world), root(world)
    keys = {"aws_access_key_id": held.access_key_id, "aws_secret_access_key": held.secret}
    client = boto3.client(
        "s3", region_name=REGION, endpoint_url=f"http://{HOST}", **keys, config=Config(signature_version="s3")
    )
    address = client.generate_presigned_url("get_object", Params={"Bucket": "store", "Key": "own/a"})
    by_address = Signed("GET", address.removeprefix(f"http://{HOST}"), {})
    by_header = Signed("GET", "/store/own/a", {"Authorization": f"AWS {held.access_key_id}:c2lnbmF0dXJl"})
    for signed in (by_address, by_header):
        answer = asked(signed)
        assert (answer.status, told in answer.body) == (403, True), answer.body
    # Half of it is nothing signed, as ever.
    assert asked(Signed("GET", "/store/own/a?AWSAccessKeyId=x", {})).status == 401


def test_a_body_is_signed_or_said_not_to_be(world: World) -> None:
    """Its hash, UNSIGNED-PAYLOAD, or the trailer; no other word, and never nothing."""
    ada, asked = person(world, allow("s3:PutObject", resource=OWN)), asking(world)
    for word in ("UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "ab" * 32):
        signed = resigned(ada, word)
        answer = asked(signed)
        assert (answer.status, answer.headers.get("x-poolkeeper-content-sha256")) == (200, word)
        assert asked(signed.but(headers={"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD-"})).status == 403
    for word in ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "unsigned-payload", "x", "AB" * 32):
        assert asked(resigned(ada, word)).status == 403
    assert asked(sign(ada, "PUT", "/a", service="things").but(target="/store/own/a")).status == 403


def resigned(holder: Holder, word: str) -> Signed:
    """Sign a write whose payload is called by a word."""

    class Worded(S3SigV4Auth):  # type: ignore[misc] # botocore has no types
        def payload(self, request: AWSRequest) -> str:
            return word

    request = AWSRequest("PUT", f"http://{HOST}/store/own/a", data=b"text")
    Worded(Credentials(holder.access_key_id, holder.secret), "s3", "us-east-1").add_auth(request)
    return Signed("PUT", "/store/own/a", {name: str(value) for name, value in request.headers.items()})


def test_buckets_are_names_of_hosts_where_the_operator_says_so(world: World) -> None:
    """Else a host below is another host: a store that reads the path alone would serve another bucket."""
    ada = person(world, allow("s3:GetObject", resource=OWN))
    below = sign(ada, "GET", "/own/a", service="s3", host=f"store.{HOST}")
    assert asking(world, "buckets")(below).status == 200
    assert asking(world)(below).status == 403
    assert asking(world, "buckets")(sign(ada, "GET", "/own/a", service="s3", host=f"x.y.{HOST}")).status == 403
    assert asking(world, "buckets")(s3(ada, "GET", "/store/own/a")).status == 200
