"""What may a table [log_delivery."<arn>"] hold? Everything that is wrong with it is told at once, before anything starts."""

from pathlib import Path
from typing import Any

import pytest

from poolkeeper.log_delivery_settings import (
    LogTransport,
    OtlpTransport,
    S3Transport,
    SinkTransport,
    destination_of,
    read_log_delivery,
)
from poolkeeper.settings import doubts, load

GROUP = "arn:aws:logs:us-east-1:000000000000:log-group:app"
S3 = {"transport": "s3", "region": "eu-west-1", "access_key_id": "AKIA", "secret_access_key": "x"}
HOOK = {"transport": "webhook", "url": "https://sink.example", "secrets": ["0123456789abcdef"]}


def faults(arn: str, entry: Any) -> list[str]:
    return read_log_delivery({arn: entry}, folder=Path())[1]


def test_each_transport_is_read(tmp_path: Path) -> None:
    """Secrets may be in files beside poolkeeper.toml; what is on this machine may be reached without TLS."""
    (tmp_path / "key").write_text("secret-of-the-key\n")
    tables = {
        "arn:aws:logs:*": {"transport": "log"},
        GROUP: {"transport": "otlp", "url": "http://127.0.0.1:4318/v1/logs", "authorization": "Bearer x"},
        "arn:aws:s3:::logs": {
            **{k: v for k, v in S3.items() if k != "secret_access_key"},
            "secret_access_key_file": "key",
        },
        "arn:aws:firehose:*": {**HOOK, "pools": ["us-east-1_Kx81mQ0zP"]},
    }
    entries, wrong = read_log_delivery(tables, folder=tmp_path)
    assert wrong == []
    log, collector, bucket, stream = (entry.transport for entry in entries)
    assert isinstance(log, LogTransport)
    assert isinstance(collector, OtlpTransport)
    assert collector.address.private
    assert collector.address.plain_http
    assert isinstance(bucket, S3Transport)
    assert bucket.address.url == "https://s3.eu-west-1.amazonaws.com"
    assert bucket.secret_access_key.reveal() == "secret-of-the-key"
    assert not bucket.address.private
    assert isinstance(stream, SinkTransport)

    named = "arn:aws:firehose:us-east-1:000000000000:deliverystream/x"
    assert destination_of(entries, GROUP, "p") == collector
    assert destination_of(entries, f"{GROUP}:*", "p") == collector
    assert destination_of(entries, f"{GROUP}-2", "p") == log
    assert destination_of(entries, named, "us-east-1_Kx81mQ0zP") == stream
    assert destination_of(entries, named, "us-east-1_Another00") is None
    assert isinstance(destination_of((), GROUP, "p"), LogTransport)


def test_a_bucket_in_china_is_at_the_names_of_china() -> None:
    """Without a `url` the endpoint is S3's of the region, and those of China end otherwise."""
    (bucket,), wrong = read_log_delivery({"arn:aws-cn:s3:::logs": {**S3, "region": "cn-north-1"}}, folder=Path())
    assert wrong == []
    assert isinstance(bucket.transport, S3Transport)
    assert bucket.transport.address.url == "https://s3.cn-north-1.amazonaws.com.cn"


WRONG: dict[str, tuple[str, Any, str]] = {
    "no ARN": ("logs", {"transport": "log"}, "is no ARN"),
    "an ARN of another service": ("arn:aws:sns:us-east-1:000000000000:x", {"transport": "log"}, "is no ARN"),
    "no table": (GROUP, "log", "must be a table"),
    "no transport": (GROUP, {}, "transport must be one of log, otlp, s3, webhook"),
    "an unknown key": (GROUP, {"transport": "log", "url": "https://x.example"}, "there is no key url"),
    "a key that is missing": (GROUP, {"transport": "otlp"}, "url is missing"),
    "plain HTTP elsewhere": (GROUP, {"transport": "otlp", "url": "http://x.example"}, "wants plain_http = true"),
    "another scheme": (GROUP, {"transport": "otlp", "url": "file:///etc/passwd"}, "url must be"),
    "a short secret": (GROUP, {**HOOK, "secrets": ["short"]}, "secrets must be"),
    "a prefix that climbs": ("arn:aws:s3:::logs", {**S3, "prefix": "../"}, "prefix must be"),
    "an endpoint with a path": ("arn:aws:s3:::logs", {**S3, "url": "https://s3.example/x"}, "url must be"),
    "a secret twice": (
        GROUP,
        {"transport": "otlp", "url": "https://x.example", "authorization": "Bearer x", "authorization_file": "x"},
        "authorization and authorization_file are both there; one is enough",
    ),
    "a file that is not there": (
        GROUP,
        {"transport": "otlp", "url": "https://x.example", "authorization_file": "gone"},
        "cannot be read",
    ),
}


@pytest.mark.parametrize(("arn", "entry", "sentence"), WRONG.values(), ids=list(WRONG))
def test_what_is_wrong_is_told(arn: str, entry: Any, sentence: str) -> None:
    """In a sentence that names the table."""
    told = faults(arn, entry)
    assert any(sentence in one and one.startswith(f'log_delivery."{arn}"') for one in told), told


@pytest.mark.parametrize(
    ("entry", "warned"),
    [
        ('transport = "s3"\nregion = "eu-west-1"\naccess_key_id = "AKIA"\nsecret_access_key = "x"', True),
        ('transport = "webhook"\nurl = "https://sink.example"\nsecrets = ["0123456789abcdef"]', True),
        ('transport = "otlp"\nurl = "https://logs.example"\nauthorization = "Bearer x"', True),
        ('transport = "log"', False),
    ],
)
def test_a_start_tells_of_secrets_that_others_read(tmp_path: Path, entry: str, warned: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    """What a destination is shown, in a file that everybody on the machine may read."""
    file = tmp_path / "poolkeeper.toml"
    file.write_text(f'[log_delivery."arn:aws:logs:*"]\n{entry}\n')
    file.chmod(0o644)
    settings, sources = load({"config": str(file)}, {}, working_folder=tmp_path)
    assert bool(doubts(settings, sources, {})) is warned
