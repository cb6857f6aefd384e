"""What do the pages' tests share? A real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from clients import chromium


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run Chromium for the tests of one file."""
    with chromium.running() as launched:
        yield launched
