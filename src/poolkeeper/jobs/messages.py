"""How does a message leave the list? It is worded by the pool's function if there is one, then handed to custom code or sent by us."""

import contextlib
from collections.abc import Callable, Mapping

import msgspec

from poolkeeper.call import House
from poolkeeper.crypto.seal import SealError
from poolkeeper.jobs.counts import Counts, Fate
from poolkeeper.lookup import find_pool
from poolkeeper.messaging import custom_sender, words
from poolkeeper.messaging.senders import DeliveryFailed, Sender, Unwritable, without_secrets
from poolkeeper.model.event import Event, Kind
from poolkeeper.model.job import MESSAGE
from poolkeeper.model.log_configuration import ERROR, USER_NOTIFICATION
from poolkeeper.model.message import Message, Question
from poolkeeper.sender_settings import CUSTOM, OUTBOX, way_of
from poolkeeper.store import due
from poolkeeper.store.db import Transaction, Unavailable
from poolkeeper.store.due import Job

Tell = Callable[[Event, str], None]


class _TooLate(DeliveryFailed):
    """The code of a message has run out before anybody took it."""


class Messages:
    """Sends what is due. `senders` deliver by name; `tell` hears of events (Worker), `counts` what became of each.

    A message that failed `most_attempts` times before is given up when it fails once more.
    """

    def __init__(
        self, house: House, senders: Mapping[str, Sender], tell: Tell, counts: Counts, *, most_attempts: int
    ) -> None:
        self._house = house
        self._senders = senders
        self._tell = tell
        self._counts = counts
        self._most_attempts = most_attempts
        # Messages that were opened to be looked at, until they are sent.
        self._opened: dict[str, Message] = {}

    async def send(self, job: Job) -> int | None:
        """Send a message, or have its words written first; return when it is due again, None when it is done with.

        Raises DeliveryFailed.
        """
        message = self._opened.pop(job.job_id, None) or self._message(job)
        if not message.to:  # It is for nobody: it was written so that a message for somebody gives nothing away.
            return None
        try:
            if message.question is not None:
                return await self._put_into_words(job, message, message.question)
            await self._send(job, message)
        except DeliveryFailed as failure:
            await self._failed(job, message, failure)
            raise
        return None

    def lane(self, job: Job) -> str:
        """Return the sender of a message that `asks_a_function` has opened; empty of everything else."""
        message = self._opened.get(job.job_id)
        return "" if message is None or not message.to else self._sender_of(message)

    def forget(self, job: Job) -> None:
        """Let go of a message that was opened and is not sent now."""
        self._opened.pop(job.job_id, None)

    async def _send(self, job: Job, message: Message) -> None:
        if self._house.settings.dev:  # The inbox shows everything: what a custom sender is handed, and what comes late.
            await self._send_by(OUTBOX, message, message_id=job.job_id)
            if message.handover is None:
                return
        self._require_alive(message)
        if message.handover is not None and await custom_sender.deliver(self._house, message, message.handover):
            self._counts.sent(CUSTOM, Fate.DELIVERED)
            return
        await self._send_by(self._sender_of(message), message, message_id=job.job_id)

    async def _put_into_words(self, job: Job, message: Message, question: Question) -> int:
        """Ask CustomMessage, and keep what it says in the row: whatever happens from now on, it is not asked again."""
        self._require_alive(message)
        try:
            worded = await words.written(self._house, message, question)
        except words.NoWords as failure:
            self._tell(failure.event, failure.request_id)
            raise
        plain = msgspec.json.encode(msgspec.structs.replace(worded, question=None))
        payload = self._house.sealer.seal_column(plain, table="due", key=job.job_id, column="payload")

        async def body(tx: Transaction) -> None:
            await due.rewrite(tx, shard=job.shard, job_id=job.job_id, payload=payload)

        await self._house.db.write(body)
        return self._house.clock.now()

    def _require_alive(self, message: Message) -> None:
        if message.valid_until is not None and message.valid_until <= self._house.clock.now():
            raise _TooLate("its code has run out by now", permanent=True)

    def _sender_of(self, message: Message) -> str:
        """Return the name of the sender of a message, as the settings have it now."""
        settings, about = self._house.settings, {"pool_id": message.pool_id, "account": message.account}
        return way_of(settings.all_senders, dev=settings.dev, medium=message.medium, **about)

    async def _send_by(self, name: str, message: Message, *, message_id: str) -> None:
        sender = self._senders.get(name)
        if sender is None:
            raise DeliveryFailed(f"nothing is set up that sends {message.medium}", permanent=False)
        try:
            await sender.send(message, message_id=message_id)
        except Unwritable as fault:
            about = {"message": message.kind, "part": fault.part}
            self._tell(Event(kind=Kind.MAIL_NOT_WRITTEN, pool_id=message.pool_id, about=about), "")
            raise
        self._counts.sent(name, Fate.DELIVERED)

    async def _failed(self, job: Job, message: Message, failure: DeliveryFailed) -> None:
        """Count what went wrong, and tell the operator and the pool's log of a message that nobody will get."""
        name = CUSTOM if message.handover is not None or message.question is not None else self._sender_of(message)
        fate = Fate.FAILED
        if isinstance(failure, _TooLate):
            fate = Fate.EXPIRED
        elif failure.permanent:
            fate = Fate.REFUSED
        elif job.attempts >= self._most_attempts:
            fate = Fate.GIVEN_UP
        self._counts.sent(name, fate)
        if fate is Fate.FAILED:
            return
        await self._log(message, fate, failure)
        if isinstance(failure, Unwritable | words.NoWords):
            return
        about = {"message": message.kind, "sender": name, "fate": fate.value}
        self._tell(Event(kind=Kind.MESSAGE_NOT_DELIVERED, pool_id=message.pool_id, about=about), "")

    async def _log(self, message: Message, fate: Fate, failure: DeliveryFailed) -> None:
        """Have the pool's own log tell of it, of a pool that is still there; the database may be away again by now."""
        with contextlib.suppress(Unavailable):
            pool = await find_pool(self._house, message.pool_id)
            if pool is not None:
                why = without_secrets(str(failure), message)
                details = f"{message.medium} of kind {message.kind} was not delivered ({fate.value}): {why}"
                self._house.log_delivery.tell(pool, USER_NOTIFICATION, ERROR, {"details": details})

    def _message(self, job: Job) -> Message:
        sealed = job.payload or b""
        opened = self._house.sealer.open_column(sealed, table="due", key=job.job_id, column="payload")
        return msgspec.json.decode(opened, type=Message)

    def asks_a_function(self, job: Job) -> bool:
        """Say whether a job is a message that a pool's own code writes or sends; one that cannot be read is not.

        For every other message `send` follows.
        """
        if job.kind != MESSAGE:
            return False
        try:
            message = self._message(job)
        except (SealError, msgspec.MsgspecError):
            return False
        if message.to and (message.handover is not None or message.question is not None):
            return True
        self._opened[job.job_id] = message
        return False
