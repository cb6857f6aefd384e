"""Does an operator come by a file of known passwords as docs/compromised-passwords.md says? And does a server use it."""

import re
import subprocess
from pathlib import Path

import pytest

from poolkeeper.risk.compromised.known_passwords import require_usable
from poolkeeper.risk.compromised.prefix_file import PrefixFile
from poolkeeper.settings import Settings, SettingsError, load
from server import program
from server.operating import KEY, client_of, new_pool, refused
from server.program import place, serving

PAGE = Path(__file__).resolve().parents[2] / "docs" / "compromised-passwords.md"
COMMANDS = re.findall(r"^poolkeeper .*$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
BREACHED = "Autumn-in-8-gardens"


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_of_the_page_make_a_file(tmp_path: Path, command: str) -> None:
    """From a file and from standard input; progress goes to standard error, the outcome to standard output."""
    where = place(tmp_path)
    (tmp_path / "list.txt").write_text(f"{BREACHED}\nhallo\n{BREACHED}\n")
    done = subprocess.run(
        ["/bin/sh", "-c", command], env=where.environment, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert PrefixFile(tmp_path / "known.passwords").count == 2
    assert done.stdout.startswith(f"{tmp_path}/known.passwords holds 2 passwords.")
    assert "3 passwords read" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("known", "gone.txt"), "gone.txt cannot be used (No such file or directory)"),
        (("gone/known", "list.txt"), "cannot be used (No such file or directory)"),
        (("known", "empty.txt"), "there is no password in it"),
        (("list.txt", "list.txt"), "list.txt is not made: it is there and is no file of passwords"),
    ],
)
def test_what_cannot_be_made_is_said_in_words(tmp_path: Path, arguments: tuple[str, str], says: str) -> None:
    """Exit code 2, no traceback, nothing left behind."""
    (tmp_path / "list.txt").write_text("hallo\n")
    (tmp_path / "empty.txt").write_text("")
    done = program.run(place(tmp_path), "passwords", "build", *arguments)
    assert (done.returncode, says in done.stderr, "Traceback" in done.stderr) == (2, True, False)
    assert {one.name for one in tmp_path.iterdir()} == {"list.txt", "empty.txt"}
    assert (tmp_path / "list.txt").read_text() == "hallo\n"


def test_a_server_takes_the_file_up_while_it_runs(tmp_path: Path) -> None:
    """A password that was taken is not any more, without a restart."""
    (tmp_path / "list.txt").write_text("hallo\n")
    where = place(tmp_path, compromised_passwords_file=str(tmp_path / "known"), **KEY)
    program.told(where, "passwords", "build", "known", "list.txt")
    with serving(where, "--dev"):
        pool_id, client_id = new_pool(where)
        idp = client_of(where)
        idp.update_user_pool(UserPoolId=pool_id, UserPoolAddOns={"AdvancedSecurityMode": "ENFORCED"})

        def sign_up(name: str) -> object:
            return idp.sign_up(ClientId=client_id, Username=name, Password=BREACHED)

        assert sign_up("ada")
        (tmp_path / "list.txt").write_text(f"hallo\n{BREACHED}\n")
        program.told(where, "passwords", "build", "known", "list.txt")
        refused(lambda: sign_up("eve"), "InvalidPasswordException")


@pytest.mark.parametrize("content", [None, b"", b"hallo\n" * 9])
def test_a_server_does_not_start_with_a_file_that_it_cannot_use(tmp_path: Path, content: bytes | None) -> None:
    """Nobody would miss it until it is too late; the fault names the setting and the command."""
    path = tmp_path / "known"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(
        SettingsError, match=r"compromised_passwords_file: .* cannot be used: .*poolkeeper passwords build"
    ):
        require_usable(Settings(compromised_passwords_file=path))
    if content is None:
        done = program.run(place(tmp_path, compromised_passwords_file=str(path), **KEY), "serve", "--dev")
        assert (done.returncode, "compromised_passwords_file" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    "url", ["api.example.com", "ftp://api.example.com", "https://api.example.com/?range=", "https://"]
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    """At the start, by name."""
    with pytest.raises(SettingsError, match="compromised_passwords_url"):
        load({"compromised_passwords_url": url}, {})
