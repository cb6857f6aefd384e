"""Does the audit log say who did what, in whole lines, and never with what? To a file, and to a collector of OTLP logs."""

import asyncio
import json
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import botocore.auth
import msgspec
import pytest

from api.principals import Holder, person
from api.world import KEY_ID, PASSWORD, World, refused, running, settings_for
from functions.receiver import Answer, Received, receiving
from poolkeeper.aws.endpoint import Outcome
from poolkeeper.call import Caller
from poolkeeper.clock import SystemClock
from poolkeeper.egress import Egress
from poolkeeper.entropy import Entropy
from poolkeeper.model.principal import Claims, Kind, Principal
from poolkeeper.server import audit_otlp
from poolkeeper.server.audit import Audit, open_audit
from poolkeeper.server.start import CannotStart, prepare
from poolkeeper.settings import Settings, SettingsError, load

ARN = "arn:aws:sts::000000000000:assumed-role/support/ada"
OUTCOME = Outcome(
    request_id="0b5c",
    service="cognito-idp",
    operation="AdminGetUser",
    pool_id="us-east-1_Kx81mQ0zP",
    outcome="Success",
    status=200,
    microseconds=900,
    client_address="192.0.2.7",
    detail="",
    caller=Caller(
        "ASIAQWERTYUIOPASDFGH",
        "us-east-1",
        Principal(
            kind=Kind.ROLE,
            account_id="000000000000",
            arn=ARN,
            unique_id="AROAQWERTYUIOPASDFGH:ada",
            owner_id="AROAQWERTYUIOPASDFGH",
            owner_arn="arn:aws:iam::000000000000:role/support",
            session=Claims(
                access_key_id="ASIAQWERTYUIOPASDFGH",
                kind=Kind.ROLE,
                owner_id="AROAQWERTYUIOPASDFGH",
                owner_name="support",
                session_name="ada",
                source_identity="ada@example.com",
                issued_at=0,
                expires_at=0,
            ),
        ),
    ),
    user_agent="Boto3/1.44.8\r\nforged: line",
    resource="arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_Kx81mQ0zP",
    members=("UserPoolId", "Username"),
    named={"GroupName": "swim\nmers"},
)


