"""What does another OpenID provider say of itself? Its discovery document and its keys, fetched and remembered.

Whoever configures a provider names addresses, and whoever brings a token names a key: neither may make us fetch often, wait
long or reach what is private (attacks.md 106, 107, 108). Every document is fetched once for all who wait for it, kept while
a newer one cannot be had, and asked for again at most once a minute, whatever keys tokens name.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Generic, TypeVar
from urllib.parse import urlsplit

import msgspec

from poolkeeper.cache import Cache
from poolkeeper.clock import DAY, HOUR, MINUTE, SECOND
from poolkeeper.crypto import foreign_jws
from poolkeeper.egress import Egress, EgressFailed, EgressRefused, Response
from poolkeeper.hosts import is_address, is_localhost, is_plain
from poolkeeper.settings import Settings

T = TypeVar("T")
_WELL_KNOWN = "/.well-known/openid-configuration"
_SECONDS = 5.0
_MAX_DOCUMENT = 256 * 1024
_FRESH = HOUR
_STALE = DAY
# Between two tries: for a document that we have, and for one that we never had.
_AGAIN = MINUTE
_AGAIN_WITHOUT = 5 * SECOND
_ISSUERS = 512
# What may be under way to one host: a provider that hangs costs no more than this.
_MOST_AT_ONCE = 64
# Of these for the strangers of one network, and how many of them may wait for one as long as for a provider.
_SHARE = 8
_MOST_WAITING = 64
_MAX_URL = 2_048


class ProviderUnavailable(Exception):  # noqa: N818 - what is known of a provider, not an accident of ours
    """A provider cannot be reached, or answers what cannot be used. The message is for the log."""


class ProviderBusy(ProviderUnavailable):
    """Too many calls to a provider are under way: that says nothing of it."""


class Metadata(msgspec.Struct, frozen=True):
    """What a discovery document says, as far as we go by it (OpenID Connect Discovery 1.0 section 3, RFC 8414, RFC 9207).

    What is left out may be null too: some write all members that there are.
    """

    issuer: str
    jwks_uri: str
    authorization_endpoint: str | None = None
    token_endpoint: str | None = None
    userinfo_endpoint: str | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] | None = None
    code_challenge_methods_supported: tuple[str, ...] | None = None
    authorization_response_iss_parameter_supported: bool | None = None


_decode_metadata = msgspec.json.Decoder(Metadata).decode


@dataclass(slots=True)
class _Kept(Generic[T]):
    """A document, when it was fetched, and when that was last tried."""

    value: T | None = None
    fetched_at: int = 0
    tried_at: int | None = None
    fault: str = ""


@dataclass(slots=True)
class _Share:
    """The places of one network at one host; it exists only while somebody holds or awaits one."""

    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_SHARE))
    users: int = 0


class Providers:
    """What this process knows of other providers; belongs to one event loop. `now` is milliseconds since the epoch."""

    def __init__(self, settings: Settings, egress: Egress) -> None:
        self._dev = settings.dev
        self._egress = egress
        self._metadata: Cache[str, _Kept[Metadata]] = Cache(_ISSUERS)
        self._keys: Cache[str, _Kept[foreign_jws.Keys]] = Cache(_ISSUERS)
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._calls: Counter[str] = Counter()
        self._shares: dict[tuple[str, str], _Share] = {}

    async def metadata(self, issuer: str, now: int) -> Metadata:
        """Return what an issuer's discovery document says, one that is at most an hour old if it can be had.

        Raises ProviderUnavailable; also where the document is another issuer's (attacks.md 106).
        """
        kept = self._metadata.get(issuer) or _remember(self._metadata, issuer, _Kept[Metadata]())
        # Section 4.1: a slash at the end is left out before the path is appended; the issuer itself keeps it.
        url = issuer.removesuffix("/") + _WELL_KNOWN
        await self._refresh(url, kept, now, lambda document: self._read_metadata(issuer, document))
        return _usable(kept, now)

    async def keys(self, jwks_uri: str, now: int, *, kid: str) -> foreign_jws.Keys:
        """Return the keys at an address; those of at most an hour ago, and newer ones where `kid` is not among them.

        A `kid` that nobody knows makes us ask once a minute and not more often. Raises ProviderUnavailable.
        """
        kept = self._keys.get(jwks_uri) or _remember(self._keys, jwks_uri, _Kept[foreign_jws.Keys]())
        unknown = kept.value is not None and kid not in kept.value
        await self._refresh(jwks_uri, kept, now, foreign_jws.read_keys, wanting=unknown)
        return _usable(kept, now)

    async def call(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes = b"", max_bytes: int = _MAX_DOCUMENT
    ) -> Response:
        """Return a provider's answer, whatever its status; a redirect is not followed.

        https alone, to public addresses and those of `egress_allow`; in development also http to this machine. Raises
        ProviderUnavailable; ProviderBusy at once where 64 calls to that host are under way.
        """
        here = self._dev and is_loopback(url)
        host = urlsplit(url).netloc if is_web_address(url, loopback=here) else ""
        if not host:
            raise ProviderUnavailable("an address that is not https")
        if self._calls[host] >= _MOST_AT_ONCE:
            raise ProviderBusy(f"{host}: too many calls are under way")
        self._calls[host] += 1
        try:
            return await self._egress.request(
                method,
                url,
                headers={"User-Agent": "Poolkeeper", "Accept": "application/json", **headers},
                body=body,
                timeout_seconds=_SECONDS,
                max_bytes=max_bytes,
                private=here,
                plain_http=here,
            )
        except (EgressRefused, EgressFailed) as fault:
            raise ProviderUnavailable(str(fault)) from None
        finally:
            self._calls[host] -= 1
            if not self._calls[host]:
                del self._calls[host]

    @asynccontextmanager
    async def share(self, network: str, url: str) -> AsyncIterator[None]:
        """Hold one of the eight places that a network has at the host of an address, where strangers cause the calls.

        So nobody by themselves takes all places that there are. Raises ProviderBusy where none comes free in five
        seconds, at once where too many wait.
        """
        key = network, urlsplit(url).netloc
        mine = self._shares.setdefault(key, _Share())
        mine.users += 1
        try:
            if mine.users > _SHARE + _MOST_WAITING:
                raise ProviderBusy("too many of one network wait")
            try:
                async with asyncio.timeout(_SECONDS):
                    await mine.places.acquire()
            except TimeoutError:
                raise ProviderBusy("too many calls of one network are under way") from None
            try:
                yield
            finally:
                mine.places.release()
        finally:
            mine.users -= 1
            if not mine.users:
                del self._shares[key]

    def require_web_address(self, url: str) -> str:
        """Return an address that a browser may be sent to. Raises ProviderUnavailable for any other scheme than https."""
        if not is_web_address(url, loopback=self._dev and is_loopback(url)):
            raise ProviderUnavailable("an address that is not https")
        return url

    async def close(self) -> None:
        """Give up what is under way."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _refresh(
        self, url: str, kept: _Kept[T], now: int, read: Callable[[bytes], T], *, wanting: bool = False
    ) -> None:
        """Fetch a document into its place if that is due, or wait for who does already; whoever waits may stop waiting."""
        task = self._under_way.get(url)
        if task is None:
            if not _is_due(kept, now, wanting=wanting):
                return
            kept.tried_at = now
            task = asyncio.create_task(self._fetch(url, kept, now, read))
            self._under_way[url] = task
            task.add_done_callback(lambda _: self._under_way.pop(url, None))
        elif kept.value is not None and not wanting:
            return  # What we have serves until the new one is there.
        await asyncio.shield(task)

    async def _fetch(self, url: str, kept: _Kept[T], now: int, read: Callable[[bytes], T]) -> None:
        try:
            kept.value, kept.fetched_at = read(await self._document(url)), now
        except (ProviderUnavailable, ValueError) as fault:
            kept.fault = f"{url[:200]}: {fault}"

    async def _document(self, url: str) -> bytes:
        response = await self.call("GET", url, headers={})
        if response.status != 200:
            raise ProviderUnavailable(f"HTTP {response.status}")
        return response.body

    def _read_metadata(self, issuer: str, document: bytes) -> Metadata:
        """Return the metadata. Raises ValueError, and ProviderUnavailable for an endpoint that is not https."""
        try:
            metadata = _decode_metadata(document)
        except (msgspec.MsgspecError, RecursionError, UnicodeError) as fault:
            raise ValueError(f"not a discovery document: {fault}") from None
        if metadata.issuer != issuer:
            raise ValueError(f"the document is that of {metadata.issuer[:200]!r}: set it up as that, to the letter")
        endpoints = (metadata.authorization_endpoint, metadata.token_endpoint, metadata.userinfo_endpoint)
        for url in (metadata.jwks_uri, *filter(None, endpoints)):
            self.require_web_address(url)
        return metadata


