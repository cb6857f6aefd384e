"""What does one request carry? The caller, the moment, and the house that it was made to."""

import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from itertools import count
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from poolkeeper.cache import Cache
from poolkeeper.client_address import client_network, network_of, told_address, wide_network
from poolkeeper.clock import Clock
from poolkeeper.crypto.password_hash import Argon2
from poolkeeper.crypto.seal import Sealer
from poolkeeper.egress import Egress
from poolkeeper.entropy import Entropy
from poolkeeper.functions import Functions
from poolkeeper.heavy import Asker, HeavyPool, KeyedLocks
from poolkeeper.log_delivery import LogDelivery
from poolkeeper.model.client import Client
from poolkeeper.model.event import Event
from poolkeeper.model.finding import Finding
from poolkeeper.model.identity_pool import IdentityPool
from poolkeeper.model.key_proof import KeyProof
from poolkeeper.model.pool import Pool
from poolkeeper.model.principal import Principal
from poolkeeper.policy import Budget, Policy, bytes_held
from poolkeeper.policy import Kind as PolicyKind
from poolkeeper.providers import Providers
from poolkeeper.rate import Crowds, HourlyCounts, RateLimit, TokenBuckets
from poolkeeper.risk.compromised.known_passwords import KnownPasswords
from poolkeeper.risk.judge import Judgement, judge
from poolkeeper.risk.places import Places
from poolkeeper.risk.population import Population
from poolkeeper.risk.refusals import Refusals
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
class Signer:
    """Who may have signed: the secret that a signature is checked with, and whom it would prove."""

    access_key_id: str
    secret: Secret
    principal: Principal


@dataclass(frozen=True, slots=True)
class Caller:
    """Who signed a request: proved by its signature."""

    access_key_id: str
    region: str
    principal: Principal

    @property
    def arn(self) -> str:
        return self.principal.arn


@dataclass(frozen=True, slots=True)
class Rights:
    """What policies say of a principal, compiled; `session` is None where no session policies narrow it.

    `keys` are the condition keys that any of them needs, in lower case.
    """

    identity: tuple[Policy, ...]
    boundary: Policy | None
    session: tuple[Policy, ...] | None
    keys: frozenset[str]

    def ask_for(self, prefix: str) -> bool:
        """Say whether a key that begins so (lower case) is needed: looking for its value may cost."""
        return any(key.startswith(prefix) for key in self.keys)


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
class IdentityKey:
    """A key of the issuer that vouches for identities, parsed; it signs from `signs_from` (milliseconds) on."""

    kid: str
    private: RSAPrivateKey
    certificate: bytes
    signs_from: int


@dataclass(frozen=True, slots=True)
class IdentityKeys:
    """All keys of that issuer, the newest first, as they were at `read_at` (milliseconds)."""

    all: tuple[IdentityKey, ...]
    read_at: int

    def signing(self, now: int) -> IdentityKey:
        """Return the key that signs at a moment."""
        return next((key for key in self.all if key.signs_from <= now), self.all[-1])

    @property
    def public(self) -> dict[str, RSAPublicKey]:
        return {key.kid: key.private.public_key() for key in self.all}


# The most bytes of session policies to remember.
_SESSION_TEXTS = 32 * 1024 * 1024


def _session_texts() -> Cache[tuple[str, PolicyKind], Policy]:
    return Cache(_SESSION_TEXTS, lambda key: bytes_held(key[0]))


