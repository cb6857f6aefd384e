"""What does a table say of itself? Whose its rows are, when they go, what of them is sealed, and by which statements.

Each module of store/ ends in the rows of its tables; tables.py lists them all. Every statement is one literal text, and stands
with its table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from poolkeeper.clock import MINUTE

# A process whose clock is behind may still take for good what has expired for this one (attacks.md part 4, rule 12): a
# nonce that was removed by then would let it be used twice.
CLOCKS_APART = MINUTE
Key = tuple[str | int, ...]
Owner = Literal["user", "subject", "client", "group", "pool", "identity pool", "server"]


@dataclass(frozen=True, slots=True)
class Walk:
    """The way through the rows of one table that are of one owner: a pool, an identity pool or (pool, group).

    `keys` takes the owner and a key, and returns up to 500 keys behind it; `start` is a key before all rows. `delete` takes
    the owner, a key and another, and removes what is behind the first up to the second; `first` does so with what names those
    rows elsewhere. Where the first column of a key is a user's, or nearly as fine, it stands for the whole: PostgreSQL's
    planner takes a comparison of whole rows to any index that has those columns, in whatever order.
    """

    start: Key
    keys: str
    delete: str
    first: str = ""


@dataclass(frozen=True, slots=True)
class Expiring:
    """Rows that go `kept` milliseconds after their `expires_at`.

    `delete` takes the pool and two times, removes up to a batch of what expired from the first on and before the second, the
    oldest first, and returns when each of them expired. With `looked_back` they are looked for among the newest alone.
    """

    kept: int
    delete: str
    looked_back: int | None = None

    def since(self, now: int) -> int:
        """Return from when on its rows are looked for."""
        return 0 if self.looked_back is None else now - self.looked_back


@dataclass(frozen=True, slots=True)
class Nobodys:
    """Rows of a table whose subject is no user, of which a pool keeps so many (ghosts.py).

    `look` takes the pool and a mark, and returns up to 500 rows below it, those that end last first: when the row ends, whose it
    is, the rest of its key, and 1 where that is nobody. `drop` takes the pool and two marks, and removes what is nobody's below
    the first, down to the second.
    """

    look: str
    drop: str


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export has of the rows of a table that are about one user: `columns` in the order of `select`.

    It takes the pool and the user; in an identity pool's table, the user pool as a provider of logins and the user.
    No secret is among them, and no digest of one. Bytes are JSON or msgpack.
    """

    columns: tuple[str, ...]
    select: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """One column that holds sealed values, with the statements to walk and to change it.

    `walk` takes the keys of the row before and a limit, and returns keys and value in the order of the keys; `start`
    are keys before all rows. `put` takes the keys, the new and the seen value, so that a value that changed meanwhile
    stays. The place of a seal is named by the keys joined by a slash, or by the last of them alone. `most`
    is how many values are in memory at once.
    """

    column: str
    start: Key
    walk: str
    put: str
    by_last_key: bool = False
    most: int = 500

    def place(self, table: str, keys: Sequence[str | int]) -> dict[str, str]:
        """Name the place that a row's value is sealed for."""
        key = str(keys[-1]) if self.by_last_key else "/".join(str(key_part) for key_part in keys)
        return {"table": table, "key": key, "column": self.column}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table: its primary key, and with whom its rows go.

    A subject is a user or a ghost. An empty statement means that there is nothing to do: a table whose rows stay at a reset in
    development has no `at_reset`. Statements `of_a_user` take the pool and the user, `of_a_client` the pool and the app client, and
    remove all rows of theirs. `of_an_erased` removes what names a user who is to be forgotten and does not go with every user: it
    takes what `exported.select` takes. `exported` is what of a user's rows an export has. `after_restore` removes up to 500 rows of
    a pool that a restored database must not keep.
    """

    name: str
    key: tuple[str, ...]
    owner: Owner
    at_reset: str
    of_a_user: str = ""
    of_an_erased: str = ""
    exported: Exported | None = None
    # The statement takes what of the user can be searched, too (search.py).
    by_values: bool = False
    of_a_client: str = ""
    of_a_group: Walk | None = None
    of_a_pool: Walk | None = None
    expiring: tuple[Expiring, ...] = ()
    of_nobody: Nobodys | None = None
    sealed: tuple[Sealed, ...] = ()
    after_restore: str = ""
