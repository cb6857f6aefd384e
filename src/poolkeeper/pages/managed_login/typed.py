"""What did somebody type? Codes and addresses as they are meant, and what is wrong with each field, all said at once."""

import unicodedata
from collections.abc import Collection, Mapping

from poolkeeper.accounts import passwords
from poolkeeper.errors import InvalidParameterException, ServiceError
from poolkeeper.model.names import looks_like_email, looks_like_phone
from poolkeeper.pages.managed_login import rules
from poolkeeper.pages.managed_login.fields import attribute_name
from poolkeeper.pages.managed_login.parts import Problem, Wrong
from poolkeeper.pages.managed_login.sitting import AtClient

# What an address must look like, and what it is called where it does not.
FORMS = {"email": (looks_like_email, Wrong.EMAIL), "phone_number": (looks_like_phone, Wrong.PHONE)}
# No code is longer; an app's and a message's are shorter by far.
_LONGEST_CODE = 64
# What people write between the digits of a phone number.
_BETWEEN_DIGITS = frozenset(" -()./\u00a0")


def code_of(typed: str) -> str:
    """Return a code as it was sent: full-width digits as plain ones, without blanks, hyphens and their like."""
    plain = unicodedata.normalize("NFKC", typed[:_LONGEST_CODE])
    return "".join(sign for sign in plain if unicodedata.category(sign)[0] not in "ZPC")


def address_of(attribute: str, typed: str) -> str:
    """Return the value of an attribute as it is kept, of a phone number without what people write between its digits."""
    typed = typed.strip()
    if attribute != "phone_number":
        return typed
    return "".join(sign for sign in typed if sign not in _BETWEEN_DIGITS)


def problems(
    s: AtClient, password: str, attributes: Mapping[str, str], *, required: Collection[str]
) -> tuple[Problem, ...]:
    """Return what is wrong with attributes, in their order, and with a new password."""
    of_attributes = [_of_attribute(s, name, value, required=name in required) for name, value in attributes.items()]
    return tuple(problem for problem in (*of_attributes, of_password(s, password)) if problem is not None)


def of_password(s: AtClient, password: str) -> Problem | None:
    """Return what is wrong with a new password, by the pool's policy."""
    if not password:
        return Problem(Wrong.REQUIRED, "password")
    try:
        passwords.check_policy(s.pool, password)
    except ServiceError as fault:
        s.call.trace.refuse(fault.name, fault.detail)
        return rules.refusal_of(s.pool.password_policy, password)
    return None


def _of_attribute(s: AtClient, name: str, value: str, *, required: bool) -> Problem | None:
    field = attribute_name(name)
    if not value:
        return Problem(Wrong.REQUIRED, field) if required else None
    has_form, wrong = FORMS.get(name, (None, Wrong.ATTRIBUTE))
    if has_form is not None and not has_form(value):
        return Problem(wrong, field)
    try:
        s.pool.schema.check_values({name: value})
    except InvalidParameterException as fault:
        s.call.trace.refuse(fault.name, fault.detail)
        return Problem(wrong, field)
    return None
