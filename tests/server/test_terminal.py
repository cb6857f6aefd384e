"""Are the texts of the terminal exactly these, and does what they tell one to paste work? Whole texts are compared."""

import dataclasses
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from poolkeeper.secret import Secret
from poolkeeper.server import terminal
from poolkeeper.server.terminal import DemoPool, MadeKey, Start

START = Start(
    version="0.1.0",
    dev=True,
    first=True,
    address="http://localhost:7665",
    issuer="http://localhost:7665",
    tls_address="https://localhost:7666",
    ca_file="data/ca.pem",
    region="us-east-1",
    database="data/poolkeeper.sqlite3",
    pools=1,
    ready=412,
    made_key=MadeKey(access_key_id="PKR7EXAMPLE4Q2TZ9WLM", secret=Secret("exampleexampleexampleexampleexampleexamp")),
    demo=DemoPool(
        pool_id="us-east-1_Kx81mQ0zP",
        client_id="6example2client4of0a1pool",
        sign_in_page="http://localhost:7665/login?client_id=6example2client4of0a1pool&response_type=code",
        application="http://localhost:3000/",
    ),
)
PRODUCTION = dataclasses.replace(
    START, dev=False, demo=None, tls_address="", ca_file="", issuer="https://id.example", sends_mail=False
)

FIRST_START = """
  Poolkeeper 0.1.0                                             development mode

    API and issuer   http://localhost:7665
    With TLS         https://localhost:7666      development CA: data/ca.pem
    Inbox            http://localhost:7665/_dev/inbox
    Data             data/poolkeeper.sqlite3

  Development mode: no mail and no SMS leaves this machine; all of it is in the
  inbox. Do not give this mode to other people. In a browser the first address
  shows ids, lines for your programs, and the last requests with their errors.

  First start. What follows is shown once:

  1. A first access key with all rights. Keep it where you keep secrets.

       export AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER=http://localhost:7665
       export AWS_ENDPOINT_URL_COGNITO_IDENTITY=http://localhost:7665
       export AWS_ENDPOINT_URL_STS=http://localhost:7665
       export AWS_ENDPOINT_URL_IAM=http://localhost:7665
       export AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
       export AWS_ACCESS_KEY_ID=PKR7EXAMPLE4Q2TZ9WLM
       export AWS_SECRET_ACCESS_KEY=exampleexampleexampleexampleexampleexamp

  2. A demo pool to try a sign-up in. No key is needed for that.

       Pool id          us-east-1_Kx81mQ0zP
       App client id    6example2client4of0a1pool

     In a browser: people sign up and in on pages of the pool, and come back to
     an application at http://localhost:3000/ with a code. The page is at

       http://localhost:7665/login?client_id=6example2client4of0a1pool&response_type=code

     With the AWS CLI; the code is in the inbox:

       aws cognito-idp sign-up --endpoint-url http://localhost:7665 \\
         --region us-east-1 --client-id 6example2client4of0a1pool \\
         --username ada@lovelace.example --password 'Swim-in-2-pools' \\
         --user-attributes Name=email,Value=ada@lovelace.example

     With boto3, the whole way to the tokens, ready to be pasted:

import boto3, json, urllib.request
idp = boto3.client("cognito-idp", "us-east-1",
                   endpoint_url="http://localhost:7665")
client = "6example2client4of0a1pool"
name, password = "grace@hopper.example", "Swim-in-2-pools"
idp.sign_up(ClientId=client, Username=name, Password=password,
            UserAttributes=[{"Name": "email", "Value": name}])
outbox = urllib.request.urlopen("http://localhost:7665/_dev/outbox")
code = json.load(outbox)[-1]["code"]
idp.confirm_sign_up(ClientId=client, Username=name, ConfirmationCode=code)
answer = idp.initiate_auth(ClientId=client, AuthFlow="USER_PASSWORD_AUTH",
    AuthParameters={"USERNAME": name, "PASSWORD": password})
print(answer["AuthenticationResult"]["AccessToken"])

  Ready in 0.4 s. Stop with Ctrl+C.
"""

FIRST_START_IN_PRODUCTION = """
  Poolkeeper 0.1.0

    API              http://localhost:7665
    Issuer           https://id.example
    Data             data/poolkeeper.sqlite3

  Warning: no mail sender is set up, no code arrives. Set smtp_host or [senders]

  First start. What follows is shown once:

  The first access key comes from POOLKEEPER_ROOT_ACCESS_KEY_ID.

  Then, for example:

       aws cognito-idp create-user-pool --pool-name customers

  Ready in 0.4 s. Stop with Ctrl+C.
"""


