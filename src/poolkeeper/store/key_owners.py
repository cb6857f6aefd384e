"""SQL of the upgrade that gives every access key a user: until then each of them had all rights, and keeps them.

Part of migration 8 (store/migrate.py): what it writes depends on names, which SQL cannot fold.
"""

import re
from base64 import b32encode
from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256

from poolkeeper.model.iam import ADMINISTRATOR_ACCESS, ID_LENGTH, Kind, folded
from poolkeeper.store.db import Database, Transaction

_LONGEST_NAME = 64
_NOT_IN_NAMES = re.compile(r"[^\w+=,.@-]", re.ASCII)


async def make_users(database: Database, now: int) -> None:
    """Make a user with AdministratorAccess for every access key: of its name, or `name-2` and so on where that is taken.

    A user may have two keys, the second while the first is replaced, so each key gets a user of its own and can be
    replaced. Root's keys have no user, and all rights. May run again, and beside another process that does the same: a key
    that has a user is left alone, and ids are made of the key's own.
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
        there = await tx.fetch("SELECT folded_name FROM iam_entities WHERE kind = 'user'")
        names = _user_names([(row[0], _user_name(row[1])) for row in rows], {str(row[0]) for row in there})
        for access_key_id, name in names.items():
            user_id = await _user(tx, name=name, access_key_id=access_key_id, now=now)
            await tx.execute("UPDATE access_keys SET user_id = $2 WHERE access_key_id = $1", access_key_id, user_id)

    await database.write(body)


async def _user(tx: Transaction, *, name: str, access_key_id: str, now: int) -> str:
    """Make the user of a key and return its id."""
    user_id = Kind.USER.id_prefix + b32encode(sha256(access_key_id.encode()).digest()).decode()[:ID_LENGTH]
    await tx.execute(
        """
        INSERT INTO iam_entities (kind, folded_name, name, entity_id, path, created_at, updated_at, tags)
        VALUES ('user', $1, $2, $3, '/', $4, $4, '{}')
        """,
        folded(name),
        name,
        user_id,
        now,
    )
    await tx.execute(
        "INSERT INTO iam_attachments (owner_kind, owner_id, policy_id) VALUES ('user', $1, $2)",
        user_id,
        ADMINISTRATOR_ACCESS,
    )
    return user_id


def _user_names(keys: Sequence[tuple[str, str]], taken_names: set[str]) -> Mapping[str, str]:
    """Return the name of each key's user, none twice: the oldest key of a name has it, the next ones a number behind it."""
    names: dict[str, str] = {}
    for access_key_id, name in keys:
        if folded(name) not in taken_names:
            names[access_key_id] = name
            taken_names.add(folded(name))
    numbers: Counter[str] = Counter()
    for access_key_id, name in keys:
        while access_key_id not in names:
            numbers[folded(name)] += 1
            suffix = f"-{numbers[folded(name)] + 1}"
            free = name[: _LONGEST_NAME - len(suffix)] + suffix
            if folded(free) not in taken_names:
                names[access_key_id] = free
                taken_names.add(folded(free))
    return names


def _user_name(name: str) -> str:
    """Return the name of a key as a user may have it: what is not allowed in names becomes a hyphen."""
    return _NOT_IN_NAMES.sub("-", name)[:_LONGEST_NAME] or "key"
