"""Which input does an attribute or a user name get? Label, type, keyboard and what a browser may fill it with.

Source: HTML Living Standard, "Autofilling form controls"; WCAG 2.2, 1.3.5.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from poolkeeper.pages.managed_login.parts import Field, Naming, Words


@dataclass(frozen=True, slots=True)
class _Input:
    """How one standard attribute is asked for."""

    type: str = "text"
    autocomplete: str = ""
    hint: bool = False
    plain: bool = False


# The input that says where people of an organisation sign in.
DOMAIN = "idp_identifier"

# fmt: off
_STANDARD: Mapping[str, _Input] = {
    "email":              _Input("email", "email", plain=True),
    "phone_number":       _Input("tel", "tel", hint=True),
    "name":               _Input(autocomplete="name"),
    "given_name":         _Input(autocomplete="given-name"),
    "family_name":        _Input(autocomplete="family-name"),
    "middle_name":        _Input(autocomplete="additional-name"),
    "nickname":           _Input(autocomplete="nickname"),
    "preferred_username": _Input(autocomplete="nickname", plain=True),
    "birthdate":          _Input("date", "bday"),
    "address":            _Input(autocomplete="street-address"),
    "locale":             _Input(autocomplete="language", plain=True),
    "website":            _Input("url", "url", plain=True),
    "picture":            _Input("url", plain=True),
    "profile":            _Input("url", plain=True),
    "gender":             _Input(autocomplete="sex"),
    "zoneinfo":           _Input(hint=True, plain=True),
}
_TYPES = {Naming.EMAIL: "email", Naming.PHONE: "tel"}
# fmt: on


def attribute_name(name: str) -> str:
    """Return the name of an attribute's input (`requiredAttributes[email]`), which a Problem leads to as well."""
    return f"requiredAttributes[{name}]"


def attribute_field(name: str, *, value: str = "", required: bool = True, sends_code: bool = False) -> Field:
    """Return the input of an attribute; a custom one is labelled with its name, without `custom:`.

    `sends_code`: the pool confirms this email address by a code, and the hint says so.
    """
    standard = _STANDARD.get(name)
    known_input = standard or _Input()
    return Field(
        name=attribute_name(name),
        label=name.removeprefix("custom:") if standard is None else Words(f"attribute.{name}"),
        type=known_input.type,
        autocomplete=known_input.autocomplete,
        value=value,
        required=required,
        hint=Words(f"attribute.{name}.hint") if known_input.hint or (sends_code and name == "email") else None,
        plain=known_input.plain,
    )


def username_field(naming: Naming, *, value: str = "", autocomplete: str = "username") -> Field:
    """Return the input of the name by which a person signs in."""
    return Field(
        name="username",
        label=Words(f"naming.{naming.value}"),
        type=_TYPES.get(naming, "text"),
        autocomplete=autocomplete,
        value=value,
        plain=True,
    )


def domain_field(value: str = "") -> Field:
    """Return the input of an address of work, whose domain says at which provider its people sign in."""
    return Field(
        name=DOMAIN,
        label=Words("domain.label"),
        type="email",
        autocomplete="username",
        value=value,
        plain=True,
    )
