"""Where do two servers on one database answer? At an address each."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from faults.kill_workers import KEYS
from postgres_server import PostgresServer
from server import program


@pytest.fixture(scope="module")
def endpoints(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """Two processes with one database, one ring of sealing keys and one public address."""
    folder = tmp_path_factory.mktemp("two")
    common = {
        "database": postgres.create_database(),
        "sealing_key_file": str(folder / "sealing.keys"),
        "base_url": "http://localhost:7665",
        "password_hash_memory": "64",
        **KEYS,
    }
    with ExitStack() as stack:
        found = []
        for number in range(2):
            home = Path(folder / str(number))
            home.mkdir()
            where = program.place(home, **common)
            stack.enter_context(program.serving(where, "--dev"))
            found.append(where.endpoint)
        yield found
