"""Does the linter of rows find what it is for? It is given a store that is wrong in each way, one at a time."""

import importlib.util
from pathlib import Path

import pytest

TOOL = Path(__file__).resolve().parents[2] / "tools" / "lint_rows.py"


GOOD = """
import msgspec
from poolkeeper.store.db import Reader

class Pair(msgspec.Struct, frozen=True):
    name: str
    count: int
    value: str | None = None

async def find(reader: Reader) -> Pair | None:
    row = await reader.fetch_one("SELECT a.name, COALESCE(b.number, 0) AS count FROM a JOIN b ON b.id = a.id", 1)
    return None if row is None else Pair(*row)
"""
WRONG = {
    "the columns in another order": (
        "SELECT a.name, COALESCE(b.number, 0) AS count",
        "SELECT COALESCE(b.number, 0) AS count, a.name",
    ),
    "a column too few": ("SELECT a.name, COALESCE(b.number, 0) AS count", "SELECT a.name"),
    "a column too many": ("AS count FROM", "AS count, a.value, a.other FROM"),
    "a column without its name": (" AS count", ""),
    "a bare row": ("-> Pair | None", "-> Row | None"),
}


def lint(package: Path) -> list[str]:
    """Run the linter, which is no module of a package."""
    spec = importlib.util.spec_from_file_location("lint_rows", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: list[str] = module.lint(package)
    return found


def written(folder: Path, text: str, *, elsewhere: str = "") -> list[str]:
    (folder / "store").mkdir()
    (folder / "store/pairs.py").write_text(text)
    (folder / "other.py").write_text(elsewhere)
    return lint(folder)


def test_a_row_with_the_structs_names_is_right(tmp_path: Path) -> None:
    """A last field with a default may be left out."""
    assert written(tmp_path, GOOD) == []


@pytest.mark.parametrize(("before", "after"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_found(tmp_path: Path, before: str, after: str) -> None:
    """Once, with the line of the function."""
    assert before in GOOD
    (found,) = written(tmp_path, GOOD.replace(before, after))
    assert "pairs.py:10: " in found


def test_a_row_leaves_the_store_under_no_name(tmp_path: Path) -> None:
    """Who imports it outside reads columns by number."""
    (found,) = written(tmp_path, GOOD, elsewhere="from poolkeeper.store.db import Reader, Row\n")
    assert found.endswith("other.py:1: Row is for store/ alone")
