"""A server that sends its messages for good, by the senders that a test gives it, and messages made by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from botocore import auth

from api.world import World, round_to_second, running, settings_for
from poolkeeper.clock import SystemClock
from poolkeeper.crypto.keyring import KeyRing
from poolkeeper.entropy import Entropy
from poolkeeper.model.job import MESSAGE
from poolkeeper.model.message import Message
from poolkeeper.secret import Secret
from poolkeeper.sender_settings import FileTransport, SenderSetting, SmtpTransport
from poolkeeper.store import due
from poolkeeper.store.db import Transaction

WAITING = "SELECT job_id FROM due WHERE kind = 'message'"
NOT_TRIED = "SELECT job_id FROM due WHERE kind = 'message' AND attempts = 0"


@contextmanager
def sending(folder: Path, *senders: SenderSetting, database: str = "") -> Iterator[World]:
    """Run a server outside development mode; botocore signs by its clock."""
    engine = "postgresql" if database else "sqlite"
    folder.mkdir(exist_ok=True)
    KeyRing.create(folder / "sealing.keys", Entropy())
    settings = settings_for(folder, database=database, dev=False, senders=senders)
    started_at = round_to_second(SystemClock().now())
    with running(settings, engine=engine, started_at=started_at) as world, pytest.MonkeyPatch.context() as patched:
        patched.setattr(auth, "get_current_datetime", world.clock.datetime)
        yield world


def into(folder: Path, name: str, *media: str, **more: Any) -> SenderSetting:
    """Return a sender that keeps messages in a folder of its name."""
    (folder / name).mkdir()
    transport = FileTransport(folder=folder / name)
    return SenderSetting(name=name, transport=transport, media=media or ("EMAIL", "SMS"), **more)


def by_smtp(port: int, name: str = "office", **more: Any) -> SenderSetting:
    """Return a sender that hands mail to a server on a port of this machine."""
    transport = SmtpTransport(host="127.0.0.1", port=port, security="none", user="", password=Secret(""))
    return SenderSetting(name=name, transport=transport, media=("EMAIL",), **more)


def message_to(pool_id: str, to: str, *, valid_until: int | None = None) -> Message:
    """Return a mail of a pool."""
    return Message(
        to=to,
        medium="EMAIL",
        kind="SignUp",
        body="Your code is 590318.",
        subject="Your code",
        code="590318",
        pool_id=pool_id,
        username=to,
        valid_until=valid_until,
    )


def post(world: World, *messages: Message) -> None:
    """Put messages on the worker's list in one transaction, as operations do with theirs."""
    house = world.house

    async def put(tx: Transaction) -> None:
        for message in messages:
            job_id = f"{house.clock.now():013x}-{next(house.sequence):08x}-{house.entropy.token(9)}"
            payload = house.sealer.seal_column(msgspec.json.encode(message), table="due", key=job_id, column="payload")
            await due.add(
                tx, job_id=job_id, kind=MESSAGE, pool_id=message.pool_id, now=house.clock.now(), payload=payload
            )

    world.run(lambda: house.db.write(put))
