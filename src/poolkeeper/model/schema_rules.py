"""Which attributes does a pool's schema have? The standard ones as asked for, and custom ones as they are added."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from poolkeeper.errors import InvalidParameterException
from poolkeeper.model.attributes import STANDARD_NAMES, standard_schema

_MOST_CUSTOM = 50
_NUMBER = re.compile(r"-?[0-9]+", re.ASCII)
_LARGEST = 2**1023  # AWS: NumberAttributeConstraintsType
# Of each kind of constraint: its two members, and what AWS says when they are the wrong way round (seen in the field).
_BOUNDS = {
    "StringAttributeConstraints": ("MinLength", "MaxLength", "a max length shorter than it's min length"),
    "NumberAttributeConstraints": ("MinValue", "MaxValue", "a max value smaller than it's min value"),
}


def merged_schema(given: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the whole schema: the standard attributes as asked for, then the custom ones with their prefix.

    Raises InvalidParameterException.
    """
    standard = {entry["Name"]: entry for entry in standard_schema()}
    names, custom = set[str](), []
    for entry in given:
        name = _named(entry)
        if name not in STANDARD_NAMES:
            custom.append(entry)
            continue
        if name in names:
            raise InvalidParameterException(f"Duplicate attribute names {name} are not allowed in a user pool schema.")
        names.add(name)
        standard[name] = _standard(standard[name], entry)
    return extended_schema(list(standard.values()), custom, taken=_DUPLICATE)


_DUPLICATE = "Duplicate custom attribute names {name} are not allowed in a user pool schema."
_NO_TYPE = "Invalid AttributeDataType input, consider using the provided AttributeDataType enum."
_EXISTS = "custom:{bare}: Existing attribute already has name {name}."


def extended_schema(
    schema: Sequence[Mapping[str, Any]], given: Sequence[Mapping[str, Any]], *, taken: str = _EXISTS
) -> list[dict[str, Any]]:
    """Return `schema` with custom attributes added at its end; `taken` is said of a name that is there already.

    Raises InvalidParameterException, also for more than 50 custom attributes in all (AWS: quotas of user pools).
    """
    extended = {entry["Name"]: dict(entry) for entry in schema}
    for entry in given:
        full = _custom(entry)
        if full["Name"] in extended:
            raise InvalidParameterException(taken.format(name=full["Name"], bare=_named(entry)))
        extended[full["Name"]] = full
    if len(extended) - len(STANDARD_NAMES) > _MOST_CUSTOM:
        raise InvalidParameterException(f"A user pool can have {_MOST_CUSTOM} custom attributes at the most.")
    return list(extended.values())


def added_schema(schema: Sequence[Mapping[str, Any]], given: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return `schema` with what AddCustomAttributes adds: unlike a creation's, each must say its type.

    Raises InvalidParameterException.
    """
    for entry in given:
        if _named(entry) and "AttributeDataType" not in entry:
            raise InvalidParameterException(_NO_TYPE)
    return extended_schema(schema, given)


def _named(entry: Mapping[str, Any]) -> str:
    name: str | None = entry.get("Name")
    if not name:
        raise InvalidParameterException("Attribute name is required in the schema.")
    return name


def _standard(standard: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return a standard attribute, required, immutable or with tighter limits; its type and visibility are fixed."""
    name, kind = standard["Name"], standard["AttributeDataType"]
    if entry.get("AttributeDataType", kind) != kind or entry.get("DeveloperOnlyAttribute"):
        raise InvalidParameterException(
            f"You can not change AttributeDataType or set developerOnlyAttribute for standard schema attribute {name}"
        )
    if name == "sub":
        return dict(standard)
    full = {**standard, **{member: entry[member] for member in ("Mutable", "Required") if member in entry}}
    constraints = f"{kind}AttributeConstraints"
    if constraints in standard:
        full[constraints] = {**standard[constraints], **entry.get(constraints, {})}
        _check_bounds(name, constraints, full[constraints])
        _check_tighter(name, constraints, full[constraints], standard[constraints])
    return full


def _custom(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return a custom attribute as Describe answers it: `custom:x`, or `dev:custom:x` where only developers see it."""
    # UNVERIFIED: that the type may be left out at creation; CreateUserPool with a custom attribute of a name alone would settle it.
    bare, kind = _named(entry), entry.get("AttributeDataType", "String")
    if entry.get("Required"):
        raise InvalidParameterException("Required custom attributes are not supported currently.")
    developer = bool(entry.get("DeveloperOnlyAttribute"))
    full: dict[str, Any] = {
        "Name": f"{'dev:' if developer else ''}custom:{bare}",
        "AttributeDataType": kind,
        "DeveloperOnlyAttribute": developer,
        "Mutable": entry.get("Mutable", True),
        "Required": False,
    }
    constraints = f"{kind}AttributeConstraints"
    if constraints in _BOUNDS:
        full[constraints] = dict(entry.get(constraints, {}))
        _check_bounds(full["Name"], constraints, full[constraints])
    return full


def _check_bounds(name: str, constraints: str, given: Mapping[str, str]) -> None:
    """Refuse bounds that are no whole numbers, are too large, or leave no value between them."""
    least, most, words = _BOUNDS[constraints]
    for member, value in given.items():
        if not _NUMBER.fullmatch(value) or len(value) > 310 or abs(int(value)) > _LARGEST:
            # UNVERIFIED: the words; a MinLength of "x" against AWS would settle them.
            raise InvalidParameterException(f"Attribute {name}: {member} must be a whole number.")
    if least in given and most in given and int(given[least]) > int(given[most]):
        raise InvalidParameterException(f"Attribute {name} cannot have {words}")


def _check_tighter(name: str, constraints: str, given: Mapping[str, str], known: Mapping[str, str]) -> None:
    """Refuse wider bounds for a standard attribute than AWS gives it (userpools.md 5.1)."""
    least, most, _ = _BOUNDS[constraints]
    wider = (least in known and int(given[least]) < int(known[least])) or (
        most in known and int(given[most]) > int(known[most])
    )
    if wider:
        # UNVERIFIED: the words; a MaxLength of 4096 for `email` against AWS would settle them.
        raise InvalidParameterException(f"Attribute {name}: the limits of a standard attribute can only be tightened.")
