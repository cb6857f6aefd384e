"""What does one request carry? The caller, the moment, and the house that it was made to."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from poolkeeper.cache import Cache
from poolkeeper.clock import Clock
from poolkeeper.crypto.password_hash import Argon2
from poolkeeper.crypto.seal import Sealer
from poolkeeper.egress import Egress
from poolkeeper.entropy import Entropy
from poolkeeper.functions import Functions
from poolkeeper.heavy import HeavyPool, KeyedLocks
from poolkeeper.model.client import Client
from poolkeeper.model.event import Event
from poolkeeper.model.pool import Pool
from poolkeeper.rate import RateLimit
from poolkeeper.secret import Secret
from poolkeeper.settings import Settings
from poolkeeper.store.db import Database


@dataclass(frozen=True, slots=True)
class AccessKey:
    """An access key that may sign requests, its secret opened."""

    access_key_id: str
    secret: Secret
    arn: str
    enabled: bool


@dataclass(frozen=True, slots=True)
class Caller:
    """Who signed a request: proved by its signature."""

    access_key_id: str
    arn: str
    region: str


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A pool's key for one kind of token, parsed."""

    kid: str
    private: RSAPrivateKey


@dataclass(frozen=True, slots=True)
class PoolKeys:
    """The keys of one pool: one signs ID tokens, another access tokens, all of them verify."""

    id: SigningKey
    access: SigningKey
    public: dict[str, RSAPublicKey]
    jwks: bytes


@dataclass(frozen=True, slots=True)
class Memory:
    """What this process remembers: decoded settings by id (checked against the version at each request) and keys."""

    pool_of_client: Cache[str, str] = field(default_factory=lambda: Cache(16_384))
    pools: Cache[str, Pool] = field(default_factory=lambda: Cache(4_096))
    clients: Cache[str, Client] = field(default_factory=lambda: Cache(16_384))
    pool_keys: Cache[str, PoolKeys] = field(default_factory=lambda: Cache(4_096))


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What all requests of a process share."""

    settings: Settings
    db: Database
    clock: Clock
    entropy: Entropy
    sealer: Sealer
    heavy: HeavyPool
    hasher: Argon2
    locks: KeyedLocks
    sign_ups: RateLimit
    egress: Egress
    functions: Functions
    memory: Memory = field(default_factory=Memory)
    # Tells apart, and keeps in order, what this process does within one millisecond.
    sequence: Iterator[int] = field(default_factory=count)


@dataclass(slots=True)
class Trace:
    """What a request turns out to be about, written as it is found.

    `invocations` counts the functions that were asked: what was read before one of them may have been changed by it.
    """

    pool_id: str = ""
    invocations: int = 0
    events: list[Event] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request. `now` is milliseconds since the epoch, the same for everything that the request does.

    `caller` is None where the operation needs no signature. `region` is the signature's, or the settings'.
    """

    house: House
    caller: Caller | None
    region: str
    client_address: str
    user_agent: str
    request_id: str
    now: int
    trace: Trace = field(default_factory=Trace)

    @property
    def db(self) -> Database:
        return self.house.db

    @property
    def settings(self) -> Settings:
        return self.house.settings

    @property
    def entropy(self) -> Entropy:
        return self.house.entropy
