"""Does examples/react-app work as its README says? Its one command is run, and a person uses it in a browser."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from clients import chromium, person, react_app
from clients.oauth import silently
from clients.react_app import EXAMPLE, ROOT, Running
from clients.serving import Server, service, serving, verified_claims


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """One server on SQLite, as `make run` has it; that clients find both engines alike is tried by the other tests."""
    with serving(tmp_path) as started:
        yield started


@pytest.fixture
def example(server: Server) -> Iterator[Running]:
    with react_app.running(server) as started:
        yield started


@pytest.fixture
def browser() -> Iterator[Browser]:
    with chromium.running() as launched:
        yield launched


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open a browser of one's own, and demand at the end that nothing was complained about in it."""
    context = browser.new_context()
    opened = context.new_page()
    opened.set_default_timeout(15_000)
    faults: list[str] = []
    opened.on("pageerror", lambda fault: faults.append(str(fault)))
    opened.on("console", lambda line: faults.append(f"{line.text} {line.location}") if line.type == "error" else None)
    yield opened
    context.close()
    assert faults == []


def _sign_up(page: Page, server: Server, example: Running, address: str) -> None:
    """Go from the application to the pool's pages, and make an account there."""
    page.goto(example.address, timeout=90_000)  # Vite gets its dependencies ready at the first visit
    page.get_by_role("button", name="Sign in").click()
    person.sign_up(page, server, example.pool_id, address)
    expect(page.get_by_text(f"Signed in as {address}")).to_be_visible()


def _assert_backend_is_strict(server: Server, example: Running, address: str, held: dict[str, str]) -> None:
    """Check that garbage, an ID token, a forged one, and one of the same pool for another client are refused by 401."""
    others = service(server).create_user_pool_client(
        UserPoolId=example.pool_id, ClientName="others", ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]["ClientId"]
    foreign = service(server).initiate_auth(
        ClientId=others,
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": address, "PASSWORD": person.PASSWORD},
    )["AuthenticationResult"]["AccessToken"]

    def status(token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.get(f"{example.address}api/me", headers=headers, trust_env=False).status_code

    header, payload, signature = held["access_token"].split(".")
    wrong = ["garbage", held["id_token"], f"{header}.{payload}.{signature[::-1]}", f"{header}.{payload}.", foreign]
    assert [status(token) for token in wrong] == [401] * len(wrong)
    assert status(held["access_token"]) == 200


def test_a_person_signs_up_calls_the_backend_refreshes_and_signs_out(
    server: Server, example: Running, page: Page
) -> None:
    """From nothing to an account, and from there to the end of the browser session, by what stands on the pages."""
    address = "ada@lovelace.example"
    _sign_up(page, server, example, address)

    expect(page).to_have_url(example.address)
    page.reload()  # the code in the address is spent by now, and must be gone
    expect(page.get_by_text(f"Signed in as {address}")).to_be_visible()
    first = react_app.held(page)
    claims = verified_claims(server, example.pool_id, first["access_token"])
    assert (claims["client_id"], claims["scope"]) == (example.client_id, "openid email")

    page.get_by_role("button", name="Call the backend").click()
    answer = page.get_by_label("Answer of the backend")
    expect(answer).to_have_text(re.compile("^200 "))
    assert json.loads(answer.inner_text().removeprefix("200 "))["sub"] == claims["sub"]

    _assert_backend_is_strict(server, example, address, first)

    expect(page.get_by_test_id("token")).to_have_text(claims["jti"])
    page.get_by_role("button", name="Refresh").click()
    expect(page.get_by_test_id("token")).not_to_have_text(claims["jti"])
    second = react_app.held(page)
    later = verified_claims(server, example.pool_id, second["access_token"])
    assert [later[name] for name in ("sub", "auth_time", "origin_jti")] == [
        claims[name] for name in ("sub", "auth_time", "origin_jti")
    ]
    assert "code" in silently(page, server, example.pool_id, example.client_id, example.address)

    with page.expect_response(lambda response: "/logout?" in response.url):
        page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("Nobody is signed in.")).to_be_visible()
    expect(page).to_have_url(example.address)
    told = silently(page, server, example.pool_id, example.client_id, example.address)
    assert told["error"] == "login_required"
    idp = service(server)
    with pytest.raises(idp.exceptions.NotAuthorizedException, match="Refresh Token has been revoked"):
        idp.get_tokens_from_refresh_token(ClientId=example.client_id, RefreshToken=second["refresh_token"])


def test_the_example_is_what_the_suite_has_tried() -> None:
    """The versions of the example are those of the suite, and no lock file says where a package was fetched."""
    own, ours = (json.loads((folder / "package.json").read_text()) for folder in (EXAMPLE, ROOT))
    wanted = own["dependencies"] | own["devDependencies"]
    assert wanted == {name: ours["devDependencies"][name] for name in wanted}

    pinned = dict(re.findall(r"^([\w-]+)==(\S+)", (ROOT / "requirements" / "dev.txt").read_text(), re.MULTILINE))
    backend = dict(
        re.findall(r"^([\w-]+)==(\S+)", (EXAMPLE / "backend" / "requirements.txt").read_text(), re.MULTILINE)
    )
    assert backend == {name: pinned[name] for name in backend}

    for lock in (EXAMPLE / "package-lock.json", ROOT / "package-lock.json", EXAMPLE / "backend" / "requirements.txt"):
        assert not re.search(r'"resolved"|registry\.|npmjs|pypi|--index-url', lock.read_text())


def test_its_own_tests_pass() -> None:
    """As its README has them run; what pip would install is in the environment of this suite."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "-q", str(EXAMPLE)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    told = subprocess.run(
        command, cwd=EXAMPLE, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert "2 passed" in told.stdout, told.stdout + told.stderr
