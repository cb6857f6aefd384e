"""How does a text message reach Twilio, or a server that speaks as it does? By a form, with the account's token.

Source: Twilio Docs, "Messages resource" and "Error and Warning Dictionary".
"""

from base64 import b64encode
from urllib.parse import quote, urlencode

import msgspec

from poolkeeper.egress import Egress, Response
from poolkeeper.messaging.senders import DeliveryFailed
from poolkeeper.messaging.senders.over_http import FORM, call
from poolkeeper.model.message import Message
from poolkeeper.sender_settings import TwilioTransport

_URL = "https://api.twilio.com"
# About the recipient or the text: not a number, none that takes messages, one that wants none, a text that is too long.
_ABOUT_THE_MESSAGE = frozenset({21211, 21217, 21421, 21610, 21612, 21614, 21617, 21635})


class _Error(msgspec.Struct):
    code: int = 0


class TwilioSender:
    """A Sender for text messages."""

    def __init__(self, setting: TwilioTransport, egress: Egress) -> None:
        self._setting = setting
        self._egress = egress

    # UNVERIFIED: whether Twilio heeds an I-Twilio-Idempotency-Token on a message, which it is known to send with its own calls
    # to webhooks alone; two requests with one token against Twilio would settle it.
    async def send(self, message: Message, *, message_id: str) -> None:  # noqa: ARG002 - Twilio knows no id of ours
        """Hand one text message over; see Sender.send."""
        if message.medium != "SMS":
            raise DeliveryFailed("Twilio is for text messages here", permanent=True)
        by = (
            {"From": self._setting.number}
            if self._setting.number
            else {"MessagingServiceSid": self._setting.messaging_service_sid}
        )
        form = urlencode({"To": message.to, **by, "Body": message.body}).encode()
        response = await self._call("/Messages.json", form, method="POST")
        if not 200 <= response.status < 300:
            code = _code_of(response)
            about_it = 400 <= response.status < 500 and code in _ABOUT_THE_MESSAGE
            answer = f"HTTP {response.status}" + (f", error {code}" if code else "")
            raise DeliveryFailed(f"the provider of text messages said: {answer}", permanent=about_it)

    async def check(self) -> str:
        """Ask for the account; see Reachable.check. A server that speaks of messages alone knows no accounts."""
        response = await self._call(".json", b"", method="GET")
        if response.status in {401, 403} or response.status >= 500:
            raise DeliveryFailed(f"the provider of text messages said: HTTP {response.status}", permanent=False)
        return "the provider of text messages answers"

    async def _call(self, path: str, form: bytes, *, method: str) -> Response:
        url = f"{self._setting.endpoint.url or _URL}/2010-04-01/Accounts/{quote(self._setting.account_sid, safe='')}{path}"
        pair = f"{self._setting.user}:{self._setting.password.reveal()}"
        headers = {"Authorization": f"Basic {b64encode(pair.encode()).decode()}", "Accept": "application/json"}
        typed = {"Content-Type": FORM} if method == "POST" else {}
        return await call(
            self._egress, self._setting.endpoint, url, headers={**headers, **typed}, body=form, method=method
        )


def _code_of(response: Response) -> int:
    """Return the number of Twilio's error; its sentence is left out, since other servers quote in theirs what they were sent."""
    try:
        return msgspec.json.decode(response.body, type=_Error).code
    except msgspec.MsgspecError:
        return 0
