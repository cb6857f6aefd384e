"""How does what a pool logs reach those who asked for it? `LogDelivery.tell` keeps it in a bounded queue, and nobody waits.

What a pool's LogConfigurations name is an ARN; what the ARN means is the operator's word (log_delivery_settings.py). Entries have the form
of the developer guide's "Exporting logs from Amazon Cognito user pools".
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from poolkeeper.batches import Batches
from poolkeeper.clock import Clock
from poolkeeper.egress import Egress
from poolkeeper.entropy import Entropy
from poolkeeper.log_delivery.destinations import Entry, Lane, sender_of
from poolkeeper.log_delivery_settings import LogTransport, S3Transport, Transport, destination_of
from poolkeeper.model.log_configuration import SOURCES, arn_of
from poolkeeper.model.pool import Pool
from poolkeeper.settings import Settings

# The most waiting entries: in all queues of a process, in one.
MOST_WAITING, MOST_OF_ONE = 16_384, 1_024
GATHER_SECONDS, GATHER_SECONDS_OF_OBJECTS = 1.0, 5.0
_BATCH = 256
_MOST_TRIES = 10
# The most empty queues kept.
_MOST_IDLE = 256

Write = Callable[[str, str, str, Mapping[str, Any]], None]
Count = Callable[[str, bool, int], None]


def _write_nothing(_pool_id: str, _arn: str, _level: str, _entry: Mapping[str, Any]) -> None:
    """Write no line: nobody has opened a log."""


def _count_nothing(_source: str, _delivered: bool, _count: int) -> None:  # noqa: FBT001 - as the metric has it
    """Count nothing."""


class LogDelivery:
    """The way out of the logs of pools, in one process; belongs to one event loop.

    `begin` says how lines of the server's own log are written (pool, ARN, level, entry), and who counts (source, whether
    they were delivered, how many).
    """

    def __init__(self, settings: Settings, egress: Egress, clock: Clock, entropy: Entropy) -> None:
        self._settings = settings
        self._egress = egress
        self._clock = clock
        self._entropy = entropy
        self._write: Write = _write_nothing
        self._count: Count = _count_nothing
        self._lanes: dict[Lane, Batches[Entry]] = {}
        self._waiting = 0

    def begin(self, *, write: Write, count: Count | None) -> None:
        """Deliver from now on."""
        self._write, self._count = write, count or _count_nothing

    def tell(self, pool: Pool, source: str, level: str, event: Mapping[str, Any]) -> None:
        """Have an event delivered where the pool's configuration sends those of its source and level; return at once.

        `source` is userNotification or userAuthEvents, `level` ERROR or INFO, `event` plain data: what stands in `message`.
        """
        for configuration in pool.document.get("LogConfigurations", ()):
            if (configuration["EventSource"], configuration["LogLevel"]) == (source, level):
                self._deliver(pool, source, level, arn_of(configuration), event)

    async def close(self, seconds: float) -> None:
        """Send what waits, for so many seconds at the most; what is left then is lost, and counted."""
        await asyncio.gather(*(lane.close(seconds) for lane in self._lanes.values()))

    def _deliver(self, pool: Pool, source: str, level: str, arn: str, event: Mapping[str, Any]) -> None:
        now = self._clock.now()
        entry = {
            "eventTimestamp": str(now),
            "eventSource": SOURCES[source],
            "logLevel": level,
            "message": event,
            "logSourceId": {"userPoolId": pool.pool_id},
        }
        transport = destination_of(self._settings.log_delivery, arn, pool.pool_id)
        if isinstance(transport, LogTransport):
            self._write(pool.pool_id, arn, level, entry)
            self._count(source, True, 1)  # noqa: FBT003 - as the metric has it
        elif transport is None or self._waiting >= MOST_WAITING:
            self._count(source, False, 1)  # noqa: FBT003 - as above
        else:
            self._waiting += 1
            lane = Lane(arn=arn, pool_id=pool.pool_id, source=source)
            self._lane(lane, transport).put(Entry(at=now, level=level, text=msgspec.json.encode(entry)))

    def _lane(self, lane: Lane, transport: Transport) -> Batches[Entry]:
        """Return the queue of a pool's source to one destination; empty queues are dropped where there are many."""
        queue = self._lanes.get(lane)
        if queue is None:
            if len(self._lanes) >= _MOST_IDLE:
                self._lanes = {name: lane_queue for name, lane_queue in self._lanes.items() if not lane_queue.idle}
            queue = self._lanes[lane] = self._new_lane(lane, transport)
        return queue

    def _new_lane(self, lane: Lane, transport: Transport) -> Batches[Entry]:
        def settled(*, delivered: bool) -> Callable[[int], None]:
            def note(count: int) -> None:
                self._waiting -= count
                self._count(lane.source, delivered, count)

            return note

        return Batches[Entry](
            sender_of(transport, lane, self._egress, self._clock),
            on_drop=settled(delivered=False),
            on_taken=settled(delivered=True),
            make_id=self._entropy.uuid,
            most=MOST_OF_ONE,
            batch=_BATCH,
            gather_seconds=GATHER_SECONDS_OF_OBJECTS if isinstance(transport, S3Transport) else GATHER_SECONDS,
            most_tries=_MOST_TRIES,
        )
