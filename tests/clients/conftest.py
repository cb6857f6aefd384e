"""What do the client tests share? A server on each engine, and an environment without the machine's AWS settings."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache, partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser

import postgres_server
from clients import chromium
from clients.application import bundle
from clients.serving import Server, serving
from clients.telling import Tell, told_by_node

# What the triggers of these tests are: handlers as AWS's guide shows them, run by the server.
FUNCTIONS = Path(__file__).parent / "handlers" / "poolkeeper.toml"


@pytest.fixture(autouse=True)
def no_aws_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide the AWS settings of the machine: a client may only know what its test tells it."""
    for name in os.environ:
        # Where the models of services are found is boto3's of this process for good, whoever asks first.
        if name.startswith(("AWS_", "COGNITO_")) and name != "AWS_DATA_PATH":
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "no-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "no-credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.fixture(scope="session")
def servers(
    postgres: postgres_server.PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Server]]:
    """Return what runs one development server for the session on the engine that it is asked for."""
    with ExitStack() as stack:

        @cache
        def server_on(engine: str) -> Server:
            settings = {"config": str(FUNCTIONS)}
            if engine == "postgresql":
                settings["database"] = postgres.create_database()
            return stack.enter_context(serving(tmp_path_factory.mktemp(engine), **settings))

        yield server_on


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, servers: Callable[[str], Server]) -> Server:
    """Hand a test the session's development server, on each engine."""
    return servers(request.param)


@pytest.fixture(scope="module")
def browser(server: Server) -> Iterator[Browser]:
    """Run Chromium, once the server is there: Playwright keeps the loop that starting one needs."""
    with chromium.running() as launched:
        yield launched


@pytest.fixture(scope="module")
def oidc_script(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the script of an application of oidc-client-ts."""
    folder = tmp_path_factory.mktemp("application")
    bundle("oidc_browser.mjs", folder)
    return folder


@pytest.fixture
def tell(tmp_path: Path) -> Tell:
    """Return a function that runs one story with its facts and returns what the story reports."""
    return partial(told_by_node, tmp_path)
