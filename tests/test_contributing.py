"""Do the recipes for contributors lead to what they name? Their paths, names and commands are followed."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
RECIPES = (ROOT / "docs/contributing.md").read_text()


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:src|tests|tools)/[^`]+)`", RECIPES))))
def test_a_recipes_place_is_there(path: str) -> None:
    """Whoever follows it opens a file or a folder that exists."""
    assert (ROOT / path).exists()


@pytest.mark.parametrize(
    ("name", "path"),
    [
        *re.findall(r"`([A-Z]\w+)` (?:in|of)\s+`(src/[^`]+)`", RECIPES),
        *re.findall(r"`([A-Z]\w+)`\s+\(`(src/[^`]+)`", RECIPES),
    ],
)
def test_a_recipes_name_is_defined_there(name: str, path: str) -> None:
    """A table or a class that moved would send the reader astray."""
    assert re.search(rf"^(?:class {name}\b|{name}\b)", (ROOT / path).read_text(), re.MULTILINE)


def test_a_recipes_commands_are_targets_of_make() -> None:
    """As `make help` lists them."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    asked = set(re.findall(r"`make ([a-z-]+)`", RECIPES))
    assert asked
    assert asked <= targets