@pytest.fixture
def audited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[World, Path]]:
    """Run a server that writes an audit log."""
    file = tmp_path / "audit.log"
    settings = replace(settings_for(tmp_path), audit_log=file)
    with running(settings, engine="sqlite", started_at=time.time_ns() // 1_000_000) as world:
        monkeypatch.setattr(botocore.auth, "get_current_datetime", world.clock.datetime)
        yield world, file


def lines_of(world: World, file: Path, count: int) -> list[dict[str, Any]]:
    """Return so many lines of the log; an answer is there a moment before its line."""
    audit = world.app._audit
    assert audit is not None
    assert audit._file is not None
    for _ in range(200):
        assert audit._file.flush(10)
        lines = file.read_text().splitlines() if file.exists() else []
        if len(lines) >= count:
            break
        time.sleep(0.02)
    assert len(lines) == count, lines
    return [json.loads(line) for line in lines]


def test_a_signed_call_leaves_one_line(audited: tuple[World, Path]) -> None:
    """Who, with which key, from where, what, about what, with which members, and how it ended."""
    world, file = audited
    pool = world.pool()
    world.signed.admin_create_user(
        UserPoolId=pool.pool_id,
        Username="ada-the-swimmer",
        TemporaryPassword=PASSWORD,
        MessageAction="SUPPRESS",
        UserAttributes=[{"Name": "email", "Value": "ada@secret.example"}],
    )
    *_, line = lines_of(world, file, 2)
    assert len(line.pop("request_id")) == 36
    assert line.pop("user_agent").startswith("Boto3/")
    assert line.pop("time").endswith("Z")
    assert line == {
        "caller": "arn:aws:iam::000000000000:root",
        "access_key_id": KEY_ID,
        "client": "127.0.0.1",
        "region": "us-east-1",
        "service": "cognito-idp",
        "operation": "AdminCreateUser",
        "resource": f"arn:aws:cognito-idp:us-east-1:000000000000:userpool/{pool.pool_id}",
        "members": ["UserPoolId", "Username", "UserAttributes", "TemporaryPassword", "MessageAction"],
        "outcome": "Success",
        "status": 200,
    }
    for value in (PASSWORD, "ada-the-swimmer", "ada@secret.example"):
        assert value not in file.read_text()


def test_who_and_about_whom_stand_whole(audited: tuple[World, Path]) -> None:
    """At the end of the longest path too: names come last in ARNs. What is longer than any ARN is cut."""
    world, file = audited
    path = f"/{'x' * 510}/"
    ada = person(world, name="a" * 63 + "1", Path=path, managed="AdministratorAccess")
    ada.client("iam").create_user(UserName="b" * 63 + "2", Path=path)
    *_, line = lines_of(world, file, 4)
    assert line["caller"] == ada.arn == f"arn:aws:iam::000000000000:user{path}{'a' * 63}1"
    assert line["resource"] == f"arn:aws:iam::000000000000:user{path}{'b' * 63}2"

    audit = world.app._audit
    assert audit is not None
    audit.record(msgspec.structs.replace(OUTCOME, resource="arn:" + "y" * 9_000))
    *_, line = lines_of(world, file, 5)
    assert len(line["resource"]) == 2_048 + len("...")


def test_what_was_refused_leaves_a_line_too(audited: tuple[World, Path]) -> None:
    """By the name of its error; what nobody signed, or with a signature that does not verify, leaves none."""
    world, file = audited
    refused(lambda: world.signed.describe_user_pool(UserPoolId="us-east-1_Nobodys00"))
    (line,) = lines_of(world, file, 1)
    assert (line["operation"], line["outcome"], line["status"]) == (
        "DescribeUserPool",
        "ResourceNotFoundException",
        400,
    )

    client = world.client("sts")
    session = client.get_session_token()["Credentials"]
    forged = world.client("sts")
    forged._request_signer._credentials.token = session["SessionToken"]
    refused(forged.get_caller_identity)
    refused(
        lambda: world.unsigned.initiate_auth(
            ClientId="abc", AuthFlow="USER_SRP_AUTH", AuthParameters={"USERNAME": "x", "SRP_A": "1"}
        )
    )
    assert [one["operation"] for one in lines_of(world, file, 2)] == ["DescribeUserPool", "GetSessionToken"]


def test_what_a_call_made_or_spoke_of_is_named(audited: tuple[World, Path]) -> None:
    """The keys that were made, so that their own lines can be followed, and the policies that were given; no secret."""
    world, file = audited
    iam, sts = world.client("iam"), world.client("sts")
    admin = "arn:aws:iam::aws:policy/AdministratorAccess"
    iam.create_user(UserName="ada")
    key = iam.create_access_key(UserName="ada")["AccessKey"]
    iam.attach_user_policy(UserName="ada", PolicyArn=admin)
    document = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:*","Resource":"*"}}'
    trust = document.replace('"Resource":"*"', '"Principal":{"AWS":"000000000000"}')
    role = iam.create_role(RoleName="support", AssumeRolePolicyDocument=trust)["Role"]
    iam.put_role_policy(RoleName="support", PolicyName="swim", PolicyDocument=document)
    made = iam.create_policy(PolicyName="lanes", PolicyDocument=document)["Policy"]
    ada = Holder(world, "", key["AccessKeyId"], key["SecretAccessKey"])
    session = ada.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="ada-today")["Credentials"]
    own = sts.get_session_token()["Credentials"]
    pool = world.pool()
    identities = world.client("cognito-identity")
    made_here = identities.create_identity_pool(IdentityPoolName="swimmers", AllowUnauthenticatedIdentities=False)
    identity_pool = {"IdentityPoolId": made_here["IdentityPoolId"]}
    identities.delete_identity_pool(**identity_pool)

    named = {line["operation"]: line.get("named", {}) for line in lines_of(world, file, 11)}
    assert named == {
        "CreateUser": {"UserName": "ada"},
        "CreateAccessKey": {"UserName": "ada", "AccessKeyId": key["AccessKeyId"]},
        "AttachUserPolicy": {"UserName": "ada", "PolicyArn": admin},
        "CreateRole": {"RoleName": "support"},
        "PutRolePolicy": {"RoleName": "support", "PolicyName": "swim"},
        "CreatePolicy": {"PolicyName": "lanes", "PolicyArn": made["Arn"]},
        "AssumeRole": {"RoleArn": role["Arn"], "AccessKeyId": session["AccessKeyId"]},
        "GetSessionToken": {"AccessKeyId": own["AccessKeyId"]},
        "CreateUserPool": {"UserPoolId": pool.pool_id},
        "CreateIdentityPool": identity_pool,
        "DeleteIdentityPool": identity_pool,
    }
    text = file.read_text()
    secrets = [one[name] for one in (session, own) for name in ("SecretAccessKey", "SessionToken")]
    for secret in (key["SecretAccessKey"], *secrets, "sts:*"):
        assert secret not in text


