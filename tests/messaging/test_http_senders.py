"""Do messages reach providers over HTTP, and what do their answers mean? A Twilio-compatible server, and an operator's own."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import msgspec
import pytest

from core.egress_spy import Spy, names
from functions.receiver import Answer, Received, Receiver, receiving
from functions.webhook_samples import Check, changed, node_sample, python_sample
from messaging.postbox import MESSAGE, NOON, FixedClock
from poolkeeper.clock import SECOND
from poolkeeper.egress import Egress
from poolkeeper.messaging.senders import DeliveryFailed, Reachable
from poolkeeper.messaging.senders.twilio import TwilioSender
from poolkeeper.messaging.senders.webhook import WebhookSender
from poolkeeper.secret import Secret
from poolkeeper.sender_settings import Endpoint, ReceiverTransport, TwilioTransport
from poolkeeper.settings import Settings

TEXT = msgspec.structs.replace(MESSAGE, medium="SMS", to="+15550100123", subject="", body="Your code is 590318 & more.")
TOKEN, SECRET, OLD_SECRET = "token-of-the-account", "secret-of-the-receiver", "secret-of-yesterday"
NOW = NOON // SECOND
Make = Callable[[Endpoint, Egress], Reachable]


def twilio(endpoint: Endpoint, egress: Egress, **more: str) -> TwilioSender:
    known = {"account_sid": "AC1", "user": "AC1", "number": "+12065550100", "messaging_service_sid": ""} | more
    return TwilioSender(TwilioTransport(password=Secret(TOKEN), endpoint=endpoint, **known), egress)


def hook(endpoint: Endpoint, egress: Egress, *secrets: str) -> WebhookSender:
    setting = ReceiverTransport(endpoint=endpoint, secrets=tuple(map(Secret, secrets or (SECRET,))))
    return WebhookSender(setting, egress, FixedClock(), mail_from="no-reply@poolkeeper.example")


def through(
    make: Make, answer: Answer | Callable[[Received], Answer], work: Callable[[Reachable], Awaitable[Any]]
) -> tuple[Receiver, DeliveryFailed | str | None]:
    """Return what a server was sent that answers so, and what came of it."""

    async def story() -> tuple[Receiver, DeliveryFailed | str | None]:
        egress = Egress(Settings())
        async with receiving(answer) as receiver:
            sender = make(Endpoint(url=receiver.url, private=True, plain_http=True), egress)
            try:
                return receiver, await work(sender)
            except DeliveryFailed as fault:
                return receiver, fault
            finally:
                await egress.close()

    return asyncio.run(story())


def sent(make: Make, message: Any, answer: Answer = Answer()) -> tuple[Received, DeliveryFailed | str | None]:  # noqa: B008
    receiver, outcome = through(make, answer, lambda sender: sender.send(message, message_id="0b5c-1"))
    (request,) = receiver.received
    return request, outcome


# Twilio


def test_a_text_message_reaches_twilio() -> None:
    """By the form of its Messages resource, with the account's token."""
    request, outcome = sent(twilio, TEXT, Answer(201, b'{"sid": "SM1"}'))

    assert outcome is None
    assert (request.method, request.path) == ("POST", "/2010-04-01/Accounts/AC1/Messages.json")
    assert request.headers["authorization"] == f"Basic {base64.b64encode(f'AC1:{TOKEN}'.encode()).decode()}"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert {name: values[0] for name, values in parse_qs(request.body.decode()).items()} == {
        "To": "+15550100123",
        "From": "+12065550100",
        "Body": "Your code is 590318 & more.",
    }


def test_a_messaging_service_and_an_api_key_take_the_place_of_number_and_token() -> None:
    """As Twilio has it."""
    request, _ = sent(
        lambda endpoint, egress: twilio(endpoint, egress, number="", messaging_service_sid="MG1", user="SK1"), TEXT
    )
    assert request.headers["authorization"] == f"Basic {base64.b64encode(f'SK1:{TOKEN}'.encode()).decode()}"
    assert parse_qs(request.body.decode())["MessagingServiceSid"] == ["MG1"]
    assert "From" not in parse_qs(request.body.decode())


