"""Do mail and text messages reach SES and SNS, signed as AWS wants it? Moto's server, and answers that AWS documents."""

import asyncio
import email
import email.policy
import json
from base64 import b64decode
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from functools import partial
from typing import Any
from urllib.parse import parse_qs

import botocore.auth
import msgspec
import pytest
from moto.backends import get_backend

from functions.receiver import Answer, Receiver, receiving
from messaging.aws import ACCOUNT, KEY, KEY_ID, KEY_SECRET, REGION, TOKEN, Moto, moto_server
from messaging.postbox import MESSAGE, NOON, FixedClock
from poolkeeper.egress import Egress
from poolkeeper.messaging.senders import DeliveryFailed
from poolkeeper.messaging.senders.ses import SesSender
from poolkeeper.messaging.senders.sns import SnsSender
from poolkeeper.model.message import Message
from poolkeeper.sender_settings import Endpoint, SesTransport, SnsTransport
from poolkeeper.settings import Settings

FROM = "no-reply@poolkeeper.example"
TEXT = msgspec.structs.replace(MESSAGE, medium="SMS", to="+15550100123", subject="", body="Your code is 590318 & more.")
Send = Callable[[Egress], Awaitable[Any]]


@pytest.fixture
def moto(monkeypatch: pytest.MonkeyPatch) -> Iterator[Moto]:
    """Run moto, empty, with a sender's address that it knows; botocore signs by the senders' clock."""
    moment = datetime.fromtimestamp(NOON / 1000, UTC)
    monkeypatch.setattr(
        botocore.auth,
        "get_current_datetime",
        lambda remove_tzinfo=True: moment.replace(tzinfo=None) if remove_tzinfo else moment,
    )
    for service in ("ses", "sns"):
        get_backend(service).reset()
    with moto_server() as running:
        running.client("ses").verify_email_identity(EmailAddress=FROM)
        yield running


def ses(endpoint: Endpoint, egress: Egress, *, api: str = "v2", configuration_set: str = "") -> SesSender:
    setting = SesTransport(api=api, key=KEY, region=REGION, endpoint=endpoint, configuration_set=configuration_set)
    return SesSender(setting, egress, FixedClock(), mail_from=FROM)


def sns(endpoint: Endpoint, egress: Egress, *, region: str = REGION, **more: str) -> SnsSender:
    known = {"sender_id": "", "sms_type": "Transactional", "origination_number": "", "max_price": ""} | more
    setting = SnsTransport(key=KEY, region=region, endpoint=endpoint, **known)
    return SnsSender(setting, egress, FixedClock(), region="us-east-1")


def run(work: Send) -> Any:
    """Do something with a way out of its own."""

    async def story() -> Any:
        egress = Egress(Settings())
        try:
            return await work(egress)
        finally:
            await egress.close()

    return asyncio.run(story())


def failure(work: Send) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as caught:
        run(work)
    return caught.value


def against(answer: Answer, send: Callable[[Endpoint, Egress], Awaitable[Any]]) -> tuple[Receiver, DeliveryFailed]:
    """Return what a server was sent that answers so, and what came of it."""

    async def story() -> tuple[Receiver, DeliveryFailed]:
        egress = Egress(Settings())
        async with receiving(answer) as receiver:
            endpoint = Endpoint(url=receiver.url, private=True, plain_http=True)
            with pytest.raises(DeliveryFailed) as caught:
                await send(endpoint, egress)
            await egress.close()
            return receiver, caught.value

    return asyncio.run(story())


async def _sent(endpoint: Endpoint, message: Message, api: str, configuration_set: str, egress: Egress) -> None:
    await ses(endpoint, egress, api=api, configuration_set=configuration_set).send(message, message_id="1")