def test_what_was_refused_is_named_as_the_client_reads_it(audited: tuple[World, Path]) -> None:
    """By the name on the wire: of iam and sts another than in the model; what was asked for is named all the same."""
    world, file = audited
    ada = person(world, name="ada")
    policy = "arn:aws:iam::aws:policy/AdministratorAccess"
    refused(lambda: ada.client("iam").attach_user_policy(UserName="ada", PolicyArn=policy))
    refused(lambda: world.client("iam").get_user(UserName="nobody"))
    denied, missing = lines_of(world, file, 4)[2:]
    assert (denied["outcome"], denied["status"]) == ("AccessDenied", 403)
    assert denied["named"] == {"UserName": "ada", "PolicyArn": policy}
    assert (missing["outcome"], missing["status"]) == ("NoSuchEntity", 404)


def test_a_file_that_is_moved_away_is_made_anew(audited: tuple[World, Path]) -> None:
    """Whoever rotates logs moves the file and tells nobody; it is its owner's alone."""
    world, file = audited
    world.signed.list_user_pools(MaxResults=1)
    lines_of(world, file, 1)
    file.rename(file.with_suffix(".1"))
    world.signed.list_user_pools(MaxResults=1)
    lines_of(world, file, 1)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def written(settings: Settings, body: Callable[[Audit], None], *, egress: Egress | None = None) -> int:
    """Write by an audit log that is then closed, and return how many lines it lost."""
    lost = []

    async def run() -> None:
        audit = open_audit(settings, SystemClock(), egress or Egress(settings), on_drop=lambda: lost.append(1))
        assert audit is not None
        body(audit)
        await audit.close()

    asyncio.run(run())
    return len(lost)


def test_no_value_breaks_a_line(tmp_path: Path) -> None:
    """A session's name and what vouches for it stand beside the ARN; what a client says of itself stays in its place."""
    file = tmp_path / "audit.log"
    assert written(Settings(audit_log=file), lambda audit: audit.record(OUTCOME)) == 0
    (line,) = file.read_text().splitlines()
    told = json.loads(line)
    assert (told["caller"], told["session"], told["source_identity"]) == (ARN, "ada", "ada@example.com")
    assert told["user_agent"] == "Boto3/1.44.8\\u000d\\u000aforged: line"


def test_lines_that_cannot_be_written_are_counted(tmp_path: Path) -> None:
    """A folder that went away costs lines, and never an answer."""
    settings = Settings(audit_log=tmp_path / "gone" / "audit.log")

    def body(audit: Audit) -> None:
        for _ in range(3):
            audit.record(OUTCOME)

    assert written(settings, body) == 3


def test_a_folder_that_is_back_tells_what_is_missing(tmp_path: Path) -> None:
    """In the place of the lines that were lost while it was away, whether or not there is a next line."""
    folder = tmp_path / "logs"
    file = folder / "audit.log"
    lost: list[int] = []
    settings = Settings(audit_log=file)

    def present(count: int) -> list[dict[str, Any]]:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            lines = file.read_text().splitlines() if file.exists() else []
            if len(lines) >= count:
                return [json.loads(line) for line in lines]
            time.sleep(0.02)
        raise AssertionError(f"there are no {count} lines")

    async def run() -> None:
        audit = open_audit(settings, SystemClock(), Egress(settings), on_drop=lambda: lost.append(1))
        assert audit is not None
        assert audit._file is not None
        for _ in range(3):
            audit.record(OUTCOME)
        assert not await asyncio.to_thread(audit._file.flush, 60)
        folder.mkdir()
        (told,) = await asyncio.to_thread(present, 1)
        assert (told["dropped"], len(lost)) == (3, 3)

        file.unlink()
        folder.rmdir()
        audit.record(OUTCOME)
        assert not await asyncio.to_thread(audit._file.flush, 60)
        folder.mkdir()
        audit.record(OUTCOME)
        told, line = await asyncio.to_thread(present, 2)
        assert (told["dropped"], line["operation"]) == (1, "AdminGetUser")
        await audit.close()

    asyncio.run(run())