@dataclass(frozen=True, slots=True)
class Memory:
    """What this process remembers: decoded settings by id (checked against the version at each request) and keys.

    Counted by the hour: `messages` and `wrong_codes` that a client network caused, `sends_to_destination` that it asked for, each
    destination by itself, `newcomers`, the names that it was the first to try something with, `guests` that it made of an
    identity pool, and `returns_from_providers` of its people; `answers_from_browser_session` are those to the apps of one
    browser. `refusals` are those of watched pools.
    `unknown_roles` are the unique ids of those that the log has named, by their ARNs, `broker_calls` how many are under way to
    each endpoint of a broker.
    `requests` are what is left of each category, `request_rates` how many a second it has, as they were read at a millisecond.
    """

    pool_of_client: Cache[str, str] = field(default_factory=lambda: Cache(16_384))
    pools: Cache[str, Pool] = field(default_factory=lambda: Cache(4_096))
    clients: Cache[str, Client] = field(default_factory=lambda: Cache(16_384))
    pool_keys: Cache[str, PoolKeys] = field(default_factory=lambda: Cache(4_096))
    # Of users and roles by id, at a number of changes; of sessions' managed policies by their ARNs; compiled policies, those
    # that whoever may assume a role brings along apart, by their bytes.
    rights: Cache[str, tuple[int, Rights]] = field(default_factory=lambda: Cache(4_096))
    session_policies: Cache[str, tuple[int, tuple[Policy, ...]]] = field(default_factory=lambda: Cache(512))
    policies: Cache[tuple[str, PolicyKind], Policy] = field(default_factory=lambda: Cache(4_096))
    session_texts: Cache[tuple[str, PolicyKind], Policy] = field(default_factory=_session_texts)
    messages: HourlyCounts = field(default_factory=HourlyCounts)
    wrong_codes: HourlyCounts = field(default_factory=HourlyCounts)
    sends_to_destination: HourlyCounts = field(default_factory=HourlyCounts)
    answers_from_browser_session: HourlyCounts = field(default_factory=HourlyCounts)
    newcomers: HourlyCounts = field(default_factory=HourlyCounts)
    identity_pools: Cache[str, IdentityPool] = field(default_factory=lambda: Cache(4_096))
    pool_of_mark: Cache[str, str] = field(default_factory=lambda: Cache(4_096))
    identity_keys: Cache[str, IdentityKeys] = field(default_factory=lambda: Cache(1))
    # What accounts/identity_providers.py makes of the providers of a pool, which is nobody's concern down here.
    identity_providers: Cache[str, Any] = field(default_factory=lambda: Cache(1_024))
    # What branding/styles.py makes of what pages look like: which styles a pool has, and the looks by their places.
    styles: Cache[str, Any] = field(default_factory=lambda: Cache(1_024))
    looks: Cache[str, Any] = field(default_factory=lambda: Cache(256))
    unknown_roles: Cache[str, str] = field(default_factory=lambda: Cache(1_024))
    guests: HourlyCounts = field(default_factory=HourlyCounts)
    returns_from_providers: HourlyCounts = field(default_factory=HourlyCounts)
    broker_calls: Counter[str] = field(default_factory=Counter)
    requests: TokenBuckets = field(default_factory=TokenBuckets)
    # Of client id metadata documents by pool and address: when a fetch failed (milliseconds) and why; how many were begun,
    # and how many apps registered themselves.
    document_faults: Cache[str, tuple[int, str]] = field(default_factory=lambda: Cache(4_096))
    document_fetches: HourlyCounts = field(default_factory=HourlyCounts)
    registrations: HourlyCounts = field(default_factory=HourlyCounts)
    request_rates: Cache[str, tuple[int, Mapping[str, int]]] = field(default_factory=lambda: Cache(1))
    refusals: Refusals = field(default_factory=Refusals)
    # Users of watched pools, (pool, user), who may have more events than are kept.
    histories: set[tuple[str, str]] = field(default_factory=set)

    def clear(self) -> None:
        """Forget everything: what it was read from is gone."""
        for cache_field in fields(self):
            getattr(self, cache_field.name).clear()


@dataclass(slots=True)
class Watch:
    """What sign-ins of watched pools are judged by: who judges, what is usual, and where addresses are."""

    judge: Callable[..., Judgement] = judge
    population: Population = field(default_factory=lambda: Population(_unkeyed))
    places: Places = field(default_factory=Places)


def _unkeyed(text: str) -> str:
    """Hash until the key is read that all processes have (jobs/population.py)."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What all requests of a process share.

    `restored_at` is the millisecond of the database's last restore, read once at start; 0: it was never restored.
    """

    settings: Settings
    db: Database
    clock: Clock
    entropy: Entropy
    sealer: Sealer
    heavy: HeavyPool
    hasher: Argon2
    locks: KeyedLocks
    sign_ups: RateLimit
    # Names that nobody has, by pool.
    ghosts: Crowds
    egress: Egress
    functions: Functions
    providers: Providers
    known_passwords: KnownPasswords
    log_delivery: LogDelivery
    restored_at: int = 0
    # What guests of identity pools may do at the most; None: whatever their role may.
    guest_policy: Policy | None = None
    memory: Memory = field(default_factory=Memory)
    watch: Watch = field(default_factory=Watch)
    # Numbers the messages of one millisecond, so that they keep their order.
    sequence: Iterator[int] = field(default_factory=count)


