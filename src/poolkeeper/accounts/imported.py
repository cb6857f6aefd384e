"""What does a row of an import's file say? Which user to make, or why it makes none; no reason quotes a value of the row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from poolkeeper.accounts import names
from poolkeeper.accounts import users as new_users
from poolkeeper.call import Call
from poolkeeper.crypto import imported_hash
from poolkeeper.errors import InvalidParameterException
from poolkeeper.model import csv
from poolkeeper.model.attributes import VERIFIED
from poolkeeper.model.imports import MFA_ENABLED, PASSWORD_HASH, USERNAME, columns
from poolkeeper.model.names import FORMS, fits_username
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import CONFIRMED, RESET_REQUIRED, Credential
from poolkeeper.store.imports import FaultRow

_MARKS = frozenset(VERIFIED.values())
_NO_ATTRIBUTES = frozenset({USERNAME, MFA_ENABLED, PASSWORD_HASH})
_BOOLEANS = frozenset({"true", "false"})
_LONGEST_VALUE = 2_048  # the model's AttributeValueType, which a schema need not bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A user that a row makes. `name_kind` is the kind of their name: `username`, or the attribute that stands for it."""

    row_number: int
    new: new_users.NewUser
    name_kind: str
    status: str
    credential: Credential | None
    sms_mfa: bool


class _FaultError(Exception):
    """Raised where a row makes no user: the column at fault, and why."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason


def header_of(pool: Pool, algorithm: str | None, raw: bytes | None) -> tuple[str, ...] | FaultRow:
    """Return the columns of a file, by its first row; their order is free."""
    # UNVERIFIED: that AWS refuses a file which lacks columns of the header that the pool does not require; one job would
    # settle it. Here they may be left out.
    try:
        header = tuple(name.strip() for name in csv.values(raw or b""))
    except ValueError:
        return FaultRow(1, "", "the header cannot be read as UTF-8 and commas")
    known = {*columns(pool), *(() if algorithm is None else (PASSWORD_HASH,))}
    required = [USERNAME, MFA_ENABLED, *(() if algorithm is None else (PASSWORD_HASH,)), *pool.schema.required]
    if missing := next((name for name in required if name not in header), None):
        return FaultRow(1, missing, "the header lacks this column")
    if any(name not in known for name in header):
        number = next(number for number, name in enumerate(header, 1) if name not in known)
        return FaultRow(1, f"column {number}", "the header has a column that is none of the pool's")
    if len(set(header)) < len(header):
        return FaultRow(1, "", "the header has a column twice")
    return header


def read(
    call: Call, pool: Pool, header: Sequence[str], algorithm: str | None, *, row_number: int, raw: bytes | None
) -> Ready | FaultRow:
    """Return the user that a row makes, or the first of its faults."""
    try:
        return _read(call, pool, _by_column(header, raw), algorithm, row_number)
    except _FaultError as fault:
        return FaultRow(row_number, fault.column, fault.reason)


def _by_column(header: Sequence[str], raw: bytes | None) -> dict[str, str]:
    """Return the values of a row by column, without the empty ones."""
    if raw is None:
        raise _FaultError("", f"the row is longer than {csv.LONGEST_ROW} characters")
    try:
        if len(raw) > csv.LONGEST_ROW and len(raw.decode()) > csv.LONGEST_ROW:
            raise _FaultError("", f"the row is longer than {csv.LONGEST_ROW} characters")
        values = csv.values(raw)
    except UnicodeDecodeError:
        raise _FaultError("", "the row is no UTF-8") from None
    except ValueError:
        raise _FaultError("", "the row has quotes that are not closed before a comma") from None
    if len(values) != len(header):
        raise _FaultError("", f"the row has {len(values)} values, and the header {len(header)}")
    values_by_column = {name: value for name, value in zip(header, values, strict=True) if value}
    for name, value in values_by_column.items():
        if "\x00" in value:
            raise _FaultError(name, "there is a NUL in it")
    return values_by_column


def _read(call: Call, pool: Pool, values_by_column: Mapping[str, str], algorithm: str | None, row_number: int) -> Ready:
    name = values_by_column.get(USERNAME, "")
    if not fits_username(name):
        raise _FaultError(USERNAME, "no name that a user may have" if name else "a value is required")
    attributes = _attributes(pool, {key: value for key, value in values_by_column.items() if key not in _NO_ATTRIBUTES})
    _require_verified(pool, attributes)
    sms_mfa = _sms_mfa(pool, values_by_column.get(MFA_ENABLED), attributes)
    credential = _credential(call, values_by_column.get(PASSWORD_HASH), algorithm)
    try:
        names.require_forms(pool, attributes)
    except InvalidParameterException as fault:
        raise _FaultError("preferred_username", fault.message) from None
    try:
        new = new_users.new_user(call, pool, name, attributes)
    except InvalidParameterException as fault:
        raise _FaultError(USERNAME, fault.message) from None
    return Ready(
        row_number=row_number,
        new=new,
        name_kind="username" if new.username == name else _name_kind(pool, name),
        status=RESET_REQUIRED if credential is None else CONFIRMED,
        credential=credential,
        sms_mfa=sms_mfa,
    )


def _attributes(pool: Pool, values: Mapping[str, str]) -> dict[str, str]:
    """Return the attributes of a row once they fit the pool's schema, column by column."""
    attributes = {name: value.lower() if name in _MARKS else value for name, value in values.items()}
    for name, value in attributes.items():
        if len(value) > _LONGEST_VALUE:
            raise _FaultError(name, f"String must be no longer than {_LONGEST_VALUE} characters")
        if name in FORMS and not FORMS[name](value):
            raise _FaultError(name, "not in the form that it must have")
        if name in _MARKS and value not in _BOOLEANS:
            raise _FaultError(name, "neither true nor false")
        if (fault := pool.schema.attributes[name].fault(value)) is not None:
            raise _FaultError(name, fault)
    for name in pool.schema.missing(attributes):
        raise _FaultError(name, "a value is required")
    return attributes


