"""By which key was a token signed? The one that its header names."""

import base64
import json


def kid_of(token: str) -> str:
    """Return the id of the key that signed a token."""
    head = token.partition(".")[0]
    kid: str = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"]
    return kid
