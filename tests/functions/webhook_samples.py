"""How does a test run the samples of the page about webhooks? As the page shows them."""

import base64
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from functions.receiver import Received

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "functions.md").read_text(encoding="utf-8")


Check = Callable[[Received, str, int], bool]


def sample(language: str) -> str:
    """Return the sample of a language from the page."""
    (code,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return str(code)


def python_sample(request: Received, secret: str, now: int) -> bool:
    """Ask the Python sample, with headers spelt as the page spells them."""
    names: dict[str, Any] = {}
    exec(sample("python"), names)
    headers = {"-".join(word.title() for word in name.split("-")): value for name, value in request.headers.items()}
    return bool(names["is_genuine"](headers, request.body, secret, now))


def node_sample(request: Received, secret: str, now: int) -> bool:
    """Ask the JavaScript sample in a Node of its own."""
    given = json.dumps([dict(request.headers), base64.b64encode(request.body).decode(), secret, now])
    asking = f"const [h, b, s, n] = {given}; console.log(isGenuine(h, Buffer.from(b, 'base64'), s, n));"
    command = ["node", "--input-type=module", "-e", sample("js") + asking]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    return {"true": True, "false": False}[said]


def changed(request: Received, *, body: bytes | None = None, **headers: str) -> Received:
    """Return a request that somebody has meddled with."""
    others = {name.replace("_", "-"): value for name, value in headers.items()}
    return Received(request.method, request.path, {**request.headers, **others}, request.body if body is None else body)
