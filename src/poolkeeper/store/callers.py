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


class SessionRow(msgspec.Struct, frozen=True, gc=False):
    """The role whose session calls, the identity and the user that a token vouched for, and the number of changes.

    What is not there is None: the role's columns where it is gone, `identity_id` and `user_enabled` where those are.
    """

    role_name: str | None
    path: str | None
    tags: str | None
    issued_before: int | None
    changes: int
    identity_id: str | None
    identity_issued_before: int | None
    user_enabled: int | None


async def by_key(reader: Reader, access_key_id: str) -> KeyRow | None:
    """Return an access key and whose it is."""
    row = await reader.fetch_one(
        """
        SELECT k.access_key_id, k.secret AS sealed_secret, k.enabled, k.root, u.entity_id AS user_id,
               u.name AS user_name, u.path, u.tags, c.number AS changes
        FROM access_keys k
        JOIN iam_changes c ON c.name = 'account'
        LEFT JOIN iam_entities u ON u.kind = 'user' AND u.entity_id = k.user_id
        WHERE k.access_key_id = $1
        """,
        access_key_id,
    )
    return None if row is None else KeyRow(*row)


async def by_session(
    reader: Reader, *, role_id: str, identity_pool_id: str, identity_id: str, pool_id: str, user_id: str
) -> SessionRow | None:
    """Return whose a session is, by unique ids: a role that was deleted and made again under its name has another.

    Ids of what a session does not have are empty, and nothing is found by them.
    """
    row = await reader.fetch_one(
        """
        SELECT r.name AS role_name, r.path, r.tags, r.issued_before, c.number AS changes,
               i.identity_id, i.issued_before AS identity_issued_before, u.enabled AS user_enabled
        FROM iam_changes c
        LEFT JOIN iam_entities r ON r.kind = 'role' AND r.entity_id = $1
        LEFT JOIN identities i ON i.identity_pool_id = $2 AND i.identity_id = $3
        LEFT JOIN users u ON u.pool_id = $4 AND u.user_id = $5
        WHERE c.name = 'account'
        """,
        role_id,
        identity_pool_id,
        identity_id,
        pool_id,
        user_id,
    )
    return None if row is None else SessionRow(*row)
