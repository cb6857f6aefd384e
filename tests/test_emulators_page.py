"""Is each case of another emulator's suite asked? The page that lists them and the docstrings of the tests name the same ones."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "cognito" / "emulators.md").read_text()
_NAME = re.compile(r"`([A-Za-z]+(?:_+[A-Za-z0-9]+)+)`")
KINDS = {"1.1": "alike, by moto's own", "1.2": "alike, once", "1.3": "otherwise", "1.4": "moto's own inside"}


def section(number: str) -> str:
    """Return the text below a heading of the page, up to the next one."""
    found = re.search(rf"^#+ {re.escape(number)}\.? .*?$(.*?)(?=^#|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, number
    return found[1]


def cases(number: str) -> list[str]:
    """Return the names of the cases that a section lists: of a table with reasons those of the column that has names."""
    rows = section(number).splitlines()
    if number == "1.3":
        rows = [row.split(" | ")[0] for row in rows]
    return [name for row in rows for name in _NAME.findall(row) if not name.startswith("_")]


def docstrings() -> Iterator[tuple[str, str]]:
    """Yield each test of the moto files with its docstring."""
    for file in sorted((ROOT / "tests" / "api").glob("test_moto_*.py")):
        for node in ast.parse(file.read_text()).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield f"{file.name}: {node.name}", ast.get_docstring(node) or ""


def test_each_of_motos_cases_is_listed_once() -> None:
    """In one of the four sections; their number is the sum that the page tells."""
    listed = [name for number in KINDS for name in cases(number)]
    assert [name for name, times in Counter(listed).items() if times > 1] == []
    assert len(listed) == 227


@pytest.mark.parametrize("number", KINDS)
def test_the_page_counts_what_it_lists(number: str) -> None:
    """Each row of the table has the number of names in its section."""
    told = re.search(rf"^\| {KINDS[number]}[^|]*\| ([0-9]+) \|$", PAGE, re.MULTILINE)
    assert told
    assert int(told[1]) == len(cases(number))


def test_each_of_motos_cases_is_asked() -> None:
    """A test of ours names it, and no test names one that the page lacks."""
    asked = {word for _, told in docstrings() for word in re.findall(r"\w+", told)}
    listed = {name for number in KINDS for name in cases(number)}
    assert listed - asked == set()
    unlisted = {word for word in asked if "_" in word.strip("_")} - listed
    assert {word for word in unlisted if word.islower() and word not in TALKED_OF} == set()


# Words with a low line in docstrings that are no cases.
TALKED_OF = {"_custom_id_"}


@pytest.mark.parametrize(("where", "told"), list(docstrings()), ids=[where for where, _ in docstrings()])
def test_each_test_names_what_it_stands_for(where: str, told: str) -> None:
    """A test that stands for no case of moto's has no place among these."""
    listed = {name for number in KINDS for name in cases(number)}
    assert set(re.findall(r"\w+", told)) & listed, where
