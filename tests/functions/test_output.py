"""Does a handler that prints without end hold anybody up? So many lines a second are logged, the rest is counted."""

import logging
import re
from pathlib import Path

import pytest

from functions.setting_up import entry, invoke, settings_of


def test_a_flood_is_counted_and_not_kept(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Of 20,000 lines a few hundred are logged; no line is unaccounted for."""
    (tmp_path / "mine.py").write_text(
        "def handler(event, context):\n    print('x\\n' * 19_999)\n    return 'printed'\n"
    )
    settings = settings_of(tmp_path, entry(transport="local", handler="python:mine:handler"))
    caplog.set_level(logging.INFO, logger="poolkeeper.functions")

    assert invoke(settings) == "printed"

    said = [record.getMessage() for record in caplog.records if record.name == "poolkeeper.functions"]
    told = sum(line == "pre-sign-up: x" for line in said)
    counted = sum(int(found[1]) for line in said if (found := re.search(r"\((\d+) lines more\)", line)))
    assert 200 <= told <= 2_000
    assert told + counted in {19_999, 20_000}
