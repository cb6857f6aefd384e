"""How does one ask from several networks? From several addresses of loopback, each of which is one."""

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

from api.world import World


def ask_from(source: str, world: World, operation: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Call an operation unsigned from an address of 127.0.0.0/8; return (status, decoded body)."""
    connection = http.client.HTTPConnection(
        "127.0.0.1", urlsplit(world.url).port, timeout=30, source_address=(source, 0)
    )
    target = f"AWSCognitoIdentityProviderService.{operation}"
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target}
    connection.request("POST", "/", json.dumps(body).encode(), headers)
    answer = connection.getresponse()
    told = answer.read()
    connection.close()
    return answer.status, json.loads(told) if told else {}
