"""What do we not know about AWS? Every mark `UNVERIFIED:` of src/, with what would settle it, as a page."""

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parent.parent / "src"
MARK = "UNVERIFIED:"
_END = re.compile(r'\n\s*\n|"""')
# What points at its neighbours in the source says nothing on the page, nor in the source once a neighbour has moved.
_POINTS = re.compile(
    r"\b(?:(?:next|last|first|these|those) (?:two|three|four|ones?)\b|the (?:two|three)\b|of both\b|these (?:sentences|words)\b"
    r"|(?:but|and) the (?:first|last)\b|below\b|above\b)",
    re.IGNORECASE,
)
# What holds for a whole module holds for no value of it.
_OF_ALL = re.compile(r"\ball (?:refusals|sentences)\b")


class Pointing(Exception):  # noqa: N818 - a mark, and not an accident
    """A mark that says by where it stands what it is about."""


def main() -> int:
    """Print the page."""
    print(render(), end="")
    return 0


def render() -> str:
    """Return docs/unverified.md: each mark once, by file, in the order of the file."""
    sections = []
    for file in sorted(SOURCE.rglob("*.py")):
        if found := list(dict.fromkeys(marks(file))):
            items = "\n".join(f"- {text}" for text in found)
            sections.append(f"## {file.relative_to(SOURCE)}\n\n{items}\n")
    return (
        "# What is not known about AWS\n\n<!-- Written by tools/generate_docs.py: change the code, then `make shapes`. -->\n\n"
        "Where Cognito's behaviour is not documented and was not recorded, Poolkeeper does what stands to reason. Each such\n"
        "place is marked beside the code, with what would settle it.\n\n" + "\n".join(sections)
    )


def marks(file: Path) -> Iterator[str]:
    """Yield each mark of a file as `name: text`; a text ends with its comment, or its docstring's paragraph.

    The name is that of the function that the mark is in, or of the value that it stands at. Raises Pointing.
    """
    with tokenize.open(file) as source:
        text = source.read()
    tree = ast.parse(text)
    functions, values = list(_functions(tree)), list(_values(tree))
    for line, said in _said(text):
        if _POINTS.search(said):
            raise Pointing(f"{file}:{line}: a mark names what it is about, and points at nothing: {said}")
        around = [name for name, first, last in functions if first <= line <= last]
        if not around and not _OF_ALL.search(said):
            around = [name for name, first, last in values if first <= line <= last]
        yield f"`{around[-1]}`: {said}" if around else said


def _functions(tree: ast.Module) -> Iterator[tuple[str, int, int]]:
    """Yield the name, the first and the last line of every function; the innermost is the last that a line is in."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.lineno, node.end_lineno or 0


def _values(tree: ast.Module) -> Iterator[tuple[str, int, int]]:
    """Yield the same of every value of a module or class; of several in one statement all the names."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield name, node.lineno, node.end_lineno or 0
            case ast.Assign(targets=[ast.Tuple(elts=names)]):
                listed = "`, `".join(name.id for name in names if isinstance(name, ast.Name))
                yield listed, node.lineno, node.end_lineno or 0
            case _:
                pass


def _said(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of each mark, from blocks of comments and from strings."""
    block: list[str] = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            block.append(token.string.lstrip("# "))
        elif token.type != tokenize.NL:
            said = "\n".join(block) + ("\n\n" + token.string if token.type == tokenize.STRING else "")
            block = []
            for part in said.split(MARK)[1:]:
                yield token.start[0], " ".join(_END.split(part, maxsplit=1)[0].split())


if __name__ == "__main__":
    sys.exit(main())
