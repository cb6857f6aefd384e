"""How do programs in other languages come to run? Their own tools fetch what is pinned, and build in `.bench/sdks`."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
BUILT = HERE.parents[1] / ".bench" / "sdks"


@dataclass(frozen=True, slots=True)
class Toolchain:
    """What a language needs on the machine: its programs, the first of which tells its version, and the least of these."""

    language: str
    programs: tuple[str, ...]
    asked: str
    least: tuple[int, int]


GO = Toolchain("Go", ("go",), "version", (1, 24))
JAVA = Toolchain("Java", ("javac", "java", "mvn"), "--version", (17, 0))
RUST = Toolchain("Rust", ("rustc", "cargo"), "--version", (1, 94))


def require(toolchain: Toolchain) -> None:
    """Skip a test where the machine cannot build for it, and say what is missing."""
    for program in toolchain.programs:
        if shutil.which(program) is None:
            pytest.skip(f"{toolchain.language} is not tried: there is no `{program}` on this machine")
    told = _run(toolchain.programs[0], toolchain.asked)
    found = re.search(r"(\d+)\.(\d+)", told)
    assert found is not None, told
    if (int(found[1]), int(found[2])) < toolchain.least:
        least = "{}.{}".format(*toolchain.least)
        pytest.skip(
            f"{toolchain.language} is not tried: it needs {least} or newer, and this machine has {told.strip()}"
        )


def go_story() -> list[str]:
    """Build the program of the AWS SDK for Go; return the command that runs it."""
    program = BUILT / "go" / "story"
    program.parent.mkdir(parents=True, exist_ok=True)
    _build("go", "build", "-mod=readonly", "-o", str(program), ".", folder=HERE / "go", GOTOOLCHAIN="local")
    return [str(program)]


def java_program(name: str) -> list[str]:
    """Fetch what the programs in Java run with; return the command that compiles one of them in memory and runs it."""
    libraries = BUILT / "java"
    _build(
        *("mvn", "--quiet", "--batch-mode", f"--file={HERE / 'java' / 'pom.xml'}", "dependency:copy-dependencies"),
        *(f"-DoutputDirectory={libraries}", "-DincludeScope=runtime", f"-Dmaven.repo.local={BUILT / 'maven'}"),
        folder=HERE / "java",
    )
    return ["java", "-cp", f"{libraries}/*", str(HERE / "java" / f"{name}.java")]


def rust_story() -> list[str]:
    """Build the program of the AWS SDK for Rust; return the command that runs it."""
    folder = BUILT / "rust"
    shutil.copytree(HERE / "rust", folder, dirs_exist_ok=True)
    # What is at hand says from where crates come; of which bytes they are, and in which versions, is ours to say.
    (folder / "Cargo.lock").unlink(missing_ok=True)
    _build("cargo", "generate-lockfile", "--quiet", folder=folder)
    source = re.search(r"^source = .*$", (folder / "Cargo.lock").read_text(), re.MULTILINE)
    assert source is not None
    pinned = (folder / "versions.lock").read_text()
    (folder / "Cargo.lock").write_text(re.sub(r"^checksum = ", f"{source[0]}\nchecksum = ", pinned, flags=re.MULTILINE))
    _build("cargo", "build", "--quiet", "--locked", folder=folder)
    return [str(folder / "target" / "debug" / "story")]


def _build(*command: str, folder: Path, **variables: str) -> None:
    """Run a step of a build, behind whatever else the machine does."""
    _run("nice", "-n", "10", *command, folder=folder, **variables)


def _run(*command: str, folder: Path = HERE, **variables: str) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env=os.environ | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=1_200,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout
