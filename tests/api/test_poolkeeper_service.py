"""What the service that is ours alone tells and does, spoken to by boto3 that knows nothing of it but its model (models/)."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from botocore.client import BaseClient

from api import importing, second_factors
from api.listing import eventually
from api.posting import into, sending
from api.principals import allow, person, pool_arn
from api.world import PASSWORD, World, refused
from identity import stage
from jobs.rows import whole_schema
from poolkeeper.model.request_limits import CATEGORIES
from poolkeeper.settings import NAMES
from poolkeeper.store.tables import TABLES

# Limits of identity pools and of connections.
OF_NO_POOL = {"guests_per_network_per_hour", "max_connections_per_address"}


@pytest.fixture
def own(world: World) -> BaseClient:
    """Return an unmodified client that found the model by AWS_DATA_PATH."""
    return world.client("poolkeeper")


def watched(world: World) -> Any:
    """Make a client of a pool whose users' events are kept."""
    return world.pool(UserPoolAddOns={"AdvancedSecurityMode": "AUDIT"}, AutoVerifiedAttributes=["email"]).client()


def test_the_server_tells_its_settings_without_secrets(world: World, own: BaseClient) -> None:
    """DescribeServer: version, engine and every setting by its name; the secret of the first key is hidden."""
    told = own.describe_server()
    assert told["Engine"] == ("SQLITE" if world.engine == "sqlite" else "POSTGRESQL")
    settings = {one["Name"]: one["Value"] for one in told["Settings"]}
    assert settings.keys() == set(NAMES)
    assert settings["root_secret_access_key"] == "(hidden)"
    assert told["SealingKeyId"] == world.house.sealer.writing_key_id
    assert "secret-of-the-tests" not in json.dumps(told, default=str)


def test_a_pool_tells_what_is_in_force_for_it(world: World, own: BaseClient) -> None:
    """DescribePoolSettings: issuer, addresses, looks, senders and limits, as the pool and the server have them at this moment."""
    client, name = world.pool().client(), f"told-{world.house.entropy.alphanumeric(8).lower()}"
    pool_id, settings = client.pool.pool_id, world.house.settings
    told = own.describe_pool_settings(UserPoolId=pool_id)
    (issuer,) = {json.loads(world.get(f"/{pool_id}/.well-known/openid-configuration")[2])["issuer"]}
    assert told["Issuer"] == issuer
    assert {issuer, f"https://cognito-idp.us-east-1.amazonaws.com/{pool_id}"} <= set(told["AcceptedIssuers"])
    assert (told["Domains"], told["Looks"]) == ([], [])
    assert told["Senders"] == [{"Medium": one, "Sender": "outbox"} for one in ("EMAIL", "SMS")]
    limits = {one["Name"]: one["Value"] for one in told["Limits"]}
    assert limits["messages_per_claim_per_hour"] == str(settings.messages_per_claim_per_hour)
    assert (
        limits.keys() == {one for one in NAMES if re.search(r"_per_|^auth_event_days|^sms_prefixes", one)} - OF_NO_POOL
    )
    assert "RequestRates" not in told

    world.signed.create_user_pool_domain(UserPoolId=pool_id, Domain=name, ManagedLoginVersion=2)
    world.signed.create_managed_login_branding(
        UserPoolId=pool_id, ClientId=client.client_id, UseCognitoProvidedValues=True
    )
    world.signed.set_ui_customization(UserPoolId=pool_id, CSS=".banner-customizable {background-color: red;}")
    arn = "arn:aws:lambda:us-east-1:000000000000:function:sends"
    sender = {"LambdaVersion": "V1_0", "LambdaArn": arn}
    config = {"CustomSMSSender": sender, "KMSKeyID": "arn:aws:kms:us-east-1:000000000000:key/a"}
    world.signed.update_user_pool(UserPoolId=pool_id, LambdaConfig=config)
    told = own.describe_pool_settings(UserPoolId=pool_id)
    (domain,) = told["Domains"]
    assert domain == {
        "Domain": name,
        "Kind": "PREFIX",
        "Address": f"http://{name}.{settings.domain_host}:{settings.port}",
        "Reachable": True,
        "Form": "MANAGED_LOGIN",
    }
    assert {one["ClientId"]: one["Form"] for one in told["Looks"]} == {
        client.client_id: "MANAGED_LOGIN",
        "ALL": "CLASSIC",
    }
    assert {one["Medium"]: one["Sender"] for one in told["Senders"]} == {"EMAIL": "outbox", "SMS": "custom"}
    assert refused(lambda: own.describe_pool_settings(UserPoolId="us-east-1_nothing"))[0] == "ResourceNotFoundException"


def test_the_rates_of_requests_are_told_where_they_are_held(world: World, own: BaseClient) -> None:
    """DescribePoolSettings: each category with what it may take in a second."""
    pool_id = world.pool().pool_id
    object.__setattr__(world.house.settings, "request_limits", True)
    try:
        rates = own.describe_pool_settings(UserPoolId=pool_id)["RequestRates"]
    finally:
        object.__setattr__(world.house.settings, "request_limits", False)
    assert rates["UserAuthentication"] == 120
    assert rates.keys() == CATEGORIES.keys()


def test_a_pool_tells_who_sends_its_messages(tmp_path: Path) -> None:
    """DescribePoolSettings: the sender by its name, and `none` where nothing sends that."""
    with sending(tmp_path, into(tmp_path, "office", "EMAIL")) as world:
        told = world.client("poolkeeper").describe_pool_settings(UserPoolId=world.pool().pool_id)
    assert {one["Medium"]: one["Sender"] for one in told["Senders"]} == {"EMAIL": "office", "SMS": "none"}


def test_captured_messages_are_listed_by_pool_and_address(world: World, own: BaseClient) -> None:
    """ListCapturedMessages: a page at a time, the oldest first, with the code."""
    client = watched(world)
    for name in ("ada", "eve", "ada2"):
        client.sign_up(name, email=f"{name}@mail.example")
    pool_id = client.pool.pool_id
    first = own.list_captured_messages(UserPoolId=pool_id, MaxResults=2)
    rest = own.list_captured_messages(UserPoolId=pool_id, MaxResults=2, NextToken=first["NextToken"])
    assert [one["Username"] for one in first["Messages"] + rest["Messages"]] == ["ada", "eve", "ada2"]
    assert "NextToken" not in rest
    (mail,) = own.list_captured_messages(UserPoolId=pool_id, To="eve@mail.example")["Messages"]
    assert (mail["Code"], mail["Kind"], mail["Medium"]) == (world.code("eve@mail.example"), "SignUp", "EMAIL")
    name, _ = refused(lambda: own.list_captured_messages(NextToken=first["NextToken"]))
    assert name == "InvalidParameterException"


def test_outside_development_no_message_is_told(tmp_path: Path) -> None:
    """ListCapturedMessages: where messages are sent there are none to list, whoever asks."""
    with sending(tmp_path, into(tmp_path, "office")) as world:
        name, told = refused(lambda: world.client("poolkeeper").list_captured_messages())
    assert (name, "development" in told) == ("NotInDevelopmentException", True)


def test_an_import_tells_how_far_it_is(world: World, own: BaseClient) -> None:
    """DescribeImportProgress: rows done of rows, and of what was not taken the row, the column and the reason."""
    pool = world.pool()
    rows = [
        {"cognito:username": "ada", "email": "ada@mail.example", "email_verified": "true"},
        {"cognito:username": ""},
    ]
    job = importing.imported(
        pool, [{"cognito:mfa_enabled": "false", "phone_number_verified": "false", **row} for row in rows]
    )
    told = own.describe_import_progress(UserPoolId=pool.pool_id, JobId=job["JobId"])
    done = told["ImportedUsers"] + told["SkippedUsers"] + told["FailedUsers"]
    assert (told["Rows"], told["RowsDone"], told["Status"]) == (2, done, job["Status"])
    assert [one["RowNumber"] for one in told["Faults"]] == sorted(
        one[0] for one in importing.faults(pool, job["JobId"])
    )
    name, _ = refused(lambda: own.describe_import_progress(UserPoolId=pool.pool_id, JobId="import-nothing"))
    assert name == "ResourceNotFoundException"


def test_every_row_that_an_import_did_not_take_is_told(world: World, own: BaseClient) -> None:
    """DescribeImportProgress: an unmodified paginator comes to the last of the faults, each once, and to no other job's."""
    pool = world.pool()
    job = importing.imported(pool, [{"cognito:username": "", "cognito:mfa_enabled": "false"}] * 70)
    asked = {"UserPoolId": pool.pool_id, "JobId": job["JobId"]}
    pages = own.get_paginator("describe_import_progress").paginate(**asked).build_full_result()
    assert [one["RowNumber"] for one in pages["Faults"]] == list(range(2, 72))
    assert pages["FailedUsers"] == 70

    token = own.describe_import_progress(**asked, MaxResults=30)["NextToken"]
    second = own.describe_import_progress(**asked, MaxResults=60, NextToken=token)
    assert ([one["RowNumber"] for one in second["Faults"]], "NextToken" in second) == (list(range(32, 72)), False)
    another = importing.imported(pool, [{"cognito:username": "", "cognito:mfa_enabled": "false"}])
    name, _ = refused(
        lambda: own.describe_import_progress(UserPoolId=pool.pool_id, JobId=another["JobId"], NextToken=token)
    )
    assert name == "InvalidParameterException"


