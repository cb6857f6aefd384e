"""Does the house get tidier? What should be rare is counted, and the counts may only fall.

`python tools/lint_house.py` prints what went beyond a bound, and ends with 1 if anything did, or if a bound can be lowered by now.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONGEST_FILE, LONGEST_FUNCTION = 400, 60
# How many there may be. Whoever makes one fewer lowers the bound.
BOUNDS = {
    "files over 400 lines": 33,
    "functions over 60 lines": 4,
    "docstrings that are a question alone": 0,
    "imports from a file of tests": 0,
}


def counted() -> dict[str, list[str]]:
    """Return the places of each kind."""
    found: dict[str, list[str]] = {kind: [] for kind in BOUNDS}
    for file in sorted(_files()):
        text = file.read_text(encoding="utf-8")
        place = str(file.relative_to(ROOT))
        lines = text.count("\n")
        if lines > LONGEST_FILE:
            found["files over 400 lines"].append(f"{place}: {lines} lines")
        tree = ast.parse(text)
        found["functions over 60 lines"] += [f"{place}: {said}" for said in _long_functions(tree)]
        if _is_a_question_alone(ast.get_docstring(tree)):
            found["docstrings that are a question alone"].append(place)
        found["imports from a file of tests"] += [f"{place}: {module}" for module in _imported_tests(tree)]
    return found


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


def _is_a_question_alone(docstring: str | None) -> bool:
    """Say whether whoever reads it is asked and not told."""
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
