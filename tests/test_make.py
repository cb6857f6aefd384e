"""What does `make run` say where it cannot work? One sentence, and nothing half-made that would be in the way the next time."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

TOO_OLD = """#!/bin/sh
[ "$1" = --version ] && echo "Python 3.9.2" && exit 0
exit 1
"""
# As Debian's is without the package python3-venv: it leaves an interpreter behind, and no pip.
WITHOUT_VENV = f"""#!/bin/sh
[ "$2" = venv ] && mkdir -p .venv/bin && ln -s {sys.executable} .venv/bin/python && echo "ensurepip is not available" && exit 1
exec {sys.executable} "$@"
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a folder with what `make run` reads."""
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    return tmp_path


def make(folder: Path, target: str, python: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        ["make", "--no-print-directory", target, f"PYTHON={python}"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def interpreter(folder: Path, text: str) -> str:
    """Write an interpreter of a test down."""
    file = folder / "python-of-tests"
    file.write_text(text)
    file.chmod(0o755)
    return str(file)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (TOO_OLD, "Poolkeeper needs Python 3.11 or newer, and {} is Python 3.9.2: name another one"),
        (WITHOUT_VENV, "{} cannot make an environment: install its venv module"),
    ],
)
def test_what_is_missing_is_said_in_one_sentence(checkout: Path, text: str, sentence: str) -> None:
    """The first line of what make says; no environment is left behind."""
    python = interpreter(checkout, text)
    done = make(checkout, "run", python)
    first, *rest = done.stderr.splitlines()

    assert done.returncode != 0
    assert first.startswith(sentence.format(python))
    assert [line for line in rest if not re.match(r"make(\[\d+\])?: \*\*\*", line)] == []
    assert not (checkout / ".venv").exists()


def test_an_interpreter_that_is_not_there_is_named(checkout: Path) -> None:
    """Whoever mistypes it reads which one was looked for."""
    assert "and python-of-nobody is not there: name another one" in make(checkout, "run", "python-of-nobody").stderr


def test_a_half_made_environment_is_made_anew(checkout: Path) -> None:
    """What an interrupted `make run` left behind has an interpreter, and no pip."""
    (checkout / ".venv/bin").mkdir(parents=True)
    (checkout / ".venv/bin/python").symlink_to(interpreter(checkout, TOO_OLD))
    done = make(checkout, ".venv/.made", sys.executable)

    assert done.returncode == 0, done.stderr
    subprocess.run([checkout / ".venv/bin/python", "-m", "pip", "--version"], check=True, capture_output=True)
    assert "is up to date" in make(checkout, ".venv/.made", sys.executable).stdout
