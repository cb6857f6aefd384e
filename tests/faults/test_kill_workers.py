"""Whether a worker that is killed in mid sign-up takes anything with it (attacks.md F1)."""

from pathlib import Path

from faults.kill_workers import KEYS, kill_workers
from postgres_server import PostgresServer
from server import program

POINTS = 20


def test_a_killed_worker_loses_nothing_that_was_acknowledged(postgres: PostgresServer, tmp_path: Path) -> None:
    """attacks.md F1 in short (`kill_workers.py --points 200` is the long form): every user is whole, and the other worker goes on."""
    database = postgres.create_database()
    where = program.place(tmp_path, database=database, workers="2", password_hash_memory="64", **KEYS)
    with program.serving(where, "--dev") as served:
        outcome = kill_workers(
            parent=served.process.pid,
            endpoint=where.endpoint,
            database=database,
            folder=tmp_path,
            points=POINTS,
            seed=22,
        )
    assert outcome.faults == []
    assert outcome.kills == POINTS
