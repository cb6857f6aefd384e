"""How does a call leave the house? One HTTP client for everything, which looks at the address before it connects.

Whoever gives the URL may be an attacker (discovery documents, JWKS, logos, webhooks: attacks.md 107, 108). So the name
is resolved here, every address is judged, and the connection goes to the judged address itself: a second look-up that
answers otherwise (DNS rebinding) never happens, while TLS still checks the name. No redirects, no cookies, no proxies.
"""

import asyncio
import importlib.util
import re
import ssl
import sys
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any, Literal
from urllib.parse import SplitResult, urlsplit

import httpcore

from poolkeeper.hosts import is_plain
from poolkeeper.resolver import CannotResolve, Resolver
from poolkeeper.settings import Settings

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Awaitable[list[str]]]

# What a cloud tells its machines, passwords included, to whoever asks from one of them: AWS (machines, containers, over
# IPv6), Alibaba, Azure, Oracle. Some of these addresses look public, others merely private.
_METADATA = frozenset(
    ip_address(text)
    for text in (
        "169.254.169.254",
        "169.254.170.2",
        "fd00:ec2::254",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
    )
)
_PRIVATE: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "fec0::/10")
)
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052 2.1: the last four bytes are the IPv4 address that is reached.

_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]{2,45}")
_PORTS = {"https": 443, "http": 80}
_KEPT_ALIVE = 64
_KEPT_ALIVE_SECONDS = 30
# What an answer may cost beside its bytes. Taking one apart takes time for each chunk and for each answer before the answer
# (100 Continue), however small; between two reads everybody else has a turn.
_LONGEST_READ = 4_096
_LONGEST_HEAD = 102_400  # As h11 has it for one head; here for all that come before the body together.
_MOST_PIECES = 10_000


class EgressRefused(Exception):  # noqa: N818 - a decision about a call, not an accident
    """The call was not made: its URL, or every address of its host, is not allowed. The message is for the log."""


class EgressFailed(Exception):  # noqa: N818 - a fact about a call, which the caller acts on
    """The call was made and brought nothing usable. The message is for the log.

    `kind`: `time-out`, `connection` (none, or broken), or `answer` (too large, in too many pieces, or not packed as its head
    says).
    """

    def __init__(self, message: str, *, kind: Literal["time-out", "connection", "answer"]) -> None:
        super().__init__(message)
        self.kind = kind

    @property
    def timed_out(self) -> bool:
        return self.kind == "time-out"


@dataclass(frozen=True, slots=True)
class Response:
    """What came back. The names of `headers` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Egress:
    """The way out of one process; belongs to one event loop.

    `resolve` returns the addresses of a name, `network` opens connections, `tls` says whom to believe: the machine's own
    unless a test gives others.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        resolve: Resolve | None = None,
        network: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._opened = tuple(ip_network(text) for text in settings.egress_allow)
        self._resolve = resolve or _by_system(Resolver())
        self._network = network
        self._tls: ssl.SSLContext | None = None
        self._clients: dict[bool, httpcore.AsyncConnectionPool] = {}
        _note_what_is_not_there()

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
        timeout_seconds: float,
        max_bytes: int,
        private: bool = False,
        plain_http: bool = False,
    ) -> Response:
        """Return the answer of one call, a redirect included as it is.

        `timeout_seconds` bounds the whole of it, from the name to the last byte; `max_bytes` the body, inflated.
        `private` lets it reach private addresses and loopback, `plain_http` go without TLS. Raises EgressRefused and
        EgressFailed.
        """
        parts = _parse(url, plain_http=plain_http)
        sent = [("Host", parts.netloc), ("Accept-Encoding", "identity"), *headers.items()]
        origin = f"{parts.scheme}://{parts.netloc}"
        try:
            async with (
                asyncio.timeout(timeout_seconds),
                self._client(private=private).stream(method, _target(parts), headers=sent, content=body) as response,
            ):
                response.extensions["network_stream"].head_is_read()
                answered = _joined(response.headers)
                content = await _read(response, encoding=answered.get("content-encoding", ""), most=max_bytes)
                return Response(response.status, answered, content)
        except (TimeoutError, httpcore.TimeoutException):
            raise EgressFailed(f"{origin} took longer than {timeout_seconds} s", kind="time-out") from None
        except httpcore.ProtocolError as fault:  # Behind the colon stands the answer, which may repeat what was sent.
            raise EgressFailed(f"{origin}: {str(fault).partition(': ')[0]}", kind="connection") from None
        except (httpcore.NetworkError, OSError) as fault:
            raise EgressFailed(f"{origin}: {fault or type(fault).__name__}", kind="connection") from fault

    async def close(self) -> None:
        """Close the connections that are kept alive."""
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()

    def _client(self, *, private: bool) -> httpcore.AsyncConnectionPool:
        """Return the client for calls that may reach private addresses, or for those that may not.

        They share no connection: one that was opened for the first would let the second in by its name.
        """
        if private not in self._clients:
            self._tls = self._tls or ssl.create_default_context()
            self._clients[private] = httpcore.AsyncConnectionPool(
                ssl_context=self._tls,
                max_connections=None,  # Each caller bounds its own; one bound for all would let one hold up the others.
                max_keepalive_connections=_KEPT_ALIVE,
                keepalive_expiry=_KEPT_ALIVE_SECONDS,
                network_backend=_Judge(
                    private=private,
                    opened=self._opened,
                    resolve=self._resolve,
                    network=self._network or httpcore.AnyIOBackend(),
                ),
            )
        return self._clients[private]


