"""Is everything in the box? Licence, metadata, documents and pins, in the wheel and in the source archive."""

import shutil
import subprocess
import sys
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [
    "README.md",
    "CHANGELOG.md",
    "SECURITY.md",
    *(str(one.relative_to(ROOT)) for one in ROOT.glob("docs/**/*.md")),
]
PINS = ["requirements/base.in", "requirements/base.txt"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build both from a copy, without what an installation leaves beside the sources, and return their folder."""
    copy = tmp_path_factory.mktemp("box") / "poolkeeper"
    copy.mkdir()
    for one in ("src", "docs", "requirements"):
        shutil.copytree(ROOT / one, copy / one, ignore=shutil.ignore_patterns("*.egg-info", "__pycache__"))
    for name in ("pyproject.toml", "MANIFEST.in", "LICENSE", "Makefile", *DOCUMENTS[:3]):
        shutil.copy(ROOT / name, copy / name)
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(copy / "dist"), str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return copy / "dist"


def test_the_wheel_holds_all_that_runs_and_all_that_is_read(built: Path) -> None:
    """Every file of the package, the licence by its name and its text, the documents and the pins."""
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        (about,) = (name for name in names if name.endswith(".dist-info/METADATA"))
        metadata = Parser().parsestr(archive.read(about).decode())
        licence = archive.read(about.replace("METADATA", "licenses/LICENSE")).decode()
    package = ROOT / "src" / "poolkeeper"
    files = {
        f"poolkeeper/{one.relative_to(package)}"
        for one in package.rglob("*")
        if one.is_file() and "__pycache__" not in one.parts
    }
    share = f"{about.split('.dist-info')[0]}.data/data/share/doc/poolkeeper"

    assert files - names == set()
    assert {f"{share}/{one}" for one in [*DOCUMENTS, *PINS]} - names == set()
    assert metadata["License-Expression"] == "Apache-2.0"
    assert "Version 2.0, January 2004" in licence
    for field in ("Summary", "Author", "Keywords", "Classifier", "Requires-Python", "Description-Content-Type"):
        assert metadata[field], field


def test_the_source_archive_builds_from_what_it_holds(built: Path) -> None:
    """Licence, documents, pins and the Makefile are in it."""
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}

    assert {*DOCUMENTS, *PINS, "LICENSE", "MANIFEST.in", "Makefile", "pyproject.toml"} - names == set()


def test_what_is_pinned_is_what_is_asked_for() -> None:
    """Each dependency of the metadata has a pin with a hash."""
    pins = (ROOT / "requirements" / "base.txt").read_text(encoding="utf-8").lower()
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    asked = text.split("dependencies = [", 1)[1].split("]", 1)[0].replace('"', "").split(",")
    names = [one.strip().split(">")[0].split("=")[0] for one in asked if one.strip()]

    assert len(names) > 10
    assert [name for name in names if f"\n{name}==" not in f"\n{pins}"] == []
    assert "--hash=sha256:" in pins
