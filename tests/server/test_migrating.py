"""What becomes of a database that an earlier Poolkeeper made? Refused with the command to run, or brought up to date."""

import sqlite3
from pathlib import Path

from poolkeeper.store.migrate import LATEST
from server import program
from server.operating import KEY, new_pool, new_user, sign_in
from server.program import Place, place, serving

ADDED_TABLES = ("software_tokens", "devices", "passkeys", "conversations")
ADDED_COLUMNS = {"users": ("mfa",), "sessions": ("device_key", "factors", "acr", "seen_at", "address", "user_agent")}


def of_version_1(where: Place) -> None:
    """Take a database back to what version 1 made: without what version 2 added, and without its record."""
    with sqlite3.connect(where.data / "poolkeeper.sqlite3") as database:
        for table in ADDED_TABLES:
            database.execute(f"DROP TABLE {table}")
        for table, columns in ADDED_COLUMNS.items():
            for column in columns:
                database.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        database.execute("DELETE FROM schema_migrations WHERE version > 1")
    database.close()


def test_a_database_of_version_1_is_refused_until_it_is_migrated_and_keeps_its_users(tmp_path: Path) -> None:
    """Exit code 3 and the command to run; after it everybody signs in as before."""
    where = place(tmp_path, **KEY)
    with serving(where):
        pool_id, client_id = new_pool(where)
        new_user(where, pool_id, client_id)
    of_version_1(where)

    refused = program.run(where, "serve")
    assert refused.returncode == 3
    assert "the database is at version 1" in refused.stderr
    assert "poolkeeper migrate" in refused.stderr
    assert f"at version {LATEST}" in program.told(where, "migrate")
    with serving(where):
        assert sign_in(where, client_id, "ada")["AuthenticationResult"]["TokenType"] == "Bearer"


def test_a_developer_s_own_file_is_brought_up_to_date_by_the_start(tmp_path: Path) -> None:
    """`serve --dev` on SQLite asks nobody: it says what it did, and everybody signs in as before."""
    where = place(tmp_path, **KEY)
    with serving(where, "--dev"):
        pool_id, client_id = new_pool(where)
        new_user(where, pool_id, client_id)
    of_version_1(where)

    with serving(where, "--dev") as server:
        assert sign_in(where, client_id, "ada")["AuthenticationResult"]["TokenType"] == "Bearer"
        assert "version 1" in server.said()
