"""What do Python handlers do? Everything that a test looks at; run by the bootstrap, in a process of its own."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any


def returning(event: Any, context: Any) -> Any:
    event["response"] = {"style": "python"}
    return event


def nothing(event: Any, context: Any) -> None:
    return None


def raising(event: Any, context: Any) -> None:
    raise ValueError("only for members")


def raising_odd_text(event: Any, context: Any) -> None:
    raise ValueError("no \ud800 for you")


def describe(event: Any, context: Any) -> dict[str, Any]:
    return {
        "function_name": context.function_name,
        "invoked_function_arn": context.invoked_function_arn,
        "aws_request_id": context.aws_request_id,
        "remaining": context.get_remaining_time_in_millis(),
    }


def printing(event: Any, context: Any) -> str:
    print("hello from python")
    print('{"answer":"from standard error"}', file=sys.stderr)
    return "printed"


def printing_much(event: Any, context: Any) -> str:
    print("x" * 100_000)
    print("and then a word")
    return "printed"


def sleeping(event: Any, context: Any) -> None:
    time.sleep(60)


def sleeping_once(event: Any, context: Any) -> str:
    """Sleep for the first event of all processes, which leaves a mark in a file."""
    mark = Path(event["mark"])
    if not mark.exists():
        mark.write_text("slept")
        time.sleep(60)
    return "awake"


def exiting(event: Any, context: Any) -> None:
    sys.exit(event["status"])


def dying(event: Any, context: Any) -> None:
    os.kill(os.getpid(), 9)


def forking(event: Any, context: Any) -> Any:
    """Return twice from the first event, the second time when it has been answered long since."""
    if event["number"] == 1 and os.fork() == 0:
        time.sleep(0.3)
    return event["number"]


def environment(event: Any, context: Any) -> dict[str, str]:
    return dict(os.environ)


def process_id(event: Any, context: Any) -> int:
    return os.getpid()


def process_id_after(event: Any, context: Any) -> int:
    time.sleep(event["seconds"])
    return os.getpid()


def large(event: Any, context: Any) -> str:
    return "x" * int(event["bytes"])


def not_a_number(event: Any, context: Any) -> float:
    return float("nan")


def unspeakable(event: Any, context: Any) -> object:
    return object()


def odd_text(event: Any, context: Any) -> str:
    return "\ud800"


def deep(event: Any, context: Any) -> Any:
    nested: Any = []
    for _ in range(900):
        nested = [nested]
    return nested


def spawning(event: Any, context: Any) -> None:
    child = subprocess.Popen(["sleep", "600"])
    print(f"child {child.pid}")
    time.sleep(60)


def leaving_a_child(event: Any, context: Any) -> None:
    child = subprocess.Popen(["sleep", "600"])
    print(f"child {child.pid}")
    os._exit(5)
