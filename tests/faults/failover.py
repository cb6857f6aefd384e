"""What is lost, and for how long is there no answer, when a PostgreSQL with a synchronous standby fails? `make failover` tells.

A primary, a standby that it streams to and waits for, `poolkeeper serve` with the addresses of both, and clients that sign
users up and read without pause. Three drills: the primary is killed with SIGKILL and the standby promoted; the two change
places, both being standbys for a while; the standby goes away and comes back. At the end everybody whose sign-up was
acknowledged must be there (attacks.md F6, F7). `python tests/faults/failover.py killed` runs one drill alone.
"""

import argparse
import asyncio
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import boto3
import httpx
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

if __name__ == "__main__":  # run by itself, it has to find its neighbours
    sys.path.insert(0, str(Path(__file__).parent.parent))

import postgres_server
from server import operating, program

if TYPE_CHECKING:
    from postgres_server import PostgresServer

WRITERS, READERS = 16, 2
AWAY_SECONDS = 8.0
PASSWORD = "Swim-in-2-pools"
ACCIDENT = "Something went wrong here"


@dataclass
class Watch:
    """What one kind of client was answered: the moments of its successes, and how its failures read."""

    successes: list[float] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    longest: float = 0.0

    def longest_silence(self) -> float:
        """Return the longest time between two successes, in seconds."""
        moments = sorted(self.successes)
        return max((after - before for before, after in pairwise(moments)), default=0.0)

    def line(self, name: str) -> str:
        """Return what came of it in words."""
        refused = ", ".join(f"{count} times {words}" for words, count in self.failures.most_common()) or "none"
        return (
            f"  {name:<8} {len(self.successes):>5} answered, {self.longest_silence():5.1f} s without a success, "
            f"slowest answer {self.longest:4.1f} s, refused: {refused}"
        )


