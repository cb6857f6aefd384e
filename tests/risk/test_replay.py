"""Does `poolkeeper risk evaluate` judge an operator's own events as the server would have? Exports of four makes."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from poolkeeper.cli import main
from poolkeeper.clock import DAY, MINUTE
from poolkeeper.risk.judge import Level
from poolkeeper.risk.replay import read, replayed
from risk import place_files
from risk.people import ELSEWHERE, HOME, START


def event(at: int, address: str = HOME, **more: Any) -> dict[str, Any]:
    """Return an event as the API has it on the wire."""
    where = {"City": "Berlin", "Country": "DE"} if address == HOME else {"City": "Recife", "Country": "BR"}
    return {
        "EventId": str(at),
        "EventType": "SignIn",
        "CreationDate": (START + at) / 1_000,
        "EventResponse": "Pass",
        "EventRisk": {"RiskDecision": "NoRisk"},
        "EventContextData": {"IpAddress": address, "DeviceName": "Chrome on Windows", **where},
    } | more


DENIED: dict[str, Any] = {
    "EventFeedback": {"FeedbackValue": "Invalid", "Provider": "User"},
    "EventRisk": {"RiskLevel": "Low"},
}
THIEF = {"IpAddress": ELSEWHERE, "DeviceName": "Firefox on Linux", "Country": "BR", "City": "Recife"}
LIFE = [event(number * DAY) for number in range(6)]
STOLEN = event(6 * DAY, EventContextData=THIEF, **DENIED)


def levels(*answers: dict[str, Any]) -> list[Level]:
    """Return how the sign-ins of answers are judged."""
    return [each.judgement.level for each in replayed(read(json.dumps(answer) for answer in answers))]


def test_a_life_is_no_risk_and_a_thief_is_one() -> None:
    """The newest comes first in an answer; the judge takes them by time."""
    assert levels({"Username": "ada", "AuthEvents": [STOLEN, *reversed(LIFE)]}) == [Level.NONE] * 6 + [Level.HIGH]


def test_what_was_denied_is_not_learnt() -> None:
    """It comes again a hundred times, and stays what it is; what was not denied becomes a habit."""
    again = [event((7 + number) * DAY, EventContextData=THIEF, **DENIED) for number in range(20)]
    assert set(levels({"Username": "ada", "AuthEvents": [*LIFE, *again]})[6:]) == {Level.HIGH}
    kept = [event((7 + number) * DAY, EventContextData=THIEF) for number in range(20)]
    assert levels({"Username": "ada", "AuthEvents": [*LIFE, *kept]})[-1] is Level.NONE


def test_events_may_stand_alone() -> None:
    """One a line, each with its user: nobody's history is somebody else's."""
    ada = [one | {"Username": "ada"} for one in LIFE]
    assert levels(*ada, STOLEN | {"Username": "ada"})[-1] is Level.HIGH
    assert levels(*ada, STOLEN | {"Username": "grace"})[-1] is Level.NONE


@pytest.mark.parametrize(
    "date", ["2026-12-01T10:00:00.123000+01:00", "2026-12-01 09:00:00.123000+00:00", 1796115600.123]
)
def test_dates_are_read_as_clients_write_them(date: object) -> None:
    """The AWS CLI, Python's str, and the wire."""
    line = json.dumps({"Username": "ada", "AuthEvents": [event(0, CreationDate=date)]})
    assert [one.at_ms for one in read([line])] == [1_796_115_600_123]


def test_refusals_make_a_spray() -> None:
    """Ten users were refused from an address within the hour: the right password after them is at least Medium."""
    refused = [
        {"Username": f"user {number}", "AuthEvents": [event(number * MINUTE, EventResponse="Fail")]}
        for number in range(10)
    ]
    assert levels(*refused, {"Username": "ada", "AuthEvents": [event(20 * MINUTE)]}) == [Level.MEDIUM]
    assert levels(*refused, {"Username": "ada", "AuthEvents": [event(90 * MINUTE)]}) == [Level.NONE]


