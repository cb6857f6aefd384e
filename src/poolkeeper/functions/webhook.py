"""How does an event reach a web server? As a POST that proves whom it comes from, and when.

    Poolkeeper-Id: <uuid>                         the event's, the same at every try
    Poolkeeper-Signature: t=<unix>,v1=<hex>       HMAC-SHA256 of "<t>.<id>.<body>"; a v1 for each secret

The time stands in the signature so that a recorded event is worth nothing later (attacks.md 146).
"""

import hmac
from typing import Any

from poolkeeper.clock import SECOND, Clock
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
            headers={"Poolkeeper-Id": invocation.request_id, "Poolkeeper-Signature": self._signature(invocation)},
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

    def _signature(self, invocation: Invocation) -> str:
        seconds = self._clock.now() // SECOND
        signed = f"{seconds}.{invocation.request_id}.".encode() + invocation.body
        marks = [hmac.digest(secret.reveal().encode(), signed, "sha256").hex() for secret in self._setting.secrets]
        return ",".join([f"t={seconds}", *(f"v1={mark}" for mark in marks)])
