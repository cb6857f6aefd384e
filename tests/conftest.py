"""On what do the tests run? One server for each engine and process, a standing clock for each test, a PostgreSQL.

And in which order: what a process is given is one file's tests of one engine, so that browsers, servers and builds that
a file shares are begun once; folders whose tests take long come first, so that no process is left alone at the end.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import botocore.auth
import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

import postgres_server
from api.modelled import require_modelled, require_reasons
from api.stage import Wire
from api.world import World, round_to_second, running, settings_for
from poolkeeper.clock import SECOND

# Where a test starts programs, browsers or servers.
SLOW_FOLDERS = ("clients", "pages", "server", "faults", "jobs", "federation", "hosted")
_ENGINE = re.compile(r"[\[-](sqlite|postgres)")


class ByFileAndEngine(LoadScopeScheduling):  # type: ignore[misc]  # it has no types
    """Hand out the tests of one file on one engine together, in the order in which they were found."""

    def _split_scope(self, nodeid: str) -> str:
        file, _, name = nodeid.partition("::")
        engine = _ENGINE.search(name)
        return f"{file} {engine[1]}" if engine else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFileAndEngine:
    """Hand out work by file and engine, whatever `--dist` says."""
    config.option.loadscopereorder = False
    return ByFileAndEngine(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the slow folders first; within a folder the order stays."""
    rank = {name: place for place, name in enumerate(SLOW_FOLDERS)}
    items.sort(key=lambda item: rank.get(item.path.parent.name, len(rank)))


@pytest.fixture(scope="session")
def postgres() -> Iterator[postgres_server.PostgresServer]:
    """Run one PostgreSQL for the session."""
    with postgres_server.running() as server:
        yield server


@pytest.fixture(scope="session")
def worlds(
    postgres: postgres_server.PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], World]]:
    """Return what runs one Poolkeeper for the session on the engine that it is asked for."""
    with ExitStack() as stack:

        @cache
        def world_on(engine: str) -> World:
            database = postgres.create_database() if engine == "postgresql" else ""
            settings = settings_for(tmp_path_factory.mktemp(f"api-{engine}"), database=database)
            started_at = round_to_second(time.time_ns() // 1_000_000)
            return stack.enter_context(running(settings, engine=engine, started_at=started_at))

        yield world_on


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, worlds: Callable[[str], World]) -> World:
    """Hand a test the session's server, on each engine."""
    return worlds(request.param)


@pytest.fixture
def world(server: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Hand a test the server; botocore signs by its clock, which only ever goes forward, and begins at a whole second.

    A test that was answered with an error which the operation's model does not have, or with one of many reasons of
    which the log does not tell, fails at its end.
    """
    server.clock.advance(-server.clock.now() % SECOND)
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
