"""Which servers are measured, and how are they started and stopped? Poolkeeper on both engines, and its peers.

Each peer lives in an environment of its own under .bench/, made on first use: MiniStack pins an older botocore. All
listen on 127.0.0.1, on a port that the system chose, and are ended by their process id.
"""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import processes

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ROOT / ".bench"
ACCESS_KEY_ID = "AKIABENCHMARK0000000"
SECRET_ACCESS_KEY = "benchmark-secret-of-the-first-key"
READY_SECONDS = 60
STOP_SECONDS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One server that can be measured: what it is called, how it is installed and how it is run.

    Without `cognito` it speaks OpenID Connect alone.
    """

    title: str
    install: tuple[tuple[str, ...], ...]
    command: Callable[[int, Path], list[str]]
    environment: Callable[[int, Path], Mapping[str, str]]
    ready: str
    database: bool = False
    cognito: bool = True


@dataclass(frozen=True, slots=True)
class Home:
    """What a server keeps across restarts: a folder, and perhaps a database server with its URL."""

    folder: Path
    database: subprocess.Popen[str] | None = None
    database_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server that runs. `ready` is the time from its start to its first good answer, in seconds."""

    kind: str
    process: subprocess.Popen[bytes]
    port: int
    ready: float
    home: Home
    database: subprocess.Popen[str] | None = None

    def cpu(self) -> int:
        """Return the CPU time that all its processes have used, in nanoseconds."""
        return processes.cpu(self.process.pid)

    def database_cpu(self) -> int:
        """Return the same of the database server's processes; 0 where there is none."""
        return processes.cpu(self.database.pid) if self.database else 0

    def memory(self) -> int:
        """Return the resident memory of all its processes but those of functions, in bytes; shared pages count in each."""
        return processes.memory(processes.tree(self.process.pid) - self._functions())

    def functions_memory(self) -> int:
        """Return the same of the programs that it runs as functions."""
        return processes.memory(self._functions())

    def _functions(self) -> set[int]:
        # Poolkeeper is one process here (one worker), and starts no others than functions.
        return processes.tree(self.process.pid) - {self.process.pid} if self.kind in OURS else set()


def _poolkeeper(port: int, folder: Path) -> list[str]:
    # The issuer is fixed, so that tokens outlive a restart on another port.
    own = ("--port", str(port), "--data", str(folder / "data"), "--base-url", "http://localhost:7665")
    return [str(ROOT / ".venv" / "bin" / "poolkeeper"), "serve", *own]


def _poolkeeper_dev(port: int, folder: Path) -> list[str]:
    return [*_poolkeeper(port, folder), "--dev"]


def _poolkeeper_keys(_port: int, _folder: Path) -> Mapping[str, str]:
    return {
        "POOLKEEPER_ROOT_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "POOLKEEPER_ROOT_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
    }


def _pip(name: str, *requirements: str) -> tuple[tuple[str, ...], ...]:
    home = str(ENVIRONMENTS / name)
    return ((sys.executable, "-m", "venv", home), (f"{home}/bin/pip", "install", "--quiet", *requirements))


def _npm(name: str, requirement: str) -> tuple[tuple[str, ...], ...]:
    home = str(ENVIRONMENTS / name)
    return (("npm", "install", "--silent", "--ignore-scripts", "--no-save", "--prefix", home, requirement),)


KINDS: Mapping[str, Kind] = {
    "sqlite": Kind(
        title="Poolkeeper (SQLite)",
        install=(),
        command=_poolkeeper_dev,
        environment=_poolkeeper_keys,
        ready="/health",
    ),
    "postgresql": Kind(
        title="Poolkeeper (PostgreSQL)",
        install=(),
        command=_poolkeeper_dev,
        environment=_poolkeeper_keys,
        ready="/health",
        database=True,
    ),
    "sending": Kind(
        title="Poolkeeper (SQLite, not in development mode: it sends its mail)",
        install=(),
        command=_poolkeeper,
        environment=_poolkeeper_keys,
        ready="/health",
    ),
    "moto": Kind(
        title="moto_server 5.2.5",
        install=_pip("moto", "moto[server]==5.2.5"),
        command=lambda port, _: [str(ENVIRONMENTS / "moto/bin/moto_server"), "-H", "127.0.0.1", "-p", str(port)],
        environment=lambda _port, _folder: {},
        ready="/moto-api/data.json",
    ),
    "cognito-local": Kind(
        title="cognito-local 5.3.0",
        install=_npm("cognito-local", "cognito-local@5.3.0"),
        command=lambda _port, _folder: [str(ENVIRONMENTS / "cognito-local/node_modules/.bin/cognito-local")],
        environment=lambda port, _: {"HOST": "127.0.0.1", "PORT": str(port), "NODE_ENV": "production"},
        ready="/health",
    ),
    "ministack": Kind(
        title="MiniStack 1.5.33",
        # Without cryptography its tokens carry random bytes for a signature; its container image has it.
        install=_pip("ministack", "ministack==1.5.33", "cryptography==50.0.2"),
        command=lambda _port, _folder: [str(ENVIRONMENTS / "ministack/bin/ministack")],
        environment=lambda port, folder: {
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "LOG_LEVEL": "WARNING",
            "STATE_DIR": str(folder / "state"),
            "TMPDIR": str(folder),
        },
        ready="/_ministack/health",
    ),
    "oidc-provider": Kind(
        title="oidc-provider 9.13.3",
        install=_npm("oidc-provider", "oidc-provider@9.13.3"),
        command=lambda port, _: [
            "node",
            str(ROOT / "benchmarks" / "oidc_provider.mjs"),
            str(ENVIRONMENTS / "oidc-provider/node_modules/oidc-provider"),
            str(port),
        ],
        environment=lambda _port, _folder: {"NODE_ENV": "production"},
        ready="/bench/health",
        cognito=False,
    ),
}
OURS = ("sqlite", "postgresql")
PEERS = ("moto", "cognito-local", "ministack")
OPENID_PEERS = ("oidc-provider",)


