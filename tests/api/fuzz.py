"""Does any request, however wrong, meet an accident? Every operation of every service is called with drawn values: `make fuzz`.

What must never come back: a 5xx, no answer at all, an error that neither the operation's model nor the list in modelled.py
has, a refusal of which the log does not tell why, and anything of a pool that the request is not about; nor may a row of
that pool change. Calls come in chapters, each drawn from one seed and begun on an empty database: `make fuzz SEED=17 CALLS=2500` plays
the chapter of seed 17 again, and a run that was ended goes on with `SEED=` the number that it printed last.
"""

import argparse
import contextlib
import json
import logging
import re
import socket
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

if __name__ == "__main__":  # run by itself, it has to find its neighbours
    sys.path.insert(0, str(Path(__file__).parent.parent))

import botocore.auth
import pytest

import postgres_server
from api import fuzz_values
from api.fuzz_stage import MARK, OF_THE_ACCOUNT, Stage
from api.fuzz_values import Maker
from api.modelled import model_of, require_modelled, require_reasons
from api.stage import rows_of_pools, tables
from api.world import KEY_ID, KEY_SECRET, REGION, World, round_to_second, running, settings_for
from poolkeeper.aws.operation import Operation, Who
from poolkeeper.clock import MINUTE, SECOND
from poolkeeper.crypto import sigv4
from poolkeeper.operations.tables import SERVICES
from poolkeeper.resolver import CannotResolve, Resolver

ALL: tuple[Operation, ...] = tuple(one for service in SERVICES for one in service.operations.values())
CHAPTER = 2_500
# No answer may take so long; the slowest of what one request does is some milliseconds.
PATIENCE = 20
# What ends the stage on which a chapter plays is called seldom.
SELDOM = re.compile("^(Delete|AdminDelete|AdminDisableUser|GlobalSignOut|AdminUserGlobalSignOut)")
_LEAF = re.compile(r"<(\w+)>([^<]+)</")
_SECRETS = ("$argon2", "Traceback", "sqlite3", "asyncpg")


@dataclass(frozen=True)
class Finding:
    """One accident: which call of which chapter, and what came of it."""

    kind: str
    seed: int
    number: int
    request: bytes
    answer: str

    def __str__(self) -> str:
        sent = self.request if len(self.request) < 1500 else self.request[:1500] + b"..."
        return f"{self.kind}\n  SEED={self.seed}, call {self.number}\n  sent {sent!r}\n  answered {self.answer[:600]}"


@dataclass
class Account:
    """What a run has seen so far."""

    calls: int = 0
    good: Counter[str] = field(default_factory=Counter)
    called: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    findings: dict[str, Finding] = field(default_factory=dict)
    again: Counter[str] = field(default_factory=Counter)

    def note(self, finding: Finding) -> None:
        """Keep one finding of each kind, and count the others."""
        self.again[finding.kind] += 1
        if self.findings.setdefault(finding.kind, finding) is finding:
            print(finding, flush=True)

    @property
    def said(self) -> str:
        """Return the findings as a test or a terminal shows them."""
        return "\n\n".join(f"{finding}\n  {self.again[kind]} times" for kind, finding in self.findings.items())


@dataclass(frozen=True)
class Reply:
    """What came back: status 0 where nothing did."""

    status: int
    error: str
    text: str


