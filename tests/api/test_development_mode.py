"""Whether development's doors are shut in production, and no key comes with the house (attacks.md 157)."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import boto3
import botocore.auth
import pytest

from api.world import REGION, World, refused, round_to_second, running, settings_for
from poolkeeper.clock import SystemClock
from poolkeeper.entropy import Entropy
from poolkeeper.secret import Secret
from poolkeeper.server.start import prepare
from poolkeeper.settings import NAMES, Settings, SettingsError, load

POOLKEEPER = str(Path(sys.executable).with_name("poolkeeper"))
DOORS = (
    "/_dev/outbox",
    "/_dev/inbox",
    "/_dev/",
    "/_dev",
    "/_dev/inbox/messages",
    "/_DEV/outbox",
    "//_dev/outbox",
    "/%5fdev/outbox",
    "/x/../_dev/outbox",
    "/_dev/outbox/",
    "/docs",
    "/openapi.json",
    "/debug",
    "/metrics",
)
# Keys that emulators, tutorials and AWS's own examples are known by.
KNOWN_KEYS = (
    ("test", "test"),
    ("local", "local"),
    ("dummy", "dummy"),
    ("admin", "admin"),
    ("root", "root"),
    ("poolkeeper", "poolkeeper"),
    ("minioadmin", "minioadmin"),
    ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ("LSIAQAAAAAAVNCBMPNSG", "test"),
    ("PKAAAAAAAAAAAAAAAAAA", ""),
)


@pytest.fixture
def production(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Run a server without --dev."""
    settings = replace(settings_for(tmp_path), dev=False)
    now = round_to_second(time.time_ns() // 1_000_000)
    with running(settings, engine="sqlite", started_at=now) as world:
        monkeypatch.setattr(botocore.auth, "get_current_datetime", world.clock.datetime)
        yield world


def test_production_tells_a_browser_one_line(production: World) -> None:
    """It names neither the program nor its version, and keeps no request for anybody to look at."""
    status, headers, body = production.get("/")

    assert (status, body) == (200, b"An API answers POST requests at this address.\n")
    assert headers["cache-control"] == "no-store"
    assert production.app._recent is None
    assert production.get("/?client=x&show=cli")[2] == body


def test_production_has_no_development_door(production: World) -> None:
    """attacks.md 157: captured messages and the inbox are not there, under no spelling, for no method."""
    assert production.get("/health")[0] == 200
    for path in DOORS:
        assert production.get(path)[0] == 404, path
        assert production.http("DELETE", path)[0] == 404, path
        assert production.http("POST", path, body=b"")[0] == 404, path


def test_no_key_that_everybody_knows_signs_in(production: World) -> None:
    """attacks.md 157: the keys of emulators and examples are nobody's."""
    for key_id, secret in KNOWN_KEYS:
        client = boto3.client(
            "cognito-idp",
            region_name=REGION,
            endpoint_url=production.url,
            aws_access_key_id=key_id,
            aws_secret_access_key=secret or "x",
        )
        assert refused(lambda: client.list_user_pools(MaxResults=1)) == (  # noqa: B023 - called at once
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        )


def test_every_first_start_makes_another_key(tmp_path: Path) -> None:
    """attacks.md 157: without a key given the first one is drawn, and a second start makes none."""

    def first_start(folder: Path) -> tuple[str, str] | None:
        settings = replace(settings_for(folder), root_access_key_id="", root_secret_access_key=Secret(""))
        made = asyncio.run(prepare(settings, SystemClock(), Entropy())).made_key
        return None if made is None else (made.access_key_id, made.secret.reveal())

    keys = [first_start(tmp_path / str(number)) for number in range(3)]
    assert None not in keys
    assert len(set(keys)) == 3
    assert all(key is not None and len(key[1]) == 40 for key in keys)
    assert first_start(tmp_path / "0") is None


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com", ""])
@pytest.mark.parametrize("way", ["flag", "environment", "file"])
def test_development_mode_stays_on_loopback(tmp_path: Path, host: str, way: str) -> None:
    """attacks.md 157: on any other address it wants a flag of its own, wherever it was switched on; the sentence says which."""
    file = tmp_path / "poolkeeper.toml"
    file.write_text("dev = true\n" if way == "file" else "")
    flags = {"host": host, "config": str(file), **({"dev": True} if way == "flag" else {})}
    environment = {"POOLKEEPER_DEV": "1"} if way == "environment" else {}
    with pytest.raises(SettingsError) as fault:
        load(flags, environment)
    assert f"on {host} it wants --dev-anywhere as well" in str(fault.value)
    assert load({**flags, "dev_anywhere": True}, environment)[0].dev


def test_the_command_refuses_before_it_does_anything(tmp_path: Path) -> None:
    """attacks.md 157: `serve --dev --host 0.0.0.0` ends with a code and the sentence, and has made no file."""
    data = tmp_path / "data"
    command = [POOLKEEPER, "serve", "--dev", "--host", "0.0.0.0", "--port", "0", "--data", str(data)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("POOLKEEPER_")}
    ended = subprocess.run(command, check=False, capture_output=True, text=True, env=environment, timeout=60)
    assert ended.returncode not in {0, None}
    assert "development mode shows everybody's messages" in ended.stderr
    assert "--dev-anywhere" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not data.exists()


def test_no_setting_is_open_by_default() -> None:
    """attacks.md 157: nothing that is meant for development is on unless somebody says so, and no secret has a value."""
    default = Settings()
    assert (default.dev, default.dev_anywhere, default.debug) == (False, False, False)
    assert default.on_loopback
    assert not [name for name in NAMES if isinstance(value := getattr(default, name), Secret) and value]


def test_an_empty_secret_is_no_key() -> None:
    """attacks.md 56: half a key, or a key without a secret, stops the start."""
    for half in ({"root_access_key_id": "PKAAAAAAAAAAAAAAAAAA"}, {"root_secret_access_key": "x" * 40}):
        with pytest.raises(SettingsError, match="give both or neither"):
            load(half, {})
    with pytest.raises(SettingsError, match="give both or neither"):
        load({"root_access_key_id": "PKAAAAAAAAAAAAAAAAAA", "root_secret_access_key": ""}, {})