def test_a_server_does_not_start_without_its_audit_log(tmp_path: Path) -> None:
    """Else nobody would miss it until it is asked for."""
    settings = replace(settings_for(tmp_path), audit_log=tmp_path / "gone" / "audit.log")
    with pytest.raises(CannotStart, match=r"the audit log .* cannot be written"):
        asyncio.run(prepare(settings, SystemClock(), Entropy()))


def test_a_collector_is_an_address() -> None:
    """Half an address would be found out by the first line that is lost."""
    with pytest.raises(SettingsError, match="audit_otlp: the whole address"):
        load({"audit_otlp": "collector:4318"}, {})


async def collected(answers: Callable[[Received], Answer], count: int) -> tuple[list[Received], int]:
    """Send so many lines to a collector, and return what it received and how many were lost."""
    lost = []
    async with receiving(answers) as collector:
        settings = Settings(audit_otlp=f"{collector.url}/v1/logs")
        egress = Egress(settings)
        audit = open_audit(settings, SystemClock(), egress, on_drop=lambda: lost.append(1))
        assert audit is not None
        for _ in range(count):
            audit.record(OUTCOME)
        await audit.close()
        await egress.close()
        return collector.received, len(lost)


def test_a_collector_is_sent_otlp_logs() -> None:
    """In the JSON encoding: times are texts, lists are arrayValue, and every field is an attribute."""
    (sent,), lost = asyncio.run(collected(lambda _: Answer(), 2))
    assert (lost, sent.method, sent.path) == (0, "POST", "/v1/logs")
    assert sent.headers["content-type"] == "application/json"
    (resource,) = json.loads(sent.body)["resourceLogs"]
    assert resource["resource"]["attributes"] == [{"key": "service.name", "value": {"stringValue": "poolkeeper"}}]
    (scope,) = resource["scopeLogs"]
    first, second = scope["logRecords"]
    assert first["body"] == second["body"] == {"stringValue": "cognito-idp:AdminGetUser"}
    assert abs(int(first["timeUnixNano"]) - time.time_ns()) < 60_000_000_000
    attributes = {one["key"]: one["value"] for one in first["attributes"]}
    assert attributes["caller"] == {"stringValue": ARN}
    assert attributes["status"] == {"intValue": "200"}
    assert attributes["named"] == {
        "kvlistValue": {"values": [{"key": "GroupName", "value": {"stringValue": "swim\\u000amers"}}]}
    }
    assert attributes["members"] == {
        "arrayValue": {"values": [{"stringValue": "UserPoolId"}, {"stringValue": "Username"}]}
    }


def test_a_collector_that_is_away_for_a_moment_loses_nothing() -> None:
    """503 means try again; each line arrives once more until it is taken."""
    answers = iter([Answer(status=503), Answer(drop=True)])
    received, lost = asyncio.run(collected(lambda _: next(answers, Answer()), 3))
    assert lost == 0
    assert [len(json.loads(one.body)["resourceLogs"][0]["scopeLogs"][0]["logRecords"]) for one in received] == [3, 3, 3]


def test_what_a_collector_will_never_take_is_counted() -> None:
    """400 means that the same lines would be refused again."""
    received, lost = asyncio.run(collected(lambda _: Answer(status=400), 3))
    assert (len(received), lost) == (1, 3)


def test_only_so_many_lines_wait_for_a_collector(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest give way, each of them counted; the newest arrive."""
    monkeypatch.setattr(audit_otlp, "MOST_WAITING", 10)
    (sent,), lost = asyncio.run(collected(lambda _: Answer(), 14))
    assert lost == 4
    assert len(json.loads(sent.body)["resourceLogs"][0]["scopeLogs"][0]["logRecords"]) == 10
