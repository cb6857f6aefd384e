"""Do the tests that docs/security.md names exist? A row whose test was renamed or taken away would claim what nobody checks."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "security.md").read_text()
ROWS = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if re.match(r"\| F?[0-9]+ \|", line)]
NAMED = sorted(set(re.findall(r"`(tests/[^`]+)`", PAGE)))


def test_every_row_names_a_test_and_stands_once() -> None:
    """Number, what is prevented, and at least one test."""
    assert all(len(row) == 3 and "`tests/" in row[2] for row in ROWS)
    numbers = [row[0] for row in ROWS]
    assert len(numbers) == len(set(numbers)) > 60


@pytest.mark.parametrize("named", NAMED)
def test_every_test_that_is_named_exists(named: str) -> None:
    """A file with tests in it, and the function where one is named."""
    file, _, function = named.partition("::")
    tree = ast.parse((ROOT / file).read_text())
    tests = {one.name for one in tree.body if isinstance(one, ast.FunctionDef) and one.name.startswith("test_")}
    assert function in tests if function else tests
