"""CustomMessage where existence is hidden: asked by the worker, after an answer that is the same for somebody and nobody.

Time is not looked at: the function hangs, and the answers are there all the same.
"""

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from api.choosing import ALLOWED
from api.happenings import happened
from api.listing import eventually
from api.own_code import OwnCode, own_code
from api.second_factors import EMAIL_OTP, pool_with, prefer
from api.signing_in import Raw, error_of, raw
from api.world import ClientOfTests, World, refused
from poolkeeper.clock import HOUR, MINUTE, SECOND
from poolkeeper.jobs.worker import Worker
from poolkeeper.messaging.senders import DeliveryFailed
from poolkeeper.model.message import Message

WAITING = "SELECT job_id FROM due WHERE kind = 'message' AND pool_id = $1"
NOT_TRIED = WAITING + " AND attempts = 0"
ARN = "arn:aws:lambda:us-east-1:000000000000:function:words"
# Of the same look, so that answers are the same to the byte.
KNOWN, UNKNOWN = "known@x.example", "kelly@x.example"
FIRST_FACTORS = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}}
SUBJECT = 'response["emailSubject"] = "about " + event["triggerSource"]'


@pytest.fixture
def code(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OwnCode]:
    """Hand a test a place for the functions of its pool."""
    with own_code(world, tmp_path, monkeypatch) as made:
        yield made


def asking(world: World, arn: str | None, **client: Any) -> ClientOfTests:
    """Return a client of a pool whose messages a function writes, with one user; by default it hides who exists."""
    pool = world.pool(
        UsernameAttributes=["email"],
        AutoVerifiedAttributes=["email"],
        Policies=FIRST_FACTORS,
        LambdaConfig={"CustomMessage": arn} if arn else {},
    )
    pool.user(KNOWN, email_verified="true")
    return pool.client(ExplicitAuthFlows=ALLOWED, **client)


def unconfirmed(world: World, arn: str) -> ClientOfTests:
    """Return a client whose user has yet to confirm the sign-up; the function writes from then on."""
    client = asking(world, None)
    client.pool.admin("admin_delete_user", KNOWN)
    client.sign_up(KNOWN)
    config = {"CustomMessage": arn}
    settings = {"AutoVerifiedAttributes": ["email"], "Policies": FIRST_FACTORS, "LambdaConfig": config}
    world.signed.update_user_pool(UserPoolId=client.pool.pool_id, **settings)
    eventually(world, WAITING, client.pool.pool_id)
    return client


Ask = Callable[[ClientOfTests, str], Raw]


def _public(operation: str) -> Ask:
    def ask(client: ClientOfTests, name: str) -> Raw:
        metadata = {} if operation == "InitiateAuth" else {"ClientMetadata": {"shop": "4"}}
        return raw(client.world, operation, {"ClientId": client.client_id, "Username": name, **metadata})

    return ask


def by_code(client: ClientOfTests, name: str) -> Raw:
    """Begin to sign in by a code."""
    given = {"USERNAME": name, "PREFERRED_CHALLENGE": "EMAIL_OTP"}
    return raw(
        client.world,
        "InitiateAuth",
        {"ClientId": client.client_id, "AuthFlow": "USER_AUTH", "AuthParameters": given},
    )


forgot = _public("ForgotPassword")
WAYS: dict[str, tuple[Ask, Callable[[World, str], ClientOfTests], str]] = {
    "ForgotPassword": (forgot, asking, "ForgotPassword"),
    "ResendConfirmationCode": (_public("ResendConfirmationCode"), unconfirmed, "ResendCode"),
    "EMAIL_OTP": (by_code, asking, "Authentication"),
}


def offered(client: ClientOfTests, ask: Ask) -> str:
    """Return the name of somebody unknown who is answered by a code too: what nobody may begin with is drawn."""
    for number in range(50):
        name = UNKNOWN if number == 0 else f"k{number}@x.example"
        answer = json.loads(ask(client, name)[2])
        if "EMAIL" in json.dumps(answer):
            return name
    raise AssertionError("nobody is offered a code")


