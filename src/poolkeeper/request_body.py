"""What did a request bring? Its whole body, where its size and its time are bounded already."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any


async def read_body(receive: Callable[[], Awaitable[MutableMapping[str, Any]]]) -> bytes | None:
    """Return the whole body, or None where the client went away; http_protocol.py bounds its size and its time."""
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)
