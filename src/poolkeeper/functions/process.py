"""How is a program run so that nothing of it is left? In a process group of its own, with a socket for what we say to it.

Lines go over the socket, so that the program may print: what it prints goes to the log. It gets neither our environment
nor our open files, and tied.py has it end where we were killed and could not end it.
"""

import asyncio
import contextlib
import errno
import logging
import os
import shutil
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_TIED = Path(__file__).with_name("tied.py")
_INHERITED = ("PATH", "HOME", "LANG", "TZ", "TMPDIR")
_LONGEST_PRINTED_LINE = 16_384
_LINES_A_SECOND, _LINES_A_TURN = 200, 20
_LAST_WORDS_SECONDS = 1.0
_OWN_END_SECONDS = 1.0

_log = logging.getLogger("poolkeeper.functions")
_log.setLevel(logging.INFO)  # What handlers print is wanted, to whatever level libraries are held.


class LineTooLong(Exception):  # noqa: N818 - what the program said, not an accident of ours
    """The program answered with more than it may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to run. `name` stands before each line of the log; the number of the socket is put before `arguments`."""

    name: str
    command: Sequence[str]
    arguments: Sequence[str]
    folder: Path
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Process:
    """A running program, the head of its group."""

    _process: asyncio.subprocess.Process
    _reader: asyncio.StreamReader
    _writer: asyncio.StreamWriter
    _watch: "asyncio.Task[None]"

    @classmethod
    async def start(cls, program: Program, *, longest_line: int) -> Self:
        """Start `program`. Raises OSError where it cannot be run."""
        ours, theirs = socket.socketpair()
        with theirs, contextlib.ExitStack() as undo:
            ours.settimeout(0)
            reader, writer = await asyncio.open_unix_connection(sock=ours, limit=longest_line)
            undo.callback(writer.close)
            printed, printing = await _open_pipe()
            undo.callback(printed.close)
            try:
                process = await _spawn(program, theirs.fileno(), printing)
            finally:
                os.close(printing)
            undo.pop_all()
        return cls(process, reader, writer, asyncio.create_task(_watch(process, printed, program.name)))

    @property
    def gone(self) -> bool:
        """Whether the program ended, or closed its side."""
        return self._process.returncode is not None or self._reader.at_eof()

    async def ask(self, line: bytes) -> bytes | None:
        """Send a line and return the line that comes back, None where the program ended instead.

        Raises LineTooLong.
        """
        try:
            self._writer.write(line)
            await self._writer.drain()
            answer = await self._reader.readline()
        except ConnectionError:
            return None
        except ValueError:
            raise LineTooLong from None
        return answer if answer.endswith(b"\n") else None

    async def end(self) -> int:
        """Kill whatever is left of the group and return how the program ended: its status, or minus a signal."""
        self._writer.close()
        if self._reader.at_eof():  # It is about to end by itself, with a status worth telling.
            await asyncio.wait([self._watch], timeout=_OWN_END_SECONDS)
        if self._process.returncode is None:
            _kill_group(self._process.pid)
        await asyncio.shield(self._watch)
        return await self._process.wait()


async def _spawn(program: Program, descriptor: int, printing: int) -> asyncio.subprocess.Process:
    environment = {name: os.environ[name] for name in _INHERITED if name in os.environ} | dict(program.environment)
    name, *arguments = program.command
    executable = shutil.which(name, path=environment.get("PATH", os.defpath))
    if executable is None:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
    tied = (sys.executable, "-I", "-S", str(_TIED), str(os.getpid()), str(descriptor))
    return await asyncio.create_subprocess_exec(
        *tied,
        *(executable, *arguments, str(descriptor), *program.arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=printing,
        stderr=printing,
        pass_fds=(descriptor,),
        start_new_session=True,
        cwd=program.folder,
        env=environment,
    )


@dataclass(frozen=True, slots=True)
class _Printed:
    """The end of a pipe that we read. asyncio's own would make a program's end wait for whoever else holds the pipe."""

    reader: asyncio.StreamReader
    transport: asyncio.BaseTransport

    def close(self) -> None:
        self.transport.close()


async def _open_pipe() -> tuple[_Printed, int]:
    """Return a pipe: our end, and the descriptor to which the program prints."""
    ours, theirs = os.pipe()
    reader = asyncio.StreamReader(limit=_LONGEST_PRINTED_LINE)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(ours, "rb", buffering=0)
    )
    return _Printed(reader, transport), theirs


async def _watch(process: asyncio.subprocess.Process, printed: _Printed, name: str) -> None:
    """Log what the program prints; when it ends, end what it began."""
    logging_it = asyncio.create_task(_log_lines(printed.reader, name))
    await process.wait()
    _kill_group(process.pid)
    await asyncio.wait([logging_it], timeout=_LAST_WORDS_SECONDS)  # A child in a session of its own may hold the pipe.
    printed.close()
    await logging_it


async def _log_lines(stream: asyncio.StreamReader, name: str) -> None:
    """Log what is printed, so many lines a second: what is more is counted, and everybody else has a turn in between."""
    loop = asyncio.get_running_loop()
    second, printed = int(loop.time()), 0
    while True:
        try:
            line = await stream.readline()
        except ValueError:
            line = b"(a line of more than %d bytes)" % _LONGEST_PRINTED_LINE
        if not line or int(loop.time()) != second:
            if printed > _LINES_A_SECOND:
                _log.info("%s: (%d lines more)", name, printed - _LINES_A_SECOND)
            second, printed = int(loop.time()), 0
        if not line:
            return
        printed += 1
        if printed <= _LINES_A_SECOND:
            _log.info("%s: %s", name, line.decode(errors="replace").rstrip())
        if printed % _LINES_A_TURN == 0:  # Reading what is there already never waits.
            await asyncio.sleep(0)


def _kill_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)