def _require_verified(pool: Pool, attributes: Mapping[str, str]) -> None:
    """Require an address for each mark, and a mark for an address that the pool verifies (userpools.md 5.6)."""
    for attribute, mark in VERIFIED.items():
        if attributes.get(mark) == "true" and not attributes.get(attribute):
            raise _FaultError(attribute, f"a value is required where {mark} is true")
    # AWS starts no job in a pool that verifies nothing; whoever brings hashes may have no addresses at all.
    marks = [VERIFIED[attribute] for attribute in sorted(pool.auto_verified)]
    if marks and not any(attributes.get(mark) == "true" for mark in marks):
        raise _FaultError(marks[0], f"{' or '.join(marks)} must be true")


def _sms_mfa(pool: Pool, text: str | None, attributes: Mapping[str, str]) -> bool:
    """Say whether text messages become a user's second factor, where the column asks for it and the pool allows it."""
    answer = (text or "").lower()
    if answer not in _BOOLEANS:
        raise _FaultError(MFA_ENABLED, "neither true nor false" if text else "a value is required")
    if pool.mfa.mode == "ON" and answer == "false":
        raise _FaultError(MFA_ENABLED, "must be true: the pool requires MFA")
    if pool.mfa.mode == "OFF" and answer == "true":
        raise _FaultError(MFA_ENABLED, "must be false: the pool has no MFA")
    # UNVERIFIED: what AWS does with true for somebody without a number; one row of an OPTIONAL pool would settle it.
    if pool.mfa.mode == "OPTIONAL" and answer == "true" and not attributes.get("phone_number"):
        raise _FaultError(MFA_ENABLED, "wants a phone_number")
    return answer == "true" and bool(attributes.get("phone_number"))


def _credential(call: Call, text: str | None, algorithm: str | None) -> Credential | None:
    """Return the credential of a hash until its password is shown; None for a row without a hash."""
    if text is None or algorithm is None:
        return None
    if (fault := imported_hash.fault(text, algorithm=algorithm)) is not None:
        raise _FaultError(PASSWORD_HASH, fault)
    stored_hash = imported_hash.PREFIX + text
    return Credential(password_hash=stored_hash, srp_salt=None, srp_verifier=None, set_at=call.now)


def _name_kind(pool: Pool, name: str) -> str:
    return next((attribute for attribute in sorted(pool.username_attributes) if FORMS[attribute](name)), "username")
