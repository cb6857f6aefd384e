"""Does the linter of the house count what it is for, and hold its bounds from both sides? It is given a house of its own."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

TOOL = Path(__file__).resolve().parents[1] / "tools" / "lint_house.py"
WRONG = {
    "files over 400 lines": "x = 1\n" * 401,
    "functions over 60 lines": "def long():\n" + "    x = 1\n" * 60,
    "docstrings that are a question alone": '"""Who is asked?"""\n',
    "imports from a file of tests": "from api.test_codes import confirm\n",
    "names that say nothing": "found = 1\n",
    "lines with words that say nothing": "# By the rules of then.\n",
    "errors told apart by a text": "same = fault.message == SENTENCE\n",
}
RIGHT = '"""Who is told? A reader who goes on."""\n\n\ndef short():\n' + "    x = 1\n" * 59 + "x = 1\n" * 330


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return the linter, with an empty house before it."""
    spec = importlib.util.spec_from_file_location("lint_house", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "src").mkdir()
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "BOUNDS", dict.fromkeys(WRONG, 0))
    return module


def test_what_is_within_the_bounds_is_not_told(house: ModuleType) -> None:
    """A file of 400 lines and a function of 60 are no longer than they may be."""
    (house.ROOT / "src/right.py").write_text(RIGHT)
    assert house.main() == 0


@pytest.mark.parametrize("kind", WRONG)
def test_what_is_beyond_a_bound_is_told_and_a_bound_that_is_too_high_as_well(
    house: ModuleType, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its place is named; with a bound of two there is one fewer by now."""
    (house.ROOT / "src/wrong.py").write_text(WRONG[kind])
    assert house.main() == 1
    assert "src/wrong.py" in capsys.readouterr().out
    house.BOUNDS[kind] = 1
    assert house.main() == 0
    house.BOUNDS[kind] = 2
    assert house.main() == 1
    assert f"{kind}: 1 by now" in capsys.readouterr().out


@pytest.mark.parametrize(
    "binding",
    [
        "one, other = pair",
        "told: int = 1",
        "if place := look(): pass",
        "for found in rows: pass",
        "names = [one.name for one in rows]",
        "with lock as place: pass",
        "try: look()\nexcept OSError as told: pass",
        "match rows:\n    case [found]: pass",
        "def look(place): pass",
        "look = lambda *, one: 1",
    ],
)
def test_a_name_that_says_nothing_is_noticed_however_it_is_bound(
    house: ModuleType, binding: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its line and the name are told."""
    (house.ROOT / "src/wrong.py").write_text(f"{binding}\n")
    assert house.main() == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("  src/wrong.py:")
    assert lines[1].rpartition(" ")[2] in binding


@pytest.mark.parametrize(
    "comparison",
    [
        "SENTENCE != fault.message",
        "fault.detail in WORDS",
        "WORD in fault.detail",
        "fault.detail.startswith(WORD)",
        '(fault.detail or "").endswith((WORD, OTHER))',
    ],
)
def test_an_error_that_is_told_by_its_text_is_noticed_however_it_is_compared(
    house: ModuleType, comparison: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its line is named."""
    (house.ROOT / "src/wrong.py").write_text(f"x = {comparison}\n")
    assert house.main() == 1
    assert capsys.readouterr().out.splitlines()[1:] == ["  src/wrong.py:1"]


def test_what_is_no_text_of_an_error_is_compared_freely(house: ModuleType) -> None:
    """A reason, whether there is a text at all, the whole message of a log, the detail of a Session; anything in tests."""
    right = (
        "fault.reason is LOCKED",
        "fault.detail is not None",
        "message == shown",
        "sealed.detail != digest",
        "log(fault.detail)",
    )
    (house.ROOT / "src/right.py").write_text("".join(f"x = {line}\n" for line in right))
    (house.ROOT / "tests").mkdir()
    (house.ROOT / "tests/right.py").write_text("assert fault.message == SENTENCE\n")
    assert house.main() == 0


def test_a_name_that_is_only_used_is_not_counted_and_neither_are_those_of_tests(house: ModuleType) -> None:
    """Attributes and the names of functions belong to whoever made them; tests read like prose."""
    (house.ROOT / "src/right.py").write_text("import found\n\nlook(one=found.told)\nrow.place = told()\n")
    (house.ROOT / "tests").mkdir()
    (house.ROOT / "tests/right.py").write_text("found = 1\n")
    assert house.main() == 0


@pytest.mark.parametrize(
    "line", ["# Whoever reads it.", '"""For whoever reads it."""', "# By the key of then, and of now."]
)
def test_words_that_say_nothing_are_noticed_in_the_source_alone(
    house: ModuleType, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line is named; a test may speak as people do."""
    (house.ROOT / "tests").mkdir()
    (house.ROOT / "tests/right.py").write_text(f"{line}\n")
    assert house.main() == 0
    (house.ROOT / "src/wrong.py").write_text(f"x = 1\n{line}\n")
    assert house.main() == 1
    assert "src/wrong.py:2 " in capsys.readouterr().out
