"""How is a House built? Of settings, a database and what it shares: threads, locks, counts, ways out."""

import os

from poolkeeper.call import House, Watch
from poolkeeper.clock import Clock
from poolkeeper.crypto.password_hash import Argon2
from poolkeeper.crypto.seal import Sealer
from poolkeeper.egress import Egress
from poolkeeper.entropy import Entropy
from poolkeeper.functions import Functions
from poolkeeper.heavy import HeavyPool, KeyedLocks
from poolkeeper.log_delivery import LogDelivery
from poolkeeper.policy import Policy
from poolkeeper.providers import Providers
from poolkeeper.rate import Crowds, RateLimit
from poolkeeper.risk.compromised.known_passwords import KnownPasswords
from poolkeeper.risk.places import Places
from poolkeeper.settings import Settings
from poolkeeper.store.db import Database

_LOCK_WAITERS = 256
# How often rows of names that nobody has are cleaned up, while as many of these names arrive as a pool keeps rows.
_SWEEPS = 4


def make_house(
    settings: Settings,
    database: Database,
    clock: Clock,
    entropy: Entropy,
    sealer: Sealer,
    *,
    restored_at: int = 0,
    guest_policy: Policy | None = None,
) -> House:
    """Return a house over a database that is up to date; `restored_at`: what was sealed before is refused."""
    threads = settings.heavy_threads or max(1, (os.cpu_count() or 1) // settings.workers)
    egress = Egress(settings)
    return House(
        settings=settings,
        db=database,
        clock=clock,
        entropy=entropy,
        sealer=sealer,
        heavy=HeavyPool(threads, settings.heavy_queue, reserve=settings.heavy_reserve),
        hasher=Argon2(settings.password_hash_memory, settings.password_hash_passes),
        locks=KeyedLocks(_LOCK_WAITERS),
        sign_ups=RateLimit(settings.sign_ups_per_minute),
        ghosts=Crowds(-(-settings.ghosts_per_pool // _SWEEPS)),
        egress=egress,
        functions=Functions(settings, egress, clock, entropy),
        providers=Providers(settings, egress),
        known_passwords=KnownPasswords(settings, egress),
        log_delivery=LogDelivery(settings, egress, clock, entropy),
        watch=Watch(places=Places(settings.place_files)),
        restored_at=restored_at,
        guest_policy=guest_policy,
    )
