"""SQL of the upgrade that gives every access key a user: until then each of them had all rights, and keeps them.

Part of migration 8 (store/migrate.py): what it writes depends on names, which SQL cannot fold.
"""

import re
from base64 import b32encode
from hashlib import sha256

from poolkeeper.model.iam import ADMINISTRATOR_ACCESS, ID_LENGTH, Kind, folded
from poolkeeper.store.db import Database, Transaction

_LONGEST_NAME = 64
_NOT_IN_NAMES = re.compile(r"[^\w+=,.@-]", re.ASCII)


async def make_users(database: Database, now: int) -> None:
    """Make a user with AdministratorAccess for every name that access keys have, and give it the keys of that name.

    Root's keys have nobody, and all rights. May run again, and beside another process that does the same: a key that has a
    user is left alone, and ids are made of the key's own.
    """

    async def body(tx: Transaction) -> None:
        await tx.execute("UPDATE iam_changes SET number = number + 1 WHERE name = 'account'")
        rows = await tx.fetch(
            """
            SELECT access_key_id, name FROM access_keys
            WHERE root = 0 AND user_id IS NULL
            ORDER BY created_at, access_key_id
            """
        )
        for access_key_id, name in rows:
            user_id = await _user(tx, name=_user_name(name), access_key_id=access_key_id, now=now)
            await tx.execute("UPDATE access_keys SET user_id = $2 WHERE access_key_id = $1", access_key_id, user_id)

    await database.write(body)


async def _user(tx: Transaction, *, name: str, access_key_id: str, now: int) -> str:
    """Return the id of the user of that name, made for this key if it is not there."""
    user_id = Kind.USER.id_prefix + b32encode(sha256(access_key_id.encode()).digest()).decode()[:ID_LENGTH]
    await tx.execute(
        """
        INSERT INTO iam_entities (kind, folded_name, name, entity_id, path, created_at, updated_at, tags)
        VALUES ('user', $1, $2, $3, '/', $4, $4, '{}')
        ON CONFLICT (kind, folded_name) DO NOTHING
        """,
        folded(name),
        name,
        user_id,
        now,
    )
    row = await tx.fetch_one(
        "SELECT entity_id FROM iam_entities WHERE kind = 'user' AND folded_name = $1", folded(name)
    )
    assert row is not None, "it was there, or was just made"
    await tx.execute(
        """
        INSERT INTO iam_attachments (owner_kind, owner_id, policy_id)
        VALUES ('user', $1, $2)
        ON CONFLICT (owner_kind, owner_id, policy_id) DO NOTHING
        """,
        row[0],
        ADMINISTRATOR_ACCESS,
    )
    return str(row[0])


def _user_name(name: str) -> str:
    """Return the name of a key as a user may have it: what is not allowed in names becomes a hyphen."""
    return _NOT_IN_NAMES.sub("-", name)[:_LONGEST_NAME] or "key"
