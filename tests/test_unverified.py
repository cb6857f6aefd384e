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


def test_a_mark_about_words_says_of_which_refusal(tool: ModuleType) -> None:
    """By the name of the function or the value that it stands at: "the words" alone are nobody's on the page."""
    items = re.findall(r"^- (.+)$", tool.render(), flags=re.MULTILINE)
    unnamed = [item for item in items if re.match(r"(?:error and |name and |the )?(?:words|sentences?)\b", item)]
    assert [
        item for item in unnamed if not re.search(r"\ball (?:refusals|sentences)\b|\ball that is refused\b", item)
    ] == []


@pytest.mark.parametrize(
    "said",
    [
        "the words of the next two; such requests would settle them.",
        "the words of these two; a call would settle them.",
        "the first and the last; a text would settle them.",
        "all but the first; a page has that one.",
        "the two sentences below; a call would tell.",
        "these sentences; a job would settle them.",
        "the words of both; a call would settle them.",
    ],
)
def test_a_mark_that_points_at_its_neighbours_is_refused(tool: ModuleType, tmp_path: Path, said: str) -> None:
    """Once a neighbour has moved, it says something else."""
    file = tmp_path / "toy.py"
    file.write_text(f"# UNVERIFIED: {said}\nCOLOUR = 1\n")
    with pytest.raises(tool.Pointing, match="points at nothing"):
        list(tool.marks(file))


def test_a_new_mark_changes_the_page(tool: ModuleType, tmp_path: Path) -> None:
    """Marks are found in comments of several lines and in docstrings, and nowhere else."""
    file = tmp_path / "toy.py"
    file.write_text(
        '"""A toy. UNVERIFIED: the colour\nof the toy."""\n\n\ndef play() -> None:\n'
        "    # UNVERIFIED: whether it squeaks;\n    # pressing it would settle it.\n    return None\n\n\n"
        "class Toy:\n    # UNVERIFIED: the weight.\n    WEIGHT = 1\n\n\n"
        "# UNVERIFIED: the sizes.\nLENGTH, WIDTH = 1, 2\nPARTS = {\n    # UNVERIFIED: the name of a part.\n    1: 'wheel',\n}\n"
        "# UNVERIFIED: the words of all refusals here.\n_LIMIT = 1\n"
    )
    assert list(tool.marks(file)) == [
        "the colour of the toy.",
        "`play`: whether it squeaks; pressing it would settle it.",
        "`WEIGHT`: the weight.",
        "`LENGTH`, `WIDTH`: the sizes.",
        "`PARTS`: the name of a part.",
        "the words of all refusals here.",
    ]
