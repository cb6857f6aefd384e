"""Do users come out of a CSV file as at AWS? The six operations of an import, as a client calls them."""

import time
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from api.importing import ROLE, counts, create, describe, ended, faults, file_of, header, imported, parts, start, upload
from api.world import World, refused
from poolkeeper.clock import DAY, HOUR

VERIFIED = {"AutoVerifiedAttributes": ["email"]}
ADA = {"cognito:username": "ada", "email": "ada@example.com", "email_verified": "TRUE", "name": "Ada, of Lovelace"}


def test_the_header_is_the_username_the_attributes_and_mfa(world: World) -> None:
    """Custom attributes are columns, `sub` and `identities` are none, and neither is a password."""
    pool = world.pool(Schema=[{"Name": "level", "AttributeDataType": "Number"}])
    columns = header(pool)
    assert columns[:3] == ["cognito:username", "name", "given_name"]
    assert columns[-3:] == ["updated_at", "custom:level", "cognito:mfa_enabled"]
    assert len(columns) == len(set(columns)) == 22


def test_a_file_becomes_users_who_must_reset_their_passwords(world: World) -> None:
    """Created, started, done: attributes are there, also one with a comma, and signing in asks for a reset."""
    pool = world.pool(**VERIFIED)
    job = create(pool)
    assert job["Status"] == "Created"
    assert job["JobName"] == "tests"
    assert job["CloudWatchLogsRoleArn"] == ROLE
    assert urlsplit(job["PreSignedUrl"]).path == f"/imports/{job['JobId']}"
    assert upload(world, job, file_of(header(pool), [ADA])) == (200, "")
    assert start(pool, job["JobId"])["StartDate"] == datetime.fromtimestamp(world.clock.time / 1000, UTC)

    done = ended(pool, job["JobId"])
    assert counts(done) == ("Succeeded", 1, 0, 0)
    assert done["CompletionMessage"] == "Import Job Completed Successfully."
    assert "CompletionDate" in done
    user = pool.admin("admin_get_user", "ada")
    held = {one["Name"]: one["Value"] for one in user["UserAttributes"]}
    assert user["UserStatus"] == "RESET_REQUIRED"
    assert {name: held[name] for name in ("name", "email", "email_verified")} == {
        "name": "Ada, of Lovelace", "email": "ada@example.com", "email_verified": "true",
    }  # fmt: skip
    client = pool.client(PreventUserExistenceErrors="LEGACY")
    assert refused(lambda: client.sign_in("ada"))[0] == "PasswordResetRequiredException"
    client.world.unsigned.forgot_password(ClientId=client.client_id, Username="ada")
    assert world.code("ada@example.com")


def test_rows_are_counted_as_imported_skipped_and_failed(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever is there already is skipped, twice in a file too; a row in error is told by number, column and reason."""
    pool = world.pool(**VERIFIED)
    pool.user("ada", email="ada@example.com")
    eve = {"cognito:username": "eve", "email": "eve@secret.example", "email_verified": "false"}
    bob = {"cognito:username": "bob", "email": "bob@example.com", "email_verified": "true"}
    job = imported(pool, [ADA, bob, bob, eve])
    assert counts(job) == ("Succeeded", 1, 2, 1)
    assert faults(pool, job["JobId"]) == [(5, "email_verified", "email_verified must be true")]
    assert "row 5, email_verified: email_verified must be true" in caplog.text
    assert "eve@secret.example" not in caplog.text + b"".join(world.log).decode()


def test_the_file_is_gone_when_the_job_has_ended(world: World) -> None:
    """What lies of it in the database is sealed until then."""
    pool = world.pool(**VERIFIED)
    job = create(pool)
    upload(world, job, file_of(header(pool), [ADA]))
    payload = world.rows("SELECT payload FROM import_parts WHERE pool_id = $1", pool.pool_id)[0][0]
    assert b"ada" not in bytes(payload)
    start(pool, job["JobId"])
    ended(pool, job["JobId"])
    for _ in range(200):
        if not parts(pool):
            break
        time.sleep(0.02)
    assert parts(pool) == 0


def test_a_job_starts_with_a_file_and_once(world: World) -> None:
    """Without one, and a second time, it is a PreconditionNotMetException; so is a stop of what does not run."""
    pool = world.pool(**VERIFIED)
    job = create(pool)
    place = {"UserPoolId": pool.pool_id, "JobId": job["JobId"]}
    assert refused(lambda: world.signed.start_user_import_job(**place))[0] == "PreconditionNotMetException"
    assert refused(lambda: world.signed.stop_user_import_job(**place))[0] == "PreconditionNotMetException"
    upload(world, job, file_of(header(pool), [ADA]))
    start(pool, job["JobId"])
    assert refused(lambda: world.signed.start_user_import_job(**place))[0] == "PreconditionNotMetException"
    ended(pool, job["JobId"])
    assert refused(lambda: world.signed.stop_user_import_job(**place)) == (
        "PreconditionNotMetException",
        "The user import job cannot be stopped. Current status is Succeeded",
    )


def test_a_job_that_nobody_starts_expires(world: World) -> None:
    """After two days its file is gone, and it does not start."""
    pool = world.pool(**VERIFIED)
    job = create(pool)
    upload(world, job, file_of(header(pool), [ADA]))
    world.clock.advance(2 * DAY)
    try:
        assert describe(pool, job["JobId"])["Status"] == "Expired"
        assert refused(lambda: start(pool, job["JobId"]))[0] == "PreconditionNotMetException"
        for _ in range(200):
            if not parts(pool):
                break
            time.sleep(0.02)
        assert parts(pool) == 0
        assert describe(pool, job["JobId"])["CompletionMessage"] == "The user import job has expired."
    finally:
        world.clock.advance(HOUR)


def test_jobs_are_listed_a_page_at_a_time_and_without_addresses(world: World) -> None:
    """Each once, by tokens of this listing alone."""
    pool, other = world.pool(), world.pool()
    made = {create(pool)["JobId"] for _ in range(3)}
    page = world.signed.list_user_import_jobs(UserPoolId=pool.pool_id, MaxResults=2)
    more = world.signed.list_user_import_jobs(
        UserPoolId=pool.pool_id, MaxResults=2, PaginationToken=page["PaginationToken"]
    )
    listed = [*page["UserImportJobs"], *more["UserImportJobs"]]
    assert {one["JobId"] for one in listed} == made
    assert len(listed) == 3
    assert "PaginationToken" not in more
    assert not any("PreSignedUrl" in one for one in listed)
    assert (
        refused(
            lambda: world.signed.list_user_import_jobs(
                UserPoolId=other.pool_id, MaxResults=2, PaginationToken=page["PaginationToken"]
            )
        )[0]
        == "InvalidParameterException"
    )


def test_a_job_is_one_pools(world: World) -> None:
    """By the id of another pool it is not there."""
    pool, other = world.pool(), world.pool()
    job = create(pool)
    for operation in ("describe_user_import_job", "start_user_import_job", "stop_user_import_job"):
        call = getattr(world.signed, operation)
        assert refused(lambda call=call: call(UserPoolId=other.pool_id, JobId=job["JobId"])) == (  # type: ignore[misc]
            "ResourceNotFoundException",
            f"User import job {job['JobId']} does not exist.",
        )
