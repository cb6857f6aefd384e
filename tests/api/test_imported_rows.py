"""Which rows of an import's file make users, and why not the others? Each rule by itself, told by row, column and reason."""

from collections.abc import Mapping
from typing import Any

import pytest

from api.importing import counts, create, ended, faults, file_of, header, imported, start, upload
from api.world import SMS, World

VERIFIED = {"AutoVerifiedAttributes": ["email"]}
FINE = {"cognito:username": "ada", "email": "ada@example.com", "email_verified": "true"}

# What a row has beside FINE, and the fault that it has in a pool that verifies addresses of mail.
FAULTS: Mapping[str, tuple[dict[str, str], str, str]] = {
    "no name": ({"cognito:username": ""}, "cognito:username", "a value is required"),
    "a name with a blank": ({"cognito:username": "a da"}, "cognito:username", "no name that a user may have"),
    "no address": ({"email": ""}, "email", "a value is required where email_verified is true"),
    "an address that is none": ({"email": "ada"}, "email", "not in the form that it must have"),
    "an address not verified": ({"email_verified": "false"}, "email_verified", "email_verified must be true"),
    "a mark that is none": ({"email_verified": "yes"}, "email_verified", "neither true nor false"),
    "a number that is none": ({"updated_at": "today"}, "updated_at", "The attribute value is not a number."),
    "a date that is too short": ({"birthdate": "1815"}, "birthdate", "String must be no shorter than 10 characters"),
    "MFA where there is none": ({"cognito:mfa_enabled": "true"}, "cognito:mfa_enabled", "must be false: the pool has no MFA"),
    "MFA left out": ({"cognito:mfa_enabled": ""}, "cognito:mfa_enabled", "a value is required"),
    "a NUL": ({"name": "a\x00b"}, "name", "there is a NUL in it"),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_told_by_row_column_and_reason(world: World, case: str) -> None:
    """And the row behind it makes its user."""
    given, column, reason = FAULTS[case]
    pool = world.pool(**VERIFIED)
    bob = {"cognito:username": "bob", "email": "bob@example.com", "email_verified": "true"}
    job = imported(pool, [{**FINE, **given}, bob])
    assert counts(job) == ("Succeeded", 1, 0, 1)
    assert faults(pool, job["JobId"]) == [(2, column, reason)]


def test_what_is_no_row_is_told_without_a_column(world: World) -> None:
    """Too few values, no UTF-8, quotes that do not close, and one longer than 16,000 characters."""
    pool = world.pool(**VERIFIED)
    job, columns = create(pool), header(pool)
    lines = [b"ada,x", b"\xff" + b"," * (len(columns) - 1), b'"a"da' + b"," * (len(columns) - 1), b"a" * 16_001]
    upload(world, job, b"\n".join([",".join(columns).encode(), *lines, b""]))
    start(pool, job["JobId"])
    done = ended(pool, job["JobId"])
    assert counts(done) == ("Failed", 0, 0, 4)
    assert done["CompletionMessage"] == "Too many users have failed or been skipped during the import."
    assert faults(pool, job["JobId"]) == [
        (2, "", f"the row has 2 values, and the header {len(columns)}"),
        (3, "", "the row is no UTF-8"),
        (4, "", "the row has quotes that are not closed before a comma"),
        (5, "", "the row is longer than 16000 characters"),
    ]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda columns: [one for one in columns if one != "cognito:username"], "the header lacks this column: cognito:username"),
        (lambda columns: [*columns, "custom:none"], "the header has a column that is none of the pool's: column 22"),
        (lambda columns: [*columns, "name"], "the header has a column twice"),
        (lambda columns: [*columns, "cognito:password_hash"], "the header has a column that is none of the pool's: column 22"),
    ],
    ids=["lacks", "of no pool", "twice", "a hash without an algorithm"],
)  # fmt: skip
def test_a_header_that_is_none_ends_the_job(world: World, change: Any, sentence: str) -> None:
    """Nobody is made."""
    pool = world.pool(**VERIFIED)
    job = create(pool)
    upload(world, job, file_of(change(header(pool)), [FINE]))
    start(pool, job["JobId"])
    done = ended(pool, job["JobId"])
    assert counts(done) == ("Failed", 0, 0, 0)
    assert done["CompletionMessage"] == sentence