def test_events_of_a_pool_are_listed_to_their_end(world: World, own: BaseClient) -> None:
    """ListAuthEvents: all users of one pool, and of no other, by pages that do not overlap."""
    client, other = watched(world), watched(world)
    subs = {name: client.pool.user(name) for name in ("ada", "eve")}
    other.pool.user("ada")
    for name in ("ada", "eve", "ada"):
        client.tokens(name)
    other.tokens("ada")
    listed, token = list[dict[str, Any]](), dict[str, str]()
    while True:
        page = own.list_auth_events(UserPoolId=client.pool.pool_id, MaxResults=1, **token)
        listed += page["AuthEvents"]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert sorted(one["UserSub"] for one in listed) == sorted([subs["ada"], subs["ada"], subs["eve"]])
    assert len({one["EventId"] for one in listed}) == 3
    assert {(one["EventType"], one["EventResponse"]) for one in listed} == {("SignIn", "Pass")}


def test_an_export_has_everything_and_no_secret(world: World, own: BaseClient) -> None:
    """ExportUser: attributes, groups, sessions and events of one user; no password, verifier, code or token, and of nobody else."""
    client = watched(world)
    sub = client.pool.user("ada", email="ada@mail.example", email_verified="true")
    client.pool.user("eve", email="eve@mail.example")
    world.signed.create_group(UserPoolId=client.pool.pool_id, GroupName="swimmers")
    client.pool.admin("admin_add_user_to_group", "ada", GroupName="swimmers")
    tokens = client.tokens("ada")
    world.unsigned.forgot_password(ClientId=client.client_id, Username="ada")

    told = own.export_user(UserPoolId=client.pool.pool_id, Username="ada")
    assert told["UserSub"] == sub
    kept = json.loads(told["Document"])
    assert kept["users"][0]["attributes"]["email"] == "ada@mail.example"
    assert kept["memberships"] == [{"group_name": "swimmers"}]
    assert kept["sessions"][0]["client_id"] == client.client_id
    assert {one["kind"] for one in kept["auth_history"]} >= {"SignIn"}
    for secret in (
        PASSWORD,
        "$argon2",
        tokens["AccessToken"],
        tokens["RefreshToken"],
        world.code("ada@mail.example"),
        "eve@",
    ):
        assert secret not in told["Document"]


def test_what_somebody_named_is_told_as_they_wrote_it(world: World, own: BaseClient) -> None:
    """ExportUser: a name that looks like JSON stays the text that it is, however deep; no such name keeps an export from coming."""
    client = second_factors.pool_with(world, "SOFTWARE_TOKEN_MFA", mode="OPTIONAL").client()
    name, app = "[1,2]", "[" * 2_000
    client.pool.user(name)
    token = client.tokens(name)["AccessToken"]
    secret = world.unsigned.associate_software_token(AccessToken=token)["SecretCode"]
    code = second_factors.shown(world, secret)
    world.unsigned.verify_software_token(AccessToken=token, UserCode=code, FriendlyDeviceName=app)

    kept = json.loads(own.export_user(UserPoolId=client.pool.pool_id, Username=name)["Document"])
    assert [one["username"] for one in kept["users"]] == [name]
    assert [one["folded_value"] for one in kept["aliases"] if one["kind"] == "username"] == [name]
    assert [one["friendly_name"] for one in kept["software_tokens"]] == [app]
    assert isinstance(kept["users"][0]["attributes"], dict)


# Who it is, what it is called here, what proves something, and how often it has changed.
UNTOLD = {
    *("pool_id", "user_id", "subject_id", "session_id", "browser_session_id", "event_id", "group_id", "kept_id"),
    *("conversation_id", "provider", "subject"),
    *("password_hash", "srp_salt", "srp_verifier", "salt", "verifier", "digest", "secret", "pending", "public_key"),
    *("code", "document", "provider_session", "version", "credential_version", "generation", "last_step"),
}


def test_an_export_leaves_out_no_column_that_says_something(world: World) -> None:
    """Of the schema as it is: a column that a migration adds is told, or named here as one that is not."""
    columns = world.run(lambda: whole_schema(world.house.db))
    silent = {
        (one.name, column)
        for one in TABLES
        if one.exported is not None
        for column in columns[one.name].keys() - UNTOLD - set(one.exported.columns)
    }
    assert silent == set()


