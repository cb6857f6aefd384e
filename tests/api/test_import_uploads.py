"""Who may send a file to /imports/<job>, and which? The signed address, its time, its job, and what unmodified curl sends."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from api.importing import counts, create, curl, describe, ended, file_of, header, parts, start, upload
from api.principals import allow, person, pool_arn
from api.world import World
from poolkeeper.accounts.upload_urls import pool_of
from poolkeeper.clock import MINUTE, SECOND
from poolkeeper.model.imports import PART
from poolkeeper.store.db import Unwritable

VERIFIED = {"AutoVerifiedAttributes": ["email"]}
ADA = {"cognito:username": "ada", "email": "ada@example.com", "email_verified": "true"}


def users(first: int, last: int) -> list[dict[str, str]]:
    """Return rows of as many users, of six thousand bytes each."""
    long = dict.fromkeys(("name", "given_name", "address"), "n" * 2_000)
    return [
        {"cognito:username": f"user{n}", "email": f"user{n}@example.com", "email_verified": "true", **long}
        for n in range(first, last)
    ]


@pytest.mark.parametrize(
    "arguments",
    [(), ("-H", "x-amz-server-side-encryption: aws:kms", "-H", "x-amz-acl: private"), ("-H", "Expect: 100-continue"), ("-H", "Transfer-Encoding: chunked")],
    ids=["as it is", "any x-amz header", "asked before", "in chunks"],
)  # fmt: skip
def test_curl_sends_a_file_of_several_parts(world: World, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """`curl -T FILE URL` as AWS's guide has it: rows that two parts share are whole."""
    pool = world.pool(**VERIFIED)
    job, file = create(pool), tmp_path / "users.csv"
    file.write_bytes(file_of(header(pool), users(0, 100)))
    assert file.stat().st_size > 2 * PART
    assert curl(job["PreSignedUrl"], "-T", str(file), *arguments) == "200"
    assert parts(pool) == 3
    start(pool, job["JobId"])
    assert counts(ended(pool, job["JobId"])) == ("Succeeded", 100, 0, 0)


def test_an_address_is_of_one_job_for_a_quarter_of_an_hour(world: World) -> None:
    """Altered, of another job, without a signature, by another method, and too late: nothing is kept."""
    pool = world.pool(**VERIFIED)
    job, other = create(pool), create(pool)
    content = file_of(header(pool), [ADA])
    query = urlsplit(job["PreSignedUrl"]).query
    path = f"/imports/{job['JobId']}"
    assert world.http("PUT", path, body=content)[0] == 403
    assert world.http("PUT", f"{path}?{query[:-4]}AAAA", body=content)[0] == 403
    assert world.http("PUT", f"/imports/{other['JobId']}?{query}", body=content)[0] == 403
    assert world.http("POST", f"{path}?{query}", body=content)[0] == 405
    assert world.http("GET", f"{path}?{query}")[0] == 405
    world.clock.advance(15 * MINUTE)
    status, said = upload(world, job, content)
    assert (status, said) == (403, "The file is not taken: this is an address that has expired.")
    assert parts(pool) == 0
    assert upload(world, describe(pool, job["JobId"]), content) == (200, "")


def test_whoever_only_reads_gets_no_address(world: World) -> None:
    """DescribeUserImportJob shows it to whoever may create jobs of the pool, or reading would be a right to bring users in."""
    pool = world.pool(**VERIFIED)
    job, ada = create(pool), person(world)
    place = {"UserPoolId": pool.pool_id, "JobId": job["JobId"]}
    ada.put(allow("cognito-idp:DescribeUserImportJob"))
    assert "PreSignedUrl" not in ada.client().describe_user_import_job(**place)["UserImportJob"]
    ada.put(allow("cognito-idp:*UserImportJob", resource=pool_arn(pool.pool_id)))
    assert "PreSignedUrl" in ada.client().describe_user_import_job(**place)["UserImportJob"]


def test_a_file_takes_the_place_of_the_one_before(world: World) -> None:
    """Until the job is started: then none is taken any more."""
    pool = world.pool(**VERIFIED)
    job, columns = create(pool), header(pool)
    upload(world, job, file_of(columns, users(0, 100)))
    upload(world, job, file_of(columns, [ADA]))
    assert parts(pool) == 1
    start(pool, job["JobId"])
    assert counts(ended(pool, job["JobId"])) == ("Succeeded", 1, 0, 0)
    assert upload(world, job, file_of(columns, users(0, 1)))[0] == 409


def test_a_file_that_did_not_come_to_its_end_is_none(world: World) -> None:
    """What was there before it stays."""
    pool = world.pool(**VERIFIED)
    job, columns = create(pool), header(pool)
    upload(world, job, file_of(columns, [ADA]))
    assert upload(world, job, b"") == (400, "The file is empty.")
    coded = {"Content-Encoding": "gzip"}
    assert upload(world, job, b"\x1f\x8b", **coded)[0] == 415
    world.clock.advance(SECOND)
    start(pool, job["JobId"])
    assert counts(ended(pool, job["JobId"])) == ("Succeeded", 1, 0, 0)


def test_more_rows_than_a_file_may_have_are_refused(world: World) -> None:
    """500,000 users and a header; the parts that came already are none of the job's."""
    pool = world.pool(**VERIFIED)
    job = create(pool)
    assert upload(world, job, b"a\n" * 500_002) == (413, "A file may have 500000 users at the most.")
    assert upload(world, job, file_of(header(pool), [ADA])) == (200, "")
    assert parts(pool) == 1


def test_a_database_that_takes_no_file_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """503, and the file is sent again; of a part that was kept nothing is the job's."""
    pool = world.pool(**VERIFIED)
    job, content = create(pool), file_of(header(pool), users(0, 100))

    async def full(*_: object, **__: object) -> None:
        raise Unwritable("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr("poolkeeper.store.imports.finish_upload", full)
        status, said = upload(world, job, content)
    assert (status, said) == (503, "The database takes no file at this moment. Send it again.")
    assert upload(world, job, file_of(header(pool), [ADA])) == (200, "")
    assert parts(pool) == 1


def test_addresses_from_before_a_restore_take_nothing(world: World) -> None:
    """Nor those of a moment in which it was restored."""
    pool = world.pool(**VERIFIED)
    job = create(pool)
    query = urlsplit(job["PreSignedUrl"]).query.partition("=")[2]
    restored = replace(world.house, restored_at=world.clock.now())
    with pytest.raises(ValueError, match="from before a restore"):
        pool_of(restored, job_id=job["JobId"], signature=query, now=world.clock.now())
    assert pool_of(world.house, job_id=job["JobId"], signature=query, now=world.clock.now()) == pool.pool_id
