"""Does the README work as it is written? Its blocks are taken out of the page and run, against a server that just started."""

import re
import subprocess
from pathlib import Path

import pytest

from server import program
from server.program import Place, place, serving

README = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")


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


@pytest.mark.parametrize("language", ["sh", "python"])
def test_the_first_sign_up_works_as_it_is_written(language: str, tmp_path: Path) -> None:
    """The exports of the first start are pasted, then the README's block for the AWS CLI, or its program for boto3."""
    where = place(tmp_path)
    with serving(where, "--dev") as server:
        exports = re.findall(r"export AWS_[^\"\r\n]+", server.said())
        text = block("## The first sign-up", language)
        script = text if language == "sh" else f'python3 - <<"PROGRAM"\n{text}\nPROGRAM'
        done = paste(where, *exports, script)

    assert done.returncode == 0, done.stderr
    expected = '"AccessToken": "' if language == "sh" else "'ada@lovelace.example'"
    assert expected in done.stdout


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
