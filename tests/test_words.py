"""Do the words of the house lead to what they name? Each row of docs/words.md is followed into the source, and back."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src/poolkeeper"
MIGRATIONS = "\n".join(file.read_text() for file in (SOURCE / "store/migrations").glob("*.sql"))
ROWS: Mapping[str, str] = dict(
    re.findall(r"^\| ([^|`-][^|`]*?) \| [^|]+ \| ([^|]*`[^|]+) \|$", (ROOT / "docs/words.md").read_text(), re.MULTILINE)
)
NAMED = re.compile(r"(?<!table )`([A-Za-z_][\w.]*)` \(((?:`[^`]+`(?:, )?)+)\)")
TABLE = re.compile(r"table `(\w+)` \(`([^`]+)`\)")
MODULE = re.compile(r"module `([^`]+)`")
# A class, or an alias of a type: by its name the house calls something.
CALLED = re.compile(r"^(?:class (?=[A-Z]))?([A-Z]\w*[a-z]\w*)\b(?= = |[(:])", re.MULTILINE)


@cache
def definitions(path: str) -> Mapping[str, str]:
    """Return the text of everything that a file of the source defines; members as `Class.member`."""
    text = (SOURCE / path).read_text()
    found: dict[str, str] = {}
    for node in ast.parse(text).body:
        segment = ast.get_source_segment(text, node) or ""
        found.update(dict.fromkeys(_names(node), segment))
        if isinstance(node, ast.ClassDef):
            for member in node.body:
                found.update({f"{node.name}.{name}": segment for name in _names(member)})
    return found


def _names(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
            yield name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            yield name
        case _:
            pass


@cache
def files_by_name() -> Mapping[str, set[str]]:
    """Return the files that define a class or an alias of a type, by its name in small letters."""
    files = defaultdict(set)
    for file in SOURCE.rglob("*.py"):
        if "generated" not in file.parts:
            for name in CALLED.findall(file.read_text()):
                files[name.lower()].add(file.relative_to(SOURCE).as_posix())
    return files


def test_every_word_of_the_page_is_read() -> None:
    """A row of another form would be followed by nothing."""
    rows = re.findall(r"^\| (.+?) \|", (ROOT / "docs/words.md").read_text(), re.MULTILINE)
    assert set(rows) - {"word", "---"} == set(ROWS)
    assert len(ROWS) > 50


@pytest.mark.parametrize("word", ROWS)
def test_a_word_stands_in_the_definition_that_its_row_names(word: str) -> None:
    """A class, function or value, a table of a migration, or a module that says in its first lines what it is about."""
    named = ROWS[word]
    for name, paths in NAMED.findall(named):
        for path in re.findall(r"`([^`]+)`", paths):
            assert name in definitions(path), f"{path} defines no {name}"
            assert re.search(word, definitions(path)[name], re.IGNORECASE), f"{name} of {path} has no word of {word}"
    for table, path in TABLE.findall(named):
        assert re.search(rf"^CREATE TABLE (?:IF NOT EXISTS )?{table} ", MIGRATIONS, re.MULTILINE)
        assert f'"{table}"' in (SOURCE / path).read_text()
    for path in MODULE.findall(named):
        docstring = ast.get_docstring(ast.parse((SOURCE / path).read_text())) or ""
        assert re.search(word, path + docstring, re.IGNORECASE)
    rest = MODULE.sub("", TABLE.sub("", NAMED.sub("", named)))
    assert re.fullmatch(r"[; ]*", rest), f"nothing looks at {rest!r}"


@pytest.mark.parametrize("word", [word for word in ROWS if word.lower() in files_by_name()])
def test_a_word_has_all_that_bear_its_name_in_its_row(word: str) -> None:
    """Whoever reads of one and means another finds that there are several."""
    files = {
        path
        for name, paths in NAMED.findall(ROWS[word])
        if name.lower() == word.lower()
        for path in re.findall(r"`([^`]+)`", paths)
    }
    assert files_by_name()[word.lower()] <= files


def test_words_stand_in_order_and_once() -> None:
    """Whoever looks one up finds it."""
    names = [word.lower() for word in ROWS]
    assert names == sorted(set(names))
