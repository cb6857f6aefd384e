"""Does what a pool logs come to where its configuration sends it? To the log, a collector, a bucket and a web server, over real HTTP."""

import base64
import hmac
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import botocore.auth
import pytest

from api.world import REGION, PoolOfTests, World, refused, round_to_second, running, settings_for
from messaging.aws import KEY_ID, KEY_SECRET, TOKEN, moto_server
from messaging.aws import REGION as STORE_REGION
from poolkeeper import log_delivery
from poolkeeper.log_delivery_settings import (
    HttpAddress,
    LogDestination,
    OtlpTransport,
    S3Transport,
    SinkTransport,
    Transport,
)
from poolkeeper.lookup import find_pool
from poolkeeper.secret import Secret
from poolkeeper.sender_settings import Endpoint, ReceiverTransport, SenderSetting
from waiting import wait_for
from web_sink import web_sink

SECRET = "secret-of-the-sink"
ACCOUNT = "000000000000"
LOG_GROUP = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/cognito/app"
COLLECTED = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:collected"
STREAM = f"arn:aws:firehose:{REGION}:{ACCOUNT}:deliverystream/people"
BUCKET = "arn:aws:s3:::logs-of-people"
EVENT = {"eventType": "SignIn", "userSub": "0b5c", "ipAddress": "192.0.2.7"}


def notification(arn: str = LOG_GROUP) -> dict[str, Any]:
    place = {"CloudWatchLogsConfiguration": {"LogGroupArn": arn}}
    return {"LogLevel": "ERROR", "EventSource": "userNotification", **place}


def activity(**place: Any) -> dict[str, Any]:
    return {"LogLevel": "INFO", "EventSource": "userAuthEvents", **place}


TO_STREAM = activity(FirehoseConfiguration={"StreamArn": STREAM})
TO_BUCKET = activity(S3Configuration={"BucketArn": BUCKET})