def test_what_was_kept_out_is_judged_and_not_learnt() -> None:
    """A range that is always blocked: however often somebody knocks from there, it is nobody's habit."""
    blocked: dict[str, Any] = {
        "EventResponse": "Fail",
        "EventRisk": {"RiskDecision": "Block"},
        "EventContextData": THIEF,
    }
    knocks = [event((6 + number) * DAY, **blocked) for number in range(20)]
    assert set(levels({"Username": "ada", "AuthEvents": [*LIFE, *knocks]})[6:]) == {Level.HIGH}


def test_what_is_no_sign_in_is_left_out() -> None:
    """Sign-ups and resets have no habits."""
    assert (
        levels({"Username": "ada", "AuthEvents": [event(0, EventType="SignUp")]}, {"Username": "x", "AuthEvents": []})
        == []
    )


@pytest.mark.parametrize(
    "line",
    [
        "nonsense",
        "[]",
        "{}",
        '{"AuthEvents": 7}',
        '{"AuthEvents": ["x"]}',
        '{"EventType": "SignIn", "CreationDate": "soon"}',
        '{"EventType": "SignIn", "CreationDate": 1e18}',
        '{"EventType": "SignIn", "CreationDate": -1e18}',
    ],
)
def test_a_line_that_is_no_event_is_named(line: str) -> None:
    """By its number, and nothing is judged."""
    with pytest.raises(ValueError, match="line 3 is no answer"):
        read([json.dumps({"Username": "ada", "AuthEvents": LIFE}), "", line])


def run(file: Path | str, *options: str, given: str | None = None) -> tuple[int, str]:
    """Run the command."""
    done = CliRunner().invoke(main, ["risk", "evaluate", str(file), *options], input=given)
    return done.exit_code, done.output


def test_the_command_tells_levels_thresholds_and_the_riskiest(tmp_path: Path) -> None:
    """From a file and from standard input alike."""
    text = json.dumps({"Username": "ada", "AuthEvents": [STOLEN, *LIFE]}) + "\n"
    file = tmp_path / "events.jsonl"
    file.write_text(text)
    status, told = run(file, "--worst", "1")
    assert (status, told) == run("-", "--worst", "1", given=text)
    assert status == 0
    assert told.startswith("7 sign-ins of 1 users in 6 days.")
    rows = {line.split()[0]: line.split()[1:] for line in told.splitlines() if line}
    assert rows["None"] == ["6", "85.71%", "6", "0", "0"]
    assert rows["Low"] == ["0", "0.00%", "1", "0", "0"]
    assert rows["High"] == ["1", "14.29%", "0", "0", "1"]
    assert rows["5"] == ["0.00%", "100.0%"]
    assert "Area under the ROC 1.000, equal error 0.0%." in told
    assert told.count("ada: High risk") == 1


def test_the_command_looks_places_up(tmp_path: Path) -> None:
    """A file of places beats what the events say; one that cannot be read is named."""
    places = tmp_path / "city.mmdb"
    place_files.write(
        places, {"198.51.100.0/24": place_files.city("FR", "Paris"), "203.0.113.0/24": place_files.city("IT")}
    )
    given = json.dumps({"Username": "ada", "AuthEvents": [STOLEN, *LIFE]})
    assert "the country IT is new" in run("-", "--places", str(places), given=given)[1]
    assert "the country BR is new" in run("-", given=given)[1]
    status, told = run("-", "--places", str(tmp_path / "none.mmdb"), given=given)
    assert (status, "none.mmdb cannot be read" in told) == (2, True)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("", "nothing to judge"),
        ("{}", "line 1 is no answer"),
        (json.dumps({"AuthEvents": LIFE}), "Nobody said Invalid"),
    ],
)
def test_the_command_says_what_it_cannot_do(given: str, said: str) -> None:
    """In a sentence."""
    assert said in run("-", given=given)[1]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """And nothing else happens."""
    status, told = run(tmp_path / "none.jsonl")
    assert (status, "No such file" in told) == (2, True)
