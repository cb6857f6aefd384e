"""Has each table a row that tells the truth of it? The linter over the rows at the ends of store/'s modules.

`python tools/lint_tables.py [FOLDER]` prints `file:line: reason` for each finding and ends with 1 if there is one. The folder is
that of the package, src/poolkeeper unless named. What the statements do is judged by tests/jobs/test_rows_that_go.py.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "poolkeeper"
_CREATED = re.compile(r"CREATE TABLE IF NOT EXISTS (\w+) \((?:.*?)PRIMARY KEY \(([^)]*)\)", re.DOTALL)
_ABOUT = re.compile(r"(?:DELETE FROM|UPDATE|SELECT\s(?:(?!\bFROM\b).)*?\sFROM)\s+(\w+)", re.DOTALL)
_ENDS = ("TABLE", "TABLES")
# What names the rows elsewhere is of another table.
_ELSEWHERE = "first"


def lint(package: Path) -> list[str]:
    """Return what is wrong below the package's folder, as `file:line: reason`."""
    store = package / "store"
    files = sorted(store.glob("*.py"))
    texts = [file.read_text(encoding="utf-8") for file in (*files, *sorted((store / "migrations").glob("*.sql")))]
    created = {name: key.split(", ") for text in texts for name, key in _CREATED.findall(text)}
    listed = (store / "tables.py").read_text(encoding="utf-8") if (store / "tables.py").exists() else ""
    found: list[str] = []
    seen: set[str] = set()
    for file in files:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        rows = _rows(tree)
        if rows and not _is_end(tree.body[-1]):
            found.append(f"{file}:{rows[0].lineno}: a module ends in the rows of its tables")
        if rows and f"{file.stem}.TABLE" not in listed:
            found.append(f"{file}:{rows[0].lineno}: tables.py does not list the rows of this module")
        for row in rows:
            found += [f"{file}:{line}: {reason}" for line, reason in _judged(row, created)]
            seen.add(_said(row).get("name", ""))
    return found + [f"{store}: {name} has no row" for name in created if name not in seen]


def _rows(tree: ast.Module) -> list[ast.Call]:
    return [
        node
        for top in tree.body
        if isinstance(top, ast.Assign)
        for node in ast.walk(top)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Table"
    ]


def _is_end(top: ast.stmt) -> bool:
    return isinstance(top, ast.Assign) and isinstance(top.targets[0], ast.Name) and top.targets[0].id in _ENDS


def _said(row: ast.Call) -> dict[str, str]:
    """Return what a row says in words: its name and its owner."""
    return {
        one.arg: one.value.value
        for one in row.keywords
        if one.arg is not None and isinstance(one.value, ast.Constant) and isinstance(one.value.value, str)
    }


def _judged(row: ast.Call, created: dict[str, list[str]]) -> Iterator[tuple[int, str]]:
    said = _said(row)
    name, owner = said.get("name", ""), said.get("owner", "")
    key = next((ast.literal_eval(one.value) for one in row.keywords if one.arg == "key"), ())
    if name not in created:
        yield row.lineno, f"no migration makes a table {name!r}"
    elif created[name] != list(key):
        yield row.lineno, f"the key of {name} is ({', '.join(created[name])})"
    if (owner == "server") is any(key[:1] == (pools,) for pools in ("pool_id", "identity_pool_id")):
        yield row.lineno, f"{name} is the server's, or its key begins with the pool"
    for call in (node for node in ast.walk(row) if isinstance(node, ast.Call)):
        for one in call.keywords:
            if one.arg != _ELSEWHERE and isinstance(one.value, ast.Constant):
                about = _ABOUT.match(str(one.value.value))
                if about is not None and about[1] != name:
                    yield one.value.lineno, f"`{one.arg}` of {name} is about {about[1]}"


def main(arguments: list[str]) -> int:
    """Print the findings; return the exit code."""
    found = lint(Path(arguments[0]) if arguments else PACKAGE)
    for one in found:
        print(one)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
