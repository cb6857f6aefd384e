"""How does pytest know the server of tests? Two fixtures; where neither is asked for, nothing of Poolkeeper is loaded."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from poolkeeper.testing import PoolkeeperServer


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the setting that names the seed file."""
    parser.addini("poolkeeper_seed", "Seed file of the fixture poolkeeper, relative to the file with this setting.")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Load a server beside the tests before the first one that asks for it."""
    asking = any("poolkeeper_of_session" in getattr(item, "fixturenames", ()) for item in session.items)
    if asking and not session.config.option.collectonly:
        from poolkeeper.nursery import nursery  # noqa: PLC0415 - a suite without such a test waits for nothing

        nursery()


@pytest.fixture(scope="session")
def poolkeeper_of_session(pytestconfig: pytest.Config) -> "Iterator[PoolkeeperServer]":
    """Run one server for the session, and for each process of pytest-xdist one; it keeps what tests leave in it."""
    from poolkeeper.testing import poolkeeper_server  # noqa: PLC0415 - a suite without such a test waits for nothing

    seed = str(pytestconfig.getini("poolkeeper_seed"))
    below = pytestconfig.inipath.parent if pytestconfig.inipath is not None else pytestconfig.rootpath
    with poolkeeper_server(below / seed if seed else None) as server:
        yield server


@pytest.fixture
def poolkeeper(poolkeeper_of_session: "PoolkeeperServer") -> "PoolkeeperServer":
    """Hand a test that server as its seed made it, whatever other tests did before."""
    poolkeeper_of_session.reset()
    return poolkeeper_of_session
