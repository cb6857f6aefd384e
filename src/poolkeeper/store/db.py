"""What can be asked of the database? The seam: one SQL text for SQLite and PostgreSQL, below it a driver for each.

SQL is PostgreSQL's, with `$1` placeholders. Reads go straight to the database. A change of more than one statement is a
function, `async def body(tx)`, that awaits nothing but `tx` and may be run again: the driver's one retry loop owns begin
and commit (attacks.md part 4, rule 5; docs/decisions).
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

T = TypeVar("T")


class Row(Protocol):
    """One row: columns by position or by name, and its values in the order of the columns."""

    def __getitem__(self, key: "int | str | slice[int, int, None]", /) -> Any: ...
    def __iter__(self) -> Iterator[Any]: ...
    def __len__(self) -> int: ...


class Reader(Protocol):
    """What can be read, in or out of a transaction."""

    async def fetch(self, sql: str, *args: object) -> Sequence[Row]:
        """Return every row of one SELECT (or of a RETURNING, inside a transaction)."""
        ...

    async def fetch_one(self, sql: str, *args: object) -> Row | None:
        """Return the first row, or None."""
        ...


class Transaction(Reader, Protocol):
    """A change in progress. It sees its own writes; nobody else does before the commit."""

    async def execute(self, sql: str, *args: object) -> int:
        """Run one INSERT, UPDATE or DELETE and return how many rows it touched."""
        ...

    async def fetch_each(self, sql: str, rows: Sequence[Sequence[object]]) -> Sequence[Row]:
        """Run one statement for each row of arguments, in their order and in one round trip; return all that it returned."""
        ...


class Conflict(Exception):  # noqa: N818 - a reason to run again, not an error of anybody's
    """Raised by a body whose compare-and-set found the row changed: the retry loop runs the body again."""


class Unavailable(Exception):  # noqa: N818 - a state of the database
    """The database could not be reached, or did not settle within the retries."""


class Unwritable(Unavailable):
    """The database answers and takes no changes: its disk is full or read-only, or it is a standby."""


class Refused(Unavailable):
    """The database answered, and will not have us: waiting does not help."""


class Database(Reader, Protocol):
    """One database, shared by all tasks of a process."""

    one_writer: bool  # a writer keeps all others from writing

    async def execute(self, sql: str, *args: object) -> int:
        """Run one changing statement in a transaction of its own (one round trip) and return the rows touched."""
        ...

    async def write(self, body: Callable[[Transaction], Awaitable[T]], *, repeatable: bool = False) -> T:
        """Run `body` in one transaction and return what it returned; when it raises, nothing stands.

        `repeatable`: a power cut may take it back, as long as no later change stands, since whoever asked does it again.
        Raises Unavailable when the database is away or contention did not end within ten attempts. Whatever else
        `body` raises is passed on after the rollback.
        """
        ...

    async def settle(self) -> None:
        """Do in the background what the next writer would otherwise wait for the engine to do, after much was written."""
        ...

    async def close(self) -> None:
        """Finish what is under way and let go of the database."""
        ...
