"""Does the page of unknowns hold every mark of the source? What we do not know of AWS is written down, all of it."""

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "unverified.md"
MARK = "UNVERIFIED:"


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    """Load tools/list_unverified.py, which is a script and no package."""
    spec = importlib.util.spec_from_file_location("list_unverified", ROOT / "tools" / "list_unverified.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def files_with_marks() -> dict[str, int]:
    """Count the marks of each file by a search for the word alone."""
    counts = {
        file.relative_to(ROOT / "src").as_posix(): file.read_text().count(MARK)
        for file in sorted((ROOT / "src").rglob("*.py"))
    }
    return {file: count for file, count in counts.items() if count}


def test_the_page_is_what_the_source_says(tool: ModuleType) -> None:
    """The page and the marks do not differ."""
    assert PAGE.read_text() == tool.render()


def test_no_mark_is_left_out(tool: ModuleType) -> None:
    """Every file with a mark has its section with that many lines, as a plain search for the word finds them."""
    sections = re.split(r"^## ", tool.render(), flags=re.MULTILINE)[1:]
    listed = {section.split("\n", 1)[0]: section.count("\n- ") for section in sections}
    assert listed == files_with_marks()


def test_every_mark_says_something(tool: ModuleType) -> None:
    """A mark names what is not known: it is more than the word."""
    texts = re.findall(r"^- (.+)$", tool.render(), flags=re.MULTILINE)
    assert len(texts) > 5
    assert [text for text in texts if len(text.split()) < 4] == []


def test_a_new_mark_changes_the_page(tool: ModuleType, tmp_path: Path) -> None:
    """Marks are found in comments of several lines and in docstrings, and nowhere else."""
    file = tmp_path / "toy.py"
    file.write_text(
        '"""A toy. UNVERIFIED: the colour\nof the toy."""\n\n\ndef play() -> None:\n'
        "    # UNVERIFIED: whether it squeaks;\n    # pressing it would settle it.\n    return None\n"
    )
    assert list(tool.marks(file)) == [
        "the colour of the toy.",
        "`play`: whether it squeaks; pressing it would settle it.",
    ]