def test_the_first_start_in_development_shows_a_page() -> None:
    """Addresses, the key, the demo pool and what to do with it, in 80 columns."""
    lines = terminal.ready_lines(START)

    assert "\n".join(lines) + "\n" == FIRST_START + "\n"
    assert max(len(line) for line in lines if "/login?" not in line) < 80  # an address is not broken


def test_the_first_start_in_production_names_issuer_and_missing_mail() -> None:
    """Without --dev there is no inbox and no demo pool; a key from the environment is one line."""
    lines = terminal.ready_lines(dataclasses.replace(PRODUCTION, pools=0, made_key=None))

    assert "\n".join(lines) + "\n" == FIRST_START_IN_PRODUCTION + "\n"
    assert max(len(line) for line in lines) <= 80


def test_a_key_from_the_environment_is_one_line_beside_the_demo_pool() -> None:
    """Nothing of the given key is shown."""
    text = "\n".join(terminal.ready_lines(dataclasses.replace(START, made_key=None)))

    assert "\n\n  1. The first access key comes from POOLKEEPER_ROOT_ACCESS_KEY_ID.\n\n  2. A demo pool" in text
    assert "export" not in text


def test_a_long_path_of_the_ca_has_a_line_of_its_own() -> None:
    """80 columns hold with a data folder far away."""
    far = dataclasses.replace(START, ca_file="/srv/containers/volumes/poolkeeper/development/ca.pem")

    lines = terminal.ready_lines(far)

    assert lines[4:6] == [
        "    With TLS         https://localhost:7666",
        "                     development CA: /srv/containers/volumes/poolkeeper/development/ca.pem",
    ]


def test_colour_marks_addresses_and_the_first_start_and_nothing_else() -> None:
    """Without its escapes the coloured page is the plain one."""
    colored = "\n".join(terminal.ready_lines(START, color=True))

    assert "\x1b[36mhttp://localhost:7665/_dev/inbox\x1b[0m" in colored
    assert "\x1b[1mFirst start.\x1b[0m" in colored
    assert colored.count("\x1b[0m") == 4
    assert re.sub(r"\x1b\[\d*m", "", colored) == "\n".join(terminal.ready_lines(START))


@pytest.mark.parametrize(
    ("environment", "on_terminal", "expected"),
    [({}, True, True), ({}, False, False), ({"NO_COLOR": "1"}, True, False), ({"NO_COLOR": ""}, True, True)],
)
def test_colour_is_for_terminals_without_no_color(
    environment: dict[str, str], *, on_terminal: bool, expected: bool
) -> None:
    """NO_COLOR counts when it is not empty."""
    assert terminal.wants_color(environment, on_terminal=on_terminal) is expected


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (
            dataclasses.replace(START, first=False, pools=3, made_key=None, database="SQLite data/poolkeeper.sqlite3"),
            (
                "Poolkeeper 0.1.0 is ready in 0.4 s: http://localhost:7665 (open it in a browser; inbox: /_dev/inbox), 3 user pools, "
                "SQLite data/poolkeeper.sqlite3"
            ),
        ),
        (
            dataclasses.replace(PRODUCTION, first=False, sends_mail=True, database="PostgreSQL db.example/poolkeeper"),
            (
                "Poolkeeper 0.1.0 is ready in 0.4 s: http://localhost:7665, issuer https://id.example, 1 user pool, "
                "PostgreSQL db.example/poolkeeper"
            ),
        ),
    ],
)
def test_a_later_start_is_one_line(start: Start, expected: str) -> None:
    """On a terminal and in a log alike; in development another says where to find the rest."""
    again = ["Ids, keys and lines for a shell or an .env file: poolkeeper status"] if start.dev else []
    assert terminal.ready_lines(start) == terminal.log_lines(start) == [expected, *again]
    if start.dev:
        known = terminal.ready_lines(dataclasses.replace(start, test_key=True))
        assert known[1] == f"The access key test (secret: test) signs here. {again[0]}"
        elsewhere = dataclasses.replace(start, program=".venv/bin/poolkeeper", folder_flag=" --data other")
        assert terminal.ready_lines(elsewhere)[1].endswith(": .venv/bin/poolkeeper status --data other")