def sent_mail() -> tuple[Any, EmailMessage]:
    """Return the one mail that moto's SES holds, as it is and parsed."""
    (kept,) = get_backend("ses")[ACCOUNT][REGION].sent_messages
    parsed = email.message_from_string(kept.raw_data, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    return kept, parsed


@pytest.mark.parametrize("api", ["v1", "v2"])
def test_a_mail_reaches_ses_with_its_html_and_its_text(moto: Moto, api: str) -> None:
    """Whole, as it would have gone to a mail server; the signature is the one that botocore makes."""
    message = msgspec.structs.replace(
        MESSAGE, body="Your code is <b>590318</b>.", sender=f"Bücher <{FROM}>", reply_to="help@poolkeeper.example"
    )

    run(lambda egress: ses(moto.endpoint, egress, api=api).send(message, message_id="0b5c-1"))

    kept, mail = sent_mail()
    assert moto.refused == []
    assert moto.seen[0][:2] == ("/" if api == "v1" else "/v2/email/outbound-emails", "ses")
    assert kept.source == FROM
    assert mail["From"].addresses[0].display_name == "Bücher"
    assert mail["To"] == MESSAGE.to
    assert mail["Reply-To"] == "help@poolkeeper.example"
    assert mail["Message-ID"] == "<0b5c-1@poolkeeper.example>"
    text, html = mail.iter_parts()
    assert isinstance(text, EmailMessage)
    assert isinstance(html, EmailMessage)
    assert text.get_content().strip() == "Your code is 590318."
    assert html.get_content().strip() == message.body


@pytest.mark.parametrize("api", ["v1", "v2"])
def test_the_pool_s_configuration_set_goes_before_the_sender_s(moto: Moto, api: str) -> None:
    """Each where it belongs in the call; without either nothing is named."""
    pool = msgspec.structs.replace(MESSAGE, configuration_set="of-the-pool")
    for message, configured in ((MESSAGE, ""), (MESSAGE, "of-the-sender"), (pool, "of-the-sender")):
        run(partial(_sent, moto.endpoint, message, api, configured))
    bodies = [
        {name: values[0] for name, values in parse_qs(body.decode()).items()} if api == "v1" else json.loads(body)
        for _, _, body in moto.seen
    ]
    assert [body.get("ConfigurationSetName") for body in bodies] == [None, "of-the-sender", "of-the-pool"]


@pytest.mark.parametrize("api", ["v1", "v2"])
def test_an_address_that_nobody_proved_to_ses_waits_for_the_operator(moto: Moto, api: str) -> None:
    """The mail is not lost: once the identity is verified it goes out."""
    stranger = msgspec.structs.replace(MESSAGE, sender="other@poolkeeper.example")

    fault = failure(lambda egress: ses(moto.endpoint, egress, api=api).send(stranger, message_id="1"))

    assert not fault.permanent
    assert "MessageRejected" in fault.reason


def test_a_text_message_reaches_sns(moto: Moto) -> None:
    """With the attributes of the table, signed for SNS in its region."""
    run(lambda egress: sns(moto.endpoint, egress, sender_id="Example", max_price="0.50").send(TEXT, message_id="1"))

    held = get_backend("sns")[ACCOUNT][REGION].sms_messages
    assert list(held.values()) == [("+15550100123", "Your code is 590318 & more.")]
    assert moto.refused == []
    (path, service, body), *_ = moto.seen
    sent = {name: values[0] for name, values in parse_qs(body.decode()).items()}
    assert (path, service, sent["Action"]) == ("/", "sns", "Publish")
    assert [sent[f"MessageAttributes.entry.{place}.Name"] for place in (1, 2, 3)] == [
        "AWS.SNS.SMS.SMSType",
        "AWS.SNS.SMS.SenderID",
        "AWS.SNS.SMS.MaxPrice",
    ]
    assert sent["MessageAttributes.entry.3.Value.DataType"] == "Number"


def test_the_pool_s_region_counts_where_the_table_names_none(moto: Moto) -> None:
    """And what is no region never gets into a host's name."""
    abroad = msgspec.structs.replace(TEXT, region="ap-south-1")
    run(lambda egress: sns(moto.endpoint, egress, region="").send(abroad, message_id="1"))
    assert list(get_backend("sns")[ACCOUNT]["ap-south-1"].sms_messages.values()) == [(TEXT.to, TEXT.body)]

    evil = msgspec.structs.replace(TEXT, region="evil.example/x-1")
    nowhere = Endpoint(url="", private=False, plain_http=False)
    fault = failure(lambda egress: sns(nowhere, egress, region="").send(evil, message_id="1"))
    assert fault.permanent
    assert "SnsRegion" in fault.reason


@pytest.mark.parametrize(
    ("answer", "permanent"),
    [
        (Answer(400, b'{"__type":"MessageRejected","message":"Email address is not verified."}'), False),
        (Answer(400, b'{"__type":"MessageRejected","message":"it holds a virus"}'), True),
        (Answer(400, b'{"__type":"BadRequestException","message":"Local address contains control"}'), True),
        (Answer(400, b'{"__type":"com.amazonaws.ses#SendingPausedException","message":"paused"}'), False),
        (Answer(404, b'{"message":"x"}', {"x-amzn-errortype": "NotFoundException:http://x"}), False),
        (Answer(429, b'{"message":"slow"}', {"x-amzn-errortype": "TooManyRequestsException"}), False),
        (Answer(403, b'{"message":"x"}', {"x-amzn-errortype": "SignatureDoesNotMatch"}), False),
        (Answer(400, b"<Error><Code>InvalidParameterValue</Code><Message>x</Message></Error>"), True),
        (Answer(400, b"<Error><Code>Throttling</Code><Message>rate</Message></Error>"), False),
        (Answer(503, b"<Error><Code>MessageRejected</Code></Error>"), False),
        (Answer(400, b"{" * 50_000), False),
        (Answer(400, b"[1]"), False),
        (Answer(302, b"", {"Location": "http://169.254.169.254/"}), False),
        (Answer(200, b"x" * 70_000), False),
        (Answer(drop=True), False),
    ],
)
def test_what_ses_says_decides_whether_it_is_asked_again(answer: Answer, *, permanent: bool) -> None:
    """What an operator, or time, can mend is tried again; of the mail itself no is no. Redirects are not followed."""
    receiver, fault = against(answer, lambda endpoint, egress: ses(endpoint, egress).send(MESSAGE, message_id="1"))
    assert fault.permanent is permanent
    assert len(receiver.received) == 1
    assert not any(secret in fault.reason for secret in ("590318", MESSAGE.to, KEY_SECRET, TOKEN))


@pytest.mark.parametrize(
    ("answer", "permanent"),
    [
        (Answer(400, b"<Error><Code>InvalidParameter</Code><Message>PhoneNumber</Message></Error>"), True),
        (Answer(400, b"<Error><Code>Throttled</Code><Message>x</Message></Error>"), False),
        (Answer(403, b"<Error><Code>AuthorizationError</Code><Message>x</Message></Error>"), False),
        (Answer(500, b"<Error><Code>InvalidParameter</Code></Error>"), False),
        (Answer(400, b"no XML +15550100123 590318"), False),
    ],
)
def test_what_sns_says_decides_whether_it_is_asked_again(answer: Answer, *, permanent: bool) -> None:
    """As with mail; and neither the number nor the code gets into the log."""
    _, fault = against(answer, lambda endpoint, egress: sns(endpoint, egress).send(TEXT, message_id="1"))
    assert fault.permanent is permanent
    assert not any(secret in fault.reason for secret in ("590318", TEXT.to))


def test_the_words_of_ses_are_told_without_the_address_and_the_code() -> None:
    """SES names the address that it refuses; a log is read by many."""
    words = f'{{"__type":"MessageRejected","message":"not verified: {MESSAGE.to}\\r\\nYour code is 590318."}}'
    answer = Answer(400, words.encode())
    _, fault = against(answer, lambda endpoint, egress: ses(endpoint, egress).send(MESSAGE, message_id="1"))
    assert fault.reason == "SES said: 400 MessageRejected not verified: ***  Your code is ***."


@pytest.mark.parametrize("opened", ["<Code>", "<Code>x", "<Message>"])
def test_an_answer_that_is_nearly_empty_is_read_once(opened: str) -> None:
    """Blanks after an element that does not end were read again for each of them, twice over: the server stood still for hours."""
    answer = Answer(400, opened.encode() + b" " * 60_000)
    _, fault = against(answer, lambda endpoint, egress: ses(endpoint, egress).send(MESSAGE, message_id="1"))
    assert (fault.reason, fault.permanent) == ("SES said: 400  ", False)


def test_each_sends_its_own_medium() -> None:
    """A mistake in wiring is seen, not sent; and SES knows no local part beyond ASCII."""
    nowhere = Endpoint(url="", private=False, plain_http=False)
    assert failure(lambda egress: ses(nowhere, egress).send(TEXT, message_id="1")).permanent
    assert failure(lambda egress: sns(nowhere, egress).send(MESSAGE, message_id="1")).permanent
    zoe = msgspec.structs.replace(MESSAGE, to="zoë@lovelace.example")
    assert failure(lambda egress: ses(nowhere, egress).send(zoe, message_id="1")).permanent


@pytest.mark.parametrize("api", ["v1", "v2"])
def test_the_doctor_s_question_is_answered(moto: Moto, api: str) -> None:
    """By a server that knows accounts and one that does not; it sends nothing."""
    assert run(lambda egress: ses(moto.endpoint, egress, api=api).check()).startswith("SES answers")
    assert run(lambda egress: sns(moto.endpoint, egress).check()) == "SNS answers"
    assert get_backend("ses")[ACCOUNT][REGION].sent_messages == []


def test_an_account_that_may_not_send_is_told() -> None:
    """Sending that is off is a fault, the sandbox a word; a wrong key is a fault, a narrow one is not."""

    async def asked(answer: Answer) -> str:
        egress = Egress(Settings())
        async with receiving(answer) as receiver:
            endpoint = Endpoint(url=receiver.url, private=True, plain_http=True)
            try:
                return await ses(endpoint, egress).check()
            except DeliveryFailed as fault:
                return f"BAD {fault.reason}"
            finally:
                await egress.close()

    def told(answer: Answer) -> str:
        return asyncio.run(asked(answer))

    assert told(Answer(200, b'{"SendingEnabled": true, "ProductionAccessEnabled": true}')) == "SES answers"
    assert "sandbox" in told(Answer(200, b'{"SendingEnabled": true, "ProductionAccessEnabled": false}'))
    assert told(Answer(200, b'{"SendingEnabled": false}')) == "BAD SES has stopped sending for the account"
    assert told(Answer(403, b'{"__type": "AccessDeniedException"}')).startswith("SES answers")
    assert told(Answer(403, b'{"__type": "UnrecognizedClientException"}')).startswith("BAD SES said: 403")


def test_raw_mail_is_what_ses_is_sent() -> None:
    """One form for every sender: what stands in the head has been looked at once, in one place."""

    async def story() -> Receiver:
        egress = Egress(Settings())
        async with receiving(Answer()) as receiver:
            endpoint = Endpoint(url=receiver.url + "/ses", private=True, plain_http=True)
            await ses(endpoint, egress).send(MESSAGE, message_id="1")
            await egress.close()
            return receiver

    (request,) = asyncio.run(story()).received
    body = json.loads(request.body)
    assert request.path == "/ses/v2/email/outbound-emails"
    assert request.headers["x-amz-security-token"] == TOKEN
    assert request.headers["authorization"].startswith(f"AWS4-HMAC-SHA256 Credential={KEY_ID}/20261125/{REGION}/ses/")
    assert body["Destination"] == {"ToAddresses": [MESSAGE.to]}
    assert b64decode(body["Content"]["Raw"]["Data"]).startswith(b"From: no-reply@poolkeeper.example\r\n")


@pytest.mark.parametrize("name", ["subject", "sender", "to", "reply_to"])
def test_no_value_becomes_a_header_on_this_way_either(name: str) -> None:
    """What makes no head of a mail is refused before anybody is called."""
    nowhere = Endpoint(url="", private=False, plain_http=False)
    evil: Message = msgspec.structs.replace(MESSAGE, **{name: "ada@lovelace.example\r\nBcc: eve@evil.example"})
    assert failure(lambda egress: ses(nowhere, egress).send(evil, message_id="1")).permanent
