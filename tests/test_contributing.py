"""Do the recipes for contributors lead to what they name? Their paths, names and commands are followed."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src/poolkeeper"
RECIPES = (ROOT / "docs/contributing.md").read_text()


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:src|tests|tools)/[^`]+)`", RECIPES))))
def test_a_recipes_place_is_there(path: str) -> None:
    """Whoever follows it opens a file or a folder that exists."""
    assert (ROOT / path).exists()


@pytest.mark.parametrize(
    ("name", "path"),
    [
        *re.findall(r"`([A-Za-z_][\w.]*)` (?:in|of)\s+`(src/[^`]+\.py)`", RECIPES),
        *re.findall(r"`([A-Za-z_][\w.]*)`\s+\(`(src/[^`]+\.py)`", RECIPES),
    ],
)
def test_a_recipes_name_is_defined_there(name: str, path: str) -> None:
    """A table, a class, a function or a member that moved would send the reader astray."""
    text = (ROOT / path).read_text()
    *_, owner, member = ["", *name.split(".")]
    if owner:
        assert re.search(rf"^class {owner}\b", text, re.MULTILINE)
        assert re.search(rf"^ +(?:async def |def |self\.)?{member}\b", text, re.MULTILINE)
    else:
        assert re.search(rf"^(?:class |async def |def )?{member}\b", text, re.MULTILINE)


# One example of each kind that its recipe would have added: by what it is found, and below which folders and files it is looked for.
EXAMPLES = {
    "An operation": (r"\bChangePassword\b", ("",)),
    "A setting": (r"\bdomain_paths\b", ("settings", "cli")),
    "A table of poolkeeper.toml": (r"\b(?:read_)?verifiers\b", ("settings", "cli")),
    "A table": (r"\bclient_documents\b", ("store",)),
    "A column of sessions": (
        r"\bclient_url\b",
        (
            "store/sessions.py",
            "store/migrations",
            "auth/opening.py",
            "model/session.py",
            "model/admission.py",
            "decoding.py",
        ),
    ),
    "A step of signing in": (r"\bFirstFactors\b|\"SELECT_CHALLENGE\"", ("",)),
    "A page": (r"\bSetUpAddress\b|\bSET_UP_ADDRESS\b", ("",)),
    "An OAuth endpoint": (r"/oauth2/introspect\b", ("",)),
    "A sender": (r"\bSnsTransport\b|\bSnsSender\b", ("",)),
    "A job": (r"\bIDLE_GUESTS\b|\bidle_guests\b", ("",)),
    "An event": (r"\bALIAS_TAKEN\b", ("model",)),
}


@pytest.mark.parametrize("title", EXAMPLES)
def test_a_recipe_names_every_place_of_an_example(title: str) -> None:
    """Each file that knows of it is named, or is the one module that the recipe has one write in a folder."""
    pattern, below = EXAMPLES[title]
    section = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", RECIPES, re.MULTILINE | re.DOTALL)
    assert section is not None
    named = set(re.findall(r"`src/poolkeeper/([^`]+)`", section[1]))
    knowing = {
        file.relative_to(SOURCE)
        for start in below
        for file in ([SOURCE / start] if (SOURCE / start).is_file() else (SOURCE / start).rglob("*"))
        if file.suffix in {".py", ".sql", ".html"}
        and "generated" not in file.parts
        and re.search(pattern, file.read_text())
    }
    assert len(knowing) > (title != "An event")
    left = sorted(file for file in knowing if file.as_posix() not in named)
    assert [file for file in left if f"{file.parent.as_posix()}/" not in named] == []
    assert len(left) == len({file.parent for file in left}), "a folder stands for one module, the one that is new"


def test_a_recipes_commands_are_targets_of_make() -> None:
    """As `make help` lists them."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    asked = set(re.findall(r"`make ([a-z-]+)`", RECIPES))
    assert asked
    assert asked <= targets
