"""What does Prometheus read? `poolkeeper serve` with a metrics port, of one process and of two, and what nobody may read."""

import contextlib
import os
import re
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from poolkeeper.aws.endpoint import Outcome
from poolkeeper.jobs.counts import Fate
from poolkeeper.model.event import Event, Kind
from poolkeeper.server.metrics import BUCKETS, BUDGETS, Metrics
from poolkeeper.settings import SettingsError, load
from ports import free_ports
from server import program
from server.operating import KEY, client_of, json_lines, new_pool, new_user, refused, sign_in
from server.program import Place, Served, place, serving
from server.worker_processes import workers_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "metrics.md"
Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture(params=["one process", "two workers"])
def measured(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Choose a place with a metrics port and a folder for temporary files, where one process answers or two."""
    where: Place = request.getfixturevalue("two_workers") if request.param == "two workers" else place(tmp_path, **KEY)
    return with_metrics(where)


def with_metrics(where: Place) -> Place:
    """Give a place a metrics port and a folder of its own for temporary files."""
    where.environment["POOLKEEPER_METRICS_PORT"] = str(free_ports(1)[0])
    where.environment["TMPDIR"] = str(temporary(where))
    temporary(where).mkdir()
    return where


def temporary(where: Place) -> Path:
    """Return the folder for temporary files."""
    return where.folder / "tmp"


def address(where: Place) -> str:
    """Return where the metrics are."""
    return f"http://127.0.0.1:{where.environment['POOLKEEPER_METRICS_PORT']}"


def series(text: str) -> Series:
    """Return every value of a page of metrics by its name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def read(where: Place) -> Series:
    """Read the metrics as Prometheus does."""
    answer = httpx.get(f"{address(where)}/metrics", trust_env=False)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return series(answer.text)


def value(found: Series, name: str, **labels: str) -> float | None:
    """Return one value, or None where there is no such series."""
    return found.get((name, frozenset(labels.items())))


def total(found: Series, name: str) -> float:
    """Return the sum of all series of a name."""
    return sum(number for (known, _), number in found.items() if known == name)


def eventually(where: Place, holds: Callable[[Series], bool]) -> Series:
    """Return the metrics once something holds of them: a request is counted after its answer has gone out."""
    deadline = time.monotonic() + 10
    while not holds(found := read(where)):
        assert time.monotonic() < deadline, found
        time.sleep(0.02)
    return found


def answered(where: Place, count: int) -> Series:
    """Return the metrics once they tell of so many requests."""
    return eventually(where, lambda found: total(found, "poolkeeper_requests_total") >= count)


def requests_logged(server: Served) -> int:
    """Return how many requests the log tells of."""
    return sum(1 for line in json_lines(server.said()) if "microseconds" in line)


# What is counted


def test_requests_are_counted_by_operation_and_outcome_whoever_answered(measured: Place) -> None:
    """Each request once, with its time: as many in all as the log has lines, and none of them a reading of metrics."""
    with serving(measured) as server:
        pool_id, client_id = new_pool(measured)
        new_user(measured, pool_id, client_id)
        for _ in range(9):
            sign_in(measured, client_id, "ada")
        for _ in range(3):
            refused(lambda: sign_in(measured, client_id, "nobody"), "UserNotFoundException")
        found = answered(measured, 17)

        def requests(operation: str, outcome: str) -> float | None:
            labels = {"service": "cognito-idp", "operation": operation, "outcome": outcome}
            return value(found, "poolkeeper_requests_total", **labels)

        assert requests("CreateUserPool", "Success") == 1
        assert requests("InitiateAuth", "Success") == 10
        assert requests("InitiateAuth", "UserNotFoundException") == 3
        assert total(found, "poolkeeper_requests_total") == total(found, "poolkeeper_request_seconds_count") == 17
        sign_ins = {"service": "cognito-idp", "operation": "InitiateAuth"}
        assert value(found, "poolkeeper_request_seconds_count", **sign_ins) == 13
        assert 0.001 < (value(found, "poolkeeper_request_seconds_sum", **sign_ins) or 0) < 60
        assert value(found, "poolkeeper_request_seconds_bucket", le="+Inf", **sign_ins) == 13
        bounds = {dict(labels)["le"] for (name, labels) in found if name == "poolkeeper_request_seconds_bucket"}
        assert bounds == {*map(str, BUCKETS), "+Inf"}

    assert requests_logged(server) == 17


def test_pages_and_oauth_endpoints_are_counted_by_path_and_outcome(measured: Place) -> None:
    """A wrong request is told apart from a good one, by the path of our table whatever the address had beside it."""
    with serving(measured):
        pool_id, _ = new_pool(measured)
        idp = client_of(measured)
        settings = {
            "AllowedOAuthFlowsUserPoolClient": True,
            "AllowedOAuthFlows": ["code"],
            "AllowedOAuthScopes": ["openid"],
            "CallbackURLs": ["https://app.example/in"],
            "SupportedIdentityProviders": ["COGNITO"],
        }
        made = idp.create_user_pool_client(UserPoolId=pool_id, ClientName="w", **settings)["UserPoolClient"]
        asked = {"client_id": made["ClientId"], "response_type": "code", "redirect_uri": "https://app.example/in"}
        with httpx.Client(base_url=measured.endpoint, trust_env=False) as anybody:
            assert anybody.get("/login", params=asked).status_code == 200
            assert anybody.get("/login", params={**asked, "redirect_uri": "https://evil.example"}).status_code == 303
            grant = {"grant_type": "authorization_code", "code": "none", "client_id": made["ClientId"]}
            assert anybody.post("/oauth2/token", data=grant).status_code == 400
            for number in range(20):
                anybody.get(f"/oauth2/invented{number}", params=asked)
        found = answered(measured, 5)

        def requests(service: str, operation: str, outcome: str) -> float | None:
            labels = {"service": service, "operation": operation, "outcome": outcome}
            return value(found, "poolkeeper_requests_total", **labels)

        assert requests("pages", "/login", "Success") == 1
        assert requests("pages", "/login", "redirect_mismatch") == 1
        assert requests("oauth", "/oauth2/token", "invalid_grant") == 1
        assert total(found, "poolkeeper_requests_total") == total(found, "poolkeeper_request_seconds_count")


def test_events_are_there_before_they_happen_and_counted_when_they_do(measured: Place) -> None:
    """A rate wants a first value: every kind begins at 0. Text messages that a budget refused are told by the budget."""
    measured.environment["POOLKEEPER_SMS_PREFIXES"] = "+49"
    with serving(measured, "--dev"):
        before = read(measured)
        for kind in Kind:
            assert value(before, "poolkeeper_events_total", event=kind) == 0
        for budget in BUDGETS:
            assert value(before, "poolkeeper_text_messages_refused_total", budget=budget) == 0

        idp = client_of(measured)
        sms = {"SnsCallerArn": "arn:aws:iam::000000000000:role/sms"}
        settings = {"AutoVerifiedAttributes": ["phone_number"], "SmsConfiguration": sms}
        pool_id = idp.create_user_pool(PoolName="texts", **settings)["UserPool"]["Id"]
        client_id = idp.create_user_pool_client(UserPoolId=pool_id, ClientName="a")["UserPoolClient"]["ClientId"]
        for name in ("eve", "mallory", "trudy"):
            number = [{"Name": "phone_number", "Value": "+88212345678"}]
            signing_up = {"ClientId": client_id, "Username": name, "Password": "First-Pass-1", "UserAttributes": number}
            refused(lambda given=signing_up: idp.sign_up(**given), "LimitExceededException")  # type: ignore[misc]
        after = answered(measured, 5)

    assert value(after, "poolkeeper_events_total", event="TextMessageRefused") == 3
    assert value(after, "poolkeeper_text_messages_refused_total", budget="prefix") == 3
    assert total(after, "poolkeeper_text_messages_refused_total") == 3
    assert total(after, "poolkeeper_events_total") == 3


def test_messages_are_counted_by_sender_and_outcome_and_the_oldest_has_an_age(measured: Place) -> None:
    """Each way and each outcome begins at 0; of a mail server that is not there the tries are told, and how long that lasts."""
    measured.environment["POOLKEEPER_SMTP_HOST"] = "127.0.0.1"
    measured.environment["POOLKEEPER_SMTP_PORT"] = str(free_ports(1)[0])
    with serving(measured):
        before = read(measured)
        for sender in ("smtp", "custom", "none"):
            for fate in Fate:
                assert value(before, "poolkeeper_messages_total", sender=sender, outcome=fate) == 0
        idp = client_of(measured)
        pool_id = idp.create_user_pool(PoolName="mails", AutoVerifiedAttributes=["email"])["UserPool"]["Id"]
        client_id = idp.create_user_pool_client(UserPoolId=pool_id, ClientName="a")["UserPoolClient"]["ClientId"]
        address = [{"Name": "email", "Value": "ada@example.com"}]
        idp.sign_up(ClientId=client_id, Username="ada", Password="First-Pass-1", UserAttributes=address)
        failed = {"sender": "smtp", "outcome": "failed"}
        eventually(measured, lambda found: (value(found, "poolkeeper_messages_total", **failed) or 0) >= 1)
        eventually(measured, lambda found: (value(found, "poolkeeper_oldest_message_seconds") or 0) > 0)


def test_a_sender_of_no_table_makes_no_series() -> None:
    """What is counted has a name of the settings."""
    metrics = Metrics(senders=("smtp",))
    metrics.message("smtp", Fate.DELIVERED)
    metrics.message("invented", Fate.DELIVERED)
    found = series(metrics.text().decode())
    assert total(found, "poolkeeper_messages_total") == 1
    assert value(found, "poolkeeper_messages_total", sender="smtp", outcome="delivered") == 1


def test_invented_names_make_no_series(measured: Place) -> None:
    """A thousand operations, services and headers of nobody's are one series, which counts them all."""
    with serving(measured):
        with httpx.Client(base_url=measured.endpoint, trust_env=False) as anybody:
            ask(anybody, "AWSCognitoIdentityProviderService.NoSuchOperation")
            before = answered(measured, 1)
            for number in range(500):
                ask(anybody, f"AWSCognitoIdentityProviderService.Invented{number}")
                ask(anybody, f"Invented{number}.SignUp")
        after = answered(measured, 1001)

    assert after.keys() == before.keys()
    unknown = {"service": "", "operation": "", "outcome": "UnknownOperationException"}
    assert value(after, "poolkeeper_requests_total", **unknown) == 1001


def ask(anybody: httpx.Client, target: str) -> None:
    """Send a request for whatever operation, from whatever browser and pool."""
    headers = {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1", "User-Agent": target}
    assert anybody.post("/", json={"ClientId": target, "Username": target}, headers=headers).status_code == 400


def test_an_outcome_that_no_table_knows_is_counted_under_empty_names() -> None:
    """Whatever is handed to them, metrics have no more labels than the tables have names."""
    metrics = Metrics()
    for number in range(50):
        metrics.record(outcome(service="cognito-idp", operation=f"Invented{number}"))
        metrics.record(outcome(service=f"invented{number}", operation="SignUp"))
        metrics.record(outcome(service="cognito-idp", operation="SignUp", name=f"Invented{number}"))
    found = series(metrics.text().decode())

    assert {
        tuple(sorted(labels)): number for (name, labels), number in found.items() if name.endswith("requests_total")
    } == {
        (("operation", ""), ("outcome", "Success"), ("service", "")): 100,
        (("operation", "SignUp"), ("outcome", ""), ("service", "cognito-idp")): 50,
    }
    assert value(found, "poolkeeper_request_seconds_count", service="", operation="") == 100


def outcome(*, service: str, operation: str, name: str = "Success") -> Outcome:
    """Return what is recorded of a request, with an event that a budget of no name refused."""
    return Outcome(
        request_id="",
        service=service,
        operation=operation,
        pool_id="us-east-1_Invented",
        outcome=name,
        status=200,
        microseconds=2_000,
        client_address="192.0.2.1",
        detail="",
        events=[Event(kind=Kind.TEXT_MESSAGE_REFUSED, pool_id="", about={"budget": "invented"})],
    )


def test_the_page_of_metrics_lists_every_one_of_them() -> None:
    """docs/metrics.md names what is shown, with its labels, and its alerts ask for nothing else."""
    metrics = Metrics(senders=("smtp",))
    metrics.record(outcome(service="cognito-idp", operation="SignUp"))
    written = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)(?:\{([\w, ]+)\})?` \|", written, re.MULTILINE)
    families = list(text_string_to_metric_families(metrics.text().decode()))
    shown = {
        family.name + ("_total" if family.type == "counter" else ""): set(family.samples[0].labels) - {"le"}
        for family in families
    }

    assert {name: set(filter(None, labels.split(", "))) for name, labels in rows} == shown
    base = re.compile(r"_(bucket|sum|count)$")
    assert {base.sub("", name) for name in re.findall(r"\bpoolkeeper_\w+", written)} == shown.keys()


# Several processes


def test_what_a_killed_worker_counted_is_not_lost_and_its_place_is_taken(two_workers: Place) -> None:
    """After each death the sum goes on where it was.

    Nobody else can read the folder, which gets no file more and is gone at the end.
    """
    where = with_metrics(two_workers)
    with serving(where) as server:
        pool_id, client_id = new_pool(where)
        new_user(where, pool_id, client_id)
        count = 5
        (folder,) = temporary(where).glob("poolkeeper-metrics-*")
        files = sorted(file.name for file in folder.iterdir())
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}

        for _ in range(2):
            for victim in workers_of(server):
                before = answered(where, count)
                os.kill(victim, 9)
                wait_for_another(server, victim)
                after = read(where)
                assert {name: number for name, number in after.items() if number < before[name]} == {}
                for _ in range(4):
                    sign_in(where, client_id, "ada")
                count += 4

        found = answered(where, count)
        labels = {"service": "cognito-idp", "operation": "InitiateAuth", "outcome": "Success"}
        assert total(found, "poolkeeper_requests_total") == count
        assert value(found, "poolkeeper_requests_total", **labels) == count - 4
        assert total(found, "poolkeeper_request_seconds_count") == count
        assert sorted(file.name for file in folder.iterdir()) == files

    assert list(temporary(where).iterdir()) == []


def wait_for_another(server: Served, killed: int) -> None:
    """Wait until a process that was killed is gone and two workers are there again."""
    deadline = time.monotonic() + 20
    while killed in workers_of(server) or len(workers_of(server)) < 2:
        assert time.monotonic() < deadline, server.said()
        time.sleep(0.05)


def test_one_process_counts_in_memory_whatever_its_environment_says(tmp_path: Path) -> None:
    """A variable of the library's, left by another program, makes it write no files."""
    where = with_metrics(place(tmp_path, **KEY))
    others = tmp_path / "others"
    others.mkdir()
    where.environment.update({"PROMETHEUS_MULTIPROC_DIR": str(others), "prometheus_multiproc_dir": str(others)})
    with serving(where):
        client_of(where).list_user_pools(MaxResults=1)
        answered(where, 1)

    assert list(others.iterdir()) == []
    assert list(temporary(where).iterdir()) == []


# Who may read it


def test_the_port_of_requests_shows_no_metrics_and_the_metrics_port_nothing_else(measured: Place) -> None:
    """attacks.md 158: /metrics is unknown where everybody asks; where it is known, nothing is answered but GET /metrics."""
    with serving(measured, "--dev"):
        for public in (measured.endpoint, measured.tls_endpoint):
            for path in ("/metrics", "/metrics/", "//metrics", "/Metrics", "/_dev/metrics"):
                answer = httpx.get(public + path, verify=False, trust_env=False)
                assert answer.status_code == 404, path
                assert "poolkeeper_" not in answer.text
        for path in ("/", "/health", "/metrics/", "/_dev/inbox", "/_dev/outbox", "/favicon.ico", "/metrics/../health"):
            answer = httpx.get(address(measured) + path, trust_env=False)
            assert (answer.status_code, answer.text) == (404, "Not Found"), path
        for method in ("HEAD", "POST", "PUT", "DELETE", "OPTIONS"):
            answer = httpx.request(method, f"{address(measured)}/metrics", trust_env=False)
            assert (answer.status_code, answer.headers["allow"]) == (405, "GET"), method
        target = {"X-Amz-Target": "AWSCognitoIdentityProviderService.SignUp"}
        assert httpx.post(address(measured), headers=target, trust_env=False).status_code == 404
        assert total(read(measured), "poolkeeper_requests_total") == 0


def test_the_metrics_port_takes_no_body_and_no_long_head(measured: Place) -> None:
    """Its limits are those of the other ports, and a body has no use there."""
    with serving(measured):
        with_body = httpx.request("GET", f"{address(measured)}/metrics", content=b"x", trust_env=False)
        long_head = httpx.get(f"{address(measured)}/metrics", headers={"x-long": "x" * 20_000}, trust_env=False)

    assert with_body.status_code == 413
    assert long_head.status_code == 431


def test_metrics_listen_on_loopback_unless_they_are_let_out(measured: Place) -> None:
    """The address of requests is not the address of metrics."""
    measured.environment["POOLKEEPER_HOST"] = "0.0.0.0"
    with serving(measured):
        assert listens_on(measured.port) == {"00000000"}
        assert listens_on(metrics_port(measured)) == {"0100007F"}
    measured.environment["POOLKEEPER_METRICS_HOST"] = "0.0.0.0"
    with serving(measured):
        assert listens_on(metrics_port(measured)) == {"00000000"}


def metrics_port(where: Place) -> int:
    """Return the metrics port."""
    return int(where.environment["POOLKEEPER_METRICS_PORT"])


def listens_on(port: int) -> set[str]:
    """Return the addresses on which somebody listens at a port, as Linux writes them."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    places = [row[1].split(":") for row in rows if row[3] == "0A"]
    return {address for address, number in places if int(number, 16) == port}


# Start and end


def left_in(where: Place) -> list[str]:
    """Return what a start has left in the data folder, beside the ring that several workers were given before it."""
    return [] if not where.data.exists() else [one.name for one in where.data.iterdir() if one.name != "sealing.keys"]


def test_a_metrics_port_that_is_taken_ends_the_start_before_anything_is_written(measured: Place) -> None:
    """Exit code 2, the port, and how to choose another; nothing is left behind."""
    port = metrics_port(measured)
    with socket.create_server(("127.0.0.1", port)):
        done = program.run(measured, "serve")

    assert done.returncode == 2
    assert done.stderr.startswith(f"Cannot start: port {port} of 127.0.0.1 is in use")
    assert "serve --metrics-port" in done.stderr
    assert left_in(measured) == []
    assert list(temporary(measured).iterdir()) == []


@pytest.mark.parametrize("other", ["PORT", "TLS_PORT"])
def test_metrics_want_a_port_of_their_own(other: str) -> None:
    """On the port of requests everybody could read them; a start with both is refused."""
    with pytest.raises(SettingsError, match="metrics_port: a port of its own"):
        load({"dev": True}, {f"POOLKEEPER_{other}": "7700", "POOLKEEPER_METRICS_PORT": "7700"})
    with pytest.raises(SettingsError, match="metrics_port: from 0 to 65535"):
        load({"dev": True}, {"POOLKEEPER_METRICS_PORT": "65536"})


def test_a_start_without_room_for_the_workers_counts_is_refused(two_workers: Place) -> None:
    """Files are made as large as they will be: a folder that fills up later cannot end a worker.

    The first key has not been made by then: nobody would have been shown it.
    """
    where = with_metrics(two_workers)
    done = subprocess.run(
        ["bash", "-c", "ulimit -f 512; trap '' XFSZ; exec poolkeeper serve"],
        env=where.environment,
        cwd=where.folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 2, done.stderr
    assert "there is no folder for the metrics of 2 workers" in done.stderr
    assert "choose another TMPDIR" in done.stderr
    assert left_in(where) == []
    assert list(temporary(where).iterdir()) == []


def test_a_stop_ends_the_listener_and_cleans_up(measured: Place) -> None:
    """SIGTERM, with a reader whose connection is open: code 0, nobody listens, nothing is left, no line tells of it."""
    with httpx.Client(base_url=address(measured), trust_env=False) as reader:
        with serving(measured) as server:
            assert reader.get("/metrics").status_code == 200
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{address(measured)}/metrics", trust_env=False)

    assert list(temporary(measured).iterdir()) == []
    assert requests_logged(server) == 0
    assert "/metrics" not in server.said()
    assert json_lines(server.said())[-1]["message"] == "Stopped."


def test_no_library_is_loaded_where_no_metrics_are_wanted() -> None:
    """The library costs whoever does not ask for it neither time nor memory."""
    look = "import sys, poolkeeper.server.launch; print([name for name in sys.modules if 'prometheus' in name])"

    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"


def test_a_server_without_a_metrics_port_has_no_second_listener(installed: Place) -> None:
    """Off by default: one port, no folder for counts."""
    installed.environment["TMPDIR"] = str(temporary(installed))
    temporary(installed).mkdir()
    with serving(installed) as server:
        assert listening_sockets(server.process.pid) == 1

    assert list(temporary(installed).iterdir()) == []


def listening_sockets(process_id: int) -> int:
    """Return on how many sockets a process listens."""
    own = set()
    for entry in Path(f"/proc/{process_id}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed since the folder was read
            own.add(str(entry.readlink()))
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(1 for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in own)
