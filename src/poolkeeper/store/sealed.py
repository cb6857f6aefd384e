"""SQL over everything that lies sealed: table by table, in pages, for rotation of the sealing keys."""

from collections.abc import Sequence
from dataclasses import dataclass

from poolkeeper.store.db import Database, Reader, Row


@dataclass(frozen=True, slots=True)
class Sealed:
    """One column that holds sealed values, with the statements to walk and to change it.

    `walk` returns (first key, second key, sealed) behind two keys, `put` takes them with the new and the seen value, so
    that a value that changed meanwhile stays as it is. `joined` says whether both keys name the place of the seal.
    """

    table: str
    column: str
    joined: bool
    walk: str
    put: str


EVERYTHING: tuple[Sealed, ...] = (
    Sealed(
        "server_facts",
        "value",
        joined=False,
        walk="""SELECT '' AS first_key, name, value FROM server_facts
                WHERE name = 'sealing_probe' AND name > $2 AND $1 = '' ORDER BY name LIMIT $3""",
        put="UPDATE server_facts SET value = $3 WHERE name = $2 AND $1 = '' AND value = $4",
    ),
    Sealed(
        "access_keys",
        "secret",
        joined=False,
        walk="""SELECT '' AS first_key, access_key_id, secret FROM access_keys
                WHERE access_key_id > $2 AND $1 = '' ORDER BY access_key_id LIMIT $3""",
        put="UPDATE access_keys SET secret = $3 WHERE access_key_id = $2 AND $1 = '' AND secret = $4",
    ),
    Sealed(
        "pools",
        "secret",
        joined=False,
        walk="""SELECT '' AS first_key, pool_id, secret FROM pools
                WHERE pool_id > $2 AND $1 = '' ORDER BY pool_id LIMIT $3""",
        put="UPDATE pools SET secret = $3 WHERE pool_id = $2 AND $1 = '' AND secret = $4",
    ),
    Sealed(
        "signing_keys",
        "private_key",
        joined=True,
        walk="""SELECT pool_id, kid, private_key FROM signing_keys
                WHERE pool_id > $1 OR (pool_id = $1 AND kid > $2) ORDER BY pool_id, kid LIMIT $3""",
        put="UPDATE signing_keys SET private_key = $3 WHERE pool_id = $1 AND kid = $2 AND private_key = $4",
    ),
    Sealed(
        "key_stock",
        "private_key",
        joined=False,
        walk="""SELECT '' AS first_key, kid, private_key FROM key_stock
                WHERE shard = 0 AND kid > $2 AND $1 = '' ORDER BY kid LIMIT $3""",
        put="UPDATE key_stock SET private_key = $3 WHERE shard = 0 AND kid = $2 AND $1 = '' AND private_key = $4",
    ),
    Sealed(
        "clients",
        "secret",
        joined=True,
        walk="""SELECT pool_id, client_id, secret FROM clients
                WHERE pool_id > $1 OR (pool_id = $1 AND client_id > $2) ORDER BY pool_id, client_id LIMIT $3""",
        put="UPDATE clients SET secret = $3 WHERE pool_id = $1 AND client_id = $2 AND secret = $4",
    ),
    Sealed(
        "users",
        "srp_verifier",
        joined=True,
        walk="""SELECT pool_id, user_id, srp_verifier FROM users
                WHERE pool_id > $1 OR (pool_id = $1 AND user_id > $2) ORDER BY pool_id, user_id LIMIT $3""",
        put="UPDATE users SET srp_verifier = $3 WHERE pool_id = $1 AND user_id = $2 AND srp_verifier = $4",
    ),
    Sealed(
        "due",
        "payload",
        joined=False,
        walk="""SELECT '' AS first_key, job_id, payload FROM due
                WHERE job_id > $2 AND $1 = '' ORDER BY job_id LIMIT $3""",
        put="UPDATE due SET payload = $3 WHERE job_id = $2 AND $1 = '' AND payload = $4",
    ),
    Sealed(
        "captured",
        "payload",
        joined=False,
        walk="""SELECT '' AS first_key, message_id, payload FROM captured
                WHERE shard = 0 AND message_id > $2 AND $1 = '' ORDER BY message_id LIMIT $3""",
        put="UPDATE captured SET payload = $3 WHERE shard = 0 AND message_id = $2 AND $1 = '' AND payload = $4",
    ),
)


async def page(reader: Reader, sealed: Sealed, *, after: tuple[str, str], limit: int) -> Sequence[Row]:
    """Return up to `limit` sealed values of one column from behind two keys."""
    return await reader.fetch(sealed.walk, *after, limit)


async def put(db: Database, sealed: Sealed, keys: tuple[str, str], *, new: bytes, seen: bytes) -> int:
    """Put a value that was sealed anew in the place of the one that was seen; 0 when that changed meanwhile."""
    return await db.execute(sealed.put, *keys, new, seen)
