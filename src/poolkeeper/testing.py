"""How does a test get a server of its own? The real one, in a process and a folder that end with the block.

    with poolkeeper_server(seed="tests/poolkeeper.seed.toml") as pk:
        pk.client("cognito-idp").sign_up(ClientId="web", ...)
        code = pk.code(to="ada@lovelace.example")

`python -m poolkeeper.testing --seed FILE -- COMMAND` runs a command, such as another language's tests, beside such a server:
its environment is `pk.env`. docs/testing.md tells more.
"""

import argparse
import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from poolkeeper import variables
from poolkeeper.nursery import Child, nursery

__all__ = ["PoolkeeperServer", "poolkeeper_server"]

_KEY = "test"
_START_SECONDS = 60
_STOP_SECONDS = 40
_TRIES = 10
# Passwords of tests are nobody's: a hash costs what a function call does.
_CHEAP = {"password_hash_memory": 64, "password_hash_passes": 1}
# Who names one of these has data of their own, or none here.
_NOT_BLANK = frozenset({"data", "database", "sealing_key_file"})
# What HTTP_PROXY says is not for loopback.
_open = build_opener(ProxyHandler({})).open


@dataclass(frozen=True, slots=True)
class PoolkeeperServer:
    """A server of a test's own; `url` is its address, and the issuer of a pool is `<url>/<pool id>`."""

    url: str
    folder: Path
    region: str = "us-east-1"

    @property
    def env(self) -> dict[str, str]:
        """The variables by which AWS's SDKs and its CLI find this server, and COGNITO_ENDPOINT, in a copy of the environment."""
        # A session of AWS's in the shell is not for this key.
        inherited = {
            name: value for name, value in os.environ.items() if name not in {"AWS_SESSION_TOKEN", "AWS_PROFILE"}
        }
        own = variables.endpoints(self.url) | variables.regions(self.region) | variables.keys(_KEY, _KEY)
        return {**inherited, **own, "COGNITO_ENDPOINT": self.url}

    def client(self, service: str = "cognito-idp", **more: Any) -> Any:
        """Return a boto3 client of a service, which may do everything; `more` goes to boto3.

        Raises ModuleNotFoundError where boto3 is not installed.
        """
        try:
            import boto3  # noqa: PLC0415 - who uses another client does not need it
        except ModuleNotFoundError:
            raise ModuleNotFoundError("client() hands out boto3's clients: pip install boto3") from None
        options = {
            "region_name": self.region,
            "endpoint_url": self.url,
            "aws_access_key_id": _KEY,
            "aws_secret_access_key": _KEY,
        }
        return boto3.client(service, **{**options, **more})

    def outbox(self, *, to: str = "", kind: str = "", wait: float = 0) -> list[dict[str, Any]]:
        """Return the messages to an address or a user name, of a kind (`SignUp`, `ForgotPassword`, ...), newest last.

        Up to so many seconds are waited (30 at the most) until there is one.
        """
        given = {"to": to, "kind": kind, "wait": wait}
        query = urlencode({name: value for name, value in given.items() if value})
        sent: list[dict[str, Any]] = json.loads(self._asked("GET", f"/_dev/outbox?{query}"))
        return sent

    def code(self, *, to: str, kind: str = "", wait: float = 5) -> str:
        """Return the newest code that went to somebody; raises LookupError where none comes within `wait` seconds."""
        sent = [message for message in self.outbox(to=to, kind=kind, wait=wait) if message["code"]]
        if not sent:
            raise LookupError(f"no code came to {to} within {wait:g} seconds")
        return str(sent[-1]["code"])

    def clear_outbox(self) -> None:
        """Forget all messages."""
        self._asked("DELETE", "/_dev/outbox")

    def reset(self) -> None:
        """Go back to the seed: everything else is gone. Raises RuntimeError with the server's words where it cannot."""
        self._asked("POST", "/_dev/reset")

    def log(self) -> str:
        """Return what the server has written so far."""
        return _log_of(self.folder).read_text(errors="replace")

    def _asked(self, method: str, path: str) -> bytes:
        try:
            request = Request(self.url + path, method=method)  # noqa: S310 - http, as we chose it
            with _open(request, timeout=_START_SECONDS) as answer:
                content: bytes = answer.read()
                return content
        except HTTPError as fault:
            with fault:
                raise RuntimeError(f"{method} {path}: {fault.code} {fault.read().decode().strip()}") from None


