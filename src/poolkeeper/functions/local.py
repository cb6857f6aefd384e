"""How is a handler run on this machine? One warm process for each function, one event at a time.

Events and replies are lines of JSON; bootstrap_python.py and bootstrap.mjs are the other side. The handler is the
operator's own code: it is bounded in time, and not locked in otherwise.
"""

import asyncio
import signal
import sys
from pathlib import Path
from typing import Any

import msgspec

from poolkeeper.function_settings import LocalTransport
from poolkeeper.functions.call import (
    TIMED_OUT,
    UNREACHABLE,
    CannotInvoke,
    FunctionFailed,
    Invocation,
    NotJson,
    too_large,
)
from poolkeeper.functions.process import LineTooLong, Process, Program

_HERE = Path(__file__).parent
# -P: the folder of the bootstrap is nowhere for handlers to import from; -u: what they print is seen at once.
_COMMANDS = {
    "python": (sys.executable, "-P", "-u", str(_HERE / "bootstrap_python.py")),
    "node": ("node", str(_HERE / "bootstrap.mjs")),
}
_IDLE_SECONDS = 600.0
_AROUND_THE_ANSWER = len(b'{"id":"00000000-0000-0000-0000-000000000000","answer":}\n')


class _Event(msgspec.Struct, kw_only=True):
    """What the process reads: one event, and what its context says."""

    id: str
    arn: str
    name: str
    remaining_ms: int
    event: msgspec.Raw


class _Error(msgspec.Struct, kw_only=True, rename="camel"):
    """An error as Lambda's runtimes write it."""

    error_message: str


class _Reply(msgspec.Struct, kw_only=True):
    """What the process writes of the event `id`. `last`: it ends itself after this one."""

    id: str
    answer: Any = None
    error: _Error | None = None
    last: bool = False


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(_Reply).decode


class LocalFunction:
    """The Carrier of `transport = "local"`.

    A process that gets no event for `idle_seconds` ends, as an idle one does on Lambda; the next event starts another.
    """

    def __init__(self, setting: LocalTransport, *, idle_seconds: float = _IDLE_SECONDS) -> None:
        self._setting = setting
        self._idle_seconds = idle_seconds
        self._turn = asyncio.Lock()
        self._process: Process | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._retiring: set[asyncio.Task[int]] = set()

    async def call(self, invocation: Invocation) -> Any:
        """Return the handler's answer; waiting for one's turn counts. Raises FunctionFailed and CannotInvoke."""
        try:
            async with asyncio.timeout(invocation.seconds) as limit, self._turn:
                reply = await self._converse(invocation, ends=limit.when() or 0.0)
        except TimeoutError:
            detail = f"{self._setting.source} took longer than {invocation.seconds} s"
            raise CannotInvoke(TIMED_OUT, detail=detail, fleeting=True) from None
        if reply.error is not None:
            raise FunctionFailed(reply.error.error_message)
        return reply.answer

    async def close(self) -> None:
        """End the process and all that it began."""
        self._stop_waiting()
        await self._end()
        await asyncio.gather(*self._retiring)

    async def _converse(self, invocation: Invocation, *, ends: float) -> _Reply:
        """Send one event and read one reply.

        Whatever else happens, the time limit included, ends the process, so that an answer which comes late is never
        taken for that of the next event.
        """
        process = await self._warm(invocation)
        try:
            reply = await self._ask(process, invocation, ends=ends)
        except BaseException:
            await self._end()
            raise
        if reply.last:
            await self._end()
        else:
            self._idle = asyncio.get_running_loop().call_later(self._idle_seconds, self._retire, process)
        return reply

    async def _warm(self, invocation: Invocation) -> Process:
        """Return the process, a fresh one where there is none any more. Raises CannotInvoke."""
        self._stop_waiting()
        if self._process is not None and self._process.gone:
            await self._end()
        if self._process is None:
            setting = self._setting
            program = Program(
                name=invocation.function_name,
                command=_COMMANDS[setting.language],
                arguments=(setting.source, setting.function),
                folder=setting.folder,
                environment={name: value.reveal() for name, value in setting.environment.items()},
            )
            try:
                self._process = await Process.start(program, longest_line=invocation.most_bytes + _AROUND_THE_ANSWER)
            except OSError as fault:
                detail = f"{setting.language} cannot be run in {setting.folder}: {fault}"
                raise CannotInvoke(UNREACHABLE, detail=detail) from None
        return self._process

    async def _ask(self, process: Process, invocation: Invocation, *, ends: float) -> _Reply:
        remaining = ends - asyncio.get_running_loop().time()
        event = _Event(
            id=invocation.request_id,
            arn=invocation.arn,
            name=invocation.function_name,
            remaining_ms=max(0, int(remaining * 1000)),
            event=msgspec.Raw(invocation.body),
        )
        try:
            line = await process.ask(_encode(event) + b"\n")
        except LineTooLong:
            raise too_large(invocation.most_bytes) from None
        if line is None:
            raise FunctionFailed(_last_words(invocation, await process.end()))
        try:
            reply = _decode(line)
        except (ValueError, RecursionError) as fault:
            raise NotJson(str(fault)) from None
        if reply.id != invocation.request_id:  # The handler forked, and came back twice.
            reason = "the function answered another event"
            raise CannotInvoke(reason, detail=reason, fleeting=True)
        return reply

    def _retire(self, process: Process) -> None:
        """End an idle process; it is let go of before anything is awaited, so that no event goes to one that is ending."""
        self._process = None
        task = asyncio.create_task(process.end())
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    def _stop_waiting(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await process.end()


def _last_words(invocation: Invocation, status: int) -> str:
    """Return what Lambda says of a runtime that ended in the middle of an event."""
    if status == 0:
        how = "Runtime exited without providing a reason"
    elif status > 0:
        how = f"Runtime exited with error: exit status {status}"
    else:
        how = f"Runtime exited with error: signal: {(signal.strsignal(-status) or str(-status)).lower()}"
    return f"RequestId: {invocation.request_id} Error: {how}"
