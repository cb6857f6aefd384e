"""Does the house get tidier? What should be rare is counted, and the counts may only fall.

`python tools/lint_house.py` prints what went beyond a bound, and ends with 1 if anything did, or if a bound can be lowered by now.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONGEST_FILE, LONGEST_FUNCTION = 400, 60
# Of what is bound to them they say nothing: a reader wants the noun of it.
EMPTY_NAMES = frozenset({"found", "one", "place", "told"})
# Turns of phrase that stand for a noun which the reader would rather have: who it is, and when that was.
EMPTY_WORDS = re.compile(r"\bwhoever\b|\bof then\b", re.IGNORECASE)
# Texts of an error, by which no code tells errors apart: `fault.reason is Reason.LOCKED`.
TEXTS = frozenset({"message", "detail"})
# What is compared there is no text of an error: the detail of a Session is what its step keeps in it.
NO_ERRORS = frozenset({"sealed"})
# How many there may be. Whoever makes one fewer lowers the bound.
BOUNDS = {
    "files over 400 lines": 33,
    "functions over 60 lines": 4,
    "docstrings that are a question alone": 0,
    "imports from a file of tests": 0,
    "names that say nothing": 41,
    "lines with words that say nothing": 158,
    "errors told apart by a text": 0,
}


def counted() -> dict[str, list[str]]:
    """Return the places of each kind."""
    places: dict[str, list[str]] = {kind: [] for kind in BOUNDS}
    for file in sorted(_files()):
        text = file.read_text(encoding="utf-8")
        path = str(file.relative_to(ROOT))
        lines = text.count("\n")
        if lines > LONGEST_FILE:
            places["files over 400 lines"].append(f"{path}: {lines} lines")
        tree = ast.parse(text)
        places["functions over 60 lines"] += [f"{path}: {said}" for said in _long_functions(tree)]
        if _is_a_question_alone(ast.get_docstring(tree)):
            places["docstrings that are a question alone"].append(path)
        places["imports from a file of tests"] += [f"{path}: {module}" for module in _imported_tests(tree)]
        if file.is_relative_to(ROOT / "src"):
            places["names that say nothing"] += [f"{path}:{said}" for said in _empty_names(tree)]
            places["lines with words that say nothing"] += [
                f"{path}:{number} {said[0]}"
                for number, line in enumerate(text.splitlines(), start=1)
                if (said := EMPTY_WORDS.search(line)) is not None
            ]
            places["errors told apart by a text"] += [f"{path}:{line}" for line in _compared_texts(tree)]
    return places


def _files() -> Iterator[Path]:
    for folder in ("src", "tests", "tools", "benchmarks", "examples"):
        for file in (ROOT / folder).rglob("*.py"):
            if not {"generated", "node_modules", ".venv"}.intersection(file.parts) and file.name != "generated.py":
                yield file


def _long_functions(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
            lines = node.end_lineno - node.lineno + 1
            if lines > LONGEST_FUNCTION:
                yield f"{node.name} has {lines} lines"


def _imported_tests(tree: ast.Module) -> Iterator[str]:
    """Find what should be in a file of its own, which says what it is for."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and str(node.module).rpartition(".")[2].startswith("test_"):
            yield str(node.module)


def _empty_names(tree: ast.Module) -> Iterator[str]:
    """Find names that are bound: by an assignment, `:=`, `for`, `with`, `except` or `case`, or as arguments."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name):
                pass
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                pass
            case _:
                continue
        if name in EMPTY_NAMES:
            yield f"{node.lineno} {name}"


def _compared_texts(tree: ast.Module) -> Iterator[int]:
    """Find where an error's text is compared, searched for in something, or asked how it begins or ends."""
    for node in ast.walk(tree):
        match node:
            case ast.Compare(ops=[ast.Is() | ast.IsNot()]):
                continue
            case ast.Compare(left=left, comparators=comparators):
                texts = [left, *comparators]
            case ast.Call(func=ast.Attribute(value=text, attr="startswith" | "endswith")):
                texts = [text]
            case _:
                continue
        if any(_is_text(part) for text in texts for part in _alternatives(text)):
            yield node.lineno


def _alternatives(text: ast.expr) -> list[ast.expr]:
    """Return what an expression may stand for: each side of `fault.detail or ""`."""
    return text.values if isinstance(text, ast.BoolOp) else [text]


def _is_text(text: ast.expr) -> bool:
    if not isinstance(text, ast.Attribute) or text.attr not in TEXTS:
        return False
    return not (isinstance(text.value, ast.Name) and text.value.id in NO_ERRORS)


def _is_a_question_alone(docstring: str | None) -> bool:
    """Say whether it asks its reader and tells them nothing."""
    return bool(docstring) and str(docstring).strip().endswith("?")


def main() -> int:
    """Compare with the bounds; return the exit code."""
    wrong = 0
    for kind, places in counted().items():
        if len(places) > BOUNDS[kind]:
            wrong = 1
            print(f"{kind}: {len(places)}, and there may be {BOUNDS[kind]}:", *places, sep="\n  ")
        elif len(places) < BOUNDS[kind]:
            wrong = 1
            print(f"{kind}: {len(places)} by now: lower the bound of tools/lint_house.py from {BOUNDS[kind]}")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
