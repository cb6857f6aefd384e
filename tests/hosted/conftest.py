"""On what do these tests run beside the session's servers? On one behind a proxy that ends TLS."""

import time
from collections.abc import Iterator
from dataclasses import replace

import botocore.auth
import pytest

from api.world import World, round_to_second, running, settings_for


@pytest.fixture(scope="session")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Run one server for the session that is not in development and is called https://id.example.com outside."""
    settings = settings_for(tmp_path_factory.mktemp("behind"), dev=False, base_url="https://id.example.com")
    with running(settings, engine="sqlite", started_at=round_to_second(time.time_ns() // 1_000_000)) as made:
        yield replace(made, url=f"http://127.0.0.1:{settings.port}")


@pytest.fixture
def behind_tls(production: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Hand a test that server, and botocore its clock."""
    monkeypatch.setattr(botocore.auth, "get_current_datetime", production.clock.datetime)
    return production
