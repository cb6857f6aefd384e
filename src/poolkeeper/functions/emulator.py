"""How is a function behind Lambda's runtime interface emulator called? By one URL, one event at a time.

The emulator (in AWS's own base images) knows no names and no signatures, and differs from Lambda in how it answers:
errors come with status 200 and without Lambda's header, and the function's own time-out is a line of plain text.
"""

import asyncio
from typing import Any

from poolkeeper.egress import Egress
from poolkeeper.function_settings import EmulatorTransport
from poolkeeper.functions.call import TIMED_OUT, CannotInvoke, FunctionFailed, Invocation, decode_answer
from poolkeeper.functions.over_http import error_message, post, refusal

_TASK_TIMED_OUT = b"Task timed out"


class Emulator:
    """The Carrier of `transport = "rie"`."""

    def __init__(self, setting: EmulatorTransport, egress: Egress) -> None:
        self._setting = setting
        self._egress = egress
        self._turn = asyncio.Lock()

    async def call(self, invocation: Invocation) -> Any:
        """Return the function's answer; waiting for one's turn counts. Raises FunctionFailed and CannotInvoke."""
        try:
            async with asyncio.timeout(invocation.seconds), self._turn:  # It answers a second event with 400.
                # The operator names its address, on this machine or in a network of containers, and it speaks no TLS.
                response = await post(
                    self._egress, self._setting.url, invocation, headers={}, private=True, plain_http=True
                )
        except TimeoutError:
            detail = f"{self._setting.url} took longer than {invocation.seconds} s"
            raise CannotInvoke(TIMED_OUT, detail=detail, fleeting=True) from None

        if response.body.startswith(_TASK_TIMED_OUT):
            raise FunctionFailed(response.body[:300].decode(errors="replace"))
        message = error_message(response)
        if message is not None:
            raise FunctionFailed(message)
        if response.status >= 300:
            raise refusal(response)
        return decode_answer(response.body)

    async def close(self) -> None:
        """Hold nothing."""
