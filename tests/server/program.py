"""How does a test run `poolkeeper` as an operator does? Commands that end, and servers that run until they are told to stop."""

import os
import pty
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from ports import free_ports
from server.forked import Forked, fork

_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one installation lives: the folder that commands run in, its ports, and the environment of every command."""

    folder: Path
    port: int
    tls_port: int
    environment: dict[str, str]

    @property
    def endpoint(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def tls_endpoint(self) -> str:
        return f"https://localhost:{self.tls_port}"

    @property
    def data(self) -> Path:
        return self.folder / "data"


@dataclass(frozen=True, slots=True)
class Served:
    """A server process and what it has written to standard error so far."""

    process: Forked
    _written: bytearray
    _reader: threading.Thread

    def said(self) -> str:
        """Return what it wrote, as a person reads it: without colours and carriage returns."""
        return _ESCAPE.sub("", bytes(self._written).decode().replace("\r\n", "\n"))

    def stop(self) -> int:
        """Send SIGTERM where it still runs, wait for its end, and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.ended()

    def ended(self) -> int:
        """Wait until the process and all its output are at an end and return its exit code."""
        try:
            code = self.process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the server did not end:\n{self.said()[-4000:]}") from None
        self._reader.join(10)
        return code


def place(folder: Path, **settings: str) -> Place:
    """Choose a place for an installation. `settings` are variables of its environment, without POOLKEEPER_."""
    port, tls_port = free_ports(2)
    environment = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(folder)}
    environment["POOLKEEPER_PORT"] = str(port)
    environment |= {f"POOLKEEPER_{name.upper()}": value for name, value in settings.items()}
    return Place(folder=folder, port=port, tls_port=tls_port, environment=environment)


def run(where: Place, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run one `poolkeeper` command to its end."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        command = _begin(where, *arguments, stdout=out.fileno(), stderr=err.fileno())
        try:
            code = command.wait(timeout=60)
        except subprocess.TimeoutExpired:
            command.kill()
            raise
        said = [(file.seek(0), file.read().decode().replace("\r\n", "\n"))[1] for file in (out, err)]
    return subprocess.CompletedProcess(command.args, code, *said)


def told(where: Place, *arguments: str) -> str:
    """Run one `poolkeeper` command that must succeed, and return what it printed."""
    done = run(where, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def serving(where: Place, *flags: str, terminal: bool = False) -> Iterator[Served]:
    """Run `poolkeeper serve` until the block ends, healthy from its beginning, and see that it stops with code 0.

    `terminal`: its standard error is one. Raises AssertionError, with the server's own words, when it does not become
    healthy within 60 seconds or ends with another code.
    """
    server = start(where, *flags, terminal=terminal)
    try:
        wait_until_healthy(server, where)
        yield server
    finally:
        code = server.stop()
    assert code == 0, f"the server ended with {code}:\n{server.said()[-4000:]}"


def start(where: Place, *flags: str, terminal: bool = False) -> Served:
    """Start `poolkeeper serve` and do not wait for anything. In development it has a TLS port that is free as well."""
    tls = ("--tls-port", str(where.tls_port)) if "--dev" in flags else ()
    reading, writing = pty.openpty() if terminal else os.pipe()
    process = _begin(where, "serve", *tls, *flags, stdout=writing, stderr=writing)
    os.close(writing)
    written = bytearray()
    reader = threading.Thread(target=_collect, args=(reading, written))
    reader.start()
    return Served(process, written, reader)


def _begin(where: Place, *arguments: str, stdout: int, stderr: int) -> Forked:
    nothing = os.open(os.devnull, os.O_RDWR)
    try:
        return fork(
            arguments,
            environment=where.environment,
            folder=where.folder,
            stdin=nothing,
            stdout=stdout,
            stderr=stderr,
        )
    finally:
        os.close(nothing)


def wait_until_healthy(server: Served, where: Place) -> None:
    """Return when `GET /health` says that it can serve, and the server has said so itself."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            healthy = httpx.get(f"{where.endpoint}/health", trust_env=False).status_code == httpx.codes.OK
        except httpx.TransportError:
            healthy = False
        if healthy and "eady in " in server.said():
            return
        time.sleep(0.05)
    server.stop()
    raise AssertionError(f"the server is not healthy (exit code {server.process.poll()}):\n{server.said()[-4000:]}")


def program(name: str) -> str:
    """Return the path of a program of the environment that the tests run in."""
    return str(Path(sys.executable).with_name(name))


def _collect(source: int, written: bytearray) -> None:
    """Read to the end; a terminal ends with EIO when its last writer is gone."""
    with os.fdopen(source, "rb", buffering=0) as stream:
        while True:
            try:
                part = stream.read(65_536)
            except OSError:
                return
            if not part:
                return
            written += part
