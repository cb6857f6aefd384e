"""What do the inbox tests talk to? The inbox over a list in memory, in process or behind a real server."""

import asyncio
import contextlib
from collections.abc import Iterator, Sequence

from starlette.applications import Starlette

from pages.serving import serve
from poolkeeper.model.message import CapturedMessage, Message
from poolkeeper.pages.assets import load_assets
from poolkeeper.pages.inbox.inbox import Inbox, inbox_routes
from poolkeeper.pages.templating import make_templates

NINE_FORTY = 1_795_426_800_000  # 2026-11-23T09:40:00Z
POOL = "us-east-1_Kx81mQ0zP"


class MemoryOutbox:
    """An Outbox that is a list."""

    def __init__(self, messages: Sequence[Message] = ()) -> None:
        self.captured: list[CapturedMessage] = []
        for message in messages:
            self.add(message)

    def add(self, message: Message) -> None:
        number = len(self.captured)
        at = NINE_FORTY + number * 15_000
        self.captured.append(CapturedMessage(message_id=f"m{number:04d}", message=message, at=at))

    async def list(self) -> Sequence[CapturedMessage]:
        return list(self.captured)

    async def get(self, message_id: str) -> CapturedMessage | None:
        return next((one for one in self.captured if one.message_id == message_id), None)

    async def clear(self) -> None:
        self.captured.clear()


def mail(to: str = "ada@lovelace.example", **other: object) -> Message:
    """Return a mail with a code, or with what `other` says."""
    facts: dict[str, object] = {
        "to": to,
        "medium": "EMAIL",
        "kind": "ForgotPassword",
        "subject": "Your password reset code",
        "body": "<p>Hello Ada,</p><p>here is the code to choose a new password: <b>590318</b></p>",
        "code": "590318",
        "pool_id": POOL,
        "username": "ada.lovelace",
        "sender": "Juniper Books <no-reply@juniper.example>",
        "valid_until": NINE_FORTY + 3_600_000,
    }
    return Message(**(facts | other))  # type: ignore[arg-type]  # the table above holds what a Message takes


def text_message(to: str = "+442079464179", **other: object) -> Message:
    """Return an SMS with a code."""
    facts: dict[str, object] = {
        "medium": "SMS",
        "kind": "Authentication",
        "subject": "",
        "body": "Your code is 482016",
        "code": "482016",
        "sender": "",
        "valid_until": None,
    }
    return mail(to, **(facts | other))


def make_app(outbox: MemoryOutbox, stopping: asyncio.Event | None = None) -> Starlette:
    """Return the inbox as the development server mounts it."""
    assets = load_assets()
    inbox = Inbox(
        outbox=outbox,
        templates=make_templates(assets),
        stopping=stopping or asyncio.Event(),
        address="http://localhost:7665",
        client_id="6example2client4of0a1pool",
    )
    return Starlette(routes=[*inbox_routes(inbox), *assets.routes()])


@contextlib.contextmanager
def serving(outbox: MemoryOutbox) -> Iterator[str]:
    """Serve the inbox on a free port of loopback; on the way out it must stop by itself, open streams or not."""
    stopping = asyncio.Event()
    with serve(make_app(outbox, stopping), stopping) as address:
        yield address
