"""What is lost when workers are killed in mid sign-up? Nothing that was acknowledged, and no half of anything else (attacks.md F1).

`python tests/faults/kill_workers.py --points 200` kills that many times and tells what came of it. Clients keep a ledger:
each intent and each acknowledgement in a file, forced to disk, which is compared with the database at the end.
"""

import argparse
import asyncio
import contextlib
import http.client
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import boto3

KEYS = {
    "root_access_key_id": "PKFAULTSFAULTSFAULTS",
    "root_secret_access_key": "secret-of-the-fault-tests-000000000000",
}
_CLIENTS = 4


@dataclass
class Ledger:
    """What the clients meant to do and what they were told, by the names of the users they signed up."""

    file: Path
    intended: set[str] = field(default_factory=set)
    acknowledged: set[str] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)
    lost: int = 0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._written = self.file.open("ab")

    def note(self, what: str, name: str, detail: str = "") -> None:
        """Write one line and force it to disk before anything else is done."""
        with self._lock:
            self._written.write(json.dumps([what, name, detail]).encode() + b"\n")
            self._written.flush()
            os.fsync(self._written.fileno())
            if what == "intended":
                self.intended.add(name)
            elif what == "acknowledged":
                self.acknowledged.add(name)
            elif what == "refused":
                self.refused.append(f"{name}: {detail}")
            else:
                self.lost += 1

    def close(self) -> None:
        self._written.close()


@dataclass(frozen=True)
class Outcome:
    """What came of it: the ledger, how often a worker was killed, and everything that should not be."""

    ledger: Ledger
    kills: int
    faults: Sequence[str]


def kill_workers(*, parent: int, endpoint: str, database: str, folder: Path, points: int, seed: int) -> Outcome:
    """Sign users up at two workers while one of them is killed, `points` times, then look at the database.

    `parent` is the process id of `poolkeeper serve --workers 2`, `database` the address of its PostgreSQL.
    """
    client_id, pool_id = _pool(endpoint)
    ledger, over = Ledger(folder / "ledger"), threading.Event()
    threads = [
        threading.Thread(target=_sign_up, args=(endpoint, client_id, f"c{number}", ledger, over))
        for number in range(_CLIENTS)
    ]
    for thread in threads:
        thread.start()
    try:
        kills = _kill(parent, ledger, points, random.Random(seed))
    finally:
        over.set()
        for thread in threads:
            thread.join(60)
        ledger.close()
    return Outcome(ledger, kills, asyncio.run(_faults(database, pool_id, ledger, kills)))


def workers(parent: int) -> list[int]:
    """Return the process ids of the workers of a server: its zygote forks them."""
    return [worker for zygote in children(parent) for worker in children(zygote)]


def children(parent: int) -> list[int]:
    """Return the children of a process that have not ended."""
    try:
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        return [int(pid) for pid in children if Path(f"/proc/{pid}/cmdline").read_bytes()]
    except OSError:
        return []


def _pool(endpoint: str) -> tuple[str, str]:
    """Make a pool that mails codes; return (client id, pool id)."""
    client = boto3.client(
        "cognito-idp",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=KEYS["root_access_key_id"],
        aws_secret_access_key=KEYS["root_secret_access_key"],
    )
    pool_id = client.create_user_pool(PoolName="faults", AutoVerifiedAttributes=["email"])["UserPool"]["Id"]
    made = client.create_user_pool_client(UserPoolId=pool_id, ClientName="faults")["UserPoolClient"]
    client.close()
    return str(made["ClientId"]), str(pool_id)


def _sign_up(endpoint: str, client_id: str, label: str, ledger: Ledger, over: threading.Event) -> None:
    """Sign up one user after the other over one connection, as long as it holds, until told to stop."""
    connection = None
    number = 0
    while not over.is_set():
        number += 1
        name = f"{label}-{number}"
        ledger.note("intended", name)
        try:
            connection = connection or http.client.HTTPConnection(urlsplit(endpoint).netloc, timeout=30)
            status, body = _post(connection, client_id, name)
        except (OSError, http.client.HTTPException):
            ledger.note("lost", name)
            if connection is not None:
                connection.close()
            connection = None
            continue
        ledger.note("acknowledged" if status == 200 else "refused", name, body if status != 200 else "")
    if connection is not None:
        connection.close()


