"""Does the server start, tell, refuse and stop as its operator expects? `poolkeeper serve` as a process, on both engines."""

import contextlib
import json
import os
import re
import signal
import socket
import sqlite3
import ssl
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import httpx

import postgres_server
from poolkeeper.crypto.keyring import KeyRing
from poolkeeper.entropy import Entropy
from ports import free_ports
from server import program
from server.operating import KEY, KEY_ID, KEY_SECRET, client_of, json_lines, new_pool, new_user, refused, with_ring
from server.program import Place, Served, place, serving
from server.worker_processes import workers_of

PRINTED_KEY = re.compile(
    r"AWS_ACCESS_KEY_ID=(PK[A-Z2-7]{18})\s+(?:export )?AWS_SECRET_ACCESS_KEY=([A-Za-z0-9]{40})(?![A-Za-z0-9])"
)


def shell(where: Place, script: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Run what was printed as somebody who pastes it into a shell, with no AWS settings but the script's own."""
    environment = {"PATH": where.environment["PATH"], "HOME": str(where.folder), "AWS_EC2_METADATA_DISABLED": "true"}
    return subprocess.run(
        ["bash", "-e", "-c", script],
        env=environment | variables,
        cwd=where.folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def block_after(said: str, words: str, *, until: str) -> str:
    """Return the lines of a printed page between two of its sentences, without their margin."""
    return textwrap.dedent(said.split(words, 1)[1].split(until, 1)[0]).strip("\n")


# The first start, and the later ones


def test_the_first_start_shows_a_page_on_a_terminal_and_a_later_one_a_line(tmp_path: Path) -> None:
    """Endpoint, key, pool, client and examples are shown once; after that a line says where the server is, one which key."""
    where = place(tmp_path)
    with serving(where, "--dev", terminal=True) as server:
        page = server.said()
    with serving(where, "--dev", terminal=True) as server:
        later = server.said()

    assert where.endpoint in page
    assert PRINTED_KEY.search(page)
    assert re.search(r"Pool id +us-east-1_\w{9}\n", page)
    assert re.search(r"App client id +[a-z0-9]{26}\n", page)
    assert [line for line in page.splitlines() if len(line) > 79 and "/login?" not in line] == []
    ready, key = later.splitlines()
    assert ready.startswith("Poolkeeper ")
    assert where.endpoint in ready
    assert key.startswith("The access key test (secret: test) signs here.")


def test_without_a_terminal_the_first_start_is_log_lines_and_the_key_is_told_once(tmp_path: Path) -> None:
    """What is written is JSON and nothing else, the made key too; a later start does not tell it again."""
    where = place(tmp_path)
    with serving(where, "--dev") as server:
        first = server.said()
    with serving(where, "--dev") as server:
        later = server.said()

    found = PRINTED_KEY.search(first)
    assert found is not None
    messages = [line["message"] for line in json_lines(first)]
    assert any(re.fullmatch(r"Demo pool: us-east-1_\w{9}, app client \w{26}", message) for message in messages)
    assert all(json.loads(line) for line in first.splitlines())
    (told,) = (line for line in json_lines(first) if found[2] in line["message"])
    assert told["level"] == "warning"
    ready, test_key = (line["message"] for line in json_lines(later))
    assert ready.startswith("Poolkeeper 0.1.0 is ready in ")
    assert test_key.startswith("The access key test (secret: test) signs here. ")
    assert found[1] not in later
    assert client_of(where, "sts", key=(found[1], found[2])).meta.endpoint_url == where.endpoint


def test_what_the_first_start_prints_works_as_it_is_printed(tmp_path: Path) -> None:
    """The exports, the AWS CLI line and the boto3 program are pasted from the page, unchanged; the address opens a form."""
    where = place(tmp_path)
    with serving(where, "--dev", terminal=True) as server:
        page = server.said()
        exports = block_after(page, "Keep it where you keep secrets.", until="  2. A demo pool")
        signed = shell(
            where, f"{exports}\naws sts get-caller-identity\naws cognito-idp list-user-pools --max-results 9"
        )
        command = block_after(page, "the code is in the inbox:", until="     With boto3")
        signed_up = shell(where, command)
        (address,) = re.findall(r"http://\S+/login\?\S+", page)
        opened = httpx.get(address, trust_env=False)
        boto3_program = block_after(page, "ready to be pasted:", until="  Ready in ")
        tokens = shell(where, f'python - <<"PASTED"\n{boto3_program}\nPASTED\n')

    assert signed.returncode == 0, signed.stderr
    assert '"Name": "demo"' in signed.stdout
    assert opened.status_code == 200
    assert 'action="/login?' in opened.text
    assert signed_up.returncode == 0, signed_up.stderr
    assert json.loads(signed_up.stdout)["CodeDeliveryDetails"]["Destination"] == "a***@l***"
    assert tokens.returncode == 0, tokens.stderr
    assert tokens.stdout.count(".") == 2


def test_the_boto3_example_can_be_typed_into_an_interpreter(tmp_path: Path) -> None:
    """Its lines begin at the margin, so an interpreter takes them one after the other."""
    where = place(tmp_path)
    with serving(where, "--dev", terminal=True) as server:
        typed = server.said().split("ready to be pasted:\n\n", 1)[1].split("\n\n", 1)[0]
        done = shell(where, f'python -i -q - <<"TYPED"\n{typed}\n\nTYPED\n')

    assert done.returncode == 0
    assert "Error" not in done.stderr
    assert done.stdout.splitlines()[-1].count(".") == 2


def test_a_first_start_outside_development_makes_a_key_and_no_demo_pool(tmp_path: Path) -> None:
    """What is for trying out is made in development alone; a warning says that no mail can be sent."""
    where = place(tmp_path)
    with serving(where) as server:
        file = where.data / "first-key"
        found = PRINTED_KEY.search(file.read_text())
        assert found is not None
        key = (found[1], found[2])
        pools = client_of(where, key=key).list_user_pools(MaxResults=1)["UserPools"]
        outbox = httpx.get(f"{where.endpoint}/_dev/outbox", trust_env=False)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        program.told(where, "keys", "create", "--policy", "AdministratorAccess")
        assert str(file) in program.told(where, "keys", "delete", key[0])
        assert not file.exists()

    assert key[1] not in server.said()
    assert str(file) in server.said()
    assert all(line.startswith("{") for line in server.said().splitlines())
    assert pools == []
    assert outbox.status_code == 404
    assert "no code arrives" in server.said()
    assert not (where.data / "ca.pem").exists()


def test_a_key_from_the_environment_is_used_and_never_shown(tmp_path: Path) -> None:
    """The given key has all rights; a new secret given at a later start takes the place of the old one."""
    where = place(tmp_path, **KEY)
    with serving(where, "--dev") as server:
        assert client_of(where, "sts").get_caller_identity()["Arn"] == "arn:aws:iam::000000000000:root"
    changed = "another/secret+of-the-operator"
    where.environment["POOLKEEPER_ROOT_SECRET_ACCESS_KEY"] = changed
    with serving(where, "--dev") as restarted:
        client_of(where, "sts", key=(KEY_ID, changed)).get_caller_identity()
        refused(client_of(where, "sts").get_caller_identity, "SignatureDoesNotMatch")

    told = server.said() + restarted.said()
    assert KEY_SECRET not in told
    assert changed not in told


def test_nobody_else_can_read_what_a_start_makes(tmp_path: Path) -> None:
    """The data folder, the sealing keys and the development keys are their owner's alone."""
    where = place(tmp_path)
    with serving(where, "--dev"):
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in where.data.iterdir()}
        folder = stat.S_IMODE(where.data.stat().st_mode)

    assert folder == 0o700
    assert modes["sealing.keys"] == 0o600
    assert modes["localhost.key"] == modes["ca.key"] == 0o600


def test_development_listens_with_tls_as_well(tmp_path: Path) -> None:
    """The second listener answers to whoever trusts the development authority."""
    where = place(tmp_path)
    with serving(where, "--dev"):
        trust = ssl.create_default_context(cafile=str(where.data / "ca.pem"))
        assert httpx.get(f"{where.tls_endpoint}/health", verify=trust, trust_env=False).text == "ok\n"


# Refusals


def assert_refuses(where: Place, code: int, *words: str, flags: tuple[str, ...] = ()) -> None:
    """Check that `serve` ends with a code, says these words, and shows no traceback."""
    done = program.run(where, "serve", *flags)
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith("Cannot start: ")
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr


def test_a_port_that_is_taken_ends_the_start_before_anything_is_written(tmp_path: Path) -> None:
    """Exit code 2, the port, and another one to try; no data folder is left behind."""
    where = place(tmp_path)
    flags = ("--dev", "--tls-port", str(where.tls_port))
    with socket.create_server(("127.0.0.1", where.port)):
        assert_refuses(
            where, 2, f"port {where.port} of 127.0.0.1 is in use", "serve --dev --tls-port", " --port ", flags=flags
        )
    with socket.create_server(("127.0.0.1", where.tls_port)):
        assert_refuses(where, 2, f"port {where.tls_port} of 127.0.0.1 is in use", "--tls-port", flags=flags)

    assert not where.data.exists()


def test_a_start_that_is_refused_is_a_line_of_a_log_in_json(tmp_path: Path) -> None:
    """Where JSON was asked for, whoever reads it finds the reason there, and nothing that is no JSON."""
    where = place(tmp_path, log_format="json")
    with socket.create_server(("127.0.0.1", where.port)):
        done = program.run(where, "serve")
    (line,) = done.stderr.splitlines()
    told = json.loads(line)

    assert done.returncode == 2
    assert told["level"] == "error"
    assert told["message"].startswith(f"Cannot start: port {where.port} of 127.0.0.1 is in use. Stop what uses it")


def test_two_workers_on_sqlite_are_refused_with_the_reason(tmp_path: Path) -> None:
    """Exit code 2, why not, and what would work."""
    assert_refuses(
        place(tmp_path),
        2,
        "SQLite has one writer",
        "--database postgresql://",
        flags=("--workers", "2"),
    )


def test_a_second_server_on_one_sqlite_file_is_refused(tmp_path: Path) -> None:
    """Exit code 2: two processes on one file would wait for each other at every write."""
    where = place(tmp_path, **KEY)
    with serving(where):
        assert_refuses(where, 2, "another", flags=("--port", str(free_ports(1)[0])))


def test_all_faults_of_the_settings_are_told_at_once(tmp_path: Path) -> None:
    """Exit code 2 and a line for each fault."""
    where = place(tmp_path, account_id="12", root_access_key_id="PKALONE", workers="0")
    assert_refuses(where, 2, "account_id: twelve digits", "give both or neither", "at least one process")


def test_development_mode_stays_on_loopback_unless_it_is_let_out(tmp_path: Path) -> None:
    """Exit code 2: it shows everybody's messages."""
    assert_refuses(place(tmp_path), 2, "--dev-anywhere", flags=("--dev", "--host", "0.0.0.0"))


def test_an_older_database_is_refused_with_the_command_to_run(tmp_path: Path) -> None:
    """Exit code 3: a Poolkeeper that wants one version more does not start on this database."""
    where = place(tmp_path, **KEY)
    with serving(where):
        pass
    of_tomorrow = textwrap.dedent("""
        from poolkeeper import cli
        from poolkeeper.store import migrate
        migrate.LATEST += 1
        cli.main(["serve"])
    """)

    done = subprocess.run(
        [sys.executable, "-c", of_tomorrow],
        env=where.environment,
        cwd=where.folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 3, done.stderr
    assert "poolkeeper migrate" in done.stderr


def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    """Exit code 3, from `serve` and from `migrate`."""
    where = place(tmp_path, **KEY)
    program.told(where, "migrate")
    with sqlite3.connect(where.data / "poolkeeper.sqlite3") as database:
        database.execute("INSERT INTO schema_migrations (version, step, applied_at) VALUES (9999, 0, 0)")
    database.close()

    assert_refuses(where, 3, "the database is at version 9999")
    assert program.run(where, "migrate").returncode == 3


def test_a_database_without_its_sealing_keys_does_not_start_and_makes_no_new_ones(tmp_path: Path) -> None:
    """Exit code 2 and the place where they were looked for; with the file back it starts again."""
    where = place(tmp_path, **KEY)
    with serving(where, "--dev"):
        new_user(where, *new_pool(where))
    ring = where.data / "sealing.keys"
    kept = ring.rename(where.folder / "kept.keys")

    assert_refuses(where, 2, "data/sealing.keys", "no new ones are made")
    assert not ring.exists()

    KeyRing.create(ring, Entropy())
    assert_refuses(where, 2, "does not hold the key")

    kept.replace(ring)
    with serving(where):
        pass


def test_sealing_keys_that_others_can_read_are_refused(tmp_path: Path) -> None:
    """Exit code 2 and the command that mends it."""
    where = place(tmp_path, **KEY)
    with serving(where):
        pass
    (where.data / "sealing.keys").chmod(0o644)

    assert_refuses(where, 2, "chmod 600")


def test_sealing_keys_are_made_with_a_warning_and_on_postgresql_by_an_operator_alone(
    postgres: postgres_server.PostgresServer, tmp_path: Path
) -> None:
    """A second server would make others: the start names the command, which makes them once and never again."""
    (tmp_path / "alone").mkdir()
    alone = place(tmp_path / "alone", **KEY)
    with serving(alone) as server:
        warned = [line for line in json_lines(server.said()) if line["level"] == "warning"]
    assert str(alone.data / "sealing.keys") in warned[0]["message"]
    with serving(alone) as server:
        assert "sealing keys were made" not in server.said()

    where = place(tmp_path, database=postgres.create_database(), **KEY)
    ring = where.data / "sealing.keys"
    assert_refuses(where, 2, f"poolkeeper keys create-sealing {ring}")
    assert not ring.exists()
    made = program.told(where, "keys", "create-sealing", str(ring))
    assert str(ring) in made
    assert stat.S_IMODE(ring.stat().st_mode) == 0o600
    kept = ring.read_bytes()
    assert program.run(where, "keys", "create-sealing", str(ring)).returncode == 2
    assert ring.read_bytes() == kept
    with serving(where):
        pass


# Several processes


def test_two_processes_may_start_at_once_on_an_empty_database(
    postgres: postgres_server.PostgresServer, tmp_path: Path
) -> None:
    """Both serve; one of them made the key, the demo pool and the sealing keys, and both know them."""
    data, database = str(tmp_path / "data"), postgres.create_database()
    places = [place(tmp_path, data=data, database=database) for _ in range(2)]

    servers = [program.start(where, "--dev") for where in places]
    try:
        for server, where in zip(servers, places, strict=True):
            program.wait_until_healthy(server, where)
        keys = [found for server in servers if (found := PRINTED_KEY.search(server.said()))]
        assert len(keys) == 1
        for where in places:
            listed = client_of(where, key=(keys[0][1], keys[0][2])).list_user_pools(MaxResults=9)["UserPools"]
            assert [pool["Name"] for pool in listed] == ["demo"]
    finally:
        codes = [server.stop() for server in servers]

    assert codes == [0, 0]


def test_workers_share_the_port_and_one_that_dies_is_replaced(two_workers: Place) -> None:
    """After a worker was killed the port is answered by two again, and nothing is lost of what they know."""
    with serving(two_workers) as server:
        pool_id, _ = new_pool(two_workers)
        killed = workers_of(server)[0]
        os.kill(killed, 9)
        deadline = time.monotonic() + 20
        while killed in workers_of(server) or len(workers_of(server)) < 2:
            assert time.monotonic() < deadline, server.said()
            time.sleep(0.05)

        names = [client_of(two_workers).describe_user_pool(UserPoolId=pool_id)["UserPool"]["Name"] for _ in range(4)]

    assert names == ["operated"] * 4


def test_a_worker_that_dies_is_told_and_one_whose_parent_is_killed_ends(two_workers: Place) -> None:
    """Nobody minds them any more, and the next server wants the port."""
    server = program.start(two_workers)
    workers = []
    try:
        program.wait_until_healthy(server, two_workers)
        workers = workers_of(server)
        os.kill(workers[0], 9)
        wait_until(lambda: f"worker {workers[0]} ended by signal 9" in server.said(), server)
        wait_until(lambda: len(workers_of(server)) == 2 and workers[0] not in workers_of(server), server)
        workers = workers_of(server)
        server.process.kill()
        server.process.wait()
        wait_until(lambda: not any(Path(f"/proc/{one}").exists() for one in workers), server)
    finally:
        for one in (server.process.pid, *workers):
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, 9)
        server.ended()
    with serving(two_workers):
        pass
    assert all(line.startswith("{") for line in server.said().splitlines()), server.said()


def test_workers_that_cannot_begin_follow_each_other_more_and_more_slowly(
    postgres: postgres_server.PostgresServer, tmp_path: Path
) -> None:
    """While the database is away a line says so at each try, without a traceback; then two serve again."""
    with postgres_server.running() as away:
        where = with_ring(place(tmp_path, database=away.create_database(), workers="2", **KEY))
        with serving(where) as server:
            away.kill()
            for worker in workers_of(server):
                os.kill(worker, 9)
            wait_until(lambda: server.said().count("a worker cannot start") >= 2, server)
            away.start()
            wait_until(lambda: len(workers_of(server)) == 2 and healthy(where), server)
            said = server.said()
    assert "Traceback" not in said
    assert all(line.startswith("{") for line in said.splitlines()), said


def healthy(where: Place) -> bool:
    try:
        return httpx.get(f"{where.endpoint}/health", trust_env=False, timeout=5).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def wait_until(true: Callable[[], bool], server: Served) -> None:
    """Wait until something is true; what the server said is told where it does not become so."""
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline, server.said()
        time.sleep(0.05)


def test_a_hangup_changes_nothing(installed: Place) -> None:
    """Whoever rotates logs or says `systemctl reload` sends SIGHUP; the server answers on, and stops in peace."""
    with serving(installed) as server:
        server.process.send_signal(signal.SIGHUP)
        new_pool(installed)
    assert "Stopped." in server.said()


def test_a_hangup_changes_nothing_in_any_worker(two_workers: Place) -> None:
    """It may be sent to all of a service's processes."""
    with serving(two_workers) as server:
        workers = workers_of(server)
        for one in (*workers, server.process.pid):
            os.kill(one, signal.SIGHUP)
        new_pool(two_workers)
        assert workers_of(server) == workers
    assert "ended by signal" not in server.said()


def test_a_hangup_of_its_terminal_ends_the_server(tmp_path: Path) -> None:
    """It would hold the port, and nobody would know of it."""
    where = place(tmp_path)
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests may have it ignored (nohup)
    server = program.start(where, "--dev", terminal=True)
    signal.signal(signal.SIGHUP, before)
    try:
        program.wait_until_healthy(server, where)
        server.process.send_signal(signal.SIGHUP)
    finally:
        code = server.ended()
    assert code == -signal.SIGHUP


def test_a_stop_finishes_what_is_under_way(installed: Place) -> None:
    """Ten requests whose bodies are half sent at SIGTERM are all answered; then the server ends, with code 0."""
    assert_drains(installed, "Stopping: 10 requests are being finished.")


def test_a_stop_finishes_what_is_under_way_in_every_worker(two_workers: Place) -> None:
    """SIGTERM to the parent is enough: each worker answers what it has begun."""
    assert_drains(two_workers, "Stopping.")


def assert_drains(where: Place, words: str) -> None:
    """Check that no request fails which the server had begun to read when it was told to stop."""
    with serving(where) as server:
        halves = [half_a_request(where) for _ in range(10)]
        wait_until_read(halves)
        server.process.terminate()
        wait_until_closed(where)
        answers = [finish(connection) for connection in halves]
        server.ended()

    assert [answer.split(b"\r\n", 1)[0] for answer in answers] == [b"HTTP/1.1 400 Bad Request"] * 10
    assert all(b"ResourceNotFoundException" in answer for answer in answers)
    messages = [line.get("message") for line in json_lines(server.said())]
    assert words in messages
    assert messages[-1] == "Stopped."


BODY = json.dumps({"ClientId": "nobodysclient", "Username": "ada", "ConfirmationCode": "123456"}).encode()


def half_a_request(where: Place) -> socket.socket:
    """Send the head of an unsigned call and half of its body."""
    connection = socket.create_connection(("127.0.0.1", where.port), timeout=30)
    head = (
        f"POST / HTTP/1.1\r\nHost: localhost:{where.port}\r\nContent-Type: application/x-amz-json-1.1\r\n"
        f"X-Amz-Target: AWSCognitoIdentityProviderService.ConfirmSignUp\r\nContent-Length: {len(BODY)}\r\n\r\n"
    )
    connection.sendall(head.encode() + BODY[:20])
    return connection


def wait_until_read(connections: list[socket.socket]) -> None:
    """Wait until the server's side has taken everything that was sent, which Linux tells (SIOCOUTQ is of no use here)."""
    deadline = time.monotonic() + 10
    ports = {connection.getsockname()[1] for connection in connections}
    while time.monotonic() < deadline:
        rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        waiting = [row for row in rows if int(row[2].split(":")[1], 16) in ports and int(row[4].split(":")[1], 16)]
        if not waiting:
            return
        time.sleep(0.01)
    raise AssertionError("the server does not read")


def wait_until_closed(where: Place) -> None:
    """Wait until nobody listens on the port any more."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", where.port), timeout=1).close()
        except ConnectionRefusedError:
            return
        time.sleep(0.01)
    raise AssertionError("the server listens still")


def finish(connection: socket.socket) -> bytes:
    """Send the rest of a request and return the whole answer."""
    with connection:
        connection.sendall(BODY[20:])
        answer = b""
        while part := connection.recv(65_536):
            answer += part
    return answer


# The log


def test_a_log_that_nobody_reads_stops_nothing(tmp_path: Path) -> None:
    """Far more lines than a pipe holds, with nobody to read them: each request is answered, and SIGTERM ends the server."""
    where = place(tmp_path)
    reading, writing = os.pipe()
    command = [program.program("poolkeeper"), "serve"]
    with subprocess.Popen(command, env=where.environment, cwd=tmp_path, stderr=writing) as process:
        os.close(writing)
        _wait_until_it_answers(where)
        with httpx.Client(base_url=where.endpoint, timeout=30) as client:
            for _ in range(700):
                assert client.post("/", headers={"x-amz-target": "a" * 200}).status_code == 400
            assert client.get("/health").status_code == 200
        process.terminate()
        assert process.wait(40) == 0
    assert len(os.read(reading, 65_536)) > 30_000
    os.close(reading)


def _wait_until_it_answers(where: Place) -> None:
    """Return when /health can be asked: nobody reads whether the server has said so."""
    for _ in range(600):
        with contextlib.suppress(httpx.TransportError):
            httpx.get(f"{where.endpoint}/health", trust_env=False)
            return
        time.sleep(0.05)
    raise AssertionError("the server does not answer")


def test_the_last_lines_of_a_stop_are_written(tmp_path: Path) -> None:
    """What was asked just before the end is in the log, and its last word too."""
    where = place(tmp_path)
    with serving(where) as server:
        with httpx.Client(base_url=where.endpoint, timeout=30) as client:
            for number in range(50):
                client.post("/", headers={"x-amz-target": f"AWSCognitoIdentityProviderService.Nothing{number}"})
        server.stop()
    said = server.said()
    assert sum('"status":' in line for line in said.splitlines()) == 50
    assert json_lines(said)[-1]["message"] == "Stopped."
