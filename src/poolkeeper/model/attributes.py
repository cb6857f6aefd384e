"""Which attributes may a user have, and is this value one of them? The pool's schema and its rules."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from poolkeeper.errors import InvalidParameterException
from poolkeeper.errors.refusals import Reason, refused
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
_FORMS = {
    "email": (looks_like_email, "Invalid email address format."),
    "phone_number": (looks_like_phone, "Invalid phone number format."),
}
_UNKNOWN = "Attribute does not exist in the schema."
_REQUIRED = "The attribute is required"
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
        return self._range_fault(len(value), "String must be")

    def _range_fault(self, size: float, noun: str) -> str | None:
        shorter, longer = ("shorter", "longer") if noun.startswith("String") else ("less", "greater")
        if self.maximum is not None and size > self.maximum:
            return f"{noun} no {longer} than {self.maximum:g}" + (" characters" if shorter == "shorter" else "")
        if self.minimum is not None and size < self.minimum:
            return f"{noun} no {shorter} than {self.minimum:g}" + (" characters" if shorter == "shorter" else "")
        return None


@dataclass(frozen=True, slots=True)
class Schema:
    """Every attribute of one pool, by name, and the names that each new user must bring."""

    attributes: Mapping[str, Attribute]
    required: tuple[str, ...]

    @classmethod
    def of(cls, entries: Sequence[Mapping[str, Any]]) -> "Schema":
        attributes = {entry["Name"]: Attribute.of(entry) for entry in entries}
        required = tuple(name for name, attribute in attributes.items() if attribute.required and name != "sub")
        return cls(attributes, required)

    def accept(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return the attributes that a new user is given, all faults reported together.

        Raises InvalidParameterException for unknown names, values outside the schema and missing required attributes.
        """
        self.check_values(given)
        _refuse((name, _REQUIRED) for name in self.required if not given.get(name))
        return dict(given)

    def require_known(self, names: Iterable[str], *, of_user: bool = False) -> None:
        """Raise InvalidParameterException unless each name is in the schema.

        `of_user` says that the attributes are those of a user who is there, of which AWS speaks otherwise than of a new
        one's (measured.md 7).
        """
        _refuse(((name, _UNKNOWN) for name in names if name not in self.attributes), of_user=of_user)

    def check_values(self, given: Mapping[str, str], *, of_user: bool = False) -> None:
        """Raise InvalidParameterException unless each name is in the schema and each value fits it.

        An address without the form of one is told by that sentence alone (measured.md 7, 12).
        """
        self.require_known(given, of_user=of_user)
        for name, (fits, sentence) in _FORMS.items():
            if given.get(name) and not fits(given[name]):
                raise InvalidParameterException(sentence)
        judged = ((name, self.attributes[name].fault(value)) for name, value in given.items() if value)
        _refuse(((name, fault) for name, fault in judged if fault), of_user=of_user, end="")

    def check_changes(self, held: Mapping[str, str], given: Mapping[str, str]) -> None:
        """Raise InvalidParameterException unless a user who has `held` may have `given` instead; empty ones remove.

        What is not mutable is set when the user is created or never, whoever asks (userpools.md 5.2).
        """
        self.check_values(given, of_user=True)
        for name, value in given.items():
            if not self.attributes[name].mutable and value != held.get(name, ""):
                _refuse([(name, "Attribute cannot be updated.")], of_user=True)  # AWS's words (measured.md 7)
        # UNVERIFIED: what AWS says to the removal of a required attribute; one DeleteUserAttributes would settle it.
        _refuse(((name, _REQUIRED) for name in self.required if given.get(name) == ""), of_user=True)

    def missing(self, held: Mapping[str, str]) -> list[str]:
        """Return the required attributes that a user does not have yet, in the schema's order."""
        return [name for name in self.required if not held.get(name)]


def require_writable(names: Iterable[str], writable: frozenset[str] | None, schema: Schema) -> None:
    """Raise NotAuthorizedException when an app client writes what it may not, whoever its user is.

    `writable` is the client's WriteAttributes; None means all attributes, custom ones too (measured.md 12).
    Required attributes are always writable; verification marks, system names and developer-only attributes never are
    (attacks.md 17). "All" includes unknown names: the schema refuses those.
    """
    for name in names:
        allowed = writable is None or name in writable or name in schema.required
        if never_writable(name) or not allowed:
            raise refused(Reason.ATTRIBUTE_NOT_WRITABLE)


def never_writable(name: str) -> bool:
    """Say whether an attribute is closed to every app client, whatever its WriteAttributes say."""
    return name in SYSTEM_NAMES or name in VERIFIED.values() or name.startswith(("dev:", "cognito:"))


def refuse_system(names: Iterable[str], *, marks: bool = False) -> None:
    """Raise InvalidParameterException where somebody sets what only the house sets; `marks` adds those of addresses."""
    for name in names:
        if name in SYSTEM_NAMES or (marks and name in VERIFIED.values()):
            raise InvalidParameterException(f"Cannot modify the non-mutable attribute {name}")


def readable(held: Mapping[str, str], names: frozenset[str] | None) -> dict[str, str]:
    """Return the attributes that an app client may see; None means all, custom ones too; no client sees `dev:` ones."""
    return {
        name: value
        for name, value in held.items()
        if (names is None or name in names or name == "sub") and not name.startswith("dev:")
    }


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


def _refuse(faults: Iterable[tuple[str, str]], *, of_user: bool = False, end: str = "\n") -> None:
    """Raise InvalidParameterException for (name, sentence) pairs, each a line of its own; pass where there is none."""
    entries = [f"{'user.' if of_user else ''}{name}: {sentence}" for name, sentence in faults]
    if entries:
        intro = "" if of_user else "Attributes did not conform to the schema: "
        raise InvalidParameterException(intro + "\n".join(entries) + end)