def _post(connection: http.client.HTTPConnection, client_id: str, name: str) -> tuple[int, str]:
    body = {
        "ClientId": client_id,
        "Username": name,
        "Password": "Swim-in-2-pools",
        "UserAttributes": [{"Name": "email", "Value": f"{name}@example.com"}],
    }
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": "AWSCognitoIdentityProviderService.SignUp",
    }
    connection.request("POST", "/", json.dumps(body), headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def _kill(parent: int, ledger: Ledger, points: int, chance: random.Random) -> int:
    """Kill one of two workers at a moment of its work, again and again; return how often."""
    kills, deadline = 0, time.monotonic() + 30 + 5 * points
    while kills < points and time.monotonic() < deadline:
        if len(workers(parent)) < 2:
            time.sleep(0.01)
            continue
        wanted = len(ledger.acknowledged) + chance.randint(1, 8)
        while len(ledger.acknowledged) < wanted and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(chance.random() / 50)
        alive = workers(parent)
        if len(alive) == 2:
            with contextlib.suppress(ProcessLookupError):
                os.kill(chance.choice(alive), signal.SIGKILL)
                kills += 1
    return kills


async def _faults(database: str, pool_id: str, ledger: Ledger, kills: int) -> list[str]:
    """Compare the ledger with the database: what was acknowledged is there, and whoever is there is whole."""
    connection = await asyncpg.connect(database)
    try:
        users = {
            row[1]: row[0]
            for row in await connection.fetch("SELECT user_id, username FROM users WHERE pool_id = $1", pool_id)
        }
        names = [
            tuple(row)
            for row in await connection.fetch("SELECT user_id, folded_value FROM aliases WHERE pool_id = $1", pool_id)
        ]
        codes = [row[0] for row in await connection.fetch("SELECT subject_id FROM codes WHERE pool_id = $1", pool_id)]
        tally = await connection.fetchval("SELECT sum(users) FROM tallies WHERE pool_id = $1", pool_id)
        # A worker that dies between sending and noting it leaves both rows: one message, which is sent under one id again.
        messages = await connection.fetchval(
            "SELECT count(*) FROM (SELECT job_id FROM due WHERE kind = 'message' UNION SELECT message_id FROM captured) m"
        )
    finally:
        await connection.close()

    expected_names = {(user_id, name) for name, user_id in users.items()} | {(one, one) for one in users.values()}
    checks: list[tuple[Any, str]] = [
        (ledger.acknowledged <= users.keys(), f"lost: {sorted(ledger.acknowledged - users.keys())[:5]}"),
        (users.keys() <= ledger.intended, "users whom nobody signed up"),
        (set(names) == expected_names, f"names without users or users without names: {set(names) ^ expected_names}"),
        (sorted(codes) == sorted(users.values()), "users without a code or codes without users"),
        (tally == len(users), f"{tally} users counted, {len(users)} there"),
        (messages == len(users), f"{messages} messages for {len(users)} users"),
        (not ledger.refused, f"refused by a worker that lived: {ledger.refused[:5]}"),
        (ledger.lost <= kills * _CLIENTS, f"{ledger.lost} connections lost to {kills} kills"),
        (len(ledger.acknowledged) >= kills, "hardly anything was done"),
    ]
    return [sentence for good, sentence in checks if not good]


def main() -> int:
    """Run a PostgreSQL and a server of two workers, kill, and tell what came of it."""
    sys.path.insert(0, str(Path(__file__).parent.parent))
    import postgres_server  # noqa: PLC0415 - found by the line above when this file is run by itself
    from server import program  # noqa: PLC0415 - as above

    parser = argparse.ArgumentParser(description="Kill workers in mid sign-up.")
    parser.add_argument("--points", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with postgres_server.running() as postgres, tempfile.TemporaryDirectory() as folder:
        database = postgres.create_database()
        where = program.place(Path(folder), database=database, workers="2", password_hash_memory="64", **KEYS)
        with program.serving(where, "--dev") as served:
            outcome = kill_workers(
                parent=served.process.pid,
                endpoint=where.endpoint,
                database=database,
                folder=Path(folder),
                points=arguments.points,
                seed=arguments.seed,
            )
    ledger = outcome.ledger
    print(
        f"{outcome.kills} kills, {len(ledger.acknowledged)} of {len(ledger.intended)} acknowledged, {ledger.lost} unknown"
    )
    print("\n".join(outcome.faults) or "nothing lost, nothing half")
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main())
