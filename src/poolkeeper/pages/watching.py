"""Who listens to the inbox? So many streams and no more; what one of them looks up, the others do not look up again."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from poolkeeper.model.message import CapturedMessage

MOST_STREAMS = 16


class Watchers:
    """The open streams of one inbox. `look` is how its messages are found: it opens every one of them, so it is shared."""

    def __init__(self, look: Callable[[], Awaitable[Sequence[CapturedMessage]]]) -> None:
        self.count = 0
        self._look = look
        self._looking = asyncio.Lock()
        self._seen: Sequence[CapturedMessage] = ()
        self._seen_at = float("-inf")

    async def messages(self, *, not_older_than: float) -> Sequence[CapturedMessage]:
        """Return all messages as they were so many seconds ago, or later."""
        async with self._looking:
            now = asyncio.get_running_loop().time()
            if now - self._seen_at > not_older_than:
                self._seen = await self._look()
                self._seen_at = now
            return self._seen

    def stream(self, content: AsyncIterator[str], *, headers: Mapping[str, str]) -> Response | None:
        """Return the answer that streams server-sent events, None where there are too many already."""
        if self.count >= MOST_STREAMS:
            return None
        self.count += 1
        return _Watching(self, content, headers)


class _Watching(StreamingResponse):
    """A stream that gives its place back when it ends, however it does."""

    def __init__(self, watchers: Watchers, content: AsyncIterator[str], headers: Mapping[str, str]) -> None:
        super().__init__(content, media_type="text/event-stream", headers=headers)
        self._watchers = watchers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._watchers.count -= 1
