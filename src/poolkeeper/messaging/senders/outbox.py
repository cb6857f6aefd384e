"""Where do messages go in development? Into the database, sealed, and from there to whoever looks."""

import asyncio
from collections.abc import Callable, Sequence

import msgspec

from poolkeeper.call import House
from poolkeeper.model.job import MESSAGE
from poolkeeper.model.message import CapturedMessage, Message
from poolkeeper.store import due

_NEWEST = 1_000
# How often, and how long each time, a list waits for the words of what was written just now: two seconds at most.
_LOOKS, _LOOK_SECONDS = 100, 0.02


def _tell_nobody(_message: Message) -> None:
    """Say nothing of it."""


class DevelopmentOutbox:
    """A sender that keeps every message, and the list of what it kept; `tell` hears of each.

    A message that the worker has not come to yet is in the list already: it was written with the change that caused
    it, so it is there before that call is answered. Where CustomMessage is asked after the answer, the list waits for its
    words, as the caller would have. Messages for nobody are not in it.
    """

    def __init__(self, house: House, tell: Callable[[Message], None] = _tell_nobody) -> None:
        self._house = house
        self._tell = tell

    async def send(self, message: Message, *, message_id: str) -> None:
        """Keep a message."""
        payload = self._house.sealer.seal_column(
            msgspec.json.encode(message), table="captured", key=message_id, column="payload"
        )
        await due.capture(self._house.db, message_id=message_id, at=self._house.clock.now(), payload=payload)
        self._tell(message)

    async def list(self) -> Sequence[CapturedMessage]:
        """Return the newest thousand messages, newest last."""
        for _ in range(_LOOKS):
            listed, wordless = await self._listed()
            if not wordless:
                break
            await asyncio.sleep(_LOOK_SECONDS)
        return listed

    async def _listed(self) -> tuple[Sequence[CapturedMessage], bool]:
        """Return the messages, and whether the words of one are being asked for."""
        # What waits is read first: the worker keeps a message before it takes it off the list, so none is in neither.
        rows = await due.pending(self._house.db, kind=MESSAGE, limit=_NEWEST)
        opened = [(self._opened("due", row.job_id, row.created_at, row.payload), row.attempts) for row in rows]
        waiting = [captured for captured, _ in opened if captured.message.to]
        wordless = any(
            captured.message.to and captured.message.question and not attempts for captured, attempts in opened
        )
        kept_messages = [
            self._opened("captured", row.message_id, row.at, row.payload)
            for row in await due.captured(self._house.db, limit=_NEWEST)
        ]
        by_id = {captured.message_id: captured for captured in (*waiting, *kept_messages)}
        return [by_id[message_id] for message_id in sorted(by_id)], wordless

    async def get(self, message_id: str) -> CapturedMessage | None:
        """Return one message, None when it is gone."""
        row = await due.captured_one(self._house.db, message_id)
        if row is not None:
            return self._opened("captured", row.message_id, row.at, row.payload)
        return next((captured for captured in await self.list() if captured.message_id == message_id), None)

    async def clear(self) -> None:
        """Forget all messages, those too that the worker is about to keep: it is waited for."""
        for _ in range(_LOOKS):
            if not await due.pending(self._house.db, kind=MESSAGE, limit=1):
                break
            await asyncio.sleep(_LOOK_SECONDS)
        await due.clear_captured(self._house.db)

    def _opened(self, table: str, message_id: str, at: int, payload: bytes) -> CapturedMessage:
        opened = self._house.sealer.open_column(bytes(payload), table=table, key=message_id, column="payload")
        return CapturedMessage(message_id=message_id, message=msgspec.json.decode(opened, type=Message), at=at)