class Door:
    """One connection to a server, over which requests go as they are; http.client takes longer to read heads than a server to answer."""

    def __init__(self, world: World) -> None:
        self._world, self._address = world, urlsplit(world.url).netloc
        self._connection: socket.socket | None = None

    def send(self, operation: Operation, body: bytes, *, signed: bool) -> Reply:
        """Send one request and read the answer; what was answered before the end of a large body counts as well."""
        headers = {
            **self._headers(operation, body, signed=signed),
            "Host": self._address,
            "Content-Length": str(len(body)),
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        try:
            connection = self._connected()
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(f"POST / HTTP/1.1\r\n{head}\r\n".encode() + body)
            status, text = self._read(connection)
        except OSError as fault:
            self.close()
            return Reply(0, "", repr(fault))
        return Reply(status, _error_of(text) if status >= 400 else "", text)

    def _connected(self) -> socket.socket:
        if self._connection is None:
            host, _, port = self._address.partition(":")
            self._connection = socket.create_connection((host, int(port)), timeout=PATIENCE)
            self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._connection

    def _read(self, connection: socket.socket) -> tuple[int, str]:
        held = b""
        while b"\r\n\r\n" not in held:
            held += _received(connection)
        head, _, content = held.partition(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
        while len(content) < length:
            content += _received(connection)
        if b"connection: close" in lines:
            self.close()
        return int(head[9:12]), content.decode("utf-8", "replace")

    def _headers(self, operation: Operation, body: bytes, *, signed: bool) -> dict[str, str]:
        model = operation.model
        known = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"{model.target_prefix}.{operation.name}",
        }
        if model.protocol == "query":
            known = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        if signed:
            timestamp = self._world.clock.datetime().strftime("%Y%m%dT%H%M%SZ")
            known["X-Amz-Date"] = timestamp
            known["Authorization"] = sigv4.authorization_header(
                access_key_id=KEY_ID,
                secret=KEY_SECRET,
                region=REGION,
                service=model.name,
                timestamp=timestamp,
                method="POST",
                path="/",
                query="",
                headers=[(name.lower(), value) for name, value in {**known, "host": self._address}.items()],
                payload=body,
            )
        return known

    def close(self) -> None:
        """Begin a new connection with the next request."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _received(connection: socket.socket) -> bytes:
    """Return what came; raises ConnectionResetError where nothing will."""
    part = connection.recv(65_536)
    if not part:
        raise ConnectionResetError("closed without an answer")
    return part


def _error_of(text: str) -> str:
    if text.startswith("{"):
        try:
            return str(json.loads(text).get("__type", ""))
        except ValueError:
            return ""
    found = re.search("<Code>([^<]*)</Code>", text)
    return found[1] if found else ""


class Chapter:
    """Calls of one seed, on a stage of their own."""

    def __init__(self, world: World, seed: int, account: Account) -> None:
        self.world, self.seed, self.account = world, seed, account
        self.random = Random(seed)
        self.stage = Stage(world, self.random)
        self.maker = Maker(self.random, self.stage.known)
        self.door = Door(world)

    def play(self, calls: int) -> None:
        """Call so many operations, each as often as any other."""
        known, pool_id = tables(self.world), self.stage.there.pool.pool_id
        before = rows_of_pools(self.world, known, pool_id)
        self.world.log.clear()
        number = 0
        while number < calls:
            for operation in self.random.sample(ALL, len(ALL)):
                if number == calls:
                    break
                if (operation.run is None or SELDOM.match(operation.name)) and self.random.random() < 0.8:
                    continue
                self.call(operation, number)
                number += 1
        after = rows_of_pools(self.world, known, pool_id)
        changed = [table for table in before if before[table] != after[table]]
        if changed:
            self.note(f"rows of a pool that no request was about: {changed}", number, b"", "")
        self.door.close()

    def call(self, operation: Operation, number: int) -> None:
        """Make one request, send it, and judge what comes back."""
        self._let_time_pass()
        body = self._body(operation)
        signed = operation.who is Who.IAM or (operation.who is Who.IAM_OR_SECRET and self.random.random() < 0.5)
        if self.random.random() < 0.01:
            signed = not signed
        reply = self.door.send(operation, body, signed=signed)
        name = f"{operation.model.name}:{operation.name}"
        self.account.calls += 1
        self.account.called[name] += 1
        self.account.errors[reply.error or str(reply.status)] += 1
        self._judge(operation, name, number, body, reply)
        if reply.status == 200:
            self.account.good[name] += 1
            self._learn(operation, reply.text)

    def _let_time_pass(self) -> None:
        drawn = self.random.random()
        if drawn < 0.1:
            self.world.clock.advance(MINUTE if drawn < 0.01 else SECOND)
        if drawn > 0.997:
            self.stage.renew()

    def _body(self, operation: Operation) -> bytes:
        shape = model_of(operation.model.name).operation_model(operation.name).input_shape
        drawn = self.random.random()
        request: Any = {}
        if shape is not None:
            request = self.maker.structure(shape, operation.name)
            if drawn > 0.9:
                request = self.maker.hostile(shape)
            elif drawn > 0.5:
                for _ in range(self.random.choice((1, 1, 2))):
                    request = self.maker.spoil(request, shape)
        if operation.model.protocol == "query":
            body = fuzz_values.as_form(operation.name, operation.model.version, request)
        else:
            body = fuzz_values.as_json(request, self.random)
        return fuzz_values.damaged(body, self.random) if drawn < 0.05 else body

    def _judge(self, operation: Operation, name: str, number: int, body: bytes, reply: Reply) -> None:
        lines = self.world.log[:]
        self.world.log.clear()
        if reply.status == 0:
            self.note(f"{name}: no answer", number, body, reply.text)
        if reply.status >= 500 and not reply.error.startswith("NotImplemented"):
            self.note(f"{name}: {reply.status} {Accidents.newest()}", number, body, reply.text)
        for judge in (require_modelled, require_reasons):
            try:
                judge(lines)
            except AssertionError as fault:
                self.note(f"{name}: {fault}".splitlines()[0], number, body, reply.text)
        if MARK in reply.text and operation.name not in OF_THE_ACCOUNT and MARK.encode() not in body:
            self.note(f"{name}: tells of another pool", number, body, reply.text)
        for secret in _SECRETS:
            if secret in reply.text and secret.encode() not in body:
                self.note(f"{name}: tells {secret}", number, body, reply.text)

    def _learn(self, operation: Operation, text: str) -> None:
        if operation.model.protocol == "query":
            for name, value in _LEAF.findall(text):
                if value != KEY_ID:
                    self.stage.learn(operation.name, {name: value})
        elif text:
            self.stage.learn(operation.name, json.loads(text))

    def note(self, kind: str, number: int, body: bytes, answer: str) -> None:
        self.account.note(Finding(kind, self.seed, number, body, answer))


class Accidents(logging.Handler):
    """Remembers of what went wrong in the server where it did, which no answer tells."""

    _newest = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the last place of an exception."""
        if record.exc_info and record.exc_info[1] is not None:
            frames = traceback.extract_tb(record.exc_info[1].__traceback__)
            ours = [frame for frame in frames if "poolkeeper" in frame.filename] or list(frames)
            place = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""
            Accidents._newest = f"{type(record.exc_info[1]).__name__} at {place}: {str(record.exc_info[1])[:200]}"

    @classmethod
    def newest(cls) -> str:
        """Return it, once."""
        told, cls._newest = cls._newest, ""
        return told


@contextmanager
def fuzzed_world(folder: Path, *, database: str = "") -> Iterator[World]:
    """Run a server for a fuzz: hashes and mail are cheap, names lead nowhere, and no hour's budget is used up."""
    settings = settings_for(
        folder,
        database=database,
        messages_per_network_per_hour=0,
        messages_per_claim_per_hour=0,
        wrong_codes_per_network_per_hour=0,
        names_per_network_per_hour=0,
        guests_per_network_per_hour=0,
    )
    started_at = round_to_second(time.time_ns() // 1_000_000)
    accidents = Accidents()

    async def nowhere(_resolver: Resolver, name: str) -> list[str]:
        raise CannotResolve(name)

    logging.getLogger().addHandler(accidents)
    try:
        engine = "postgresql" if database else "sqlite"
        with running(settings, engine=engine, started_at=started_at) as world, pytest.MonkeyPatch.context() as patched:
            patched.setattr(botocore.auth, "get_current_datetime", world.clock.datetime)
            patched.setattr(Resolver, "addresses", nowhere)
            yield world
    finally:
        logging.getLogger().removeHandler(accidents)


def begin_anew(world: World) -> None:
    """Leave nothing in the database of what earlier chapters made."""
    status, _, told = world.http("POST", "/_dev/reset", body=b"")
    assert status == 204, told


def main() -> int:
    """Play chapters until so many calls were made; return 1 where any met an accident."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), default="sqlite")
    asked = parser.parse_args()
    account, begun = Account(), time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database = ""
        if asked.engine == "postgresql":
            database = stack.enter_context(postgres_server.running()).create_database()
        world = stack.enter_context(fuzzed_world(folder, database=database))
        seed = asked.seed
        with contextlib.suppress(KeyboardInterrupt):  # what was seen until then is summed up
            while account.calls < asked.calls:
                begin_anew(world)
                Chapter(world, seed, account).play(min(CHAPTER, asked.calls - account.calls))
                seed += 1
                _tell(asked.engine, account, seed, begun)
    _sum_up(account)
    return 1 if account.findings else 0


def _tell(engine: str, account: Account, seed: int, begun: float) -> None:
    took = time.monotonic() - begun
    print(
        f"{datetime.now().astimezone():%H:%M:%S} {engine}: {account.calls:,} calls, {account.calls / took:.0f} a second, "
        f"{account.good.total():,} succeeded, {len(account.findings)} kinds of accidents; goes on with SEED={seed}",
        flush=True,
    )


def _sum_up(account: Account) -> None:
    never = sorted({f"{one.model.name}:{one.name}" for one in ALL if one.run is not None} - account.good.keys())
    print(f"answers: {', '.join(f'{name} {count:,}' for name, count in account.errors.most_common())}")
    print(f"never succeeded: {', '.join(never) or 'none'}")
    print("\n".join(f"{kind}: {times} times" for kind, times in account.again.items()) or "no accident")


if __name__ == "__main__":
    sys.exit(main())
