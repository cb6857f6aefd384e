"""How does examples/react-app run in a test? By its one command, beside what that would install, for a server of the test's."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Page

from clients.serving import Server
from ports import free_ports

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "react-app"
NOT_TAKEN = shutil.ignore_patterns("node_modules", ".venv", ".env", ".vite", "dist")


@dataclass(frozen=True, slots=True)
class Running:
    """The example as it runs: where the application is, and which pool it was given."""

    address: str
    pool_id: str
    client_id: str


@contextmanager
def running(server: Server) -> Iterator[Running]:
    """Start the example by its command, in a folder that lies to the server's as it does in the repository.

    What the command would install is there: the packages of this suite, whose versions are the example's.
    """
    folder = server.place.folder / "examples" / "react-app"
    shutil.copytree(EXAMPLE, folder, ignore=NOT_TAKEN)
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    for environment in (folder, server.place.folder):
        (environment / ".venv").symlink_to(sys.prefix)
    frontend, backend = free_ports(2)
    ports = {"FRONTEND_PORT": str(frontend), "BACKEND_PORT": str(backend)}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(folder / "run")],
            env=server.place.environment | ports | {"AWS_ENDPOINT_URL": server.endpoint},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            _wait_until_there(process, f"http://localhost:{frontend}/api/me", folder / "log")
            known = dict(line.split("=", 1) for line in (folder / ".env").read_text().splitlines())
            pool_id = known["POOL_ISSUER"].rpartition("/")[2]
            yield Running(f"http://localhost:{frontend}/", pool_id, known["POOL_CLIENT_ID"])
        finally:
            process.terminate()
            code = process.wait(timeout=20)
    assert code == 0, (folder / "log").read_text()


def _wait_until_there(process: "subprocess.Popen[bytes]", address: str, log: Path) -> None:
    """Wait until the application answers, and the backend behind it: 401 to who shows no token."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(address, trust_env=False).status_code == httpx.codes.UNAUTHORIZED:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"the example does not run ({process.poll()}):\n{log.read_text()}")


def held(page: Page) -> dict[str, Any]:
    """Return what the application keeps of its user: the tokens."""
    text = page.evaluate("Object.values(sessionStorage).find((value) => value.includes('access_token'))")
    kept: dict[str, Any] = json.loads(text)
    return kept
