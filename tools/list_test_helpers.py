"""What is there for whoever writes a test? Each file below tests/ that holds no test, by what its docstring says.

`tools/generate_docs.py` writes docs/test-helpers.md from it.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent.parent / "tests"
_NOTE = "<!-- Written by tools/generate_docs.py: change the docstrings, then `make shapes`. -->\n"


def render() -> str:
    """Return the page."""
    return f"""# What tests share

{_NOTE}
No file of tests imports from another (`tools/lint_house.py` sees to it): what two of them use is in a file that says what it is
for. Fixtures that all have are in `tests/conftest.py`: `world` and `wire` are a running server on both engines, `postgres` an
empty PostgreSQL.

| file | what it is for |
| --- | --- |
{_lines()}"""


def _lines() -> str:
    return "".join(f"| `{name}` | {said} |\n" for name, said in sorted(_helpers()))


def _helpers() -> Iterator[tuple[str, str]]:
    for file in TESTS.rglob("*.py"):
        if not file.name.startswith("test_") and file.name not in {"__init__.py", "conftest.py"}:
            said = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
            name = str(file.relative_to(TESTS.parent))
            yield name, " ".join(said.partition("\n\n")[0].split()).replace("|", "\\|")