def configure(pool: PoolOfTests, *configurations: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = pool.world.signed.set_log_delivery_configuration(
        UserPoolId=pool.pool_id, LogConfigurations=list(configurations)
    )
    return answer["LogDeliveryConfiguration"]  # type: ignore[no-any-return]


def read(pool: PoolOfTests) -> dict[str, Any]:
    answer: dict[str, Any] = pool.world.signed.get_log_delivery_configuration(UserPoolId=pool.pool_id)
    return answer["LogDeliveryConfiguration"]  # type: ignore[no-any-return]


def address(url: str) -> HttpAddress:
    return HttpAddress(url=url, private=True, plain_http=True)


def sink_at(url: str) -> SinkTransport:
    return SinkTransport(address=address(url), secrets=(Secret(SECRET),), access_key=Secret("key-of-the-stream"))


def destination(arn: str, transport: Transport, *pools: str) -> LogDestination:
    return LogDestination(arn=arn, transport=transport, pools=pools or None)


@contextmanager
def logging_to(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *destinations: LogDestination, **settings: Any
) -> Iterator[World]:
    """Run a server with these destinations, which gathers no longer than it must."""
    monkeypatch.setattr(log_delivery, "GATHER_SECONDS", 0.01)
    monkeypatch.setattr(log_delivery, "GATHER_SECONDS_OF_OBJECTS", 0.01)
    known = settings_for(folder, log_delivery=destinations, **settings)
    with running(known, engine="sqlite", started_at=round_to_second(time.time_ns() // 1_000_000)) as world:
        monkeypatch.setattr(botocore.auth, "get_current_datetime", world.clock.datetime)
        yield world


def tell(pool: PoolOfTests, *events: dict[str, Any], source: str = "userAuthEvents", level: str = "INFO") -> None:
    """Tell of events as the server does it itself."""
    house = pool.world.house

    async def inside() -> None:
        known = await find_pool(house, pool.pool_id)
        assert known is not None
        for event in events:
            house.log_delivery.tell(known, source, level, event)

    pool.world.run(inside)


def entry(pool: PoolOfTests, event: dict[str, Any], source: str = "USER_ACTIVITY", level: str = "INFO") -> Any:
    return {
        "eventTimestamp": str(pool.world.clock.now()),
        "eventSource": source,
        "logLevel": level,
        "message": event,
        "logSourceId": {"userPoolId": pool.pool_id},
    }


def test_a_configuration_is_kept_and_replaced(world: World) -> None:
    """Also over an UpdateUserPool; none of them takes it away."""
    pool = world.pool()
    assert read(pool) == {"UserPoolId": pool.pool_id, "LogConfigurations": []}
    both = [notification(), activity(CloudWatchLogsConfiguration={"LogGroupArn": LOG_GROUP})]
    assert configure(pool, *both) == read(pool) == {"UserPoolId": pool.pool_id, "LogConfigurations": both}
    world.signed.update_user_pool(UserPoolId=pool.pool_id, AutoVerifiedAttributes=["email"])
    assert read(pool)["LogConfigurations"] == both
    configure(pool, notification())
    assert read(pool)["LogConfigurations"] == [notification()]
    configure(pool)
    assert read(pool)["LogConfigurations"] == []


WRONG = {
    "twice": ((notification(), notification(COLLECTED)), "Following event sources appear more then once in a request"),
    "elsewhere": ((notification(LOG_GROUP.replace(REGION, "eu-west-1")),), "ARN does not belong to current region"),
    "of another level": (({**notification(), "LogLevel": "INFO"},), "Log level INFO is not supported"),
    "of another place": (
        ({**TO_BUCKET, "EventSource": "userNotification", "LogLevel": "ERROR"},),
        "Event source userNotification takes one of CloudWatchLogsConfiguration.",
    ),
    "of two places": (({**TO_BUCKET, **TO_STREAM},), "Event source userAuthEvents takes one of"),
    "of no place": ((activity(),), "Event source userAuthEvents takes one of"),
    "no log group": ((notification(STREAM),), "is not an ARN of LogGroupArn"),
    "a path": ((activity(S3Configuration={"BucketArn": "arn:aws:s3:::logs/../other"}),), "is not an ARN of BucketArn"),
    "no destination": ((TO_BUCKET,), f"{BUCKET} means nothing here"),
}


@pytest.mark.parametrize(("given", "sentence"), WRONG.values(), ids=list(WRONG))
def test_what_cannot_be_logged_so_is_refused(world: World, given: tuple[dict[str, Any], ...], sentence: str) -> None:
    """Nothing is kept of it."""
    pool = world.pool()
    name, told = refused(lambda: configure(pool, *given))
    assert name == "InvalidParameterException"
    assert sentence in told
    assert read(pool)["LogConfigurations"] == []


def test_a_place_without_an_arn_is_no_place(world: World) -> None:
    """Infrastructure tools send the structures of all three, two of them empty."""
    pool = world.pool()
    with_empty = {**TO_BUCKET, "CloudWatchLogsConfiguration": {}}
    assert refused(lambda: configure(pool, with_empty)) == refused(lambda: configure(pool, TO_BUCKET))
    given = activity(CloudWatchLogsConfiguration={"LogGroupArn": LOG_GROUP})
    configuration = {**given, "S3Configuration": {}, "FirehoseConfiguration": {}}
    assert configure(pool, configuration)["LogConfigurations"] == [configuration]
    assert read(pool)["LogConfigurations"] == [configuration]


def test_strict_tiers_keep_activity_for_plus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What threat protection sees; messages that were not delivered are everybody's."""
    with logging_to(tmp_path, monkeypatch, strict_tiers=True) as world:
        pool = world.pool(UserPoolTier="ESSENTIALS")
        configure(pool, notification())
        seen = activity(CloudWatchLogsConfiguration={"LogGroupArn": LOG_GROUP})
        assert refused(lambda: configure(pool, seen)) == (
            "FeatureUnavailableInTierException",
            "The following feature is not available for the ESSENTIALS pricing tier configured: Log Streaming",
        )
        configure(world.pool(UserPoolTier="PLUS"), seen)


def test_a_log_group_without_a_table_is_the_servers_log(world: World) -> None:
    """One line an entry, whose texts cannot break it; of another source or level there is none."""
    pool = world.pool()
    configure(pool, activity(CloudWatchLogsConfiguration={"LogGroupArn": LOG_GROUP}))
    before = len(world.log)
    tell(pool, EVENT, {"userName": "eve\nforged"})
    tell(pool, EVENT, source="userNotification", level="ERROR")
    lines = [json.loads(line) for line in world.log[before:] if b"log_group" in line]
    assert [line["entry"] for line in lines] == [entry(pool, EVENT), entry(pool, {"userName": "eve\\u000aforged"})]
    assert {(line["log_group"], line["pool"], line["level"]) for line in lines} == {(LOG_GROUP, pool.pool_id, "info")}


def test_a_message_that_nobody_will_get_is_logged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """userNotification, ERROR: which kind, and why; neither the address nor the code."""
    with web_sink() as sink:
        sink.answer = lambda taken: 400 if taken.path == "/mail" else 200
        mail = SenderSetting(
            name="hook",
            transport=ReceiverTransport(
                endpoint=Endpoint(url=f"{sink.url}/mail", private=True, plain_http=True), secrets=(Secret(SECRET),)
            ),
            media=("EMAIL",),
        )
        collector = OtlpTransport(address=address(f"{sink.url}/v1/logs"), authorization=Secret("Bearer x"))
        known = destination(COLLECTED, collector)
        with logging_to(tmp_path, monkeypatch, known, dev=False, senders=(mail,)) as world:
            pool = world.pool(AutoVerifiedAttributes=["email"])
            configure(pool, notification(COLLECTED))
            pool.client().sign_up("ada", email="ada@lovelace.example")
            wait_for(lambda: bool(sink.at("/v1/logs")))
            (sent,) = sink.at("/v1/logs")
            assert sent.headers["authorization"] == "Bearer x"
            (scope,) = json.loads(sent.body)["resourceLogs"][0]["scopeLogs"]
            (record,) = scope["logRecords"]
            assert (scope["scope"]["name"], record["severityNumber"]) == ("poolkeeper.log_delivery", 17)
            details = "EMAIL of kind SignUp was not delivered (refused): the receiver said: HTTP 400"
            expected = entry(pool, {"details": details}, "USER_NOTIFICATION", "ERROR")
            assert json.loads(record["body"]["stringValue"]) == expected
            attributes = {one["key"]: one["value"] for one in record["attributes"]}
            assert attributes["user_pool_id"] == {"stringValue": pool.pool_id}


def test_a_stream_is_a_web_server_that_sees_who_sent_it_and_when(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """attacks.md 146: as Firehose sends it, with a signature of time, id and body; each try is signed anew, with one id."""
    with web_sink() as sink, logging_to(tmp_path, monkeypatch, destination(STREAM, sink_at(f"{sink.url}/in"))) as world:
        answers = iter([503])
        sink.answer = lambda _: next(answers, 200)
        pool = world.pool()
        configure(pool, TO_STREAM)
        began = world.clock.now()
        tell(pool, EVENT, {**EVENT, "eventType": "SignUp"})
        wait_for(lambda: len(sink.taken) == 2)
        for taken in sink.taken:
            body = json.loads(taken.body)
            assert body["requestId"] == taken.headers["x-amz-firehose-request-id"] == taken.headers["poolkeeper-id"]
            told = [json.loads(base64.b64decode(record["data"])) for record in body["records"]]
            assert told == [entry(pool, EVENT), entry(pool, {**EVENT, "eventType": "SignUp"})]
            seconds = began // 1000
            signed = f"{seconds}.{body['requestId']}.".encode() + taken.body
            mark = hmac.digest(SECRET.encode(), signed, "sha256").hex()
            assert taken.headers["poolkeeper-signature"] == f"t={seconds},v1={mark}"
            assert taken.headers["x-amz-firehose-access-key"] == "key-of-the-stream"
            assert taken.headers["x-amz-firehose-source-arn"] == STREAM
        assert len({taken.headers["poolkeeper-id"] for taken in sink.taken}) == 1


def test_a_bucket_gets_objects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At an endpoint of S3 that checks the signature: an entry a line, below the pool and the day."""
    with moto_server() as moto:
        setting_up = moto.client("s3")
        setting_up.create_bucket(
            Bucket="logs-of-people", CreateBucketConfiguration={"LocationConstraint": STORE_REGION}
        )
        store = S3Transport(
            address=address(moto.url),
            region=STORE_REGION,
            access_key_id=KEY_ID,
            secret_access_key=Secret(KEY_SECRET),
            session_token=Secret(TOKEN),
            prefix="pools/",
        )
        with logging_to(tmp_path, monkeypatch, destination("arn:aws:s3:::*", store)) as world:
            pool = world.pool()
            configure(pool, TO_BUCKET)
            tell(pool, EVENT, EVENT)

            def listed() -> list[Any]:
                held: list[Any] = setting_up.list_objects_v2(Bucket="logs-of-people").get("Contents", [])
                return held

            wait_for(lambda: bool(listed() or moto.refused))
            assert moto.refused == []
            (held,) = listed()
            day = world.clock.datetime()
            assert held["Key"].startswith(f"pools/{pool.pool_id}/userAuthEvents/{day:%Y/%m/%d/%H%M%S}-")
            body = setting_up.get_object(Bucket="logs-of-people", Key=held["Key"])["Body"].read()
            assert [json.loads(line) for line in body.splitlines()] == [entry(pool, EVENT)] * 2


def test_a_destination_of_one_pool_is_no_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the operator names the pools; of several tables the one that says most of the ARN counts."""
    with web_sink() as sink:
        mine = destination(STREAM, sink_at(f"{sink.url}/mine"), f"{REGION}_Mine00000")
        all_streams = destination("arn:aws:firehose:*", sink_at(f"{sink.url}/all"), f"{REGION}_Mine00000")
        with logging_to(tmp_path, monkeypatch, all_streams, mine) as world:
            assert refused(lambda: configure(world.pool(), TO_STREAM))[0] == "InvalidParameterException"
            pool = world.pool(UserPoolTags={"_custom_id_": f"{REGION}_Mine00000"})
            configure(pool, TO_STREAM)
            tell(pool, EVENT)
            wait_for(lambda: bool(sink.taken))
            assert {taken.path for taken in sink.taken} == {"/mine"}


def test_what_waits_is_bounded_and_what_is_lost_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """attacks.md 146: a sink that hangs or refuses holds up nobody; the oldest give way."""
    monkeypatch.setattr(log_delivery, "MOST_OF_ONE", 5)
    counted: dict[tuple[str, bool], int] = {}

    def count(source: str, delivered: bool, number: int) -> None:  # noqa: FBT001 - as the metric has it
        counted[source, delivered] = counted.get((source, delivered), 0) + number

    with web_sink() as sink, logging_to(tmp_path, monkeypatch, destination(STREAM, sink_at(sink.url))) as world:
        world.house.log_delivery.begin(write=lambda *_: None, count=count)
        pool = world.pool()
        configure(pool, TO_STREAM)
        tell(pool, *[{"number": number} for number in range(12)])
        wait_for(lambda: sum(counted.values()) == 12)
        assert counted == {("userAuthEvents", False): 7, ("userAuthEvents", True): 5}
        (taken,) = sink.taken
        told = [
            json.loads(base64.b64decode(one["data"]))["message"]["number"] for one in json.loads(taken.body)["records"]
        ]
        assert told == [7, 8, 9, 10, 11]

        sink.answer = lambda _: 400
        tell(pool, EVENT)
        wait_for(lambda: sum(counted.values()) == 13)
        assert counted["userAuthEvents", False] == 8
