"""Does a restore bring back what was backed up, and nothing that had been ended or used? The drill, on both engines."""

import asyncio
import contextlib
import json
import re
import shutil
import sqlite3
import stat
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from email.message import Message
from email.parser import Parser
from functools import partial
from pathlib import Path

import asyncpg
import httpx
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

import postgres_server
from poolkeeper import __version__
from ports import free_ports
from server import program
from server.operating import KEY, client_of, new_pool, new_user, refused, sign_in
from server.program import Place, place, serving
from waiting import wait_for

SRP_A = "a1" * 384


@dataclass
class Postbox:
    """A mail server that keeps what it gets."""

    kept: list[Message] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        assert isinstance(envelope.content, bytes)
        self.kept.append(Parser().parsestr(envelope.content.decode()))
        return "250 OK"

    def recipients(self) -> set[str]:
        return {str(one["To"]) for one in self.kept}


@contextlib.contextmanager
def postbox(port: int) -> Iterator[Postbox]:
    """Run a mail server on a port."""
    box = Postbox()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


@pytest.fixture
def place_with_mail(installed: Place) -> Place:
    """Choose a place whose mail server is away, until a test runs one at its port."""
    mail = {"POOLKEEPER_SMTP_HOST": "127.0.0.1", "POOLKEEPER_SMTP_SECURITY": "none"}
    mail["POOLKEEPER_SMTP_PORT"] = str(free_ports(1)[0])
    return replace(installed, environment={**installed.environment, **mail})


def on_postgres(where: Place) -> bool:
    return "POOLKEEPER_DATABASE" in where.environment


def back_up(where: Place, postgres: Callable[[], postgres_server.PostgresServer]) -> str:
    """Do what `poolkeeper backup` says, and return its words."""
    told = program.told(where, "backup", "kept/back.up")
    if on_postgres(where):
        follow(where, postgres(), re.findall(r"^  (pg_dump .*)$", told, re.MULTILINE))
    return told


def restore(where: Place, told: str, postgres: Callable[[], postgres_server.PostgresServer], *flags: str) -> Place:
    """Go back to the backup as its words say, and return where the servers are to run from then on."""
    if not on_postgres(where):
        program.told(where, "restore", "kept/back.up", *flags)
        return where
    recipe = re.findall(r"^  ((?:createdb|pg_restore|poolkeeper) .*)$", told, re.MULTILINE)
    assert recipe[-1].startswith("poolkeeper after-restore")
    follow(where, postgres(), [*recipe[:-1], " ".join([recipe[-1], *flags])])
    found = re.search(r"--database '?([^' ]+)", recipe[-1])
    assert found is not None
    return replace(where, environment={**where.environment, "POOLKEEPER_DATABASE": found[1]})


