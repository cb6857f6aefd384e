"""Does everything go with its owner, and would it show if it did not? In every table that the real schemas have.

Each row of store/tables.py, and each statement in it, is taken out once: then something must be left behind.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from jobs import everything
from jobs.conftest import Story
from jobs.counted import Counted
from jobs.everything import Chapter
from jobs.rows import whole_schema
from poolkeeper.call import House
from poolkeeper.store import tables
from poolkeeper.store.table import Table, Walk

Told = Callable[[Story], None]
# A table's fields, and who has to find it when one is taken out.
CHAPTERS: Mapping[str, Chapter] = {
    "of_a_user": everything.user,
    "of_an_erased": everything.forgotten,
    "of_a_client": everything.client,
    "of_a_group": everything.group,
    "of_a_pool": everything.pool,
    "expiring": everything.expiry,
    "of_nobody": everything.nobody,
    "after_restore": everything.restored,
    "at_reset": everything.reset,
    "sealed": everything.sealed_anew,
}
NAMES_OF_A_USER = {"user_id", "subject_id", "subject", "username"}


def chapter_of(table: Table, field: str) -> Chapter:
    """Return who has to find what a statement leaves behind."""
    return everything.identity_pool if (field, table.key[0]) == ("of_a_pool", "identity_pool_id") else CHAPTERS[field]


def less(table: Table) -> Iterator[tuple[str, str, Table, str]]:
    """Yield the table without each of its statements: the field, a name, the table, and where something must be left."""
    for field in CHAPTERS:
        value = getattr(table, field)
        for number in range(len(value) if isinstance(value, tuple) else bool(value)):
            rest: Any = "" if isinstance(value, str) else None
            if isinstance(value, tuple):
                rest = (*value[:number], *value[number + 1 :])
            yield field, f"{field} {number}", replace(table, **{field: rest}), table.name
        if isinstance(value, Walk) and value.first:
            yield field, "first", replace(table, of_a_pool=replace(value, first="")), "directory"


def test_every_table_has_its_row_and_the_key_of_the_schema(told: Told) -> None:
    """Whoever makes a table says whose its rows are and how they go."""

    async def story(_: House, counted: Counted) -> None:
        schema = await whole_schema(counted.below)
        assert sorted(table.name for table in tables.TABLES) == sorted(schema)
        for table in tables.TABLES:
            columns = schema[table.name]
            assert set(table.key) <= set(columns), table.name
            assert bool(table.expiring) is ("expires_at" in columns), table.name
            if table.owner in everything.OWNERS:
                assert set(everything.OWNERS[table.owner]) & set(columns), table.name
            assert (table.owner == "subject") is ("subject_id" in columns), table.name

    told(story)


@pytest.mark.parametrize(
    "chapter", [*CHAPTERS.values(), everything.identity_pool], ids=lambda chapter: chapter.__name__
)
def test_nothing_is_left_behind(told: Told, chapter: Chapter) -> None:
    """And nothing of others goes."""

    async def story(house: House, _: Counted) -> None:
        assert await chapter(house) == set()

    told(story)


async def is_left_behind(house: House, table: Table) -> bool:
    """Say whether anything is left of a table, by one of the ways in which its rows would have gone."""
    for chapter in dict.fromkeys(chapter_of(table, field) for field, *_ in less(table)):
        if table.name in await chapter(house):
            return True
    return False


def test_a_row_that_is_taken_out_shows(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something of the table is left."""

    async def story(house: House, _: Counted) -> None:
        unnoticed: set[str] = set()
        for table in tables.TABLES:
            with monkeypatch.context() as patched:
                patched.setattr(tables, "TABLES", tuple(one for one in tables.TABLES if one is not table))
                if not await is_left_behind(house, table):
                    unnoticed.add(table.name)
        assert unnoticed == everything.STAYS

    told(story)


def test_a_statement_that_is_taken_out_shows(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the way that it is for: no other statement does its work."""

    async def story(house: House, _: Counted) -> None:
        unnoticed: list[str] = []
        for table in tables.TABLES:
            for field, name, lesser, left_in in less(table):
                with monkeypatch.context() as patched:
                    patched.setattr(tables, "TABLES", tuple(lesser if one is table else one for one in tables.TABLES))
                    if left_in not in await chapter_of(table, field)(house):
                        unnoticed.append(f"{table.name}: {name}")
        assert unnoticed == []

    told(story)


def test_a_table_that_an_erasure_leaves_out_shows(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    """EraseUser: whichever table's rows stay, somebody is still named; and no table names a user without saying how they go."""

    async def story(house: House, counted: Counted) -> None:
        naming = {
            name for name, columns in (await whole_schema(counted.below)).items() if NAMES_OF_A_USER & set(columns)
        }
        personal = [one for one in tables.TABLES if one.of_a_user or one.of_an_erased]
        assert naming - {one.name for one in personal} == {"iam_memberships", "access_keys"}  # users of the account
        unnoticed: set[str] = set()
        for table in personal:
            lesser = replace(table, of_a_user="", of_an_erased="")
            with monkeypatch.context() as patched:
                patched.setattr(tables, "TABLES", tuple(lesser if one is table else one for one in tables.TABLES))
                if table.name != "users" and table.name not in await everything.forgotten(house):
                    unnoticed.add(table.name)
        assert unnoticed == set()

    told(story)
