"""What does `make clients-more` say where it cannot build? Which program is missing, or which version it would need."""

from pathlib import Path

import pytest

from sdks.building import GO, require

OLD, NEW = "go version go1.19.8 linux/amd64", "go version go1.24.0 linux/amd64"


def told(monkeypatch: pytest.MonkeyPatch, folder: Path) -> str:
    """Return why a test is skipped on a machine that has the programs of a folder alone; empty where it is not."""
    monkeypatch.setenv("PATH", str(folder))
    try:
        require(GO)
    except pytest.skip.Exception as skipped:
        return str(skipped)
    return ""


def test_a_program_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert told(monkeypatch, tmp_path) == "Go is not tried: there is no `go` on this machine"


@pytest.mark.parametrize(
    ("version", "reason"),
    [(OLD, f"Go is not tried: it needs 1.24 or newer, and this machine has {OLD}"), (NEW, "")],
)
def test_a_version_that_is_too_old_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str, reason: str
) -> None:
    program = tmp_path / "go"
    program.write_text(f"#!/bin/sh\necho '{version}'\n")
    program.chmod(0o755)
    assert told(monkeypatch, tmp_path) == reason
