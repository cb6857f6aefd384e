"""How does a user come out of a row? By columns that several statements share, with the groups that a join brings along."""

from collections.abc import Sequence

import msgspec

from poolkeeper.model.group import Membership, in_order
from poolkeeper.store.db import Row


class UserRow(msgspec.Struct, frozen=True, gc=False):
    """A user as it lies there: `attributes` and `mfa` are JSON, the verifier is sealed, times are milliseconds."""

    user_id: str
    username: str
    status: str
    enabled: int
    attributes: str
    password_hash: str | None
    srp_salt: bytes | None
    srp_verifier: bytes | None
    password_set_at: int | None
    credential_version: int
    version: int
    created_at: int
    updated_at: int
    mfa: str | None


def user_of(row: Row, start: int) -> UserRow | None:
    """Return the user in the fourteen columns that begin at `start`, None where a LEFT JOIN found nobody."""
    return None if row[start] is None else UserRow(*row[start : start + 14])


def memberships_of(rows: Sequence[Row], start: int) -> tuple[Membership, ...]:
    """Return the groups of a user, one a row; their columns (name, precedence, role) are None where there is none."""
    if rows[0][start] is None and len(rows) == 1:
        return ()
    return in_order(Membership(row[start], row[start + 1], row[start + 2]) for row in rows if row[start] is not None)