def test_columns_may_come_in_any_order_and_values_in_quotes(world: World) -> None:
    """As spreadsheets write them, with line breaks of their own; a byte order mark is passed over."""
    pool = world.pool(**VERIFIED)
    job = create(pool)
    columns = [*reversed(header(pool))]
    row = {**FINE, "cognito:mfa_enabled": "FALSE", "address": "1 Street\nLondon", "name": 'the "Countess", Ada'}
    quoted = ",".join('"' + row.get(name, "").replace('"', '""') + '"' for name in columns)
    upload(world, job, b"\xef\xbb\xbf" + f"{','.join(columns)}\r\n{quoted}\r\n\r\n".encode())
    start(pool, job["JobId"])
    assert counts(ended(pool, job["JobId"])) == ("Succeeded", 1, 0, 0)
    held = {one["Name"]: one["Value"] for one in pool.admin("admin_get_user", "ada")["UserAttributes"]}
    assert (held["address"], held["name"]) == (row["address"], row["name"])


def test_a_required_attribute_is_required(world: World) -> None:
    """Of the pool's schema, by its column."""
    pool = world.pool(**VERIFIED, Schema=[{"Name": "family_name", "Required": True, "AttributeDataType": "String"}])
    job = imported(pool, [FINE, {**FINE, "family_name": "Lovelace"}])
    assert counts(job) == ("Succeeded", 1, 0, 1)
    assert faults(pool, job["JobId"]) == [(2, "family_name", "a value is required")]


def test_a_value_is_no_longer_than_the_api_takes_one(world: World) -> None:
    """Where the schema bounds it by nothing, too: else AdminUpdateUserAttributes could not write back what was read."""
    schema = [{"Name": name, "AttributeDataType": kind} for name, kind in (("note", "String"), ("level", "Number"))]
    pool = world.pool(**VERIFIED, Schema=schema)
    rows = [
        {**FINE, "custom:note": "n" * 2_049},
        {**FINE, "custom:level": "9" * 5_000},
        {**FINE, "custom:note": "n" * 2_048},
    ]
    job = imported(pool, rows)
    assert counts(job) == ("Succeeded", 1, 0, 2)
    too_long = "String must be no longer than 2048 characters"
    assert faults(pool, job["JobId"]) == [(2, "custom:note", too_long), (3, "custom:level", too_long)]


def test_names_are_those_that_the_pool_asks_for(world: World) -> None:
    """Where an address is the name it is in the username's column, and another's address is a fault, not a user that is there."""
    pool = world.pool(**VERIFIED, UsernameAttributes=["email"])
    job = imported(pool, [{**FINE, "cognito:username": "ada@example.com"}, FINE])
    assert counts(job) == ("Succeeded", 1, 0, 1)
    assert faults(pool, job["JobId"]) == [(3, "cognito:username", "Username should be an email.")]
    assert pool.admin("admin_get_user", "ada@example.com")["UserStatus"] == "RESET_REQUIRED"

    aliased = world.pool(**VERIFIED, AliasAttributes=["email"])
    job = imported(aliased, [FINE, {**FINE, "cognito:username": "eve"}, FINE])
    assert counts(job) == ("Succeeded", 1, 1, 1)
    assert faults(aliased, job["JobId"]) == [(3, "email", "another user has this name")]


def test_mfa_is_turned_on_by_text_message(world: World) -> None:
    """Where the pool leaves it to its users; who has no number cannot have it."""
    pool = world.pool(**VERIFIED)
    world.signed.set_user_pool_mfa_config(
        UserPoolId=pool.pool_id, MfaConfiguration="OPTIONAL", SmsMfaConfiguration={"SmsConfiguration": SMS}
    )
    number = {"phone_number": "+15550100", "phone_number_verified": "true", "cognito:mfa_enabled": "true"}
    job = imported(pool, [{**FINE, **number}, {**FINE, "cognito:username": "bob", "cognito:mfa_enabled": "true"}])
    assert faults(pool, job["JobId"]) == [(3, "cognito:mfa_enabled", "wants a phone_number")]
    assert pool.admin("admin_get_user", "ada")["PreferredMfaSetting"] == "SMS_MFA"


def test_a_thousand_faults_are_kept_and_all_are_counted(world: World) -> None:
    """A file of nothing else fills neither the database nor the log."""
    pool = world.pool(**VERIFIED)
    job = imported(pool, [{**FINE, "email_verified": "false"}] * 1_100)
    assert counts(job) == ("Failed", 0, 0, 1_100)
    assert len(faults(pool, job["JobId"])) == 1_000
