"""How does an answer get into the transport? Head and body in one piece where they come one after the other."""

import asyncio

LARGE = 64 * 1024
"""Bytes from which head and body are two pieces: to copy them would hold up everybody else."""


class AnswerWriter:
    """The transport as uvicorn writes an answer to it, head and body apart.

    What is written is held for the next write, at most until the event loop's next round: an answer that is sent bit by
    bit is not held back.
    """

    __slots__ = ("_held", "_loop", "_transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held = b""

    def write(self, data: bytes) -> None:
        """Send what is held with this, or hold this; what is large is not copied for it."""
        held_bytes, self._held = self._held, b""
        if not held_bytes and data:
            self._held = data
            self._loop.call_soon(self.flush)
        elif len(data) > LARGE:
            self._transport.write(held_bytes)
            self._transport.write(data)
        elif held_bytes:
            self._transport.write(held_bytes + data)

    def close(self) -> None:
        """Send what is held, then close."""
        self.flush()
        self._transport.close()

    def is_closing(self) -> bool:
        """Say whether nothing can be sent any more."""
        return self._transport.is_closing()

    def flush(self) -> None:
        """Send what is held."""
        held_bytes, self._held = self._held, b""
        if held_bytes and not self._transport.is_closing():
            self._transport.write(held_bytes)
