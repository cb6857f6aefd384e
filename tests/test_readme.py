"""Does the README work as it is written? Its blocks are taken out of the page and run, against a server that just started."""

import dataclasses
import re
import subprocess
import sys
from pathlib import Path

from poolkeeper.operations.tables import COGNITO_IDP, SERVICES
from server import program
from server.program import Place, place, serving

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def block(after: str, language: str) -> str:
    """Return the first block of a language after some words of the README."""
    found = re.search(rf"{re.escape(after)}.*?^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert found is not None, f"the README has no {language} block after {after!r}"
    return found[1]


def paste(where: Place, *scripts: str) -> "subprocess.CompletedProcess[str]":
    """Run scripts one after the other in one shell that knows nothing but what they say, at the port of the test."""
    script = "\n".join(scripts).replace("localhost:7665", f"localhost:{where.port}")
    return subprocess.run(
        ["bash", "-euc", script],
        env={"PATH": where.environment["PATH"], "HOME": str(where.folder), "AWS_EC2_METADATA_DISABLED": "true"},
        cwd=where.folder,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


RUN = {
    "sh": "{}",
    "python": 'python3 - <<"PROGRAM"\n{}\nPROGRAM',
    "js": 'cat > program.mjs <<"PROGRAM"\n{}\nPROGRAM\nnode program.mjs',
}


def test_the_first_sign_up_works_as_it_is_written(tmp_path: Path) -> None:
    """The blocks for the AWS CLI, JavaScript and Python each end with an access token of the demo pool."""
    where = place(tmp_path)
    (tmp_path / "node_modules").symlink_to(ROOT / "node_modules")
    with serving(where, "--dev"):
        for language, command in RUN.items():
            done = paste(where, command.replace("{}", block("## The first sign-up", language)))

            assert done.returncode == 0, done.stderr
            assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+", done.stdout.split()[-1]), language


def test_a_pool_of_ones_own_is_made_with_the_printed_key(tmp_path: Path) -> None:
    """The exports of the first start are pasted, then the README's block."""
    where = place(tmp_path)
    with serving(where, "--dev") as server:
        exports = re.findall(r"export AWS_[^\"\r\n]+", server.said())
        done = paste(where, *exports, block("## A pool of your own", "sh"))

    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"[a-z0-9]{26}\n", done.stdout)


def test_the_first_screen_says_what_it_is_and_how_to_start() -> None:
    """What, for whom, one line to start, a picture that is there and small, the state of it and the licence."""
    screen = README.split("## Start")[0]
    (picture,) = re.findall(r"!\[[^]]{20,}\]\((.+?)\)", screen)

    assert screen.count("\n") < 30
    assert (ROOT / picture).stat().st_size < 200_000
    for words in ("Amazon Cognito", "For developers", "make run", "**Status:**", "**Licence:**"):
        assert words in screen


def test_the_two_commands_of_the_readme_are_make_run_and_make_test() -> None:
    """Nothing else is needed to start, and nothing else to test."""
    commands = re.findall(r"^make \w+", block("## Start", "sh"), re.MULTILINE)

    assert commands == ["make run", "make test"]


def test_the_port_of_the_readme_is_the_default_one(tmp_path: Path) -> None:
    """An address in the README is the one that the server has when nobody says otherwise."""
    where = place(tmp_path)
    del where.environment["POOLKEEPER_PORT"]

    assert re.search(r"^port +7665 ", program.told(where, "settings"), re.MULTILINE)
    assert set(re.findall(r"localhost:(\d+)", README)) == {"7665"}


def test_the_env_file_of_ones_own_project_is_written_as_the_readme_says(tmp_path: Path) -> None:
    """From the folder that `make run` was said in; the start and the command name this program as a shell there finds it."""
    where = place(tmp_path)
    (tmp_path / ".venv").symlink_to(Path(sys.executable).parents[1])
    without = {**where.environment, "PATH": "/usr/bin:/bin"}
    first = block("## Your own project", "sh")
    with serving(where, "--dev"):
        done = paste(dataclasses.replace(where, environment=without), first, ". ./.env", 'echo "$COGNITO_ENDPOINT"')
        again = paste(dataclasses.replace(where, environment=without), ".venv/bin/poolkeeper status")

    assert (done.returncode, done.stdout) == (0, f"{where.endpoint}\n"), done.stderr
    assert "Lines for an .env file: .venv/bin/poolkeeper status --env" in again.stdout
    assert "once: .venv/bin/poolkeeper keys create" in again.stdout


def test_the_command_around_somebody_elses_tests_is_the_one_of_the_documentation() -> None:
    """Flags and all: docs/testing.md is tried by a test of its own."""
    (command,) = re.findall(r"^python -m poolkeeper\.testing .*$", README, re.MULTILINE)

    assert command in (ROOT / "docs" / "testing.md").read_text(encoding="utf-8").splitlines()


def test_what_is_built_names_every_service() -> None:
    """By the name of its model, and beside the page that has its operations."""
    built = README.split("## What is built, and what is not")[1].split("| there |")[0]

    assert {service.model.name for service in SERVICES} - set(re.findall(r"`([a-z-]+)`", built)) == set()


def test_what_is_not_there_yet_is_what_no_operation_does() -> None:
    """User pools lack the operations of one thing, which is named; the console is no operation."""
    rows = re.findall(r"^\| (.+) \| (.+?) ?\|$", README.split("## What is built, and what is not")[1], re.MULTILINE)
    missing = {missed.strip() for _, missed in rows if missed.strip()} - {"---", "not there yet"}

    assert missing == {"recovery to a point in time, the console"}
    unbuilt = {name for name, operation in COGNITO_IDP.operations.items() if operation.run is None}
    assert all("PointInTimeRecover" in name for name in unbuilt), unbuilt


def test_where_things_are_names_every_package() -> None:
    """A folder that a newcomer finds is in the list, and what is in the list is there."""
    listing = README.split("src/poolkeeper/\n")[1].split("```")[0].split("\ntests/")[0]
    listed = set(re.findall(r"(?:^| )((?:[a-z_]+/)|(?:[a-z_]+\.py))(?= {2,})", listing, re.MULTILINE))
    packages = {f"{folder.parent.name}/" for folder in (ROOT / "src/poolkeeper").glob("*/__init__.py")}

    assert packages - listed == set()
    assert {entry for entry in listed if not (ROOT / "src/poolkeeper" / entry).exists()} == set()
