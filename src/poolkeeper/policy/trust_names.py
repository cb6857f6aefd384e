"""Whom does a trust policy name as "AWS", and what does it say with other names in their place? The rest stays as it is read."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from poolkeeper.policy.documents import members


def trusted_names(text: str) -> tuple[str, ...]:
    """Return the names of a trust policy that can be read, each once."""
    return tuple(dict.fromkeys(name for names in _by_aws(members(text)) for name in _listed(names["AWS"])))


def with_names(text: str, names: Mapping[str, str]) -> str:
    """Return a trust policy that can be read with other names; the same text where none is another.

    A number is written as the text that it was: 1.10 is another ExternalId than 1.1.
    """
    if all(name == other for name, other in names.items()):
        return text
    document = members(text)
    for principal in _by_aws(document):
        before = principal["AWS"]
        principal["AWS"] = names[before] if isinstance(before, str) else [names[name] for name in before]
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _by_aws(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    statements = document["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement["Principal"]
        if isinstance(principal, dict) and "AWS" in principal:
            yield principal


def _listed(names: str | list[str]) -> list[str]:
    return [names] if isinstance(names, str) else names