def shape(answer: Raw) -> tuple[Any, ...]:
    """Return an answer without what is drawn for each."""
    document = json.loads(answer[2])
    document.get("ChallengeParameters", {}).pop("USER_ID_FOR_SRP", None)
    return answer[0], sorted(answer[1]), {**document, "Session": len(document.get("Session", ""))}


@pytest.mark.parametrize("way", WAYS)
def test_an_answer_does_not_wait_for_the_words(world: World, code: OwnCode, way: str) -> None:
    """attacks.md 9, 10: while the function hangs somebody is answered, like nobody; then the message goes out in its words."""
    ask, make, kind = WAYS[way]
    lines = ("import os, time", "while not os.path.exists('open'): time.sleep(0.01)", SUBJECT)
    client = make(world, code.function("words", *lines))
    name = offered(client, ask)
    assert shape(ask(client, KNOWN)) == shape(ask(client, name))
    assert len(world.rows(WAITING, client.pool.pool_id)) >= 1

    (code.folder / "open").touch()
    eventually(world, WAITING, client.pool.pool_id)
    (message,) = [one for one in world.outbox(KNOWN) if one["pool_id"] == client.pool.pool_id and one["kind"] == kind]
    assert message["subject"] == f"about CustomMessage_{kind}"
    assert message["code"] in message["body"]
    (event,) = code.told("words")
    assert event["callerContext"]["clientId"] == client.client_id
    assert event["request"].get("clientMetadata") == (None if way == "EMAIL_OTP" else {"shop": "4"})
    assert event["request"]["userAttributes"]["email"] == KNOWN
    assert message["code"] not in json.dumps(event)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("raise Exception('no words for ' + event['triggerSource'])", "UserLambdaValidationException"),
        ('response["emailMessage"] = "no code in here"', "InvalidLambdaResponseException"),
    ],
)
def test_a_function_that_fails_is_told_to_the_operator_alone(
    world: World, code: OwnCode, caplog: pytest.LogCaptureFixture, way: str, line: str, error: str
) -> None:
    """The answer is nobody's; an event and a line of the log, with what the function said, are the operator's."""
    ask, make, kind = WAYS[way]
    client = make(world, code.function("words", line))
    name = offered(client, ask)
    assert shape(ask(client, KNOWN)) == shape(ask(client, name))
    eventually(world, WAITING, client.pool.pool_id)

    assert len(code.told("words")) == 1
    (event,) = happened(world, client.pool, "CustomMessageFailed")
    assert event["about"] == {"kind": kind, "error": error, "again": "no"}
    assert event["user"] == world.signed.admin_get_user(UserPoolId=client.pool.pool_id, Username=KNOWN)["Username"]
    assert event["request_id"]
    said = f"no words for CustomMessage_{kind}" if "raise" in line else "does not hold the placeholder"
    assert any(said in record.getMessage() for record in caplog.records)
    kinds = [one["kind"] for one in world.outbox(KNOWN) if one["pool_id"] == client.pool.pool_id]
    assert kind not in kinds


def test_who_is_told_who_exists_hears_of_the_function(world: World, code: OwnCode) -> None:
    """A client that hides nobody, an administrator, and who has proved something: the error is theirs, as at AWS."""
    arn = code.function("words", "raise Exception('no words')")
    client = asking(world, arn, PreventUserExistenceErrors="LEGACY")
    for ask in (forgot, by_code):
        assert error_of(ask(client, KNOWN))[0] == "UserLambdaValidationException"
    hiding = client.pool.client(ExplicitAuthFlows=ALLOWED)
    by_hand = partial(
        world.signed.admin_initiate_auth,
        UserPoolId=client.pool.pool_id,
        ClientId=hiding.client_id,
        AuthFlow="USER_AUTH",
        AuthParameters={"USERNAME": KNOWN, "PREFERRED_CHALLENGE": "EMAIL_OTP"},
    )
    assert refused(by_hand)[0] == "UserLambdaValidationException"

    second = pool_with(world, EMAIL_OTP, LambdaConfig={"CustomMessage": arn})
    second.user("ada", email="ada@x.example", email_verified="true")
    prefer(second, "ada", "EmailMfaSettings")
    assert refused(lambda: second.client().sign_in("ada"))[0] == "UserLambdaValidationException"
    assert happened(world, client.pool, "CustomMessageFailed") == []


