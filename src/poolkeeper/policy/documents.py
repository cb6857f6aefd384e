"""What does the text of a policy say? Strictly read as JSON, it has statements whose members have the right types.

Source: IAM User Guide, "Grammar of the IAM JSON policy language". A member that comes twice is a fault: two readers would
see two policies.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from poolkeeper.policy.conditions import is_operator

# The longest document that the models of IAM allow, in characters.
LONGEST: Final = 131_072
VERSIONS: Final = ("2008-10-17", "2012-10-17")

_OF_A_DOCUMENT = frozenset({"Version", "Id", "Statement"})
_LISTS = ("Action", "NotAction", "Resource", "NotResource")
_OF_A_STATEMENT = frozenset({"Sid", "Effect", "Principal", "NotPrincipal", *_LISTS, "Condition"})
_EXCLUSIVE = (("Action", "NotAction"), ("Resource", "NotResource"), ("Principal", "NotPrincipal"))
_PRINCIPAL_TYPES = frozenset({"AWS", "Federated", "Service", "CanonicalUser"})


class NoDocument(Exception):  # noqa: N818 - what is said of the text, not of us
    """A text that is no JSON, or JSON of another shape."""


class _Number(str):
    """A number of the document as it was written: the condition's operator reads its value."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Written:
    """A statement as it was written; lists are tuples, and None is a missing member."""

    sid: str | None
    effect: str
    principal: str | Mapping[str, tuple[str, ...]] | None
    not_principal: str | Mapping[str, tuple[str, ...]] | None
    action: tuple[str, ...] | None
    not_action: tuple[str, ...] | None
    resource: tuple[str, ...] | None
    not_resource: tuple[str, ...] | None
    condition: Mapping[str, Mapping[str, tuple[str, ...]]]


def members(text: str) -> dict[str, Any]:
    """Read the outermost object; raises NoDocument for a text that is no JSON object or is nested beyond reason."""
    if len(text) > LONGEST:
        raise NoDocument
    try:
        document = json.loads(
            text, object_pairs_hook=_object, parse_int=_Number, parse_float=_Number, parse_constant=_no_constant
        )
        # Half of a surrogate pair is valid in JSON but no text: no answer could show it, no database could store it.
        if "\\u" in text:
            json.dumps(document, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise NoDocument from error
    if not isinstance(document, dict):
        raise NoDocument
    return document


def version_of(document: Mapping[str, Any]) -> str:
    """Return the version of the language, the older one for a document without it; raises NoDocument for an unknown version."""
    version = document.get("Version", VERSIONS[0])
    if type(version) is not str or version not in VERSIONS:
        raise NoDocument
    return version


def statements_of(document: Mapping[str, Any]) -> list[Any]:
    """Return the statements, not checked yet; raises NoDocument where there is none."""
    if not document.keys() <= _OF_A_DOCUMENT or type(document.get("Id", "")) is not str:
        raise NoDocument
    listed = document.get("Statement")
    statements = listed if isinstance(listed, list) else [listed]
    if not statements or not all(isinstance(statement, dict) for statement in statements):
        raise NoDocument
    return statements


def written(statement: Mapping[str, Any]) -> Written:
    """Read one statement; raises NoDocument for a member that is unknown, has a wrong type or excludes another member."""
    if not statement.keys() <= _OF_A_STATEMENT or any(
        name in statement and excluded in statement for name, excluded in _EXCLUSIVE
    ):
        raise NoDocument
    lists = {name: _texts(statement[name]) if name in statement else None for name in _LISTS}
    return Written(
        sid=_text(statement["Sid"]) if "Sid" in statement else None,
        effect=_text(statement.get("Effect")),
        principal=_principal(statement["Principal"]) if "Principal" in statement else None,
        not_principal=_principal(statement["NotPrincipal"]) if "NotPrincipal" in statement else None,
        action=lists["Action"],
        not_action=lists["NotAction"],
        resource=lists["Resource"],
        not_resource=lists["NotResource"],
        condition=_condition(statement.get("Condition", {})),
    )


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    members_by_name = dict(pairs)
    if len(members_by_name) < len(pairs):
        raise NoDocument
    return members_by_name


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _text(value: Any) -> str:
    if type(value) is not str:
        raise NoDocument
    return value


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(_text(member) for member in (value if isinstance(value, list) else [value]))


def _principal(value: Any) -> str | Mapping[str, tuple[str, ...]]:
    if value == "*":
        return "*"
    if not isinstance(value, dict) or not value.keys() <= _PRINCIPAL_TYPES:
        raise NoDocument
    return {name: _texts(names) for name, names in value.items()}


def _condition(value: Any) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    if not isinstance(value, dict) or not all(isinstance(keys, dict) for keys in value.values()):
        raise NoDocument
    if any(keys and not is_operator(operator) for operator, keys in value.items()):
        raise NoDocument
    return {operator: {key: _values(values) for key, values in keys.items()} for operator, keys in value.items()}


def _values(value: Any) -> tuple[str, ...]:
    listed: Iterable[Any] = value if isinstance(value, list) else [value]
    return tuple(_scalar(member) for member in listed)


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        raise NoDocument
    return str(value)