class _Judge(httpcore.AsyncNetworkBackend):
    """Opens connections to addresses that may be reached, and to no others."""

    def __init__(
        self, *, private: bool, opened: tuple[Network, ...], resolve: Resolve, network: httpcore.AsyncNetworkBackend
    ) -> None:
        self._private = private
        self._opened = opened
        self._resolve = resolve
        self._network = network

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of `host` that is allowed and answers. Raises EgressRefused where none is."""
        addresses = [ip_address(text) for text in await self._resolve(host, port)]
        allowed = [
            candidate for candidate in addresses if may_reach(candidate, private=self._private, opened=self._opened)
        ]
        if not allowed:
            raise EgressRefused(f"{host} is at {', '.join(map(str, addresses)) or 'no address'}: not to be reached")
        for attempt, address in enumerate(allowed, 1):
            try:
                stream = await self._network.connect_tcp(str(address), port, timeout, local_address, socket_options)
                return _Stream(stream)
            except httpcore.ConnectError:
                if attempt == len(allowed):
                    raise
        raise AssertionError

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)


class _Stream(httpcore.AsyncNetworkStream):
    """A connection that is read little by little, and whose heads have an end."""

    def __init__(self, opened: httpcore.AsyncNetworkStream) -> None:
        self._opened = opened
        self._head_left: int | None = _LONGEST_HEAD

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - httpcore's signature
        """Return what has come. Raises EgressFailed where that is still no head of an answer, and should be."""
        if self._head_left is not None and self._head_left <= 0:
            raise EgressFailed(f"nothing but heads in {_LONGEST_HEAD} bytes", kind="answer")
        await asyncio.sleep(0)  # Reading what is there already waits for nothing.
        data = await self._opened.read(min(max_bytes, _LONGEST_READ), timeout)
        if self._head_left is not None:
            self._head_left -= len(data)
        return data

    def head_is_read(self) -> None:
        """Read the body from here on; the next request begins a head again."""
        self._head_left = None

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - httpcore's signature
        self._head_left = _LONGEST_HEAD
        await self._opened.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._opened.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's signature
    ) -> httpcore.AsyncNetworkStream:
        try:
            return _Stream(await self._opened.start_tls(ssl_context, server_hostname, timeout))
        except BaseException:  # Whoever gives up a handshake, its time-out too, leaves no connection behind.
            await self._opened.aclose()
            raise

    def get_extra_info(self, info: str) -> Any:
        return self._opened.get_extra_info(info)


def may_reach(address: Address, *, private: bool, opened: Iterable[Network] = ()) -> bool:
    """Say whether a connection may be opened to `address`.

    Public addresses are allowed, with `private` those of private networks and of this machine as well; what lies in a
    network of `opened` always; link-local, multicast, reserved and metadata addresses never otherwise.
    """
    reached = _meant(address)
    if any(candidate in network for network in opened for candidate in (address, reached)):
        return True
    if reached in _METADATA or reached.is_multicast:
        return False
    if reached.is_loopback or any(reached in network for network in _PRIVATE):
        return private
    return reached.is_global and not reached.is_reserved


def _meant(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 address stands for, or the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _by_system(resolver: Resolver) -> Resolve:
    async def resolve(host: str, _port: int) -> list[str]:
        try:
            return await resolver.addresses(host)
        except CannotResolve as fault:
            raise httpcore.ConnectError(str(fault)) from None

    return resolve


def _note_what_is_not_there() -> None:
    """Tell Python that there is no `sniffio`, where there is none: it need not look for it any more.

    httpcore imports it at every lock that it makes, several for each call, and goes on without it. An import that fails
    looks through all folders each time, which took a quarter of what a sign-in at a provider costs.
    """
    if importlib.util.find_spec("sniffio") is None:
        sys.modules["sniffio"] = None  # type: ignore[assignment] # what the import system takes for "not to be had"


def _parse(url: str, *, plain_http: bool) -> SplitResult:
    """Take a URL apart, once: what is judged is what is connected to. Raises EgressRefused."""
    schemes = ("https", "http") if plain_http else ("https",)
    try:
        parts = urlsplit(url)
        port_fits = parts.port != 0
    except ValueError:
        raise EgressRefused("the URL cannot be read") from None
    rows = (
        (not url.isascii() or not url.isprintable() or " " in url or "\\" in url, "the URL holds odd characters"),
        (parts.scheme not in schemes, f"the URL does not begin with {' or '.join(schemes)}"),
        ("@" in parts.netloc, "the URL names a user"),
        (not is_plain(parts.netloc) or not _HOST.fullmatch(parts.hostname or ""), "the URL names no host"),
        (not port_fits, "the URL names no port"),
    )
    for bad, message in rows:
        if bad:
            raise EgressRefused(message)
    return parts


def _target(parts: SplitResult) -> httpcore.URL:
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    port = parts.port or _PORTS[parts.scheme]
    return httpcore.URL(scheme=parts.scheme, host=parts.hostname or "", port=port, target=path)


def _joined(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


async def _read(response: httpcore.Response, *, encoding: str, most: int) -> bytes:
    """Return the body, inflated where the other side packed it unasked; never more than `most` bytes are held."""
    chunks = _bounded(response.aiter_stream(), most)
    if encoding.strip().lower() in {"gzip", "x-gzip", "deflate"}:
        return await _inflate(chunks, most)
    if encoding.strip().lower() not in {"", "identity"}:
        raise EgressFailed("the answer is packed, which was not asked for", kind="answer")
    return b"".join([chunk async for chunk in chunks])


async def _bounded(chunks: AsyncIterator[bytes], most: int) -> AsyncIterator[bytes]:
    size = pieces = 0
    async for chunk in chunks:
        size += len(chunk)
        pieces += 1
        if size > most:
            raise _too_large(most)
        if pieces > _MOST_PIECES:
            raise EgressFailed(f"the answer comes in more than {_MOST_PIECES} pieces", kind="answer")
        yield chunk


async def _inflate(chunks: AsyncIterator[bytes], most: int) -> bytes:
    inflater = zlib.decompressobj(wbits=47)  # zlib's manual: 32 + 15 takes gzip and zlib alike.
    inflated = bytearray()
    try:
        async for chunk in chunks:
            inflated += inflater.decompress(chunk, most - len(inflated) + 1)
            if len(inflated) > most:
                raise _too_large(most)
    except zlib.error as fault:
        raise EgressFailed(f"the answer cannot be unpacked: {fault}", kind="answer") from None
    if not inflater.eof:
        raise EgressFailed("the packed answer breaks off", kind="answer")
    return bytes(inflated)


def _too_large(most: int) -> EgressFailed:
    return EgressFailed(f"the answer is larger than {most} bytes", kind="answer")