@pytest.mark.parametrize(
    ("answer", "permanent"),
    [
        (Answer(400, b'{"code": 21211, "message": "The \'To\' number +15550100123 is not valid"}'), True),
        (Answer(400, b'{"code": 21610, "message": "unsubscribed"}'), True),
        (Answer(400, b'{"code": 21606, "message": "the From number is not yours"}'), False),
        (Answer(400, b'{"code": 21408, "message": "no permission for the region"}'), False),
        (Answer(401, b'{"code": 20003}'), False),
        (Answer(429, b'{"code": 20429}'), False),
        (Answer(500, b'{"code": 21211}'), False),
        (Answer(400, b'{"code": "21211"}'), False),
        (Answer(400, b"Your code is 590318"), False),
        (Answer(302, b"", {"Location": "http://169.254.169.254/"}), False),
        (Answer(drop=True), False),
    ],
)
def test_what_twilio_says_decides_whether_it_is_asked_again(answer: Answer, *, permanent: bool) -> None:
    """A number that takes no message is refused for good; all that an operator can mend waits. No words of others are told."""
    _, fault = sent(twilio, TEXT, answer)
    assert isinstance(fault, DeliveryFailed)
    assert fault.permanent is permanent
    assert not any(secret in fault.reason for secret in ("590318", TEXT.to, TOKEN, "not valid"))


def test_the_doctor_asks_twilio_for_the_account() -> None:
    """A wrong token is a fault; a server that knows no accounts is none."""
    asked, sound = through(twilio, Answer(200), lambda sender: sender.check())
    assert (asked.received[0].method, asked.received[0].path) == ("GET", "/2010-04-01/Accounts/AC1.json")
    assert sound == "the provider of text messages answers"
    assert through(twilio, Answer(404), lambda sender: sender.check())[1] == sound
    for status in (401, 403, 502):
        assert isinstance(through(twilio, Answer(status), lambda sender: sender.check())[1], DeliveryFailed)


# A web server of the operator's


def test_a_receiver_is_told_all_of_a_mail() -> None:
    """What it needs to send it, in both forms, and what it needs to use words of its own."""
    message = msgspec.structs.replace(
        MESSAGE,
        body="<p>Your code is <b>590318</b>.</p>",
        sender='"Bücher, Zoë" <no-reply@juniper.example>',
        reply_to="help@juniper.example",
        valid_until=NOON + 60_000,
    )
    request, outcome = sent(hook, message, Answer(202, b"thanks"))

    assert outcome is None
    assert json.loads(request.body) == {
        "version": 1,
        "type": "message",
        "id": "0b5c-1",
        "medium": "EMAIL",
        "to": "ada@lovelace.example",
        "kind": "ForgotPassword",
        "code": "590318",
        "pool_id": "us-east-1_Kx81mQ0zP",
        "username": "ada.lovelace",
        "valid_until": NOW + 60,
        "from": '"Bücher, Zoë" <no-reply@juniper.example>',
        "reply_to": "help@juniper.example",
        "subject": "Your password reset code",
        "text": "Your code is 590318.\n",
        "html": "<p>Your code is <b>590318</b>.</p>",
    }


def test_a_receiver_is_told_all_of_a_text_message() -> None:
    """Its words, and whom they are for."""
    told = json.loads(sent(hook, TEXT)[0].body)
    assert (told["medium"], told["to"], told["text"]) == ("SMS", "+15550100123", "Your code is 590318 & more.")
    assert not {"html", "subject", "from"} & told.keys()


@pytest.mark.parametrize("check", [python_sample, node_sample])
def test_a_receiver_knows_our_messages_and_nobody_else_s(check: Check) -> None:
    """attacks.md 146: the samples of docs/functions.md are right for messages too. Body, id and time are signed."""
    request, _ = sent(lambda endpoint, egress: hook(endpoint, egress, SECRET, OLD_SECRET), TEXT)
    signature = request.headers["poolkeeper-signature"]

    assert check(request, SECRET, NOW)
    assert check(request, OLD_SECRET, NOW + 300)
    assert not check(request, "another-secret-of-nobody", NOW)
    assert not check(request, SECRET, NOW + 301)
    assert not check(changed(request, body=request.body + b" "), SECRET, NOW)
    assert not check(changed(request, poolkeeper_id="0b5c-2"), SECRET, NOW)
    later = signature.replace(f"t={NOW}", f"t={NOW + 1}")
    assert not check(changed(request, poolkeeper_signature=later), SECRET, NOW)


