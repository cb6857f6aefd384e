"""Does somebody else's test get a server of its own? The block, the fixture, and each example of docs/testing.md."""

import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from clients import chromium
from poolkeeper.testing import PoolkeeperServer, poolkeeper_server

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "testing.md").read_text()
NODE_MODULES = ROOT / "node_modules"
# The suite's browser, and no sandbox of its own where root runs it.
LAUNCH = f'chromium.launch(executable_path="{chromium.program()}", args=["--no-sandbox", "--headless"])'


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def served() -> Iterator[PoolkeeperServer]:
    """Run a server with the seed of the documentation, as text."""
    with poolkeeper_server(_blocks("toml")[0], settings={"region": "eu-central-1"}) as server:
        yield server


def test_a_block_is_a_server_with_its_seed(served: PoolkeeperServer) -> None:
    """Clients, messages, codes; a reset brings everything back."""
    idp = served.client(region_name="us-east-1")
    grace = {"ClientId": "web", "Username": "grace@hopper.example"}
    idp.sign_up(**grace, Password="Swim-in-2-pools")
    assert [one["kind"] for one in served.outbox(to="grace@hopper.example", kind="SignUp", wait=20)] == ["SignUp"]
    idp.confirm_sign_up(**grace, ConfirmationCode=served.code(to="grace@hopper.example", wait=20))
    served.clear_outbox()
    assert served.outbox() == []
    with pytest.raises(LookupError, match=r"no code came to grace@hopper\.example within 0\.1 seconds"):
        served.code(to="grace@hopper.example", wait=0.1)
    served.reset()
    (ada,) = idp.list_users(UserPoolId="us-east-1_Books")["Users"]
    assert {"Name": "email", "Value": "ada@lovelace.example"} in ada["Attributes"]
    assert served.client("sts").get_caller_identity()["Arn"].endswith(":root")
    assert "is ready in" in served.log()