def test_a_later_start_with_a_seed_file_says_what_it_left_alone() -> None:
    """Whoever has changed the file would wait for the change; where nothing was left alone there is nothing to say."""
    reset = "http://localhost:7665/_dev/reset"
    assert terminal.seed_stays("a.toml", 0, reset=reset) == []
    assert terminal.seed_stays("a.toml", 1, reset="") == [
        "Of a.toml 1 entry is there already and left as before, whatever the file says of it now."
    ]
    told = terminal.seed_stays("a.toml", 2, reset=reset)
    assert told[0].startswith("Of a.toml 2 entries are there already and left as before")
    assert told[1].endswith(f": curl -X POST {reset}")


def test_a_first_start_with_a_seed_file_leads_to_what_it_made() -> None:
    """Not to making a pool: there are some."""
    seeded = dataclasses.replace(START, demo=None, pools=2, folder_flag=" --data other")
    shown = "\n".join(terminal.ready_lines(seeded))
    assert "create-user-pool" not in shown
    assert (
        "  2 user pools of the seed file are there. Ids, and lines for your programs:\n\n"
        "       http://localhost:7665/\n       poolkeeper status --data other\n"
    ) in shown
    one = terminal.ready_lines(dataclasses.replace(PRODUCTION, first=True, pools=1))
    assert "  1 user pool of the seed file is there. Ids, and lines for your programs:" in one
    assert "       poolkeeper status" in one


def test_a_later_start_without_a_mail_sender_says_so() -> None:
    """Codes that cannot be delivered are worth a line at every start."""
    lines = terminal.ready_lines(dataclasses.replace(PRODUCTION, first=False))

    assert lines[1:] == ["Warning: no mail sender is set up, no code arrives. Set smtp_host or [senders]"]


def test_without_a_terminal_the_facts_are_log_lines_and_the_key_is_plain() -> None:
    """A container's log holds the same, the key once, in one line that a shell takes."""
    assert terminal.log_lines(START) == [
        "API and issuer: http://localhost:7665",
        "With TLS: https://localhost:7666",
        "Inbox: http://localhost:7665/_dev/inbox",
        "Data: data/poolkeeper.sqlite3",
        "Development CA: data/ca.pem",
        "Demo pool: us-east-1_Kx81mQ0zP, app client 6example2client4of0a1pool",
        "Its sign-in page: http://localhost:7665/login?client_id=6example2client4of0a1pool&response_type=code",
        (
            "Poolkeeper 0.1.0 is ready in 0.4 s: http://localhost:7665 (open it in a browser; inbox: /_dev/inbox), 1 user pool, "
            "data/poolkeeper.sqlite3"
        ),
    ]
    assert terminal.key_lines(START) == [
        "Warning: a first access key with all rights is in this log. Give one by environment instead.",
        (
            "export AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER=http://localhost:7665 "
            "AWS_ENDPOINT_URL_COGNITO_IDENTITY=http://localhost:7665 AWS_ENDPOINT_URL_STS=http://localhost:7665 "
            "AWS_ENDPOINT_URL_IAM=http://localhost:7665 AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1 "
            "AWS_ACCESS_KEY_ID=PKR7EXAMPLE4Q2TZ9WLM AWS_SECRET_ACCESS_KEY=exampleexampleexampleexampleexampleexamp"
        ),
    ]


def test_without_a_terminal_a_given_key_is_named_and_not_shown() -> None:
    """There is nothing to keep."""
    given = dataclasses.replace(PRODUCTION, made_key=None)

    assert terminal.key_lines(given) == []
    assert terminal.log_lines(given) == [
        "API: http://localhost:7665",
        "Issuer: https://id.example",
        "Data: data/poolkeeper.sqlite3",
        "The first access key comes from POOLKEEPER_ROOT_ACCESS_KEY_ID.",
        "Warning: no mail sender is set up, no code arrives. Set smtp_host or [senders]",
        (
            "Poolkeeper 0.1.0 is ready in 0.4 s: http://localhost:7665, issuer https://id.example, 1 user pool, "
            "data/poolkeeper.sqlite3"
        ),
    ]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            terminal.cannot_start("the folder data cannot be written", "Give another: poolkeeper serve --data DIR"),
            "Cannot start: the folder data cannot be written.\n  Give another: poolkeeper serve --data DIR",
        ),
        (terminal.migrated(12, wanted=15), "The database was at version 12; it is at version 15 now."),
        (terminal.stopping(0), "Stopping."),
        (terminal.stopping(1), "Stopping: 1 request is being finished."),
        (terminal.stopping(2), "Stopping: 2 requests are being finished."),
        (terminal.stopped(), "Stopped."),
    ],
)
def test_refusals_and_the_end_have_these_words(lines: list[str], expected: str) -> None:
    """Why there is no start, what to do, and how it ends."""
    assert "\n".join(lines) == expected


