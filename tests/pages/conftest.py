"""What do the pages' tests share? A real browser, and the servers of the API's tests."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from api.conftest import postgres, server, wire, world

__all__ = ["browser", "postgres", "server", "wire", "world"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    assert Path(program).exists(), f"there is no browser at {program}: install chromium, or name one in CHROMIUM"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=program,
            args=[
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield launched
        launched.close()
