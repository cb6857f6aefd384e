"""Do the documents say what is so? Generated pages, commands, make targets, links, and the tests that pages name."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from poolkeeper.cli import main as commands
from poolkeeper.settings import NAMES

ROOT = Path(__file__).resolve().parents[1]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    ROOT / "benchmarks/README.md",
]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OPTION = re.compile(r"(?<=\s)--[a-z][a-z-]+")


def each_page() -> pytest.MarkDecorator:
    """Give a test every page in turn."""
    return pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def make_targets() -> set[str]:
    """Return the targets that are names for people."""
    return set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE))


def test_generated_pages_are_up_to_date() -> None:
    """The pages of settings, operations, commands and unknowns are what the code says."""
    command = [sys.executable, str(ROOT / "tools" / "generate_docs.py"), "--check"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_make_help_describes_every_target() -> None:
    """A target without a description would be one that nobody finds."""
    helped = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    described = {line.split()[1]: line.split(maxsplit=2)[2:] for line in helped.splitlines()}

    assert described.keys() == make_targets()
    assert all(described.values())


@each_page()
def test_pages_name_make_targets_that_exist(page: Path) -> None:
    """Whoever types `make X` as a page says finds it."""
    text = page.read_text(encoding="utf-8")
    in_words = re.findall(r"`make ([a-z-]+)`", text)
    in_blocks = [
        name for _, block in FENCE.findall(text) for name in re.findall(r"^make ([a-z-]+)", block, re.MULTILINE)
    ]

    assert {*in_words, *in_blocks} <= make_targets()


@each_page()
def test_pages_show_commands_and_flags_that_exist(page: Path) -> None:
    """Every `poolkeeper ...` in a page's words or shell blocks is a command, with flags that it has."""
    for command in poolkeeper_commands(page.read_text(encoding="utf-8")):
        assert_exists(command)


def poolkeeper_commands(text: str) -> Iterator[str]:
    """Yield the commands of a page, without the name of the program."""
    for language, block in FENCE.findall(text):
        if language == "sh":
            yield from re.findall(r"^(?:\.venv/bin/)?poolkeeper (.+)$", block, re.MULTILINE)
    yield from re.findall(r"`poolkeeper ([^`]+)`", FENCE.sub("", text))


def assert_exists(command: str) -> None:
    """Walk down the groups of commands by a command's words, then look for each of its flags."""
    found: click.Command = commands
    for word in command.split():
        if not isinstance(found, click.Group):
            break
        child = found.commands.get(word)
        assert child is not None, f"poolkeeper {command}: there is no {word}"
        found = child
    known = {flag for option in found.params for flag in (*option.opts, *option.secondary_opts)} | {"--help"}
    assert set(OPTION.findall(f" {command}")) <= known, command


@each_page()
def test_pages_name_settings_that_exist(page: Path) -> None:
    """A variable POOLKEEPER_<NAME> that a page shows is a setting; `POOLKEEPER_<NAME>` itself stands for all."""
    named = re.findall(r"POOLKEEPER_([A-Z][A-Z_]*[A-Z])\b", page.read_text(encoding="utf-8"))

    assert {name.lower() for name in named} <= set(NAMES)


@each_page()
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    """A relative link names a file that is there; what stands between backticks is no link."""
    text = re.sub(r"`[^`\n]*`", "", page.read_text(encoding="utf-8"))
    links = re.findall(r"\]\((?!https?:)([^)#]+)", text)

    assert [link for link in links if not (page.parent / link).exists()] == []


@each_page()
def test_pages_name_tests_that_exist(page: Path) -> None:
    """`tests/...::test_...` is a function of that file, `tests/....py` a file, and a bare `test_...` a test somewhere."""
    text = page.read_text(encoding="utf-8")
    missing = [name for name in re.findall(r"tests/[\w./-]+\.(?:py|mjs)(?:::\w+)?", text) if not is_there(name)]
    known = all_tests()
    shown = set(re.findall(r"^(?:async )?def (test_\w+)", text, re.MULTILINE))  # a reader's own, in a block of code
    bare = set(re.findall(r"(?<![\w/:])test_\w+", text)) - known - shown

    assert missing == []
    assert bare == set()


def is_there(name: str) -> bool:
    """Say whether a file of the tests is there and, where one is named, has that function."""
    file, _, function = name.partition("::")
    path = ROOT / file
    return path.is_file() and (not function or function in functions(path))


@cache
def all_tests() -> set[str]:
    """Return the names of all test files and of all tests, read once."""
    return {name for file in (ROOT / "tests").rglob("test_*.py") for name in (file.stem, *functions(file))}


@cache
def functions(file: Path) -> set[str]:
    """Return the names of the functions of a file."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_decisions_are_dated_and_begin_with_goals() -> None:
    """A decision's file is named by its date, which its page repeats, and says first what was to be reached."""
    for page in (ROOT / "docs" / "decisions").iterdir():
        date = re.match(r"\d{4}-\d\d-\d\d", page.name)
        assert date is not None, page
        assert re.match(rf"# .+\n\n{date[0]}\n\n## Goals\n", page.read_text(encoding="utf-8")), page
