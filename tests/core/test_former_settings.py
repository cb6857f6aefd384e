"""Does a setting that was renamed still work by its former name? It does, and the start says so."""

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from poolkeeper import cli
from poolkeeper.server import launch
from poolkeeper.settings import load, renamed

VARIABLE, FORMER_VARIABLE = "POOLKEEPER_ACCOUNT_NOTICES", "POOLKEEPER_MFA_NOTICES"


def file_that_says(folder: Path, *lines: str) -> dict[str, Any]:
    """Write a configuration file and return the flags that name it."""
    file = folder / "poolkeeper.toml"
    file.write_text("\n".join(lines))
    return {"config": str(file)}


def test_a_former_name_is_taken_from_each_source_and_said(tmp_path: Path) -> None:
    """Environment, file and flag alike."""
    file = file_that_says(tmp_path, "mfa_notices = false")
    given: list[tuple[dict[str, Any], dict[str, str], str]] = [
        ({}, {FORMER_VARIABLE: "off"}, "environment"),
        (file, {}, file["config"]),
        ({"mfa_notices": False}, {}, "flag"),
    ]
    for flags, environment, where in given:
        settings, sources = load(flags, environment, working_folder=tmp_path)
        assert not settings.account_notices
        (sentence,) = renamed(sources)
        assert sentence.startswith(f"The setting mfa_notices ({where}) is called account_notices now")


def test_sources_keep_their_order_whatever_name_they_use(tmp_path: Path) -> None:
    """A flag beats the environment, which beats the file; within one of them today's name counts."""
    file = file_that_says(tmp_path, "mfa_notices = false")
    settings, sources = load(file, {VARIABLE: "on"}, working_folder=tmp_path)
    assert (settings.account_notices, renamed(sources)) == (True, [])
    settings, sources = load({"mfa_notices": False}, {VARIABLE: "on"}, working_folder=tmp_path)
    assert (settings.account_notices, len(renamed(sources))) == (False, 1)
    settings, sources = load({}, {VARIABLE: "on", FORMER_VARIABLE: "off"}, working_folder=tmp_path)
    assert (settings.account_notices, renamed(sources)) == (True, [])


@pytest.mark.parametrize("former", [True, False])
def test_the_start_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, former: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    """`serve` takes the former flag, and one line of its standard error tells what it is called now."""
    served: list[bool] = []
    monkeypatch.setattr(launch, "launch", lambda settings, begun: served.append(settings.account_notices))
    flag = "--no-mfa-notices" if former else "--no-account-notices"
    result = CliRunner().invoke(cli.main, ["serve", "--data", str(tmp_path), flag])
    assert result.exit_code == 0
    assert served == [False]
    assert ("mfa_notices (flag) is called account_notices now" in result.stderr) is former