def test_a_function_that_cannot_be_called_is_asked_again(world: World, code: OwnCode) -> None:
    """The message waits until an operator has set the function up, and the event says so."""
    client = asking(world, ARN)
    assert forgot(client, KNOWN)[0] == 200
    eventually(world, NOT_TRIED, client.pool.pool_id)
    (event,) = happened(world, client.pool, "CustomMessageFailed")
    assert event["about"] == {"kind": "ForgotPassword", "error": "UnexpectedLambdaException", "again": "yes"}

    assert code.function("words", SUBJECT) == ARN
    world.clock.advance(6 * SECOND)
    eventually(world, WAITING, client.pool.pool_id)
    assert [one["subject"] for one in world.outbox(KNOWN)][-1] == "about CustomMessage_ForgotPassword"


def test_words_of_a_code_that_has_run_out_are_not_asked_for(world: World, code: OwnCode) -> None:
    """A function that comes back after an hour hears nothing of dead codes."""
    client = asking(world, ARN)
    assert forgot(client, KNOWN)[0] == 200
    eventually(world, NOT_TRIED, client.pool.pool_id)
    assert code.function("words", SUBJECT) == ARN
    world.clock.advance(HOUR)
    eventually(world, WAITING, client.pool.pool_id)
    assert code.told("words") == []


