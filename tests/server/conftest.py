"""What do the tests of a running server share? Places with an empty database."""

from pathlib import Path

import pytest

import postgres_server
from server.operating import KEY, with_ring
from server.program import Place, place


@pytest.fixture(params=["sqlite", "postgresql"])
def installed(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Choose a place with a key of its own and an empty database, on each engine."""
    if request.param == "sqlite":
        return place(tmp_path, **KEY)
    server: postgres_server.PostgresServer = request.getfixturevalue("postgres")
    return with_ring(place(tmp_path, database=server.create_database(), **KEY))


@pytest.fixture
def two_workers(postgres: postgres_server.PostgresServer, tmp_path: Path) -> Place:
    """Choose a place on PostgreSQL where two processes answer."""
    return with_ring(place(tmp_path, database=postgres.create_database(), workers="2", **KEY))
