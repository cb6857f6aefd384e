"""How does a JavaScript client tell its story? A node program is told the facts, and reports what it got."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from clients.serving import REGION, Server, client_environment

FOLDER = Path(__file__).parent
NODE_MODULES = FOLDER.parent.parent / "node_modules"

Tell = Callable[..., dict[str, Any]]
"""Runs one story, `(story, server, **facts)`, and returns what it reports."""


def told_by_node(home: Path, story: str, server: Server, **facts: Any) -> dict[str, Any]:
    """Run one story with its facts, in a `home` without settings, and return what the story reports."""
    node = shutil.which("node")
    assert node is not None, "node is not installed: Node 20 or newer runs the JavaScript clients"
    assert (NODE_MODULES / "aws-amplify").is_dir(), "the JavaScript clients are not installed: run `npm ci`"

    known = {"endpoint": server.endpoint, "outbox": server.outbox, "region": REGION}
    done = subprocess.run(
        [node, str(FOLDER / story), json.dumps(known | facts)],
        env=client_environment(home, NODE_EXTRA_CA_CERTS=str(server.ca_file)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"{story} ended with {done.returncode}:\n{done.stderr}"
    reported: dict[str, Any] = json.loads(done.stdout)
    return reported
