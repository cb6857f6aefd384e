"""How does a test come to a Keycloak? Its distribution for Java, unpacked and not installed, in memory and on loopback.

Maven fetches the distribution (147 MB) into `.bench/keycloak` once. Java 17 or newer, and Maven, are the machine's.
"""

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import httpx

from ports import free_ports

CACHE = Path(__file__).resolve().parents[2] / ".bench" / "keycloak"
VERSION = "25.0.6"
_SHA256 = "cfec876e5f3c1849756ce2d4327c708ddc6e24a86ab939a69787f19b503d8e36"
_ARTIFACT = f"org.keycloak:keycloak-quarkus-dist:{VERSION}:zip"
_ADMIN, _PASSWORD = "admin", "of-this-test-alone"
_SECONDS_TO_ANSWER = 240
REALM = "juniper"


@dataclass(frozen=True)
class Keycloak:
    """A server that answers, and its administrator."""

    url: str
    client: httpx.Client

    @property
    def realm(self) -> str:
        """The address of the realm of the test: the issuer of its tokens, and its entity id."""
        return f"{self.url}/realms/{REALM}"

    @property
    def saml_metadata(self) -> str:
        return f"{self.realm}/protocol/saml/descriptor"

    def admin(self, method: str, path: str, body: Any = None, *, text: bytes | None = None) -> Any:
        """Call its REST API as the administrator; return what JSON says, the address of what was made, or nothing."""
        form = {"grant_type": "password", "client_id": "admin-cli", "username": _ADMIN, "password": _PASSWORD}
        token = self.client.post(f"{self.url}/realms/master/protocol/openid-connect/token", data=form).json()
        answer = self.client.request(
            method,
            f"{self.url}/admin/realms{path}",
            headers={"Authorization": f"Bearer {token['access_token']}"}
            | ({} if text is None else {"Content-Type": "text/plain"}),
            **({"content": text} if text is not None else {"json": body} if body is not None else {}),
        )
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text[:2_000]}"
        return answer.json() if answer.content else answer.headers.get("location")


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Keycloak]:
    """Run a Keycloak that keeps nothing, with its log in `folder`; it answers after half a minute or so."""
    home, (port, management) = _unpacked(), free_ports(2)
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environment = kept | {"KEYCLOAK_ADMIN": _ADMIN, "KEYCLOAK_ADMIN_PASSWORD": _PASSWORD}
    command = [
        *(str(home / "bin" / "kc.sh"), "start-dev", "--db=dev-mem"),
        f"--http-management-port={management}",
        *("--http-host=127.0.0.1", f"--http-port={port}", f"--hostname=http://127.0.0.1:{port}"),
    ]
    log = folder / "keycloak.out"
    with log.open("wb") as told:
        process = subprocess.Popen(
            command, env=environment, stdout=told, stderr=told, stdin=subprocess.DEVNULL, start_new_session=True
        )
    url = f"http://127.0.0.1:{port}"
    try:
        with httpx.Client(trust_env=False, timeout=60) as client:
            _wait_until_it_answers(client, f"{url}/realms/master", process, log)
            yield Keycloak(url, client)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # of its own session: the script, and Java
        process.wait()


def _unpacked() -> Path:
    """Return the folder into which the distribution was unpacked, fetched where that was not done yet."""
    root = CACHE / f"keycloak-{VERSION}"
    if (root / ".complete").exists():
        return root
    assert shutil.which("java"), "this needs Java 17 or newer"
    assert shutil.which("mvn"), "this needs Maven"
    shutil.rmtree(root, ignore_errors=True)
    CACHE.mkdir(parents=True, exist_ok=True)
    archive = CACHE / f"keycloak-quarkus-dist-{VERSION}.zip"
    if not archive.exists():
        where = (f"-Dartifact={_ARTIFACT}", f"-DoutputDirectory={CACHE}", f"-Dmaven.repo.local={CACHE / 'maven'}")
        subprocess.run(["mvn", "--quiet", "--batch-mode", "dependency:copy", *where], check=True, cwd=CACHE)
        shutil.rmtree(CACHE / "maven")
    with archive.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    assert found == _SHA256, f"{archive} is not what it was: {found}"
    with ZipFile(archive) as opened:
        opened.extractall(CACHE)
    (root / "bin" / "kc.sh").chmod(0o755)
    (root / ".complete").touch()
    return root


def _wait_until_it_answers(client: httpx.Client, url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _SECONDS_TO_ANSWER
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if client.get(url).status_code == httpx.codes.OK:
                return
        time.sleep(0.2)
    raise AssertionError(log.read_text()[-4_000:])
