"""Does examples/scenario work as its README says? Its one command is run, and two people keep files in a browser."""

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from playwright.sync_api import Page, expect

from clients import chromium
from clients.serving import client_environment
from ports import free_ports

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "scenario"
NOT_TAKEN = shutil.ignore_patterns("node_modules", ".venv", ".env", ".vite", "dist", "data")
PASSWORD = "Correct-Horse-1"
SLOW = 60_000


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """Start the scenario by its command, beside what it would install, and yield the page's address."""
    place = folder / "examples" / "scenario"
    shutil.copytree(EXAMPLE, place, ignore=NOT_TAKEN)
    (place / "node_modules").symlink_to(ROOT / "node_modules")
    (folder / "src").symlink_to(ROOT / "src")
    for environment in (place, folder):
        (environment / ".venv").symlink_to(sys.prefix)
    names = ("FRONTEND_PORT", "BACKEND_PORT", "STORE_PORT", "POOLKEEPER_PORT", "POOLKEEPER_TLS_PORT")
    ports = dict(zip(names, map(str, free_ports(len(names))), strict=True))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(place / "run")],
            env=client_environment(folder, **ports),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            address = f"http://localhost:{ports['FRONTEND_PORT']}/"
            _wait_until_there(process, f"{address}api/files", folder / "log")
            _wait_until_there(process, f"http://localhost:{ports['STORE_PORT']}/store", folder / "log")
            yield address
        finally:
            process.terminate()
            code = process.wait(timeout=60)
    assert code == 0, (folder / "log").read_text()


def _wait_until_there(process: "subprocess.Popen[bytes]", address: str, log: Path) -> None:
    """Wait until somebody answers who refuses whoever shows nothing."""
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(address, trust_env=False, timeout=30).status_code in {401, 403}:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    raise AssertionError(f"the scenario does not run ({process.poll()}):\n{log.read_text()}")


def _told(page: Page, pattern: str) -> str:
    """Wait for what the page tells, and return it."""
    told = page.get_by_label("What happened")
    expect(told).to_have_text(re.compile(pattern), timeout=SLOW)
    return told.inner_text()


def _sign_in(page: Page, name: str) -> str:
    """Sign in on the page and return the id of the identity."""
    page.get_by_label("E-mail").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    _told(page, r"^Welcome\.$")
    return page.locator("#identity").inner_text()


def _put(page: Page, name: str, text: str) -> str:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Text").fill(text)
    page.get_by_role("button", name="Keep it").click()
    return _told(page, r"^Kept ").removeprefix("Kept ")


def _get(page: Page, key: str, expected: str) -> None:
    page.get_by_label("Key").fill(key)
    page.get_by_role("button", name="Read it").click()
    _told(page, expected)


def test_two_people_keep_files_and_none_reads_the_others(tmp_path: Path) -> None:
    """By the AWS SDK and by Amplify, from the browser; and by a backend, which acts with their credentials."""
    with running(tmp_path) as address, chromium.running() as browser:
        page = browser.new_page()
        page.set_default_timeout(SLOW)
        page.goto(address, timeout=120_000)  # Vite gets its dependencies ready at the first visit
        ada = _sign_in(page, "ada@example.com")
        kept = [_put(page, "by-sdk.txt", "one")]
        page.get_by_label("Credentials by").select_option("amplify")
        kept.append(_put(page, "by-amplify.txt", "two"))
        assert kept == [f"{ada}/by-sdk.txt", f"{ada}/by-amplify.txt"]
        for way in ("sdk", "amplify"):
            page.get_by_label("Credentials by").select_option(way)
            _get(page, kept[1], "^Read two$")
            page.get_by_role("button", name="List my files").click()
            _told(page, r"^Mine: by-amplify\.txt, by-sdk\.txt$")
        page.get_by_role("button", name="Let the backend list them").click()
        told = _told(page, "^The backend: 200 ").removeprefix("The backend: 200 ")
        assert json.loads(told) == ["by-amplify.txt", "by-sdk.txt"]

        page.get_by_role("button", name="Sign out").click()
        _told(page, r"^Bye\.$")
        assert _sign_in(page, "alan@example.com") != ada
        for way in ("sdk", "amplify"):
            page.get_by_label("Credentials by").select_option(way)
            _get(page, kept[0], "^AccessDenied")
        page.get_by_role("button", name="List my files").click()
        _told(page, r"^Mine:\s*$")


def test_the_scenario_is_what_the_suite_has_tried() -> None:
    """The versions of the example are those of the suite, and no lock file says where a package was fetched."""
    own, ours = (json.loads((folder / "package.json").read_text()) for folder in (EXAMPLE, ROOT))
    wanted = own["dependencies"] | own["devDependencies"]
    assert wanted == {name: ours["devDependencies"][name] for name in wanted}
    pinned, backend = (
        dict(re.findall(r"^([\w.-]+)==(\S+)", file.read_text(), re.MULTILINE))
        for file in (ROOT / "requirements" / "dev.txt", EXAMPLE / "backend" / "requirements.txt")
    )
    assert backend == {name: pinned[name] for name in backend}
    for lock in (EXAMPLE / "package-lock.json", EXAMPLE / "backend" / "requirements.txt"):
        assert not re.search(r'"resolved"|registry\.|npmjs|pypi|--index-url', lock.read_text())
