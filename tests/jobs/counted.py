"""What does a job ask of its database? A database that writes down its statements, and that dies when it is told to."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from poolkeeper.call import House
from poolkeeper.store.db import Database, Row, Transaction

T = TypeVar("T")


class Died(Exception):  # noqa: N818 - what happens to a process
    """The process was killed here."""


class Counted:
    """A database over another one, `below`. `statements` are (text, arguments) in order, `writes` counts transactions.

    It dies before the write with the number `dies_before`, or when the one with the number `dies_behind` stands.
    """

    def __init__(self, database: Database) -> None:
        self.below = database
        self.one_writer = database.one_writer
        self.forget()

    def forget(self) -> None:
        """Begin to count."""
        self.statements: list[tuple[str, tuple[object, ...]]] = []
        self.writes = 0
        self.dies_before = self.dies_behind = -1

    def under(self, house: House) -> House:
        """Return a house over this database."""
        return replace(house, db=self)

    async def fetch(self, sql: str, *args: object) -> Sequence[Row]:
        self.statements.append((sql, args))
        return await self.below.fetch(sql, *args)

    async def fetch_one(self, sql: str, *args: object) -> Row | None:
        self.statements.append((sql, args))
        return await self.below.fetch_one(sql, *args)

    async def execute(self, sql: str, *args: object) -> int:
        self.statements.append((sql, args))
        return await self.below.execute(sql, *args)

    async def write(self, body: Callable[[Transaction], Awaitable[T]], *, repeatable: bool = False) -> T:
        if self.writes == self.dies_before:
            raise Died
        result = await self.below.write(body, repeatable=repeatable)
        if self.writes == self.dies_behind:
            raise Died
        self.writes += 1
        return result

    async def settle(self) -> None:
        await self.below.settle()

    async def close(self) -> None:
        await self.below.close()