@pytest.mark.parametrize(
    ("answer", "permanent"),
    [
        (Answer(400, b"Your code is 590318"), True),
        (Answer(422), True),
        (Answer(401), False),
        (Answer(404), False),
        (Answer(408), False),
        (Answer(429), False),
        (Answer(500), False),
        (Answer(301, b"", {"Location": "http://127.0.0.1:1/"}), False),
        (Answer(200, b"x" * 70_000), False),
        (Answer(drop=True), False),
    ],
)
def test_what_a_receiver_says_decides_whether_it_is_asked_again(answer: Answer, *, permanent: bool) -> None:
    """Its words are not read: an error page quotes what it was sent. A redirect leads nowhere."""
    _, fault = sent(hook, TEXT, answer)
    assert isinstance(fault, DeliveryFailed)
    assert fault.permanent is permanent
    assert "590318" not in fault.reason


def test_the_doctor_s_question_to_a_receiver_is_signed_and_no_message() -> None:
    """So that a wrong secret is found before the first code is lost."""
    asked, sound = through(hook, Answer(204, b""), lambda sender: sender.check())
    (request,) = asked.received
    assert python_sample(request, SECRET, NOW)
    assert json.loads(request.body)["type"] == "check"
    assert sound == "the receiver answers"
    assert isinstance(through(hook, Answer(401), lambda sender: sender.check())[1], DeliveryFailed)


@pytest.mark.parametrize("name", ["subject", "sender", "to", "reply_to"])
def test_no_value_becomes_a_header_of_what_a_receiver_sends(name: str) -> None:
    """A mail goes through the same checks, whoever writes its head in the end."""
    nowhere = Endpoint(url="https://hooks.example.com", private=False, plain_http=False)
    evil = msgspec.structs.replace(MESSAGE, **{name: "ada@lovelace.example\r\nBcc: eve@evil.example"})

    async def send() -> None:
        egress = Egress(Settings(), network=Spy())
        await hook(nowhere, egress).send(evil, message_id="1")

    with pytest.raises(DeliveryFailed) as caught:
        asyncio.run(send())
    assert caught.value.permanent


@pytest.mark.parametrize("make", [twilio, hook])
@pytest.mark.parametrize(
    "answer",
    [
        lambda request: Answer(headers={request.body.decode(): "repeated"}),
        lambda request: Answer(headers={"Content-Encoding": request.body.decode()}),
    ],
)
def test_an_answer_that_repeats_the_message_and_is_no_http_is_not_told(
    make: Make, answer: Callable[[Received], Answer]
) -> None:
    """The log would have had code and number."""
    _, fault = through(make, answer, lambda sender: sender.send(TEXT, message_id="0b5c-1"))
    assert isinstance(fault, DeliveryFailed)
    assert not any(secret in fault.reason for secret in ("590318", "15550100123"))
    assert not fault.permanent


# Whoever gives an address (attacks.md 107)


def connected(make: Make, url: str, addresses: dict[str, list[str]], *, private: bool = False) -> list[tuple[str, int]]:
    """Return where a message would have gone."""
    spy = Spy()

    async def story() -> None:
        egress = Egress(Settings(), resolve=names(addresses), network=spy)
        with pytest.raises(DeliveryFailed) as caught:
            await make(Endpoint(url=url, private=private, plain_http=True), egress).send(TEXT, message_id="1")
        assert not caught.value.permanent
        await egress.close()

    asyncio.run(story())
    return spy.connections


@pytest.mark.parametrize("make", [twilio, hook])
@pytest.mark.parametrize(
    "address", ["127.0.0.1", "::1", "10.1.2.3", "169.254.169.254", "fd00:ec2::254", "192.168.0.1", "::ffff:7f00:1"]
)
def test_a_name_that_leads_into_the_private_network_is_not_followed(make: Make, address: str) -> None:
    """Unless the operator says that it may; to what a cloud tells its machines never."""
    url = "https://hooks.example.com"
    assert connected(make, url, {"hooks.example.com": [address]}) == []
    metadata = address in {"169.254.169.254", "fd00:ec2::254"}
    assert bool(connected(make, url, {"hooks.example.com": [address]}, private=True)) is not metadata


@pytest.mark.parametrize("make", [twilio, hook])
def test_the_address_that_was_judged_is_the_one_that_is_called(make: Make) -> None:
    """A name that answers otherwise the second time (DNS rebinding) leads nowhere else."""
    url = "https://hooks.example.com"
    assert connected(make, url, {"hooks.example.com": ["10.0.0.1", "93.184.215.14"]}) == [("93.184.215.14", 443)]
