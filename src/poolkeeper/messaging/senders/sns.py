"""How does a text message reach Amazon SNS? By Publish to a number, signed with the sender's own key.

Source: Amazon SNS API Reference, "Publish"; Amazon SNS Developer Guide, "Publishing SMS messages to a mobile phone".
"""

import re

from poolkeeper.clock import Clock
from poolkeeper.egress import Egress
from poolkeeper.messaging.senders import DeliveryFailed, one_line, without_secrets
from poolkeeper.messaging.senders.over_http import AwsService, aws_error
from poolkeeper.model.message import Message
from poolkeeper.sender_settings import SnsTransport

_VERSION = "2010-03-31"
_ABOUT_THE_MESSAGE = frozenset({"InvalidParameter", "InvalidParameterValue", "ParameterValueInvalid"})
_NOT_ALLOWED = frozenset({"AuthorizationError", "AuthorizationErrorException", "AccessDenied"})
# SnsRegion comes by the API, and goes into a host's name: a dot or a slash there would choose another host.
_REGION = re.compile(r"[a-z]{2,}(-[a-z]+)+-[0-9]{1,2}")


class SnsSender:
    """A Sender for text messages. Where its table names no region, that of the pool is asked."""

    def __init__(self, setting: SnsTransport, egress: Egress, clock: Clock, *, region: str) -> None:
        self._setting = setting
        self._egress = egress
        self._clock = clock
        self._region = region

    async def send(self, message: Message, *, message_id: str) -> None:  # noqa: ARG002 - SNS knows no id of ours
        """Hand one text message over; see Sender.send."""
        if message.medium != "SMS":
            raise DeliveryFailed("SNS is for text messages here", permanent=True)
        response = await self._service(message.region).query("Publish", _VERSION, self._parameters(message))
        if response.status >= 300:
            name, sentence = aws_error(response)
            answer = without_secrets(f"{response.status} {name} {sentence}", message)
            about_it = response.status < 500 and name in _ABOUT_THE_MESSAGE
            raise DeliveryFailed(f"SNS said: {answer}", permanent=about_it)

    async def check(self) -> str:
        """Ask for the account's settings of text messages; see Reachable.check."""
        response = await self._service("").query("GetSMSAttributes", _VERSION, {})
        if response.status < 300:
            return "SNS answers"
        name, sentence = aws_error(response)
        if name in _NOT_ALLOWED:
            return "SNS answers; the account's settings it does not tell"
        raise DeliveryFailed(f"SNS said: {response.status} {name} {one_line(sentence)}", permanent=False)

    def _service(self, region: str) -> AwsService:
        region = self._setting.region or region or self._region
        if not _REGION.fullmatch(region):
            raise DeliveryFailed("SnsRegion names no region", permanent=True)
        return AwsService(
            self._egress,
            self._clock,
            service="sns",
            host="sns",
            region=region,
            key=self._setting.key,
            endpoint=self._setting.endpoint,
        )

    def _parameters(self, message: Message) -> dict[str, str]:
        parameters = {"PhoneNumber": message.to, "Message": message.body}
        attributes = (
            ("AWS.SNS.SMS.SMSType", "String", self._setting.sms_type),
            ("AWS.SNS.SMS.SenderID", "String", self._setting.sender_id),
            ("AWS.MM.SMS.OriginationNumber", "String", self._setting.origination_number),
            ("AWS.SNS.SMS.MaxPrice", "Number", self._setting.max_price),
        )
        for number, (name, kind, value) in enumerate((attribute for attribute in attributes if attribute[2]), start=1):
            entry = f"MessageAttributes.entry.{number}"
            parameters |= {
                f"{entry}.Name": name,
                f"{entry}.Value.DataType": kind,
                f"{entry}.Value.StringValue": value,
            }
        return parameters
