"""On what do these tests run? A server with verifiers on each engine, and a standing clock for each test."""

import time
from collections.abc import Iterator
from dataclasses import replace

import botocore.auth
import pytest

from api.world import World, round_to_second, running, settings_for
from verify.stage import verifiers


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run one Poolkeeper on each engine for the session."""
    database = ""
    if request.param == "postgresql":
        database = request.getfixturevalue("postgres").create_database()
    settings = settings_for(tmp_path_factory.mktemp(f"verify-{request.param}"), database=database)
    settings = replace(settings, verifiers=verifiers())
    with running(settings, engine=request.param, started_at=round_to_second(time.time_ns() // 1_000_000)) as world:
        yield world


@pytest.fixture
def world(server: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Hand a test the server; botocore signs by its clock, which only ever goes forward."""
    monkeypatch.setattr(botocore.auth, "get_current_datetime", server.clock.datetime)
    return server
