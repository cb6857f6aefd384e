"""On what do these tests run? The servers of the API's tests, and a provider beside them."""

from collections.abc import Iterator

import pytest

from api.conftest import postgres, server, wire, world
from federation.partner import running_provider
from federation.provider import Provider

__all__ = ["postgres", "server", "wire", "world"]


@pytest.fixture
def provider() -> Iterator[Provider]:
    """Run a provider at which everybody says yes."""
    with running_provider() as made:
        yield made
