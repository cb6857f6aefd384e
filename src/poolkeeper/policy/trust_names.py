"""Whom does a trust policy name as "AWS"? `trusted_names` lists the names, `with_names` replaces them and nothing else."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from poolkeeper.policy.documents import members


def trusted_names(text: str) -> tuple[str, ...]:
    """Return the names of a readable trust policy, each once."""
    return tuple(dict.fromkeys(name for names in _by_aws(members(text)) for name in _listed(names["AWS"])))


def with_names(text: str, names: Mapping[str, str]) -> str:
    """Return a readable trust policy with other names; the same text where no name changes.

    A number is written as its own text: 1.10 is another ExternalId than 1.1.
    """
    if all(name == new_name for name, new_name in names.items()):
        return text
    document = members(text)
    for principal in _by_aws(document):
        old_names = principal["AWS"]
        principal["AWS"] = names[old_names] if isinstance(old_names, str) else [names[name] for name in old_names]
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _by_aws(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    statements = document["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement["Principal"]
        if isinstance(principal, dict) and "AWS" in principal:
            yield principal


def _listed(names: str | list[str]) -> list[str]:
    return [names] if isinstance(names, str) else names