def install(kind: str) -> None:
    """Make a peer's environment under .bench/ unless it is there. Raises CalledProcessError when a step fails."""
    done = ENVIRONMENTS / f"{kind}.installed"
    wanted = KINDS[kind].title
    if not KINDS[kind].install or (done.exists() and done.read_text() == wanted):
        return

    ENVIRONMENTS.mkdir(exist_ok=True)
    (ENVIRONMENTS / ".gitignore").write_text("*\n")
    for step in KINDS[kind].install:
        subprocess.run(step, check=True)
    done.write_text(wanted)


def free_port() -> int:
    """Return a port of 127.0.0.1 that was free just now, the next one too (Poolkeeper's development TLS)."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
            with contextlib.suppress(OSError, OverflowError):
                second.bind(("127.0.0.1", port + 1))
                return int(port)


@contextlib.contextmanager
def running(kind: str, *, settings: Mapping[str, str] | None = None, home: Home | None = None) -> Iterator[Server]:
    """Run a server while the block lasts, in an empty home of its own unless one is given.

    `settings` are added to its environment. Raises RuntimeError when it is not ready within a minute.
    """
    with contextlib.ExitStack() as stack:
        place = home or stack.enter_context(a_home(kind))
        server = _start(kind, place, settings or {})
        stack.callback(stop, server.process)
        yield server


@contextlib.contextmanager
def a_home(kind: str) -> Iterator[Home]:
    """Make what a server of this kind keeps across restarts: an empty folder, and a database server if it has one."""
    install(kind)
    with tempfile.TemporaryDirectory(prefix="poolkeeper-bench-") as folder, contextlib.ExitStack() as stack:
        if not KINDS[kind].database:
            yield Home(Path(folder))
            return
        database, url = stack.enter_context(_postgres())
        yield Home(Path(folder), database, url)


def _start(kind: str, home: Home, settings: Mapping[str, str]) -> Server:
    """Start a server and wait until it is ready; its output goes to output.log in its folder.

    Raises RuntimeError, with the end of that file, when the server ends or is not ready within a minute.
    """
    port = free_port()
    folder, kept = home.folder, ("--database", home.database_url) if home.database_url else ()
    command = [*KINDS[kind].command(port, folder), *kept]
    environment = {**os.environ, **KINDS[kind].environment(port, folder), **settings}
    begun = time.perf_counter()
    with (folder / "output.log").open("ab") as output:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=output, stderr=output)

    while not _answers(port, KINDS[kind].ready):
        if process.poll() is not None or time.perf_counter() - begun > READY_SECONDS:
            stop(process)
            raise RuntimeError(f"{kind} did not start:\n{(folder / 'output.log').read_text()[-2000:]}")
        time.sleep(0.01)
    ready = time.perf_counter() - begun
    return Server(kind=kind, process=process, port=port, ready=ready, home=home, database=home.database)


def stop(process: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
    """End a process that we started, and what it left behind, by their ids."""
    family = processes.tree(process.pid)
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pid in family - {process.pid}:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@contextlib.contextmanager
def _postgres() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the test suite's PostgreSQL, whose first line of output is its URL."""
    command = [sys.executable, str(ROOT / "tests" / "postgres_server.py")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            if not url.startswith("postgres"):
                raise RuntimeError(f"tests/postgres_server.py printed {url!r} where its URL was expected")
            yield process, url
        finally:
            stop(process)


if __name__ == "__main__":
    for name in (*PEERS, *OPENID_PEERS):
        print(f"{name}: making its environment, unless it is there")
        install(name)
