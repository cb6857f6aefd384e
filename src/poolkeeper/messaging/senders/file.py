"""How does a message become a file? Whole, under a name of its own, readable by its owner alone, and never half."""

import asyncio
import os
import re
from email.policy import SMTP, SMTPUTF8
from pathlib import Path

import msgspec

from poolkeeper.clock import Clock
from poolkeeper.messaging.senders import DeliveryFailed
from poolkeeper.messaging.senders.mime import compose
from poolkeeper.model.message import Message

_NAME = re.compile(r"[\w-]{1,100}", re.ASCII)


class FileSender:
    """A Sender for mail (`<id>.eml`, RFC 5322) and text messages (`<id>.json`), into a folder that is there."""

    def __init__(self, folder: Path, clock: Clock, *, mail_from: str) -> None:
        self._folder = folder
        self._clock = clock
        self._mail_from = mail_from

    async def send(self, message: Message, *, message_id: str) -> None:
        """Write one message; see Sender.send. A second delivery writes the same file again."""
        if not _NAME.fullmatch(message_id):
            raise DeliveryFailed("the message's id makes no file's name", permanent=True)
        if message.medium == "EMAIL":
            mail = compose(message, sender=self._mail_from, message_id=message_id, now=self._clock.now())
            within_ascii = all(mail[name].addresses[0].addr_spec.isascii() for name in ("From", "To"))
            content, ending = mail.as_bytes(policy=SMTP if within_ascii else SMTPUTF8), "eml"
        else:
            fields = {"to": message.to, "kind": message.kind, "text": message.body, "at": self._clock.now()}
            content, ending = msgspec.json.encode(fields) + b"\n", "json"
        await self._written(f"{message_id}.{ending}", content)

    async def check(self) -> str:
        """Write a file and remove it; see Reachable.check."""
        name = f"check-{self._clock.now():013x}"
        await self._written(name, b"")
        await asyncio.to_thread((self._folder / name).unlink, missing_ok=True)
        return f"{self._folder} can be written to"

    async def _written(self, name: str, content: bytes) -> None:
        try:
            await asyncio.to_thread(_write, self._folder, name, content)
        except OSError as fault:
            raise DeliveryFailed(f"{self._folder} cannot be written to: {fault.strerror}", permanent=False) from None


def _write(folder: Path, name: str, content: bytes) -> None:
    """Write a file that is whole when it has its name, and stands after a power cut.

    A file that has its temporary name is of a process that died, or of somebody who would read along: nothing is
    written into it.
    """
    half = folder / f".{name}.{os.getpid()}"
    half.unlink(missing_ok=True)
    descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        half.replace(folder / name)
    except BaseException:
        half.unlink(missing_ok=True)
        raise
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
