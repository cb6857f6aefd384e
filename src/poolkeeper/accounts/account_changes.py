"""What did a change do to a user's second factors and addresses? The owner gets a mail, the operator an event.

Every change of attributes or second factors is watched in its own transaction, whoever makes it: the watch compares by
what the user can be asked and where each code goes, whatever the operation is called (attacks.md 48).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from poolkeeper import events
from poolkeeper.call import Call
from poolkeeper.messaging import notices
from poolkeeper.model.attributes import VERIFIED
from poolkeeper.model.changes import merged
from poolkeeper.model.event import Kind
from poolkeeper.model.pool import Pool
from poolkeeper.model.second_factor import ATTRIBUTES, Mfa, ways
from poolkeeper.model.user import User
from poolkeeper.store.db import Transaction

USER, ADMINISTRATOR = "user", "administrator"


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a change took away: second factors that are off, those whose codes go elsewhere, proved addresses that moved."""

    off: tuple[str, ...] = ()
    led_away: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()


class Watch:
    """Watch one change `by` a user or an administrator: call `saw` in its transaction, `tell` after the commit."""

    __slots__ = ("_by", "_call", "_pool", "_seen", "_user_id")

    def __init__(self, call: Call, pool: Pool, user_id: str, *, by: str) -> None:
        self._call, self._pool, self._user_id, self._by = call, pool, user_id, by
        self._seen = _Seen()

    async def saw(
        self, tx: Transaction, before: User, *, writes: Mapping[str, str] | None = None, mfa: Mfa | None = None
    ) -> None:
        """Compare a user, read in this transaction, with the user after the change, and queue the mails to the owner.

        `writes` are attributes by name, an empty value removes one; `mfa` are the second factors from now on. The body of
        a transaction may run again: the last comparison counts.
        """
        attributes = merged(before.attributes, writes or {})
        old = ways(self._pool.mfa, before.mfa, before.attributes)
        new = ways(self._pool.mfa, before.mfa if mfa is None else mfa, attributes)
        self._seen = _Seen(
            off=tuple(name for name in old if name not in new),
            led_away=tuple(name for name in old if name in new and new[name] != old[name]),
            moved=tuple(
                name for name in VERIFIED if before.verified(name) and attributes.get(name) != before.attributes[name]
            ),
        )
        await self._write(tx, before)

    def tell(self) -> None:
        """Record the events of what was seen, after the commit."""
        user_key = {"pool_id": self._pool.pool_id, "user_id": self._user_id}
        if self._seen.off:
            events.record(self._call, Kind.MFA_TURNED_OFF, **user_key, methods=" ".join(self._seen.off), by=self._by)
        if self._seen.led_away:
            events.record(self._call, Kind.MFA_LED_AWAY, **user_key, methods=" ".join(self._seen.led_away), by=self._by)
        for attribute in self._seen.moved:
            events.record(self._call, Kind.ADDRESS_MOVED, **user_key, attribute=attribute, by=self._by)

    async def _write(self, tx: Transaction, before: User) -> None:
        """Write one mail for each kind of change; the mail about a moved mailbox covers the codes that went there."""
        call, pool, seen = self._call, self._pool, self._seen
        announced = {name for name in seen.moved if name == "email"}
        off = [name for name in seen.off if ATTRIBUTES.get(name) not in announced]
        led_away = [name for name in seen.led_away if ATTRIBUTES.get(name) not in announced]
        if off:
            await notices.mfa_turned_off(call, tx, pool, before, off)
        if led_away:
            await notices.mfa_led_away(call, tx, pool, before, led_away)
        if "email" in seen.moved:
            await notices.email_moved(call, tx, pool, before)
        numbers = {ATTRIBUTES.get(name) for name in (*off, *led_away)}
        if "phone_number" in seen.moved and "phone_number" not in numbers:
            await notices.number_moved(call, tx, pool, before)
