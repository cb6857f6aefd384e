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
    """Yield each mark of a file as `function: text`; a text ends with its comment, or its docstring's paragraph."""
    with tokenize.open(file) as source:
        text = source.read()
    functions = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    for line, said in _said(text):
        around = [one.name for one in functions if one.lineno <= line <= (one.end_lineno or 0)]
        yield f"`{around[-1]}`: {said}" if around else said


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
