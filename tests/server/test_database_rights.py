"""What is told of a right that the role lacks in PostgreSQL? One line with what to grant, and what docs/database.md names is enough."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

import postgres_server
from server import program
from server.operating import KEY, client_of, json_lines, new_pool, refused, with_ring
from server.program import Place, place, serving

DOCS = Path(__file__).parents[2] / "docs"


class Installed:
    """A database in which roles have what rights they are given, and a place of each role."""

    def __init__(self, postgres: postgres_server.PostgresServer, folder: Path) -> None:
        self.url = postgres.create_database()
        self.name = self.url.rpartition("/")[2]
        self.programs = postgres.programs
        self._where = with_ring(place(folder, database=self.url, **KEY))

    def of(self, role: str) -> Place:
        """Return the place as a role sees it."""
        return replace(self._where, environment={**self._where.environment, "POOLKEEPER_DATABASE": self.url_of(role)})

    def url_of(self, role: str) -> str:
        return self.url.replace(f"{postgres_server.USER}@", f"{role}@")

    def sql(self, text: str) -> None:
        """Say something as the administrator."""
        done = subprocess.run(
            [str(self.programs / "psql"), "-qX", "-v", "ON_ERROR_STOP=1", self.url],
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


@pytest.fixture
def installed_for(postgres: postgres_server.PostgresServer, tmp_path: Path) -> Installed:
    """Make two roles without any right."""
    made = Installed(postgres, tmp_path)
    for role in (f"owner_{made.name}", f"servers_{made.name}"):
        made.sql(f"CREATE ROLE {role} LOGIN")
    made.sql("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    return made


def one_line(where: Place, *command: str) -> str:
    """Run a command that cannot be done, and return the one line that it says."""
    done = program.run(where, *command)
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.splitlines()
    return line


def test_a_right_that_is_missing_is_told_in_one_line_with_what_to_grant(installed_for: Installed) -> None:
    """Of the schema, of the tables, of who owns them; a server that runs goes on, and answers that it is unavailable."""
    owner, servers = f"owner_{installed_for.name}", f"servers_{installed_for.name}"
    for command in ("migrate", "serve"):
        assert "GRANT USAGE, CREATE ON SCHEMA public TO" in one_line(installed_for.of(owner), command)
    installed_for.sql(f"GRANT USAGE, CREATE ON SCHEMA public TO {owner}")
    program.told(installed_for.of(owner), "migrate")

    installed_for.sql(f"GRANT USAGE ON SCHEMA public TO {servers}")
    for command in ("migrate", "serve", "after-restore", "doctor"):
        told = one_line(installed_for.of(servers), command)
        assert "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO" in told or "CREATE ON" in told

    rights = re.findall(r"^(?:GRANT|ALTER).*;$", (DOCS / "database.md").read_text(), re.MULTILINE)
    assert len(rights) == 3
    for one in rights:
        installed_for.sql(one.replace("TO servers", f"TO {servers}").replace("ROLE poolkeeper", f"ROLE {owner}"))
    where = installed_for.of(servers)
    with serving(where) as server:
        pool_id, _ = new_pool(where)
        assert "BAD" not in program.told(where, "doctor")
        installed_for.sql(f"REVOKE SELECT ON users FROM {servers}")
        refused(lambda: client_of(where).list_users(UserPoolId=pool_id), "InternalErrorException")
        assert "Traceback" not in server.said()
    assert any("permission denied for table users" in str(line) for line in json_lines(server.said())), server.said()


def test_an_ordinary_role_goes_back_to_a_backup_with_an_administrators_hand(installed_for: Installed) -> None:
    """The first line makes a database, as whoever may; the others are the role's own."""
    owner = f"owner_{installed_for.name}"
    installed_for.sql(f"GRANT USAGE, CREATE ON SCHEMA public TO {owner}")
    where = installed_for.of(owner)
    program.told(where, "migrate")
    program.told(where, "keys", "create", "--policy", "AdministratorAccess")
    told = program.told(where, "backup", "back.up")
    lines = re.findall(r"^  ((?:pg_dump|createdb|pg_restore|poolkeeper) .*)$", told, re.MULTILINE)
    assert [line.split()[0] for line in lines] == ["pg_dump", "createdb", "pg_restore", "poolkeeper", "poolkeeper"]
    lines[1] = lines[1].replace(f"{owner}@", f"{postgres_server.USER}@")

    path = f"{installed_for.programs}:{where.environment['PATH']}"
    shell = ["sh", "-ec", "\n".join(lines)]
    environment = {**where.environment, "PATH": path}
    done = subprocess.run(shell, env=environment, cwd=where.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
