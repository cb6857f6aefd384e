"""Is everything of a deleted user gone? In every table that the real schema has, whoever made it."""

from collections.abc import Callable

from jobs.conftest import Story
from jobs.counted import Counted
from jobs.rows import fill, schema
from poolkeeper.call import House
from poolkeeper.store import users
from poolkeeper.store.db import Database, Transaction

POOL = "us-east-1_pool"
GONE, OTHER = "00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"
OWNERS = ("user_id", "subject_id")
# Removed by the values that the user has (test_list_users.py), and what is over in minutes and found by no user's id.
APART = {"user_attributes", "conversations"}


async def left(db: Database, user_id: str) -> dict[str, int]:
    """Return in which tables a user has how many rows."""
    found: dict[str, int] = {}
    for table, columns in (await schema(db)).items():
        for owner in OWNERS:
            if owner in columns and table not in APART:
                sql = f"SELECT COUNT(*) FROM {table} WHERE pool_id = $1 AND {owner} = $2"
                row = await db.fetch_one(sql, POOL, user_id)
                assert row is not None
                found[table] = int(row[0])
    return found


def test_no_table_keeps_a_row_of_a_deleted_user(told: Callable[[Story], None]) -> None:
    """And none of another's goes."""

    async def story(house: House, counted: Counted) -> None:
        db = counted.below
        for table, columns in (await schema(db)).items():
            for number, user_id in enumerate((GONE, OTHER)):
                known = {owner: user_id for owner in OWNERS if owner in columns}
                if known and table not in APART:
                    await fill(
                        db, table, columns, pool_id=POOL, rows=range(number, number + 1), attributes="{}", **known
                    )
        before = await left(db, OTHER)
        assert len(before) > 10
        assert set(before.values()) == {1}
        assert await left(db, GONE) == before

        async def delete(tx: Transaction) -> None:
            assert await users.delete(tx, pool_id=POOL, user_id=GONE) == 1

        await house.db.write(delete)
        assert set((await left(db, GONE)).values()) == {0}
        assert await left(db, OTHER) == before

    told(story)
