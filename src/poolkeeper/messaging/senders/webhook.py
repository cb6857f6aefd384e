"""How does a message reach a web server of the operator's? As JSON, in a POST that is signed with its time."""

import msgspec

from poolkeeper.clock import SECOND, Clock
from poolkeeper.crypto import webhook_signature
from poolkeeper.egress import Egress, Response
from poolkeeper.messaging.senders import DeliveryFailed
from poolkeeper.messaging.senders.mime import as_text, compose, is_html
from poolkeeper.messaging.senders.over_http import JSON, call
from poolkeeper.model.message import Message
from poolkeeper.sender_settings import ReceiverTransport

_VERSION = 1
# What the receiver says of the message itself: it would say it again.
_ABOUT_THE_MESSAGE = frozenset({400, 410, 413, 422})


class WebhookSender:
    """A Sender for mail and text messages. `mail_from` is the From of mail without a sender."""

    def __init__(self, setting: ReceiverTransport, egress: Egress, clock: Clock, *, mail_from: str) -> None:
        self._setting = setting
        self._egress = egress
        self._clock = clock
        self._mail_from = mail_from

    async def send(self, message: Message, *, message_id: str) -> None:
        """Hand one message over; see Sender.send. Whatever the answer holds stays unread: it may quote the message."""
        body = {"version": _VERSION, "type": "message", "id": message_id, **self._fields(message, message_id)}
        response = await self._post(msgspec.json.encode(body), request_id=message_id)
        if not 200 <= response.status < 300:
            permanent = response.status in _ABOUT_THE_MESSAGE
            raise DeliveryFailed(f"the receiver said: HTTP {response.status}", permanent=permanent)

    async def check(self) -> str:
        """Send a signed question that is no message; see Reachable.check."""
        request_id = f"check-{self._clock.now():013x}"
        body = msgspec.json.encode({"version": _VERSION, "type": "check", "id": request_id})
        response = await self._post(body, request_id=request_id)
        if not 200 <= response.status < 300:
            raise DeliveryFailed(f"the receiver said: HTTP {response.status}", permanent=False)
        return "the receiver answers"

    def _fields(self, message: Message, message_id: str) -> dict[str, object]:
        """Return what a receiver is told. A mail has been through the same checks as one that leaves by SMTP."""
        fields: dict[str, object] = {
            "medium": message.medium,
            "to": message.to,
            "kind": message.kind,
            "code": message.code,
            "pool_id": message.pool_id,
            "username": message.username,
            "valid_until": None if message.valid_until is None else message.valid_until // SECOND,
        }
        if message.medium == "SMS":
            return {**fields, "text": message.body}
        mail = compose(message, sender=self._mail_from, message_id=message_id, now=self._clock.now())
        html = is_html(message.body)
        return {
            **fields,
            "from": str(mail["From"]),
            "reply_to": message.reply_to or None,
            "subject": str(mail["Subject"]),
            "text": as_text(message.body) if html else message.body,
            "html": message.body if html else None,
        }

    async def _post(self, body: bytes, *, request_id: str) -> Response:
        signed = webhook_signature.headers(
            self._setting.secrets, request_id=request_id, seconds=self._clock.now() // SECOND, body=body
        )
        endpoint = self._setting.endpoint
        return await call(self._egress, endpoint, endpoint.url, headers={"Content-Type": JSON, **signed}, body=body)