def test_words_are_asked_for_once_though_the_message_is_sent_again(
    world: World, code: OwnCode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are kept in the row: a mail server that is away for a minute makes the function write nothing twice."""
    client = asking(world, code.function("words", SUBJECT))
    sent: list[str] = []

    class Sender:
        tries = 0

        async def send(self, message: Message, *, message_id: str) -> None:
            if message.pool_id != client.pool.pool_id:
                return
            self.tries += 1
            if self.tries == 1:
                raise DeliveryFailed("connection refused", permanent=False)
            sent.append(message.subject)

    sender = Sender()
    monkeypatch.setattr(world.app.worker._messages, "_senders", {"outbox": sender})
    assert forgot(client, KNOWN)[0] == 200
    eventually(world, NOT_TRIED, client.pool.pool_id)
    world.clock.advance(MINUTE)
    eventually(world, WAITING, client.pool.pool_id)
    assert sent == ["about CustomMessage_ForgotPassword"]
    assert len(code.told("words")) == 1


def at_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the worker begin nothing."""

    async def rest(_worker: Worker, *, messages: bool) -> int:
        return 0

    monkeypatch.setattr(Worker, "round", rest)


def payloads(world: World, client: ClientOfTests) -> list[Message]:
    """Return what waits in the rows of a pool, opened."""
    rows = world.rows("SELECT job_id, payload FROM due WHERE pool_id = $1 ORDER BY job_id", client.pool.pool_id)
    opened = [
        world.house.sealer.open_column(bytes(payload), table="due", key=job_id, column="payload")
        for job_id, payload in rows
    ]
    return [msgspec.json.decode(one, type=Message) for one in opened]


@pytest.mark.parametrize("asks", [True, False], ids=["a function writes", "templates alone"])
def test_nobody_leaves_the_rows_that_somebody_leaves(
    world: World, code: OwnCode, monkeypatch: pytest.MonkeyPatch, *, asks: bool
) -> None:
    """attacks.md 10: the same tables, as many rows, of the same size to some bytes; what is nobody's has no address."""
    client = asking(world, code.function("words", SUBJECT) if asks else None)
    name = offered(client, by_code)
    by_code(client, KNOWN)  # as `name` has asked: one row counts both of a name's sends
    eventually(world, WAITING, client.pool.pool_id)
    at_rest(monkeypatch)
    tables = ("codes", "hourly", "due")

    def left_by(ask: Ask, name: str) -> tuple[list[int], Message]:
        def rows() -> list[int]:
            return [
                len(world.rows(f"SELECT 1 FROM {table} WHERE pool_id = $1", client.pool.pool_id)) for table in tables
            ]

        before = rows()
        assert ask(client, name)[0] == 200
        world.clock.advance(1)
        return [after - first for after, first in zip(rows(), before, strict=True)], payloads(world, client)[-1]

    for ask, unknown in ((forgot, UNKNOWN), (by_code, name), (_public("ResendConfirmationCode"), UNKNOWN)):
        (made, somebodys), (made_up, nobodys) = left_by(ask, KNOWN), left_by(ask, unknown)
        assert made == made_up
        assert (made[0], made[2]) == (1, 1)
        # Whoever is confirmed already is sent nothing either.
        assert (somebodys.to, nobodys.to) == ("" if ask not in {forgot, by_code} else KNOWN, "")
        assert (somebodys.question is not None) == (nobodys.question is not None) == asks
        sizes = [len(msgspec.json.encode(one)) for one in (somebodys, nobodys)]
        assert abs(sizes[0] - sizes[1]) < 64


@pytest.mark.parametrize("asks", [True, False], ids=["a function writes", "templates alone"])
def test_nobodys_message_goes_nowhere(world: World, code: OwnCode, *, asks: bool) -> None:
    """The worker drops it: no function hears of it, no inbox shows it, and the list is empty."""
    client = asking(world, code.function("words", SUBJECT) if asks else None)
    for ask in (forgot, _public("ResendConfirmationCode")):
        assert ask(client, UNKNOWN)[0] == 200
    assert by_code(client, offered(client, by_code))[0] == 200
    eventually(world, WAITING, client.pool.pool_id)
    assert [one for one in world.outbox() if one["pool_id"] == client.pool.pool_id] == []
    assert [one for one in code.told("words") if one["userPoolId"] == client.pool.pool_id] == []


def test_more_metadata_than_a_row_keeps_is_refused(world: World, code: OwnCode) -> None:
    """For somebody and for nobody in the same words; what is not kept may be as long as before."""
    big = {"note": "x" * 17_000}

    def ask(client: ClientOfTests, name: str) -> Raw:
        given = {"ClientId": client.client_id, "Username": name, "ClientMetadata": big}
        return raw(world, "ForgotPassword", given)

    client = asking(world, code.function("words", SUBJECT))
    told = [ask(client, name) for name in (KNOWN, UNKNOWN)]
    assert error_of(told[0]) == (
        "InvalidParameterException",
        "ClientMetadata must have no more than 16384 characters",
    )
    assert told[0] == told[1]
    assert world.rows("SELECT purpose FROM codes WHERE pool_id = $1", client.pool.pool_id) == []
    assert ask(asking(world, None), KNOWN)[0] == 200


def test_nothing_is_asked_for_a_user_who_is_gone(world: World, code: OwnCode, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deleted between the answer and the words: the function hears of no user that is none."""
    client = asking(world, code.function("words", SUBJECT))
    with monkeypatch.context() as resting:
        at_rest(resting)
        assert forgot(client, KNOWN)[0] == 200
        client.pool.admin("admin_delete_user", KNOWN)
    eventually(world, WAITING, client.pool.pool_id)
    assert code.told("words") == []


def test_the_inbox_waits_for_the_words(world: World, code: OwnCode) -> None:
    """A test of an application reads the message right after the call, in the words of its own function."""
    client = asking(world, code.function("words", "import time; time.sleep(0.3)", SUBJECT))
    assert forgot(client, KNOWN)[0] == 200
    message = world.outbox(KNOWN)[-1]
    assert (message["kind"], message["subject"]) == ("ForgotPassword", "about CustomMessage_ForgotPassword")
