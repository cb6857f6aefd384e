"""Does the way from a sign-in to a file in a store work as it is written? The blocks of two pages are taken out and run."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from clients.telling import NODE_MODULES
from ports import free_port
from server.program import Place, place, serving

DOCS = Path(__file__).resolve().parents[2] / "docs"
CREDENTIALS = ("identity-pools.md", "## From a sign-in to credentials")
STORE = ("verify.md", "## A store to try it with")


def blocks(page: str, heading: str, language: str) -> list[str]:
    """Return the blocks of a language in one part of a page."""
    text = (DOCS / page).read_text(encoding="utf-8")
    part = text.split(f"{heading}\n", 1)[1].split("\n## ", 1)[0]
    found = re.findall(rf"^```{language}\n(.*?)^```$", part, re.MULTILINE | re.DOTALL)
    assert found, f"{page} has no {language} block under {heading}"
    return found


@contextmanager
def store(where: Place, program: str, port: int) -> Iterator[None]:
    """Run the store of the page until the block ends."""
    (where.folder / "store.py").write_text(program)
    command = [sys.executable, "store.py"]
    with (where.folder / "store.log").open("w") as log:
        process = subprocess.Popen(command, cwd=where.folder, env=where.environment, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 30
        while not is_there(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError((where.folder / "store.log").read_text())
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(30)


def is_there(port: int) -> bool:
    """Say whether somebody answers at a port."""
    try:
        httpx.get(f"http://localhost:{port}/", trust_env=False)
    except httpx.TransportError:
        return False
    return True


def test_an_id_token_opens_a_store_as_the_pages_say(tmp_path: Path) -> None:
    """The CLI to credentials, the SDK for JavaScript to the same identity, and the store behind poolkeeper.verify."""
    where, port = place(tmp_path), free_port()

    def here(text: str) -> str:
        return text.replace("7665", str(where.port)).replace("9000", str(port))

    where.data.mkdir()
    (where.data / "poolkeeper.toml").write_text(here(blocks(*STORE, "toml")[0]))
    (tmp_path / "node_modules").symlink_to(NODE_MODULES)
    (tmp_path / "credentials.mjs").write_text(here(blocks(*CREDENTIALS, "js")[0]))
    with serving(where, "--dev") as server, store(where, here(blocks(*STORE, "python")[0]), port):
        exports = re.findall(r"export AWS_[^\"\r\n]+", server.said())
        script = [*exports, *blocks(*CREDENTIALS, "sh"), "export pool client identities", "node credentials.mjs"]
        script += ['echo "$identity"', *blocks(*STORE, "sh")]
        done = subprocess.run(
            ["bash", "-euc", here("\n".join(script))],
            env={"PATH": where.environment["PATH"], "HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true"},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )

    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    arn, by_sdk, by_cli, *told = done.stdout.splitlines()
    assert arn == "arn:aws:sts::000000000000:assumed-role/members/CognitoIdentityCredentials"
    assert by_sdk == by_cli
    assert any(line.endswith("hello.txt") and line.strip()[:2] == "20" for line in told)
    assert told[-1] == "that is somebody else's"
    assert "s3:PutObject on resource: arn:aws:s3:::store/somebody-else/hello.txt" in done.stderr
