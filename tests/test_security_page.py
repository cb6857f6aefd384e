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


LISTED = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if re.match(r"\| [0-9]+\.[0-9.]+ \|", line)]


def test_every_line_of_the_checklists_says_how_it_stands() -> None:
    """What is held, wholly or partly, names its test; what is not says why. RFC 9700 has 26 sections, V6, V7, V9 and V10 109 lines."""
    assert len(LISTED) == 26 + 109
    for section, _, state, said in LISTED:
        assert state in {"held", "partly", "not held", "documented", "not ours"}, section
        assert ("`tests/" in said) is (state in {"held", "partly"}), section
        assert said.strip(), section
    chapters = [row[0] for row in LISTED[26:]]
    assert len(set(chapters)) == 109
    for chapter, last in {"6.1": 3, "6.2": 12, "6.3": 8, "7.4": 5, "9.2": 4, "10.4": 16, "10.7": 3}.items():
        assert [one for one in chapters if one.rpartition(".")[0] == chapter] == [
            f"{chapter}.{n + 1}" for n in range(last)
        ]
