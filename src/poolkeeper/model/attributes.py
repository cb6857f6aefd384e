"""Which attributes may a user have, and is this value one of them? The pool's schema and its rules."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from poolkeeper.errors import InvalidParameterException, NotAuthorizedException
from poolkeeper.model.names import looks_like_email, looks_like_phone

_STRING_0_2048 = {"StringAttributeConstraints": {"MinLength": "0", "MaxLength": "2048"}}
_STANDARD: tuple[tuple[str, str, Mapping[str, Any]], ...] = (
    ("profile", "String", _STRING_0_2048),
    ("address", "String", _STRING_0_2048),
    ("birthdate", "String", {"StringAttributeConstraints": {"MinLength": "10", "MaxLength": "10"}}),
    ("gender", "String", _STRING_0_2048),
    ("preferred_username", "String", _STRING_0_2048),
    ("updated_at", "Number", {"NumberAttributeConstraints": {"MinValue": "0"}}),
    ("website", "String", _STRING_0_2048),
    ("picture", "String", _STRING_0_2048),
    ("identities", "String", {"StringAttributeConstraints": {}}),
    ("sub", "String", {"StringAttributeConstraints": {"MinLength": "1", "MaxLength": "2048"}}),
    ("phone_number", "String", _STRING_0_2048),
    ("phone_number_verified", "Boolean", {}),
    ("zoneinfo", "String", _STRING_0_2048),
    ("locale", "String", _STRING_0_2048),
    ("email", "String", _STRING_0_2048),
    ("email_verified", "Boolean", {}),
    ("given_name", "String", _STRING_0_2048),
    ("family_name", "String", _STRING_0_2048),
    ("middle_name", "String", _STRING_0_2048),
    ("name", "String", _STRING_0_2048),
    ("nickname", "String", _STRING_0_2048),
)
STANDARD_NAMES = frozenset(name for name, _, _ in _STANDARD)
VERIFIED = {"email": "email_verified", "phone_number": "phone_number_verified"}
# What no caller writes by hand: the house itself sets them (attacks.md 17).
SYSTEM_NAMES = frozenset({"sub", "identities", "cognito:user_status", "cognito:mfa_enabled"})
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_BOOLEANS = frozenset({"true", "false", "1", "0"})


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute of a schema, decoded from `SchemaAttributeType`."""

    name: str
    kind: str
    mutable: bool
    required: bool
    minimum: float | None
    maximum: float | None

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> "Attribute":
        text = entry.get("StringAttributeConstraints") or {}
        number = entry.get("NumberAttributeConstraints") or {}
        minimum = text.get("MinLength", number.get("MinValue"))
        maximum = text.get("MaxLength", number.get("MaxValue"))
        return cls(
            name=entry["Name"],
            kind=entry["AttributeDataType"],
            mutable=entry.get("Mutable", True),
            required=entry.get("Required", False),
            minimum=None if minimum is None else float(minimum),
            maximum=None if maximum is None else float(maximum),
        )

    def fault(self, value: str) -> str | None:
        """Return what is wrong with `value`, in AWS's words, or None."""
        # UNVERIFIED: the words for numbers, booleans and dates; one call a type against AWS would settle them.
        match self.kind:
            case "Number":
                if not _NUMBER.fullmatch(value):
                    return "The attribute value is not a number."
                return self._range_fault(float(value), "Number must be")
            case "Boolean":
                return None if value.lower() in _BOOLEANS else "The attribute value is not a boolean."
            case "DateTime":
                return None if _NUMBER.fullmatch(value) else "The attribute value is not a date."
        return self._range_fault(len(value), "String must be") or self._form_fault(value)

    def _range_fault(self, size: float, noun: str) -> str | None:
        shorter, longer = ("shorter", "longer") if noun.startswith("String") else ("less", "greater")
        if self.maximum is not None and size > self.maximum:
            return f"{noun} no {longer} than {self.maximum:g}" + (" characters" if shorter == "shorter" else "")
        if self.minimum is not None and size < self.minimum:
            return f"{noun} no {shorter} than {self.minimum:g}" + (" characters" if shorter == "shorter" else "")
        return None

    def _form_fault(self, value: str) -> str | None:
        if self.name == "email" and value and not looks_like_email(value):
            return "Invalid email address format."
        if self.name == "phone_number" and value and not looks_like_phone(value):
            return "Invalid phone number format."
        return None