@pytest.fixture
def cognito() -> Iterator[tuple[str, list[tuple[str, object]]]]:
    """Serve just enough of the wire for a sign-up, and keep what was asked."""
    asked: list[tuple[str, object]] = []
    answers = {
        "SignUp": {"UserConfirmed": False, "UserSub": "5a0c"},
        "ConfirmSignUp": {},
        "InitiateAuth": {"AuthenticationResult": {"AccessToken": "the-token"}},
    }

    class Wire(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, None))
            self._answer([{"code": "000000"}, {"code": "590318"}])

        def do_POST(self) -> None:
            operation = self.headers["x-amz-target"].split(".")[1]
            asked.append((operation, json.loads(self.rfile.read(int(self.headers["content-length"])))))
            self._answer(answers[operation])

        def _answer(self, value: object) -> None:
            body = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Wire)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://localhost:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def _bare_environment(home: Path) -> dict[str, str]:
    """Leave no key, no region and no configuration to be found."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return kept | {"HOME": str(home), "AWS_EC2_METADATA_DISABLED": "true", "PYTHONWARNINGS": "default"}


def test_the_printed_boto3_example_runs_as_it_is_pasted(
    cognito: tuple[str, list[tuple[str, object]]], tmp_path: Path
) -> None:
    """Cut out of the page and fed to an interactive Python, it signs up, confirms and shows a token."""
    address, asked = cognito
    page = "\n".join(terminal.ready_lines(dataclasses.replace(START, address=address)))
    pasted = page[page.index("import boto3") : page.index("\n\n  Ready")] + "\n"

    done = subprocess.run(
        [sys.executable, "-i", "-q"],
        input=pasted,
        capture_output=True,
        text=True,
        env=_bare_environment(tmp_path),
        timeout=60,
        check=True,
    )

    assert "the-token" in done.stdout
    name, password = "grace@hopper.example", "Swim-in-2-pools"
    client = "6example2client4of0a1pool"
    assert asked == [
        (
            "SignUp",
            {
                "ClientId": client,
                "Username": name,
                "Password": password,
                "UserAttributes": [{"Name": "email", "Value": name}],
            },
        ),
        ("/_dev/outbox", None),
        ("ConfirmSignUp", {"ClientId": client, "Username": name, "ConfirmationCode": "590318"}),
        (
            "InitiateAuth",
            {
                "ClientId": client,
                "AuthFlow": "USER_PASSWORD_AUTH",
                "AuthParameters": {"USERNAME": name, "PASSWORD": password},
            },
        ),
    ]


def test_the_printed_cli_line_runs_as_it_is_pasted(
    cognito: tuple[str, list[tuple[str, object]]], tmp_path: Path
) -> None:
    """Cut out of the page and fed to a shell, it signs a user up without any key."""
    address, asked = cognito
    page = "\n".join(terminal.ready_lines(dataclasses.replace(START, address=address)))
    pasted = page[page.index("aws cognito-idp sign-up") : page.index("\n\n     With boto3")]
    environment = _bare_environment(tmp_path)
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"

    subprocess.run(["bash", "-c", pasted], capture_output=True, text=True, env=environment, timeout=60, check=True)

    ((operation, request),) = asked
    assert operation == "SignUp"
    assert isinstance(request, dict)
    assert request["Username"] == "ada@lovelace.example"
    assert request["ClientId"] == "6example2client4of0a1pool"


def test_a_server_that_others_can_reach_in_clear_warns() -> None:
    """What is wrong, then what to do."""
    assert terminal.public_without_tls("0.0.0.0") == [
        "Warning: 0.0.0.0 can be reached by others, and passwords would cross the network in clear.",
        "  Put a proxy with TLS in front, and name its address: --base-url https://...",
    ]
