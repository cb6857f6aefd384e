"""Which line does the log have for a request? The one that carries its reason, found by its words."""

import json
from collections.abc import Mapping
from typing import Any

from api.world import World


def line_of(world: World, headers: Mapping[str, str]) -> dict[str, Any]:
    """Return the line of the log about one answer."""
    return line_with(world, headers["x-amz-cognito-request-id"])


def line_with(world: World, request_id: str) -> dict[str, Any]:
    """Return the line of the log about one request."""
    lines = [json.loads(line) for line in world.log if request_id.encode() in line]
    (line,) = [line for line in lines if "outcome" in line]
    return dict(line)
