"""Does what one is told to type lead back to this server? By this program's name, its flags, and its folder."""

from pathlib import Path

import pytest

from poolkeeper.server import typed


def test_this_program_is_named_as_a_shell_finds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its name where that is on the path, else as it was called, seen from here."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert typed.program_as_called(".venv/bin/poolkeeper") == ".venv/bin/poolkeeper"
    assert typed.program_as_called(str(tmp_path / ".venv/bin/poolkeeper")) == ".venv/bin/poolkeeper"
    assert typed.program_as_called("/opt/my tools/poolkeeper") == "'/opt/my tools/poolkeeper'"
    assert typed.program_as_called("-c") == "poolkeeper"
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "poolkeeper").touch(mode=0o755)
    assert typed.program_as_called(".venv/bin/poolkeeper") == "poolkeeper"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["poolkeeper", "serve", "--dev"], "poolkeeper serve --dev --port 7680"),
        (["/usr/bin/poolkeeper", "serve", "--port", "7665", "--dev"], "poolkeeper serve --dev --port 7680"),
        ([str(Path.cwd() / ".venv/bin/poolkeeper"), "serve"], ".venv/bin/poolkeeper serve --port 7680"),
        (["poolkeeper", "serve", "--port=7665", "--data", "my data"], "poolkeeper serve --data 'my data' --port 7680"),
    ],
)
def test_the_way_out_repeats_what_was_typed(arguments: list[str], expected: str) -> None:
    """With the port replaced, and nothing lost that would make another server of it."""
    assert typed.typed_again(arguments, "--port", 7680) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [("data", ""), ("other", " --data other"), ("/srv/my data", " --data '/srv/my data'")],
)
def test_a_folder_that_is_not_the_usual_one_is_named(data: str, expected: str) -> None:
    """A command without it would be about another server, or about none."""
    assert typed.folder_flag(Path(data)) == expected
    assert typed.folder_flag(Path.cwd() / "data") == ""