@dataclass
class Load:
    """Clients that sign users up, read one and ask for health without pause, and what they were answered."""

    endpoint: str
    pool_id: str
    client_id: str
    access_token: str
    signed_up: set[str] = field(default_factory=set)
    writes: Watch = field(default_factory=Watch)
    reads: Watch = field(default_factory=Watch)
    health: Watch = field(default_factory=Watch)
    over: threading.Event = field(default_factory=threading.Event)

    def sign_up(self, label: str) -> None:
        """Sign up one user after the other, and note whom the server acknowledged."""
        idp, number = _client(self.endpoint), 0
        while not self.over.is_set():
            number += 1
            name = f"{label}-{number}"
            if self._ask(self.writes, lambda: idp.sign_up(ClientId=self.client_id, Username=name, Password=PASSWORD)):  # noqa: B023 - called at once
                self.signed_up.add(name)

    def read(self) -> None:
        """Ask for a user by their token, again and again."""
        idp = _client(self.endpoint)
        while not self.over.wait(0.02):
            self._ask(self.reads, lambda: idp.get_user(AccessToken=self.access_token))

    def look(self) -> None:
        """Ask for health as a load balancer does."""
        with httpx.Client(base_url=self.endpoint, trust_env=False, timeout=60) as http:
            while not self.over.wait(0.1):
                self._ask(self.health, lambda: http.get("/health").raise_for_status())

    def _ask(self, watch: Watch, call: Callable[[], Any]) -> bool:
        begun = time.monotonic()
        try:
            call()
        except ClientError as fault:
            watch.failures[fault.response["Error"]["Message"].split(". ")[0]] += 1
            time.sleep(0.05)
        except (BotoCoreError, httpx.HTTPError) as fault:
            watch.failures[type(fault).__name__] += 1
            time.sleep(0.05)
        else:
            watch.successes.append(time.monotonic())
            return True
        finally:
            watch.longest = max(watch.longest, time.monotonic() - begun)
        return False

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let all of them ask until the block ends, and end them."""
        work = [threading.Thread(target=self.sign_up, args=(f"w{number}",)) for number in range(WRITERS)]
        work += [threading.Thread(target=self.read) for _ in range(READERS)]
        work.append(threading.Thread(target=self.look))
        for thread in work:
            thread.start()
        try:
            yield
        finally:
            self.over.set()
            for thread in work:
                thread.join(90)

    def wait_for_more(self, count: int) -> None:
        """Return when so many more sign-ups were acknowledged, or after a minute."""
        wanted, deadline = len(self.signed_up) + count, time.monotonic() + 60
        while len(self.signed_up) < wanted and time.monotonic() < deadline:
            time.sleep(0.02)


def killed(primary: "PostgresServer", standby: "PostgresServer", load: Load) -> "PostgresServer":
    """Kill the primary as the kernel does, and promote the standby three seconds later, as an agent would."""
    load.wait_for_more(100)
    primary.lose()
    time.sleep(3)
    standby.promote()
    load.wait_for_more(100)
    return standby


def changed_places(primary: "PostgresServer", standby: "PostgresServer", load: Load) -> "PostgresServer":
    """Stop the primary, start it as a standby of the other, and promote that one two seconds later."""
    load.wait_for_more(100)
    primary.follow(standby)
    primary.stop()
    primary.start()
    time.sleep(2)
    standby.promote()
    load.wait_for_more(100)
    return standby


def alone(primary: "PostgresServer", standby: "PostgresServer", load: Load) -> "PostgresServer":
    """Let the standby be away for some seconds: no change can be acknowledged meanwhile."""
    load.wait_for_more(100)
    standby.stop()
    time.sleep(AWAY_SECONDS)
    standby.start()
    load.wait_for_more(100)
    return primary


@dataclass(frozen=True)
class Drill:
    """One way to fail, and how long changes, reads and /health may be without a success, in seconds."""

    run: "Callable[[PostgresServer, PostgresServer, Load], PostgresServer]"
    writes: float
    reads: float


DRILLS = {
    "killed": Drill(killed, writes=10, reads=10),
    "changed-places": Drill(changed_places, writes=10, reads=10),
    "alone": Drill(alone, writes=AWAY_SECONDS + 5, reads=1.5),
}


def drill(name: str) -> list[str]:
    """Run one drill, tell what came of it, and return everything that should not be."""
    with postgres_server.running() as primary, tempfile.TemporaryDirectory() as folder:
        database = primary.create_database()
        with primary.standby() as standby:
            primary.set("synchronous_standby_names", "*")
            both = database.replace("/test_", f",127.0.0.1:{standby.port}/test_") + "?target_session_attrs=read-write"
            where = program.place(Path(folder), database=both, password_hash_memory="64", **operating.KEY)
            with program.serving(operating.with_ring(where)) as server:
                load = _prepared(where)
                with load.running():
                    survivor = DRILLS[name].run(primary, standby, load)
            there = asyncio.run(_users(survivor.url_of(database.rpartition("/")[2]), load.pool_id))
    said = server.said()
    print(f"{name}: {len(load.signed_up)} sign-ups acknowledged, {len(load.signed_up - there)} of them lost")
    for watch, of in ((load.writes, "sign-up"), (load.reads, "read"), (load.health, "/health")):
        print(watch.line(of))
    return _faults(DRILLS[name], load, there, said)


def _faults(expected: Drill, load: Load, there: set[str], said: str) -> list[str]:
    accidents = sum(watch.failures[ACCIDENT] for watch in (load.writes, load.reads))
    checks: Sequence[tuple[bool, str]] = (
        (load.signed_up <= there, f"lost: {sorted(load.signed_up - there)[:5]}"),
        (len(load.signed_up) >= 200, "hardly anything was done"),
        (load.writes.longest_silence() <= expected.writes, "sign-ups were away for longer than expected"),
        (load.reads.longest_silence() <= expected.reads, "reads were away for longer than expected"),
        (load.health.longest <= 2.5, "/health did not answer within its two seconds"),
        (not accidents, f"{accidents} times: {ACCIDENT}"),
        ("Traceback" not in said, "there is a traceback in the log"),
        (
            said.count("the worker waits for the database") <= 2,
            "the log says again and again that the database is away",
        ),
    )
    return [sentence for good, sentence in checks if not good]


def _client(endpoint: str) -> Any:
    return boto3.client(
        "cognito-idp",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=operating.KEY_ID,
        aws_secret_access_key=operating.KEY_SECRET,
        config=Config(retries={"total_max_attempts": 1}),
    )


def _prepared(where: program.Place) -> Load:
    pool_id, client_id = operating.new_pool(where)
    tokens = operating.new_user(where, pool_id, client_id)["AuthenticationResult"]
    return Load(where.endpoint, pool_id, client_id, tokens["AccessToken"])


async def _users(url: str, pool_id: str) -> set[str]:
    connection = await asyncpg.connect(url)
    try:
        return {row[0] for row in await connection.fetch("SELECT username FROM users WHERE pool_id = $1", pool_id)}
    finally:
        await connection.close()


def main() -> int:
    """Run the drills that are named, or all, and end with 1 where something should not be."""
    parser = argparse.ArgumentParser(description="Let a PostgreSQL with a synchronous standby fail.")
    parser.add_argument("drill", nargs="*", choices=[*DRILLS, []], default=[])
    names = parser.parse_args().drill or list(DRILLS)
    faults = [f"{name}: {fault}" for name in names for fault in drill(name)]
    print("\n".join(faults) or "Nothing that was acknowledged is lost.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