@contextlib.contextmanager
def poolkeeper_server(
    seed: str | Path | None = None, *, settings: Mapping[str, Any] | None = None
) -> Iterator[PoolkeeperServer]:
    """Run a server in development mode until the block ends, on free ports and in a folder of its own.

    `seed` is a seed file, or the text of one; without it there is the demo pool. `settings` are those of docs/settings.md by
    name. Raises RuntimeError, with what the server wrote, where it does not start.
    """
    with tempfile.TemporaryDirectory(prefix="poolkeeper-test-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        given = {**_CHEAP, "data": folder / "data", **(settings or {})}
        if seed is not None:
            given["seed"] = _seed_file(seed, folder)
        child, url = _started(folder, given, blank=None if _NOT_BLANK & {*(settings or {})} else folder / "data")
        try:
            yield PoolkeeperServer(url, folder, str(given.get("region", "us-east-1")))
        finally:
            child.end(_STOP_SECONDS)


def _seed_file(seed: str | Path, folder: Path) -> Path:
    if isinstance(seed, str) and "\n" in seed:
        file = folder / "poolkeeper.seed.toml"
        file.write_text(seed)
        return file
    return Path(seed).absolute()


def _started(folder: Path, settings: Mapping[str, Any], *, blank: Path | None) -> tuple[Child, str]:
    """Start a server and wait until it answers; on other ports where somebody was quicker."""
    for _ in range(_TRIES):
        port, tls_port = _free_ports()
        given = {"port": port, "tls_port": tls_port, **settings}
        child = nursery().start(_environment(given), _log_of(folder), blank=blank)
        url = f"http://localhost:{port}"
        if _comes_up(child, url):
            return child, url
        child.end(_STOP_SECONDS)
        log_text = _log_of(folder).read_text(errors="replace")
        if "is in use" not in log_text:
            break
    raise RuntimeError(f"Poolkeeper did not start:\n{log_text}")


def _environment(settings: Mapping[str, Any]) -> dict[str, str]:
    own = {f"POOLKEEPER_{name.upper()}": _text(value) for name, value in settings.items()}
    return {name: value for name, value in os.environ.items() if not name.startswith("POOLKEEPER_")} | own


def _text(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _comes_up(child: Child, url: str) -> bool:
    deadline = time.monotonic() + _START_SECONDS
    while child.runs() and time.monotonic() < deadline:
        with contextlib.suppress(URLError, ConnectionError, TimeoutError), _open(f"{url}/health", timeout=5):
            return True
        time.sleep(0.01)
    return False


def _free_ports() -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as first, socket.create_server(("127.0.0.1", 0)) as second:
        return first.getsockname()[1], second.getsockname()[1]


def _log_of(folder: Path) -> Path:
    return folder / "server.log"


def main(arguments: list[str] | None = None) -> int:
    """Run a command beside a server; return how it ended, 2 where there was no server, 127 where there is no such command."""
    parser = argparse.ArgumentParser(prog="python -m poolkeeper.testing", description="Run a command beside a server.")
    parser.add_argument("--seed", help="seed file; without it there is the demo pool")
    parser.add_argument("command", nargs="+", help="after --, such as: -- npx vitest run")
    given = parser.parse_args(arguments)
    if shutil.which(given.command[0]) is None:
        print(f"There is no command {given.command[0]}.", file=sys.stderr)  # noqa: T201 - a command says so
        return 127
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(poolkeeper_server(given.seed))
        except RuntimeError as fault:
            print(str(fault).strip(), file=sys.stderr)  # noqa: T201 - a command says so
            return 2
        return subprocess.run(given.command, env=server.env, check=False).returncode  # noqa: S603 - what the caller said


if __name__ == "__main__":
    sys.exit(main())
