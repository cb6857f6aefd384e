"""What does an identity pool look like to a test? Its answer without the metadata of the call."""

from typing import Any

PLAIN = {"IdentityPoolName": "plain", "AllowUnauthenticatedIdentities": False}


def without_metadata(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer without what botocore adds."""
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}
