"""Does a command that looks change nothing? What it does not find or cannot read is told in words."""

import contextlib
import signal
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import postgres_server
from server import program
from server.operating import KEY, json_lines, new_pool, with_ring
from server.program import place, serving
from waiting import wait_for

LOOKING = [
    ("doctor",),
    ("keys", "list"),
    ("pool", "set", "us-east-1_nopool000", "srp=on"),
    ("backup", "copy"),
    ("after-restore",),
]


@pytest.mark.parametrize("command", LOOKING, ids=" ".join)
def test_nothing_is_made_where_nothing_was(command: tuple[str, ...], tmp_path: Path) -> None:
    """The folder that was looked for is named by its absolute path, and is not there afterwards."""
    where = place(tmp_path, **KEY)
    tried = program.run(where, *command, "--data", "mistyped")

    assert tried.returncode == 3
    assert f"there is no database at {tmp_path / 'mistyped' / 'poolkeeper.sqlite3'}" in tried.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [*LOOKING, ("migrate",), ("serve",)], ids=" ".join)
@pytest.mark.parametrize("broken", ["poolkeeper.sqlite3", "sealing.keys", "poolkeeper.toml"])
@pytest.mark.parametrize("as_what", ["folder", "text"])
def test_what_is_no_such_file_is_named_without_a_traceback(
    as_what: str, broken: str, command: tuple[str, ...], tmp_path: Path
) -> None:
    """A folder in a file's place, and a file of something else: exit code 2, the absolute path, what is wrong."""
    if command == ("migrate",) and broken == "sealing.keys":
        return  # It opens nothing that is sealed.
    if command[0] == "backup" and broken == "sealing.keys":
        return  # A backup is made of what is there.
    where = place(tmp_path, **KEY)
    program.told(where, "migrate")
    with_ring(where)
    file = where.data / broken
    file.unlink(missing_ok=True)
    if as_what == "folder":
        file.mkdir()
    else:
        file.write_text("Dear diary,\n" * 500)
        file.chmod(0o600)

    tried = program.run(where, *command)

    assert tried.returncode in {2, 3}, tried.stderr
    assert str(file) in tried.stderr
    assert "Traceback" not in tried.stderr


@pytest.mark.parametrize("command", [*LOOKING[:2], ("migrate",), ("serve",)], ids=" ".join)
def test_a_database_in_use_is_told_without_a_traceback(command: tuple[str, ...], tmp_path: Path) -> None:
    """Another program holds the file for itself."""
    where = place(tmp_path, **KEY)
    with serving(where):
        pass
    holder = sqlite3.connect(where.data / "poolkeeper.sqlite3", isolation_level=None)
    with contextlib.closing(holder):
        holder.execute("PRAGMA locking_mode=EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")
        tried = program.run(where, *command)

    assert tried.returncode == 2
    assert str(where.data / "poolkeeper.sqlite3") in tried.stderr
    assert "Traceback" not in tried.stderr


@pytest.fixture
def own_postgres() -> Iterator[postgres_server.PostgresServer]:
    """Run a PostgreSQL that a test may stop."""
    with postgres_server.running() as server:
        yield server


def test_a_start_waits_for_its_database_and_says_for_whom(
    own_postgres: postgres_server.PostgresServer, tmp_path: Path
) -> None:
    """A command says at once that it is away or frozen; a server waits, and serves when it is there."""
    where = with_ring(place(tmp_path, database=own_postgres.create_database(), **KEY))
    with serving(where):
        pass
    own_postgres.kill()
    looked = program.run(where, "doctor")
    server = program.start(where)
    try:
        wait_for_words(server, "Waiting for the database PostgreSQL 127.0.0.1")
        own_postgres.start()
        program.wait_until_healthy(server, where)
    finally:
        server.stop()
    assert looked.returncode == 2
    for said in (looked.stderr, server.said()):
        assert "Traceback" not in said

    assert own_postgres._process is not None
    own_postgres._process.send_signal(signal.SIGSTOP)
    try:
        frozen = program.run(where, "doctor")
    finally:
        own_postgres._process.send_signal(signal.SIGCONT)
    assert (frozen.returncode, "did not answer within" in frozen.stderr) == (2, True)
    assert "Traceback" not in frozen.stderr


def test_a_server_whose_database_goes_away_says_so_once(
    own_postgres: postgres_server.PostgresServer, tmp_path: Path
) -> None:
    """Its worker looks twice a second: no traceback, one line when it goes and one when it is back."""
    where = with_ring(place(tmp_path, database=own_postgres.create_database(), **KEY))
    with serving(where) as server:
        new_pool(where)
        own_postgres.kill()
        wait_for_words(server, "the worker waits for the database")
        time.sleep(5)
        away = server.said()
        own_postgres.start()
        wait_for_words(server, "the database is back")
        assert httpx.get(f"{where.endpoint}/health", trust_env=False).status_code == 200

    lines = [line for line in json_lines(away) if "message" in line]
    assert not [line for line in lines if "traceback" in line]
    assert len([line for line in lines if "the worker waits" in line["message"]]) <= 2


def wait_for_words(server: program.Served, words: str) -> None:
    wait_for(lambda: words in server.said(), 40, told=lambda: server.said()[-3000:])
