"""Do the lines of the page at `/` work as they are copied? Each kind of program that can be run here is, from the page's text."""

import html
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from clients.serving import Server, client_environment, new_client, new_pool, service
from clients.telling import NODE_MODULES

pytestmark = pytest.mark.parametrize("server", ["sqlite"], indirect=True)  # a client sees no database

# A browser has one, and Node from 21 on: Amplify names the device by it.
BROWSER = "data:text/javascript,globalThis.navigator ??= { userAgent: 'Mozilla/5.0 (snippet)' };"
PYTHON, SHELL = "app.py", "app.sh"


@pytest.fixture
def client(server: Server) -> dict[str, str]:
    """Make a pool as the page's programs want it, and an app client of it."""
    made: dict[str, str] = new_client(server, new_pool(server, UsernameAttributes=["email"]))
    return made


def lines(server: Server, client: dict[str, str], word: str) -> str:
    """Return the lines that the page shows for one kind of program."""
    address = f"{server.endpoint}/?client={client['ClientId']}&show={word}"
    page = httpx.get(address, trust_env=False).text
    found = re.search(r'<pre class="code" id="snippet"[^>]*>(.*?)</pre>', page, re.DOTALL)
    assert found is not None
    return html.unescape(found[1])


def node(program: str) -> list[str]:
    found = shutil.which("node")
    assert found is not None, "node is not installed: Node 20 or newer runs the JavaScript clients"
    return [found, "--import", BROWSER, program]


COMMANDS: dict[str, Callable[[], list[str]]] = {
    "amplify": lambda: node("amplify.mjs"),
    "sdk": lambda: node("sdk.mjs"),
    "boto3": lambda: [sys.executable, PYTHON],
    "cli": lambda: ["bash", "-eu", SHELL],
}


def run(folder: Path, command: list[str], program: str, *arguments: str) -> str:
    """Write a program down in a folder that has the clients, run it, and return what it prints."""
    (folder / command[-1]).write_text(program)
    if not (folder / "node_modules").exists():
        (folder / "node_modules").symlink_to(NODE_MODULES)
    path = client_environment(folder)["PATH"]
    done = subprocess.run(
        [*command, *arguments],
        env=client_environment(folder, PATH=f"{Path(sys.executable).parent}:{path}"),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("word", COMMANDS)
def test_the_lines_go_all_the_way_to_an_access_token(
    server: Server, client: dict[str, str], word: str, tmp_path: Path
) -> None:
    """A sign-up, its code out of the inbox, and a sign-in; then aws-jwt-verify's lines accept the token."""
    token = run(tmp_path, COMMANDS[word](), lines(server, client, word)).split()[-1]
    verify = node("verify.mjs")
    claims = run(tmp_path, verify, lines(server, client, "verify"), token)

    assert f"client_id: '{client['ClientId']}'" in claims
    assert "token_use: 'access'" in claims


def test_the_lines_of_one_tab_work_after_those_of_another(
    server: Server, client: dict[str, str], tmp_path: Path
) -> None:
    """Each is shown when its tab is opened, with a name that nobody has by then."""
    for word in ("boto3", "sdk"):
        assert run(tmp_path, COMMANDS[word](), lines(server, client, word)).count(".") == 2


def test_the_verifier_takes_no_token_of_another_client(server: Server, client: dict[str, str], tmp_path: Path) -> None:
    """Nor one of another kind: the lines are not for show."""
    token = run(tmp_path, COMMANDS["boto3"](), lines(server, client, "boto3")).split()[-1]
    other = new_client(server, client["UserPoolId"])
    with pytest.raises(AssertionError, match="not for us"):
        run(tmp_path, node("verify.mjs"), lines(server, other, "verify"), token)


def test_terraforms_lines_name_what_is_there(server: Server, client: dict[str, str]) -> None:
    """The ids of the pool and the client, and this server for every service that the provider asks."""
    text = lines(server, client, "terraform")
    described = service(server).describe_user_pool_client(
        UserPoolId=re.findall(r'user_pool_id = "(.*)"', text)[0], ClientId=re.findall(r'client_id +=\s"(.*)"', text)[0]
    )

    assert described["UserPoolClient"]["ClientId"] == client["ClientId"]
    assert text.count(f'"{server.endpoint}"') == 4
