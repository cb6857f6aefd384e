"""How does an event reach a web server? As a POST that proves whom it comes from, and when (crypto/webhook_signature.py)."""

from typing import Any

from poolkeeper.clock import SECOND, Clock
from poolkeeper.crypto import webhook_signature
from poolkeeper.egress import Egress
from poolkeeper.function_settings import WebhookTransport
from poolkeeper.functions.call import FunctionFailed, Invocation, decode_answer
from poolkeeper.functions.over_http import error_message, post, refusal


class Webhook:
    """The Carrier of `transport = "webhook"`."""

    def __init__(self, setting: WebhookTransport, egress: Egress, clock: Clock) -> None:
        self._setting = setting
        self._egress = egress
        self._clock = clock

    async def call(self, invocation: Invocation) -> Any:
        """Return the receiver's answer. Raises FunctionFailed and CannotInvoke.

        An error's status with an errorMessage is the receiver's own error; 429 asks for another try in any case.
        """
        on_this_machine = self._setting.is_plain_http  # The settings allow http:// for loopback in development alone.
        response = await post(
            self._egress,
            self._setting.url,
            invocation,
            headers=webhook_signature.headers(
                self._setting.secrets,
                request_id=invocation.request_id,
                seconds=self._clock.now() // SECOND,
                body=invocation.body,
            ),
            private=self._setting.private_addresses or on_this_machine,
            plain_http=on_this_machine,
        )

        if response.status == 200:
            return decode_answer(response.body)
        message = error_message(response) if response.status >= 400 else None
        if message is not None and response.status != 429:
            raise FunctionFailed(message)
        raise refusal(response)

    async def close(self) -> None:
        """Hold nothing."""
