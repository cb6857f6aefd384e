"""How does a Python handler meet its events? The program of its process, made of the standard library alone.

Started as `python bootstrap_python.py <socket> <module> <function>` in the handler's folder. Reads an event a line and
writes a reply a line; errors carry the messages that Lambda's own runtime gives them.
"""

import importlib
import json
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Handler = Callable[[Any, Any], Any]


class HandlerError(Exception):
    """An error whose words are those of Lambda's runtime."""


class Context:
    """What Lambda tells a handler about the call."""

    function_version = "$LATEST"
    memory_limit_in_mb = "128"
    client_context = None
    identity = None

    def __init__(self, line: dict[str, Any]) -> None:
        self.function_name = line["name"]
        self.invoked_function_arn = line["arn"]
        self.aws_request_id = line["id"]
        self.log_group_name = f"/aws/lambda/{line['name']}"
        self.log_stream_name = "local"
        self._ends = time.monotonic() + line["remaining_ms"] / 1000

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until the process is ended."""
        return max(0, int((self._ends - time.monotonic()) * 1000))


def main(number: int, module: str, function: str) -> None:
    """Answer events until the other side closes the socket."""
    # What the handler starts has no business on the socket.
    os.set_inheritable(number, False)  # noqa: FBT003 - the system's own signature
    channel = socket.socket(fileno=number)
    sys.path.insert(0, str(Path.cwd()))
    handler: Handler | None = None
    for raw in channel.makefile("rb"):
        line = json.loads(raw)
        try:
            handler = handler or load(module, function)
            reply = said({"id": line["id"], "answer": handler(line["event"], Context(line))})
        except Exception as fault:  # noqa: BLE001 - whatever a handler raises is its answer
            error = {"errorMessage": well_formed(str(fault)), "errorType": type(fault).__name__}
            reply = said({"id": line["id"], "error": error})
        channel.sendall(reply.encode() + b"\n")


def load(module: str, function: str) -> Handler:
    """Return the handler. Raises HandlerError in the words of Lambda's runtime."""
    try:
        handlers = importlib.import_module(module)
    except ImportError as fault:
        raise HandlerError(f"Unable to import module '{module}': {fault}") from fault
    except SyntaxError as fault:
        raise HandlerError(f"Syntax error in module '{module}': {fault}") from fault
    try:
        handler: Handler = getattr(handlers, function)
    except AttributeError:
        raise HandlerError(f"Handler '{function}' missing on module '{module}'") from None
    return handler


def said(reply: Any) -> str:
    """Return a reply as text. Raises HandlerError where it cannot be said in JSON."""
    try:
        return json.dumps(reply, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError) as fault:
        raise HandlerError(f"Unable to marshal response: {fault}") from None


def well_formed(text: str) -> str:
    """Return a text in which nothing is a lone surrogate, of which there is none in UTF-8."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
