"""How does a message leave the house? What every sender promises, whatever it speaks."""

import html
import re
from typing import Protocol

from poolkeeper.model.message import Message


class Sender(Protocol):
    """One way out for mail or for SMS. Calls may overlap; nothing is remembered between them."""

    async def send(self, message: Message, *, message_id: str) -> None:
        """Hand `message` over and return when the other side has taken responsibility for it.

        `message_id` is the same at every attempt, so that a second delivery can be recognised. Raises DeliveryFailed.
        """
        ...


class Reachable(Sender, Protocol):
    """A way out whose other end can be asked whether it would take a message."""

    async def check(self) -> str:
        """Open a connection, prove who we are, send nothing; return what came of it in words for the operator.

        Raises DeliveryFailed.
        """
        ...


class DeliveryFailed(Exception):  # noqa: N818 - a fact about a delivery, which the worker acts on
    """The message was not taken. `reason` is for the log and the event; it holds no code and no body.

    `permanent` says that the same message would be refused again: there is no use in another attempt.
    """

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent


class Unwritable(DeliveryFailed):
    """The message makes no mail whose head holds what we put there and nothing else; `part` is what is wrong with it.

    Somebody may have tried to write lines of their own: the worker tells the operator by an event.
    """

    def __init__(self, reason: str, *, part: str) -> None:
        super().__init__(reason, permanent=True)
        self.part = part


def without_secrets(words: str, message: Message, *, recipient: str = "") -> str:
    """Return what another side said of a message, for the log: as much as a line needs, never its code or its address.

    `recipient` is the address as the other side was given it: a domain beyond ASCII is written otherwise there. Upper
    and lower case, and the plus of a number, are up to the other side.
    """
    secrets = {message.code or "", message.to, message.to.removeprefix("+"), recipient} - {""}
    hidden = sorted(secrets | {html.escape(secret) for secret in secrets}, key=len, reverse=True)
    return one_line(re.sub("|".join(map(re.escape, hidden)), "***", words, flags=re.IGNORECASE))


def one_line(words: str) -> str:
    """Return what another side said, as much as a line needs, without what could steer a terminal."""
    return "".join(sign if sign.isprintable() else " " for sign in words)[:300]
