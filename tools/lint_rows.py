"""Have rows names? No function of store/ returns a bare row, and each SELECT has the columns of the struct that it becomes.

`python tools/lint_rows.py [FOLDER]` prints `file:line: reason` for each finding and ends with 1 if there is one. The folder is
that of the package, src/poolkeeper unless named.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "poolkeeper"
# The seam to the engines, and the engines themselves: what they hand over is a row.
_ENGINES = re.compile(r"(?:db|retry|postgres\w*|sqlite\w*)\.py")
_SELECTED = re.compile(r"\s*SELECT\s+(.*?)\s+FROM\s", re.DOTALL)
_RETURNED = re.compile(r"\bRETURNING\s+(.*)\Z", re.DOTALL)
_NAME = re.compile(r"(?:\w+\.)?(\w+)\Z")
_ALIAS = re.compile(r"\bAS\s+(\w+)\Z")


def lint(package: Path) -> list[str]:
    """Return what is wrong below the package's folder, as `file:line: reason`."""
    files = sorted(package.rglob("*.py"))
    trees = {file: ast.parse(file.read_text(encoding="utf-8")) for file in files if "generated" not in file.parts}
    store = {file: tree for file, tree in trees.items() if file.parent.name == "store"}
    own = {file: tree for file, tree in store.items() if not _ENGINES.fullmatch(file.name)}
    found = [one for file, tree in own.items() for one in _bare(file, tree)]
    found += [one for file, tree in trees.items() if file not in store for one in _imported(file, tree)]
    everywhere = {name: fields for tree in own.values() for name, fields in _structs(tree).items()}
    return found + [one for file, tree in own.items() for one in _columns(file, tree, everywhere | _structs(tree))]


def _bare(file: Path, tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.AsyncFunctionDef) and re.search(r"\bRow\b", ast.unparse(node.returns or node)):
            yield f"{file}:{node.lineno}: {node.name} returns a bare Row: make it a frozen struct"


def _imported(file: Path, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "poolkeeper.store.db":
            yield from (f"{file}:{node.lineno}: Row is for store/ alone" for name in node.names if name.name == "Row")


def _structs(tree: ast.Module) -> dict[str, tuple[list[str], int]]:
    """Return the fields of each struct of a module by its name, and how many of them a row must have."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and any("Struct" in ast.unparse(base) for base in node.bases):
            members = [one for one in node.body if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)]
            names = [one.target.id for one in members if isinstance(one.target, ast.Name)]
            found[node.name] = (names, sum(one.value is None for one in members))
    return found


def _columns(file: Path, tree: ast.Module, structs: dict[str, tuple[list[str], int]]) -> Iterator[str]:
    """Compare statement and struct in each function that has one of each."""
    texts = {
        target.id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for function in (node for node in tree.body if isinstance(node, ast.AsyncFunctionDef)):
        made = {name for node in ast.walk(function) if (name := _made_of_a_row(node)) in structs}
        selected = [columns for text in _statements(function, texts) if (columns := _selected(text))]
        if len(made) == len(selected) == 1:
            (name,) = made
            fields, needed = structs[name]
            if selected[0] != fields[: max(needed, len(selected[0]))]:
                yield f"{file}:{function.lineno}: {name} has {fields}, its statement {selected[0]}"


def _made_of_a_row(node: ast.AST) -> str:
    """Return the name of what is made by `Name(*row)`, else nothing."""
    match node:
        case ast.Call(func=ast.Name(id=name), args=[ast.Starred(value=ast.Name())], keywords=[]):
            return name
    return ""


def _statements(function: ast.AsyncFunctionDef, texts: dict[str, str]) -> Iterator[str]:
    for node in ast.walk(function):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"fetch", "fetch_one"}
        ):
            match node.args[0] if node.args else None:
                case ast.Constant(value=str(text)):
                    yield text
                case ast.Name(id=name) if name in texts:
                    yield texts[name]


def _selected(text: str) -> list[str]:
    """Return the names of the columns that a statement answers; of one without a name, its text."""
    match = _SELECTED.match(text) or _RETURNED.search(text)
    if match is None:
        return []
    columns, depth, start = [], 0, 0
    listed = match[1] + ","
    for place, sign in enumerate(listed):
        depth += (sign == "(") - (sign == ")")
        if sign == "," and not depth:
            columns.append(" ".join(listed[start:place].split()))
            start = place + 1
    return [named[1] if (named := _ALIAS.search(one) or _NAME.match(one)) else one for one in columns]


def main(arguments: list[str]) -> int:
    """Print the findings; return the exit code."""
    found = lint(Path(arguments[0]) if arguments else PACKAGE)
    for one in found:
        print(one)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