@dataclass(frozen=True, slots=True)
class Schema:
    """Every attribute of one pool, by name, and the names that each new user must bring."""

    attributes: Mapping[str, Attribute]
    required: tuple[str, ...]

    @classmethod
    def of(cls, entries: Sequence[Mapping[str, Any]]) -> "Schema":
        attributes = {entry["Name"]: Attribute.of(entry) for entry in entries}
        required = tuple(name for name, one in attributes.items() if one.required and name != "sub")
        return cls(attributes, required)

    def accept(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return the attributes that a new user is given, all faults reported together.

        Raises InvalidParameterException for unknown names, values outside the schema and missing required attributes.
        """
        self.check_values(given)
        missing = [f"{name}: The attribute is required" for name in self.required if not given.get(name)]
        _refuse(missing)
        return dict(given)

    def check_values(self, given: Mapping[str, str]) -> None:
        """Raise InvalidParameterException unless each name is in the schema and each value fits it."""
        faults = []
        for name, value in given.items():
            attribute = self.attributes.get(name)
            if attribute is None:
                faults.append(f"{name}: Attribute does not exist in the schema.")
            elif value and (fault := attribute.fault(value)):
                faults.append(f"{name}: {fault}")
        _refuse(faults)

    def check_changes(self, held: Mapping[str, str], given: Mapping[str, str]) -> None:
        """Raise InvalidParameterException unless a user that has `held` may have `given` instead; empty ones remove.

        What is not mutable is set when the user is created or never, whoever asks (contract, user pools 5.2).
        """
        self.check_values(given)
        for name, value in given.items():
            if not self.attributes[name].mutable and value != held.get(name, ""):
                # UNVERIFIED: the words, seen in the field only; one update of an immutable attribute would settle them.
                raise InvalidParameterException(f"user.{name}: Attribute cannot be updated.\n")
        # UNVERIFIED: what AWS says to the removal of a required attribute; one DeleteUserAttributes would settle it.
        _refuse([f"{name}: The attribute is required" for name in self.required if given.get(name) == ""])

    def missing(self, held: Mapping[str, str]) -> list[str]:
        """Return the required attributes that a user does not have yet, in the schema's order."""
        return [name for name in self.required if not held.get(name)]


def require_writable(names: Iterable[str], writable: frozenset[str] | None, schema: Schema) -> None:
    """Raise NotAuthorizedException when an app client writes what it may not, whoever its user is.

    `writable` is the client's WriteAttributes; None means all standard attributes. Required attributes are always
    writable; verification marks, system names and developer-only attributes never are (attacks.md 17).
    """
    for name in names:
        allowed = name in schema.required or (name in STANDARD_NAMES if writable is None else name in writable)
        if never_writable(name) or not allowed:
            raise NotAuthorizedException("A client attempted to write unauthorized attribute")


def never_writable(name: str) -> bool:
    """Say whether an attribute is closed to every app client, whatever its WriteAttributes say."""
    return name in SYSTEM_NAMES or name in VERIFIED.values() or name.startswith(("dev:", "cognito:"))


def refuse_system(names: Iterable[str]) -> None:
    """Raise InvalidParameterException where an administrator sets what only the house sets."""
    for name in names:
        if name in SYSTEM_NAMES:
            raise InvalidParameterException(f"Cannot modify the non-mutable attribute {name}")


def readable(held: Mapping[str, str], names: frozenset[str] | None) -> dict[str, str]:
    """Return the attributes that an app client may see; None means all standard attributes, `dev:` ones are none's."""
    allowed = STANDARD_NAMES if names is None else names | {"sub"}
    return {name: value for name, value in held.items() if name in allowed and not name.startswith("dev:")}


def standard_schema() -> list[dict[str, Any]]:
    """Return the standard attributes as DescribeUserPool lists them, with AWS's constraints."""
    return [
        {
            "Name": name,
            "AttributeDataType": kind,
            "DeveloperOnlyAttribute": False,
            "Mutable": name != "sub",
            "Required": name == "sub",
            **constraints,
        }
        for name, kind, constraints in _STANDARD
    ]


def _refuse(faults: Sequence[str]) -> None:
    if faults:
        sentences = " \n".join(faults)
        raise InvalidParameterException(f"Attributes did not conform to the schema: {sentences}")