def test_every_table_of_a_user_says_what_is_told_of_it() -> None:
    """What goes with its user is in the export, but for what repeats the attributes; secrets and digests never are."""
    silent = {one.name for one in TABLES if one.of_a_user and one.exported is None}
    assert silent == {"user_attributes"}
    secrets = {
        "password_hash",
        "srp_salt",
        "srp_verifier",
        "digest",
        "secret",
        "verifier",
        "salt",
        "public_key",
        "pending",
        "code",
    }
    assert not [one.name for one in TABLES if one.exported is not None and secrets & set(one.exported.columns)]


def test_an_erased_user_is_named_nowhere(world: World, own: BaseClient) -> None:
    """EraseUser: rows, events and kept messages are gone, what went is told, and whoever has the same name elsewhere stays."""
    client, other = watched(world), watched(world)
    client.sign_up("ada", email="ada@erased.example")
    sub = client.pool.admin("admin_get_user", "ada")["UserAttributes"]
    sub = next(one["Value"] for one in sub if one["Name"] == "sub")
    other.sign_up("ada", email="ada@spared.example")
    world.signed.admin_confirm_sign_up(UserPoolId=client.pool.pool_id, Username="ada")
    client.tokens("ada")

    eventually(world, "SELECT 1 FROM due WHERE kind = 'message'")
    removed = own.erase_user(UserPoolId=client.pool.pool_id, Username="ada")["Removed"]
    assert removed["users"] == 1
    assert min(removed["sessions"], removed["auth_history"], removed["aliases"]) >= 1
    assert removed.get("captured_messages", 0) + removed.get("waiting_messages", 0) >= 1
    assert world.outbox("ada@erased.example") == []
    assert world.outbox("ada@spared.example") != []
    for table, column in (
        ("users", "user_id"),
        ("auth_history", "user_id"),
        ("sessions", "user_id"),
        ("codes", "subject_id"),
    ):
        assert world.rows(f"SELECT 1 FROM {table} WHERE {column} = $1", sub) == []
    name, _ = refused(lambda: own.erase_user(UserPoolId=client.pool.pool_id, Username="ada"))
    assert name == "UserNotFoundException"


def test_identities_are_told_and_go_with_an_erased_user(world: World, own: BaseClient) -> None:
    """ExportUser, EraseUser: identities that nothing but the user's login leads to; what also is somebody's else stays theirs."""
    alone = stage.identity_pool(world, users=("ada", "eve"))
    shared = stage.beside(world, alone.client, DeveloperProviderName="login.tests")
    pool_id = alone.client.pool.pool_id
    identity, others = alone.get_id(alone.logins("ada")), alone.get_id(alone.logins("eve"))
    by_back_end = shared.signed.get_open_id_token_for_developer_identity(
        IdentityPoolId=shared.pool_id, Logins={"login.tests": "a-customer", **shared.logins("ada")}
    )["IdentityId"]

    kept = json.loads(own.export_user(UserPoolId=pool_id, Username="ada")["Document"])
    places = {(alone.pool_id, identity), (shared.pool_id, by_back_end)}
    for table in ("logins", "identities"):
        assert {(one["identity_pool_id"], one["identity_id"]) for one in kept[table]} == places
    removed = own.erase_user(UserPoolId=pool_id, Username="ada")["Removed"]
    assert (removed["logins"], removed["identities"]) == (2, 1)
    assert refused(lambda: alone.describe(identity))[0] == "ResourceNotFoundException"
    assert shared.describe(by_back_end)["Logins"] == ["login.tests"]
    assert alone.get_id(alone.logins("eve")) == others


def test_who_may_is_said_by_action_and_pool(world: World) -> None:
    """Policies name `poolkeeper:ExportUser` and the ARN of the pool; a right to cognito-idp is none here."""
    pool, other = world.pool(), world.pool()
    pool.user("ada")
    other.user("ada")
    ada = person(world, allow("cognito-idp:*"))
    mine = ada.client("poolkeeper")
    assert refused(lambda: mine.export_user(UserPoolId=pool.pool_id, Username="ada"))[0] == "AccessDeniedException"
    ada.put(allow("poolkeeper:ExportUser", resource=pool_arn(pool.pool_id)))
    assert mine.export_user(UserPoolId=pool.pool_id, Username="ada")["Username"] == "ada"
    assert refused(lambda: mine.export_user(UserPoolId=other.pool_id, Username="ada"))[0] == "AccessDeniedException"
    assert refused(lambda: mine.erase_user(UserPoolId=pool.pool_id, Username="ada"))[0] == "AccessDeniedException"
