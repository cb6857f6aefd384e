"""Does the linter of tables find what it is for? It is given a store that is wrong in each way, one at a time."""

import importlib.util
from pathlib import Path

import pytest

TOOL = Path(__file__).resolve().parents[2] / "tools" / "lint_tables.py"

MIGRATION = """
CREATE TABLE IF NOT EXISTS toys (
    pool_id text,
    toy_id  text,
    PRIMARY KEY (pool_id, toy_id)
);
"""
MODULE = """
TABLE = Table(
    name="toys",
    key=("pool_id", "toy_id"),
    owner="user",
    of_a_user="DELETE FROM toys WHERE pool_id = $1 AND user_id = $2",
    of_a_pool=Walk(
        start=("",),
        keys="SELECT toy_id FROM toys WHERE pool_id = $1 AND toy_id > $2 ORDER BY toy_id LIMIT 500",
        delete="DELETE FROM toys WHERE pool_id = $1 AND toy_id > $2 AND toy_id <= $3",
        first="DELETE FROM directory WHERE kind = 'toy' AND value > $2",
    ),
    at_reset="DELETE FROM toys WHERE pool_id >= ''",
)
"""
WRONG = {
    "another key": ('("pool_id", "toy_id")', '("pool_id",)', "the key of toys is (pool_id, toy_id)"),
    "no such table": ('name="toys"', 'name="hats"', "no migration makes a table 'hats'"),
    "another's owner": ('owner="user"', 'owner="server"', "toys is the server's"),
    "another table's statement": ('of_a_user="DELETE FROM toys', 'of_a_user="DELETE FROM hats', "is about hats"),
    "another table's walk": ("SELECT toy_id FROM toys", "SELECT toy_id FROM hats", "`keys` of toys is about hats"),
    "not the end": ("TABLE = Table(", "ROW = Table(", "ends in the rows"),
    "no row": ("TABLE = Table(", "TABLE = Tables(", "toys has no row"),
}


def lint(folder: Path, module: str, *, listed: str = "toys.TABLE") -> list[str]:
    """Run the linter, which is no module of a package, over a store of one table."""
    (folder / "store/migrations").mkdir(parents=True)
    (folder / "store/toys.py").write_text(module)
    (folder / "store/tables.py").write_text(listed)
    (folder / "store/migrations/0001_toys.sql").write_text(MIGRATION)
    spec = importlib.util.spec_from_file_location("lint_tables", TOOL)
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    found: list[str] = tool.lint(folder)
    return found


def test_a_row_that_tells_the_truth_is_right(tmp_path: Path) -> None:
    """What names the rows elsewhere is of another table."""
    assert lint(tmp_path, MODULE) == []


@pytest.mark.parametrize(("before", "after", "reason"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_found(tmp_path: Path, before: str, after: str, reason: str) -> None:
    """And said."""
    assert before in MODULE
    assert reason in "\n".join(lint(tmp_path, MODULE.replace(before, after)))


def test_a_row_that_is_not_listed_is_found(tmp_path: Path) -> None:
    """Nothing reads it."""
    assert "does not list" in "\n".join(lint(tmp_path, MODULE, listed=""))
