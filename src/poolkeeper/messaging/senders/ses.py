"""How does a mail reach Amazon SES? Whole, as it goes over the wire, by API v2 or v1, signed with the sender's own key.

Source: Amazon SES API v2 Reference, "SendEmail"; Amazon SES API Reference, "SendRawEmail".
"""

import re
from base64 import b64encode
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8

import msgspec

from poolkeeper.clock import Clock
from poolkeeper.egress import Egress, Response
from poolkeeper.messaging.senders import DeliveryFailed, one_line, without_secrets
from poolkeeper.messaging.senders.mime import compose
from poolkeeper.messaging.senders.over_http import AwsService, aws_error
from poolkeeper.model.message import Message
from poolkeeper.sender_settings import SesTransport

_VERSION = "2010-12-01"
# About the mail itself; whatever else is wrong (keys, quotas, identities) an operator mends, and the mail waits.
_ABOUT_THE_MAIL = frozenset({"MessageRejected", "InvalidParameterValue", "BadRequestException"})
_MENDED = re.compile(r"not verified|authority|paused|suspended|sandbox", re.IGNORECASE)
_NOT_ALLOWED = frozenset({"AccessDenied", "AccessDeniedException"})
# What stands in SES's place may send mail, and know nothing of accounts.
_NOT_BUILT = frozenset({404, 501})


class _Account(msgspec.Struct, rename="pascal"):
    sending_enabled: bool = True
    production_access_enabled: bool = True


class SesSender:
    """A Sender for mail. `mail_from` is the From of messages without a sender."""

    def __init__(self, setting: SesTransport, egress: Egress, clock: Clock, *, mail_from: str) -> None:
        self._setting = setting
        self._clock = clock
        self._mail_from = mail_from
        self._service = AwsService(
            egress,
            clock,
            service="ses",
            host="email",
            region=setting.region,
            key=setting.key,
            endpoint=setting.endpoint,
        )

    async def send(self, message: Message, *, message_id: str) -> None:
        """Hand one mail over; see Sender.send. SES writes a Message-ID of its own over ours."""
        if message.medium != "EMAIL":
            raise DeliveryFailed("SES takes no SMS", permanent=True)
        mail = compose(message, sender=self._mail_from, message_id=message_id, now=self._clock.now())
        recipient = mail["To"].addresses[0].addr_spec
        if not recipient.isascii():
            raise DeliveryFailed("SES takes no address whose part before the @ is beyond ASCII", permanent=True)
        response = await self._send(mail, recipient, message.configuration_set or self._setting.configuration_set)
        if response.status >= 300:
            raise _refusal(response, message, recipient)

    async def check(self) -> str:
        """Ask for the state of the account; see Reachable.check."""
        if self._setting.api == "v1":
            response = await self._service.query("GetSendQuota", _VERSION, {})
        else:
            response = await self._service.request("GET", "/v2/email/account")
        if response.status >= 300:
            name, sentence = aws_error(response)
            if name in _NOT_ALLOWED or response.status in _NOT_BUILT:
                return "SES answers; whether the account may send it does not say"
            raise DeliveryFailed(f"SES said: {response.status} {name} {one_line(sentence)}", permanent=False)
        return "SES answers" + (_state(response) if self._setting.api == "v2" else "")

    async def _send(self, mail: EmailMessage, recipient: str, configuration_set: str) -> Response:
        author = mail["From"].addresses[0].addr_spec
        raw = b64encode(mail.as_bytes(policy=SMTP if author.isascii() else SMTPUTF8)).decode()
        if self._setting.api == "v1":
            given = {"Source": author, "Destinations.member.1": recipient, "RawMessage.Data": raw}
            named = {"ConfigurationSetName": configuration_set} if configuration_set else {}
            return await self._service.query("SendRawEmail", _VERSION, {**given, **named})
        body: dict[str, object] = {
            "FromEmailAddress": author,
            "Destination": {"ToAddresses": [recipient]},
            "Content": {"Raw": {"Data": raw}},
        }
        if configuration_set:
            body["ConfigurationSetName"] = configuration_set
        return await self._service.request("POST", "/v2/email/outbound-emails", body=msgspec.json.encode(body))


def _refusal(response: Response, message: Message, recipient: str) -> DeliveryFailed:
    name, sentence = aws_error(response)
    about_the_mail = response.status < 500 and name in _ABOUT_THE_MAIL and not _MENDED.search(sentence)
    answer = without_secrets(f"{response.status} {name} {sentence}", message, recipient=recipient)
    return DeliveryFailed(f"SES said: {answer}", permanent=about_the_mail)


def _state(response: Response) -> str:
    try:
        account = msgspec.json.decode(response.body, type=_Account)
    except msgspec.MsgspecError:
        return ""
    if not account.sending_enabled:
        raise DeliveryFailed("SES has stopped sending for the account", permanent=False)
    return "" if account.production_access_enabled else ", in its sandbox: mail goes to verified addresses alone"
