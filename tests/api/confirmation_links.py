"""How does a test confirm a sign-up by a link? It makes the pool's message one, and takes it from the mail."""

import html
import re
from typing import Any
from urllib.parse import parse_qs

ADA = "ada@example.com"


PARAMETERS = {"UsernameAttributes": ["email"], "AutoVerifiedAttributes": ["email"]}


def by_link(**words: str) -> dict[str, Any]:
    """Return settings of a pool that confirms by link."""
    return {**PARAMETERS, "VerificationMessageTemplate": {"DefaultEmailOption": "CONFIRM_WITH_LINK", **words}}


def link_in(body: str) -> tuple[str, dict[str, str]]:
    """Return the address, without its query, and the query of the one link that a mail holds."""
    (found,) = re.findall(r'<a href="([^"]*)">', body)
    address, _, query = html.unescape(found).partition("?")
    return address, {name: values[0] for name, values in parse_qs(query).items()}
