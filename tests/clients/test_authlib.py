"""Does Authlib work, unmodified? A web application with a secret, as Authlib's guide has it, and a person with a browser."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page

from clients import person
from clients.oauth import oauth_client
from clients.serving import Server, client_environment, new_pool, new_user, verified_claims
from ports import free_ports

PROGRAM = Path(__file__).parent / "authlib_application.py"


@pytest.fixture
def pool_id(server: Server) -> str:
    made = new_pool(server)
    new_user(server, made, "alma", person.PASSWORD)
    return made


@pytest.fixture
def home(server: Server, pool_id: str, tmp_path: Path) -> Iterator[str]:
    """Run the application, and return its address."""
    (port,) = free_ports(1)
    address = f"http://localhost:{port}/"
    client = oauth_client(
        server,
        pool_id,
        address,
        CallbackURLs=[f"{address}callback"],
        AllowedOAuthScopes=["openid", "email"],
        GenerateSecret=True,
    )
    facts = {
        "port": port,
        "issuer": f"{server.endpoint}/{pool_id}",
        "client_id": client["ClientId"],
        "client_secret": client["ClientSecret"],
    }
    log = tmp_path / "log"
    with log.open("wb") as written:
        process = subprocess.Popen(
            [sys.executable, str(PROGRAM), json.dumps(facts)],
            env=client_environment(tmp_path),
            stdout=written,
            stderr=written,
        )
    try:
        _wait_until_there(process, address, log)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_until_there(process: "subprocess.Popen[bytes]", address: str, log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(address, trust_env=False).raise_for_status()
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"the application does not run:\n{log.read_text()}")


def _shown(page: Page) -> dict[str, Any]:
    """Return what the application answered last."""
    answer: dict[str, Any] = json.loads(page.locator("pre").inner_text())
    return answer


def test_a_web_application_signs_in_refreshes_revokes_and_signs_out(
    server: Server, browser: Browser, pool_id: str, home: str
) -> None:
    """Discovery, code with PKCE and nonce, userInfo, refresh, revocation, RP-initiated sign-out with its state."""
    page = browser.new_page()
    page.goto(f"{home}sign-in")
    person.sign_in(page, "alma")
    page.wait_for_url(f"{home}callback?*")
    signed_in = _shown(page)
    assert signed_in["told"]["sub"] == signed_in["claims"]["sub"]
    assert signed_in["told"]["email"] == signed_in["claims"]["email"] == "alma@example.com"

    page.goto(f"{home}refresh")
    refreshed = _shown(page)["token"]
    before, after = (
        verified_claims(server, pool_id, token["access_token"]) for token in (signed_in["token"], refreshed)
    )
    assert before["jti"] != after["jti"]
    assert before["origin_jti"] == after["origin_jti"]

    page.goto(f"{home}revoke")
    assert _shown(page) == {"status": 200}
    page.goto(f"{home}refresh")
    assert _shown(page) == {"error": "invalid_grant"}

    page.goto(f"{home}out")
    page.wait_for_url(f"{home}?*")
    assert _shown(page) == {"left": {"post_logout_redirect_uri": home}}
    page.goto(f"{home}sign-in?prompt=none")
    assert _shown(page) == {"error": "login_required"}
    page.close()