@dataclass(frozen=True, slots=True)
class Judged:
    """That policies let a call through, `at` a number of changes of users, roles and policies; `anew` judges it once more."""

    at: int
    anew: Callable[[], Awaitable[None]]


class Trace(msgspec.Struct):
    """What a request turns out to be about, written as it is found.

    `known_user` is the user whom a verified token or a remembered device has shown. `invocations` counts the functions
    that were asked: what was read before one of them may have been changed by it. `counted` is what this request came to
    in the memory of its process, so that the body of a transaction that runs again counts nothing twice. `by_back_end`:
    the app client has a secret, so a server speaks for all its users; unless it is `at_pages`, where a browser asks itself.
    `propagates`: that server is believed where it says for whom it asks.
    `resource` is the ARN that policies were asked about, `judged` is None where no policy had a say. `replica_region` is the
    region in whose name a replica answers, empty where the pool itself does. `outcome` is the name of
    what a page or an OAuth endpoint refused, empty where nothing was; `detail` is for the log.
    `budget` is what all decisions about it may cost together. `finding` is what came of the look whether its password is known
    from breaches, None where none was looked at.
    """

    pool_id: str = ""
    known_user: str = ""
    invocations: int = 0
    events: list[Event] = msgspec.field(default_factory=list)
    counted: dict[str, int] = msgspec.field(default_factory=dict)
    by_back_end: bool = False
    propagates: bool = False
    at_pages: bool = False
    resource: str = ""
    judged: Judged | None = None
    replica_region: str = ""
    outcome: str = ""
    detail: str = ""
    budget: Budget = msgspec.field(default_factory=Budget)
    finding: Finding | None = None

    def refuse(self, name: str, detail: str | None = None) -> None:
        """Keep what was refused: an exception's name, or a code of `hosted/outcomes.py`."""
        self.outcome, self.detail = name, detail or ""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One request. `now` is milliseconds since the epoch, the same for everything that the request does.

    `caller` is None where the operation needs no signature. `region` is the signature's, or the settings'.
    `told_address` is the address that came in ContextData or UserContextData: `address` says whether it counts. `language` is
    what the person at a browser reads, a tag of `model/languages.py`; empty where no page was asked: what is sent then is in AWS's
    English. `key_proof` is the key that the sender has shown to hold, None for none.
    """

    house: House
    caller: Caller | None
    region: str
    client_address: str
    user_agent: str
    request_id: str
    now: int
    told_address: str = ""
    language: str = ""
    key_proof: KeyProof | None = None
    trace: Trace = msgspec.field(default_factory=Trace)

    @property
    def db(self) -> Database:
        return self.house.db

    @property
    def settings(self) -> Settings:
        return self.house.settings

    @property
    def entropy(self) -> Entropy:
        return self.house.entropy

    @property
    def address(self) -> str:
        """The address of the person whom this is for; empty where a server calls and does not say.

        Of a signed call that is the one in its ContextData, of an app client that has a secret and propagates it the one in
        UserContextData, which nobody else is believed; else the other end, by `trusted_proxies` (identity-security.md 4.2).
        """
        if self.caller is not None or (self.by_back_end and self.trace.propagates):
            return told_address(self.told_address)
        return "" if self.by_back_end else self.client_address

    @property
    def jkt(self) -> str:
        """The thumbprint of the key that the sender has shown to hold, empty for none (RFC 9449)."""
        return "" if self.key_proof is None else self.key_proof.jkt

    @property
    def network(self) -> str:
        """The network of the person whom this is for; empty where a server calls and does not say."""
        return network_of(self.address)

    @property
    def by_back_end(self) -> bool:
        """Whether a server speaks for all its users, and its address says nothing of them."""
        return self.trace.by_back_end and not self.trace.at_pages

    @property
    def asker(self) -> Asker:
        """For whom costly work is done, as far as is known by now: a user, an access key, or anybody of a network."""
        if self.trace.known_user:
            return Asker(f"user {self.trace.known_user}", known=True)
        if self.caller is not None:
            return Asker(f"key {self.caller.access_key_id}", known=True)
        address = self.address or self.client_address
        return Asker(f"network {client_network(address)}", wide=wide_network(address))


def own_call(house: House) -> Call:
    """Return a call that nobody sent: of the server's own, or of a command's, which may do everything."""
    return Call(
        house=house,
        caller=None,
        region=house.settings.region,
        client_address="",
        user_agent="",
        request_id=house.entropy.uuid(),
        now=house.clock.now(),
    )
