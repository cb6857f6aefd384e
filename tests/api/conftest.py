"""On what do the tests of the API run? One server for each engine and session, a standing clock for each test."""

import time
from collections.abc import Iterator

import botocore.auth
import pytest

import postgres_server
from api.modelled import require_modelled, require_reasons
from api.stage import Wire
from api.world import World, round_to_second, running, settings_for


@pytest.fixture(scope="session")
def postgres() -> Iterator[postgres_server.PostgresServer]:
    """Run one PostgreSQL for the session."""
    with postgres_server.running() as server:
        yield server


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run one Poolkeeper on each engine for the session."""
    database = ""
    if request.param == "postgresql":
        database = request.getfixturevalue("postgres").create_database()
    settings = settings_for(tmp_path_factory.mktemp(f"api-{request.param}"), database=database)
    with running(settings, engine=request.param, started_at=round_to_second(time.time_ns() // 1_000_000)) as world:
        yield world


@pytest.fixture
def world(server: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Hand a test the server; botocore signs by its clock, which only ever goes forward.

    A test that was answered with an error which the operation's model does not have, or with one of many reasons of
    which the log does not tell, fails at its end.
    """
    monkeypatch.setattr(botocore.auth, "get_current_datetime", server.clock.datetime)
    before = len(server.log)
    yield server
    said = server.log[before:]
    require_modelled(said)
    require_reasons(said)


@pytest.fixture
def wire(world: World) -> Iterator[Wire]:
    """Hand a test a connection for requests as they are given."""
    made = Wire(world)
    yield made
    made.close()