def test_the_environment_names_our_services_and_no_other(
    served: PoolkeeperServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call of another AWS service in the same program goes where it went before."""
    monkeypatch.setenv("AWS_SESSION_TOKEN", "somebody's")
    changed = {name: value for name, value in served.env.items() if os.environ.get(name) != value}
    assert changed == {
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER": served.url,
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY": served.url,
        "AWS_ENDPOINT_URL_STS": served.url,
        "AWS_ENDPOINT_URL_IAM": served.url,
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "COGNITO_ENDPOINT": served.url,
    }
    assert "AWS_SESSION_TOKEN" not in served.env


def test_a_server_that_cannot_start_says_why() -> None:
    """With its own words, and at once."""
    with (
        pytest.raises(RuntimeError, match=r"poolkeeper.seed.toml:1: user_pools does not take Colour"),
        poolkeeper_server('[[user_pools]]\nid = "us-east-1_A"\nPoolName = "a"\nColour = 1\n'),
    ):
        raise AssertionError("it started")


def test_a_server_ends_with_whoever_began_it(tmp_path: Path) -> None:
    """Also where that one is killed: its input ends."""
    program = (
        "import os, signal\nfrom poolkeeper.testing import poolkeeper_server\n"
        "with poolkeeper_server() as pk:\n    print(pk.folder, flush=True)\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    log = Path(ended.stdout.strip()) / "server.log"
    for _ in range(600):
        if "Stopped." in log.read_text():
            break
        subprocess.run(["sleep", "0.1"], check=True)
    assert "Stopped." in log.read_text()
    subprocess.run(["rm", "-r", str(log.parent)], check=True)


def test_the_fixture_and_the_browser_of_the_documentation(tmp_path: Path) -> None:
    """Both examples in Python, by a pytest that knows nothing but what is installed."""
    (tmp_path / "pytest.ini").write_text("[pytest]\npoolkeeper_seed = poolkeeper.seed.toml\nfilterwarnings = error\n")
    (tmp_path / "poolkeeper.seed.toml").write_text(_blocks("toml")[0])
    signs_up, browser = _blocks("python")
    (tmp_path / "test_sign_up.py").write_text(signs_up)
    (tmp_path / "test_browser.py").write_text(browser.replace("chromium.launch()", LAUNCH))
    told = _pytest(tmp_path)
    assert "3 passed" in told.stdout, told.stdout + told.stderr


@pytest.mark.parametrize(
    ("file", "head"), [("pytest.ini", "[pytest]"), ("pyproject.toml", "[tool.pytest.ini_options]")]
)
def test_the_seed_is_named_as_the_documentation_has_it(tmp_path: Path, file: str, head: str) -> None:
    """In either file of pytest's, by the line that the page shows for it."""
    assert f"`{file}`" in PAGE
    (line,) = [
        one for one in re.findall(r"`(poolkeeper_seed = .*?)`", PAGE) if ('"' in one) is (file == "pyproject.toml")
    ]
    (tmp_path / file).write_text(f"{head}\n{line}\n")
    (tmp_path / "poolkeeper.seed.toml").write_text(_blocks("toml")[0])
    (tmp_path / "test_it.py").write_text(
        "def test_it(poolkeeper):\n"
        "    assert poolkeeper.client().list_user_pools(MaxResults=5)['UserPools'][0]['Id'] == 'us-east-1_Books'\n"
    )
    told = _pytest(tmp_path)
    assert "1 passed" in told.stdout, told.stdout + told.stderr


def test_the_plugin_loads_nothing_where_nobody_asks(tmp_path: Path) -> None:
    """A suite without such a test waits for no import; what is declared is what is there."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]["pytest11"]
    assert declared == {"poolkeeper": "poolkeeper.pytest_plugin"}
    (tmp_path / "test_other.py").write_text(
        "import sys\n\ndef test_it():\n"
        "    loaded = {name for name in sys.modules if name.split('.')[0] == 'poolkeeper'}\n"
        "    assert loaded == {'poolkeeper', 'poolkeeper.pytest_plugin'}\n"
    )
    told = _pytest(tmp_path)
    assert "1 passed" in told.stdout, told.stdout + told.stderr


@pytest.fixture
def node_project(tmp_path: Path) -> Path:
    """Make a folder with the seed of the documentation and what npm would install."""
    (tmp_path / "poolkeeper.seed.toml").write_text(_blocks("toml")[0])
    (tmp_path / "node_modules").symlink_to(NODE_MODULES)
    return tmp_path


def _beside(folder: Path, tool: str, *more: str) -> str:
    """Run the documentation's line for a tool as a shell does; return what it said, and see that it ended well."""
    (line,) = [one for one in _blocks("sh")[0].splitlines() if f"-- {tool}" in one]
    command = [sys.executable, *shlex.split(line)[1:], *more]
    told = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    return told.stdout


def test_the_vitest_of_the_documentation(node_project: Path) -> None:
    """Several files of it, where Vitest would run four at once: they share a server, and take nothing from each other."""
    for number in range(4):
        (node_project / f"sign-up-{number}.test.js").write_text(_blocks("js")[0])
    (node_project / "vitest.config.mjs").write_text("export default { test: { maxWorkers: 4 } };\n")
    told = json.loads(_beside(node_project, "npx vitest", "--reporter=json"))
    assert (told["numPassedTests"], told["numTotalTests"]) == (4, 4)


def test_the_node_test_of_the_documentation(node_project: Path) -> None:
    """Beside a server of the command's own; the command's end is its end."""
    (node_project / "sign-in.test.mjs").write_text(_blocks("js")[1])
    assert "# pass 1" in _beside(node_project, "node --test", "--test-reporter=tap", "sign-in.test.mjs")


def test_the_playwright_test_of_the_documentation(node_project: Path) -> None:
    """In the suite's browser, with the package that a web developer has."""
    (node_project / "sign-in.spec.js").write_text(_blocks("js")[2])
    launch = {"executablePath": chromium.program(), "args": ["--no-sandbox", "--headless"]}
    (node_project / "playwright.config.mjs").write_text(
        f"export default {{ use: {{ launchOptions: {json.dumps(launch)} }} }};\n"
    )
    told = json.loads(_beside(node_project, "npx playwright", "--reporter=json"))
    assert (told["stats"]["expected"], told["stats"]["unexpected"]) == (1, 0)


def test_the_command_says_in_words_what_is_wrong(tmp_path: Path) -> None:
    """All faults of a seed a line each, a command that is not there at once; no traceback."""
    bad = tmp_path / "bad.toml"
    bad.write_text('[[user_pools]]\nid = "us-east-1_A"\nColour = 1\n')
    for flags, code, words in (
        (["--seed", "bad.toml", "--", "true"], 2, [f"  {bad}:1: user_pools does not take Colour", f"  {bad}:1: 1 val"]),
        (["--seed", "none.toml", "--", "true"], 2, [f"  {tmp_path / 'none.toml'} cannot be read (No such file"]),
        (["--", "vitest-of-nobody", "run"], 127, ["There is no command vitest-of-nobody."]),
    ):
        command = [sys.executable, "-m", "poolkeeper.testing", *flags]
        told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
        assert told.returncode == code
        lines = told.stderr.splitlines()
        assert all(any(line.startswith(word) for line in lines) for word in words), told.stderr
        assert "Traceback" not in told.stderr


def _pytest(folder: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "-q", str(folder)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
