"""Beside what do these tests run? A provider."""

from collections.abc import Iterator

import pytest

from federation.partner import running_provider
from federation.provider import Provider


@pytest.fixture
def provider() -> Iterator[Provider]:
    """Run a provider at which everybody says yes."""
    with running_provider() as made:
        yield made
