"""How fast does a server answer? A load client in a process of its own, which returns every answer's latency.

The requests are ready bytes; they go over raw sockets to 127.0.0.1 that are kept open as long as the server lets them.
Run as a program it reads one Job from its standard input and writes one Result to its standard output (MessagePack).
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from subprocess import PIPE, Popen, TimeoutExpired
from typing import cast

import httptools
import msgspec
import uvloop

START_SECONDS = 30


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What to send. `count` requests, the list again and again; at most `seconds`; `pause` seconds after each answer."""

    port: int
    requests: list[bytes]
    count: int
    concurrency: int = 8
    seconds: float = 10.0
    pause: float = 0.0
    keep_bodies: bool = False


class Answer(msgspec.Struct, frozen=True):
    """One answer. `status` 0 means that the connection broke; `nanoseconds` runs from the first byte to the last."""

    number: int
    status: int
    nanoseconds: int
    body: bytes


class Result(msgspec.Struct, frozen=True):
    """Every answer in the order of the requests (bodies only of refusals, unless asked for), and the whole duration."""

    answers: list[Answer]
    nanoseconds: int


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

        begun = time.perf_counter_ns()
        if not connection.open:
            loop = asyncio.get_running_loop()
            _, connection = await loop.create_connection(Connection, "127.0.0.1", job.port)
        status, body = await connection.ask(job.requests[number % len(job.requests)])
        took = time.perf_counter_ns() - begun

        kept = body if job.keep_bodies or status != 200 else b""
        answers.append(Answer(number, status, took, kept))
        if job.pause:
            await asyncio.sleep(job.pause)
    connection.close()


async def perform(job: Job) -> Result:
    """Send the job's requests over `concurrency` connections and return what came back."""
    answers: list[Answer] = []
    numbers = iter(range(job.count))
    begun = time.perf_counter_ns()
    deadline = begun + int(job.seconds * 1e9)

    await asyncio.gather(*(_client(job, numbers, deadline, answers) for _ in range(job.concurrency)))

    took = time.perf_counter_ns() - begun
    answers.sort(key=lambda answer: answer.number)
    return Result(answers, took)


def begin(job: Job) -> Popen[bytes]:
    """Start a load client on its way; `finish` waits for it."""
    with tempfile.TemporaryFile() as file:
        file.write(msgspec.msgpack.encode(job))
        file.seek(0)
        return Popen([sys.executable, str(Path(__file__).resolve())], stdin=file, stdout=PIPE)


def finish(client: Popen[bytes], job: Job) -> Result:
    """Wait for a load client and return its result. Raises RuntimeError when it failed or did not come back."""
    try:
        written, _ = client.communicate(timeout=job.seconds + START_SECONDS)
    except TimeoutExpired:
        client.kill()
        client.communicate()
        raise RuntimeError(f"the load client on port {job.port} did not come back") from None
    if client.returncode != 0:
        raise RuntimeError(f"the load client on port {job.port} failed")
    return msgspec.msgpack.decode(written, type=Result)


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
