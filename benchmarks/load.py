"""How fast does a server answer? A load client in a process of its own, which returns every answer's latency.

The requests are ready bytes; they go over raw sockets to 127.0.0.1 that are kept open as long as the server lets them.
Run as a program it reads one Job from its standard input and writes one Result to its standard output (MessagePack).
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen, TimeoutExpired
from typing import IO, cast

import httptools
import msgspec
import uvloop

START_SECONDS = 30
_TICK_SECONDS = 0.005


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What to send. `count` requests, the list again and again; at most `seconds`; `pause` seconds after each answer.

    `source` is the address of this machine that it comes from. With a `rate`, in requests a second, they are sent when they
    are due, whatever became of those before; what finds no connection free then is not sent at all.
    """

    port: int
    requests: list[bytes]
    count: int
    concurrency: int = 8
    seconds: float = 10.0
    pause: float = 0.0
    keep_bodies: bool = False
    source: str = "127.0.0.1"
    rate: float = 0.0


class Answer(msgspec.Struct, frozen=True):
    """One answer. `status` 0 means that the connection broke; `nanoseconds` runs from the first byte to the last."""

    number: int
    status: int
    nanoseconds: int
    body: bytes


class Result(msgspec.Struct, frozen=True):
    """Every answer in the order of the requests (bodies only of refusals, unless asked for), and the whole duration.

    `unsent` counts the requests that were due and found no connection free.
    """

    answers: list[Answer]
    nanoseconds: int
    unsent: int = 0


class Connection(asyncio.Protocol):
    """One connection, which carries one request at a time; also the callbacks that httptools asks for."""

    def __init__(self) -> None:
        self.open = False
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[tuple[int, bytes]] | None = None
        self._restart()

    def _restart(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._body = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own class, which does not inherit from it
        self.open = True

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, part: bytes) -> None:
        self._body += part

    def on_message_complete(self) -> None:
        if not self._parser.should_keep_alive():
            self.close()
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result((self._parser.get_status_code(), bytes(self._body)))

    def connection_lost(self, exc: Exception | None) -> None:
        self.open = False
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result((0, repr(exc).encode()))

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send one request and return the status and the body of its answer; status 0 when the connection broke."""
        assert self._transport is not None
        self._restart()
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiting

    def close(self) -> None:
        """Close the connection at once; `ask` must not be called again."""
        self.open = False
        if self._transport is not None:
            self._transport.close()


async def _client(job: Job, numbers: Iterator[int], deadline: int, answers: list[Answer]) -> None:
    connection = Connection()
    for number in numbers:
        if time.perf_counter_ns() > deadline:
            break

        connection = await _one(job, number, connection, answers)
        if job.pause:
            await asyncio.sleep(job.pause)
    connection.close()


async def _one(job: Job, number: int, connection: Connection, answers: list[Answer]) -> Connection:
    """Send one request over a connection, or over a new one if that is closed, and return the connection."""
    begun = time.perf_counter_ns()
    if not connection.open:
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(Connection, "127.0.0.1", job.port, local_addr=(job.source, 0))
    status, body = await connection.ask(job.requests[number % len(job.requests)])
    took = time.perf_counter_ns() - begun
    kept = body if job.keep_bodies or status != 200 else b""
    answers.append(Answer(number, status, took, kept))
    return connection


async def _when_due(job: Job, deadline: int, answers: list[Answer]) -> int:
    """Send requests when they are due, and return how many found no connection free."""
    free = [Connection() for _ in range(job.concurrency)]
    under_way: set[asyncio.Task[None]] = set()
    begun, number, unsent = time.perf_counter_ns(), 0, 0

    async def send(one: int, connection: Connection) -> None:
        free.append(await _one(job, one, connection, answers))

    while (now := time.perf_counter_ns()) < deadline:
        due = min(job.count, int((now - begun) / 1e9 * job.rate))
        while number < due and free:
            task = asyncio.create_task(send(number, free.pop()))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
            number += 1
        unsent += due - number
        number = due
        await asyncio.sleep(_TICK_SECONDS)
    await asyncio.gather(*under_way)
    for connection in free:
        connection.close()
    return unsent


async def perform(job: Job) -> Result:
    """Send the job's requests over `concurrency` connections and return what came back."""
    answers: list[Answer] = []
    numbers = iter(range(job.count))
    begun = time.perf_counter_ns()
    deadline = begun + int(job.seconds * 1e9)

    unsent = 0
    if job.rate:
        unsent = await _when_due(job, deadline, answers)
    else:
        await asyncio.gather(*(_client(job, numbers, deadline, answers) for _ in range(job.concurrency)))

    took = time.perf_counter_ns() - begun
    answers.sort(key=lambda answer: answer.number)
    return Result(answers, took, unsent)


@dataclass(frozen=True, slots=True)
class Client:
    """A load client on its way, and the file that its result is written to: a pipe would be full before anybody reads."""

    process: Popen[bytes]
    written: IO[bytes]


def begin(job: Job) -> Client:
    """Start a load client on its way; `finish` waits for it."""
    written = tempfile.TemporaryFile()  # noqa: SIM115 - `finish` closes it
    with tempfile.TemporaryFile() as file:
        file.write(msgspec.msgpack.encode(job))
        file.seek(0)
        return Client(Popen([sys.executable, str(Path(__file__).resolve())], stdin=file, stdout=written), written)


def finish(client: Client, job: Job) -> Result:
    """Wait for a load client and return its result. Raises RuntimeError when it failed or did not come back."""
    try:
        failed = client.process.wait(job.seconds + START_SECONDS)
    except TimeoutExpired:
        client.process.kill()
        client.process.wait()
        raise RuntimeError(f"the load client on port {job.port} did not come back") from None
    if failed:
        raise RuntimeError(f"the load client on port {job.port} failed")
    with client.written as written:
        written.seek(0)
        return msgspec.msgpack.decode(written.read(), type=Result)


def run(job: Job) -> Result:
    """Do a job in a process of its own and return its result."""
    return finish(begin(job), job)


def percentile(sample: Sequence[int], share: float) -> float:
    """Return the value below which `share` (0 to 1) of the sample lies, by nearest rank."""
    ordered = sorted(sample)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


if __name__ == "__main__":
    wanted = msgspec.msgpack.decode(sys.stdin.buffer.read(), type=Job)
    sys.stdout.buffer.write(msgspec.msgpack.encode(uvloop.run(perform(wanted))))