def follow(where: Place, postgres: postgres_server.PostgresServer, lines: list[str]) -> None:
    """Type the lines of a recipe into a shell."""
    assert lines
    path = f"{postgres.programs}:{where.environment['PATH']}"
    done = subprocess.run(
        ["sh", "-ec", "\n".join(lines)],
        env={**where.environment, "PATH": path},
        cwd=where.folder,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def postgres_of(request: pytest.FixtureRequest) -> Callable[[], postgres_server.PostgresServer]:
    """Return the PostgreSQL of the session, which is not started for SQLite's sake."""
    return lambda: request.getfixturevalue("postgres")


def mail_pool(where: Place) -> tuple[str, str]:
    """Make a pool that mails codes, and its client."""
    pool_id, client_id = new_pool(where)
    client_of(where).update_user_pool(UserPoolId=pool_id, AutoVerifiedAttributes=["email"])
    return pool_id, client_id


def invite(where: Place, pool_id: str, name: str) -> None:
    client_of(where).admin_create_user(
        UserPoolId=pool_id,
        Username=name,
        TemporaryPassword="First-Pass-1",
        DesiredDeliveryMediums=["EMAIL"],
        UserAttributes=[
            {"Name": "email", "Value": f"{name}@example.com"},
            {"Name": "email_verified", "Value": "true"},
        ],
    )


def newest_code(where: Place) -> str:
    code: str = httpx.get(f"{where.endpoint}/_dev/outbox", trust_env=False).json()[-1]["code"]
    return code


def test_a_restore_ends_sessions_and_codes_and_loses_no_user_and_no_invitation(
    place_with_mail: Place, postgres_of: Callable[[], postgres_server.PostgresServer]
) -> None:
    """Tokens, a spent code and half a sign-in of before are worth nothing; passwords and waiting mail are as backed up."""
    where = place_with_mail
    port = int(where.environment["POOLKEEPER_SMTP_PORT"])
    with serving(where, "--dev"):
        pool_id, client_id = mail_pool(where)
        tokens = new_user(where, pool_id, client_id)["AuthenticationResult"]
        idp = client_of(where)
        email = [{"Name": "email", "Value": "ada@example.com"}, {"Name": "email_verified", "Value": "true"}]
        idp.admin_update_user_attributes(UserPoolId=pool_id, Username="ada", UserAttributes=email)
        idp.forgot_password(ClientId=client_id, Username="ada")
        code = newest_code(where)
    with serving(where):
        idp = client_of(where)
        challenge = new_user(where, pool_id, client_id, "grace", permanent=False)
        block = idp.initiate_auth(
            ClientId=client_id, AuthFlow="USER_SRP_AUTH", AuthParameters={"USERNAME": "ada", "SRP_A": SRP_A}
        )
        invite(where, pool_id, "edsger")
        invite(where, pool_id, "alan")
        idp.admin_set_user_password(UserPoolId=pool_id, Username="alan", Password="First-Pass-1", Permanent=True)
        idp.forgot_password(ClientId=client_id, Username="alan")
        said = back_up(where, postgres_of)
        # What comes after the backup: a code is spent on a new password, and a session is ended.
        reset = {"ClientId": client_id, "Username": "ada", "ConfirmationCode": code}
        idp.confirm_forgot_password(**reset, Password="Second-Pass-2")
        idp.revoke_token(ClientId=client_id, Token=tokens["RefreshToken"])
        later = new_user(where, pool_id, client_id, "barbara")["AuthenticationResult"]

    restored = restore(where, said, postgres_of)

    with postbox(port) as box, serving(restored):
        idp = client_of(restored)
        for old in (tokens, later):
            refresh = partial(idp.get_tokens_from_refresh_token, ClientId=client_id, RefreshToken=old["RefreshToken"])
            refused(refresh, "NotAuthorizedException")
            refused(partial(idp.get_user, AccessToken=old["AccessToken"]), "NotAuthorizedException")
        refused(lambda: idp.confirm_forgot_password(**reset, Password="Third-Pass-3"), "ExpiredCodeException")
        answer = {"USERNAME": "grace", "NEW_PASSWORD": "Second-Pass-2"}
        refused(
            lambda: idp.respond_to_auth_challenge(
                ClientId=client_id,
                ChallengeName="NEW_PASSWORD_REQUIRED",
                Session=challenge["Session"],
                ChallengeResponses=answer,
            ),
            "NotAuthorizedException",
        )
        proof = {
            "USERNAME": "ada",
            "PASSWORD_CLAIM_SECRET_BLOCK": block["ChallengeParameters"]["SECRET_BLOCK"],
            "TIMESTAMP": "Tue Nov 24 09:00:00 UTC 2026",
            "PASSWORD_CLAIM_SIGNATURE": "A" * 43 + "=",
        }
        with pytest.raises(idp.exceptions.NotAuthorizedException, match="session is expired"):
            idp.respond_to_auth_challenge(
                ClientId=client_id, ChallengeName="PASSWORD_VERIFIER", ChallengeResponses=proof
            )
        assert "AccessToken" in sign_in(restored, client_id, "ada")["AuthenticationResult"]
        fresh = sign_in(restored, client_id, "grace")
        done = idp.respond_to_auth_challenge(
            ClientId=client_id,
            ChallengeName="NEW_PASSWORD_REQUIRED",
            Session=fresh["Session"],
            ChallengeResponses=answer,
        )
        assert "AccessToken" in done["AuthenticationResult"]
        refused(lambda: sign_in(restored, client_id, "barbara"), "UserNotFoundException")
        program.told(restored, "doctor")
        wait_for(lambda: box.recipients() >= {"edsger@example.com", "alan@example.com"})
    # The invitations, and not the code, which the restore has dropped.
    assert sorted(str(one["To"]) for one in box.kept) == ["alan@example.com", "edsger@example.com"]


def test_what_was_moved_goes_on_as_it_was(
    place_with_mail: Place, postgres_of: Callable[[], postgres_server.PostgresServer]
) -> None:
    """With --as-moved, for a copy that was taken after the server had stopped, nobody is signed out."""
    where = place_with_mail
    with serving(where):
        pool_id, client_id = new_pool(where)
        tokens = new_user(where, pool_id, client_id)["AuthenticationResult"]
        challenge = new_user(where, pool_id, client_id, "grace", permanent=False)
    said = back_up(where, postgres_of)

    restored = restore(where, said, postgres_of, "--as-moved")

    with serving(restored):
        idp = client_of(restored)
        idp.get_user(AccessToken=tokens["AccessToken"])
        idp.get_tokens_from_refresh_token(ClientId=client_id, RefreshToken=tokens["RefreshToken"])
        done = idp.respond_to_auth_challenge(
            ClientId=client_id,
            ChallengeName="NEW_PASSWORD_REQUIRED",
            Session=challenge["Session"],
            ChallengeResponses={"USERNAME": "grace", "NEW_PASSWORD": "Second-Pass-2"},
        )
        assert "AccessToken" in done["AuthenticationResult"]


def test_a_backup_says_its_time_its_version_and_what_else_is_to_be_kept(
    installed: Place, postgres_of: Callable[[], postgres_server.PostgresServer]
) -> None:
    """The ring of sealing keys is named by its absolute path; who can read the backup is its owner alone."""
    with serving(installed):
        before = program.run(installed, "doctor").stdout
        said = back_up(installed, postgres_of)
        after = program.run(installed, "doctor").stdout
    again = program.run(installed, "backup", "kept/back.up")
    file = installed.folder / "kept" / "back.up"

    assert "note no backup was ever made" in before
    assert f"{installed.data / 'sealing.keys'}" in said
    assert re.search(r"^ok {3}the newest backup was \w+ 0\.0 hours ago", after, re.MULTILINE)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (again.returncode, f"{file} is there already" in again.stderr) == (2, True)
    if on_postgres(installed):
        fact = asyncio.run(_fact(installed.environment["POOLKEEPER_DATABASE"]))
    else:
        with sqlite3.connect(file) as copy:
            (fact,) = copy.execute("SELECT value FROM server_facts WHERE name = 'newest_backup'").fetchone()
        copy.close()
        assert sorted(one.name for one in file.parent.iterdir()) == ["back.up"]
    told = json.loads(fact)
    assert told["version"] == __version__
    assert told["at"] > 1_700_000_000_000


async def _fact(url: str) -> bytes:
    connection = await asyncpg.connect(url)
    try:
        fact: bytes = await connection.fetchval("SELECT value FROM server_facts WHERE name = 'newest_backup'")
    finally:
        await connection.close()
    return fact


def test_what_a_restore_cannot_bring_back_is_told(tmp_path: Path) -> None:
    """Passwords that were changed and users who were disabled after the backup; the file of before is kept."""
    where = place(tmp_path, **KEY)
    with serving(where):
        pool_id, client_id = new_pool(where)
        new_user(where, pool_id, client_id)
        program.told(where, "backup", "back.up")
        new_user(where, pool_id, client_id, "grace")
    told = program.told(where, "restore", "back.up")

    assert "Not recovered" in told
    assert "password" in told
    assert "disabled" in told
    found = re.search(rf"({re.escape(str(where.data))}/poolkeeper\.sqlite3\.before-\S+)", told)
    assert found is not None
    with sqlite3.connect(found[1]) as before:
        names = {row[0] for row in before.execute("SELECT username FROM users")}
    before.close()
    assert names == {"ada", "grace"}


def test_nothing_is_restored_under_a_running_server(installed: Place) -> None:
    """Restore and after-restore are refused while a server runs, which goes on as it was."""
    with serving(installed):
        pool_id, client_id = new_pool(installed)
        tokens = new_user(installed, pool_id, client_id)["AuthenticationResult"]
        command = ("after-restore",)
        if not on_postgres(installed):
            program.told(installed, "backup", "back.up")
            tried = program.run(installed, "restore", "back.up")
            assert (tried.returncode, "another process serves" in tried.stderr) == (2, True)
        tried = program.run(installed, *command)
        assert tried.returncode == 2
        assert "server" in tried.stderr
        client_of(installed).get_user(AccessToken=tokens["AccessToken"])


@pytest.mark.parametrize("what", ["nothing", "a text", "cut", "of another ring", "a running server's file"])
def test_what_is_no_whole_backup_is_refused_and_nothing_is_touched(what: str, tmp_path: Path) -> None:
    """The reason is told in words, and the database stays what it was, to the byte."""
    where = place(tmp_path, **KEY)
    given = tmp_path / "given"
    with serving(where):
        new_pool(where)
        if what == "a running server's file":
            shutil.copy(where.data / "poolkeeper.sqlite3", given)
        elif what == "cut":
            program.told(where, "backup", "given")
            given.write_bytes(given.read_bytes()[:-20_000])
    if what == "a text":
        given.write_text("Dear diary, " * 1_000)
    if what == "of another ring":
        (tmp_path / "other").mkdir()
        other = place(tmp_path / "other", **KEY)
        with serving(other):
            program.told(other, "backup", str(given))
    kept = (where.data / "poolkeeper.sqlite3").read_bytes()

    tried = program.run(where, "restore", "given")

    assert tried.returncode in {2, 3}
    assert str(given) in tried.stderr
    assert "Traceback" not in tried.stderr
    assert (where.data / "poolkeeper.sqlite3").read_bytes() == kept


def test_a_bare_copy_of_a_running_servers_file_is_noticed(tmp_path: Path) -> None:
    """Without its WAL the copy lacks what was written last: the start refuses it, and the doctor finds it."""
    where = place(tmp_path, **KEY)
    (tmp_path / "copy" / "data").mkdir(parents=True)
    copy = place(tmp_path / "copy", **KEY)
    with serving(where):
        new_pool(where)
        for name in ("poolkeeper.sqlite3", "sealing.keys"):
            shutil.copy(where.data / name, copy.data / name)
        assert program.run(where, "doctor").returncode == 0

    examined, started = program.run(copy, "doctor"), program.run(copy, "serve")
    migrated, backed_up = program.run(copy, "migrate"), program.run(copy, "backup", "back.up")

    assert examined.returncode == 1
    assert re.search(r"^BAD  .*without its WAL", examined.stdout, re.MULTILINE)
    for tried in (started, migrated, backed_up):
        assert tried.returncode == 2
        assert "without its WAL" in tried.stderr
        assert str(copy.data / "poolkeeper.sqlite3") in tried.stderr
        assert "poolkeeper after-restore" in tried.stderr
    # Whoever has nothing better takes it as it is.
    program.told(copy, "after-restore")
    with serving(copy):
        pass


def test_a_stop_a_kill_and_a_move_of_the_whole_folder_raise_no_alarm(tmp_path: Path) -> None:
    """What has its WAL beside it, or was stopped in peace, starts."""
    where = place(tmp_path, **KEY)
    with serving(where):
        pool_id, client_id = new_pool(where)
    with serving(where):
        pass
    server = program.start(where)
    program.wait_until_healthy(server, where)
    new_user(where, pool_id, client_id)
    server.process.kill()
    server.ended()
    (tmp_path / "moved").mkdir()
    moved = place(tmp_path / "moved", **KEY)
    shutil.copytree(where.data, moved.data)
    for one in (where, moved):
        assert program.run(one, "doctor").returncode == 0
        with serving(one):
            assert "AccessToken" in sign_in(one, client_id, "ada")["AuthenticationResult"]


def test_only_a_backup_of_ours_is_said_to_be_of_its_moment(tmp_path: Path) -> None:
    """Whatever else was copied may hold what came after the newest backup; a backup may have been carried elsewhere."""
    where = place(tmp_path, **KEY)
    with serving(where):
        program.told(where, "backup", "back.up")
    moved = program.told(where, "restore", "--as-moved", "data/poolkeeper.sqlite3")
    ended = program.told(where, "restore", "data/poolkeeper.sqlite3")
    (tmp_path / "carried").mkdir()
    (tmp_path / "back.up").rename(tmp_path / "carried" / "back.up")
    own = program.told(where, "restore", "carried/back.up")

    for told in (moved, ended):
        assert re.search(
            r"^The newest backup noted in it was made at .* what the copy holds may be newer\.$", told, re.MULTILINE
        )
        assert "The data are those of" not in told
    assert "Not recovered is what came after the copy was made" in ended
    assert re.search(r"^The data are those of 20.* UTC", own, re.MULTILINE)
    assert re.search(r"^Not recovered is what came after 20.* UTC", own, re.MULTILINE)


def test_a_backup_to_a_full_disk_names_the_file_and_leaves_nothing(installed: Place) -> None:
    """The live database is not accused of it; neither half a copy nor a draft stays."""
    installed.data.mkdir(exist_ok=True)
    (installed.data / "poolkeeper.toml").write_text("# " + "a long story " * 2_000 + "\n")
    with serving(installed):
        tried = subprocess.run(
            ["prlimit", "--fsize=8192", program.program("poolkeeper"), "backup", "kept/back.up"],
            env=installed.environment,
            cwd=installed.folder,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert tried.returncode == 2
    assert f"{installed.folder / 'kept' / 'back.up'} cannot be written" in tried.stderr
    assert "no whole SQLite database" not in tried.stderr
    assert list((installed.folder / "kept").iterdir()) == []
