"""What answers when a test calls out? A small HTTP server on loopback that keeps what it was sent."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Received:
    """One request; the names of headers are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What to answer; `hang` never does, `drop` closes the connection instead."""

    status: int = 200
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)
    hang: bool = False
    drop: bool = False


@dataclass(slots=True)
class Receiver:
    """A server that answers with what `answer` returns for each request."""

    answer: Callable[[Received], Answer]
    port: int = 0
    connections: int = 0
    received: list[Received] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"


@contextlib.asynccontextmanager
async def receiving(answer: Callable[[Received], Answer] | Answer) -> AsyncIterator[Receiver]:
    """Run a receiver on a free port."""
    receiver = Receiver((lambda _: answer) if isinstance(answer, Answer) else answer)
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        receiver.connections += 1
        writers.append(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while await _exchange(receiver, reader, writer):
                pass
        writer.close()

    server = await asyncio.start_server(serve, "localhost", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        await all_accepted()
        server.close()
        for writer in writers:
            writer.close()
        await server.wait_closed()
        await asyncio.sleep(0.01)  # The transports close in the loop's next turns.


async def all_accepted() -> None:
    """Wait until a server knows of all who came: asyncio loses a connection whose server closes while it is accepted."""
    for _ in range(10):
        await asyncio.sleep(0)


async def _exchange(receiver: Receiver, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    request = Received(method, path, headers, body)
    receiver.received.append(request)

    answer = receiver.answer(request)
    if answer.hang:
        await reader.read()
    if answer.hang or answer.drop:
        return False
    lines = [f"HTTP/1.1 {answer.status} X", f"Content-Length: {len(answer.body)}"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode() + answer.body)
    await writer.drain()
    return True
