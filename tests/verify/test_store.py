"""A store that asks nobody is opened by the credentials of an identity, for unmodified clients, and by nothing else."""

import http.client
import io
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

import pytest
from botocore.client import BaseClient

from api.principals import Holder, allow, role
from api.world import World, refused
from identity.stage import credentials, identity_pool, set_roles, trust_for
from poolkeeper.clock import HOUR, MINUTE
from verify.stage import Signed, host_of, root, sign
from verify.store import client, guarding, store

SUB = "${cognito-identity.amazonaws.com:sub}"
FRONT = "wsgi"


@pytest.fixture
def url(world: World) -> Iterator[str]:
    """Run the store behind the middleware, with one bucket in it."""
    with guarding(world, store(), FRONT) as address:
        client(root(world), address).create_bucket(Bucket="store")
        yield address


@pytest.fixture
def ada(world: World) -> Holder:
    """Return the credentials of a member who may do everything with what is under their own name; `name` is that."""
    pool = identity_pool(world)
    own = f"arn:aws:s3:::store/{SUB}/*"
    lists = {"StringLike": {"s3:prefix": [f"{SUB}/*"]}}
    rights = (
        allow("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", resource=own),
        allow("s3:ListBucket", resource="arn:aws:s3:::store", Condition=lists),
    )
    set_roles(pool, role(world, trust_for(pool), allows=rights))
    logins = pool.logins("ada")
    identity_id = pool.get_id(logins)
    return replace(credentials(pool, identity_id, logins), name=identity_id)


def send(url: str, signed: Signed) -> int:
    """Send a request as it is, which no client would change; return the status."""
    connection = http.client.HTTPConnection(url.partition("://")[2], timeout=30)
    try:
        connection.putrequest(signed.method, signed.target, skip_host=True, skip_accept_encoding=True)
        for name, value in {"Host": signed.host, **signed.headers, "Content-Length": str(len(signed.body))}.items():
            connection.putheader(name, value)
        connection.endheaders(signed.body)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def get(url: str) -> tuple[int, bytes]:
    """Fetch an address as a browser does."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as fault:
        with fault:
            return fault.code, fault.read()


def kept(url: str, world: World) -> list[str]:
    """Return the keys in the store."""
    found = client(root(world), url).list_objects_v2(Bucket="store").get("Contents", [])
    return sorted(one["Key"] for one in found)


def test_an_identity_has_its_own_part_of_a_store(world: World, url: str, ada: Holder) -> None:
    """Put, get, list, copy, delete, in parts, by address; another's part is refused in AWS's words."""
    own: BaseClient = client(ada, url)
    key = f"{ada.name}/letter é+%.txt"
    own.put_object(Bucket="store", Key=key, Body=b"Dear Charles", Metadata={"to": "charles"})
    assert own.get_object(Bucket="store", Key=key)["Body"].read() == b"Dear Charles"
    listed = own.list_objects_v2(Bucket="store", Prefix=f"{ada.name}/", Delimiter="/")["Contents"]
    assert [one["Key"] for one in listed] == [key]
    own.copy_object(Bucket="store", Key=f"{ada.name}/copy", CopySource={"Bucket": "store", "Key": key})
    own.upload_fileobj(io.BytesIO(b"x" * (9 * 1024 * 1024)), "store", f"{ada.name}/large")
    assert own.head_object(Bucket="store", Key=f"{ada.name}/large")["ContentLength"] == 9 * 1024 * 1024
    address = own.generate_presigned_url("get_object", Params={"Bucket": "store", "Key": key}, ExpiresIn=60)
    assert get(address) == (200, b"Dear Charles")
    assert get(address.replace("letter", "lettre"))[0] == 403

    client(root(world), url).put_object(Bucket="store", Key="other/secret", Body=b"secret")
    for work in (
        lambda: own.get_object(Bucket="store", Key="other/secret"),
        lambda: own.put_object(Bucket="store", Key="other/secret", Body=b"mine"),
        lambda: own.list_objects_v2(Bucket="store"),
        lambda: own.list_objects_v2(Bucket="store", Prefix="other/"),
        lambda: own.copy_object(Bucket="store", Key=f"{ada.name}/x", CopySource="store/other/secret"),
        own.list_buckets,
        lambda: own.delete_objects(Bucket="store", Delete={"Objects": [{"Key": key}, {"Key": "other/secret"}]}),
    ):
        code, sentence = refused(work)
        assert code == "AccessDenied"
        assert sentence.startswith(f"User: {ada.arn} is not authorized to perform: s3:")
    own.delete_objects(Bucket="store", Delete={"Objects": [{"Key": key}, {"Key": f"{ada.name}/copy"}]})
    assert kept(url, world) == ["other/secret", f"{ada.name}/large"]


def test_credentials_end_for_the_store_too(world: World, url: str, ada: Holder) -> None:
    """With their time; and nobody comes in without any."""
    own = client(ada, url)
    own.put_object(Bucket="store", Key=f"{ada.name}/a", Body=b"")
    world.clock.advance(HOUR)
    assert refused(lambda: own.get_object(Bucket="store", Key=f"{ada.name}/a"))[0] == "ExpiredToken"
    assert get(f"{url}/store/{ada.name}/a")[0] == 401
    wrong = client(replace(ada, secret="x" * 40), url)
    assert refused(lambda: wrong.get_object(Bucket="store", Key="a"))[0] in {"SignatureDoesNotMatch", "ExpiredToken"}


@pytest.mark.parametrize("size", [10, 300_000], ids=["small", "in pieces"])
def test_a_body_that_was_changed_is_not_kept(world: World, url: str, ada: Holder, size: int) -> None:
    """At its beginning or its end, cut, or longer than what was signed: the store never has it whole."""
    key, body = f"/store/{quote(ada.name)}/b", b"a" * size
    signed = sign(ada, "PUT", key, service="s3", host=host_of(FRONT), body=body)
    for other in (b"b" + body[1:], body[:-1] + b"b", body[:-1], body + b"b", b""):
        assert send(url, signed.but(body=other)) == 400, other[:1]
    assert not [one for one in kept(url, world) if one.startswith(ada.name)]
    assert send(url, signed) == 200
    assert kept(url, world) == [f"{ada.name}/b"]


def test_what_is_sent_again_or_elsewhere_is_refused(world: World, url: str, ada: Holder) -> None:
    """After five minutes, to another host or service, along another path, with a name that somebody made up."""
    key = f"/store/{quote(ada.name)}/c"
    signed = sign(ada, "PUT", key, service="s3", host=host_of(FRONT), body=b"x")
    assert send(url, signed) == 200
    assert send(url, sign(ada, "PUT", key, service="s3", host="elsewhere.test", body=b"x")) == 403
    assert send(url, sign(ada, "PUT", key, service="things", host=host_of(FRONT), body=b"x")) == 403
    own = f"/store/{quote(ada.name)}"
    for path in (f"{own}/../other/c", f"{own}//c", f"{own}/%2e%2e/other/c"):
        assert send(url, sign(ada, "PUT", path, service="s3", host=host_of(FRONT), body=b"x")) == 403
    assert send(url, signed.but(headers={"X-Amz-Copy-Source": "store/other/secret"})) == 403
    assert send(url, signed.but(headers={"X_Amz_Copy_Source": "store/other/secret"})) in {200, 403}
    assert send(url, signed.but(headers={"X-Poolkeeper-Principal-Arn": "arn:aws:iam::000000000000:root"})) == 200
    world.clock.advance(5 * MINUTE + 1_000)
    assert send(url, signed) == 403
    assert kept(url, world) == [f"{ada.name}/c"]