def is_web_address(url: str, *, loopback: bool) -> bool:
    """Say whether this is an https address that two readers understand in one way; with `loopback` http counts too."""
    if len(url) > _MAX_URL or not url.isascii() or not url.isprintable() or any(sign in url for sign in ' \\"<>#'):
        return False
    try:
        parts = urlsplit(url)
        port_fits = parts.port != 0
    except ValueError:
        return False
    return (
        parts.scheme in ({"https", "http"} if loopback else {"https"})
        and bool(parts.hostname)
        and port_fits
        and is_plain(parts.netloc)
    )


def is_loopback(url: str) -> bool:
    """Say whether an address is on this machine by its very spelling: `localhost`, a name below it, or a loopback address."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    return is_localhost(host) or (is_address(host) and ip_address(host).is_loopback)


def _is_due(kept: _Kept[T], now: int, *, wanting: bool) -> bool:
    """Say whether to ask for a document (again): it is old, or lacks what is wanted, and was not asked for just now."""
    if kept.tried_at is not None and now - kept.tried_at < (_AGAIN_WITHOUT if kept.value is None else _AGAIN):
        return False
    return kept.value is None or wanting or now - kept.fetched_at >= _FRESH


def _usable(kept: _Kept[T], now: int) -> T:
    """Return a document that is not too old. Raises ProviderUnavailable with what went wrong when it was fetched."""
    if kept.value is None or now - kept.fetched_at >= _STALE:
        raise ProviderUnavailable(kept.fault)
    return kept.value


def _remember(cache: Cache[str, _Kept[T]], key: str, kept: _Kept[T]) -> _Kept[T]:
    cache.put(key, kept)
    return kept
