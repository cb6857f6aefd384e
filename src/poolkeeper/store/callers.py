"""SQL of who calls: an access key with its user, a role, each in one statement with the number of changes so far."""

import msgspec

from poolkeeper.store.db import Reader


class KeyRow(msgspec.Struct, frozen=True, gc=False):
    """An access key, whose it is, and the number of changes of users, roles and policies.

    The columns of the user are None for a key of root's, and where its user is gone.
    """

    access_key_id: str
    sealed_secret: bytes
    enabled: int
    root: int
    user_id: str | None
    user_name: str | None
    path: str | None
    tags: str | None
    changes: int


class RoleRow(msgspec.Struct, frozen=True, gc=False):
    """A role whose sessions call, and the number of changes."""

    role_id: str
    role_name: str
    path: str
    tags: str
    issued_before: int | None
    changes: int


async def by_key(reader: Reader, access_key_id: str) -> KeyRow | None:
    """Return an access key and whose it is."""
    row = await reader.fetch_one(
        """
        SELECT k.access_key_id, k.secret, k.enabled, k.root, u.entity_id, u.name, u.path, u.tags, c.number
        FROM access_keys k
        JOIN iam_changes c ON c.name = 'account'
        LEFT JOIN iam_entities u ON u.kind = 'user' AND u.entity_id = k.user_id
        WHERE k.access_key_id = $1
        """,
        access_key_id,
    )
    return None if row is None else KeyRow(*row)


async def by_role(reader: Reader, role_id: str) -> RoleRow | None:
    """Return a role by its unique id: one that was deleted and made again under its name has another."""
    row = await reader.fetch_one(
        """
        SELECT r.entity_id, r.name, r.path, r.tags, r.issued_before, c.number
        FROM iam_entities r
        JOIN iam_changes c ON c.name = 'account'
        WHERE r.kind = 'role' AND r.entity_id = $1
        """,
        role_id,
    )
    return None if row is None else RoleRow(*row)
